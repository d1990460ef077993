"""The audit log's chain: each entry's code covers the entry and the code before it, so that no change goes unseen."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime

#: What the first entry is chained to.
BEGINNING = bytes(32)


@dataclass(frozen=True, slots=True)
class Entry:
    """One act, by whom and on what."""

    number: int
    at: str  #: RFC 3339, UTC, microseconds
    actor: str  #: a person's id, "customer" or "system"
    action: str  #: noun.verb, such as ticket.take
    company: str | None = None
    subject: str | None = None  #: id of the ticket, person or thing
    detail: dict = field(default_factory=dict)

    @property
    def moment(self) -> datetime:
        return datetime.fromisoformat(self.at)


@dataclass(frozen=True, slots=True)
class Head:
    """The log's last entry at some time, by its number and code: what is written outside the database."""

    number: int
    mac: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place where the log is not as it was written."""

    kind: str  #: one of FAULTS
    first: int  #: number of the first entry concerned
    last: int  #: and of the last one, where several are gone


#: What can be wrong, and with the log as a whole: its end as the database keeps it, no heads kept outside.
FAULTS = ("edited", "inserted", "removed", "order", "cut_off", "emptied", "replaced", "head", "no_heads")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found."""

    entries: int  #: that hold, counted from the first
    heads: int  #: kept outside, that agree
    fault: Fault | None = None
    unreadable: tuple[int, ...] = ()  #: lines of the file outside that cannot be read

    @property
    def whole(self) -> bool:
        return self.fault is None


def chain(key: bytes, before: bytes, entry: Entry) -> bytes:
    """The entry's code: HMAC-SHA256 over the code before it and every field, 32 bytes."""
    fields = [entry.number, entry.at, entry.actor, entry.action, entry.company, entry.subject, entry.detail]
    text = json.dumps(fields, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, before + text.encode(), hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries somebody wants to see; what is None narrows nothing."""

    actor: str | None = None
    action: str | None = None
    company: str | None = None
    subject: str | None = None  #: id, or a ticket's reference
    since: datetime | None = None
    until: datetime | None = None  #: this moment itself no more

    def described(self) -> dict:
        """What of it narrows, as an entry's detail tells it."""
        values = {name: getattr(self, name) for name in Filter.__dataclass_fields__}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items() if value}
