"""Counts and times of many tickets at once, alike on both kinds of database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.figures import DIMENSIONS, Now, Period, Spread

from .tables import outcomes, ticket_times, tickets

_t = tickets.c

#: What was merged goes on in another ticket, and is counted there.
_COUNTED = _t.merged_into.is_(None)


class Statistics:
    """All queries for the supervisor's figures; every one takes the companies that somebody may see."""

    def now(self, db: Connection, companies: Collection[str], now: datetime) -> list[Now]:
        """What is open and what is late, by company."""
        query = (
            sa.select(
                _t.company,
                _how_many(_t.status == "open").label("open"),
                _how_many(_t.status == "waiting").label("waiting"),
                _how_many(_t.assignee.is_(None)).label("unassigned"),
                _how_many(_t.due_at < now).label("late"),
                _how_many(_t.called_at.is_not(None)).label("calling"),
            )
            .where(_t.company.in_(companies), _t.status.in_(("open", "waiting")))
            .group_by(_t.company)
        )
        found = {row.company: Now(*row) for row in db.execute(query)}
        return [found.get(company, Now(company)) for company in companies]

    def counts(self, db: Connection, companies: Collection[str], period: Period) -> Sequence[Row]:
        """Tickets opened in a period, by company, channel, topic and column: how many, and what became of them."""
        inner = (
            sa.select(
                _t.company,
                _t.channel,
                sa.func.coalesce(_t.topic, "").label("topic"),
                _column(db, _t.opened_at, period).label("day"),
                _t.replied_at,
                _t.closed_at,
                _t.rating,
            )
            .where(_t.company.in_(companies), *_within(_t.opened_at, period), _COUNTED)
            .subquery()
        )
        what = (inner.c.company, inner.c.channel, inner.c.topic, inner.c.day)
        query = sa.select(
            *what,
            sa.func.count().label("opened"),
            sa.func.count(inner.c.replied_at).label("replied"),
            sa.func.count(inner.c.closed_at).label("closed"),
            _how_many(inner.c.rating == 1).label("good"),
            _how_many(inner.c.rating == -1).label("bad"),
        )
        return db.execute(query.group_by(*what)).all()

    def closed(self, db: Connection, companies: Collection[str], period: Period) -> dict[int, int]:
        """How many tickets were closed in each column, whenever they were opened."""
        column = _column(db, _t.closed_at, period).label("day")
        inner = sa.select(column).where(_t.company.in_(companies), *_within(_t.closed_at, period), _COUNTED).subquery()
        return {row[0]: row[1] for row in db.execute(sa.select(inner.c.day, sa.func.count()).group_by(inner.c.day))}

    def spreads(self, db: Connection, companies: Collection[str], period: Period, what: str) -> dict[str, dict[str, Spread]]:
        """How long `what` (reply or resolve) took: by dimension and key, and by "" and "" of all together."""
        m = ticket_times.c
        seconds = m[f"{what}_seconds"]
        query = (
            sa.select(m.company, m.channel, sa.func.coalesce(m.topic, ""), _place(m.opened, m.opened, period), seconds)
            .where(
                m.company.in_(companies),
                m.opened >= int(period.since.timestamp()),
                m.opened < int(period.until.timestamp()),
                seconds.is_not(None),
            )
            # Sorted once here, the times of every group come sorted, too.
            .order_by(seconds)
        )
        times: dict[str, defaultdict[str, list[int]]] = {name: defaultdict(list) for name in (*DIMENSIONS, "")}
        company, channel, topic, day, everything = (times[name] for name in (*DIMENSIONS, ""))
        for row in db.execute(query):
            took = row[4]
            company[row[0]].append(took)
            channel[row[1]].append(took)
            topic[row[2]].append(took)
            day[row[3]].append(took)
            everything[""].append(took)
        return {name: {str(key): Spread.of(sorted_times) for key, sorted_times in found.items()} for name, found in times.items()}

    def answers(self, db: Connection, companies: Collection[str], period: Period) -> Sequence[Row]:
        """What the assistant made of customers' messages: how many of each kind, by company, channel, topic and column."""
        o = outcomes.c
        topic, day = sa.func.coalesce(o.topic, "").label("topic"), _column(db, o.at, period).label("day")
        inner = (
            sa.select(o.company, o.channel, topic, o.kind, day)
            .where(o.company.in_(companies), *_within(o.at, period))
            .subquery()
        )
        what = (inner.c.company, inner.c.channel, inner.c.topic, inner.c.kind, inner.c.day)
        return db.execute(sa.select(*what, sa.func.count().label("count")).group_by(*what)).all()


def _how_many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _within(moment: sa.ColumnElement[datetime], period: Period) -> tuple[sa.ColumnElement[bool], ...]:
    return moment >= period.since.astimezone(UTC), moment < period.until.astimezone(UTC)


def _column(db: Connection, moment: sa.ColumnElement[datetime], period: Period) -> sa.ColumnElement[int]:
    """Which column of the period a moment lies in."""
    if db.dialect.name == "sqlite":
        seconds = sa.cast(sa.func.strftime("%s", moment), sa.Integer)
    else:
        seconds = sa.cast(sa.func.floor(sa.extract("epoch", moment)), sa.BigInteger)
    return _place(seconds, moment, period)


def _place(seconds: sa.ColumnElement[int], moment: sa.ColumnElement, period: Period) -> sa.ColumnElement[int]:
    """The column's place, from 0, by the days of the period's own zone; `moment` is the same as `seconds`, as it is stored."""
    (_, first), *changes = period.offsets()
    offset: sa.ColumnElement[int] = _number(first)
    for since, later in changes:
        at = int(since.timestamp()) if seconds is moment else since.astimezone(UTC)
        offset = sa.case((moment >= at, _number(later)), else_=offset)
    begins = int(period.since.timestamp()) + first
    return (seconds + offset - _number(begins)) // _number(86400 * period.step)


def _number(value: int) -> sa.ColumnElement[int]:
    # With a type, so that dividing by it is the division of whole numbers.
    return sa.literal_column(str(value), sa.BigInteger)
