"""Tickets in the queue, and who has them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.desk.errors import Forbidden, TicketTaken, UnknownTicket
from bot.desk.person import Permission, Person
from bot.desk.queue import QueuePage, QueueRow, Someone, Wanted, read_cursor, write_cursor
from bot.desk.ticket import Ticket
from bot.storage.database import aware

from .acts import Acts, Change


class Tickets(Acts):
    """Finds tickets, lists them, and says who has each."""

    async def find(self, person: Person, ticket: str) -> Ticket:
        """A ticket by its id; raises UnknownTicket. Showing it to somebody goes by Stories, which records the look."""
        return await self.services.database.run(lambda db: self.get(db, person, ticket))

    async def find_by_reference(self, person: Person, reference: str) -> Ticket:
        """A ticket by what a customer reads out over the telephone; raises UnknownTicket."""
        person.require(Permission.SEE_TICKETS)
        found = await self.services.database.run(lambda db: self.core.tickets.find_by_reference(db, reference))
        if found is None or not person.sees(found.company):
            raise UnknownTicket(UnknownTicket.__doc__)
        return found

    async def queue(self, person: Person, wanted: Wanted | None = None, cursor: str | None = None) -> QueuePage:
        """A page of a view; `cursor` is the page's before it."""
        wanted = wanted or Wanted()
        person.require(Permission.SEE_TICKETS)
        if wanted.company is not None and not person.may(Permission.SEE_TICKETS, wanted.company):
            raise Forbidden(Forbidden.__doc__)
        companies = [wanted.company] if wanted.company else self.companies(person)
        after = read_cursor(cursor, wanted.order) if cursor else None
        now = self.services.clock()

        def work(db: Connection) -> QueuePage:
            rows, place = self.core.queue.page(db, wanted, companies, person.id, now, after)
            names = self.names(db, [row.assignee for row in rows])
            unread = self.core.queue.unread(db, [row.id for row in rows])
            lines = tuple(self._row(row, names, unread.get(row.id, 0), now) for row in rows)
            return QueuePage(lines, write_cursor(place) if place else None)

        return await self.services.database.read(work)

    async def counts(self, person: Person, company: str | None = None) -> dict[str, int]:
        """How many open tickets each view has: of one company, or of all that the person sees."""
        person.require(Permission.SEE_TICKETS, company)
        companies, now = [company] if company else self.companies(person), self.services.clock()
        return await self.services.database.read(lambda db: self.core.queue.count(db, companies, person.id, now))

    async def take(self, person: Person, ticket: str) -> Ticket:
        """It is theirs now; raises TicketTaken, which names who has it, if it is somebody else's."""

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            if before.assignee == person.id:
                return None
            if before.assignee:
                raise TicketTaken(self.names(db, [before.assignee]).get(before.assignee, ""))
            return Change(replace(before, assignee=person.id), "taken")

        return await self.act(person, ticket, "take", act)

    async def release(self, person: Person, ticket: str) -> Ticket:
        """It is nobody's again; releasing somebody else's takes the right to assign."""

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            if before.assignee is None:
                return None
            if before.assignee != person.id:
                person.require(Permission.ASSIGN_OTHERS, before.company)
            return Change(replace(before, assignee=None), "released", {"from": before.assignee})

        return await self.act(person, ticket, "release", act)

    async def assign(self, person: Person, ticket: str, to: str) -> Ticket:
        """Give it to somebody (their id) who sees that company and works tickets; raises CannotHaveTicket if not.

        Whoever has a ticket may give it on; any other takes the right to assign.
        """

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            if before.assignee == to:
                return None
            if before.assignee != person.id and (to != person.id or before.assignee):
                person.require(Permission.ASSIGN_OTHERS, before.company)
            self.check_can_have(db, to, before.company)
            return Change(
                replace(before, assignee=to),
                "assigned",
                {"from": before.assignee, "to": to},
                then=lambda db, after: self.notices.assigned(db, after, person.id, now),
            )

        return await self.act(person, ticket, "assign", act)

    async def hand_over(self, person: Person, to: str | None, *, of: str | None = None) -> int:
        """A shift's end: all open tickets of one person go to another, or back to nobody; how many went.

        `of` is whose, if they are not one's own, which takes the right to assign.
        """
        person.require(Permission.WORK_TICKETS)
        giver = of or person.id
        now = self.services.clock()

        def work(db: Connection) -> list[Ticket]:
            held = [ticket for ticket in self.core.tickets.list_held(db, giver) if person.sees(ticket.company)]
            for company in sorted({ticket.company for ticket in held}):
                if giver != person.id:
                    person.require(Permission.ASSIGN_OTHERS, company)
                if to is not None:
                    self.check_can_have(db, to, company)
            changes = [
                Change(replace(ticket, assignee=to), "handed_over", {"from": giver, "to": to}) for ticket in held if to != giver
            ]
            before = {ticket.id: ticket for ticket in held}
            given = [self.write(db, person.id, before[change.ticket.id], change, now) for change in changes]
            if to is not None:
                self.notices.handed_over(db, to, len(given), person.id, now)
            for change in changes:
                self.audit(db, person.id, "hand_over", change, now)
            return given

        given = await self.services.database.run(work)
        for ticket in given:
            self.tell(ticket, "handed_over", person.id)
        return len(given)

    def _row(self, row, names: dict[str, str], unread: int, now: datetime) -> QueueRow:
        ticket = self.core.tickets.read(row)
        return QueueRow(
            id=ticket.id,
            reference=ticket.reference,
            subject=ticket.subject,
            company=ticket.company,
            assignee=Someone(ticket.assignee, names.get(ticket.assignee, "")) if ticket.assignee else None,
            status=ticket.status,
            priority=ticket.priority,
            reason=ticket.reason,
            channel=ticket.channel,
            language=ticket.language,
            opened_at=ticket.opened_at,
            updated_at=ticket.updated_at,
            due_at=ticket.due_at,
            late=bool(ticket.due_at and ticket.due_at < now),
            called_at=ticket.called_at,
            unread=unread,
            last_message_at=aware(row.last_sent_at) if row.last_sent_at else None,
            last_sender=row.last_sender,
        )
