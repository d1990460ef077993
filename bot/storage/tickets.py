"""Tickets: opened once for the message that caused them, however often the action runs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.contacts import contact_key
from bot.desk.conversation import Conversation
from bot.desk.ticket import Contact, Ticket, make_reference, priority_of, tidy_reference

from .cipher import Cipher
from .conversations import new_id
from .database import aware
from .search import SearchIndex
from .tables import conversations, tickets


class Tickets:
    """All queries on tickets."""

    def __init__(self, cipher: Cipher, search: SearchIndex | None = None):
        self.cipher = cipher
        self.search = search or SearchIndex(cipher, on=False)

    def open(self, db: Connection, conversation: Conversation, message: str, reason: str, now: datetime) -> tuple[Ticket, bool]:
        """The conversation's open ticket, and whether this call opened it.

        The same message again finds the ticket that it opened, so a repeated turn opens nothing twice.
        """
        # The same turn may run twice at once, where the first run took longer than the engine waited.
        db.execute(sa.select(conversations.c.id).where(conversations.c.id == conversation.id).with_for_update())
        known = db.execute(
            tickets.select()
            .where(
                tickets.c.conversation == conversation.id,
                sa.or_(tickets.c.status != "closed", tickets.c.message == message),
            )
            .order_by(tickets.c.opened_at.desc())
        ).first()
        if known:
            return self.read(known), known.message == message
        ticket = Ticket(
            id=new_id(),
            reference=make_reference(),
            company=conversation.company,
            conversation=conversation.id,
            reason=reason,
            priority=priority_of(reason),
            status="open",
            language=conversation.locale,
            channel=conversation.channel,
            opened_at=now,
            updated_at=now,
        )
        db.execute(tickets.insert().values(message=message, **self.seal(ticket)))
        self.search.add_all(db, ticket)
        return ticket, True

    def list(self, db: Connection, company: str | None = None) -> list[Ticket]:
        """Tickets that are not closed, urgent ones first, then the oldest."""
        query = tickets.select().where(tickets.c.status != "closed")
        if company:
            query = query.where(tickets.c.company == company)
        rows = db.execute(query.order_by(tickets.c.priority.desc(), tickets.c.opened_at))
        return [self.read(row) for row in rows]

    def find(self, db: Connection, ticket: str, *, locked: bool = False) -> Ticket | None:
        """The ticket; `locked` keeps it for this transaction, so that of two acts the second sees what the first did."""
        query = tickets.select().where(tickets.c.id == ticket)
        row = db.execute(query.with_for_update() if locked else query).first()
        return self.read(row) if row else None

    def find_by_reference(self, db: Connection, reference: str) -> Ticket | None:
        """The ticket of that reference, however it is written."""
        row = db.execute(tickets.select().where(tickets.c.reference == tidy_reference(reference))).first()
        return self.read(row) if row else None

    def save(self, db: Connection, ticket: Ticket, now: datetime) -> Ticket:
        """Write down a changed ticket, which the transaction has locked; gives it with its new version."""
        ticket = replace(ticket, updated_at=now, version=ticket.version + 1)
        db.execute(tickets.update().where(tickets.c.id == ticket.id).values(self.seal(ticket)))
        return ticket

    def seal(self, ticket: Ticket) -> dict:
        """A ticket as its row's values: what somebody typed is encrypted."""
        values = {name: getattr(ticket, name) for name in Ticket.__dataclass_fields__ if name not in ("subject", "contact")}
        contact = json.dumps(asdict(ticket.contact), ensure_ascii=False)
        person = contact_key(ticket.contact)
        return {
            **values,
            "sealed_subject": self.cipher.encrypt(ticket.subject, f"subject {ticket.id}") if ticket.subject else None,
            "sealed_contact": self.cipher.encrypt(contact, f"contact {ticket.id}") if ticket.contact != Contact() else None,
            "person_hash": self.cipher.hash(person) if person else None,
        }

    def read(self, row: Row) -> Ticket:
        """A row as a ticket."""
        values = {}
        for name in Ticket.__dataclass_fields__:
            if name not in ("subject", "contact"):
                value = getattr(row, name)
                values[name] = aware(value) if isinstance(value, datetime) else value
        if row.sealed_subject:
            values["subject"] = self.cipher.decrypt(row.sealed_subject, f"subject {row.id}")
        if row.sealed_contact:
            values["contact"] = Contact(**json.loads(self.cipher.decrypt(row.sealed_contact, f"contact {row.id}")))
        return Ticket(**values)
