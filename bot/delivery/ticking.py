"""What happens at the desk because time passes: replies leave, writers stop, calls are given up."""

from __future__ import annotations

import asyncio
import logging

from .calls import Calls
from .services import Services

log = logging.getLogger(__name__)

#: A held reply leaves within this time after its moment.
TICK_SECONDS = 0.25
#: Calls are looked after every so many ticks.
CALLS_EVERY = 20


async def tick(services: Services, calls: Calls, count: int = 0) -> None:
    """Do what is due now."""
    await services.replies.deliver_due()
    services.presence.expire()
    await calls.tell_places()
    if count % CALLS_EVERY == 0:
        await calls.give_up()


async def keep_ticking(services: Services) -> None:
    """Tick until cancelled. What fails is tried again with the next tick, since all of it stands in the database."""
    calls, count, failed = Calls(services.handovers), 0, False
    await _resume(services)
    while True:
        try:
            await tick(services, calls, count)
            failed = False
        except Exception as error:
            if not failed:
                log.error("the desk's clock stopped: %s; it is tried again", type(error).__name__)
            failed = True
        count += 1
        await asyncio.sleep(TICK_SECONDS)


async def _resume(services: Services) -> None:
    while True:
        try:
            return await services.replies.resume()
        except Exception as error:
            log.error("held replies could not be read: %s; tried again", type(error).__name__)
            await asyncio.sleep(1.0)
