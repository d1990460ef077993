"""Who is at the desk now: whose console is open, what they look at, who writes.

It is held in memory: consoles tell it anew when they connect again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.desk.clock import Clock
from bot.desk.person import Permission, Person
from bot.desk.ticket import Ticket

from .feed import Feed, Happening
from .streams import Streams

#: A console that has not been heard of for so long is gone, whatever it said last.
SILENT = timedelta(seconds=60)
#: Whoever goes from page to page is not away in between.
LINGER = timedelta(seconds=20)
#: Somebody who writes says so every few seconds; after that they have stopped.
TYPING = timedelta(seconds=6)
#: How often a customer is told that somebody still writes.
RETELL = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Seat:
    """One open page of a console."""

    person: Person
    heard_at: datetime
    ticket: Ticket | None = None  #: the one that is looked at
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Typing:
    """Somebody's writing on a ticket."""

    person: Person
    ticket: Ticket
    until: datetime
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Looker:
    """Somebody who has a ticket open."""

    person: str
    name: str
    typing: bool


@dataclass(frozen=True, slots=True)
class Roster:
    """Who is at the desk at one moment: with a console open, and not absent."""

    people: tuple[Person, ...] = ()

    def anybody(self, company: str) -> bool:
        """Whether somebody who works on that company's tickets is there."""
        return any(person.may(Permission.WORK_TICKETS, company) for person in self.people)

    def find(self, person: str | None, company: str) -> Person | None:
        """That person, if they are there and work on that company's tickets."""
        return next((one for one in self.people if one.id == person and one.may(Permission.WORK_TICKETS, company)), None)


class Presence:
    """A seat for each open page, known by a key that the page's event stream chooses."""

    def __init__(self, feed: Feed, streams: Streams, clock: Clock):
        self.feed = feed
        self.streams = streams
        self.clock = clock
        self._seats: dict[str, Seat] = {}
        self._typing: dict[tuple[str, str], Typing] = {}  # by person and ticket

    # What consoles tell -------------------------------------------------------------------------------------------

    def enter(self, person: Person, seat: str, ticket: Ticket | None = None) -> None:
        """A page was opened, on a ticket or not."""
        self._seats[seat] = Seat(person, self.clock(), ticket)
        self._tell(ticket)

    def expect(self, people: Iterable[Person]) -> None:
        """After a start: their pages are on their way back, and say so themselves within the time of a silence."""
        for person in people:
            self._seats[f"expected {person.id}"] = Seat(person, self.clock())

    def beat(self, seat: str, person: Person | None = None) -> None:
        """The page is still open, and its person is as they are now; to be said more often than SILENT."""
        if known := self._seats.get(seat):
            self._seats[seat] = replace(known, person=person or known.person, heard_at=self.clock(), left_at=None)

    def looks_at(self, seat: str, ticket: Ticket | None) -> None:
        """The page shows that ticket now, or none."""
        if known := self._seats.get(seat):
            self._seats[seat] = replace(known, ticket=ticket, heard_at=self.clock(), left_at=None)
            if known.ticket and (ticket is None or known.ticket.id != ticket.id):
                self._tell(known.ticket)
            self._tell(ticket)

    def leave(self, seat: str) -> None:
        """The page was closed. Its person counts as there a little longer, since the next page may be on its way."""
        if known := self._seats.get(seat):
            self._seats[seat] = replace(known, ticket=None, left_at=self.clock())
            self._tell(known.ticket)

    def update(self, person: Person) -> None:
        """Somebody's absence, roles or companies were changed: it holds for their open pages at once."""
        for key, seat in self._seats.items():
            if seat.person.id == person.id:
                self._seats[key] = replace(seat, person=person)

    def types(self, person: Person, ticket: Ticket) -> None:
        """They write a reply on that ticket; colleagues and the customer see it."""
        now = self.clock()
        key = (person.id, ticket.id)
        known = self._typing.get(key)
        told_at = known.told_at if known else None
        if told_at is None or now - told_at >= RETELL:
            told_at = now
            self.tell_customer(ticket.conversation, person.public_name, on=True)
            self._tell_typing(ticket, person, True)
        self._typing[key] = Typing(person, ticket, now + TYPING, told_at)

    def stops(self, person: Person, ticket: Ticket) -> None:
        """They write no longer: the box is empty, or the reply is sent."""
        if known := self._typing.pop((person.id, ticket.id), None):
            self._end_typing(known)

    # What is asked ------------------------------------------------------------------------------------------------

    def roster(self) -> Roster:
        """Who is there at this moment, to be taken along into a transaction."""
        now = self.clock()
        here = {seat.person.id: seat.person for seat in self._there()}
        return Roster(tuple(one for one in here.values() if one.absent_until is None or one.absent_until <= now))

    def is_there(self, person: str) -> bool:
        """Whether that person is at the desk."""
        return any(one.id == person for one in self.roster().people)

    def lookers(self, ticket: str) -> tuple[Looker, ...]:
        """Who has that ticket open, each once, by name."""
        now = self.clock()
        people = {seat.person.id: seat.person for seat in self._there() if seat.ticket and seat.ticket.id == ticket}
        writing = {key[0] for key, typing in self._typing.items() if key[1] == ticket and typing.until > now}
        rows = (Looker(one.id, one.name, one.id in writing) for one in people.values())
        return tuple(sorted(rows, key=lambda looker: (looker.name.casefold(), looker.person)))

    # Time -----------------------------------------------------------------------------------------------------------

    def expire(self) -> None:
        """Forget who has stopped writing and who is gone; called every second."""
        now = self.clock()
        for key, typing in list(self._typing.items()):
            if typing.until <= now:
                del self._typing[key]
                self._end_typing(typing)
        for key, seat in list(self._seats.items()):
            if not self._is_open(seat, now):
                del self._seats[key]
                self._tell(seat.ticket)

    def tell_customer(self, conversation: str, name: str, *, on: bool) -> None:
        """The customer sees that somebody of the desk writes, or has stopped."""
        self.streams.publish(conversation, {"type": "typing", "on": on, "sender": "staff", "author_name": name})

    def _there(self) -> list[Seat]:
        now = self.clock()
        return [seat for seat in self._seats.values() if self._is_open(seat, now)]

    def _is_open(self, seat: Seat, now: datetime) -> bool:
        if seat.left_at is not None and now - seat.left_at > LINGER:
            return False
        return now - seat.heard_at <= SILENT

    def _end_typing(self, typing: Typing) -> None:
        self.tell_customer(typing.ticket.conversation, typing.person.public_name, on=False)
        self._tell_typing(typing.ticket, typing.person, False)

    def _tell_typing(self, ticket: Ticket, person: Person, on: bool) -> None:
        data = {"by": "staff", "person": person.id, "name": person.name, "on": on}
        self.feed.publish(Happening("typing", ticket.company, ticket.id, data))

    def _tell(self, ticket: Ticket | None) -> None:
        if ticket is not None:
            self.feed.publish(Happening("presence", ticket.company, ticket.id))
