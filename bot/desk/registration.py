"""What came otherwise than by chat, as a clerk registers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .errors import BadRegistration
from .ticket import PRIORITIES, REASONS, Contact

#: How it came.
CHANNELS = ("letter", "fax", "phone", "visit", "email")

LONGEST_TEXT = 20_000
LONGEST_CONTACT = 300
#: What came earlier than that is a slip of the year.
OLDEST = timedelta(days=5 * 366)
#: The clerk's clock may be a little fast.
SLACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Scan:
    """A picture of what came on paper."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Registration:
    """One thing that came."""

    form: str  #: id of the form: the same form sent again registers nothing twice
    company: str
    channel: str  #: one of CHANNELS
    received_at: datetime
    text: str  #: what they want, as they wrote it or as the clerk writes it down
    subject: str = ""  #: empty: made from the text
    reason: str = "registered"
    topic: str | None = None
    language: str = "ja"
    priority: int | None = None  #: None: what the kind begins with
    contact: Contact = field(default_factory=Contact)
    take: bool = False  #: whoever registers it has it
    scan: Scan | None = None


def check(registration: Registration, now: datetime) -> None:
    """Raises BadRegistration, which names the field, for what cannot be."""
    for why, good in (
        ("form", 8 <= len(registration.form) <= 64),
        ("channel", registration.channel in CHANNELS),
        ("text", registration.text.strip() and len(registration.text) <= LONGEST_TEXT),
        ("received_at", _is_possible(registration.received_at, now)),
        ("reason", registration.reason in REASONS),
        ("language", registration.language in ("en", "ja")),
        ("priority", registration.priority is None or registration.priority in range(len(PRIORITIES))),
        ("contact", all(len(line) <= LONGEST_CONTACT for line in registration.contact.lines())),
    ):
        if not good:
            raise BadRegistration(why)


def _is_possible(received_at: datetime, now: datetime) -> bool:
    return received_at.tzinfo is not None and now - OLDEST <= received_at <= now + SLACK
