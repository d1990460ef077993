"""Whose turn a ticket is: closed, open again, waiting for the customer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from bot.desk.errors import TooLong
from bot.desk.masking import mask
from bot.desk.person import Permission, Person
from bot.desk.ticket import Ticket

from .acts import Acts, Change

LONGEST_SETTLED = 500


class Closing(Acts):
    """Closes, reopens, waits."""

    async def close(self, person: Person, ticket: str, settled: str = "") -> Ticket:
        """It is done; `settled` says in a few words what was settled. Closing what is closed does nothing."""
        settled = " ".join(mask(settled).text.split())
        if len(settled) > LONGEST_SETTLED:
            raise TooLong(f"What was settled has at most {LONGEST_SETTLED} characters.")

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            if before.status == "closed":
                return None
            after = self.core.staffing.clockwork(db, before).close(before, now)
            return Change(
                after, "closed", {"settled": settled}, {}, then=lambda db, closed: self.notices.closed(db, closed, now)
            )

        return await self.act(person, ticket, "close", act, closed_too=True)

    async def reopen(self, person: Person, ticket: str) -> Ticket:
        """It is open again, with whoever had it if they are there. One that was merged stands by itself again."""
        now = self.services.clock()

        def work(db: Connection) -> tuple[Ticket, bool]:
            before = self.get(db, person, ticket, Permission.WORK_TICKETS, locked=True)
            if before.status != "closed":
                return before, False
            after = self.core.tickets.reopen(db, before, now, person=person.id)
            self.services.handovers.reopened(db, after, now)
            self.core.audit.append(db, person.id, "ticket.reopen", now, company=after.company, subject=after.id)
            return after, True

        after, changed = await self.services.database.run(work)
        if changed:
            self.tell(after, "reopened", person.id)
        return after

    async def wait(self, person: Person, ticket: str) -> Ticket:
        """The customer has the ball, and the clocks stand still."""

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            if before.status == "waiting":
                return None
            return Change(self.core.staffing.clockwork(db, before).pause(before, now), "waiting")

        return await self.act(person, ticket, "wait", act)

    async def resume(self, person: Person, ticket: str) -> Ticket:
        """The desk has the ball again, as when the customer answered by telephone."""

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            if before.status == "open":
                return None
            return Change(self.core.staffing.clockwork(db, before).resume(before, now), "resumed")

        return await self.act(person, ticket, "resume", act)
