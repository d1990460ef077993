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
    ticket: dict | None = None  #: {"reference", "status"} of the ticket opened from it


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
