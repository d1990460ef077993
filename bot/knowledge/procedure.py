"""How a company has requests made: each rule rests on its policy's words, or is the desk's own default and marked as such."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .document import Quote, Texts
from .facts import Fact

#: What a rule of a procedure may name; the words for each stand in procedures.yml.
VOCABULARY = ("ways", "forms", "contents", "identity", "documents", "masks", "papers", "units", "payments", "replies", "grounds")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule and the policy's words that it rests on; no words: the policy is silent and the desk decided."""

    value: Any
    quotes: tuple[Quote, ...] = ()

    @property
    def of_policy(self) -> bool:
        return bool(self.quotes)


@dataclass(frozen=True, slots=True)
class Fee:
    """What some kinds of request cost."""

    total: int  #: yen, tax included: what is to be paid
    before_tax: int | None = None
    unit: str = "request"  #: per what
    kinds: frozenset[str] = frozenset()
    payment: str | None = None  #: how it is paid; None: the policy does not say, staff tell
    when: str | None = None
    transfer_charge: str | None = None  #: who bears it
    extra: bool = False  #: special cases may cost more


@dataclass(frozen=True, slots=True)
class Procedure:
    """All rules of one company."""

    ways: Rule  #: how a request may be submitted, the first being the one that is offered first
    form: Rule
    contents: Rule  #: what must be stated beside what every request needs
    tracked_mail: Rule  #: whether mail has to be of a kind that can be traced
    envelope: Rule  #: None, or {"colour", "text"} to write on it
    identity: Rule  #: ways of making sure who somebody is, in their order
    documents: Rule  #: which are taken; empty: not named
    masking: Rule  #: document -> what to black out
    agents: Rule  #: {"delegate": papers, "legal": papers}
    fee: Rule  #: Fee or None
    replies: Rule  #: methods that the customer chooses among
    refusal: Rule  #: grounds
    retention: Rule  #: days after the request's end

    def fee_for(self, kind: str) -> Fee | None:
        """What that kind of request costs, if it carries a fee."""
        fee = self.fee.value
        return fee if fee and kind in fee.kinds else None


@dataclass(frozen=True, slots=True)
class ProcedureTerms:
    """Words for everything that a procedure may name, and the desk's defaults."""

    words: Mapping[str, Mapping[str, Texts]] = field(default_factory=dict)  #: vocabulary -> key -> words
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def known(self, vocabulary: str, keys: Any) -> list[str]:
        """The keys, all of which the vocabulary has; raises ValueError."""
        keys = list(keys if isinstance(keys, list | tuple | dict) else [keys])
        if unknown := [key for key in keys if key not in self.words[vocabulary]]:
            raise ValueError(f"{', '.join(map(str, unknown))}: not among the {vocabulary} of procedures.yml")
        return keys


def read_procedure(
    rows: Mapping[str, Any], facts: Mapping[str, Fact], kinds: Mapping[str, Texts], terms: ProcedureTerms
) -> Procedure:
    """A company's procedure from its file: `<rule>: {is: value, from: topics}`; raises ValueError, KeyError or TypeError."""
    if unknown := set(rows) - set(_READERS):
        raise ValueError(f"procedure has unknown rules: {', '.join(sorted(unknown))}")
    rules = {}
    for name, read in _READERS.items():
        row = rows.get(name)
        if row is None:
            rules[name] = Rule(read(terms.defaults[name], terms, kinds))
            continue
        if set(row) != {"is", "from"}:
            raise ValueError(f"procedure.{name} needs `is` and `from`, the topics whose quotes it rests on")
        topics = row["from"] if isinstance(row["from"], list) else [row["from"]]
        rules[name] = Rule(read(row["is"], terms, kinds), _quotes(name, topics, facts))
    return Procedure(**rules)


def _quotes(rule: str, topics: list[str], facts: Mapping[str, Fact]) -> tuple[Quote, ...]:
    found: dict[Quote, None] = {}
    for topic in topics:
        stated = [statement for statement in facts[topic].statements() if statement.stated and statement.quotes]
        if not stated:
            raise ValueError(f"procedure.{rule} rests on {topic}, which the policy does not state")
        found.update(dict.fromkeys(stated[0].quotes))
    return tuple(found)


def _listed(vocabulary: str) -> Callable[[Any, ProcedureTerms, Mapping[str, Texts]], tuple[str, ...]]:
    return lambda value, terms, kinds: tuple(terms.known(vocabulary, value))


def _read_form(value: Any, terms: ProcedureTerms, kinds: Mapping[str, Texts]) -> str:
    return terms.known("forms", value)[0]


def _read_flag(value: Any, terms: ProcedureTerms, kinds: Mapping[str, Texts]) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{value!r} must be true or false")
    return value


def _read_envelope(value: Any, terms: ProcedureTerms, kinds: Mapping[str, Texts]) -> dict | None:
    return value and {"colour": value["colour"], "text": dict(value["text"])}


def _read_masking(value: Any, terms: ProcedureTerms, kinds: Mapping[str, Texts]) -> dict[str, tuple[str, ...]]:
    terms.known("documents", value)
    return {document: tuple(terms.known("masks", masks)) for document, masks in value.items()}


def _read_agents(value: Any, terms: ProcedureTerms, kinds: Mapping[str, Texts]) -> dict[str, tuple[str, ...]]:
    return {who: tuple(terms.known("papers", value[who])) for who in ("delegate", "legal")}


def _read_fee(value: Any, terms: ProcedureTerms, kinds: Mapping[str, Texts]) -> Fee | None:
    if value is None:
        return None
    fee = Fee(**{**value, "kinds": frozenset(value["kinds"])})
    if unlisted := fee.kinds - set(kinds):
        raise ValueError(f"the fee is for {', '.join(sorted(unlisted))}, which the company does not list")
    for number in (fee.total, fee.before_tax):
        if number is not None and (not isinstance(number, int) or number <= 0):
            raise ValueError(f"{number!r} is no amount in yen")
    terms.known("units", fee.unit)
    terms.known("payments", [name for name in (fee.payment, fee.when, fee.transfer_charge) if name])
    return fee


def _read_days(value: Any, terms: ProcedureTerms, kinds: Mapping[str, Texts]) -> int:
    if not isinstance(value, int) or not 0 <= value <= 3660:
        raise ValueError(f"{value!r} must be a number of days")
    return value


_READERS: dict[str, Callable[[Any, ProcedureTerms, Mapping[str, Texts]], Any]] = {
    "ways": _listed("ways"),
    "form": _read_form,
    "contents": _listed("contents"),
    "tracked_mail": _read_flag,
    "envelope": _read_envelope,
    "identity": _listed("identity"),
    "documents": _listed("documents"),
    "masking": _read_masking,
    "agents": _read_agents,
    "fee": _read_fee,
    "replies": _listed("replies"),
    "refusal": _listed("grounds"),
    "retention": _read_days,
}
