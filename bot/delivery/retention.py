"""The end date of chats: an hour by hour sweep forgets those that nobody has written in for the set time."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from .services import Services

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3600.0
#: A file that was uploaded and not sent within that time will not be.
KEEP_UNSENT = timedelta(days=7)


async def sweep(services: Services) -> int:
    """Forget every stale chat, some at a time, and erase what forgotten ones held no longer than they had to; how many."""
    count = await _erase(services)
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


async def _erase(services: Services) -> int:
    """What forgotten chats held for a case that is closed now, and files that were never sent."""
    core, count = services.core, 0
    while erased := await services.database.run(core.conversations.erase_released):
        count += len(erased)
    before = services.clock() - KEEP_UNSENT
    await services.database.run(lambda db: core.attachments.drop_unsent(db, before))
    return count


async def keep_sweeping(services: Services) -> None:
    """Sweep now and then every hour, until cancelled."""
    while True:
        try:
            await sweep(services)
        except Exception as error:
            log.error("stale chats could not be forgotten: %s; tried again in an hour", type(error).__name__)
        await asyncio.sleep(SWEEP_SECONDS)
