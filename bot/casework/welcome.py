"""Getting in by a one-time link: as the first administrator, as somebody who was invited, for a new password."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.delivery.services import Services
from bot.desk.errors import UnknownPerson, UsedLink
from bot.desk.person import Person, Role
from bot.desk.profile import check_email, check_name
from bot.storage.staff_links import StaffLink

from . import hashing
from .sign_in import Place, SignedIn, SignIn

FIRST_ROLES = (Role.ADMINISTRATOR, Role.SUPERVISOR)


def make_first_link(core: Core, now: datetime) -> str | None:
    """The token of a fresh link to the first administrator; None if there is one. Links from before count no more."""

    def work(db: Connection) -> str | None:
        if core.credentials.administrators(db):
            return None
        token = core.staff_links.make(db, "first", None, now)
        core.audit.append(db, "system", "administrator.link", now)
        return token

    return core.database.transact(work)


def make_rescue_link(core: Core, email: str, now: datetime) -> str:
    """The token of a link to a new password, for whom nobody in the console can help; their second factor is gone, too.

    They are enabled again; raises UnknownPerson.
    """

    def work(db: Connection) -> str:
        person = core.people.find_by_email(db, email)
        if person is None:
            raise UnknownPerson(UnknownPerson.__doc__)
        if person.disabled:
            core.people.change(db, replace(person, disabled=False), now)
        core.credentials.clear_totp(db, person.id)
        core.credentials.unlink(db, person.id)
        core.sessions.end_all(db, person.id)
        token = core.staff_links.make(db, "reset", person.id, now)
        core.audit.append(db, "system", "person.rescue", now, subject=person.id)
        return token

    return core.database.transact(work)


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a link leads to."""

    purpose: str  #: first, invite, reset
    person: Person | None


@dataclass(frozen=True, slots=True)
class Answers:
    """What the page behind a link asks for; name and address of the first administrator only."""

    password: str
    name: str = ""
    email: str = ""
    locale: str = "en"


class Welcoming:
    """What links are good for."""

    def __init__(self, services: Services):
        self.services = services
        self.core = services.core
        self.sign_in = SignIn(services)

    async def look(self, token: str) -> Welcome:
        """What the link is for, without using it up: mail programs look at links, too. Raises UsedLink."""
        now = self.services.clock()
        return await self.services.database.run(lambda db: self._find(db, self.core.staff_links.find(db, token, now)))

    async def take_up(self, token: str, answers: Answers, place: Place) -> SignedIn:
        """Use the link up and sign in. Raises UsedLink, WeakPassword, BadPerson or AddressTaken; then it can still be used."""
        welcome = await self.look(token)
        first = welcome.person is None
        name = check_name(answers.name) if first else welcome.person.name
        email = check_email(answers.email) if first else welcome.person.email
        kept = await hashing.make(answers.password, (name, email))
        core, now = self.core, self.services.clock()

        def work(db: Connection) -> SignedIn:
            person = self._find(db, core.staff_links.use(db, token, now)).person
            if person is None:
                person = core.people.add(db, name, email, FIRST_ROLES, now, all_companies=True, locale=answers.locale)
                core.staff_links.drop(db, None)
            core.credentials.set_password(db, person.id, kept)
            core.failed_sign_ins.forgive(db, person.email)
            ended = core.sessions.end_all(db, person.id)
            detail = {"how": welcome.purpose, "sessions_ended": ended}
            core.audit.append(db, person.id, "password.set", now, subject=person.id, detail=detail)
            verified = core.credentials.find(db, person.id).totp is None
            return self.sign_in.open(db, person, place, now, "link", verified=verified)

        return await self.services.database.run(work)

    def _find(self, db: Connection, link: StaffLink) -> Welcome:
        if link.person is None:
            if self.core.credentials.administrators(db):
                raise UsedLink(UsedLink.__doc__)
            return Welcome(link.purpose, None)
        person = self.core.people.find(db, link.person)
        if person is None or person.disabled:
            raise UsedLink(UsedLink.__doc__)
        return Welcome(link.purpose, person)
