"""A ticket: a conversation that a person has to take."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

#: Letters and digits that are not mistaken for one another when they are read over the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

#: A leak that is reported cannot wait.
URGENT_REASONS = frozenset({"leak"})


@dataclass(frozen=True, slots=True)
class Ticket:
    id: str
    reference: str
    company: str
    conversation: str
    reason: str  #: asked, complaint, leak, status, unanswered, request
    urgency: str  #: normal or urgent
    status: str  #: open or closed
    language: str
    channel: str
    opened_at: datetime


def make_reference() -> str:
    """A reference that can be read over the telephone: six characters and one that checks them.

    >>> reference = make_reference(); is_reference(reference)
    True
    """
    body = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return f"{body[:3]}-{body[3:]}{_check(body)}"


def is_reference(text: str) -> bool:
    """Whether it has a reference's form and its last character fits the others."""
    body = text.strip().upper().replace("-", "").replace(" ", "")
    return len(body) == 7 and all(c in ALPHABET for c in body) and _check(body[:6]) == body[6]


def _check(body: str) -> str:
    # Weights by place, all coprime to the alphabet's prime size of 31, so that a swap or a slip changes the sum.
    return ALPHABET[sum((place + 2) * ALPHABET.index(c) for place, c in enumerate(body)) % len(ALPHABET)]


def urgency_of(reason: str) -> str:
    return "urgent" if reason in URGENT_REASONS else "normal"
