"""Searching tickets: what somebody typed into the search field, and what comes of it."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .contacts import person_key
from .errors import BadRequest
from .queue import Someone
from .search_terms import Query, Snippet, read_query
from .ticket import STATUSES, read_reference

PAGE_SIZE = 25

#: Longer than this is no search.
LONGEST = 200

_TAG = re.compile(r"(?:(?<=\s)|^)(?:tag|タグ):(?:\"([^\"]*)\"|(\S+))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the hits are narrowed to."""

    company: str | None = None
    status: str | None = None  #: open, waiting or closed
    tag: str | None = None

    def __post_init__(self) -> None:
        if self.status is not None and self.status not in STATUSES:
            raise BadRequest(f"The status must be one of {', '.join(STATUSES)}.")


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for. Its kind is what the audit log holds of it; the words it does not."""

    kind: str  #: reference, person, tag, text; nothing where nothing was typed
    text: str  #: without tags
    tags: tuple[str, ...] = ()
    person: str | None = None  #: of an e-mail address or telephone number: what is hashed
    query: Query = Query(frozenset(), ())


@dataclass(frozen=True, slots=True)
class Hit:
    """A ticket that was found."""

    id: str
    reference: str
    subject: str
    company: str
    status: str
    priority: int
    assignee: Someone | None
    opened_at: datetime
    updated_at: datetime
    found_in: str  #: subject, contact, message or note; reference, person or tag where no text was searched
    sender: str = ""  #: of a message: customer or staff
    at: datetime | None = None  #: when that was written
    snippet: Snippet | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """Some tickets, newest first, and how to ask for those after them."""

    kind: str
    hits: tuple[Hit, ...] = ()
    next_cursor: str | None = None  #: None: these are the last
    trouble: str = ""  #: too_short: no word, or a single character; off: words are not searched at this desk


def read_search(typed: str) -> Search:
    """What was typed: a reference, an address or number, tag:x, words; raises BadRequest if it is too long.

    >>> read_search("ｐ８ｊｘｖｖｄ").kind, read_search("hana@example.com").kind, read_search("tag:moved fee").tags
    ('reference', 'person', ('moved',))
    """
    if len(typed) > LONGEST:
        raise BadRequest(f"Search for {LONGEST} characters at most.")
    text = unicodedata.normalize("NFKC", typed).strip()
    tags = tuple(dict.fromkeys(quoted or plain for quoted, plain in _TAG.findall(text)))
    text = _TAG.sub(" ", text).strip()
    if not text:
        return Search("tag" if tags else "nothing", "", tags)
    query, person = read_query(text), person_key(text)
    if person:
        # A number stands in texts with other dashes, or none.
        kind, _, plain = person.partition(" ")
        return Search("person", text, tags, person, read_query(plain) if kind == "phone" else query)
    if not tags and (reference := read_reference(text)):
        return Search("reference", reference, tags, None, query)
    return Search("text", text, tags, None, query)


def read_cursor(cursor: str | None, kind: type) -> int | tuple[datetime, str] | None:
    """Where a page of hits ended: a number of the index (int), or a time and ticket (tuple); raises BadRequest."""
    if not cursor:
        return None
    if kind is int and (match := re.fullmatch(r"n([0-9a-f]{1,16})", cursor)) and int(match[1], 16) < 1 << 63:
        return int(match[1], 16)
    if kind is tuple and (match := re.fullmatch(r"t(\d{1,18})\.(\w{1,32})", cursor, re.ASCII)):
        with contextlib.suppress(OverflowError):
            return _EPOCH + timedelta(microseconds=int(match[1])), match[2]
    raise BadRequest("This is no place among the hits. Search again.")


def write_cursor(place: int | tuple[datetime, str]) -> str:
    """The place as characters that stand in an address."""
    if isinstance(place, int):
        return f"n{place:x}"
    moment, ticket = place
    return f"t{(moment - _EPOCH) // timedelta(microseconds=1)}.{ticket}"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
