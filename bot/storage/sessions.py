"""Sessions of staff: kept here, so that they can be listed and ended; the browser holds a token, of which we keep a hash."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.person import Person
from bot.desk.session import ABSOLUTE, IDLE, TOUCH, Session

from .cipher import Cipher
from .conversations import new_id
from .database import aware
from .people import People
from .tables import people, people_companies, staff_sessions


class Sessions:
    """All queries on staff sessions."""

    def __init__(self, cipher: Cipher, people: People):
        self.cipher = cipher
        self.people = people

    def open(
        self, db: Connection, person: Person, device: str, now: datetime, *, verified: bool = True, strong: bool = False
    ) -> tuple[str, str]:
        """A new session; its id and its token. Those that ended by themselves are swept away."""
        self.sweep(db, now)
        id, token = new_id(), secrets.token_urlsafe(32)
        db.execute(
            staff_sessions.insert().values(
                token_hash=self._hash(token),
                id=id,
                person=person.id,
                sealed_device=self.cipher.encrypt(device[:200], f"session {id}"),
                verified=verified,
                strong=strong,
                created_at=now,
                seen_at=now,
                expires_at=now + ABSOLUTE,
            )
        )
        return id, token

    def find(self, db: Connection, token: str, now: datetime) -> Session | None:
        """The session of that token, unless it is over; it is noted that it was used."""
        row = db.execute(_WITH_PERSON.where(staff_sessions.c.token_hash == self._hash(token))).first()
        if row is None:
            return None
        query = sa.select(people_companies.c.company).where(people_companies.c.person == row.id)
        session = self._read(row, self.people.read(row, db.execute(query).scalars()))
        if session.over(now):
            return None
        if now - session.seen_at >= TOUCH:
            db.execute(staff_sessions.update().where(staff_sessions.c.id == session.id).values(seen_at=now))
            self.people.seen(db, session.person.id, now)
        return session

    def verify(self, db: Connection, session: str) -> None:
        """The second factor was given."""
        db.execute(staff_sessions.update().where(staff_sessions.c.id == session).values(verified=True, strong=True))

    def list(self, db: Connection, person: Person, now: datetime) -> list[Session]:
        """A person's sessions that last, the one used last first."""
        query = _WITH_PERSON.where(people.c.id == person.id).order_by(staff_sessions.c.seen_at.desc(), staff_sessions.c.id)
        sessions = [self._read(row, person) for row in db.execute(query)]
        return [session for session in sessions if not session.over(now)]

    def end(self, db: Connection, person: str, session: str) -> bool:
        """End that session of theirs; whether there was one."""
        which = sa.and_(staff_sessions.c.id == session, staff_sessions.c.person == person)
        return bool(db.execute(staff_sessions.delete().where(which)).rowcount)

    def end_all(self, db: Connection, person: str, *, but: str | None = None) -> int:
        """End all sessions of a person, but for one; how many that were."""
        query = staff_sessions.delete().where(staff_sessions.c.person == person)
        if but:
            query = query.where(staff_sessions.c.id != but)
        return db.execute(query).rowcount

    def sweep(self, db: Connection, now: datetime) -> None:
        """Remove what has ended by itself."""
        over = sa.or_(staff_sessions.c.expires_at <= now, staff_sessions.c.seen_at <= now - IDLE)
        db.execute(staff_sessions.delete().where(over))

    def _hash(self, token: str) -> bytes:
        return self.cipher.hash(f"session {token}")

    def _read(self, row: Row, person: Person) -> Session:
        return Session(
            id=row.session,
            person=person,
            verified=row.verified,
            strong=row.strong,
            second_factor=row.sealed_totp is not None,
            device=self.cipher.decrypt(row.sealed_device, f"session {row.session}"),
            created_at=aware(row.began_at),
            seen_at=aware(row.used_at),
            expires_at=aware(row.expires_at),
        )


_WITH_PERSON = sa.select(
    people,
    staff_sessions.c.id.label("session"),
    staff_sessions.c.sealed_device,
    staff_sessions.c.verified,
    staff_sessions.c.strong,
    staff_sessions.c.created_at.label("began_at"),
    staff_sessions.c.seen_at.label("used_at"),
    staff_sessions.c.expires_at,
).join_from(staff_sessions, people, staff_sessions.c.person == people.c.id)
