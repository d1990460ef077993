"""What each desk sets for itself: when it is staffed, how long a kind of ticket may take, who is away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from bot.desk.deadlines import Allowance
from bot.desk.errors import BadFields, SettingChanged
from bot.desk.person import Permission, Person
from bot.desk.staffing import StaffingPlan, is_staffed, next_closing, next_opening, write_plan
from bot.desk.ticket import REASONS
from bot.knowledge.company import Company

from .acts import Acts

#: The longest that a kind of ticket may be given, in staffed time.
LONGEST = timedelta(hours=999)
MOST_SPECIAL_DAYS = 400


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """One company's desk: what it set, as it is now; each mark stands for what it was when it was looked at."""

    company: Company
    plan: StaffingPlan
    plan_mark: str
    allowances: dict[str, Allowance]
    clocks_mark: str
    staffed: bool
    closes: datetime | None
    opens: datetime | None


class Desks(Acts):
    """Shows and changes the settings of the desks that somebody may administer."""

    async def list(self, person: Person) -> list[DeskSettings]:
        """All of the person's companies."""
        person.require(Permission.MANAGE_STAFFING)
        companies = self.companies(person)
        return await self.core.database.read(lambda db: [self._read(db, company) for company in companies])

    async def show(self, person: Person, company: str) -> DeskSettings:
        """Raises UnknownCompany, Forbidden."""
        self._require(person, company)
        return await self.core.database.read(lambda db: self._read(db, company))

    async def set_plan(self, person: Person, company: str, plan: StaffingPlan, mark: str) -> None:
        """Another plan in place of the one that the mark stands for; raises SettingChanged where that is not there any more.

        Due dates that were counted before stay as they are.
        """
        self._require(person, company)
        if len(plan.special) > MOST_SPECIAL_DAYS:
            raise BadFields({"special": ("many_days", {"most": MOST_SPECIAL_DAYS})})
        now = self.services.clock()

        def work(db: Connection) -> None:
            self.core.staffing.lock(db, company)
            before = self.core.staffing.plan(db, company)
            if mark_of(write_plan(before)) != mark:
                raise SettingChanged(SettingChanged.__doc__)
            if plan == before:
                return
            self.core.staffing.set_plan(db, company, plan, now)
            detail = {"before": write_plan(before), "after": write_plan(plan)}
            self.core.audit.append(db, person.id, "staffing.change", now, company=company, detail=detail)

        await self.core.database.run(work)

    async def set_clocks(self, person: Person, company: str, allowances: Mapping[str, Allowance], mark: str) -> None:
        """Another time for kinds of ticket, in place of what the mark stands for; raises BadFields, SettingChanged."""
        self._require(person, company)
        wrong = {reason: ("clock", {}) for reason, allowed in allowances.items() if reason not in REASONS or not _holds(allowed)}
        if wrong:
            raise BadFields(wrong)
        now = self.services.clock()

        def work(db: Connection) -> None:
            self.core.staffing.lock(db, company)
            before = self.core.staffing.allowances(db, company)
            if mark_of(tell_allowances(before)) != mark:
                raise SettingChanged(SettingChanged.__doc__)
            changed = {reason: allowed for reason, allowed in allowances.items() if allowed != before.get(reason)}
            if not changed:
                return
            for reason, allowed in changed.items():
                self.core.staffing.set_allowance(db, company, reason, allowed)
            detail = {
                "before": tell_allowances({reason: before[reason] for reason in changed}),
                "after": tell_allowances(changed),
            }
            self.core.audit.append(db, person.id, "clocks.change", now, company=company, detail=detail)

        await self.core.database.run(work)

    async def list_people(self, person: Person) -> list[Person]:
        """Everybody who works for one of the person's companies, for their absence."""
        person.require(Permission.MANAGE_STAFFING)
        mine = self.companies(person)
        people = await self.core.database.read(self.core.people.list)
        return [one for one in people if not one.disabled and any(one.sees(company) for company in mine)]

    def _require(self, person: Person, company: str) -> None:
        self.core.library.company(company)  # raises UnknownCompany
        person.require(Permission.MANAGE_STAFFING, company)

    def _read(self, db: Connection, company: str) -> DeskSettings:
        plan, allowances = self.core.staffing.plan(db, company), self.core.staffing.allowances(db, company)
        now = self.services.clock()
        return DeskSettings(
            company=self.core.library.company(company),
            plan=plan,
            plan_mark=mark_of(write_plan(plan)),
            allowances=allowances,
            clocks_mark=mark_of(tell_allowances(allowances)),
            staffed=is_staffed(plan, now),
            closes=next_closing(plan, now),
            opens=next_opening(plan, now),
        )


def mark_of(settings: dict) -> str:
    """Short for settings as they are; others have another mark."""
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]


def tell_allowances(allowances: Mapping[str, Allowance]) -> dict[str, str]:
    """Each kind's times in one line, as the audit log tells them: reply, settling, warning."""
    return {
        reason: " / ".join(write_time(time) or "-" for time in (allowed.reply, allowed.resolve, allowed.warn))
        for reason, allowed in allowances.items()
    }


def write_time(time: timedelta | None) -> str:
    """Hours and minutes, 8:00."""
    if time is None:
        return ""
    minutes = round(time / timedelta(minutes=1))
    return f"{minutes // 60}:{minutes % 60:02}"


def _holds(allowed: Allowance) -> bool:
    """Whether its times can be: a minute at least, settling not before the reply, a warning before either."""
    times = [time for time in (allowed.reply, allowed.resolve) if time is not None]
    if not all(timedelta(minutes=1) <= time <= LONGEST for time in times):
        return False
    if allowed.reply and allowed.resolve and allowed.resolve < allowed.reply:
        return False
    return timedelta(0) <= allowed.warn and all(allowed.warn < time for time in times)
