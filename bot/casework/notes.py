"""Private notes: what staff write for one another on a ticket."""

from __future__ import annotations

from dataclasses import dataclass

from bot.desk.person import Person
from bot.desk.story import Note

from .acts import Acts


@dataclass(frozen=True, slots=True)
class Noted:
    """A note, and who was mentioned in it with an @."""

    note: Note
    mentioned: tuple[Person, ...]


class Notes(Acts):
    """Writes notes."""

    async def add(self, person: Person, ticket: str, text: str, form: str) -> Noted:
        """Note it once for each `form` id; @name, or @[name] with spaces, mentions somebody who sees the company."""
        raise NotImplementedError

    async def list_mentionable(self, person: Person, ticket: str) -> list[Person]:
        """Whom a note on that ticket may mention: for completion."""
        raise NotImplementedError
