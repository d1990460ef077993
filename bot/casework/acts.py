"""What every act on a ticket has in common: permission, one transaction with its event and audit entry, what consoles hear."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.delivery.feed import Happening
from bot.delivery.notices import Notices
from bot.delivery.services import Services
from bot.desk.errors import CannotHaveTicket, TicketClosed, UnknownTicket
from bot.desk.person import Permission, Person
from bot.desk.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Change:
    """What an act makes of a ticket, and how that is told."""

    ticket: Ticket
    event: str  #: one of bot.desk.story.EVENTS
    detail: dict = field(default_factory=dict)  #: of the event
    audit: dict | None = None  #: detail of the audit entry; None: the same as the event's
    then: Callable[[Connection, Ticket], None] | None = None  #: what else belongs to it, done with the ticket as it is then


#: An act: the ticket as it is, locked -> what it becomes, or None where it is so already.
Act = Callable[[Connection, Ticket, datetime], Change | None]

#: Events after which a customer's page has something new to read. What staff note, tag or look at is none of its business.
CUSTOMERS_HEAR = frozenset(
    "taken released assigned handed_over handed_back closed reopened merged merged_here waiting resumed priority".split()
)


class Acts:
    """Base of the use cases on tickets."""

    def __init__(self, services: Services):
        self.services = services
        self.core = services.core
        self.notices = Notices(services.core)

    def companies(self, person: Person) -> list[str]:
        """Those that the person sees."""
        return sorted(company.key for company in self.core.library.companies() if person.sees(company.key))

    def get(
        self, db: Connection, person: Person, ticket: str, permission: Permission = Permission.SEE_TICKETS, *, locked: bool = False
    ) -> Ticket:
        """The ticket; raises UnknownTicket or Forbidden. Which company it is of is the row's word, never the caller's."""
        person.require(permission)
        found = self.core.tickets.find(db, ticket, locked=locked)
        if found is None or not person.sees(found.company):
            raise UnknownTicket(UnknownTicket.__doc__)
        return found

    async def act(
        self,
        person: Person,
        ticket: str,
        action: str,
        act: Act,
        *,
        permission: Permission = Permission.WORK_TICKETS,
        closed_too: bool = False,
    ) -> Ticket:
        """Do it in one transaction and tell the consoles; the ticket as it is then. `action` is the audit entry's verb."""

        now = self.services.clock()

        def work(db: Connection) -> tuple[Ticket, Change | None]:
            before = self.get(db, person, ticket, permission, locked=True)
            if before.status == "closed" and not closed_too:
                raise TicketClosed(TicketClosed.__doc__)
            change = act(db, before, now)
            if change is None:
                return before, None
            after = self.write(db, person.id, before, change, now)
            if change.then:
                change.then(db, after)
            self.audit(db, person.id, action, change, now)
            return after, change

        after, change = await self.services.database.run(work)
        if change:
            self.tell(after, change.event, person.id)
        return after

    def write(self, db: Connection, actor: str, before: Ticket, change: Change, now: datetime) -> Ticket:
        """The changed ticket, its event, and what the customer is told of it."""
        followed = self.services.handovers.follow(db, before, change.ticket, actor, change.detail, now)
        after = self.core.tickets.save(db, followed, now)
        self.core.events.add(db, after.id, change.event, actor, now, change.detail)
        return after

    def audit(self, db: Connection, actor: str, action: str, change: Change, now: datetime) -> None:
        """The act's entry: the last thing in its transaction."""
        detail = change.detail if change.audit is None else change.audit
        ticket = change.ticket
        self.core.audit.append(db, actor, f"ticket.{action}", now, company=ticket.company, subject=ticket.id, detail=detail)

    def tell(self, ticket: Ticket, event: str, by: str | None, **data: object) -> None:
        """What open consoles hear once it is stored, and the customer's page where it says something to them."""
        if event in CUSTOMERS_HEAR:
            self.services.handovers.tell(ticket, event, by, **data)
        else:
            shown = {"event": event, "by": by, "assignee": ticket.assignee, **data}
            self.services.feed.publish(Happening("ticket", ticket.company, ticket.id, shown))

    def check_can_have(self, db: Connection, person: str, company: str) -> Person:
        """Who is to get a ticket of that company; raises CannotHaveTicket."""
        found = self.core.people.find(db, person)
        if found is None or not found.may(Permission.WORK_TICKETS, company):
            raise CannotHaveTicket(CannotHaveTicket.__doc__)
        return found

    def names(self, db: Connection, ids: Collection[str | None]) -> dict[str, str]:
        """The people's names by id."""
        known = {id for id in ids if id}
        return self.core.people.names(db, known) if known else {}
