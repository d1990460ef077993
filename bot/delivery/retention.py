"""The end date of chats: an hour by hour sweep forgets those that nobody has written in for the set time."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from .services import Services

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3600.0


async def sweep(services: Services) -> int:
    """Forget every stale chat, some at a time; returns how many."""
    count = 0
    while True:
        now = services.clock()
        before = now - timedelta(days=services.settings.keep_chats_days)
        forgotten = await services.database.run(
            lambda db, before=before, now=now: services.conversations.forget_stale(db, before, now)
        )
        for conversation in forgotten:
            services.turns.forget(conversation)
            services.streams.close(conversation)
        count += len(forgotten)
        if not forgotten:
            return count


async def keep_sweeping(services: Services) -> None:
    """Sweep now and then every hour, until cancelled."""
    while True:
        try:
            await sweep(services)
        except Exception as error:
            log.error("stale chats could not be forgotten: %s; tried again in an hour", type(error).__name__)
        await asyncio.sleep(SWEEP_SECONDS)
