"""Writes the audit log's head outside the database, now and then and at the end, so that a cut-off tail is found."""

from __future__ import annotations

import asyncio
import logging

from bot.storage.audit_heads import HeadFile

from .services import Services

log = logging.getLogger(__name__)

SECONDS_A_MINUTE = 60.0


async def write_head(services: Services) -> bool:
    """Add the head to the file if it is another than the last one there; whether it was."""
    audit = services.core.audit
    file = HeadFile(services.settings.audit_heads)
    last = await asyncio.to_thread(file.last)
    head = await services.database.run(audit.head)
    if last and not await services.database.run(lambda db: audit.holds(db, last)):
        log.error("the audit log is not as its last head outside says: run `python -m bot audit verify`")
    if head is None or head == last:
        return False
    await asyncio.to_thread(file.append, head, services.clock())
    return True


async def try_to_write_head(services: Services) -> None:
    """As write_head; what stands in the way is said and stops nothing."""
    try:
        await write_head(services)
    except Exception as error:
        log.error("the audit log's head could not be written: %s; it is tried again", type(error).__name__)


async def keep_writing_heads(services: Services) -> None:
    """Write it now and after every interval, until cancelled."""
    while True:
        await try_to_write_head(services)
        await asyncio.sleep(services.settings.audit_head_minutes * SECONDS_A_MINUTE)
