"""Which days a period has, and how long things took."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.console.charts import draw_columns, percent
from bot.desk.errors import BadRequest
from bot.desk.figures import LONGEST_DAYS, Line, Period, Spread

TOKYO = ZoneInfo("Asia/Tokyo")


def test_a_period_begins_and_ends_at_midnight_where_the_desk_is():
    period = Period(date(2026, 11, 1), date(2026, 11, 2), TOKYO)
    assert period.since.astimezone(UTC) == datetime(2026, 10, 31, 15, tzinfo=UTC)
    assert period.until.astimezone(UTC) == datetime(2026, 11, 2, 15, tzinfo=UTC)


@pytest.mark.parametrize(("days", "columns"), [(1, 1), (31, 31), (90, 13), (365, 27)])
def test_a_long_period_is_counted_by_weeks_so_that_its_chart_can_be_read(days, columns):
    first = date(2026, 1, 1)
    assert len(Period(first, first + timedelta(days - 1), TOKYO).columns()) == columns


@pytest.mark.parametrize("last", [date(2025, 12, 31), date(2027, 1, 2)])
def test_a_period_that_is_none_or_has_no_end_is_refused(last):
    with pytest.raises(BadRequest):
        Period(date(2026, 1, 1), last, TOKYO)


def test_a_year_is_the_longest():
    assert Period(date(2026, 1, 1), date(2027, 1, 1), TOKYO).days == LONGEST_DAYS


def test_the_zone_changes_its_clocks_within_a_period():
    period = Period(date(2026, 10, 24), date(2026, 10, 26), ZoneInfo("Europe/Berlin"))
    assert [offset for _, offset in period.offsets()] == [7200, 3600]


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_half_stay_within_the_median_and_nine_of_ten_within_the_other(times):
    spread = Spread.of(sorted(times))
    within = [sum(time <= limit for time in times) for limit in (spread.median, spread.most)]
    below = [sum(time < limit for time in times) for limit in (spread.median, spread.most)]
    assert within[0] * 2 >= len(times) > below[0] * 2
    assert within[1] * 10 >= len(times) * 9 > below[1] * 10


def test_satisfaction_is_the_part_of_the_good_ones():
    assert Line("", good=2, bad=1).satisfaction == 67
    assert Line("").satisfaction is None


def test_the_largest_column_fills_the_chart_and_nothing_leaves_it():
    chart = draw_columns(["1", "2", "3"], [0, 5, 10], [1, 2, 3])
    tall = max(chart.bars, key=lambda bar: bar.height)
    assert tall.value == 10
    assert all(bar.x >= 0 and bar.x + bar.width <= chart.width and 0 < bar.y <= chart.base for bar in chart.bars)
    assert draw_columns(["1"], [0]).bars[0].height == 0


def test_a_part_of_nothing_is_nothing():
    assert percent(3, 0) == percent(None, 4) == 0
    assert percent(1, 4) == 25
