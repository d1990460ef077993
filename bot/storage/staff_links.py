"""One-time links for staff: to the first administrator, an invitation, a new password. Only hashes of them are kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.errors import UsedLink

from .cipher import Cipher
from .tables import invitations

#: Purpose to how long its link can be used.
LIFETIMES = {"first": timedelta(days=1), "invite": timedelta(days=7), "reset": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class StaffLink:
    """What a link is for, and for whom; nobody yet if it makes the first administrator."""

    purpose: str
    person: str | None


class StaffLinks:
    """All queries on staff's one-time links."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def make(self, db: Connection, purpose: str, person: str | None, now: datetime) -> str:
        """A new link's token. Those that were made for the same person before count no more."""
        self.drop(db, person)
        db.execute(invitations.delete().where(invitations.c.expires_at <= now))
        token = secrets.token_urlsafe(32)
        db.execute(
            invitations.insert().values(
                token_hash=self._hash(token), purpose=purpose, person=person, expires_at=now + LIFETIMES[purpose]
            )
        )
        return token

    def find(self, db: Connection, token: str, now: datetime) -> StaffLink:
        """What the link is for; raises UsedLink if it cannot be used."""
        row = db.execute(invitations.select().where(*self._usable(token, now))).first()
        if row is None:
            raise UsedLink(UsedLink.__doc__)
        return StaffLink(row.purpose, row.person)

    def use(self, db: Connection, token: str, now: datetime) -> StaffLink:
        """As find, and it can be used no more."""
        link = self.find(db, token, now)
        if not db.execute(invitations.update().where(*self._usable(token, now)).values(used_at=now)).rowcount:
            raise UsedLink(UsedLink.__doc__)
        return link

    def drop(self, db: Connection, person: str | None) -> None:
        """Links of that person count no more; of nobody: those to the first administrator."""
        whose = invitations.c.person == person if person else invitations.c.person.is_(None)
        db.execute(invitations.delete().where(whose))

    def invited(self, db: Connection, now: datetime) -> frozenset[str]:
        """The ids of all who have a link that they may still use."""
        usable = sa.and_(invitations.c.used_at.is_(None), invitations.c.expires_at > now, invitations.c.person.is_not(None))
        return frozenset(db.execute(sa.select(invitations.c.person).where(usable)).scalars())

    def _usable(self, token: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
        return invitations.c.token_hash == self._hash(token), invitations.c.used_at.is_(None), invitations.c.expires_at > now

    def _hash(self, token: str) -> bytes:
        return self.cipher.hash(f"staff link {token}")
