"""Moments in words, as a clerk says them: today, tomorrow, on Monday 30 November."""

from __future__ import annotations

from datetime import datetime, timedelta

from babel.dates import format_date


def tell_day(day: datetime, now: datetime, locale: str) -> str:
    """The day of a moment that is given in the reader's zone."""
    today = now.astimezone(day.tzinfo).date()
    if day.date() == today:
        return {"ja": "本日"}.get(locale, "today")
    if day.date() == today + timedelta(1):
        return {"ja": "明日"}.get(locale, "tomorrow")
    return format_date(day, "M月d日(EEE)" if locale == "ja" else "'on' EEEE d MMMM", locale=locale)


def tell_moment(moment: datetime, now: datetime, locale: str) -> str:
    """The day and the time of a moment that is given in the reader's zone."""
    day, time = tell_day(moment, now, locale), f"{moment:%H:%M}"
    return f"{day}{time}" if locale == "ja" else f"{day} at {time}"
