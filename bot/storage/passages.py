"""What is kept for search: the texts of a ticket that people wrote, in clear for as long as they are looked at."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.ticket import Ticket

from .cipher import Cipher
from .database import aware
from .tables import messages, notes

#: Whose messages are searched. What the assistant and the desk itself say is the same in all chats, and finds nothing.
SENDERS = ("customer", "staff")


@dataclass(frozen=True, slots=True)
class Passage:
    """One text of a ticket."""

    kind: str  #: subject, contact, message or note
    text: str
    at: datetime
    sender: str = ""  #: of a message: customer or staff


class Passages:
    """Reads tickets' texts."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def read(self, db: Connection, tickets: Collection[Ticket]) -> dict[str, list[Passage]]:
        """Each ticket's passages by its id: subject and contact first, then the rest, newest first."""
        found = {ticket.id: self.read_head(ticket) for ticket in tickets}
        said = self._messages(db, {ticket.conversation for ticket in tickets})
        noted = self._notes(db, found)
        for ticket in tickets:
            found[ticket.id] += sorted(said[ticket.conversation] + noted[ticket.id], key=lambda passage: passage.at, reverse=True)
        return found

    def read_head(self, ticket: Ticket) -> list[Passage]:
        """What stands with the ticket itself."""
        known = ticket.contact
        contact = " / ".join(filter(None, (known.name, known.email, known.phone, known.address)))
        heads = [Passage("subject", ticket.subject, ticket.opened_at), Passage("contact", contact, ticket.opened_at)]
        return [passage for passage in heads if passage.text]

    def _messages(self, db: Connection, conversations: Collection[str]) -> dict[str, list[Passage]]:
        said = defaultdict(list)
        columns = (messages.c.id, messages.c.conversation, messages.c.sender, messages.c.sealed_body, messages.c.sent_at)
        chosen = sa.select(*columns).where(messages.c.conversation.in_(conversations), messages.c.sender.in_(SENDERS))
        for row in db.execute(chosen):
            text = json.loads(self.cipher.decrypt(row.sealed_body, f"message {row.id}"))["text"]
            said[row.conversation].append(Passage("message", text, aware(row.sent_at), row.sender))
        return said

    def _notes(self, db: Connection, tickets: Collection[str]) -> dict[str, list[Passage]]:
        noted = defaultdict(list)
        for row in db.execute(notes.select().where(notes.c.ticket.in_(tickets))):
            noted[row.ticket].append(Passage("note", self.cipher.decrypt(row.sealed_body, f"note {row.id}"), aware(row.at)))
        return noted
