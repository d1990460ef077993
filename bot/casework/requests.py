"""A request as staff see it: where it stands, what may be done now, and what the company's procedure prescribes there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.desk.errors import RequestErased, UnknownRequest
from bot.desk.person import Permission, Person
from bot.desk.queue import Someone
from bot.desk.request import FINAL, MOVES, Mover, Request, State, allowed_moves
from bot.desk.ticket import Ticket, read_reference
from bot.knowledge.prescribing import RULES, Choice, Prescription, list_choices, prescribe
from bot.storage.database import aware
from bot.storage.request_cases import Kept
from bot.storage.vault import Erased

from .acts import Acts

#: The moves that staff make here. Submitting is the customer's.
STAFF_MOVES = tuple(name for name in MOVES if name in RULES)
#: The stepper: the way of a request that nothing goes wrong with.
STEPS = (
    State.COLLECTING,
    State.AWAITING_CONTACT,
    State.AWAITING_DOCUMENTS,
    State.IDENTITY_CHECK,
    State.AWAITING_PAYMENT,
    State.IN_PROGRESS,
    State.ANSWERED,
)
#: Field in which the explanation of a refusal is sealed.
EXPLANATION = "explanation"


@dataclass(frozen=True, slots=True)
class Step:
    """A move that is allowed now."""

    move: str
    asks: tuple[str, ...]  #: what has to come with it
    prescriptions: tuple[Prescription, ...]
    choices: dict[str, tuple[Choice, ...]]  #: what is asked -> what it may be; what is not in it is written freely


@dataclass(frozen=True, slots=True)
class Done:
    """A move that was made."""

    move: str
    source: State
    target: State
    mover: Mover
    by: Someone | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A request with its ticket."""

    request: Request
    reference: str | None
    ticket: Ticket | None
    locale: str  #: of the customer
    held: bool
    erased: bool
    passed: tuple[State, ...]  #: of STEPS: what it is past, or never needed
    steps: tuple[Step, ...]  #: what this person may do now
    moves: tuple[Done, ...]

    @property
    def ended(self) -> bool:
        return self.request.state in FINAL


class Requests(Acts):
    """Finds requests and shows them. What was typed for one is read by `RequestFields`, which records the look."""

    async def find(self, person: Person, request: str) -> Case:
        """A request by its id; raises UnknownRequest."""
        return await self.services.database.run(lambda db: self.show(db, person, self.kept(db, person, request)))

    async def find_by_reference(self, person: Person, reference: str) -> Case:
        """A request by what stands on its letter, typed or scanned; raises UnknownRequest."""
        person.require(Permission.SEE_TICKETS)
        tidy = read_reference(reference)

        def work(db: Connection) -> Case:
            kept = self.core.request_cases.find_by_reference(db, tidy) if tidy else None
            return self.show(db, person, self._seen(person, kept))

        return await self.services.database.run(work)

    async def find_by_ticket(self, person: Person, ticket: str) -> Case | None:
        """The request that a ticket is about, if it is about one; raises UnknownTicket."""

        def work(db: Connection) -> Case | None:
            found = self.get(db, person, ticket)
            kept = self.core.request_cases.find_by_ticket(db, found.id)
            return self.show(db, person, kept) if kept and kept.request.company == found.company else None

        return await self.services.database.run(work)

    def kept(
        self, db: Connection, person: Person, request: str, permission: Permission = Permission.SEE_TICKETS, *, locked: bool = False
    ) -> Kept:
        """The request; raises UnknownRequest or Forbidden. `locked` keeps its ticket for this transaction."""
        person.require(permission)
        cases = self.core.request_cases
        kept = self._seen(person, cases.find(db, request))
        if locked and self.ticket(db, kept, locked=True):
            kept = self._seen(person, cases.find(db, request))  # as whoever had it until now has left it
        return kept

    def ticket(self, db: Connection, kept: Kept, *, locked: bool = False) -> Ticket | None:
        """The ticket that a request is worked on in."""
        if kept.ticket:
            own = self.core.tickets.find(db, kept.ticket, locked=locked)
            if own is None or own.merged_into is None:
                return own
            return self.core.tickets.find(db, own.merged_into, locked=locked)
        return self.core.tickets.find_current(db, kept.conversation, locked=locked)

    def show(self, db: Connection, person: Person, kept: Kept) -> Case:
        rows = self.core.requests.list_moves(db, kept.request.id)
        names = self.names(db, {row.person for row in rows})
        return Case(
            request=kept.request,
            reference=kept.reference,
            ticket=self.ticket(db, kept),
            locale=kept.locale,
            held=kept.held,
            erased=kept.erased,
            passed=_passed(kept.request),
            steps=self._steps(person, kept),
            moves=tuple(
                Done(
                    row.move,
                    State(row.source),
                    State(row.target),
                    Mover(row.mover),
                    Someone(row.person, names.get(row.person, "")) if row.person else None,
                    aware(row.at),
                )
                for row in rows
            ),
        )

    def read_fields(self, db: Connection, request: str) -> dict[str, str]:
        """Everything that is sealed under the request's key; raises RequestErased."""
        try:
            return self.core.requests.read_fields(db, request)
        except Erased:
            raise RequestErased(RequestErased.__doc__) from None

    def _steps(self, person: Person, kept: Kept) -> tuple[Step, ...]:
        request, library = kept.request, self.core.library
        if kept.erased or not person.may(Permission.WORK_TICKETS, request.company):
            return ()
        company, terms = library.company(request.company), library.terms
        steps = []
        for move in allowed_moves(request, Mover.STAFF):
            if move.name not in STAFF_MOVES or (move.name == "record_payment" and not request.shortfall):
                continue
            # Who records it is who does it.
            asks = tuple(asked for asked in move.asks if asked != "identity_by")
            choices = {asked: list_choices(company, asked, terms) for asked in asks}
            found = prescribe(company, request.kind, move.name, terms)
            steps.append(Step(move.name, asks, found, {asked: some for asked, some in choices.items() if some}))
        return tuple(steps)

    def _seen(self, person: Person, kept: Kept | None) -> Kept:
        if kept is None or not person.sees(kept.request.company):
            raise UnknownRequest(UnknownRequest.__doc__)
        return kept


def _passed(request: Request) -> tuple[State, ...]:
    """What the stepper shows as done."""
    needs, shown = request.needs, request.evidence
    met = {
        State.COLLECTING: request.submitted_at is not None,
        State.AWAITING_CONTACT: not needs.contact or shown.contact_at is not None,
        State.AWAITING_DOCUMENTS: not (needs.documents and needs.identity) or bool(shown.documents_at or shown.identity_at),
        State.IDENTITY_CHECK: not needs.identity or shown.identity_at is not None,
        State.AWAITING_PAYMENT: not request.shortfall,
        State.IN_PROGRESS: request.state is State.ANSWERED,
        State.ANSWERED: request.state is State.ANSWERED,
    }
    return tuple(state for state in STEPS if met[state])
