"""Private notes, in a table of their own that no customer's query reads."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from bot.desk.story import Note
from bot.desk.ticket import Ticket

from .cipher import Cipher
from .database import aware
from .search import SearchIndex
from .tables import notes


class Notes:
    """All queries on notes."""

    def __init__(self, cipher: Cipher, search: SearchIndex):
        self.cipher = cipher
        self.search = search

    def add(self, db: Connection, id: str, ticket: Ticket, person: str, text: str, now: datetime) -> Note:
        note = Note(id, ticket.id, person, text, now)
        sealed = self.cipher.encrypt(text, f"note {id}")
        db.execute(notes.insert().values(id=id, ticket=ticket.id, person=person, sealed_body=sealed, at=now))
        self.search.add(db, ticket, text)
        return note

    def find(self, db: Connection, id: str) -> Note | None:
        row = db.execute(notes.select().where(notes.c.id == id)).first()
        return self._read(row) if row else None

    def list(self, db: Connection, *tickets: str) -> list[Note]:
        """The notes of these tickets, oldest first."""
        rows = db.execute(notes.select().where(notes.c.ticket.in_(tickets)).order_by(notes.c.at, notes.c.id))
        return [self._read(row) for row in rows]

    def _read(self, row) -> Note:
        return Note(row.id, row.ticket, row.person, self.cipher.decrypt(row.sealed_body, f"note {row.id}"), aware(row.at))
