"""Private notes: what staff write for one another on a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.desk.errors import BadRequest, TooLong
from bot.desk.masking import mask
from bot.desk.mentions import find_mentioned
from bot.desk.person import Permission, Person
from bot.desk.story import Note
from bot.desk.ticket import Ticket

from .acts import Acts

LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class Noted:
    """A note, and who was mentioned in it with an @."""

    note: Note
    mentioned: tuple[Person, ...]


class Notes(Acts):
    """Writes notes."""

    async def add(self, person: Person, ticket: str, text: str, form: str) -> Noted:
        """Note it once for each `form` id. An @ and a name mention somebody who sees the company, and they get a mail."""
        text = mask(text).text.strip()
        if not text:
            raise BadRequest("The note is empty.")
        if len(text) > LONGEST:
            raise TooLong(f"A note has at most {LONGEST:,} characters.")
        # The form's id is no id of ours yet: it is known only to whoever filled it in.
        id = self.core.cipher.hash(f"note {person.id} {ticket} {form}").hex()[:32]
        now = self.services.clock()

        def work(db: Connection) -> tuple[Ticket, Noted, bool]:
            found = self.get(db, person, ticket, Permission.WORK_TICKETS, locked=True)
            if note := self.core.notes.find(db, id):
                return found, Noted(note, self._mentioned(db, note.text, found)), False
            note, mentioned = self._write(db, id, found, person, text, now)
            return found, Noted(note, mentioned), True

        found, noted, new = await self.services.database.run(work)
        if new:
            self.tell(found, "noted", person.id, mentioned=[one.id for one in noted.mentioned])
        return noted

    async def list_mentionable(self, person: Person, ticket: str) -> list[Person]:
        """Whom a note on that ticket may mention: for completion."""

        def work(db: Connection) -> list[Person]:
            return self._mentionable(db, self.get(db, person, ticket))

        return await self.services.database.run(work)

    def _write(
        self, db: Connection, id: str, ticket: Ticket, person: Person, text: str, now: datetime
    ) -> tuple[Note, tuple[Person, ...]]:
        note = self.core.notes.add(db, id, ticket, person.id, text, now)
        after = self.core.tickets.save(db, ticket, now)
        mentioned = self._mentioned(db, text, ticket)
        self.notices.mentioned(db, after, note.id, [one.id for one in mentioned], person.id, now)
        detail = {"note": note.id, "mentioned": [one.id for one in mentioned]}
        self.core.audit.append(db, person.id, "ticket.note", now, company=ticket.company, subject=ticket.id, detail=detail)
        return note, mentioned

    def _mentioned(self, db: Connection, text: str, ticket: Ticket) -> tuple[Person, ...]:
        return find_mentioned(text, self._mentionable(db, ticket)) if "@" in text or "＠" in text else ()

    def _mentionable(self, db: Connection, ticket: Ticket) -> list[Person]:
        people = self.core.people.list(db, ticket.company)
        return [one for one in people if one.may(Permission.SEE_TICKETS, ticket.company)]
