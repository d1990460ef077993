"""What staff write on a ticket: priority, kind, due date, contact, subject, tags."""

from __future__ import annotations

from datetime import datetime

from bot.desk.person import Person
from bot.desk.ticket import Contact, Ticket

from .acts import Acts


class Details(Acts):
    """Changes what stands on a ticket."""

    async def set_priority(self, person: Person, ticket: str, priority: int) -> Ticket:
        """`priority` is a place in PRIORITIES."""
        raise NotImplementedError

    async def set_reason(self, person: Person, ticket: str, reason: str) -> Ticket:
        """Another kind of ticket has another clock, which begins when the ticket was opened."""
        raise NotImplementedError

    async def set_due(self, person: Person, ticket: str, due_at: datetime | None) -> Ticket:
        """A due date of staff's own; None: the clocks' date holds again."""
        raise NotImplementedError

    async def set_contact(self, person: Person, ticket: str, contact: Contact, version: int | None = None) -> Ticket:
        """Who wrote and how to reach them; raises TicketChanged if `version` is not the ticket's any more."""
        raise NotImplementedError

    async def set_subject(self, person: Person, ticket: str, subject: str) -> Ticket:
        raise NotImplementedError

    async def tag(self, person: Person, ticket: str, *tags: str) -> Ticket:
        """Put these tags on, each tidied (bot.desk.tags)."""
        raise NotImplementedError

    async def untag(self, person: Person, ticket: str, *tags: str) -> Ticket:
        raise NotImplementedError

    async def list_tags(self, person: Person, company: str, beginning: str = "") -> list[str]:
        """That company's tags which begin so, the most used first: for completion."""
        raise NotImplementedError
