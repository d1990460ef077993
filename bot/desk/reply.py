"""A staff member's reply: what is in it, and until when it can be taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

#: For so long a reply that was sent can be taken back.
HOLD = timedelta(seconds=10)
#: Characters of a reply.
LONGEST_REPLY = 8000
#: Files of one reply.
MOST_FILES = 6
#: What becomes of the ticket with a reply: it stays with the desk, waits for the customer, or is closed.
THEN = ("open", "waiting", "closed")


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has written so far."""

    text: str = ""
    citations: tuple[str, ...] = ()  #: ids of bot.knowledge.citing, never a client's words
    attachments: tuple[str, ...] = ()  #: ids of files
    note: bool = False  #: it is to be a private note: what somebody wrote as one must not come back as a reply

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, "citations": list(self.citations), "attachments": list(self.attachments), "note": self.note}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Draft:
        return cls(data["text"], tuple(data["citations"]), tuple(data["attachments"]), bool(data.get("note")))

    @property
    def is_empty(self) -> bool:
        return not (self.text.strip() or self.attachments)


@dataclass(frozen=True, slots=True)
class UnsentReply:
    """A reply that was sent and is held for a moment."""

    id: str  #: becomes the message's id
    ticket: str
    person: str
    draft: Draft
    then: str  #: one of THEN
    send_at: datetime


def reply_id(person: str, ticket: str, form: str) -> str:
    """The id of the reply that a form makes: the same form sent again makes the same reply."""
    return hashlib.sha256(f"{person}\0{ticket}\0{form}".encode(errors="surrogatepass")).hexdigest()[:32]
