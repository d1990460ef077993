"""The outbox: mail is put here in the transaction of what it tells of, and leaves when the mail server takes it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.desk.mail import PATIENCE, Mail

from .cipher import Cipher
from .conversations import new_id
from .database import aware
from .tables import outbox

#: Whoever took a mail to send it has it for so long; after a crash it is then taken anew.
LEASE = timedelta(minutes=10)
#: How long a mail is kept that nobody sends because the local mailbox shows it.
KEPT = timedelta(days=1)
#: How long it is known that something was told, so that it is not told again.
REMEMBERED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in the outbox."""

    id: str  #: its Message-ID is made of this, so that a mail that was sent twice can be recognised
    mail: Mail
    created_at: datetime
    tries: int = 0  #: how often it failed


class Outbox:
    """All queries on the outbox."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def add(self, db: Connection, cause: str, mail: Mail, now: datetime, *, after: timedelta = timedelta()) -> bool:
        """Put a mail in, to leave `after` that time; False if there was one of that cause already."""
        if db.execute(sa.select(outbox.c.id).where(outbox.c.cause == cause)).first():
            return False
        id = new_id()
        sealed = self.cipher.encrypt(json.dumps(asdict(mail), ensure_ascii=False), _place(id))
        row = {"id": id, "cause": cause, "sealed_mail": sealed, "created_at": now, "next_try_at": now + after}
        try:
            with db.begin_nested():
                db.execute(outbox.insert().values(row))
        except sa.exc.IntegrityError:  # added in the same instant
            return False
        return True

    def awaits(self, db: Connection, cause: str) -> bool:
        """Whether a mail is still to leave whose cause begins so."""
        return db.execute(sa.select(outbox.c.id).where(_pending(cause)).limit(1)).first() is not None

    def withdraw(self, db: Connection, cause: str) -> None:
        """Mails that are still to leave and whose cause begins so are not wanted any more."""
        db.execute(outbox.update().where(_pending(cause)).values(sealed_mail=None, next_try_at=None, trouble="withdrawn"))

    def take(self, db: Connection, now: datetime) -> Letter | None:
        """The mail that is due first; nobody else gets it for the time of a lease."""
        row = db.execute(
            outbox.select()
            .where(outbox.c.next_try_at <= now)
            .order_by(outbox.c.next_try_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        self._set(db, row.id, next_try_at=now + LEASE)
        return self._read(row)

    def sent(self, db: Connection, letter: str, now: datetime) -> None:
        """It has left; what it said is erased."""
        self._set(db, letter, sealed_mail=None, next_try_at=None, sent_at=now, trouble=None)

    def keep(self, db: Connection, letter: str, now: datetime) -> None:
        """It goes nowhere: the local mailbox shows it for a day."""
        self._set(db, letter, next_try_at=None, sent_at=now, trouble=None)

    def fail(self, db: Connection, letter: Letter, next_try_at: datetime | None, trouble: str) -> None:
        """It did not leave; without a next try it is given up and what it said is erased."""
        erased = {"sealed_mail": None} if next_try_at is None else {}
        self._set(db, letter.id, next_try_at=next_try_at, tries=letter.tries + 1, trouble=trouble, **erased)

    def put_back(self, db: Connection, letter: str, next_try_at: datetime, trouble: str | None) -> None:
        """It did not leave, by no fault of its own."""
        self._set(db, letter, next_try_at=next_try_at, trouble=trouble)

    def drop(self, db: Connection, letter: str, why: str) -> None:
        """It need not be sent any more."""
        self._set(db, letter, sealed_mail=None, next_try_at=None, trouble=why)

    def list_kept(self, db: Connection, now: datetime) -> list[Letter]:
        """What the local mailbox shows, the newest first."""
        kept = outbox.select().where(outbox.c.sealed_mail.is_not(None), outbox.c.sent_at > now - KEPT)
        return [self._read(row) for row in db.execute(kept.order_by(outbox.c.sent_at.desc(), outbox.c.id).limit(200))]

    def find_kept(self, db: Connection, letter: str, now: datetime) -> Letter | None:
        """One of them."""
        kept = (outbox.c.id == letter, outbox.c.sealed_mail.is_not(None), outbox.c.sent_at > now - KEPT)
        row = db.execute(outbox.select().where(*kept)).first()
        return self._read(row) if row else None

    def tidy(self, db: Connection, now: datetime) -> int:
        """Give up what waited for too long, erase what was kept for long enough; how many were given up."""
        late = (outbox.c.next_try_at.is_not(None), outbox.c.created_at < now - PATIENCE)
        given_up = db.execute(outbox.update().where(*late).values(sealed_mail=None, next_try_at=None)).rowcount
        shown = (outbox.c.sealed_mail.is_not(None), outbox.c.sent_at <= now - KEPT)
        db.execute(outbox.update().where(*shown).values(sealed_mail=None))
        db.execute(outbox.delete().where(outbox.c.next_try_at.is_(None), outbox.c.created_at < now - REMEMBERED))
        return given_up

    def _set(self, db: Connection, letter: str, **values: object) -> None:
        db.execute(outbox.update().where(outbox.c.id == letter).values(**values))

    def _read(self, row: Row) -> Letter:
        mail = Mail(**json.loads(self.cipher.decrypt(row.sealed_mail, _place(row.id))))
        return Letter(row.id, mail, aware(row.created_at), row.tries)


_place: Callable[[str], str] = "mail {}".format


def _pending(cause: str) -> sa.ColumnElement[bool]:
    # Few rows wait at any time, and an index holds those only.
    return sa.and_(outbox.c.next_try_at.is_not(None), outbox.c.cause.startswith(cause, autoescape=True))
