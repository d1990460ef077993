"""Watches the clocks of tickets: the desk is warned before one is late and told when it is, each once, also after a restart."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.engine import Connection

from bot.desk.ticket import Ticket

from .feed import Happening
from .notices import Notices
from .services import Services

log = logging.getLogger(__name__)

WATCH_SECONDS = 60.0
#: So many tickets are dealt with in one transaction.
BATCH = 50


async def watch(services: Services) -> int:
    """Warn of every ticket that is due soon and escalate what is late; returns how many there were."""
    core, notices, count = services.core, Notices(services.core), 0
    while True:
        now = services.clock()

        def work(db: Connection, now=now) -> list[tuple[Ticket, str]]:
            told = []
            for ticket in core.tickets.list_alarms(db, now, BATCH):
                clockwork = core.staffing.clockwork(db, ticket)
                if ticket.due_at and ticket.due_at <= now:
                    after = core.tickets.save(db, clockwork.escalated(ticket, now), now)
                    core.events.add(db, ticket.id, "escalated", None, now, {"from": ticket.priority, "to": after.priority})
                    notices.escalated(db, after, now)
                    told.append((after, "escalated"))
                else:
                    after = core.tickets.save(db, clockwork.warned(ticket, now), now, quietly=True)
                    core.events.add(db, ticket.id, "warned", None, now)
                    notices.warned(db, after, now)
                    told.append((after, "warned"))
            for ticket, event in told:
                if event == "escalated":
                    core.audit.append(db, "system", "ticket.escalate", now, company=ticket.company, subject=ticket.id)
            return told

        told = await services.database.run(work)
        for ticket, event in told:
            data = {"event": event, "by": None, "assignee": ticket.assignee}
            services.feed.publish(Happening("ticket", ticket.company, ticket.id, data))
            services.feed.publish(Happening("late", ticket.company, ticket.id, data))
        count += len(told)
        if len(told) < BATCH:
            return count


async def keep_watching(services: Services) -> None:
    """Watch now and then every minute, until cancelled."""
    while True:
        try:
            await watch(services)
        except Exception as error:
            log.error("clocks could not be watched: %s; tried again in a minute", type(error).__name__)
        await asyncio.sleep(WATCH_SECONDS)
