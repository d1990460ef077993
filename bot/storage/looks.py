"""That somebody looked at a ticket, or at what a request holds: in the audit log once for each person, thing and hour."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.request import Request
from bot.desk.ticket import Ticket

from .audit import Audit
from .tables import audit_entries, audit_head

LOOK = "ticket.look"
LOOK_INTO_REQUEST = "request.look"


class Looks:
    """Writes down who looked."""

    def __init__(self, audit: Audit):
        self.audit = audit

    def note(self, db: Connection, person: str, thing: Ticket | Request, now: datetime) -> bool:
        """Whether this is the person's first look in this hour. Like every audit entry, the last thing in its transaction."""
        action = LOOK if isinstance(thing, Ticket) else LOOK_INTO_REQUEST
        hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        if self._is_noted(db, person, thing.id, action, hour):
            return False
        # A second page of the same person may open in this very moment; whoever has the chain's end looks again.
        db.execute(sa.select(audit_head.c.number).with_for_update())
        if self._is_noted(db, person, thing.id, action, hour):
            return False
        self.audit.append(db, person, action, now, company=thing.company, subject=thing.id)
        return True

    def _is_noted(self, db: Connection, person: str, subject: str, action: str, hour: datetime) -> bool:
        found = sa.select(audit_entries.c.number).where(
            audit_entries.c.subject == subject,
            audit_entries.c.action == action,
            audit_entries.c.actor == person,
            audit_entries.c.at >= hour.isoformat(timespec="microseconds"),
        )
        return db.execute(found.limit(1)).first() is not None
