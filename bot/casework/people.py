"""Administration of the desk's people. Nobody acts on somebody who sees a company that they do not see themselves."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from bot.delivery.services import Services
from bot.desk.errors import BadPerson, Forbidden, LastAdministrator, UnknownPerson
from bot.desk.person import Permission, Person, Role
from bot.desk.profile import check_absence, check_email, check_name
from bot.desk.session import Session
from bot.storage.staff_links import LIFETIMES


@dataclass(frozen=True, slots=True)
class Standing:
    """One person as the administration sees them."""

    person: Person
    second_factor: bool
    able: bool  #: to sign in
    invited: bool  #: has a link that is not used yet
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What an administrator wants somebody to be."""

    name: str
    email: str
    roles: Collection[str]
    companies: Collection[str] = ()
    all_companies: bool = False
    locale: str = "en"


class Administration:
    """What administrators do with people."""

    def __init__(self, services: Services):
        self.services = services
        self.core = services.core

    async def list(self, actor: Person) -> list[Standing]:
        """Everybody whom the actor may act on."""
        actor.require(Permission.MANAGE_PEOPLE)
        now = self.services.clock()
        return await self.services.database.run(
            lambda db: self._stand(db, [one for one in self.core.people.list(db) if actor.covers(one)], now)
        )

    async def show(self, actor: Person, person: str) -> tuple[Standing, list[Session]]:
        """One person and where they are signed in."""
        actor.require(Permission.MANAGE_PEOPLE)
        now = self.services.clock()

        def work(db: Connection) -> tuple[Standing, list[Session]]:
            found = self._get(db, actor, person)
            return self._stand(db, [found], now)[0], self.core.sessions.list(db, found, now)

        return await self.services.database.run(work)

    async def invite(self, actor: Person, plan: Plan) -> tuple[Person, str]:
        """A new person, and the token of the link by which they get in. Raises BadPerson or AddressTaken."""
        actor.require(Permission.MANAGE_PEOPLE)
        core, now = self.core, self.services.clock()
        wanted = self._check(actor, plan)

        def work(db: Connection) -> tuple[Person, str]:
            person = core.people.add(
                db,
                wanted.name,
                wanted.email,
                wanted.roles,
                now,
                companies=wanted.companies,
                all_companies=wanted.all_companies,
                locale=wanted.locale,
            )
            token = core.staff_links.make(db, "invite", person.id, now)
            self.services.notices.invited(db, person, "invite", token, LIFETIMES["invite"].days, now)
            core.audit.append(db, actor.id, "person.invite", now, subject=person.id, detail=_detail(person))
            return person, token

        return await self.services.database.run(work)

    async def change(self, actor: Person, person: str, plan: Plan) -> Person:
        """Another name, address, other roles or companies. Raises BadPerson, AddressTaken or LastAdministrator."""
        wanted = self._check(actor, plan)

        def act(db: Connection, found: Person, now: datetime) -> dict:
            changed = replace(wanted, id=found.id, absent_until=found.absent_until, disabled=found.disabled)
            self.core.people.change(db, changed, now)
            if changed.email.lower() != found.email.lower():
                # The provider's account was found by the address from before.
                self.core.credentials.unlink(db, found.id)
                self.core.staff_links.drop(db, found.id)
            return {"before": _detail(found), "after": _detail(changed)}

        return await self._act(actor, person, "person.change", act)

    async def disable(self, actor: Person, person: str) -> Person:
        """They cannot sign in any more, and are signed out everywhere."""

        def act(db: Connection, found: Person, now: datetime) -> dict:
            self.core.people.change(db, replace(found, disabled=True), now)
            self.core.staff_links.drop(db, found.id)
            return {"sessions_ended": self.core.sessions.end_all(db, found.id)}

        return await self._act(actor, person, "person.disable", act)

    async def enable(self, actor: Person, person: str) -> Person:
        def act(db: Connection, found: Person, now: datetime) -> dict:
            self.core.people.change(db, replace(found, disabled=False), now)
            return {}

        return await self._act(actor, person, "person.enable", act)

    async def make_link(self, actor: Person, person: str) -> tuple[Person, str]:
        """The token of a fresh link: to get in for the first time, or to a new password."""
        tokens = []

        def act(db: Connection, found: Person, now: datetime) -> dict:
            if found.disabled:
                raise UnknownPerson(UnknownPerson.__doc__)
            purpose = "reset" if self.core.credentials.find(db, found.id).password_hash else "invite"
            tokens[:] = [self.core.staff_links.make(db, purpose, found.id, now)]
            self.services.notices.invited(db, found, purpose, tokens[0], LIFETIMES[purpose].days, now)
            return {"purpose": purpose}

        return await self._act(actor, person, "person.link", act), tokens[0]

    async def end_sessions(self, actor: Person, person: str, session: str | None = None) -> Person:
        """End that session of theirs, or all."""

        def act(db: Connection, found: Person, now: datetime) -> dict:
            sessions = self.core.sessions
            return {"sessions_ended": int(sessions.end(db, found.id, session)) if session else sessions.end_all(db, found.id)}

        return await self._act(actor, person, "session.end", act)

    async def reset_second_factor(self, actor: Person, person: str) -> Person:
        """For a lost telephone: no second factor, no recovery codes, no account of the identity provider, signed out everywhere."""

        def act(db: Connection, found: Person, now: datetime) -> dict:
            self.core.credentials.clear_totp(db, found.id)
            self.core.credentials.unlink(db, found.id)
            return {"sessions_ended": self.core.sessions.end_all(db, found.id)}

        return await self._act(actor, person, "second_factor.reset", act)

    async def set_absence(self, actor: Person, person: str, until: datetime | None) -> Person:
        """Somebody is away until then; None: they are back. Those who plan the staffing may, too."""
        check_absence(until, self.services.clock())

        def act(db: Connection, found: Person, now: datetime) -> dict:
            self.core.people.change(db, replace(found, absent_until=until), now)
            return {"before": {"until": _written(found.absent_until)}, "after": {"until": _written(until)}}

        return await self._act(actor, person, "person.absence", act, Permission.MANAGE_STAFFING)

    async def _act(
        self,
        actor: Person,
        person: str,
        action: str,
        act: Callable[[Connection, Person, datetime], dict],
        permission: Permission = Permission.MANAGE_PEOPLE,
    ) -> Person:
        """One act on one person: permission, one transaction, an audit entry; somebody has to stay who can administer the desk."""
        actor.require(permission)
        core, now = self.core, self.services.clock()

        def work(db: Connection) -> Person:
            administrators = core.credentials.administrators(db)
            found = self._get(db, actor, person, shared=permission is Permission.MANAGE_STAFFING)
            detail = act(db, found, now)
            if administrators and not core.credentials.administrators(db):
                raise LastAdministrator(LastAdministrator.__doc__)
            core.audit.append(db, actor.id, action, now, subject=person, detail=detail)
            return core.people.get(db, person)

        changed = await self.services.database.run(work)
        self.services.presence.update(changed)
        return changed

    def _get(self, db: Connection, actor: Person, person: str, *, shared: bool = False) -> Person:
        """The person, if the actor may act on them; one company that both see is enough for an absence."""
        found = self.core.people.find(db, person)
        if found is None or not (actor.covers(found) or (shared and self._share(actor, found))):
            raise UnknownPerson(UnknownPerson.__doc__)
        return found

    def _share(self, actor: Person, other: Person) -> bool:
        return any(actor.sees(company.key) and other.sees(company.key) for company in self.core.library.companies())

    def _check(self, actor: Person, plan: Plan) -> Person:
        """The plan as a person without an id; raises BadPerson, or Forbidden where the actor gives what is not theirs."""
        known = {company.key for company in self.core.library.companies()}
        roles = frozenset(Role(role) for role in plan.roles if role in set(Role))
        companies = frozenset() if plan.all_companies else frozenset(plan.companies)
        if not roles or len(roles) != len(set(plan.roles)):
            raise BadPerson("roles")
        if not companies <= known:
            raise BadPerson("companies")
        locale = "ja" if plan.locale == "ja" else "en"
        wanted = Person("", check_name(plan.name), check_email(plan.email), roles, companies, plan.all_companies, locale)
        if not actor.covers(wanted):
            raise Forbidden(Forbidden.__doc__)
        return wanted

    def _stand(self, db: Connection, people: list[Person], now: datetime) -> list[Standing]:
        factors, able = self.core.credentials.with_second_factor(db), self.core.credentials.able(db)
        invited, seen = self.core.staff_links.invited(db, now), self.core.people.seen_at(db)
        return [Standing(one, one.id in factors, one.id in able, one.id in invited, seen.get(one.id)) for one in people]


def _detail(person: Person) -> dict:
    return {
        "name": person.name,
        "email": person.email,
        "roles": sorted(person.roles),
        "companies": "all" if person.all_companies else sorted(person.companies),
    }


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
