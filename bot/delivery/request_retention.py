"""The end date of requests: what nobody goes on with expires, what has ended is erased when its company's time is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.desk.errors import RequestChanged
from bot.desk.request import Mover, State
from bot.desk.ticket import Ticket
from bot.storage.request_cases import Kept

from .request_notices import RequestNotices
from .services import Services

log = logging.getLogger(__name__)

SWEEP_SECONDS = 3600.0
#: A request that is not finished in the chat within that time is erased.
KEEP_UNFINISHED = timedelta(days=30)
#: A request that waits for the customer so long has expired.
KEEP_WAITING = timedelta(days=90)
#: An answer can be fetched for so long, however short a company's own time is.
KEEP_DOWNLOAD = timedelta(days=5)
#: So many are dealt with in one transaction.
BATCH = 50

#: Here the customer has the ball. What waits for the desk never expires, however slow the desk is.
WAITING = frozenset({State.AWAITING_CONTACT, State.AWAITING_DOCUMENTS, State.AWAITING_PAYMENT})
_LEFT = ((frozenset({State.COLLECTING}), KEEP_UNFINISHED), (WAITING, KEEP_WAITING))


@dataclass(frozen=True, slots=True)
class Due:
    """A request that retention would erase."""

    kept: Kept
    rule: str  #: as the proof of the erasure will say it
    since: datetime  #: the time was over then
    held: bool  #: a legal hold stops it


def preview(core: Core, now: datetime, most: int = 1000) -> list[Due]:
    """What would be erased if the sweep ran at that moment, and what a legal hold keeps from it; nothing is changed."""

    def look(db: Connection) -> list[Due]:
        found = []
        for company in core.library.companies():
            days = timedelta(days=company.procedure.retention.value)
            cases = core.request_cases
            rows = cases.list_ended(db, company.key, now - days, KEEP_DOWNLOAD, most)
            for kept in (*rows, *cases.list_held(db, company.key, now - days, most)):
                found.append(_due(core, kept))
        return sorted(found, key=lambda due: due.since)

    return core.database.look(look)


async def sweep(services: Services) -> tuple[int, int]:
    """Let expire and erase all that is due now; how many expired and how many were erased."""
    expired = 0
    for states, time in _LEFT:
        expired += await _work_off(services, lambda db, now, states=states, time=time: _expire(services, db, states, time, now))
    erased = 0
    for company in services.library.companies():
        erased += await _work_off(services, lambda db, now, company=company.key: _erase(services.core, db, company, now))
    return expired, erased


async def keep_erasing(services: Services) -> None:
    """Sweep now and then every hour, until cancelled."""
    while True:
        try:
            await sweep(services)
        except Exception as error:
            log.error("requests could not be erased or let expire: %s; tried again in an hour", type(error).__name__)
        await asyncio.sleep(SWEEP_SECONDS)


async def _work_off(services: Services, step: Callable[[Connection, datetime], list[Ticket | None]]) -> int:
    """Do it batch by batch, and have pages read what is new; how many there were."""
    count = 0
    while True:
        now = services.clock()
        done = await services.database.run(lambda db, now=now: step(db, now))
        for ticket in done:
            if ticket:
                services.handovers.tell(ticket, "request_moved", None)
        count += len(done)
        if len(done) < BATCH:
            return count


def _expire(services: Services, db: Connection, states: frozenset[State], time: timedelta, now: datetime) -> list[Ticket | None]:
    core, notices, done = services.core, RequestNotices(services.core), []
    expired = []
    for kept in core.request_cases.list_left(db, states, now - time, BATCH):
        ticket = _ticket(core, db, kept)
        try:
            moved = core.requests.move(db, kept.request, "expire", Mover.SYSTEM, now)
        except RequestChanged:
            continue  # somebody went on with it in this moment
        if ticket:
            detail = {"move": "expire", "from": kept.request.state.value, "to": moved.state.value}
            core.events.add(db, ticket.id, "request_moved", None, now, detail)
        notices.moved(db, kept, ticket, "expire", moved, now, days=time.days)
        done.append(ticket)
        expired.append(kept)
    for kept in expired:
        detail = {"from": kept.request.state.value}
        core.audit.append(
            db, "system", "request.expire", now, company=kept.request.company, subject=kept.request.id, detail=detail
        )
    return done


def _erase(core: Core, db: Connection, company: str, now: datetime) -> list[Ticket | None]:
    days = timedelta(days=core.library.company(company).procedure.retention.value)
    rows = core.request_cases.list_ended(db, company, now - days, KEEP_DOWNLOAD, BATCH)
    done, erased = [], []
    for kept in rows:
        rule = _due(core, kept).rule
        if not core.requests.erase(db, kept.request.id, rule, now):
            continue
        ticket = _ticket(core, db, kept)
        if ticket:
            core.events.add(db, ticket.id, "request_erased", None, now)
        done.append(ticket)
        erased.append((kept, rule))
    for kept, rule in erased:
        core.audit.append(
            db, "system", "request.erase", now, company=company, subject=kept.request.id, detail={"rule": rule}
        )
    return done


def _due(core: Core, kept: Kept) -> Due:
    retention = core.library.company(kept.request.company).procedure.retention
    ended = kept.request.changed_at
    assert ended is not None
    if kept.request.submitted_at is None:
        return Due(kept, "never submitted", ended, kept.held)
    whose = "policy" if retention.of_policy else "desk"
    time = timedelta(days=retention.value)
    if kept.request.evidence.answer_method == "download":
        time += KEEP_DOWNLOAD
    return Due(kept, f"{retention.value} days after its end ({whose})", ended + time, kept.held)


def _ticket(core: Core, db: Connection, kept: Kept) -> Ticket | None:
    if kept.ticket:
        return core.tickets.find(db, kept.ticket)
    return core.tickets.find_current(db, kept.conversation)
