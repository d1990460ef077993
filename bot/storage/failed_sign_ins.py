"""Sign-ins that failed, counted by the address that was typed and by the network that it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.errors import SignInPaused
from bot.desk.lockout import ACCOUNT, FORGOTTEN, NETWORK, Patience

from .cipher import Cipher
from .database import aware
from .tables import failed_sign_ins


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that is being tried."""

    account: bytes
    network: bytes
    pause: timedelta | None = None  #: which begins with it, should it fail


class FailedSignIns:
    """Counts an attempt as failed before it is tried, so that neither many at once nor a crash gets one for nothing."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def begin(self, db: Connection, email: str, network: str, now: datetime) -> Attempt:
        """Raises SignInPaused while there is a pause; this attempt counts as failed until `succeed` or `take_back`."""
        db.execute(failed_sign_ins.delete().where(failed_sign_ins.c.last_at < now - FORGOTTEN))
        account = self.cipher.hash(f"failed account {email.strip().lower()}")
        place = self.cipher.hash(f"failed network {network}")
        failures = {key: self._lock(db, key, now) for key in (account, place)}
        pauses = [self._count(db, account, failures[account], ACCOUNT, now), self._count(db, place, failures[place], NETWORK, now)]
        return Attempt(account, place, max((pause for pause in pauses if pause), default=None))

    def succeed(self, db: Connection, attempt: Attempt) -> None:
        """It was them: their earlier slips are forgotten. The network's are not, or whoever has an account could try others."""
        db.execute(failed_sign_ins.delete().where(failed_sign_ins.c.key_hash == attempt.account))
        self._take_back(db, attempt.network)

    def take_back(self, db: Connection, attempt: Attempt) -> None:
        """It did not fail, but they are not signed in yet either."""
        self._take_back(db, attempt.account)
        self._take_back(db, attempt.network)

    def forgive(self, db: Connection, email: str) -> None:
        """Somebody made sure by other means that it is them."""
        account = self.cipher.hash(f"failed account {email.strip().lower()}")
        db.execute(failed_sign_ins.delete().where(failed_sign_ins.c.key_hash == account))

    def _lock(self, db: Connection, key: bytes, now: datetime) -> int:
        """The failures so far, nobody else counting until the transaction is over."""
        query = failed_sign_ins.select().where(failed_sign_ins.c.key_hash == key).with_for_update()
        row = db.execute(query).first()
        if row is None:
            try:
                with db.begin_nested():
                    db.execute(failed_sign_ins.insert().values(key_hash=key, failures=0, last_at=now))
            except sa.exc.IntegrityError:  # another counted in the same instant
                pass
            row = db.execute(query).one()
        if row.paused_until and aware(row.paused_until) > now:
            raise SignInPaused((aware(row.paused_until) - now).total_seconds())
        return row.failures

    def _count(self, db: Connection, key: bytes, failures: int, patience: Patience, now: datetime) -> timedelta | None:
        pause = patience.pause(failures + 1)
        values = {"failures": failures + 1, "last_at": now, "paused_until": now + pause if pause else None}
        db.execute(failed_sign_ins.update().where(failed_sign_ins.c.key_hash == key).values(values))
        return pause

    def _take_back(self, db: Connection, key: bytes) -> None:
        fewer = sa.case((failed_sign_ins.c.failures > 0, failed_sign_ins.c.failures - 1), else_=0)
        update = failed_sign_ins.update().where(failed_sign_ins.c.key_hash == key)
        db.execute(update.values(failures=fewer, paused_until=None))
