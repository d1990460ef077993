"""Ready-made replies: administered by who may, used by who works on tickets."""

from __future__ import annotations

from dataclasses import asdict, replace
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from bot.desk.canned import CannedReply, fill
from bot.desk.errors import BadFields, Forbidden, UnknownCanned
from bot.desk.person import Permission, Person
from bot.desk.staffing import next_opening
from bot.knowledge.company import localise
from bot.knowledge.moments import tell_moment

from .acts import Acts

#: What stands for a ticket where a reply is only looked at.
SAMPLE_REFERENCE = "P8J-XVVD"
SAMPLE_NAMES = {"en": "Hana Mori", "ja": "森 花"}


class CannedReplies(Acts):
    """Lists, changes and shows them. Those of every company are changed by who sees every company."""

    async def list(self, person: Person) -> list[CannedReply]:
        """Those of the person's companies, and those of every company."""
        person.require(Permission.MANAGE_REPLIES)
        return await self.core.database.read(lambda db: self.core.canned.list(db, self.companies(person)))

    async def find(self, person: Person, id: str) -> CannedReply:
        """One of them; raises UnknownCanned."""
        person.require(Permission.MANAGE_REPLIES)
        return await self.core.database.read(lambda db: self._get(db, person, id))

    async def list_for(self, person: Person, ticket: str) -> list[CannedReply]:
        """Those that fit a ticket, in its language first; where a company has its own for a shortcut, not the common one."""

        def work(db: Connection) -> list[CannedReply]:
            found = self.get(db, person, ticket, Permission.WORK_TICKETS)
            replies = self.core.canned.list(db, [found.company])
            own = {(one.locale, one.shortcut) for one in replies if one.company}
            fitting = [one for one in replies if one.company or (one.locale, one.shortcut) not in own]
            return sorted(fitting, key=lambda one: (one.locale != found.language, one.title.casefold(), one.id))

        return await self.core.database.read(work)

    async def save(self, person: Person, reply: CannedReply) -> CannedReply:
        """Keep a new one (without an id), or a changed one in place of the version that it was made from.

        Raises BadFields, Forbidden, UnknownCanned, SettingChanged.
        """
        self._require(person, reply.company)
        reply = replace(reply, title=reply.title.strip(), shortcut=reply.shortcut.strip().lower(), body=reply.body.strip())
        wrong = reply.find_wrong()
        if reply.locale not in self._locales(reply.company):
            wrong["locale"] = ("locale", {})
        if wrong:
            raise BadFields(wrong)
        now = self.services.clock()

        def work(db: Connection) -> CannedReply:
            before = self._get(db, person, reply.id) if reply.id else None
            if before:
                self._require(person, before.company)
            if taken := self.core.canned.find_shortcut(db, reply):
                raise BadFields({"shortcut": ("shortcut_taken", {"title": taken.title})})
            after = self.core.canned.change(db, reply) if before else self.core.canned.add(db, reply)
            self._record(db, person, "canned.change" if before else "canned.add", before, after, now)
            return after

        return await self.core.database.run(work)

    async def delete(self, person: Person, id: str, version: int) -> None:
        """Raises UnknownCanned, Forbidden, SettingChanged."""
        person.require(Permission.MANAGE_REPLIES)
        now = self.services.clock()

        def work(db: Connection) -> None:
            before = self._get(db, person, id)
            self._require(person, before.company)
            self.core.canned.delete(db, id, version)
            self._record(db, person, "canned.delete", before, None, now)

        await self.core.database.run(work)

    async def preview(self, person: Person, reply: CannedReply) -> str:
        """The reply as a customer would get it, of a company that the person sees."""
        self._require(person, reply.company)
        company = self.core.library.company(reply.company or self.companies(person)[0])
        plan = await self.core.database.read(lambda db: self.core.staffing.plan(db, company.key))
        now = self.services.clock()
        opening = next_opening(plan, now)
        values = {
            "customer_name": SAMPLE_NAMES.get(reply.locale, SAMPLE_NAMES["en"]),
            "reference": SAMPLE_REFERENCE,
            "company": localise(company.short, reply.locale),
            "agent_name": person.public_name,
            "opening": tell_moment(opening.astimezone(ZoneInfo(plan.timezone)), now, reply.locale) if opening else "",
        }
        return fill(reply.body, values, reply.locale)

    def _get(self, db: Connection, person: Person, id: str) -> CannedReply:
        found = self.core.canned.find(db, id)
        if found is None or (found.company and not person.sees(found.company)):
            raise UnknownCanned(UnknownCanned.__doc__)
        return found

    def _require(self, person: Person, company: str | None) -> None:
        person.require(Permission.MANAGE_REPLIES, company)
        if company is None and not person.all_companies:
            raise Forbidden(Forbidden.__doc__)
        if company is not None:
            self.core.library.company(company)  # raises UnknownCompany

    def _locales(self, company: str | None) -> set[str]:
        companies = [self.core.library.company(company)] if company else self.core.library.companies()
        return {locale for one in companies for locale in one.locales}

    def _record(
        self, db: Connection, person: Person, action: str, before: CannedReply | None, after: CannedReply | None, now
    ) -> None:
        known = after or before
        assert known is not None
        detail = {"before": _told(before), "after": _told(after)}
        self.core.audit.append(db, person.id, action, now, company=known.company, subject=known.id, detail=detail)


def _told(reply: CannedReply | None) -> dict | None:
    """What the audit log tells of it."""
    if reply is None:
        return None
    return {name: value for name, value in asdict(reply).items() if name not in ("id", "version")}
