"""Moving a request: permission, one transaction with its ticket, event, audit entry and what the customer hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.delivery.request_notices import RequestNotices
from bot.delivery.services import Services
from bot.desk.errors import EvidenceMissing, MoveNotAllowed, NotInProcedure, RequestChanged, RequestErased, TooLong
from bot.desk.person import Permission, Person
from bot.desk.request import Mover, Request, State
from bot.desk.ticket import Ticket
from bot.knowledge.prescribing import list_choices
from bot.storage.vault import Erased

from .requests import EXPLANATION, STAFF_MOVES, Case, Requests

LONGEST_EXPLANATION = 4000
#: Yen. More is a slip of the finger.
HIGHEST_AMOUNT = 1_000_000

#: The customer has the ball, and the ticket's clocks stand still.
_THEIRS = frozenset({State.AWAITING_CONTACT, State.AWAITING_DOCUMENTS, State.AWAITING_PAYMENT})
_OURS = frozenset({State.IDENTITY_CHECK, State.IN_PROGRESS})


class RequestMoves(Requests):
    """Everything that staff do to bring a request to its end."""

    def __init__(self, services: Services):
        super().__init__(services)
        self.request_notices = RequestNotices(services.core)

    async def accept_contact(self, person: Person, request: str, version: int) -> Case:
        """A letter with everything in it proves the contact as well as a code."""
        return await self.move(person, request, "accept_contact", version)

    async def receive_documents(self, person: Person, request: str, version: int) -> Case:
        return await self.move(person, request, "receive_documents", version)

    async def reject_documents(self, person: Person, request: str, version: int) -> Case:
        return await self.move(person, request, "reject_documents", version)

    async def verify_identity(self, person: Person, request: str, version: int, how: str) -> Case:
        """This person has made sure who the customer is, in a way that the company's procedure names."""
        return await self.move(person, request, "verify_identity", version, identity_how=how)

    async def record_payment(self, person: Person, request: str, version: int, amount: int) -> Case:
        """So many yen have arrived; a shortfall is told to the customer as what it is."""
        return await self.move(person, request, "record_payment", version, amount=amount)

    async def answer(self, person: Person, request: str, version: int, method: str) -> Case:
        return await self.move(person, request, "answer", version, answer_method=method)

    async def refuse(self, person: Person, request: str, version: int, ground: str, explanation: str) -> Case:
        """Refused on a ground; the explanation is kept under the request's key."""
        return await self.move(person, request, "refuse", version, ground=ground, explanation=explanation)

    async def withdraw(self, person: Person, request: str, version: int) -> Case:
        return await self.move(person, request, "withdraw", version)

    async def move(self, person: Person, request: str, move: str, version: int, **shown: object) -> Case:
        """Any of them by name, as the form on the page says it.

        `version` is the request's as the person saw it, so that what is sent twice is done once. Raises RequestChanged,
        MoveNotAllowed, EvidenceMissing, NotInProcedure, TooLong, RequestErased.
        """
        if move not in STAFF_MOVES:
            raise MoveNotAllowed(MoveNotAllowed.__doc__)
        explanation = str(shown.get("explanation") or "").strip()
        if "explanation" in shown:
            shown["explanation"] = bool(explanation)
        if len(explanation) > LONGEST_EXPLANATION:
            raise TooLong(f"An explanation has at most {LONGEST_EXPLANATION} characters.")
        if "amount" in shown and not _is_amount(shown["amount"]):
            raise EvidenceMissing(["amount"])
        if move == "verify_identity":
            shown["identity_by"] = person.id
        now = self.services.clock()

        def work(db: Connection) -> tuple[Case, Ticket | None]:
            kept = self.kept(db, person, request, Permission.WORK_TICKETS, locked=True)
            before = kept.request
            if before.version != version:
                raise RequestChanged(RequestChanged.__doc__)
            self._check_procedure(before, shown)
            moved = self.core.requests.move(db, before, move, Mover.STAFF, now, shown, person.id)
            if explanation:
                self._keep(db, moved, explanation)
            ticket = self._follow(db, self.ticket(db, kept), move, before, moved, person.id, now)
            said = {"ground": moved.evidence.ground} if moved.evidence.ground else {}
            if moved.evidence.answer_method:
                said["method"] = moved.evidence.answer_method
            self.request_notices.moved(db, kept, ticket, move, moved, now, **said)
            after = self.show(db, person, replace(kept, request=moved))
            detail = {"move": move, "from": before.state.value, "to": moved.state.value, **_told(shown)}
            self.core.audit.append(db, person.id, "request.move", now, company=moved.company, subject=moved.id, detail=detail)
            return after, ticket

        after, ticket = await self.services.database.run(work)
        if ticket:
            self.services.handovers.tell(ticket, "request_moved", person.id, request=request, state=after.request.state.value)
        return after

    def _follow(
        self, db: Connection, ticket: Ticket | None, move: str, before: Request, moved: Request, by: str, now: datetime
    ) -> Ticket | None:
        """The event on the ticket, and whose turn it is now."""
        if ticket is None:
            return None
        detail = {"move": move, "from": before.state.value, "to": moved.state.value}
        self.core.events.add(db, ticket.id, "request_moved", by, now, detail)
        clockwork, after = self.core.staffing.clockwork(db, ticket), ticket
        if ticket.reason == "request" and ticket.status == "open" and moved.state in _THEIRS:
            after = clockwork.pause(ticket, now)
        elif ticket.status == "waiting" and moved.state in _OURS:
            after = clockwork.resume(ticket, now)
        return self.core.tickets.save(db, after, now)

    def _check_procedure(self, request: Request, shown: dict) -> None:
        library = self.core.library
        company = library.company(request.company)
        for asked, value in shown.items():
            choices = list_choices(company, asked, library.terms)
            if choices and value and value not in {choice.key for choice in choices}:
                raise NotInProcedure(NotInProcedure.__doc__)

    def _keep(self, db: Connection, request: Request, explanation: str) -> None:
        try:
            self.core.requests.put_field(db, request.id, EXPLANATION, explanation)
        except Erased:
            raise RequestErased(RequestErased.__doc__) from None


def _is_amount(amount: object) -> bool:
    return isinstance(amount, int) and not isinstance(amount, bool) and 0 < amount <= HIGHEST_AMOUNT


def _told(shown: dict) -> dict:
    """What the audit log tells of what came with a move; no words of anybody's."""
    return {name: value for name, value in shown.items() if name in ("identity_how", "amount", "answer_method", "ground")}
