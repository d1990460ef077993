"""When a desk is staffed, held against counting minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.desk.staffing import (
    StaffingPlan,
    add_staffed_time,
    is_staffed,
    next_closing,
    next_opening,
    read_plan,
    staffed_between,
    subtract_staffed_time,
    write_plan,
)

TOKYO = ZoneInfo("Asia/Tokyo")
MINUTE = timedelta(minutes=1)


def tokyo(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=TOKYO)


@st.composite
def spans(draw) -> tuple:
    marks = sorted(draw(st.sets(st.integers(0, 96), max_size=6)))
    return tuple((15 * begins, 15 * ends) for begins, ends in zip(marks[::2], marks[1::2]))


days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
plans = st.builds(
    StaffingPlan,
    timezone=st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/New_York", "Pacific/Apia"]),
    week=st.tuples(*[spans()] * 7),
    closed_on_holidays=st.booleans(),
    special=st.dictionaries(days, spans(), max_size=5).map(lambda special: tuple(sorted(special.items()))),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
whiles = st.integers(0, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


@given(plans, moments, whiles)
def test_the_staffed_time_between_two_moments_is_the_minutes_at_which_somebody_is_there(plan, start, length):
    end = start + length
    counted = sum(is_staffed(plan, start + minute * MINUTE) for minute in range(int(length / MINUTE)))
    assert staffed_between(plan, start, end) == counted * MINUTE
    assert staffed_between(plan, end, start) == timedelta(0)


@given(plans, moments, st.integers(1, 6000))
def test_adding_staffed_time_ends_at_the_first_moment_by_which_so_much_has_passed(plan, start, minutes):
    end = add_staffed_time(plan, start, minutes * MINUTE)
    assume(end is not None)
    assert staffed_between(plan, start, end) == minutes * MINUTE
    assert staffed_between(plan, start, end - MINUTE) == (minutes - 1) * MINUTE


@given(plans, moments, st.integers(1, 6000))
def test_subtracting_staffed_time_is_adding_it_backwards(plan, end, minutes):
    start = subtract_staffed_time(plan, end, minutes * MINUTE)
    assume(start is not None)
    assert staffed_between(plan, start, end) == minutes * MINUTE
    assert staffed_between(plan, start + MINUTE, end) == (minutes - 1) * MINUTE


@given(plans, moments)
def test_the_next_opening_is_the_first_moment_at_which_somebody_is_there_after_nobody_was(plan, moment):
    opening = next_opening(plan, moment)
    assume(opening is not None)
    assert opening > moment
    assert is_staffed(plan, opening)
    assert not is_staffed(plan, opening - timedelta(seconds=1))
    begins = moment if not is_staffed(plan, moment) else end_of_staff(plan, moment)
    assert staffed_between(plan, begins, opening) == timedelta(0)


def end_of_staff(plan, moment):
    while (closing := next_closing(plan, moment)) is not None:
        moment = closing
    return moment


@given(plans)
def test_a_plan_is_the_same_after_it_was_written_down(plan):
    assert read_plan(write_plan(plan)) == plan


def test_a_desk_with_no_plan_of_its_own_is_there_on_working_days_from_nine_to_six():
    plan = StaffingPlan()
    assert is_staffed(plan, tokyo(2026, 11, 24, 9, 0))
    assert not is_staffed(plan, tokyo(2026, 11, 24, 8, 59))
    assert not is_staffed(plan, tokyo(2026, 11, 24, 18, 0))
    assert not is_staffed(plan, tokyo(2026, 11, 22, 12, 0)), "a Sunday"
    assert not is_staffed(plan, tokyo(2026, 11, 23, 12, 0)), "Labour Thanksgiving Day"
    assert next_opening(plan, tokyo(2026, 11, 20, 18, 0)) == tokyo(2026, 11, 24, 9, 0)
    assert next_closing(plan, tokyo(2026, 11, 24, 12, 0)) == tokyo(2026, 11, 24, 18, 0)
    assert add_staffed_time(plan, tokyo(2026, 11, 20, 17, 0), timedelta(hours=2)) == tokyo(2026, 11, 24, 10, 0)


def test_an_extra_day_is_closed_or_open_whatever_the_week_and_the_holidays_say():
    plan = read_plan({"special": {"2026-11-23": [["10:00", "12:00"]], "2026-11-24": []}})
    assert is_staffed(plan, tokyo(2026, 11, 23, 10, 0))
    assert next_opening(plan, tokyo(2026, 11, 23, 12, 0)) == tokyo(2026, 11, 25, 9, 0)


def test_a_desk_that_never_opens_is_never_late():
    plan = StaffingPlan(week=((),) * 7)
    assert next_opening(plan, tokyo(2026, 11, 24, 9, 0)) is None
    assert add_staffed_time(plan, tokyo(2026, 11, 24, 9, 0), MINUTE) is None
    assert subtract_staffed_time(plan, tokyo(2026, 11, 24, 9, 0), MINUTE) is None


def test_midnight_is_no_opening_of_a_desk_that_is_there_all_night():
    plan = StaffingPlan(week=(((0, 1440),),) * 5 + ((),) * 2, closed_on_holidays=False)
    assert next_opening(plan, tokyo(2026, 11, 24, 12, 0)) == tokyo(2026, 11, 30, 0, 0)


def test_a_desk_that_never_closes_never_opens():
    plan = StaffingPlan(week=(((0, 1440),),) * 7, closed_on_holidays=False)
    assert next_opening(plan, tokyo(2026, 11, 24, 12, 0)) is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"week": {"mon": [["18:00", "09:00"]]}}, "follow one another"),
        ({"week": {"mon": [["09:00", "13:00"], ["12:00", "18:00"]]}}, "follow one another"),
        ({"week": {"monday": []}}, "days are called"),
        ({"timezone": "Mars/Olympus"}, "no time zone"),
        ({"answer_minutes": 0}, "given up after"),
        ({"special": {"tomorrow": []}}, "isoformat"),
        ({"week": {"mon": [["9am", "18:00"]]}}, "isoformat"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(data, why):
    with pytest.raises(ValueError, match=why):
        read_plan(data)
