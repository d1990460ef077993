"""What remains of a ticket whose conversation is erased: times, kind, topic, who did what; no word of anybody."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .cipher import Cipher
from .events import seal_detail
from .tables import drafts, notes, ticket_events, tickets, unsent_replies

#: Kinds of event in which somebody's words stand.
WITH_WORDS = ("closed", "handed_back")


def erase_tickets(db: Connection, cipher: Cipher, conversation: str) -> None:
    """Erase the words on the tickets of a conversation: subject, contact, notes, drafts, what was settled."""
    its = sa.select(tickets.c.id).where(tickets.c.conversation == conversation)
    for table in (drafts, unsent_replies, notes):
        db.execute(table.delete().where(table.c.ticket.in_(its)))
    told = sa.select(ticket_events.c.id).where(ticket_events.c.ticket.in_(its), ticket_events.c.kind.in_(WITH_WORDS))
    for row in db.execute(told).all():
        erased = seal_detail(cipher, row.id, {})
        db.execute(ticket_events.update().where(ticket_events.c.id == row.id).values(sealed_detail=erased))
    wordless = {"sealed_subject": None, "sealed_contact": None, "person_hash": None}
    db.execute(tickets.update().where(tickets.c.conversation == conversation).values(wordless))
