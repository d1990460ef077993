"""One-time codes: kept as keyed hashes, counted by request and by address, each good once."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.code import LIFETIME, MOST_BY_ADDRESS, MOST_BY_REQUEST, TRIES, WINDOW, Verdict, make_code
from bot.desk.errors import TooManyRequests

from .cipher import Cipher
from .conversations import new_id
from .database import aware
from .tables import contact_codes, requests


class Codes:
    """All queries on codes."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def issue(self, db: Connection, request: str, purpose: str, address: str, now: datetime) -> str:
        """A new code to be sent to that address; the codes before it count no more. Raises TooManyRequests."""
        # One at a time for a request, or many asked for at once would each see none before them.
        db.execute(sa.select(requests.c.id).where(requests.c.id == request).with_for_update())
        hashed = self._hash_address(address)
        sent = sa.select(sa.func.count(), sa.func.min(contact_codes.c.sent_at)).where(contact_codes.c.sent_at > now - WINDOW)
        for where, most in (
            (contact_codes.c.request == request, MOST_BY_REQUEST),
            (contact_codes.c.address_hash == hashed, MOST_BY_ADDRESS),
        ):
            count, first = db.execute(sent.where(where)).one()
            if count >= most:
                raise TooManyRequests((aware(first) + WINDOW - now).total_seconds())
        db.execute(
            contact_codes.update()
            .where(contact_codes.c.request == request, contact_codes.c.purpose == purpose, contact_codes.c.used_at.is_(None))
            .values(expires_at=now)
        )
        code, id = make_code(), new_id()
        db.execute(
            contact_codes.insert().values(
                id=id,
                request=request,
                purpose=purpose,
                address_hash=hashed,
                code_hash=self.cipher.hash(f"code {id} {code}"),
                sent_at=now,
                expires_at=now + LIFETIME,
            )
        )
        return code

    def check(self, db: Connection, request: str, purpose: str, code: str, now: datetime) -> Verdict:
        """Whether it is the code that was sent last. A wrong one is counted, so the verdict is returned, not raised."""
        row = db.execute(
            contact_codes.select()
            .where(contact_codes.c.request == request, contact_codes.c.purpose == purpose)
            .order_by(contact_codes.c.sent_at.desc(), contact_codes.c.id)
            .limit(1)
            .with_for_update()
        ).first()
        # An unknown request takes as long as a known one.
        hashed = self.cipher.hash(f"code {row.id if row else ''} {code}")
        right = secrets.compare_digest(hashed, row.code_hash if row else bytes(32))
        if row is None or row.used_at is not None or aware(row.expires_at) <= now:
            return Verdict.EXPIRED
        if row.tries >= TRIES:
            return Verdict.SPENT
        if not right:
            db.execute(contact_codes.update().where(contact_codes.c.id == row.id).values(tries=row.tries + 1))
            return Verdict.SPENT if row.tries + 1 >= TRIES else Verdict.WRONG
        db.execute(contact_codes.update().where(contact_codes.c.id == row.id).values(used_at=now))
        return Verdict.RIGHT

    def forget(self, db: Connection, before: datetime) -> int:
        """Remove codes that were sent before that moment; how many."""
        return db.execute(contact_codes.delete().where(contact_codes.c.sent_at < before)).rowcount

    def _hash_address(self, address: str) -> bytes:
        return self.cipher.hash(f"address {address.strip().casefold()}")
