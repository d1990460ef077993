"""Tickets: opened once for the message that caused them, however often the action runs."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.contacts import contact_key
from bot.desk.conversation import Conversation
from bot.desk.person import Permission
from bot.desk.subjects import make_subject
from bot.desk.ticket import Contact, Ticket, priority_of, tidy_reference

from .cipher import Cipher
from .conversations import new_id
from .database import aware
from .events import Events
from .people import People
from .references import free_reference
from .search import SearchIndex
from .staffing import Staffing
from .tables import conversations, messages, tickets

#: Kinds whose own message says what it is about.
SAID_ITSELF = frozenset({"complaint", "leak", "unanswered"})
#: So many of a customer's messages are read for a subject.
MOST_READ = 20


class Tickets:
    """All queries on tickets."""

    def __init__(self, cipher: Cipher, staffing: Staffing, events: Events, people: People, search: SearchIndex | None = None):
        self.cipher = cipher
        self.staffing = staffing
        self.events = events
        self.people = people
        self.search = search or SearchIndex(cipher, on=False)

    def open(
        self,
        db: Connection,
        conversation: Conversation,
        message: str,
        reason: str,
        now: datetime,
        *,
        topic: str | None = None,
        contact: Contact | None = None,
        language: str | None = None,
    ) -> tuple[Ticket, bool]:
        """The conversation's open ticket, and whether this call opened it; in the chat's language, if no other is spoken.

        The same message again finds the ticket that it opened, so a repeated turn opens nothing twice. A conversation
        whose ticket is closed gets that one again.
        """
        # The same turn may run twice at once, where the first run took longer than the engine waited.
        db.execute(sa.select(conversations.c.id).where(conversations.c.id == conversation.id).with_for_update())
        if known := self.find_current(db, conversation.id, locked=True):
            if known.status == "closed" and not self._was_caused_by(db, known, message):
                known = self.reopen(db, known, now, message=message)
            return self._raise(db, known, reason, now), self._message_of(db, known) == message
        ticket = Ticket(
            id=new_id(),
            reference=free_reference(db),
            company=conversation.company,
            conversation=conversation.id,
            reason=reason,
            priority=priority_of(reason),
            status="open",
            language=language or conversation.locale,
            channel=conversation.channel,
            opened_at=now,
            updated_at=now,
            topic=topic,
            subject=self._make_subject(db, conversation, message, reason, topic),
            contact=contact or Contact(),
        )
        return self.add(db, ticket, message, now), True

    def add(self, db: Connection, ticket: Ticket, message: str, now: datetime, *, person: str | None = None) -> Ticket:
        """Store a new ticket that this message caused, its clocks running since it was opened."""
        ticket = self.staffing.clockwork(db, ticket).begin(ticket, ticket.opened_at)
        db.execute(tickets.insert().values(message=message, **self.seal(ticket)))
        self.events.add(db, ticket.id, "registered" if person else "opened", person, now, {"message": message})
        self.search.add_all(db, ticket)
        return ticket

    def reopen(self, db: Connection, ticket: Ticket, now: datetime, *, person: str | None = None, **detail: str) -> Ticket:
        """Open a closed ticket again, with whoever had it if they are there; its clocks begin anew."""
        keeps = ticket.assignee and self._can_have(db, ticket.assignee, ticket.company, now)
        opened = replace(
            ticket,
            status="open",
            closed_at=None,
            merged_into=None,
            rating=None,
            assignee=ticket.assignee if keeps else None,
        )
        after = self.save(db, self.staffing.clockwork(db, opened).begin(opened, now), now)
        self.events.add(db, ticket.id, "reopened", person, now, {**detail})
        return after

    def _raise(self, db: Connection, ticket: Ticket, reason: str, now: datetime) -> Ticket:
        """An open case that turns out to be more urgent, as when a leak is reported in it, is so from now on."""
        if ticket.status == "closed" or priority_of(reason) <= ticket.priority:
            return ticket
        after = replace(ticket, reason=reason, priority=priority_of(reason))
        self.events.add(db, ticket.id, "reason", None, now, {"from": ticket.reason, "to": reason})
        return self.save(db, self.staffing.clockwork(db, after).recount(after, now), now)

    def find_own(self, db: Connection, conversation: str) -> Ticket | None:
        """The newest ticket opened from that conversation, though it may have been merged into another one since."""
        query = tickets.select().where(tickets.c.conversation == conversation)
        row = db.execute(query.order_by(tickets.c.status == "closed", tickets.c.opened_at.desc()).limit(1)).first()
        return self.read(row) if row else None

    def find_current(self, db: Connection, conversation: str, *, locked: bool = False) -> Ticket | None:
        """The ticket that a conversation belongs to: the newest opened from it, or the one that this was merged into."""
        query = (
            sa.select(sa.func.coalesce(tickets.c.merged_into, tickets.c.id))
            .where(tickets.c.conversation == conversation)
            .order_by(tickets.c.status == "closed", tickets.c.opened_at.desc())
            .limit(1)
        )
        found = db.execute(query).scalar()
        return self.find(db, found, locked=locked) if found else None

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
        if locked:
            # Its conversations first: a customer's message comes from a conversation to its ticket, and two who lock
            # in different orders would wait for each other.
            here = sa.or_(tickets.c.id == ticket, tickets.c.merged_into == ticket)
            self._lock_conversations(db, sa.select(tickets.c.conversation).where(here))
            query = query.with_for_update()
        row = db.execute(query).first()
        return self.read(row) if row else None

    def find_many(self, db: Connection, ids: Collection[str]) -> dict[str, Ticket]:
        """These tickets by id."""
        return {row.id: self.read(row) for row in db.execute(tickets.select().where(tickets.c.id.in_(ids)))}

    def list_held(self, db: Connection, person: str) -> list[Ticket]:
        """What somebody has that is not closed, locked as `find` does it."""
        held = (tickets.c.assignee == person, tickets.c.status != "closed")
        self._lock_conversations(db, sa.select(tickets.c.conversation).where(*held))
        query = tickets.select().where(*held)
        return [self.read(row) for row in db.execute(query.order_by(tickets.c.id).with_for_update())]

    def saw(self, db: Connection, ticket: str) -> bool:
        """Whoever works on the ticket has seen all that its customer wrote; whether something was new."""
        last = sa.select(conversations.c.last_sequence).where(conversations.c.id == tickets.c.conversation).scalar_subquery()
        here = sa.or_(tickets.c.id == ticket, tickets.c.merged_into == ticket)
        return db.execute(tickets.update().where(here, tickets.c.seen_sequence != last).values(seen_sequence=last)).rowcount > 0

    def find_by_reference(self, db: Connection, reference: str) -> Ticket | None:
        """The ticket of that reference, however it is written."""
        row = db.execute(tickets.select().where(tickets.c.reference == tidy_reference(reference))).first()
        return self.read(row) if row else None

    def list_alarms(self, db: Connection, now: datetime, most: int) -> list[Ticket]:
        """Tickets of which the desk has to be told that they are due soon, or late; locked, the longest overdue first."""
        query = tickets.select().where(tickets.c.alarm_at <= now).order_by(tickets.c.alarm_at).limit(most)
        return [self.read(row) for row in db.execute(query.with_for_update(skip_locked=True))]

    def save(self, db: Connection, ticket: Ticket, now: datetime, *, quietly: bool = False) -> Ticket:
        """Write down a changed ticket, which the transaction has locked; gives it with its new version.

        `quietly`: nothing changed that anybody has to look at.
        """
        if not quietly:
            ticket = replace(ticket, updated_at=now, version=ticket.version + 1)
        db.execute(tickets.update().where(tickets.c.id == ticket.id).values(self.seal(ticket)))
        return ticket

    def _lock_conversations(self, db: Connection, which: sa.Select) -> None:
        held = sa.select(conversations.c.id).where(conversations.c.id.in_(which)).order_by(conversations.c.id)
        db.execute(held.with_for_update())

    def _was_caused_by(self, db: Connection, ticket: Ticket, message: str) -> bool:
        """Whether that message opened or reopened the ticket once; its turn may run again after the ticket was closed."""
        return any(event.detail.get("message") == message for event in self.events.list(db, ticket.id))

    def _message_of(self, db: Connection, ticket: Ticket) -> str:
        return db.execute(sa.select(tickets.c.message).where(tickets.c.id == ticket.id)).scalar_one()

    def _can_have(self, db: Connection, person: str, company: str, now: datetime) -> bool:
        found = self.people.find(db, person)
        if found is None or not found.may(Permission.WORK_TICKETS, company):
            return False
        return found.absent_until is None or found.absent_until <= now

    def _make_subject(self, db: Connection, conversation: Conversation, message: str, reason: str, topic: str | None) -> str:
        said = self._said(db, conversation.id)
        # What was complained of, reported or not answered is the matter, whatever was asked before.
        cause = said.get(message, "") if reason in SAID_ITSELF else ""
        return make_subject(said.values(), self.staffing.title(topic, conversation.locale), cause)

    def _said(self, db: Connection, conversation: str) -> dict[str, str]:
        """What the customer typed first, by the messages' ids."""
        query = sa.select(messages.c.id, messages.c.sealed_body).where(
            messages.c.conversation == conversation, messages.c.sender == "customer"
        )
        said = {}
        for row in db.execute(query.order_by(messages.c.sequence).limit(MOST_READ)):
            body = json.loads(self.cipher.decrypt(row.sealed_body, f"message {row.id}"))
            if not body.get("choice"):  # a pressed button says our words
                said[row.id] = body["text"]
        return said

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
