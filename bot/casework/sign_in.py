"""Signing in and out: by password, then by the second factor where there is one, or by the company's identity provider."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.delivery.services import Services
from bot.desk.errors import ForeignIdentity, SignInFailed, WrongCode
from bot.desk.identity import Identity
from bot.desk.person import Person, Role
from bot.desk.second_factor import find_step, tidy_recovery_code
from bot.desk.session import Session
from bot.storage.credentials import Proofs
from bot.storage.failed_sign_ins import Attempt

from . import hashing

#: Roles that open so much that a second factor is asked of them again and again.
REMINDED = frozenset({Role.ADMINISTRATOR, Role.PRIVACY_OFFICER})


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody signs in from."""

    network: str
    device: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that was opened."""

    token: str
    verified: bool  #: else the second factor is still to be given
    remind: bool = False  #: whoever has their password can do much, and nothing else was asked for


class SignIn:
    """Lets people in. What was typed is never kept, and nothing tells whether an address is known here."""

    def __init__(self, services: Services):
        self.services = services
        self.core = services.core

    async def by_password(self, email: str, password: str, place: Place) -> SignedIn:
        """Raises SignInFailed or SignInPaused."""
        core, now = self.core, self.services.clock()

        def begin(db: Connection) -> tuple[Attempt, Person | None, Proofs]:
            attempt = core.failed_sign_ins.begin(db, email, place.network, now)
            person = core.people.find_by_email(db, email)
            return attempt, person, core.credentials.find(db, person.id if person else "")

        attempt, person, proofs = await self.services.database.run(begin)
        right = await hashing.verify(proofs.password_hash, password)
        if person is None or person.disabled or not right:
            await self._refuse(attempt, person, "password", place)
            raise SignInFailed(SignInFailed.__doc__)
        kept = proofs.password_hash or ""
        renewed = await hashing.renew(kept, password)

        def finish(db: Connection) -> SignedIn:
            if renewed:
                core.credentials.rehash(db, person.id, kept, renewed)
            if proofs.totp:
                core.failed_sign_ins.take_back(db, attempt)
            else:
                core.failed_sign_ins.succeed(db, attempt)
            return self.open(db, person, place, now, "password", verified=not proofs.totp)

        return await self.services.database.run(finish)

    async def by_code(self, session: Session, code: str, place: Place) -> None:
        """The second factor: a code of the app, or a recovery code. Raises WrongCode or SignInPaused."""
        core, now, person = self.core, self.services.clock(), session.person

        def work(db: Connection) -> Attempt | None:
            attempt = core.failed_sign_ins.begin(db, person.email, place.network, now)
            how = self._prove(db, person, code, now)
            if how is None:
                return attempt
            core.failed_sign_ins.succeed(db, attempt)
            core.sessions.verify(db, session.id)
            core.audit.append(db, person.id, "session.open", now, subject=person.id, detail=_detail(place, how=how))
            return None

        if failed := await self.services.database.run(work):
            await self._refuse(failed, person, "code", place)
            raise WrongCode(WrongCode.__doc__)

    async def by_identity(self, identity: Identity, place: Place) -> SignedIn:
        """By the provider's word. It knows people of this desk and makes none; raises ForeignIdentity."""
        core, now = self.core, self.services.clock()

        def work(db: Connection) -> SignedIn | str:
            person = core.credentials.find_linked(db, identity.name)
            found = core.people.find(db, person) if person else None
            why = ""
            if found is None:
                found, why = self._find_by_address(db, identity)
            if found is None or found.disabled:
                why = why or "unknown"
                detail = _detail(place, how="identity", why=why)
                core.audit.append(db, "system", "session.refuse", now, subject=found.id if found else None, detail=detail)
                return why
            if person is None:
                core.credentials.link(db, found.id, identity.name)
            verified = identity.strong or core.credentials.find(db, found.id).totp is None
            return self.open(db, found, place, now, "identity", verified=verified, strong=identity.strong)

        done = await self.services.database.run(work)
        if isinstance(done, str):
            raise ForeignIdentity(done)
        return done

    async def out(self, session: Session) -> None:
        """End it."""
        core, now, person = self.core, self.services.clock(), session.person

        def work(db: Connection) -> None:
            if core.sessions.end(db, person.id, session.id):
                core.audit.append(db, person.id, "session.close", now, subject=person.id)

        await self.services.database.run(work)

    def open(
        self, db: Connection, person: Person, place: Place, now: datetime, how: str, *, verified: bool, strong: bool = False
    ) -> SignedIn:
        """A session, in the caller's transaction and as its last act."""
        _, token = self.core.sessions.open(db, person, place.device, now, verified=verified, strong=strong)
        if verified:
            self.core.people.seen(db, person.id, now)
            self.core.audit.append(db, person.id, "session.open", now, subject=person.id, detail=_detail(place, how=how))
        return SignedIn(token, verified, verified and not strong and bool(person.roles & REMINDED))

    def _find_by_address(self, db: Connection, identity: Identity) -> tuple[Person | None, str]:
        """Whose address the provider vouches for, unless another account of the provider is theirs already."""
        if not (identity.email and identity.email_verified):
            return None, "unverified"
        person = self.core.people.find_by_email(db, identity.email)
        if person and self.core.credentials.find(db, person.id).linked:
            return None, "other"
        return person, ""

    def _prove(self, db: Connection, person: Person, code: str, now: datetime) -> str | None:
        """What kind of code it was; None if it is not right. It is used up by this."""
        proofs = self.core.credentials.find(db, person.id)
        if proofs.totp and (step := find_step(proofs.totp, code, now)) is not None:
            return "code" if self.core.credentials.use_step(db, person.id, step) else None
        recovery = tidy_recovery_code(code)
        if recovery and self.core.credentials.use_recovery_code(db, person.id, recovery, now):
            return "recovery_code"
        return None

    async def _refuse(self, attempt: Attempt, person: Person | None, what: str, place: Place) -> None:
        """Record that somebody was not let in, for whom as far as that is known, and whether a pause begins."""
        detail = _detail(place, how=what)
        if attempt.pause:
            detail["pause_seconds"] = round(attempt.pause.total_seconds())
        subject, now = person.id if person else None, self.services.clock()
        await self.services.database.run(
            lambda db: self.core.audit.append(db, "system", "session.refuse", now, subject=subject, detail=detail)
        )


def _detail(place: Place, **more: str) -> dict:
    return {**more, "network": place.network, "device": place.device}
