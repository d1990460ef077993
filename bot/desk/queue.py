"""The queue: which tickets somebody wants to see, in which order, and where the next page goes on."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime

from .errors import BadRequest

#: mine; nobody's; past their due date; the customer has the ball; all of them.
VIEWS = ("mine", "unassigned", "late", "waiting", "all")

#: due: the next to be due first, those without a due date last; updated: newest change first; priority: highest first.
SORTS = ("due", "updated", "priority")

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """A view and what it is narrowed to; closed tickets are in a view only where the status says so."""

    view: str = "all"
    sort: str = "due"
    company: str | None = None
    status: str | None = None  #: open, waiting or closed
    channel: str | None = None
    reason: str | None = None
    topic: str | None = None
    priority: int | None = None
    tag: str | None = None
    language: str | None = None
    assignee: str | None = None  #: id of a person

    def __post_init__(self) -> None:
        if self.view not in VIEWS:
            raise BadRequest(f"The view must be one of {', '.join(VIEWS)}.")
        if self.sort not in SORTS:
            raise BadRequest(f"The order must be one of {', '.join(SORTS)}.")

    @property
    def order(self) -> str:
        """How it is sorted: closed tickets are due no more, so that the newest change is what orders them."""
        return "updated" if self.status == "closed" else self.sort


@dataclass(frozen=True, slots=True)
class Someone:
    """A member of staff, as others see them."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A ticket as a line of the queue."""

    id: str
    reference: str
    subject: str
    company: str
    assignee: Someone | None
    status: str
    priority: int
    reason: str
    channel: str
    language: str
    opened_at: datetime
    updated_at: datetime
    due_at: datetime | None
    late: bool
    called_at: datetime | None  #: its customer waits in the chat for a person since then
    unread: int  #: messages of the customer that nobody who works on it has looked at
    last_message_at: datetime | None
    last_sender: str | None  #: customer, bot, staff or system


@dataclass(frozen=True, slots=True)
class QueuePage:
    """Some lines of the queue, and how to ask for those after them."""

    rows: tuple[QueueRow, ...]
    next_cursor: str | None  #: None: these are the last


@dataclass(frozen=True, slots=True)
class Place:
    """A ticket's place in an order: after it goes the next page on."""

    order: str
    stage: int  #: an order is made of stages, one after the other: with and without a due date; each priority
    moment: datetime | None
    ticket: str


def write_cursor(place: Place) -> str:
    """The place as characters that stand in an address."""
    moment = place.moment.isoformat() if place.moment else None
    text = json.dumps([place.order, place.stage, moment, place.ticket], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, order: str) -> Place:
    """The place again; raises BadRequest if it is none, or is one of another order."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found, stage, moment, ticket = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        place = Place(found, stage, datetime.fromisoformat(moment) if moment else None, ticket)
        fits = found == order and type(stage) is int and 0 <= stage < 4 and isinstance(ticket, str)
        if fits and (place.moment is None or place.moment.tzinfo):
            return place
    except (ValueError, TypeError, binascii.Error):
        pass
    raise BadRequest("This is no place in the queue. Go to its first page.") from None
