"""Times as a clerk says them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.console.pages import read_wording
from bot.console.times import Times

WORDING = read_wording()
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # noon in Tokyo


def times(locale: str = "en") -> Times:
    return Times(lambda key, **values: WORDING[key][locale].format(**values), locale, NOW, ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("minutes", "english", "japanese"),
    [
        (120, "due in 2 h", "期限まで2時間"),
        (59, "due in 59 min", "期限まで59分"),
        (0, "due in 1 min", "期限まで1分"),
        (-1, "1 min late", "1分超過"),
        (-185, "3 h late", "3時間超過"),
        (47 * 60 + 59, "due in 47 h", "期限まで47時間"),
        (48 * 60, "due in 2 d", "期限まで2日"),
    ],
)
def test_a_due_date_is_said_in_words(minutes, english, japanese):
    moment = NOW + timedelta(minutes=minutes)
    assert f">{english}<" in times().due(moment)
    assert f">{japanese}<" in times("ja").due(moment)


def test_the_exact_moment_stands_with_the_words():
    element = times().due(NOW + timedelta(hours=2))
    assert 'datetime="2026-11-24T05:00:00Z"' in element
    assert 'title="Tue 24 Nov 2026, 14:00"' in element
    assert 'title="2026年11月24日(火) 14:00"' in times("ja").due(NOW + timedelta(hours=2))


def test_what_was_long_ago_names_its_day():
    assert ">just now<" in times().ago(NOW - timedelta(seconds=59))
    assert ">5 min ago<" in times().ago(NOW - timedelta(minutes=5))
    assert ">11:00<" in times().clock(NOW - timedelta(hours=1))
    assert ">Mon 23 Nov, 12:00<" in times().clock(NOW - timedelta(days=1))
    assert ">Mon 24 Nov 2025, 12:00<" in times().clock(NOW - timedelta(days=365))


def test_a_field_takes_the_desks_own_time():
    assert times().local(NOW) == "2026-11-24T12:00"
    assert times().local(None) == ""
