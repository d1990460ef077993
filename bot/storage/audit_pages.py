"""Reads the audit log page by page, newest first, narrowed to what somebody may see and wants to see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.audit import Entry, Filter

from .audit import Audit
from .tables import audit_entries, tickets

_c = audit_entries.c


@dataclass(frozen=True, slots=True)
class Scope:
    """What of the log somebody may see: acts of some companies, and acts of no company by or on these people."""

    companies: Collection[str]
    people: Collection[str]


class AuditPages:
    """Queries on the log for whoever reads it. `scope` None is the whole log."""

    def __init__(self, audit: Audit):
        self.audit = audit

    def list(self, db: Connection, wanted: Filter, scope: Scope | None, before: int | None = None, most: int = 50) -> list[Entry]:
        """The newest entries, or those that come before a number."""
        query = audit_entries.select().where(*_conditions(wanted, scope)).order_by(_c.number.desc()).limit(most)
        rows = db.execute(query if before is None else query.where(_c.number < before))
        return [self.audit.read(row) for row in rows]

    def last(self, db: Connection, action: str) -> Entry | None:
        """The newest entry of one kind."""
        row = db.execute(audit_entries.select().where(_c.action == action).order_by(_c.number.desc()).limit(1)).first()
        return self.audit.read(row) if row else None

    def actions(self, db: Connection) -> list[str]:
        """Every kind of act that the log holds. From one to the next by the index, as a log has few kinds and many entries."""
        found: list[str] = []
        query = sa.select(sa.func.min(_c.action))
        while action := db.execute(query.where(_c.action > found[-1]) if found else query).scalar():
            found.append(action)
        return found

    def references(self, db: Connection, ids: Collection[str]) -> dict[str, str]:
        """The references of those ids that are tickets."""
        if not ids:
            return {}
        query = sa.select(tickets.c.id, tickets.c.reference).where(tickets.c.id.in_(ids))
        return {row.id: row.reference for row in db.execute(query)}


def write_time(moment: datetime) -> str:
    """As it stands in the table, where texts are compared."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _conditions(wanted: Filter, scope: Scope | None) -> list[sa.ColumnElement[bool]]:
    fields = ("actor", "action", "company", "subject")
    conditions = [_c[name] == value for name in fields if (value := getattr(wanted, name)) is not None]
    if wanted.since:
        conditions.append(_c.at >= write_time(wanted.since))
    if wanted.until:
        conditions.append(_c.at < write_time(wanted.until))
    if scope is not None:
        among = sa.or_(_c.actor.in_(scope.people), _c.subject.in_(scope.people))
        conditions.append(sa.or_(_c.company.in_(scope.companies), sa.and_(_c.company.is_(None), among)))
    return conditions
