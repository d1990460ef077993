"""What each desk set for itself: when it is staffed, and how long a kind of ticket may take."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.deadlines import DEFAULTS, USUAL, Allowance, Clockwork, allowance_for
from bot.desk.staffing import StaffingPlan, read_plan, write_plan
from bot.desk.ticket import REASONS, Ticket
from bot.knowledge.company import localise
from bot.knowledge.errors import UnknownCompany
from bot.knowledge.library import Library

from .tables import clocks, staffing


class Staffing:
    """All queries on staffing plans and clocks."""

    def __init__(self, library: Library | None = None):
        self.library = library

    def plan(self, db: Connection, company: str) -> StaffingPlan:
        """The desk's plan, or the usual one in the company's time zone."""
        row = db.execute(sa.select(staffing.c.plan).where(staffing.c.company == company)).first()
        return read_plan(row.plan if row else {}, self._timezone(company))

    def lock(self, db: Connection, company: str) -> None:
        """Nobody else changes that desk's plan or clocks before this transaction is over; on SQLite nobody writes meanwhile."""
        if db.dialect.name == "postgresql":
            db.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"staffing {company}", 0))))

    def set_plan(self, db: Connection, company: str, plan: StaffingPlan, now: datetime) -> None:
        """Dates that were counted before stay; the next count is by this plan."""
        values = {"plan": write_plan(plan), "changed_at": now}
        if not db.execute(staffing.update().where(staffing.c.company == company).values(values)).rowcount:
            db.execute(staffing.insert().values(company=company, **values))

    def allowances(self, db: Connection, company: str) -> dict[str, Allowance]:
        """What every kind of ticket is allowed at that desk."""
        return {**{reason: DEFAULTS.get(reason, USUAL) for reason in REASONS}, **self._own(db, company)}

    def set_allowance(self, db: Connection, company: str, reason: str, allowed: Allowance) -> None:
        values = {
            "reply_minutes": _minutes(allowed.reply),
            "resolve_minutes": _minutes(allowed.resolve),
            "warn_minutes": _minutes(allowed.warn),
        }
        found = sa.and_(clocks.c.company == company, clocks.c.reason == reason)
        if not db.execute(clocks.update().where(found).values(values)).rowcount:
            db.execute(clocks.insert().values(company=company, reason=reason, **values))

    def clockwork(self, db: Connection, ticket: Ticket) -> Clockwork:
        """What counts for that ticket, as its kind and priority are now."""
        return Clockwork(self.plan(db, ticket.company), allowance_for(ticket, self._own(db, ticket.company)))

    def title(self, topic: str | None, locale: str) -> str:
        """What a topic is called in that language."""
        known = self.library.topics.get(topic or "") if self.library else None
        return localise(known.title, locale) if known else ""

    def _own(self, db: Connection, company: str) -> dict[str, Allowance]:
        rows = db.execute(clocks.select().where(clocks.c.company == company))
        return {
            row.reason: Allowance(_time(row.reply_minutes), _time(row.resolve_minutes), timedelta(minutes=row.warn_minutes))
            for row in rows
        }

    def _timezone(self, company: str) -> str:
        try:
            return self.library.company(company).timezone if self.library else "Asia/Tokyo"
        except UnknownCompany:  # it was served once, and its tickets are still here
            return "Asia/Tokyo"


def _minutes(time: timedelta | None) -> int | None:
    return None if time is None else round(time / timedelta(minutes=1))


def _time(minutes: int | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)
