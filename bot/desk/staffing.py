"""When a desk has people at it, by its own plan. The telephone hours of a policy are another matter (bot.knowledge.hours)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .calendar import public_holiday

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

#: From minute to minute of a day: 1440 is its end.
Span = tuple[int, int]
Spans = tuple[Span, ...]

#: Monday to Friday, from nine to six.
USUAL_WEEK: tuple[Spans, ...] = (((9 * 60, 18 * 60),),) * 5 + ((),) * 2

#: Whoever is closed for longer than this is taken to be closed for good.
HORIZON_DAYS = 400


@dataclass(frozen=True, slots=True)
class StaffingPlan:
    """A desk's week, and the days that are not as the week has them."""

    timezone: str = "Asia/Tokyo"
    week: tuple[Spans, ...] = USUAL_WEEK  #: Monday first
    closed_on_holidays: bool = True
    special: tuple[tuple[date, Spans], ...] = ()  #: closed where there are no spans; sorted by day; they go before holidays
    answer_minutes: int = 5  #: after which a call that nobody answers is given up
    _days: dict[date, Spans] = field(init=False, repr=False, compare=False, hash=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._days.update(self.special)

    def spans(self, day: date) -> Spans:
        """From when to when the desk is staffed on that day."""
        if day in self._days:
            return self._days[day]
        if self.closed_on_holidays and public_holiday(day):
            return ()
        return self.week[day.weekday()]


def is_staffed(plan: StaffingPlan, moment: datetime) -> bool:
    """Whether somebody is planned to be there at that moment."""
    return any(begins <= moment < ends for begins, ends in _periods(plan, _local(plan, moment)))


def next_opening(plan: StaffingPlan, moment: datetime) -> datetime | None:
    """The first moment after this one at which the desk opens; None if it never does, as one that never closes."""
    closed_since = None
    for begins, ends in _forward(plan, moment):
        if begins - moment > timedelta(HORIZON_DAYS):
            return None
        if begins > moment and begins != closed_since:  # midnight is no opening of a desk that is there all night
            return begins
        closed_since = ends
    return None


def next_closing(plan: StaffingPlan, moment: datetime) -> datetime | None:
    """When the desk closes, if it is staffed at that moment."""
    return next((ends for begins, ends in _periods(plan, _local(plan, moment)) if begins <= moment < ends), None)


def add_staffed_time(plan: StaffingPlan, start: datetime, time: timedelta) -> datetime | None:
    """The first moment by which so much staffed time has passed since `start`; None if it never does."""
    if time <= timedelta(0):
        return start.astimezone(UTC)
    left = time
    for begins, ends in _forward(plan, start):
        begins = max(begins, start)
        if begins >= ends:
            continue
        if left <= ends - begins:
            return begins + left
        left -= ends - begins
    return None


def subtract_staffed_time(plan: StaffingPlan, end: datetime, time: timedelta) -> datetime | None:
    """The last moment from which on there is so much staffed time until `end`; None if there never was."""
    if time <= timedelta(0):
        return end.astimezone(UTC)
    left = time
    for begins, ends in _backward(plan, end):
        ends = min(ends, end)
        if begins >= ends:
            continue
        if left <= ends - begins:
            return ends - left
        left -= ends - begins
    return None


def staffed_between(plan: StaffingPlan, start: datetime, end: datetime) -> timedelta:
    """How much staffed time lies between two moments; none if the second is not after the first."""
    total = timedelta(0)
    day, last = _local(plan, start), _local(plan, end)
    while day <= last and start < end:
        for begins, ends in _periods(plan, day):
            total += max(min(ends, end) - max(begins, start), timedelta(0))
        day += timedelta(1)
    return total


def read_plan(data: Mapping, timezone: str = "Asia/Tokyo") -> StaffingPlan:
    """A plan from its JSON; raises ValueError with what is wrong in it."""
    special = {date.fromisoformat(day): read_spans(spans) for day, spans in dict(data.get("special") or {}).items()}
    zone = data.get("timezone") or timezone
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{zone!r} is no time zone") from None
    answer_minutes = data.get("answer_minutes", 5)
    if type(answer_minutes) is not int or not 1 <= answer_minutes <= 60:
        raise ValueError("a call is given up after 1 to 60 minutes")
    week = data.get("week") or {}
    if unknown := set(week) - set(WEEKDAYS):
        raise ValueError(f"{', '.join(sorted(unknown))}: days are called {', '.join(WEEKDAYS)}")
    return StaffingPlan(
        timezone=zone,
        week=tuple(read_spans(week.get(name) or ()) for name in WEEKDAYS) if "week" in data else USUAL_WEEK,
        closed_on_holidays=bool(data.get("closed_on_holidays", True)),
        special=tuple(sorted(special.items())),
        answer_minutes=answer_minutes,
    )


def write_plan(plan: StaffingPlan) -> dict:
    """The plan as JSON."""
    return {
        "timezone": plan.timezone,
        "week": {name: write_spans(spans) for name, spans in zip(WEEKDAYS, plan.week)},
        "closed_on_holidays": plan.closed_on_holidays,
        "special": {day.isoformat(): write_spans(spans) for day, spans in plan.special},
        "answer_minutes": plan.answer_minutes,
    }


def read_spans(spans) -> Spans:
    """Spans of a day from ["09:00", "18:00"] each; raises ValueError unless they follow one another."""
    read = tuple((_minute(begins), _minute(ends)) for begins, ends in spans)
    moments = [minute for span in read for minute in span]
    if any(one >= other for one, other in zip(moments, moments[1:])):
        raise ValueError("times of a day must follow one another")
    return read


def write_spans(spans: Spans) -> list[list[str]]:
    return [[f"{minute // 60:02}:{minute % 60:02}" for minute in span] for span in spans]


def _minute(text: str) -> int:
    if text == "24:00":
        return 24 * 60
    moment = time.fromisoformat(text)
    return moment.hour * 60 + moment.minute


def _local(plan: StaffingPlan, moment: datetime) -> date:
    return moment.astimezone(ZoneInfo(plan.timezone)).date()


def _forward(plan: StaffingPlan, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    return _walk(plan, _local(plan, moment), 1)


def _backward(plan: StaffingPlan, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    return _walk(plan, _local(plan, moment), -1)


def _walk(plan: StaffingPlan, day: date, step: int) -> Iterator[tuple[datetime, datetime]]:
    """Staffed periods from that day on, until there is none for longer than the horizon."""
    idle = 0
    while idle <= HORIZON_DAYS:
        periods = _periods(plan, day)
        yield from periods[::step]
        idle = 0 if periods else idle + 1
        day += timedelta(step)


@lru_cache(maxsize=4096)
def _periods(plan: StaffingPlan, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The day's spans as moments in UTC. Where the clocks are put forward, a span may be shorter than its times, or gone."""
    zone = ZoneInfo(plan.timezone)
    midnight = datetime.combine(day, time(), zone)
    # Adding to a local time moves its hands: 9:00 is 9:00 on every day, whenever midnight was.
    periods = []
    for span in plan.spans(day):
        begins, ends = ((midnight + timedelta(minutes=minute)).astimezone(UTC) for minute in span)
        if periods:
            begins = max(begins, periods[-1][1])
        if begins < ends:
            periods.append((begins, ends))
    return tuple(periods)
