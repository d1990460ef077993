"""Ready-made replies: of one company, or of all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.canned import CannedReply
from bot.desk.errors import SettingChanged

from .conversations import new_id
from .tables import canned_replies

_c = canned_replies.c


class Canned:
    """All queries on ready-made replies."""

    def list(self, db: Connection, companies: Collection[str]) -> list[CannedReply]:
        """Those of these companies and those of every company, by title."""
        query = canned_replies.select().where(sa.or_(_c.company.in_(companies), _c.company.is_(None)))
        return [_read(row) for row in db.execute(query.order_by(_c.title, _c.id))]

    def find(self, db: Connection, id: str) -> CannedReply | None:
        row = db.execute(canned_replies.select().where(_c.id == id)).first()
        return _read(row) if row else None

    def find_shortcut(self, db: Connection, reply: CannedReply) -> CannedReply | None:
        """Another one in the same place that is found by the same word."""
        company = _c.company.is_(None) if reply.company is None else _c.company == reply.company
        same = sa.and_(company, _c.locale == reply.locale, _c.shortcut == reply.shortcut, _c.id != reply.id)
        row = db.execute(canned_replies.select().where(same)).first()
        return _read(row) if row else None

    def add(self, db: Connection, reply: CannedReply) -> CannedReply:
        reply = replace(reply, id=new_id(), version=1)
        db.execute(canned_replies.insert().values(asdict(reply)))
        return reply

    def change(self, db: Connection, reply: CannedReply) -> CannedReply:
        """Store it in place of the version that it was made from; raises SettingChanged if that is not there any more."""
        after = replace(reply, version=reply.version + 1)
        done = db.execute(canned_replies.update().where(_c.id == reply.id, _c.version == reply.version).values(asdict(after)))
        if not done.rowcount:
            raise SettingChanged(SettingChanged.__doc__)
        return after

    def delete(self, db: Connection, id: str, version: int) -> None:
        """Raises SettingChanged if it is another version by now."""
        if not db.execute(canned_replies.delete().where(_c.id == id, _c.version == version)).rowcount:
            raise SettingChanged(SettingChanged.__doc__)


def _read(row: Row) -> CannedReply:
    return CannedReply(row.id, row.company, row.locale, row.shortcut, row.title, row.body, row.version)
