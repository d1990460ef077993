"""Closing a ticket, and opening it again."""

from __future__ import annotations

from bot.desk.person import Person
from bot.desk.ticket import Ticket

from .acts import Acts


class Closing(Acts):
    """Closes and reopens."""

    async def close(self, person: Person, ticket: str, settled: str) -> Ticket:
        """It is done; `settled` says in a few words what was settled."""
        raise NotImplementedError

    async def reopen(self, person: Person, ticket: str) -> Ticket:
        """It is open again, with whoever had it, if they still can have it."""
        raise NotImplementedError
