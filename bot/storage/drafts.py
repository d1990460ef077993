"""What staff are writing, and replies that were sent but may still be taken back."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.reply import Draft, UnsentReply

from .cipher import Cipher
from .database import aware
from .tables import drafts, unsent_replies


class Drafts:
    """All queries on drafts and unsent replies."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    # Drafts: one for each person and ticket ------------------------------------------------------------------------

    def save(self, db: Connection, ticket: str, person: str, draft: Draft, now: datetime) -> None:
        """Keep it instead of the one before."""
        sealed = self.cipher.encrypt(json.dumps(draft.as_dict(), ensure_ascii=False), f"draft {ticket} {person}")
        values = {"sealed_body": sealed, "updated_at": now}
        here = drafts.update().where(drafts.c.ticket == ticket, drafts.c.person == person).values(values)
        if db.execute(here).rowcount:
            return
        try:
            with db.begin_nested():
                db.execute(drafts.insert().values(ticket=ticket, person=person, **values))
        except sa.exc.IntegrityError:  # saved from another window in the same instant
            db.execute(here)

    def load(self, db: Connection, ticket: str, person: str) -> Draft | None:
        row = db.execute(drafts.select().where(drafts.c.ticket == ticket, drafts.c.person == person)).first()
        return Draft.of(json.loads(self.cipher.decrypt(row.sealed_body, f"draft {ticket} {person}"))) if row else None

    def delete(self, db: Connection, ticket: str, person: str) -> None:
        db.execute(drafts.delete().where(drafts.c.ticket == ticket, drafts.c.person == person))

    # Replies on their way ------------------------------------------------------------------------------------------

    def hold(self, db: Connection, reply: UnsentReply) -> None:
        """Keep a reply until its time has come."""
        body = {**reply.draft.as_dict(), "then": reply.then}
        db.execute(
            unsent_replies.insert().values(
                id=reply.id,
                ticket=reply.ticket,
                person=reply.person,
                sealed_body=self.cipher.encrypt(json.dumps(body, ensure_ascii=False), f"reply {reply.id}"),
                send_at=reply.send_at,
            )
        )

    def find_held(self, db: Connection, reply: str) -> UnsentReply | None:
        row = db.execute(unsent_replies.select().where(unsent_replies.c.id == reply)).first()
        return self._reply(row) if row else None

    def list_held(self, db: Connection, ticket: str) -> list[UnsentReply]:
        """Those on a ticket, in the order in which they leave."""
        query = unsent_replies.select().where(unsent_replies.c.ticket == ticket)
        return [self._reply(row) for row in db.execute(query.order_by(unsent_replies.c.send_at, unsent_replies.c.id))]

    def release(self, db: Connection, reply: str) -> UnsentReply | None:
        """Take a held reply out, to send it or to give it back; None if somebody else has just done either."""
        held = self.find_held(db, reply)
        if held is None or not db.execute(unsent_replies.delete().where(unsent_replies.c.id == reply)).rowcount:
            return None
        return held

    def list_due(self, db: Connection, now: datetime) -> list[str]:
        """Ids of those whose time has come, oldest first."""
        query = sa.select(unsent_replies.c.id).where(unsent_replies.c.send_at <= now)
        return [row.id for row in db.execute(query.order_by(unsent_replies.c.send_at, unsent_replies.c.id))]

    def next_due(self, db: Connection) -> datetime | None:
        """When the next one leaves."""
        moment = db.execute(sa.select(sa.func.min(unsent_replies.c.send_at))).scalar()
        return aware(moment) if moment else None

    def drop_conversation(self, db: Connection, conversation_tickets: sa.Select) -> None:
        """Erase what was written on these tickets."""
        for table in (drafts, unsent_replies):
            db.execute(table.delete().where(table.c.ticket.in_(conversation_tickets)))

    def _reply(self, row: Row) -> UnsentReply:
        body = json.loads(self.cipher.decrypt(row.sealed_body, f"reply {row.id}"))
        return UnsentReply(row.id, row.ticket, row.person, Draft.of(body), body["then"], aware(row.send_at))
