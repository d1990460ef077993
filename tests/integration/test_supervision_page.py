"""What Mari, a supervisor, sees of her companies' work: fast, right, and of nobody else's."""

from __future__ import annotations

import csv
import io
import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.casework.statistics import Supervision
from bot.delivery.measuring import measure
from bot.desk.figures import DIMENSIONS, Period
from bot.desk.person import Person, Role
from bot.desk.staffing import StaffingPlan
from bot.storage.tables import conversations, outcomes, tickets
from tests.support.staff import ALL, staff
from tests.support.waiting import until

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
ALWAYS = StaffingPlan(week=(((0, 1440),),) * 7, closed_on_holidays=False)


class Desk:
    """Tickets and outcomes as they might have come about."""

    def __init__(self, core):
        self.core = core
        self.count = 0
        new = {"locale": "en", "channel": "web", "created_at": NOON, "updated_at": NOON}
        core.database.transact(lambda db: db.execute(conversations.insert().values(id="c", company="jcom", **new)))

    def ticket(self, **values) -> str:
        """A ticket, opened an hour ago in the chat with JCOM unless said otherwise."""
        self.count += 1
        opened = values.pop("opened_at", NOON - timedelta(hours=1))
        row = {"company": "jcom", "channel": "web", "topic": "fee_amount", "status": "open", "reason": "asked", "language": "en"}
        row |= {"opened_at": opened, "updated_at": values.get("closed_at") or opened, "conversation": "c", **values}
        row |= {"id": f"{self.count:032x}", "reference": f"r{self.count}", "message": f"m{self.count}"}
        if row.get("closed_at"):
            row["status"] = "closed"
        self.core.database.transact(lambda db: db.execute(tickets.insert().values(row)))
        return row["id"]

    def outcome(self, kind: str, at: datetime = NOON, **values) -> None:
        self.count += 1
        row = {"company": "jcom", "channel": "web", "locale": "en", "topic": "fee_amount", "conversation": "c", **values}
        row |= {"message": f"o{self.count}", "kind": kind, "at": at}
        self.core.database.transact(lambda db: db.execute(outcomes.insert().values(row)))


@pytest.fixture
def desk(core) -> Desk:
    for company in core.library.companies():
        core.database.transact(lambda db, key=company.key: core.staffing.set_plan(db, key, ALWAYS, NOON))
    return Desk(core)


@pytest.fixture
async def mari(gateway):
    return await staff(gateway, Role.SUPERVISOR, companies=["jcom", "cuc"], name="Mari")


@pytest.fixture
def figures(gateway):
    """What a supervisor of some companies is told of these days."""

    async def figures(*companies: str, first: date = date(2026, 11, 1), last: date = date(2026, 11, 24)):
        await measure(gateway.core)
        person = Person("x", "Mari", "", frozenset({Role.SUPERVISOR}), frozenset(companies or ("jcom",)))

        class Services:
            core, clock = gateway.core, gateway.clock

        return await Supervision(Services()).figures(person, Period(first, last, TOKYO))

    return figures


async def test_what_is_open_waiting_late_and_unassigned_now(desk, figures, gateway):
    hana = await staff(gateway, name="Hana")
    desk.ticket(due_at=NOON - timedelta(minutes=1))
    desk.ticket(due_at=NOON + timedelta(minutes=1), assignee=hana.id, called_at=NOON)
    desk.ticket(status="waiting", assignee=hana.id)
    desk.ticket(closed_at=NOON, due_at=NOON - timedelta(days=1))
    desk.ticket(company="cuc")
    (jcom,) = (await figures("jcom")).now
    assert (jcom.open, jcom.waiting, jcom.unassigned, jcom.late, jcom.calling) == (2, 1, 1, 1, 1)
    assert [one.company for one in (await figures("jcom", "cuc", "plusone")).now] == ["cuc", "jcom", "plusone"]


async def test_median_and_ninetieth_percentile_by_company_channel_topic_and_day(desk, figures):
    opened = NOON - timedelta(days=3)
    for minutes in range(1, 11):
        desk.ticket(opened_at=opened, replied_at=opened + timedelta(minutes=minutes), closed_at=opened + timedelta(hours=minutes))
    desk.ticket(company="cuc", channel="phone", topic=None, opened_at=NOON, replied_at=NOON + timedelta(minutes=40))
    found = await figures("jcom", "cuc")
    by = {dimension: {line.key: line for line in found.lines[dimension]} for dimension in DIMENSIONS}
    for dimension, key in (("company", "jcom"), ("channel", "web"), ("topic", "fee_amount"), ("day", "20")):
        line = by[dimension][key]
        assert (line.opened, line.replied, line.closed) == (10, 10, 10), dimension
        assert (line.reply.median, line.reply.most, line.reply.count) == (5 * 60, 9 * 60, 10)
        assert (line.resolve.median, line.resolve.most) == (5 * 3600, 9 * 3600)
    for dimension, key in (("company", "cuc"), ("channel", "phone"), ("topic", ""), ("day", "23")):
        assert by[dimension][key].reply.median == 40 * 60, dimension
        assert by[dimension][key].resolve is None
    assert (found.total.opened, found.total.reply.count) == (11, 11)
    assert found.closed[20] == 10


async def test_times_are_staffed_times_without_the_customers_own(desk, figures, core):
    """Opened on Friday at 17:00, answered on Monday at 10:00: two hours of a desk that is there from nine to six."""
    core.database.transact(lambda db: core.staffing.set_plan(db, "jcom", StaffingPlan(), NOON))
    friday, monday = datetime(2026, 11, 13, 8, tzinfo=UTC), datetime(2026, 11, 16, 1, tzinfo=UTC)
    desk.ticket(opened_at=friday, replied_at=monday, closed_at=monday + timedelta(hours=3), paused_seconds=3600)
    total = (await figures("jcom")).total
    assert total.reply.median == 2 * 3600
    assert total.resolve.median == (2 + 3 - 1) * 3600


async def test_another_plan_later_does_not_change_what_was_counted(desk, figures, core):
    desk.ticket(replied_at=NOON)
    assert (await figures("jcom")).total.reply.median == 3600
    core.database.transact(lambda db: core.staffing.set_plan(db, "jcom", StaffingPlan(week=((),) * 7), NOON))
    assert (await figures("jcom")).total.reply.median == 3600


async def test_a_ticket_that_is_reopened_counts_as_open_again(desk, figures, core):
    id = desk.ticket(replied_at=NOON, closed_at=NOON)
    assert (await figures("jcom")).total.resolve.count == 1
    reopened = tickets.update().where(tickets.c.id == id).values(status="open", closed_at=None, version=2)
    core.database.transact(lambda db: db.execute(reopened))
    total = (await figures("jcom")).total
    assert (total.closed, total.resolve, total.reply.count) == (0, None, 1)


async def test_what_was_merged_is_counted_once(desk, figures):
    kept = desk.ticket(replied_at=NOON)
    desk.ticket(replied_at=NOON, closed_at=NOON, merged_into=kept)
    total = (await figures("jcom")).total
    assert (total.opened, total.closed, total.reply.count, total.resolve) == (1, 0, 1, None)


async def test_days_are_those_of_the_desk(desk, figures):
    """Fifteen hundred UTC is midnight in Tokyo."""
    desk.ticket(opened_at=datetime(2026, 11, 9, 14, 59, 59, tzinfo=UTC))
    desk.ticket(opened_at=datetime(2026, 11, 9, 15, 0, tzinfo=UTC))
    lines = (await figures("jcom")).lines["day"]
    assert [line.opened for line in lines][8:10] == [1, 1]
    assert (await figures("jcom", first=date(2026, 11, 10), last=date(2026, 11, 10))).total.opened == 1


async def test_satisfaction_and_what_the_assistant_did(desk, figures):
    for rating in (1, 1, -1, None):
        desk.ticket(closed_at=NOON, rating=rating)
    for kind in ("answered", "answered", "not_stated", "missed", "handed_over"):
        desk.outcome(kind)
    desk.outcome("nearest", topic=None, channel="telegram")
    desk.outcome("answered", at=NOON - timedelta(days=60))
    desk.outcome("answered", company="cuc")
    found = await figures("jcom")
    assert found.total.satisfaction == 67
    assert found.answers == {"answered": 2, "not_stated": 1, "nearest": 1, "missed": 1, "handed_over": 1, "talk": 0}
    assert found.answers_by["topic"]["fee_amount"]["not_stated"] == 1
    assert found.answers_by["channel"]["telegram"]["nearest"] == 1
    assert found.answers_by["day"]["23"]["answered"] == 2


async def test_mari_sees_her_companies_on_the_page_and_no_other(gateway, mari, desk):
    for company in ("jcom", "plusone"):
        desk.ticket(company=company, replied_at=NOON)
        desk.outcome("missed", company=company)
    await measure(gateway.core)
    page = await mari.get("/desk/supervision")
    assert page.status == 200
    assert 'data-company="jcom"' in page.body
    assert "plusone" not in page.body
    assert (await mari.get("/desk/supervision?company=plusone")).status == 403
    assert (await mari.get("/desk/supervision/export.csv?company=plusone")).status == 403


@pytest.mark.parametrize("role", [Role.AGENT, Role.TRAINER, Role.ADMINISTRATOR])
async def test_who_may_not_see_figures_does_not(gateway, role):
    someone = await staff(gateway, role, companies=ALL)
    assert (await someone.get("/desk/supervision")).status == 403
    assert (await someone.get("/desk/supervision/export.csv")).status == 403


@pytest.mark.parametrize("query", ["from=soon", "from=2026-11-24&to=2026-11-01", "from=2020-01-01&to=2026-01-01", "to=9999-99-99"])
async def test_a_period_that_is_none_is_said_to_be_none(mari, query):
    assert (await mari.get(f"/desk/supervision?{query}")).status == 400


async def test_an_empty_desk_has_an_empty_page_and_long_periods_have_one_too(mari):
    for query in ("", "?from=2026-01-01&to=2026-11-24", "?from=2026-11-24&to=2026-11-24"):
        assert (await mari.get(f"/desk/supervision{query}")).status == 200


@pytest.mark.parametrize("table", [*DIMENSIONS, "answers"])
async def test_every_table_can_be_taken_along_and_that_is_recorded(gateway, mari, desk, table):
    desk.ticket(replied_at=NOON, closed_at=NOON, rating=1)
    desk.outcome("missed")
    await measure(gateway.core)
    answer = await mari.get(f"/desk/supervision/export.csv?table={table}")
    rows = list(csv.DictReader(io.StringIO(answer.body[1:])))
    if table == "answers":
        assert any((row["by"], row["key"], row["missed"]) == ("company", "jcom", "1") for row in rows)
    else:
        (row,) = (row for row in rows if row["opened"] == "1")
        assert row["reply_median_seconds"] == "3600"
        assert row[table] == {"company": "jcom", "channel": "web", "topic": "fee_amount", "day": "2026-11-24"}[table]
    last = gateway.core.database.transact(lambda db: gateway.core.audit.read(gateway.core.audit.rows(db)[-1]))
    assert (last.action, last.actor, last.detail["table"]) == ("figures.export", mari.id, table)
    assert (await mari.get("/desk/supervision/export.csv?table=people")).status == 400


async def test_figures_of_many_tickets_are_those_that_counting_by_hand_gives(desk, figures, core):
    chance, rows = random.Random(7), []
    for number in range(3000):
        opened = NOON - timedelta(seconds=chance.randrange(20 * 86400))
        replied = opened + timedelta(seconds=chance.randrange(9000)) if chance.random() < 0.8 else None
        row = {"id": f"t{number}", "reference": f"t{number}", "message": f"t{number}", "conversation": "c", "reason": "asked"}
        row |= {"company": chance.choice(["jcom", "cuc", "plusone"]), "channel": "web", "status": "open", "language": "en"}
        rows.append({**row, "opened_at": opened, "updated_at": opened, "replied_at": replied})
    core.database.transact(lambda db: db.execute(tickets.insert(), rows))
    found = await figures("jcom", "cuc")
    mine = [row for row in rows if row["company"] in ("jcom", "cuc")]
    for place, line in enumerate(found.lines["day"]):
        day = date(2026, 11, 1) + timedelta(place)
        took = sorted(
            round((row["replied_at"] - row["opened_at"]).total_seconds())
            for row in mine
            if row["replied_at"] and row["opened_at"].astimezone(TOKYO).date() == day
        )
        assert (line.reply.count if line.reply else 0) == len(took)
        if took:
            assert line.reply.median == took[(len(took) + 1) // 2 - 1]
    assert found.total.opened == sum(row["opened_at"].astimezone(TOKYO).date() >= date(2026, 11, 1) for row in mine)


async def test_the_gateway_counts_by_itself(gateway, desk, mari):
    desk.ticket(replied_at=NOON)
    await gateway.restart()
    mari.gateway = gateway

    async def counted() -> bool:
        return "1 h 0 min" in (await mari.get("/desk/supervision")).body

    assert await until(counted)
