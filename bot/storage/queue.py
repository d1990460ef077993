"""The queue's pages and counts: by keyset, never by offset, so that the last page costs what the first does."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.queue import PAGE_SIZE, Place, Wanted
from bot.desk.ticket import PRIORITIES

from .database import aware
from .tables import conversations, messages, ticket_tags, tickets

# Written into the statement and not bound, since only so the databases see that the indexes of open tickets serve.
OPEN = tickets.c.status != sa.literal_column("'closed'")
CLOSED = tickets.c.status == sa.literal_column("'closed'")


class Queue:
    """Pages and counts over the tickets of some companies."""

    def page(
        self, db: Connection, wanted: Wanted, companies: Collection[str], me: str, now: datetime, after: Place | None = None
    ) -> tuple[list[Row], Place | None]:
        """A page of rows with what was last said, and the place to go on from if there is more."""
        places: list[tuple[int, Row]] = []
        conditions = [*_view(wanted, me, now), *_filters(wanted)]
        stages = _stages(wanted.order)
        for number, stage in enumerate(stages):
            if after and number < after.stage:
                continue
            room = PAGE_SIZE + 1 - len(places)
            if room == 0:
                break
            start = after if after and number == after.stage else None
            found = db.execute(stage.select(companies, conditions, start, room))
            places += [(number, row) for row in found]
        rows = self._rows(db, [row.id for _, row in places[:PAGE_SIZE]])
        if len(places) <= PAGE_SIZE:
            return rows, None
        number, last = places[PAGE_SIZE - 1]
        return rows, Place(wanted.order, number, aware(last.moment) if last.moment else None, last.id)

    def count(self, db: Connection, companies: Collection[str], me: str, now: datetime) -> dict[str, int]:
        """How many tickets each view has."""
        if not companies:
            return dict.fromkeys(("mine", "unassigned", "late", "waiting", "all"), 0)
        counted = sa.select(
            _count(tickets.c.assignee == me).label("mine"),
            _count(tickets.c.assignee.is_(None)).label("unassigned"),
            _count(_late(now)).label("late"),
            _count(tickets.c.status == "waiting").label("waiting"),
            sa.func.count().label("all"),
        ).where(OPEN, tickets.c.company.in_(companies))
        return dict(db.execute(counted).one()._mapping)

    def unread(self, db: Connection, ids: Collection[str]) -> dict[str, int]:
        """How many messages of its customer nobody has looked at who works on a ticket, those of merged ones included."""
        standing = sa.func.coalesce(tickets.c.merged_into, tickets.c.id)
        query = (
            sa.select(standing.label("id"), sa.func.count().label("unread"))
            .join(messages, messages.c.conversation == tickets.c.conversation)
            .where(
                sa.or_(tickets.c.id.in_(ids), tickets.c.merged_into.in_(ids)),
                messages.c.sequence > tickets.c.seen_sequence,
                messages.c.sender == "customer",
            )
            .group_by(standing)
        )
        return {row.id: row.unread for row in db.execute(query)}

    def _rows(self, db: Connection, ids: list[str]) -> list[Row]:
        """The tickets, in this order, each with its last message."""
        if not ids:
            return []
        last = (messages.c.sender.label("last_sender"), messages.c.sent_at.label("last_sent_at"))
        query = (
            sa.select(tickets, *last)
            .join(conversations, conversations.c.id == tickets.c.conversation)
            .outerjoin(
                messages,
                sa.and_(messages.c.conversation == conversations.c.id, messages.c.sequence == conversations.c.last_sequence),
            )
            .where(tickets.c.id.in_(ids))
        )
        rows = {row.id: row for row in db.execute(query)}
        return [rows[id] for id in ids]


class _Stage:
    """A part of an order: tickets of one condition, sorted by one moment and the id."""

    def __init__(self, moment: sa.Column, *conditions: sa.ColumnElement[bool], descending: bool = False):
        self.moment = moment
        self.conditions = conditions
        self.descending = descending

    def select(
        self, companies: Collection[str], conditions: Iterable[sa.ColumnElement[bool]], after: Place | None, most: int
    ) -> sa.Select:
        """Ids and moments. Each company's come sorted out of an index and are merged: no sort of all that are open."""
        conditions = [*conditions, *self.conditions]
        if after and after.moment is not None:
            place = sa.tuple_(self.moment, tickets.c.id)
            here = sa.tuple_(sa.literal(after.moment, self.moment.type), sa.literal(after.ticket))
            conditions.append(place < here if self.descending else place > here)
        elif after:
            conditions.append(tickets.c.id > after.ticket)
        branches = [
            sa.select(tickets.c.id, self.moment.label("moment"))
            .where(tickets.c.company == company, *conditions)
            .order_by(*self._order(self.moment, tickets.c.id))
            .limit(most)
            .subquery()
            .select()
            for company in sorted(companies)
        ]
        if not branches:
            return sa.select(tickets.c.id, self.moment.label("moment")).where(sa.false())
        merged = sa.union_all(*branches).subquery()
        return sa.select(merged).order_by(*self._order(merged.c.moment, merged.c.id)).limit(most)

    def _order(self, *columns: sa.ColumnElement) -> list[sa.ColumnElement]:
        return [column.desc() if self.descending else column.asc() for column in columns]


def _stages(order: str) -> list[_Stage]:
    if order == "updated":
        return [_Stage(tickets.c.updated_at, descending=True)]
    if order == "priority":
        return [_Stage(tickets.c.opened_at, tickets.c.priority == place) for place in reversed(range(len(PRIORITIES)))]
    return [_Stage(tickets.c.due_at, tickets.c.due_at.is_not(None)), _Stage(tickets.c.due_at, tickets.c.due_at.is_(None))]


def _view(wanted: Wanted, me: str, now: datetime) -> list[sa.ColumnElement[bool]]:
    conditions = {
        "mine": [tickets.c.assignee == me],
        "unassigned": [tickets.c.assignee.is_(None)],
        "late": [_late(now)],
        "waiting": [tickets.c.status == "waiting"],
        "all": [],
    }[wanted.view]
    return [*conditions, CLOSED if wanted.status == "closed" else OPEN]


def _filters(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions = []
    for name in ("status", "channel", "reason", "topic", "priority", "language", "assignee"):
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(tickets.c[name] == value)
    if wanted.tag:
        tagged = sa.select(ticket_tags.c.ticket).where(ticket_tags.c.tag == wanted.tag)
        if wanted.status == "closed":
            conditions.append(tickets.c.id.in_(tagged))
        else:
            # Few tickets are open, and each is looked at; years of closed ones may have the tag, and need not be read.
            conditions.append(tagged.where(ticket_tags.c.ticket == tickets.c.id).exists())
    return conditions


def _late(now: datetime) -> sa.ColumnElement[bool]:
    # Nothing is due while the customer has the ball, so that a due date is one of the desk's.
    return tickets.c.due_at < now


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((condition, 1)))
