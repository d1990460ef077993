"""Customers who wait in a chat for a person: how many are ahead, and for how long they have waited."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .tables import conversations, messages, tickets


class Calls:
    """All queries on calls. Few tickets are called at a time, and an index holds those alone."""

    def count_ahead(self, db: Connection, ticket: str) -> int:
        """How many of the same desk's callers nobody has taken yet and come first: the more urgent, then the earlier."""
        return db.execute(_AHEAD, {"ticket": ticket}).scalar_one()

    def list_waiting(self, db: Connection, company: str) -> list[str]:
        """Conversations whose customers wait for nobody in particular yet, in their order."""
        query = sa.select(tickets.c.conversation).where(tickets.c.company == company, *_waits(tickets))
        rows = db.execute(query.order_by(tickets.c.priority.desc(), tickets.c.called_at, tickets.c.id))
        return [row.conversation for row in rows]

    def list_since(self, db: Connection, before: datetime) -> list[str]:
        """Ids of tickets whose customers have waited since before then."""
        query = sa.select(tickets.c.id).where(tickets.c.called_at.is_not(None), tickets.c.called_at <= before)
        return [row.id for row in db.execute(query.order_by(tickets.c.called_at))]

    def end(self, db: Connection, conversation: str) -> None:
        """Nobody waits in that conversation any more."""
        db.execute(
            tickets.update().where(tickets.c.conversation == conversation, tickets.c.called_at.is_not(None)).values(called_at=None)
        )

    def list_conversations(self, db: Connection, ticket: str) -> list[str]:
        """The ticket's own conversation and those of tickets that were merged into it, whose customer wrote last first."""
        last = (
            sa.select(sa.func.max(messages.c.sent_at))
            .where(messages.c.conversation == conversations.c.id, messages.c.sender == "customer")
            .scalar_subquery()
        )
        query = (
            sa.select(conversations.c.id)
            .join(tickets, tickets.c.conversation == conversations.c.id)
            .where(sa.or_(tickets.c.id == ticket, tickets.c.merged_into == ticket))
            .order_by(conversations.c.forgotten_at.is_not(None), last.desc())
        )
        return list(dict.fromkeys(row.id for row in db.execute(query)))


def _waits(table) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.called_at.is_not(None), table.c.assignee.is_(None), table.c.status != "closed"


_mine = tickets.alias("mine")
_AHEAD = (
    sa.select(sa.func.count(tickets.c.id))
    .select_from(_mine)
    .join(tickets, tickets.c.company == _mine.c.company)
    .where(
        _mine.c.id == sa.bindparam("ticket"),
        tickets.c.id != _mine.c.id,
        *_waits(tickets),
        sa.or_(
            tickets.c.priority > _mine.c.priority,
            sa.and_(
                tickets.c.priority == _mine.c.priority,
                sa.tuple_(tickets.c.called_at, tickets.c.id) < sa.tuple_(_mine.c.called_at, _mine.c.id),
            ),
        ),
    )
)
