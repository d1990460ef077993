"""Japan's public holidays."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

import holidays


def public_holiday(day: date) -> dict[str, str] | None:
    """The name of the public holiday on that day, by locale."""
    english = _calendar(day.year, "en_US").get(day)
    return {"en": english, "ja": _calendar(day.year, "ja").get(day)} if english else None


@lru_cache(maxsize=16)
def _calendar(year: int, language: str) -> holidays.HolidayBase:
    return holidays.country_holidays("JP", years=year, language=language)
