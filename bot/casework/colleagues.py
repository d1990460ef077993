"""Who works beside somebody: to whom a ticket may be given, and who of them is there."""

from __future__ import annotations

from dataclasses import dataclass

from bot.desk.person import Permission, Person

from .acts import Acts


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who works on tickets."""

    id: str
    name: str
    there: bool  #: their console is open
    absent: bool


class Colleagues(Acts):
    """Lists those who can have tickets."""

    async def list(self, person: Person, company: str | None = None) -> list[Colleague]:
        """Who can have tickets of that company, or of any that the person sees; those who are there first."""
        person.require(Permission.SEE_TICKETS, company)
        companies = [company] if company else self.companies(person)
        now, presence = self.services.clock(), self.services.presence
        people = await self.services.database.run(self.core.people.list)
        found = [
            Colleague(
                id=one.id,
                name=one.name,
                there=presence.is_there(one.id),
                absent=bool(one.absent_until and one.absent_until > now),
            )
            for one in people
            if any(one.may(Permission.WORK_TICKETS, key) for key in companies)
        ]
        return sorted(found, key=lambda one: (one.absent, not one.there, one.name.casefold(), one.id))
