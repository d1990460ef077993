"""A verified request: its states, who may move it, and on what evidence. One explicit table; nothing else moves a request.

What a request still needs is read off its evidence, so that a state can never claim more than is recorded: a letter may
bring the documents, the fee and the contact at once, in any order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from .errors import EvidenceMissing, MoveNotAllowed

#: The kinds of request, as the chat API names them.
KINDS = (
    "disclosure",
    "purpose_notice",
    "correction",
    "addition",
    "deletion",
    "suspend_use",
    "erasure",
    "stop_third_party",
    "third_party_records",
)


class State(StrEnum):
    """Where a request stands."""

    COLLECTING = "collecting"
    AWAITING_CONTACT = "awaiting_contact"
    AWAITING_DOCUMENTS = "awaiting_documents"
    IDENTITY_CHECK = "identity_check"
    AWAITING_PAYMENT = "awaiting_payment"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


#: Nothing follows these.
FINAL = frozenset({State.ANSWERED, State.REFUSED, State.WITHDRAWN, State.EXPIRED})
#: Submitted and not at its end.
OPEN = frozenset(State) - FINAL - {State.COLLECTING}


class Mover(StrEnum):
    """Who moves a request."""

    CUSTOMER = "customer"
    STAFF = "staff"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Needs:
    """What a request has to have before work on it begins, by its company's procedure."""

    contact: bool = True  #: the code sent to the contact comes back
    documents: bool = True
    identity: bool = True
    fee: int = 0  #: yen, tax included; 0: none is due


@dataclass(frozen=True, slots=True)
class Evidence:
    """What has been shown so far. No personal data: only that it was shown, when, by whom and how."""

    contact_at: datetime | None = None
    documents_at: datetime | None = None
    identity_at: datetime | None = None
    identity_by: str = ""  #: the member of staff who made sure
    identity_how: str = ""  #: one of IDENTITY_WAYS
    paid: int = 0  #: yen
    paid_at: datetime | None = None
    answer_method: str = ""
    ground: str = ""  #: of a refusal: a key of the policy's or the law's grounds
    explanation: bool = False  #: whether a refusal's explanation was written


#: How staff may have made sure who somebody is.
IDENTITY_WAYS = ("upload", "post", "telephone", "visit", "fax")


@dataclass(frozen=True, slots=True)
class Request:
    """One request without what was typed: that is encrypted elsewhere."""

    id: str
    company: str
    kind: str  #: one of KINDS
    needs: Needs
    state: State = State.COLLECTING
    evidence: Evidence = field(default_factory=Evidence)
    opened_at: datetime | None = None
    submitted_at: datetime | None = None
    changed_at: datetime | None = None
    version: int = 1  #: grows with every move

    @property
    def shortfall(self) -> int:
        """Yen that are still to be paid."""
        return max(self.needs.fee - self.evidence.paid, 0)


@dataclass(frozen=True, slots=True)
class Move:
    """One line of the table: from where, by whom, with what, and to where it can lead."""

    name: str
    sources: frozenset[State]
    movers: frozenset[Mover]
    targets: frozenset[State]
    asks: tuple[str, ...] = ()  #: what has to come with it


_WAITING = frozenset({State.AWAITING_CONTACT, State.AWAITING_DOCUMENTS, State.IDENTITY_CHECK, State.AWAITING_PAYMENT})
_GATES = _WAITING | {State.IN_PROGRESS}
_STAFF = frozenset({Mover.STAFF})
_CUSTOMER = frozenset({Mover.CUSTOMER})

MOVES: dict[str, Move] = {
    move.name: move
    for move in (
        Move("submit", frozenset({State.COLLECTING}), _CUSTOMER | _STAFF, _GATES),
        Move("verify_contact", frozenset({State.AWAITING_CONTACT}), _CUSTOMER, _GATES - {State.AWAITING_CONTACT}),
        # A letter with everything in it proves the contact as well as a code does.
        Move("accept_contact", frozenset({State.AWAITING_CONTACT}), _STAFF, _GATES - {State.AWAITING_CONTACT}),
        Move("receive_documents", _WAITING, _CUSTOMER | _STAFF, _GATES),
        Move("reject_documents", frozenset({State.IDENTITY_CHECK}), _STAFF, frozenset({State.AWAITING_DOCUMENTS})),
        Move("verify_identity", _WAITING, _STAFF, _GATES, ("identity_by", "identity_how")),
        Move("record_payment", _WAITING, _STAFF, _GATES, ("amount",)),
        Move("answer", frozenset({State.IN_PROGRESS}), _STAFF, frozenset({State.ANSWERED}), ("answer_method",)),
        Move("refuse", _GATES, _STAFF, frozenset({State.REFUSED}), ("ground", "explanation")),
        Move("withdraw", _GATES | {State.COLLECTING}, _CUSTOMER | _STAFF, frozenset({State.WITHDRAWN})),
        Move("expire", _WAITING | {State.COLLECTING}, frozenset({Mover.SYSTEM}), frozenset({State.EXPIRED})),
    )
}


def allowed_moves(request: Request, mover: Mover) -> tuple[Move, ...]:
    """The moves that the table allows now, in its order."""
    return tuple(move for move in MOVES.values() if request.state in move.sources and mover in move.movers)


def advance(request: Request, move: str, mover: Mover, now: datetime, shown: Mapping[str, object] | None = None) -> Request:
    """The request after a move; raises MoveNotAllowed or EvidenceMissing and changes nothing then.

    `shown` holds what the move asks for: identity_by, identity_how, amount (yen), answer_method, ground, explanation.
    """
    line, shown = MOVES.get(move), dict(shown or {})
    if line is None or request.state not in line.sources or mover not in line.movers:
        raise MoveNotAllowed(MoveNotAllowed.__doc__)
    if missing := [name for name in line.asks if not shown.get(name)]:
        raise EvidenceMissing(missing)
    evidence = _record(request.evidence, move, now, shown)
    target = next(iter(line.targets)) if len(line.targets) == 1 else _read_state(request.needs, evidence)
    if target not in line.targets and target is not request.state:
        raise MoveNotAllowed(MoveNotAllowed.__doc__)
    return replace(
        request,
        state=target,
        evidence=evidence,
        submitted_at=now if move == "submit" else request.submitted_at,
        changed_at=now,
        version=request.version + 1,
    )


def _record(evidence: Evidence, move: str, now: datetime, shown: dict) -> Evidence:
    if move in ("verify_contact", "accept_contact"):
        return replace(evidence, contact_at=now)
    if move == "receive_documents":
        return replace(evidence, documents_at=now)
    if move == "reject_documents":
        return replace(evidence, documents_at=None)
    if move == "verify_identity":
        if shown["identity_how"] not in IDENTITY_WAYS:
            raise EvidenceMissing(["identity_how"])
        return replace(evidence, identity_at=now, identity_by=str(shown["identity_by"]), identity_how=str(shown["identity_how"]))
    if move == "record_payment":
        amount = shown["amount"]
        if not isinstance(amount, int) or amount <= 0:
            raise EvidenceMissing(["amount"])
        return replace(evidence, paid=evidence.paid + amount, paid_at=now)
    if move == "answer":
        return replace(evidence, answer_method=str(shown["answer_method"]))
    if move == "refuse":
        return replace(evidence, ground=str(shown["ground"]), explanation=True)
    return evidence


def _read_state(needs: Needs, evidence: Evidence) -> State:
    """The first thing that is still wanting, in the order that a customer is asked for it."""
    if needs.contact and evidence.contact_at is None:
        return State.AWAITING_CONTACT
    if needs.identity and evidence.identity_at is None:
        if needs.documents and evidence.documents_at is None:
            return State.AWAITING_DOCUMENTS
        return State.IDENTITY_CHECK
    if evidence.paid < needs.fee:
        return State.AWAITING_PAYMENT
    return State.IN_PROGRESS
