"""Tickets that belong together: linked, or merged into one."""

from __future__ import annotations

from bot.desk.person import Person
from bot.desk.ticket import Ticket

from .acts import Acts


class Links(Acts):
    """Links and merges."""

    async def merge(self, person: Person, ticket: str, into: str) -> Ticket:
        """Close `ticket` as part of `into`, which shows the messages of both; the other ticket as it is then.

        Each customer goes on in their own conversation: a reply says to which of them it goes.
        """
        raise NotImplementedError

    async def link(self, person: Person, ticket: str, other: str) -> Ticket:
        raise NotImplementedError

    async def unlink(self, person: Person, ticket: str, other: str) -> Ticket:
        raise NotImplementedError
