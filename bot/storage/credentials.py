"""What people prove themselves by: password, second factor, recovery codes, the identity provider's name for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.desk.person import Role

from .cipher import Cipher
from .tables import people, recovery_codes


@dataclass(frozen=True, slots=True)
class Proofs:
    """What one person has to prove themselves by."""

    password_hash: str | None = None
    totp: str | None = None  #: the secret that the authenticator app shares
    linked: bool = False  #: to an account of the identity provider


class Credentials:
    """All queries on what people prove themselves by."""

    def __init__(self, cipher: Cipher):
        self.cipher = cipher

    def find(self, db: Connection, person: str) -> Proofs:
        row = db.execute(sa.select(people).where(people.c.id == person)).first()
        if row is None:
            return Proofs()
        totp = self.cipher.decrypt(row.sealed_totp, f"totp {person}") if row.sealed_totp else None
        return Proofs(row.password_hash, totp, row.oidc_subject_hash is not None)

    def set_password(self, db: Connection, person: str, password_hash: str) -> None:
        _update(db, person, password_hash=password_hash)

    def rehash(self, db: Connection, person: str, before: str, after: str) -> None:
        """Keep the same password by another hash, unless it was changed meanwhile."""
        which = sa.and_(people.c.id == person, people.c.password_hash == before)
        db.execute(people.update().where(which).values(password_hash=after))

    def set_totp(self, db: Connection, person: str, secret: str, step: int, codes: Iterable[str]) -> None:
        """A new second factor, proved by the code of that step, and the recovery codes that go with it."""
        _update(db, person, sealed_totp=self.cipher.encrypt(secret, f"totp {person}"), totp_step=step)
        self.set_recovery_codes(db, person, codes)

    def clear_totp(self, db: Connection, person: str) -> None:
        _update(db, person, sealed_totp=None, totp_step=None)
        self.set_recovery_codes(db, person, ())

    def use_step(self, db: Connection, person: str, step: int) -> bool:
        """Whether the step's code had not been used; it, and every one before it, is used now."""
        unused = sa.or_(people.c.totp_step.is_(None), people.c.totp_step < step)
        return bool(db.execute(people.update().where(people.c.id == person, unused).values(totp_step=step)).rowcount)

    def set_recovery_codes(self, db: Connection, person: str, codes: Iterable[str]) -> None:
        """These, and none from before."""
        db.execute(recovery_codes.delete().where(recovery_codes.c.person == person))
        if rows := [{"code_hash": self._hash(person, code), "person": person} for code in codes]:
            db.execute(recovery_codes.insert(), rows)

    def use_recovery_code(self, db: Connection, person: str, code: str, now: datetime) -> bool:
        """Whether it was one that had not been used; it is used now."""
        unused = sa.and_(recovery_codes.c.code_hash == self._hash(person, code), recovery_codes.c.used_at.is_(None))
        return bool(db.execute(recovery_codes.update().where(unused).values(used_at=now)).rowcount)

    def count_recovery_codes(self, db: Connection, person: str) -> int:
        """How many are left."""
        unused = sa.and_(recovery_codes.c.person == person, recovery_codes.c.used_at.is_(None))
        return db.execute(sa.select(sa.func.count()).where(unused)).scalar_one()

    def link(self, db: Connection, person: str, subject: str) -> None:
        """The provider's account of that name is this person from now on."""
        _update(db, person, oidc_subject_hash=self._subject(subject))

    def unlink(self, db: Connection, person: str) -> None:
        _update(db, person, oidc_subject_hash=None)

    def find_linked(self, db: Connection, subject: str) -> str | None:
        """The id of the person that the provider's account is."""
        return db.execute(sa.select(people.c.id).where(people.c.oidc_subject_hash == self._subject(subject))).scalar()

    def with_second_factor(self, db: Connection) -> frozenset[str]:
        """The ids of all who have one."""
        return frozenset(db.execute(sa.select(people.c.id).where(people.c.sealed_totp.is_not(None))).scalars())

    def able(self, db: Connection) -> frozenset[str]:
        """The ids of all who can sign in: not disabled, and with a password or an account of the provider."""
        proof = sa.or_(people.c.password_hash.is_not(None), people.c.oidc_subject_hash.is_not(None))
        return frozenset(db.execute(sa.select(people.c.id).where(people.c.disabled_at.is_(None), proof)).scalars())

    def administrators(self, db: Connection) -> frozenset[str]:
        """The ids of all administrators who can sign in. Nobody's roles change until the transaction is over."""
        rows = db.execute(sa.select(people).order_by(people.c.id).with_for_update()).all()
        return frozenset(row.id for row in rows if Role.ADMINISTRATOR in row.roles.split(",")) & self.able(db)

    def _hash(self, person: str, code: str) -> bytes:
        return self.cipher.hash(f"recovery code {person} {code}")

    def _subject(self, subject: str) -> bytes:
        return self.cipher.hash(f"identity {subject}")


def _update(db: Connection, person: str, **values: object) -> None:
    db.execute(people.update().where(people.c.id == person).values(**values))
