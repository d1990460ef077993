"""Waiting for something to become so, up to a deadline; a test never sleeps for a guessed time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

#: Long enough for a busy machine; a test that passes never waits that long.
DEADLINE_SECONDS = 15.0
_GLANCE_SECONDS = 0.01


async def until(condition: Callable[[], T | Awaitable[T]], seconds: float = DEADLINE_SECONDS) -> T:
    """The condition's value once it is true; AssertionError after the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if isinstance(value, Awaitable):
            value = await value
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"did not become true within {seconds:.0f} seconds")
        await asyncio.sleep(_GLANCE_SECONDS)
