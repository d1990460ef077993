"""Staff after a start: their consoles come back by themselves, and until then nobody is told that the desk is empty."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.engine import Connection

from bot.desk.person import Person
from bot.desk.session import TOUCH

from .services import Services

#: It is noted so often that somebody is at their console; whoever was there before the stop was noted within this time.
NOTED = TOUCH + timedelta(minutes=1)


async def expect_staff(services: Services) -> None:
    """Whoever was at the desk a moment before counts as there, until they would be silent for too long."""
    core, since = services.core, services.clock() - NOTED

    def work(db: Connection) -> list[Person]:
        seen = core.people.seen_at(db)
        return [person for person in core.people.list(db) if seen.get(person.id, since) > since]

    services.presence.expect(await services.database.run(work))
