"""What came otherwise than by chat, as a clerk registers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .ticket import Contact

#: How it came.
CHANNELS = ("letter", "fax", "phone", "visit", "email")


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
