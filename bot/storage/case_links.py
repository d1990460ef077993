"""One-time links back into a case, and the keys that they are exchanged for."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.errors import UsedLink

from .cipher import Cipher
from .tables import case_links, conversation_keys, conversations

#: How long a link can be used.
LIFETIME = timedelta(days=14)


class CaseLinks:
    """All queries on links into a case; only hashes of links and keys are kept."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def make(self, db: Connection, conversation: str, now: datetime) -> str:
        """A new link's token."""
        token = secrets.token_urlsafe(32)
        values = {"token_hash": self._hash(token), "conversation": conversation}
        db.execute(case_links.insert().values(**values, created_at=now, expires_at=now + LIFETIME))
        return token

    def find(self, db: Connection, token: str, now: datetime) -> str | None:
        """The conversation that an unused link leads to."""
        return db.execute(
            sa.select(case_links.c.conversation)
            .join(conversations, conversations.c.id == case_links.c.conversation)
            .where(*self._usable(token, now), conversations.c.forgotten_at.is_(None))
        ).scalar()

    def exchange(self, db: Connection, token: str, now: datetime) -> tuple[str, str]:
        """The link's conversation and a new key for it; raises UsedLink. No link is exchanged twice."""
        conversation = self.find(db, token, now)
        used = db.execute(case_links.update().where(*self._usable(token, now)).values(used_at=now)).rowcount
        if conversation is None or not used:
            raise UsedLink(UsedLink.__doc__)
        key = secrets.token_urlsafe(32)
        values = {"token_hash": self.cipher.hash(key), "conversation": conversation, "created_at": now}
        db.execute(conversation_keys.insert().values(values))
        return conversation, key

    def tidy(self, db: Connection, now: datetime) -> None:
        """Links that can't be used any more are not kept."""
        db.execute(case_links.delete().where(case_links.c.expires_at < now))

    def _usable(self, token: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
        return case_links.c.token_hash == self._hash(token), case_links.c.used_at.is_(None), case_links.c.expires_at > now

    def _hash(self, token: str) -> bytes:
        return self.cipher.hash(f"case link {token}")
