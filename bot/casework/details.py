"""What staff write on a ticket: priority, kind, due date, contact, subject, tags."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime

from sqlalchemy.engine import Connection

from bot.desk.errors import BadRequest, TicketChanged
from bot.desk.masking import mask
from bot.desk.person import Permission, Person
from bot.desk.registration import LONGEST_CONTACT
from bot.desk.subjects import shorten
from bot.desk.tags import tidy_tag
from bot.desk.ticket import PRIORITIES, REASONS, Contact, Ticket

from .acts import Acts, Change

LONGEST_SUBJECT = 200
MOST_TAGS = 20


class Details(Acts):
    """Changes what stands on a ticket."""

    async def set_priority(self, person: Person, ticket: str, priority: int) -> Ticket:
        """`priority` is a place in PRIORITIES."""
        if type(priority) is not int or not 0 <= priority < len(PRIORITIES):
            raise BadRequest(f"The priority must be one of {', '.join(PRIORITIES)}.")

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            if before.priority == priority:
                return None
            after = self._recount(db, replace(before, priority=priority), now)
            return Change(after, "priority", {"from": before.priority, "to": priority})

        return await self.act(person, ticket, "prioritise", act)

    async def set_reason(self, person: Person, ticket: str, reason: str) -> Ticket:
        """Another kind of ticket has another clock, which begins when the ticket was opened."""
        if reason not in REASONS:
            raise BadRequest(f"The kind must be one of {', '.join(REASONS)}.")

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            if before.reason == reason:
                return None
            after = self._recount(db, replace(before, reason=reason), now)
            return Change(after, "reason", {"from": before.reason, "to": reason})

        return await self.act(person, ticket, "sort", act)

    async def set_due(self, person: Person, ticket: str, due_at: datetime | None) -> Ticket:
        """A due date of staff's own; None: the clocks' date holds again."""
        if due_at is not None:
            if due_at.tzinfo is None:
                raise BadRequest("A due date needs its time zone.")
            due_at = due_at.astimezone(UTC)
            if due_at <= self.services.clock():
                raise BadRequest("The due date must be still to come.")

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            if (before.due_at if before.due_set else None) == due_at:
                return None
            after = self.core.staffing.clockwork(db, before).set_due(before, due_at, now)
            return Change(after, "due", {"to": due_at.isoformat() if due_at else None})

        return await self.act(person, ticket, "set_due", act)

    async def set_contact(self, person: Person, ticket: str, contact: Contact, version: int | None = None) -> Ticket:
        """Who wrote and how to reach them; raises TicketChanged if `version` is not the ticket's any more."""
        contact = contact.tidied()
        if any(len(line) > LONGEST_CONTACT for line in contact.lines()):
            raise BadRequest(f"Each line of the contact has at most {LONGEST_CONTACT} characters.")

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            _check_version(before, version)
            changed = [f.name for f in fields(Contact) if getattr(before.contact, f.name) != getattr(contact, f.name)]
            if not changed:
                return None
            # Which lines, and not what stood in them: the story outlives what is erased from the ticket.
            return Change(replace(before, contact=contact), "contact", {"fields": changed}, then=self.core.search.renew)

        return await self.act(person, ticket, "set_contact", act, closed_too=True)

    async def set_subject(self, person: Person, ticket: str, subject: str, version: int | None = None) -> Ticket:
        """In one line; raises TicketChanged as set_contact does."""
        subject = shorten(mask(subject).text, LONGEST_SUBJECT)
        if not subject:
            raise BadRequest("A subject has at least one letter.")

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            _check_version(before, version)
            if before.subject == subject:
                return None
            return Change(replace(before, subject=subject), "subject", then=self.core.search.renew)

        return await self.act(person, ticket, "set_subject", act, closed_too=True)

    async def tag(self, person: Person, ticket: str, *tags: str) -> Ticket:
        """Put these tags on, each tidied (bot.desk.tags)."""
        wanted = [tidy_tag(tag) for tag in tags]

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            new = self.core.links.tag(db, before.id, *wanted)
            if len(self.core.links.tags(db, before.id)) > MOST_TAGS:
                raise BadRequest(f"A ticket has at most {MOST_TAGS} tags.")
            return Change(before, "tagged", {"tags": new}) if new else None

        return await self.act(person, ticket, "tag", act, closed_too=True)

    async def untag(self, person: Person, ticket: str, *tags: str) -> Ticket:
        """Take these tags off."""
        wanted = [tidy_tag(tag) for tag in tags]

        def act(db: Connection, before: Ticket, now: datetime) -> Change | None:
            gone = self.core.links.untag(db, before.id, *wanted)
            return Change(before, "untagged", {"tags": gone}) if gone else None

        return await self.act(person, ticket, "untag", act, closed_too=True)

    async def list_tags(self, person: Person, company: str, beginning: str = "") -> list[str]:
        """That company's tags which begin so, the most used first: for completion."""
        person.require(Permission.SEE_TICKETS, company)
        begun = tidy_tag(beginning) if beginning.strip(" ,") else ""
        return await self.services.database.run(lambda db: self.core.links.company_tags(db, company, begun))

    def _recount(self, db: Connection, ticket: Ticket, now: datetime) -> Ticket:
        return self.core.staffing.clockwork(db, ticket).recount(ticket, now)


def _check_version(ticket: Ticket, version: int | None) -> None:
    if version is not None and ticket.version != version:
        raise TicketChanged(TicketChanged.__doc__)
