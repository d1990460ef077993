"""How long replies and settling took, counted once they are over: the plan of that day is what counts, not a later one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from .database import aware
from .tables import ticket_times, tickets

_t = tickets.c
_UNMEASURED = (
    sa.select(
        *(_t.id, _t.version, _t.company, _t.channel, _t.topic, _t.opened_at, _t.clock_from, _t.replied_at, _t.closed_at),
        *(_t.paused_seconds, _t.merged_into),
    )
    .outerjoin(ticket_times, ticket_times.c.ticket == _t.id)
    .where(ticket_times.c.version.is_distinct_from(_t.version))
    .order_by(_t.id)
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What was counted of one ticket."""

    ticket: str
    version: int
    company: str
    channel: str
    topic: str | None
    opened: int  #: seconds since 1970
    reply_seconds: int | None
    resolve_seconds: int | None


class TicketTimes:
    """All queries on measured times, but those that sum them up."""

    def unmeasured(
        self, db: Connection, companies: Collection[str], since: datetime | None, after: str = "", most: int = 500
    ) -> Sequence[Row]:
        """Tickets that have changed since they were measured, by id; with `since`, of these companies and changed from then on."""
        query = _UNMEASURED.where(_t.id > after).limit(most)
        if since is not None:
            query = query.where(_t.company.in_(companies), _t.updated_at >= since)
        return db.execute(query).all()

    def keep(self, db: Connection, measured: Iterable[Measured]) -> None:
        """Write down what was counted, in place of what was counted before."""
        names = [field.name for field in fields(Measured)]
        rows = [{name: getattr(one, name) for name in names} for one in measured]
        if not rows:
            return
        insert = (sqlite if db.dialect.name == "sqlite" else postgresql).insert(ticket_times)
        fresh = {name: insert.excluded[name] for name in names if name != "ticket"}
        db.execute(insert.on_conflict_do_update(index_elements=["ticket"], set_=fresh), rows)


def moments(row: Row) -> tuple[datetime, datetime, datetime | None, datetime | None]:
    """When a ticket was opened, its clocks began, it was answered, and closed."""
    opened = aware(row.opened_at)
    return (
        opened,
        aware(row.clock_from) if row.clock_from else opened,
        aware(row.replied_at) if row.replied_at else None,
        aware(row.closed_at) if row.closed_at else None,
    )
