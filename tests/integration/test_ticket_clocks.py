"""The clocks of tickets, watched: warned before, told when late, each once, whatever dies in between."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.delivery.deadlines import BATCH, watch
from bot.desk.deadlines import Allowance
from bot.desk.person import Role
from bot.desk.staffing import StaffingPlan
from bot.desk.ticket import PRIORITIES
from bot.storage.tables import outbox
from tests.support.casework import Desk, make_desk

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


def late_ones(desk) -> list[tuple[str, str]]:
    return [(happening.ticket, happening.data["event"]) for happening in desk.feed.heard if happening.kind == "late"]


async def test_the_desk_is_warned_once_and_told_once_that_a_ticket_is_late(desk, clock):
    mika = desk.person("Mika")
    ticket = await desk.casework.tickets.take(mika, desk.ticket(reason="complaint").id)
    clock.set(ticket.due_at - timedelta(minutes=61))
    assert await watch(desk.services) == 0
    clock.advance(minutes=1)
    assert await watch(desk.services) == 1
    assert await watch(desk.services) == 0
    assert late_ones(desk) == [(ticket.id, "warned")]
    assert desk.read(ticket).updated_at == ticket.updated_at, "a warning is no change of the ticket"
    clock.set(ticket.due_at)
    assert await watch(make_desk(desk.core, clock).services) == 1, "by a gateway that has just started"
    assert await watch(desk.services) == 0
    late = desk.read(ticket)
    assert (late.priority, late.escalated_at) == (PRIORITIES.index("high"), clock())
    assert desk.events(ticket)[-2:] == ["warned", "escalated"]
    assert desk.audited(ticket)[-1] == ("system", "ticket.escalate")
    causes = [row.cause.split()[0] for row in desk.do(lambda db: db.execute(outbox.select().order_by(outbox.c.created_at)).all())]
    assert causes == ["warned", "escalated"]


async def test_what_is_late_before_anybody_looked_is_escalated_without_a_warning(desk, clock):
    ticket = desk.ticket()
    clock.advance(days=30)
    assert await watch(desk.services) == 1
    assert late_ones(desk) == [(ticket.id, "escalated")]


async def test_nothing_is_told_of_tickets_that_wait_for_their_customer_or_are_closed(desk, clock):
    mika = desk.person("Mika")
    waiting, closed = desk.ticket(), desk.ticket()
    await desk.casework.closing.wait(mika, waiting.id)
    await desk.casework.closing.close(mika, closed.id, "done")
    clock.advance(days=30)
    assert await watch(desk.services) == 0


async def test_a_desk_that_was_down_for_long_works_off_all_that_is_late(desk, clock):
    for _ in range(BATCH + 3):
        desk.ticket()
    clock.advance(days=30)
    assert await watch(desk.services) == BATCH + 3


async def test_a_desk_counts_in_its_own_hours_and_by_its_own_clocks(desk, clock):
    nights = StaffingPlan(week=(((20 * 60, 24 * 60),),) * 7, closed_on_holidays=False, answer_minutes=10)

    def set_up(db):
        desk.core.staffing.set_plan(db, "jcom", StaffingPlan(), clock())
        desk.core.staffing.set_plan(db, "jcom", nights, clock())
        for minutes in (60, 30):
            allowed = Allowance(timedelta(minutes=minutes), None, timedelta(minutes=10))
            desk.core.staffing.set_allowance(db, "jcom", "asked", allowed)

    desk.do(set_up)
    assert desk.do(lambda db: desk.core.staffing.plan(db, "jcom")) == nights
    assert desk.do(lambda db: desk.core.staffing.allowances(db, "jcom"))["asked"].reply == timedelta(minutes=30)
    ticket = desk.ticket()  # on a Tuesday at noon
    assert ticket.due_at == datetime(2026, 11, 24, 20, 30, tzinfo=TOKYO)
    assert ticket.resolve_due_at is None
    other = desk.ticket(company="cuc")
    assert other.due_at == datetime(2026, 11, 25, 11, 0, tzinfo=TOKYO)


async def test_a_late_ticket_that_a_supervisor_calms_down_stays_calm(desk, clock):
    chief, ticket = desk.person("Sato", Role.SUPERVISOR), desk.ticket()
    clock.advance(days=5)
    await watch(desk.services)
    await desk.casework.details.set_priority(chief, ticket.id, PRIORITIES.index("low"))
    assert await watch(desk.services) == 0
    assert desk.read(ticket).priority == PRIORITIES.index("low")
