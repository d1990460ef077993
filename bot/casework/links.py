"""Tickets that belong together: linked, or merged into one.

A merged ticket is closed and points to the other, which shows the messages of both. Nothing is copied: every message
stays in the conversation in which it was said, since each customer may read theirs only, and is answered there. What
either customer writes makes the ticket that is left the desk's turn; reopening the merged one takes them apart again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.desk.errors import CannotBeOne, TicketClosed
from bot.desk.person import Permission, Person
from bot.desk.ticket import Ticket

from .acts import Acts, Change


class Links(Acts):
    """Links and merges."""

    async def merge(self, person: Person, ticket: str, into: str) -> Ticket:
        """Close `ticket` as part of `into`; the other ticket as it is then. Raises CannotBeOne."""
        now = self.services.clock()

        def work(db: Connection) -> tuple[Ticket, Ticket | None]:
            one, other = self._both(db, person, ticket, into)
            if one.merged_into == other.id:
                return other, None
            if one.status == "closed" or other.status == "closed":
                raise TicketClosed(TicketClosed.__doc__)
            self.core.links.unlink(db, one.id, other.id)
            self.core.links.pass_on(db, one.id, other.id)
            closed = replace(self.core.staffing.clockwork(db, one).close(one, now), merged_into=other.id)
            merged = Change(closed, "merged", {"into": other.id, "reference": other.reference})
            joined = Change(self._join(db, other, one, now), "merged_here", {"ticket": one.id, "reference": one.reference})
            gone, left = self.write(db, person.id, one, merged, now), self.write(db, person.id, other, joined, now)
            self.audit(db, person.id, "merge", merged, now)
            return left, gone

        left, gone = await self.services.database.run(work)
        if gone:
            self.tell(gone, "merged", person.id)
            self.tell(left, "merged_here", person.id)
        return left

    async def link(self, person: Person, ticket: str, other: str) -> Ticket:
        """Each shows that the other belongs to it; the first as it is then."""
        return await self._relate(person, ticket, other, "linked")

    async def unlink(self, person: Person, ticket: str, other: str) -> Ticket:
        """They do not belong together after all."""
        return await self._relate(person, ticket, other, "unlinked")

    async def _relate(self, person: Person, ticket: str, other: str, event: str) -> Ticket:
        now = self.services.clock()
        act = self.core.links.link if event == "linked" else self.core.links.unlink

        def work(db: Connection) -> tuple[Ticket, Ticket | None]:
            first, second = self._both(db, person, ticket, other)
            if not act(db, first.id, second.id):
                return first, None
            here = Change(first, event, {"ticket": second.id, "reference": second.reference})
            there = Change(second, event, {"ticket": first.id, "reference": first.reference})
            after = self.write(db, person.id, first, here, now), self.write(db, person.id, second, there, now)
            self.audit(db, person.id, "link" if event == "linked" else "unlink", here, now)
            return after

        first, second = await self.services.database.run(work)
        if second:
            self.tell(first, event, person.id)
            self.tell(second, event, person.id)
        return first

    def _both(self, db: Connection, person: Person, ticket: str, other: str) -> tuple[Ticket, Ticket]:
        """Both tickets, locked in one order; raises CannotBeOne for those that never belong together."""
        found = {id: self.get(db, person, id, Permission.WORK_TICKETS, locked=True) for id in sorted({ticket, other})}
        one, two = found[ticket], found[other]
        if one.id == two.id or one.company != two.company:
            raise CannotBeOne(CannotBeOne.__doc__)
        return one, two

    def _join(self, db: Connection, ticket: Ticket, merged: Ticket, now: datetime) -> Ticket:
        """What the ticket that is left takes over: the other's urgency, its waiting customer, its due date if sooner."""
        ticket = replace(
            ticket,
            priority=max(ticket.priority, merged.priority),
            called_at=min((at for at in (ticket.called_at, merged.called_at) if at), default=None),
        )
        clockwork = self.core.staffing.clockwork(db, ticket)
        if merged.status == "open" and ticket.status == "waiting":
            ticket = clockwork.resume(ticket, now)
        sooner = merged.due_at and (ticket.due_at is None or merged.due_at < ticket.due_at) and not ticket.due_set
        return clockwork.take_over(ticket, merged, now) if sooner else ticket
