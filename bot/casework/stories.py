"""Looking at a ticket: its whole story, and that somebody looked."""

from __future__ import annotations

from bot.desk.person import Person
from bot.desk.story import Story

from .acts import Acts


class Stories(Acts):
    """Shows tickets."""

    async def read(self, person: Person, ticket: str) -> Story:
        """Messages, notes and events in the order of time, of what was merged into it, too.

        The look is in the audit log, once for each person, ticket and hour.
        """
        raise NotImplementedError
