"""Rate limits: by conversation and by network address, as settings say."""

from __future__ import annotations

import time

from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from bot.desk.errors import TooManyRequests
from bot.settings import BadSetting, Settings


class RateLimits:
    """Counts hits in this process."""

    def __init__(self, settings: Settings):
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._limits = {}
        for kind in ("conversations", "messages", "network"):
            rule = getattr(settings, f"limit_{kind}")
            try:
                self._limits[kind] = parse(rule)
            except ValueError:
                name = f"DESK_LIMIT_{kind.upper()}"
                raise BadSetting(f"{name} is {rule!r}, but must be of the form 30/minute.") from None

    async def count(self, kind: str, who: str) -> None:
        """Raises TooManyRequests with the seconds to wait."""
        limit = self._limits[kind]
        if not await self._limiter.hit(limit, kind, who):
            reset, _ = await self._limiter.get_window_stats(limit, kind, who)
            raise TooManyRequests(max(reset - time.time(), 1.0))
