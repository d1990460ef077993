"""The end of conversations: forgotten by the customer or after a time, and erased as soon as no case needs them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.mail import about_customer

from .attachments import Attachments
from .calls import Calls
from .cipher import Cipher
from .erasure import erase_tickets
from .search import SearchIndex
from .tables import case_links, conversation_keys, conversations, messages, outbox, tickets


class Forgetting:
    """The part of the queries on conversations that erases."""

    cipher: Cipher
    search: SearchIndex
    attachments: Attachments
    calls: Calls

    def forget(self, db: Connection, conversation: str, now: datetime) -> bool:
        """Erase a chat's texts and its keys; keep the texts while an open ticket needs them. True if erased."""
        held = db.execute(_HELD.where(_opened.c.conversation == conversation)).first()
        db.execute(
            conversations.update()
            .where(conversations.c.id == conversation)
            .values(token_hash=None, forgotten_at=now, offers="", mode="bot", updated_at=now)
        )
        for table in (conversation_keys, case_links):
            db.execute(table.delete().where(table.c.conversation == conversation))
        # Mail that would lead back to the chat is not sent any more.
        waiting = (outbox.c.next_try_at.is_not(None), outbox.c.cause.startswith(about_customer(conversation), autoescape=True))
        db.execute(outbox.delete().where(*waiting))
        if held:
            self.calls.end(db, conversation)  # nobody is there any more to wait for a person
        else:
            self._erase(db, conversation)
        return held is None

    def erase_released(self, db: Connection, most: int = 200) -> list[str]:
        """Erase the texts of forgotten chats whose tickets needed them and are closed now; which they were."""
        some = sa.exists().where(messages.c.conversation == conversations.c.id)
        query = sa.select(conversations.c.id).where(
            conversations.c.forgotten_at.is_not(None), conversations.c.id.not_in(_HELD), some
        )
        rows = db.execute(query.limit(most)).all()
        for row in rows:
            self._erase(db, row.id)
        return [row.id for row in rows]

    def _erase(self, db: Connection, conversation: str) -> None:
        """Erase all that was said and sent in a chat."""
        erase_tickets(db, self.cipher, conversation)
        db.execute(messages.delete().where(messages.c.conversation == conversation))
        self.attachments.drop_conversation(db, conversation)
        self.search.drop_conversation(db, conversation)

    def forget_stale(self, db: Connection, before: datetime, now: datetime, most: int = 200) -> list[str]:
        """Forget chats whose last message is older than `before` and that no ticket needs; which they were.

        A ticket needs its chat for as long after it was closed as a chat is kept after its last message.
        """
        just_closed = sa.select(tickets.c.conversation).where(tickets.c.closed_at >= before)
        rows = db.execute(
            sa.select(conversations.c.id)
            .where(
                conversations.c.updated_at < before,
                conversations.c.forgotten_at.is_(None),
                conversations.c.id.not_in(_HELD),
                conversations.c.id.not_in(just_closed),
            )
            .limit(most)
        ).all()
        for row in rows:
            self.forget(db, row.id, now)
        return [row.id for row in rows]

    def list_unforgotten(self, db: Connection) -> list[str]:
        """Forgotten chats whose dialogue state the engine may still hold."""
        rows = db.execute(
            sa.select(conversations.c.id).where(
                conversations.c.forgotten_at.is_not(None), conversations.c.engine_forgotten.is_(False)
            )
        )
        return [row.id for row in rows]

    def mark_engine_forgot(self, db: Connection, conversation: str) -> None:
        db.execute(conversations.update().where(conversations.c.id == conversation).values(engine_forgotten=True))


_opened = tickets.alias("opened")
#: Conversations that an open ticket needs.
_HELD = (
    sa.select(_opened.c.conversation)
    .join(tickets, tickets.c.id == sa.func.coalesce(_opened.c.merged_into, _opened.c.id))
    .where(tickets.c.status != "closed")
)
