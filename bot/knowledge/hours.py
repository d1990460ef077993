"""Whether a desk's telephone is open, by the hours that its policy states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.desk.calendar import public_holiday

from .company import Company
from .document import Texts


@dataclass(frozen=True, slots=True)
class Opening:
    """The state of a desk's telephone at one moment; times are in the company's zone."""

    open_now: bool | None  #: None: not known (no hours stated, or a public holiday that the policy does not name)
    closes: datetime | None  #: when it closes, if it is open
    next_opening: datetime | None  #: the next opening that is certain; None where no hours are stated
    holiday: Texts | None  #: the public holiday's name by locale, where nobody can tell whether the desk opens on it


def find_opening(company: Company, now: datetime) -> Opening:
    """The state at `now` (an aware datetime)."""
    hours = company.hours
    if hours is None:
        return Opening(None, None, None, None)
    zone = ZoneInfo(company.timezone)
    local = now.astimezone(zone)
    open_day = local.weekday() in hours.days
    holiday = public_holiday(local.date()) if hours.holidays != "open" else None
    opens, closes = (datetime.combine(local.date(), moment, zone) for moment in (hours.opens, hours.closes))
    within = open_day and opens <= local < closes
    following = _next_opening(company, local)
    if holiday and open_day and local < closes and hours.holidays == "unknown":
        return Opening(None if within else False, None, following, holiday)
    within = within and not holiday
    return Opening(within, closes if within else None, following, None)


def _next_opening(company: Company, local: datetime) -> datetime:
    hours = company.hours
    assert hours is not None
    for days in range(0, 15):
        day = local.date() + timedelta(days)
        opens = datetime.combine(day, hours.opens, local.tzinfo)
        if opens <= local or day.weekday() not in hours.days:
            continue
        if hours.holidays == "open" or not public_holiday(day):
            return opens
    raise AssertionError("a desk with hours opens within a fortnight")
