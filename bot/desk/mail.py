"""Mail that the desk sends: what one is, whose address can be one, and when it is tried again."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import DeskError

#: What stands before and after the @. Japanese carriers have given out addresses with two dots running or one before
#: the @, so that those are taken. A comma, a quote, a bracket or a space would name several or none.
_LOCAL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
_DOMAIN = r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
_ADDRESS = re.compile(f"{_LOCAL}@{_DOMAIN}")

#: How long after each failed try the next one follows, more or less; greylisting takes a stranger's mail after minutes.
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 10, 20, 40, 60, 120, 240, 480, 720))
#: A mail that could not be sent for so long tells nobody anything new.
PATIENCE = timedelta(days=2)
#: How far a delay is moved by chance, so that what failed together does not come again together.
JITTER = 0.2


class MailRefused(DeskError):
    """The mail server will never take this mail; the message is the kind of refusal, and no address."""


class MailDelayed(DeskError):
    """The mail server does not take this mail now; the message is the kind of trouble, and no address."""


class MailServerAway(DeskError):
    """No mail can be sent now; the message is the kind of trouble, and no address."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person."""

    to: str
    subject: str
    text: str
    #: The conversation whose customer it is for: it is not sent if they are in the chat, or have written, by then.
    conversation: str | None = None


def is_address(text: str) -> bool:
    """Whether mail can be sent there, by its form.

    >>> is_address("hana@example.com"), is_address("hana..@docomo.example"), is_address("hana@example.com, kenji@example.com")
    (True, True, False)
    """
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def about_customer(conversation: str) -> str:
    """What the causes of all mails to a conversation's customer begin with."""
    return f"customer {conversation}"


def find_next_try(tries: int, created_at: datetime, now: datetime, chance: random.Random) -> datetime | None:
    """When to try again after so many tries; None if it is to be given up."""
    delay = DELAYS[min(tries, len(DELAYS)) - 1] * (1 + chance.uniform(-JITTER, JITTER))
    return now + delay if now + delay <= created_at + PATIENCE else None
