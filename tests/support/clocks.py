"""A clock that says what a test wants it to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SetClock:
    """Stands still until it is moved. A Tuesday noon in Tokyo to begin with."""

    def __init__(self, moment: datetime = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)):
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        self.moment = moment

    def advance(self, **by: float) -> None:
        self.moment += timedelta(**by)
