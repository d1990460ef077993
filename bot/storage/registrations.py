"""What came by letter, fax, call, visit or mail: a conversation that nobody chats in, its one message, its ticket."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.files import File
from bot.desk.registration import Registration
from bot.desk.subjects import make_subject, shorten
from bot.desk.ticket import Ticket, priority_of

from .attachments import Attachments
from .cipher import Cipher
from .messages import Messages, new_id
from .references import free_reference
from .tables import conversations
from .tickets import Tickets

LONGEST_SUBJECT = 200


class Registrations:
    """Registers."""

    def __init__(self, cipher: Cipher, tickets: Tickets):
        self.cipher = cipher
        self.tickets = tickets
        self.messages = Messages(cipher)
        self.attachments = Attachments(cipher)

    def conversation_of(self, person: str, form: str) -> str:
        """The id of what that person registers by that form: the same again for the same form."""
        return self.cipher.hash(f"registration {person} {form}").hex()[:32]

    def find(self, db: Connection, conversation: str) -> Ticket | None:
        """The ticket that a form has made already."""
        return self.tickets.find_current(db, conversation)

    def add(
        self,
        db: Connection,
        conversation: str,
        registration: Registration,
        person: str,
        now: datetime,
        scan: tuple[File, bytes] | None = None,
    ) -> tuple[Ticket, bool]:
        """The ticket, and whether this call made it. Its text is masked already; a scan is sealed already."""
        if not self._make_conversation(db, conversation, registration, now):
            found = self.find(db, conversation)
            assert found is not None
            return found, False
        received_at = registration.received_at.astimezone(UTC)
        body = {"text": registration.text.strip(), "attachments": [scan[0].as_dict()] if scan else []}
        message = self.messages.add(db, conversation, "customer", body, received_at)
        if scan:
            self.attachments.add(db, *scan, message=message.id)
        ticket = self._ticket(db, conversation, registration, person, received_at, now)
        ticket = self.tickets.add(db, ticket, message.id, now, person=person)
        self.tickets.saw(db, ticket.id)
        return ticket, True

    def _make_conversation(self, db: Connection, id: str, registration: Registration, now: datetime) -> bool:
        """False where the same form made it before, or in the same instant."""
        values = {
            "id": id,
            "company": registration.company,
            "locale": registration.language,
            "channel": registration.channel,
            "token_hash": None,  # nobody has a key to it
            "created_at": now,
            "updated_at": now,
        }
        if db.execute(sa.select(conversations.c.id).where(conversations.c.id == id)).first():
            return False
        try:
            with db.begin_nested():
                db.execute(conversations.insert().values(values))
        except sa.exc.IntegrityError:
            return False
        return True

    def _ticket(
        self, db: Connection, conversation: str, registration: Registration, person: str, received_at: datetime, now: datetime
    ) -> Ticket:
        priority = registration.priority
        return Ticket(
            id=new_id(),
            reference=free_reference(db),
            company=registration.company,
            conversation=conversation,
            reason=registration.reason,
            priority=priority_of(registration.reason) if priority is None else priority,
            status="open",
            language=registration.language,
            channel=registration.channel,
            opened_at=received_at,
            updated_at=now,
            subject=shorten(registration.subject, LONGEST_SUBJECT) or make_subject([registration.text]),
            topic=registration.topic,
            contact=registration.contact,
            assignee=person if registration.take else None,
        )
