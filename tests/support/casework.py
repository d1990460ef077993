"""The use cases of staff without a gateway: services over a core, people, and tickets that customers have opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

import sqlalchemy as sa

from bot.bootstrap import Core
from bot.casework.casework import Casework, make_casework
from bot.delivery.feed import Feed, Happening
from bot.delivery.services import Services, make_services
from bot.desk.person import Person, Role
from bot.desk.ticket import Ticket
from bot.storage.tables import audit_entries as entries

from .clocks import SetClock

_NUMBERS = count()


class HeardFeed(Feed):
    """Remembers what was told."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Happening] = []

    def publish(self, happening: Happening) -> None:
        self.heard.append(happening)
        super().publish(happening)


@dataclass(slots=True)
class Desk:
    """A desk with nobody and nothing at it yet."""

    core: Core
    clock: SetClock
    services: Services
    casework: Casework
    feed: HeardFeed

    def do(self, work) -> Any:
        return self.core.database.transact(work)

    def person(
        self, name: str = "Mika", *roles: Role, companies: Iterable[str] = ("jcom",), all_companies: bool = False, **fields: Any
    ) -> Person:
        """Somebody of the staff; an agent if no role is said."""
        email = f"{name.lower()}{next(_NUMBERS)}@desk.example"
        return self.do(
            lambda db: self.core.people.add(
                db,
                name,
                email,
                roles or (Role.AGENT,),
                self.clock(),
                companies=() if all_companies else companies,
                all_companies=all_companies,
                **fields,
            )
        )

    def ticket(
        self, text: str = "May I speak to somebody?", company: str = "jcom", reason: str = "asked", locale="en", **fields: Any
    ) -> Ticket:
        """A customer wrote this and asked for a person."""

        def work(db) -> Ticket:
            chat, _ = self.core.conversations.open(db, company, locale, "web", self.clock())
            accepted = self.core.conversations.accept(db, chat, text, f"m{next(_NUMBERS)}", self.clock())
            return self.core.tickets.open(db, chat, accepted.message.id, reason, self.clock(), **fields)[0]

        return self.do(work)

    def read(self, ticket: Ticket) -> Ticket:
        """The ticket as it is stored."""
        return self.do(lambda db: self.core.tickets.find(db, ticket.id))

    def audited(self, ticket: Ticket) -> list[tuple[str, str]]:
        """Who did what to it, by the audit log."""
        query = sa.select(entries.c.actor, entries.c.action).where(entries.c.subject == ticket.id).order_by(entries.c.number)
        return [tuple(row) for row in self.do(lambda db: db.execute(query).all())]

    def events(self, ticket: Ticket) -> list[str]:
        return [event.kind for event in self.do(lambda db: self.core.events.list(db, ticket.id))]


def make_desk(core: Core, clock: SetClock) -> Desk:
    feed = HeardFeed()
    services = make_services(core, clock, None, feed=feed)  # type: ignore[arg-type]  # no customer asks the assistant
    return Desk(core, clock, services, make_casework(services), feed)
