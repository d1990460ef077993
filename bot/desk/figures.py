"""Figures about a desk's work: for which days, and what is counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .errors import BadRequest

#: What figures are told apart by.
DIMENSIONS = ("company", "channel", "topic", "day")

#: What came of a customer's message to the assistant, as the table of outcomes has it.
OUTCOMES = ("answered", "not_stated", "nearest", "missed", "handed_over", "talk")

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Period:
    """Some days, both ends included, in a desk's time zone."""

    first: date
    last: date
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise BadRequest("The period ends before it begins.")
        if self.days > LONGEST_DAYS:
            raise BadRequest(f"A period has {LONGEST_DAYS} days at most.")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def since(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone)

    @property
    def until(self) -> datetime:
        """The moment after it."""
        return datetime.combine(self.last + timedelta(1), time(), self.zone)

    @property
    def step(self) -> int:
        """Days that are counted together, so that a chart has no more columns than can be read."""
        return 1 if self.days <= 31 else 7 if self.days <= 217 else 14

    def columns(self) -> list[date]:
        """The first day of each column."""
        return [self.first + timedelta(place) for place in range(0, self.days, self.step)]

    def offsets(self) -> Iterator[tuple[datetime, int]]:
        """The zone's distance from UTC in seconds, each from a moment on: more than one where clocks are changed meanwhile."""
        last = None
        for place in range(self.days):
            midnight = datetime.combine(self.first + timedelta(place), time(), self.zone)
            offset = int(midnight.utcoffset().total_seconds())  # type: ignore[union-attr]
            if offset != last:
                yield midnight, offset
            last = offset


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took: of how many, the middle one, and what nine of ten stayed within; seconds."""

    count: int
    median: int
    most: int  #: 90th percentile

    @classmethod
    def of(cls, times: Sequence[int]) -> Spread:
        """Of times in ascending order, at least one: each figure is one of them, none is made up in between."""
        count = len(times)
        return cls(count, times[-(-count * 50 // 100) - 1], times[-(-count * 90 // 100) - 1])


@dataclass(slots=True)
class Line:
    """Tickets that were opened in a period and have one thing in common."""

    key: str
    opened: int = 0
    replied: int = 0
    closed: int = 0
    good: int = 0
    bad: int = 0
    reply: Spread | None = None
    resolve: Spread | None = None

    @property
    def satisfaction(self) -> int | None:
        """Percent of good ratings; None where nobody rated."""
        rated = self.good + self.bad
        return round(100 * self.good / rated) if rated else None


@dataclass(frozen=True, slots=True)
class Now:
    """A company's tickets that are not closed, at this moment."""

    company: str
    open: int = 0  #: the desk has the ball
    waiting: int = 0  #: the customer has it
    unassigned: int = 0
    late: int = 0
    calling: int = 0  #: a customer waits in the chat


@dataclass(frozen=True, slots=True)
class Figures:
    """All that the supervisor's page shows."""

    period: Period
    now: tuple[Now, ...]
    total: Line
    lines: dict[str, list[Line]]  #: by dimension
    closed: list[int]  #: in each column of the period, whenever they were opened
    answers: dict[str, int]  #: by kind of outcome
    answers_by: dict[str, dict[str, dict[str, int]]]  #: by dimension, then key, then kind
