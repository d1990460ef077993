"""What stands around a ticket: who answers now, whether the desk is staffed, and when the policy's telephone is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.desk.person import Permission, Person
from bot.desk.staffing import is_staffed, next_closing, next_opening
from bot.desk.ticket import Ticket
from bot.knowledge.hours import Opening, find_opening

from .acts import Acts


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How things stand at a moment."""

    mode: str  #: bot or human: who answers the customer
    reachable: bool  #: whether a reply reaches the customer in a chat
    staffed: bool  #: by the desk's own plan
    until: datetime | None  #: when its staffed time ends, if it is staffed
    opens: datetime | None  #: when it is staffed next
    telephone: Opening  #: by the policy: another matter


class Around(Acts):
    """Looks around a ticket."""

    async def read(self, person: Person, ticket: str) -> Surroundings:
        """Raises UnknownTicket or Forbidden."""
        now = self.services.clock()

        def work(db: Connection) -> Surroundings:
            found = self.get(db, person, ticket)
            plan = self.core.staffing.plan(db, found.company)
            chat = self.core.conversations.find(db, found.conversation)
            staffed = is_staffed(plan, now)
            return Surroundings(
                mode=chat.mode if chat else "bot",
                reachable=found.channel in ("web", "telegram") and not (chat and chat.forgotten),
                staffed=staffed,
                until=next_closing(plan, now),
                opens=None if staffed else next_opening(plan, now),
                telephone=find_opening(self.core.library.company(found.company), now),
            )

        return await self.services.database.run(work)

    async def show_contact(self, person: Person, ticket: str) -> Ticket:
        """The ticket with how to reach its customer; that it was looked at is in the audit log each time."""
        now = self.services.clock()

        def work(db: Connection) -> Ticket:
            found = self.get(db, person, ticket, Permission.SEE_TICKETS)
            self.core.audit.append(db, person.id, "ticket.show_contact", now, company=found.company, subject=found.id)
            return found

        return await self.services.database.run(work)
