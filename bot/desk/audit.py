"""The audit log's chain: each entry's code covers the entry and the code before it, so that no change goes unseen."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field

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


def chain(key: bytes, before: bytes, entry: Entry) -> bytes:
    """The entry's code: HMAC-SHA256 over the code before it and every field, 32 bytes."""
    fields = [entry.number, entry.at, entry.actor, entry.action, entry.company, entry.subject, entry.detail]
    text = json.dumps(fields, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, before + text.encode(), hashlib.sha256).digest()
