"""The audit log: written in the transaction of the act that it records."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.audit import BEGINNING, Entry, chain

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
        head = db.execute(_HEAD).first()
        if head is None:
            # The migration makes the row; a restored or emptied database may lack it.
            db.execute(audit_head.insert().values(id=1, number=0, mac=BEGINNING))
            head = db.execute(_HEAD).one()
        at = now.astimezone(UTC).isoformat(timespec="microseconds")
        entry = Entry(head.number + 1, at, actor, action, company, subject, detail or {})
        mac = chain(self.key, head.mac, entry)
        sealed = self.cipher.encrypt(json.dumps(entry.detail, ensure_ascii=False), f"audit {entry.number}")
        db.execute(
            audit_entries.insert().values(
                number=entry.number,
                at=at,
                actor=actor,
                action=action,
                company=company,
                subject=subject,
                sealed_detail=sealed,
                mac=mac,
            )
        )
        db.execute(audit_head.update().values(number=entry.number, mac=mac))
        return entry


_HEAD = sa.select(audit_head.c.number, audit_head.c.mac).where(audit_head.c.id == 1).with_for_update()
