"""Tickets: opened once for the message that caused them, however often the action runs."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.conversation import Conversation
from bot.desk.ticket import Ticket, make_reference, urgency_of

from .conversations import new_id
from .database import aware
from .tables import conversations, tickets


class Tickets:
    """All queries on tickets."""

    def open(
        self, db: Connection, conversation: Conversation, message: str, reason: str, now: datetime
    ) -> tuple[Ticket, bool]:
        """The conversation's open ticket, and whether this call opened it.

        The same message again finds the ticket that it opened, so a repeated turn opens nothing twice.
        """
        # The same turn may run twice at once, where the first run took longer than the engine waited.
        db.execute(sa.select(conversations.c.id).where(conversations.c.id == conversation.id).with_for_update())
        known = db.execute(
            tickets.select()
            .where(tickets.c.conversation == conversation.id, sa.or_(tickets.c.status == "open", tickets.c.message == message))
            .order_by(tickets.c.opened_at.desc())
        ).first()
        if known:
            return _ticket(known), known.message == message
        ticket = Ticket(
            id=new_id(),
            reference=make_reference(),
            company=conversation.company,
            conversation=conversation.id,
            reason=reason,
            urgency=urgency_of(reason),
            status="open",
            language=conversation.locale,
            channel=conversation.channel,
            opened_at=now,
        )
        db.execute(
            tickets.insert().values(
                message=message, **{name: getattr(ticket, name) for name in Ticket.__dataclass_fields__}
            )
        )
        return ticket, True

    def list(self, db: Connection, company: str | None = None) -> list[Ticket]:
        """Open tickets, urgent ones first, then the oldest."""
        query = tickets.select().where(tickets.c.status == "open")
        if company:
            query = query.where(tickets.c.company == company)
        rows = db.execute(query.order_by(tickets.c.urgency.desc(), tickets.c.opened_at))
        return [_ticket(row) for row in rows]


def _ticket(row: Row) -> Ticket:
    values = {name: getattr(row, name) for name in Ticket.__dataclass_fields__}
    return Ticket(**{**values, "opened_at": aware(row.opened_at)})
