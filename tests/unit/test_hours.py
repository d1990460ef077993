"""Whether somebody answers the telephone now, by what the policy says, wherever the customer is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.calendar import public_holiday
from bot.knowledge.answering import Answerer
from bot.knowledge.company import Company, Hours
from bot.knowledge.hours import find_opening

TOKYO = ZoneInfo("Asia/Tokyo")


def tokyo(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=TOKYO)


@pytest.fixture
def coocom(library) -> Company:
    """Monday to Friday, 10:00 to 14:00; the policy does not name public holidays."""
    return library.company("coocom")


@pytest.fixture
def jcom(library) -> Company:
    """Every day of the year, 9:00 to 18:00."""
    return library.company("jcom")


def test_kenji_calls_on_a_weekday_within_the_hours(coocom):
    opening = find_opening(coocom, tokyo(2026, 11, 24, 12, 0))
    assert opening.open_now is True
    assert opening.closes == tokyo(2026, 11, 24, 14, 0)
    assert opening.next_opening == tokyo(2026, 11, 25, 10, 0)


@pytest.mark.parametrize(
    ("hour", "minute", "open_now"), [(9, 59, False), (10, 0, True), (13, 59, True), (14, 0, False)]
)
def test_the_first_minute_is_open_and_the_closing_time_is_closed(coocom, hour, minute, open_now):
    assert find_opening(coocom, tokyo(2026, 11, 24, hour, minute)).open_now is open_now


def test_before_opening_the_next_opening_is_today(coocom):
    assert find_opening(coocom, tokyo(2026, 11, 24, 8, 0)).next_opening == tokyo(2026, 11, 24, 10, 0)


def test_on_friday_evening_the_next_opening_is_monday(coocom):
    opening = find_opening(coocom, tokyo(2026, 11, 27, 14, 30))
    assert opening.open_now is False
    assert opening.next_opening == tokyo(2026, 11, 30, 10, 0)


def test_at_the_weekend_the_desk_is_closed(coocom):
    for day in (28, 29):
        opening = find_opening(coocom, tokyo(2026, 11, day, 12, 0))
        assert (opening.open_now, opening.next_opening) == (False, tokyo(2026, 11, 30, 10, 0))


def test_on_a_public_holiday_that_the_policy_does_not_name_nobody_can_tell(coocom):
    opening = find_opening(coocom, tokyo(2026, 11, 23, 12, 0))
    assert opening.open_now is None
    assert "Thanksgiving" in opening.holiday["en"]
    assert opening.next_opening == tokyo(2026, 11, 24, 10, 0)


def test_early_on_such_a_holiday_kenji_is_warned_that_it_is_one(coocom):
    opening = find_opening(coocom, tokyo(2026, 11, 23, 8, 0))
    assert opening.open_now is False
    assert "Thanksgiving" in opening.holiday["en"]
    assert opening.next_opening == tokyo(2026, 11, 24, 10, 0)


def test_after_closing_time_or_at_a_weekend_a_holiday_changes_nothing(coocom):
    assert find_opening(coocom, tokyo(2026, 11, 23, 16, 0)).holiday is None
    assert find_opening(coocom, tokyo(2026, 11, 3, 16, 0)).holiday is None
    assert find_opening(coocom, tokyo(2026, 8, 8, 12, 0)).holiday is None  # a Saturday


def test_a_desk_that_closes_on_public_holidays_is_simply_closed(coocom):
    company = replace(coocom, hours=replace(coocom.hours, holidays="closed"))
    opening = find_opening(company, tokyo(2026, 11, 23, 12, 0))
    assert (opening.open_now, opening.holiday) == (False, None)
    assert opening.next_opening == tokyo(2026, 11, 24, 10, 0)


def test_hana_can_call_on_a_holiday_where_the_policy_says_all_year_round(jcom):
    for moment in (tokyo(2026, 11, 23, 12, 0), tokyo(2027, 1, 1, 12, 0), tokyo(2026, 11, 28, 9, 0)):
        opening = find_opening(jcom, moment)
        assert (opening.open_now, opening.holiday) == (True, None)


def test_over_the_year_end_the_next_certain_opening_is_the_first_ordinary_monday(coocom):
    opening = find_opening(coocom, tokyo(2026, 12, 31, 15, 0))
    assert opening.next_opening == tokyo(2027, 1, 4, 10, 0)
    new_year = find_opening(coocom, tokyo(2027, 1, 1, 11, 0))
    assert new_year.open_now is None
    assert "New Year" in new_year.holiday["en"]


def test_in_golden_week_the_next_certain_opening_is_found(coocom):
    assert find_opening(coocom, tokyo(2026, 5, 1, 15, 0)).next_opening == tokyo(2026, 5, 7, 10, 0)


def test_a_policy_without_hours_leaves_the_state_unknown(library):
    opening = find_opening(library.company("plusone"), tokyo(2026, 11, 24, 12, 0))
    assert (opening.open_now, opening.closes, opening.next_opening, opening.holiday) == (None, None, None, None)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2029, 12, 31)),
    st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]),
)
def test_it_does_not_matter_in_which_time_zone_somebody_asks(library, moment, zone):
    there = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    company = library.company("coocom")
    assert find_opening(company, there) == find_opening(company, there.astimezone(TOKYO))


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2029, 12, 31)),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from(["open", "closed", "unknown"]),
)
def test_the_next_opening_is_a_moment_at_which_the_desk_opens(library, moment, days, holidays):
    hours = Hours(days, time(9, 30), time(17, 0), holidays, "")
    company = replace(library.company("coocom"), hours=hours)
    now = moment.replace(tzinfo=UTC)
    opening = find_opening(company, now)
    assert opening.next_opening > now
    assert opening.next_opening.weekday() in days
    assert find_opening(company, opening.next_opening).open_now is True
    assert find_opening(company, opening.next_opening - timedelta(minutes=1)).open_now is not True
    if opening.open_now:
        assert now < opening.closes <= now + timedelta(hours=7, minutes=30)


def test_a_substitute_holiday_is_a_holiday():
    assert public_holiday(date(2027, 3, 22))  # the equinox is on a Sunday
    assert not public_holiday(date(2027, 3, 23))


# How it is said ---------------------------------------------------------------------------------------------------


def said(library, company: str, moment: datetime, locale: str = "en") -> str:
    return Answerer(library, lambda: moment).tell_opening(library.company(company), locale)


def test_kenji_hears_until_when_the_desk_is_open(library):
    assert "open now, until 14:00" in said(library, "coocom", tokyo(2026, 11, 24, 12, 0))


def test_kenji_hears_when_it_opens_next(library):
    assert "opens next on Monday 30 November at 10:00" in said(library, "coocom", tokyo(2026, 11, 27, 20, 0))


def test_today_and_tomorrow_read_as_a_sentence(library):
    assert "it opens next today at 10:00" in said(library, "coocom", tokyo(2026, 11, 24, 8, 0))
    assert "it opens next tomorrow at 10:00" in said(library, "coocom", tokyo(2026, 11, 24, 20, 0))


def test_a_holiday_is_called_by_its_name_with_the_next_ordinary_day(library):
    text = said(library, "coocom", tokyo(2026, 11, 23, 12, 0))
    assert "public holiday" in text
    assert "Thanksgiving" in text
    assert "10:00" in text


def test_a_customer_of_cloco_hears_that_the_policy_gives_no_hours(library):
    assert library.company("cloco").hours is None
    assert "no hours" in said(library, "cloco", tokyo(2026, 11, 24, 12, 0))


def test_nothing_is_said_of_a_telephone_that_the_policy_does_not_give(library):
    assert not library.company("plusone").facts["phone"].statement.stated
    assert said(library, "plusone", tokyo(2026, 11, 24, 12, 0)) == ""


@pytest.mark.parametrize(
    "moment", [(2026, 11, 24, 12, 0), (2026, 11, 27, 20, 0), (2026, 11, 23, 12, 0), (2026, 11, 24, 20, 0)]
)
def test_mika_hears_it_in_japanese(library, moment):
    text = said(library, "coocom", tokyo(*moment), "ja")
    assert not any(word in text for word in ("today", "tomorrow", "Monday", "November", "None", "Thanksgiving"))


def test_every_mention_of_a_time_says_the_days_opening_in_the_companys_zone(library):
    assert "until 18:00" in said(library, "jcom", datetime(2026, 11, 24, 3, 0, tzinfo=UTC))
