"""The whole story of a ticket: what was said, noted and done, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .conversation import Message
from .queue import Someone
from .ticket import Ticket

#: Kinds of event. Their details: by whom and to whom (`from`, `to`: ids of people), and what was changed.
EVENTS = (
    "opened",
    "registered",
    "taken",
    "released",
    "assigned",
    "handed_over",
    "closed",  # settled: what was settled
    "reopened",
    "waiting",  # for the customer
    "resumed",
    "merged",  # into: id of the other ticket
    "merged_here",  # ticket: id of the other ticket
    "linked",  # ticket
    "unlinked",  # ticket
    "tagged",  # tags
    "untagged",  # tags
    "priority",  # from, to: places in PRIORITIES
    "reason",  # from, to
    "due",  # to: RFC 3339, or null where the clocks' own date holds again
    "contact",  # fields
    "subject",
    "warned",
    "escalated",
    "called",  # a customer waits in the chat for a person
    "call_ended",  # nobody came
    "handed_back",  # settled: what was settled
    "rated",  # rating: 1 or -1
    "forgotten",  # the customer has no way to the chat any more
    "request_moved",  # move, from, to: of bot.desk.request
    "request_held",
    "request_released",
    "request_erased",
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done with a ticket."""

    id: str
    ticket: str
    kind: str  #: one of EVENTS
    person: str | None  #: None: the desk itself, or the customer
    detail: dict
    at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What staff write for one another; no customer sees it."""

    id: str
    ticket: str
    person: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a story: a message, a note or an event."""

    at: datetime
    ticket: str  #: another one's, where that was merged into this one
    by: Someone | None  #: the member of staff
    message: Message | None = None
    note: Note | None = None
    event: Event | None = None
    other: Someone | None = None  #: the member of staff whom the event concerns


@dataclass(frozen=True, slots=True)
class Related:
    """Another ticket that this one is linked with or merged with."""

    id: str
    reference: str
    subject: str
    status: str
    how: str  #: linked, merged_here (into this one), merged_into (this one into it)


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket with all that belongs to it."""

    ticket: Ticket
    assignee: Someone | None
    tags: tuple[str, ...]
    related: tuple[Related, ...]
    entries: tuple[Entry, ...] = field(default=())
