"""What a company's procedure prescribes at each step of a request, in words and with the policy's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from .company import Company, localise
from .document import Quote, Texts
from .procedure import ProcedureTerms

LOCALES = ("en", "ja")
_COMMA = {"en": ", ", "ja": "、"}

#: Which rules of the procedure say how a move is to be made.
RULES: dict[str, tuple[str, ...]] = {
    "accept_contact": ("ways",),
    "receive_documents": ("ways", "tracked_mail", "documents", "masking", "agents"),
    "reject_documents": ("documents", "masking", "agents"),
    "verify_identity": ("identity", "documents", "agents"),
    "record_payment": ("fee",),
    "answer": ("replies",),
    "refuse": ("refusal",),
    "withdraw": (),
}


@dataclass(frozen=True, slots=True)
class Prescription:
    """One rule at one step. Without quotes the policy is silent, and it is the desk's own practice."""

    rule: str  #: of bot.knowledge.procedure.Procedure
    lines: tuple[Texts, ...]
    quotes: tuple[Quote, ...] = ()

    @property
    def of_policy(self) -> bool:
        return bool(self.quotes)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that may be recorded with a move."""

    key: str
    words: Texts
    of_policy: bool


def prescribe(company: Company, kind: str, move: str, terms: ProcedureTerms) -> tuple[Prescription, ...]:
    """What the procedure has to say on that move of a request of that kind."""
    found = []
    for name in RULES.get(move, ()):
        rule = getattr(company.procedure, name)
        lines = tuple(_TELL[name](company, kind, terms))
        if lines:
            found.append(Prescription(name, lines, rule.quotes))
    return tuple(found)


def list_choices(company: Company, asked: str, terms: ProcedureTerms) -> tuple[Choice, ...]:
    """What may be recorded as identity_how, answer_method or ground; nothing for what is written freely."""
    procedure = company.procedure
    if asked == "identity_how":
        return _choices("identity", procedure.identity, terms)
    if asked == "answer_method":
        return _choices("replies", procedure.replies, terms)
    if asked == "ground":
        # What the policy does not name may still be so by law, or because somebody never showed who they are.
        more = [key for key in terms.defaults["refusal"] if key not in procedure.refusal.value]
        others = tuple(Choice(key, terms.words["grounds"][key], False) for key in more)
        return (*_choices("grounds", procedure.refusal, terms), *others)
    return ()


def _choices(vocabulary: str, rule, terms: ProcedureTerms) -> tuple[Choice, ...]:
    return tuple(Choice(key, terms.words[vocabulary][key], rule.of_policy) for key in rule.value)


def _each(rule: str, vocabulary: str) -> Callable[[Company, str, ProcedureTerms], Iterable[Texts]]:
    return lambda company, kind, terms: [terms.words[vocabulary][key] for key in getattr(company.procedure, rule).value]


def _tell_tracked(company: Company, kind: str, terms: ProcedureTerms) -> Iterator[Texts]:
    if company.procedure.tracked_mail.value:
        yield read_wording()["tracked"]


def _tell_masking(company: Company, kind: str, terms: ProcedureTerms) -> Iterator[Texts]:
    for document, masks in company.procedure.masking.value.items():
        yield _fill("mask", document=terms.words["documents"][document], masks=_join(masks, "masks", terms))


def _tell_agents(company: Company, kind: str, terms: ProcedureTerms) -> Iterator[Texts]:
    for who, papers in company.procedure.agents.value.items():
        yield _fill(f"agent_{who}", papers=_join(papers, "papers", terms))


def _tell_fee(company: Company, kind: str, terms: ProcedureTerms) -> Iterator[Texts]:
    fee = company.procedure.fee_for(kind)
    if fee is None:
        yield read_wording()["no_fee"]
        return
    yield _fill("fee", total={locale: fee.total for locale in LOCALES}, unit=terms.words["units"][fee.unit])
    for term in (fee.payment, fee.when, fee.transfer_charge):
        if term:
            yield terms.words["payments"][term]
    if fee.extra:
        yield read_wording()["fee_extra"]


_TELL: dict[str, Callable[[Company, str, ProcedureTerms], Iterable[Texts]]] = {
    "ways": _each("ways", "ways"),
    "tracked_mail": _tell_tracked,
    "documents": _each("documents", "documents"),
    "masking": _tell_masking,
    "agents": _tell_agents,
    "identity": _each("identity", "identity"),
    "fee": _tell_fee,
    "replies": _each("replies", "replies"),
    "refusal": _each("refusal", "grounds"),
}


def _join(keys: Iterable[str], vocabulary: str, terms: ProcedureTerms) -> Texts:
    keys = tuple(keys)
    return {locale: _COMMA[locale].join(localise(terms.words[vocabulary][key], locale) for key in keys) for locale in LOCALES}


def _fill(key: str, **values: dict) -> Texts:
    return {
        locale: read_wording()[key][locale].format(**{name: localise(value, locale) for name, value in values.items()})
        for locale in LOCALES
    }


@cache
def read_wording() -> dict[str, Texts]:
    """How rules are told, by key and language."""
    return yaml.safe_load((Path(__file__).parent / "prescribing.yml").read_text(encoding="utf-8"))
