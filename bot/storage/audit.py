"""The audit log: written in the transaction of the act that it records."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Row

from bot.desk.audit import BEGINNING, Entry, Head, chain

from .cipher import Cipher
from .tables import audit_entries, audit_head


class Audit:
    """Appends to the chain and reads it."""

    def __init__(self, cipher: Cipher, key: bytes):
        self.cipher = cipher
        self.key = key

    def append(
        self,
        db: Connection,
        actor: str,
        action: str,
        now: datetime,
        *,
        company: str | None = None,
        subject: str | None = None,
        detail: dict | None = None,
    ) -> Entry:
        """Add an entry. It holds the chain's end until the transaction is over, so call it last in a unit of work."""
        head = db.execute(_LOCKED_HEAD).first() or self._restore_head(db)
        at = now.astimezone(UTC).isoformat(timespec="microseconds")
        # As it will be read again: JSON knows no tuples, and no numbers as keys.
        written = json.dumps(detail or {}, ensure_ascii=False)
        entry = Entry(head.number + 1, at, actor, action, company, subject, json.loads(written))
        mac = chain(self.key, head.mac, entry)
        db.execute(
            audit_entries.insert().values(
                number=entry.number,
                at=at,
                actor=actor,
                action=action,
                company=company,
                subject=subject,
                sealed_detail=self.cipher.encrypt(written, place_of(entry.number)),
                mac=mac,
            )
        )
        db.execute(audit_head.update().values(number=entry.number, mac=mac))
        return entry

    def head(self, db: Connection) -> Head | None:
        """The last entry as the database keeps it apart; None before the first."""
        row = db.execute(_HEAD).first()
        return Head(row.number, bytes(row.mac)) if row and row.number else None

    def end(self, db: Connection) -> tuple[Head | None, int]:
        """The head and the highest number in the table, both of one moment."""
        row = db.execute(_END).one()
        return (Head(row.number, bytes(row.mac)) if row.number else None), row.highest

    def rows(self, db: Connection, after: int | None = None, most: int = 2000) -> Sequence[Row]:
        """The rows that follow a number, in order, as they stand in the table."""
        query = audit_entries.select().order_by(audit_entries.c.number).limit(most)
        return db.execute(query if after is None else query.where(audit_entries.c.number > after)).all()

    def holds(self, db: Connection, head: Head) -> bool:
        """Whether the entry of a head is there with that code."""
        mac = db.execute(sa.select(audit_entries.c.mac).where(audit_entries.c.number == head.number)).scalar()
        return mac is not None and bytes(mac) == head.mac

    def read(self, row: Row) -> Entry:
        """A row as the entry that was chained; raises WrongKey where its detail is not what was written there."""
        detail = json.loads(self.cipher.decrypt(row.sealed_detail, place_of(row.number)))
        return Entry(row.number, row.at, row.actor, row.action, row.company, row.subject, detail)

    def _restore_head(self, db: Connection) -> Row:
        """The migration makes the head's row; a restored or emptied database may lack it."""
        last = audit_entries.select().order_by(audit_entries.c.number.desc()).limit(1)
        row = db.execute(last).first()
        insert = (sqlite if db.dialect.name == "sqlite" else postgresql).insert(audit_head)
        values = {"number": row.number, "mac": row.mac} if row else {"number": 0, "mac": BEGINNING}
        db.execute(insert.values(id=1, **values).on_conflict_do_nothing())
        return db.execute(_LOCKED_HEAD).one()


def place_of(number: int) -> str:
    """What an entry's detail is bound to by its encryption."""
    return f"audit {number}"


_HEAD = sa.select(audit_head.c.number, audit_head.c.mac).where(audit_head.c.id == 1)
_LOCKED_HEAD = _HEAD.with_for_update()
_END = sa.select(
    sa.select(audit_head.c.number).where(audit_head.c.id == 1).scalar_subquery().label("number"),
    sa.select(audit_head.c.mac).where(audit_head.c.id == 1).scalar_subquery().label("mac"),
    sa.select(sa.func.coalesce(sa.func.max(audit_entries.c.number), 0)).scalar_subquery().label("highest"),
)
