"""A conversation between a customer and a desk, channel-neutral."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Conversation:
    id: str
    company: str
    locale: str
    channel: str
    mode: str = "bot"  #: bot or human: who answers
    offers: tuple[str, ...] = ()  #: what the last reply offered
    ticket: dict | None = None  #: of the ticket opened from it: {"reference", "status", "ahead", "rating", "email_left"}
    ticket_id: str | None = None
    called: bool = False  #: its customer waits for a person
    returned: bool = False  #: a person gave it back, which the engine is yet to hear
    forgotten: bool = False  #: its customer has no way to it any more

    @property
    def has_open_ticket(self) -> bool:
        return self.ticket is not None and self.ticket["status"] != "closed"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, as every channel shows it."""

    id: str
    conversation: str
    sequence: int
    sender: str  #: customer, bot, staff or system
    text: str
    sent_at: datetime
    citations: tuple[dict, ...] = ()
    quick_replies: tuple[dict, ...] = ()  #: {"title", "payload", "choice"}; the choice stays with the desk
    attachments: tuple[dict, ...] = ()
    choice: dict | None = None  #: what a pressed button means, on a customer's message
    author: str | None = None  #: id of the member of staff who wrote it; stays with the desk
    author_name: str = ""  #: what the customer knows them by


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of one customer's message."""

    messages: tuple[Message, ...]
    conversation: Conversation


@dataclass(slots=True)
class Accepted:
    """A customer's message, stored: the first time, or again."""

    message: Message
    conversation: Conversation
    answered: bool
    replies: tuple[Message, ...] = field(default=())
    first: bool = False  #: it was not stored before
