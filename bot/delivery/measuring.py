"""Counts soon after how long a ticket's first reply and its settling took, so that figures need only be summed up."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

from sqlalchemy.engine import Row

from bot.bootstrap import Core
from bot.desk.staffing import StaffingPlan, staffed_between
from bot.storage.ticket_times import Measured, TicketTimes, moments

from .services import Services

log = logging.getLogger(__name__)

SECONDS = 30.0
#: Every so many times all tickets are gone through, also those that were brought in with times that are long over.
THOROUGH = 20
BATCH = 500


async def measure(core: Core, since: datetime | None = None) -> int:
    """Measure every ticket that is not yet; with `since`, of those changed from then on. Returns how many."""
    times, companies = TicketTimes(), [company.key for company in core.library.companies()]
    count, after = 0, ""
    while rows := await core.database.read(lambda db, after=after: times.unmeasured(db, companies, since, after, BATCH)):
        of = {row.company for row in rows}
        plans = await core.database.read(lambda db, of=of: {company: core.staffing.plan(db, company) for company in of})
        measured = await asyncio.to_thread(lambda rows=rows, plans=plans: [measure_one(plans[row.company], row) for row in rows])
        await core.database.run(lambda db, measured=measured: times.keep(db, measured))
        count, after = count + len(rows), rows[-1].id
    return count


def measure_one(plan: StaffingPlan, row: Row) -> Measured:
    """In staffed time: the first reply from the opening; settling from the opening, or from being reopened, without pauses.

    What was merged goes on in another ticket, and its own times say nothing.
    """
    opened, began, replied, closed = moments(row)
    reply = staffed_between(plan, opened, replied) if replied else None
    resolve = staffed_between(plan, began, closed) - timedelta(seconds=row.paused_seconds) if closed else None
    if row.merged_into:
        reply = resolve = None
    return Measured(
        ticket=row.id,
        version=row.version,
        company=row.company,
        channel=row.channel,
        topic=row.topic,
        opened=int(opened.timestamp()),
        reply_seconds=None if reply is None else round(reply.total_seconds()),
        resolve_seconds=None if resolve is None else max(round(resolve.total_seconds()), 0),
    )


async def keep_measuring(services: Services) -> None:
    """Measure what has changed, now and every half minute, until cancelled."""
    passes, since = 0, None
    while True:
        began = services.clock()
        try:
            await measure(services.core, since if passes % THOROUGH else None)
            # A ticket may be stored a little after the time that it tells.
            since, passes = began - timedelta(minutes=5), passes + 1
        except Exception as error:
            log.error("tickets' times could not be counted: %s; tried again soon", type(error).__name__)
        await asyncio.sleep(SECONDS)
