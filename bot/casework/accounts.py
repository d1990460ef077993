"""What people do with their own account: password, second factor, sessions, language, absence."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.delivery.services import Services
from bot.desk.errors import WrongCode, WrongPassword
from bot.desk.notices import PREFERENCES, wants
from bot.desk.person import Person
from bot.desk.profile import check_absence
from bot.desk.second_factor import find_step, make_recovery_codes, make_secret
from bot.desk.session import FRESH, Session
from bot.storage.cipher import WrongKey

from . import hashing


@dataclass(frozen=True, slots=True)
class Account:
    """What somebody finds on the page about their own account."""

    person: Person
    sessions: list[Session]
    second_factor: bool
    recovery_codes: int  #: left
    has_password: bool
    linked: bool  #: to an account of the identity provider
    fresh: bool  #: signed in a moment ago: no password is asked again
    mails: frozenset[str] = frozenset()  #: which of bot.desk.notices.PREFERENCES are on


@dataclass(frozen=True, slots=True)
class Offer:
    """A second factor that is offered and not set up yet."""

    secret: str
    sealed: str  #: the same for the form, bound to this session


class Accounts:
    """Acts on one's own account; each takes the session that asks."""

    def __init__(self, services: Services):
        self.services = services
        self.core = services.core

    async def show(self, session: Session) -> Account:
        now, core = self.services.clock(), self.core

        def work(db: Connection) -> Account:
            person = core.people.get(db, session.person.id)
            proofs = core.credentials.find(db, person.id)
            return Account(
                person=person,
                sessions=core.sessions.list(db, person, now),
                second_factor=proofs.totp is not None,
                recovery_codes=core.credentials.count_recovery_codes(db, person.id),
                has_password=proofs.password_hash is not None,
                linked=proofs.linked,
                fresh=now - session.created_at < FRESH,
                mails=self._mails(db, person),
            )

        return await self.services.database.run(work)

    async def change_password(self, session: Session, present: str, password: str, network: str) -> None:
        """Sessions elsewhere end. Raises WrongPassword, WeakPassword or SignInPaused."""
        person = session.person
        await self._prove(session, present, network, fresh_will_do=False)
        kept = await hashing.make(password, (person.name, person.email))
        now, core = self.services.clock(), self.core

        def work(db: Connection) -> None:
            core.credentials.set_password(db, person.id, kept)
            core.staff_links.drop(db, person.id)
            ended = core.sessions.end_all(db, person.id, but=session.id)
            core.audit.append(db, person.id, "password.change", now, subject=person.id, detail={"sessions_ended": ended})

        await self.services.database.run(work)

    def offer_second_factor(self, session: Session, sealed: str = "") -> Offer:
        """A new secret, or the one that was offered before; nothing is stored until a code proves that the app has it."""
        if sealed:
            try:
                secret = json.loads(self.core.cipher.decrypt(bytes.fromhex(sealed), f"offer {session.id}"))
                return Offer(secret, sealed)
            except (WrongKey, ValueError):
                pass  # of another session, or not ours: there is a new one
        secret = make_secret()
        return Offer(secret, self.core.cipher.encrypt(json.dumps(secret), f"offer {session.id}").hex())

    async def set_second_factor(self, session: Session, offer: Offer, code: str, present: str, network: str) -> list[str]:
        """The recovery codes, which are told once. Raises WrongCode, WrongPassword or SignInPaused."""
        person, core, now = session.person, self.core, self.services.clock()
        step = find_step(offer.secret, code, now)
        if step is None:
            raise WrongCode(WrongCode.__doc__)
        await self._prove(session, present, network)
        codes = make_recovery_codes()

        def work(db: Connection) -> None:
            core.credentials.set_totp(db, person.id, offer.secret, step, codes)
            ended = core.sessions.end_all(db, person.id, but=session.id)
            core.audit.append(db, person.id, "second_factor.set", now, subject=person.id, detail={"sessions_ended": ended})

        await self.services.database.run(work)
        return codes

    async def remove_second_factor(self, session: Session, present: str, network: str) -> None:
        await self._prove(session, present, network)
        await self._record(session, "second_factor.remove", self.core.credentials.clear_totp)

    async def renew_recovery_codes(self, session: Session, present: str, network: str) -> list[str]:
        """New codes, which are told once; those from before count no more."""
        await self._prove(session, present, network)
        codes = make_recovery_codes()

        def act(db: Connection, person: str) -> None:
            if self.core.credentials.find(db, person).totp is None:
                raise WrongCode(WrongCode.__doc__)  # there is nothing yet that they could recover
            self.core.credentials.set_recovery_codes(db, person, codes)

        await self._record(session, "recovery_codes.renew", act)
        return codes

    async def end_session(self, session: Session, other: str) -> None:
        """End one of one's own sessions."""
        await self._record(session, "session.end", lambda db, person: self.core.sessions.end(db, person, other))

    async def end_other_sessions(self, session: Session) -> None:
        await self._record(session, "session.end", lambda db, person: self.core.sessions.end_all(db, person, but=session.id))

    async def choose_language(self, session: Session, locale: str) -> None:
        now, core = self.services.clock(), self.core
        locale = "ja" if locale == "ja" else "en"

        def work(db: Connection) -> None:
            core.people.change(db, replace(core.people.get(db, session.person.id, locked=True), locale=locale), now)

        await self.services.database.run(work)

    async def choose_mails(self, session: Session, wanted: Collection[str]) -> None:
        """Which mails they get; those not in `wanted` are switched off."""
        chosen = {preference: preference in wanted for preference in PREFERENCES}
        await self.services.database.run(lambda db: self.core.people.prefer(db, session.person.id, **chosen))

    async def be_absent(self, session: Session, until: datetime | None) -> None:
        """Nobody is handed over to somebody who is absent; None: they are back."""
        now, core = self.services.clock(), self.core
        check_absence(until, now)

        def change(db: Connection, person: str) -> None:
            core.people.change(db, replace(core.people.get(db, person, locked=True), absent_until=until), now)

        await self._record(session, "person.absence", change, until=until.isoformat() if until else None)
        self.services.presence.update(replace(session.person, absent_until=until))

    def _mails(self, db: Connection, person: Person) -> frozenset[str]:
        preferences = self.core.people.preferences(db, person.id)
        return frozenset(preference for preference in PREFERENCES if wants(person, preferences, preference))

    async def _record(self, session: Session, action: str, act, **detail: object) -> None:
        """Do it to one's own account, with an audit entry."""
        person, now = session.person.id, self.services.clock()

        def work(db: Connection) -> None:
            act(db, person)
            self.core.audit.append(db, person, action, now, subject=person, detail=detail)

        await self.services.database.run(work)

    async def _prove(self, session: Session, present: str, network: str, *, fresh_will_do: bool = True) -> None:
        """That it is still them: they signed in a moment ago, or give their password; raises WrongPassword or SignInPaused.

        Whoever signs in by the identity provider alone has no password to give.
        """
        core, now, person = self.core, self.services.clock(), session.person
        if fresh_will_do and now - session.created_at < FRESH:
            return
        proofs = await self.services.database.run(lambda db: core.credentials.find(db, person.id))
        if proofs.password_hash is None:
            return
        attempt = await self.services.database.run(lambda db: core.failed_sign_ins.begin(db, person.email, network, now))
        if not await hashing.verify(proofs.password_hash, present):
            raise WrongPassword(WrongPassword.__doc__)
        await self.services.database.run(lambda db: core.failed_sign_ins.take_back(db, attempt))
