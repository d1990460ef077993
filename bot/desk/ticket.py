"""A ticket: a conversation that a person has to take."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

#: Letters and digits that are not mistaken for one another when they are read over the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

#: What is heard or seen as one of them, though no reference has it; and which of them are taken for one another.
_NEVER = {"0": "QDCG", "O": "QDCG", "1": "7JT", "I": "7JT", "L": "7J"}
_ALIKE = {a: b for pair in ("2Z", "5S", "8B", "6G", "UV", "MN") for a, b in (pair, pair[::-1])}
#: Whatever keyboards, fonts and scanners put between or around its parts.
_BETWEEN = re.compile(r"[\s\-‐‑‒–—―−ー_.,:;・。、#\"'“”‘’「」()\[\]<>]+")
#: A reference within a text such as "Reference: ABC-DEF2".
_WITHIN = re.compile(r"(?<![A-Z0-9])[A-Z0-9]{3}[\s\-‐‑‒–—―−ー]?[A-Z0-9]{4}(?![A-Z0-9])")

#: Priorities, lowest first; what is stored is the place in this list.
PRIORITIES = ("low", "normal", "high", "urgent")

#: Kinds of ticket: why a person has to take it.
REASONS = ("asked", "complaint", "leak", "dispute", "status", "unanswered", "again", "request", "registered")

#: A leak that is reported cannot wait.
URGENT_REASONS = frozenset({"leak"})

#: open: the desk has the ball; waiting: the customer has it; closed.
STATUSES = ("open", "waiting", "closed")


@dataclass(frozen=True, slots=True)
class Contact:
    """What is known of who wrote: only what they gave, or what stood on their letter."""

    name: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""

    def lines(self) -> tuple[str, ...]:
        return self.name, self.email, self.phone, self.address

    def tidied(self) -> Contact:
        """Without blanks around and line breaks within."""
        return Contact(*(" ".join(line.split()) for line in self.lines()))


@dataclass(frozen=True, slots=True)
class Ticket:
    id: str
    reference: str
    company: str
    conversation: str
    reason: str  #: one of REASONS
    priority: int  #: place in PRIORITIES
    status: str  #: one of STATUSES
    language: str
    channel: str
    opened_at: datetime
    updated_at: datetime
    subject: str = ""
    topic: str | None = None
    contact: Contact = field(default_factory=lambda: Contact())
    assignee: str | None = None  #: id of the person who has it
    called_at: datetime | None = None  #: its customer waits in the chat for a person since then
    replied_at: datetime | None = None  #: first reply of a person
    closed_at: datetime | None = None
    clock_from: datetime | None = None  #: when its clocks began: opened or reopened
    reply_due_at: datetime | None = None  #: None: answered, or there is no such clock
    resolve_due_at: datetime | None = None
    due_at: datetime | None = None  #: the next of both, or what staff set
    due_set: bool = False  #: staff set due_at themselves
    paused_at: datetime | None = None  #: the customer has the ball since then
    paused_seconds: int = 0  #: of staffed time, in earlier pauses
    alarm_at: datetime | None = None  #: when the desk has to be told that it is due soon, or late
    warned_at: datetime | None = None
    escalated_at: datetime | None = None
    merged_into: str | None = None
    rating: int | None = None  #: 1 good, -1 bad
    version: int = 1  #: grows with every change


def make_reference() -> str:
    """A reference that can be read over the telephone: six characters and one that checks them.

    >>> reference = make_reference(); is_reference(reference)
    True
    """
    body = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return f"{body[:3]}-{body[3:]}{_check(body)}"


def is_reference(text: str) -> bool:
    """Whether it has a reference's form and its last character fits the others."""
    body = tidy_reference(text).replace("-", "")
    return len(body) == 7 and all(c in ALPHABET for c in body) and _check(body[:6]) == body[6]


def read_reference(text: str) -> str | None:
    """The reference in what was typed or scanned, as it is written down; None if there is none, or it is not clear which.

    A slip of one look-alike or an impossible character (the letter O, the digit 1) is put right where only one reading
    fits the last character.

    >>> read_reference("ａｂｃ ｄｅｆｒ"), read_reference("Reference: ABC-DEFR"), read_reference("hello")
    ('ABC-DEFR', 'ABC-DEFR', None)
    """
    plain = unicodedata.normalize("NFKC", text[:200]).upper()
    body = _BETWEEN.sub("", plain)
    if len(body) != 7:
        found = {tidy_reference(_BETWEEN.sub("", piece)) for piece in _WITHIN.findall(plain)}
        found = {reference for reference in found if is_reference(reference)}
        return found.pop() if len(found) == 1 else None
    if is_reference(body):
        return tidy_reference(body)
    # A postcode or a telephone number is no reference with a slip in it; nor is a word of seven letters.
    if not body.isascii() or not body.isalnum() or body.isdigit():
        return None
    if not any(c.isdigit() for c in body) and not re.search(r"\w[-‐‑‒–—―−ー]\w", plain):
        return None
    readings = {reading for reading in _readings(body) if _check(reading[:6]) == reading[6]}
    return tidy_reference(readings.pop()) if len(readings) == 1 else None


def _readings(body: str) -> set[str]:
    """What a body with a slip may have been: its impossible characters replaced, or else one of its look-alikes."""
    if any(c in _NEVER for c in body):
        if sum(c in _NEVER for c in body) > 2:
            return set()
        return {"".join(choice) for choice in product(*(_NEVER.get(c, c) for c in body))}
    return {body[:place] + _ALIKE[c] + body[place + 1 :] for place, c in enumerate(body) if c in _ALIKE}


def tidy_reference(text: str) -> str:
    """A reference as it is written down, from however somebody typed it.

    >>> tidy_reference("abc def2")
    'ABC-DEF2'
    """
    body = unicodedata.normalize("NFKC", text).upper()
    body = "".join(c for c in body if c.isalnum())
    return f"{body[:3]}-{body[3:]}"


def _check(body: str) -> str:
    # Weights by place, all coprime to the alphabet's prime size of 31, so that a swap or a slip changes the sum.
    return ALPHABET[sum((place + 2) * ALPHABET.index(c) for place, c in enumerate(body)) % len(ALPHABET)]


def priority_of(reason: str) -> int:
    """The priority that a kind of ticket begins with."""
    return PRIORITIES.index("urgent" if reason in URGENT_REASONS else "normal")
