"""Looking at a ticket: its whole story, and that somebody looked."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from bot.desk.person import Permission, Person
from bot.desk.queue import Someone
from bot.desk.story import Entry, Event, Related, Story
from bot.desk.ticket import Ticket

from .acts import Acts


class Stories(Acts):
    """Shows tickets."""

    async def read(self, person: Person, ticket: str) -> Story:
        """Messages, notes and events in the order of time, of what was merged into it, too.

        The look is in the audit log, once for each person, ticket and hour.
        """
        now = self.services.clock()

        def work(db: Connection) -> tuple[Story, bool]:
            found = self.get(db, person, ticket)
            story = self._tell(db, found)
            unheld = found.assignee is None and person.may(Permission.WORK_TICKETS, found.company)
            seen = (unheld or found.assignee == person.id) and self.core.tickets.saw(db, found.id)
            self.core.looks.note(db, person.id, found, now)
            return story, seen

        story, seen = await self.services.database.run(work)
        if seen:
            self.tell(story.ticket, "seen", person.id)
        return story

    def _tell(self, db: Connection, ticket: Ticket) -> Story:
        core = self.core
        merged = core.links.merged_here(db, ticket.id)
        linked = core.links.linked(db, ticket.id)
        others = core.tickets.find_many(db, [*merged, *linked, *([ticket.merged_into] if ticket.merged_into else [])])
        cases = [ticket, *(others[id] for id in merged)]
        ids = [case.id for case in cases]
        entries = [
            Entry(message.sent_at, case.id, None, message=message)
            for case in cases
            for message in core.conversations.list_messages(db, case.conversation)
        ]
        entries += [Entry(note.at, note.ticket, None, note=note) for note in core.notes.list(db, *ids)]
        entries += [Entry(event.at, event.ticket, None, event=event) for event in core.events.list(db, *ids)]
        # What was done because of a message comes after it, though it was in the same instant; sorting keeps that order.
        entries.sort(key=lambda entry: entry.at)
        names = self.names(db, {ticket.assignee, *(id for entry in entries for id in _people(entry))})
        return Story(
            ticket=ticket,
            assignee=_someone(names, ticket.assignee),
            tags=tuple(core.links.tags(db, ticket.id)),
            related=(
                *(_related(others[id], "merged_here") for id in merged),
                *(_related(others[id], "linked") for id in linked),
                *([_related(others[ticket.merged_into], "merged_into")] if ticket.merged_into else []),
            ),
            entries=tuple(_named(entry, names) for entry in entries),
        )


def _people(entry: Entry) -> tuple[str | None, str | None]:
    """Who did it, and whom it concerns."""
    if entry.message:
        return entry.message.author, None
    if entry.note:
        return entry.note.person, None
    assert entry.event is not None
    return entry.event.person, _concerned(entry.event)


def _concerned(event: Event) -> str | None:
    if event.kind not in ("assigned", "handed_over", "released"):
        return None
    return event.detail.get("to") or event.detail.get("from")


def _named(entry: Entry, names: dict[str, str]) -> Entry:
    by, other = _people(entry)
    return Entry(
        entry.at,
        entry.ticket,
        _someone(names, by),
        message=entry.message,
        note=entry.note,
        event=entry.event,
        other=_someone(names, other),
    )


def _someone(names: dict[str, str], person: str | None) -> Someone | None:
    return Someone(person, names.get(person, "")) if person else None


def _related(ticket: Ticket, how: str) -> Related:
    return Related(ticket.id, ticket.reference, ticket.subject, ticket.status, how)
