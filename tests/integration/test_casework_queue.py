"""The queue: views, orders, filters, counts, pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.desk.errors import BadRequest, Forbidden
from bot.desk.person import Role
from bot.desk.queue import PAGE_SIZE, VIEWS, Wanted
from bot.desk.ticket import PRIORITIES
from bot.storage.tables import tickets
from tests.support.casework import Desk, make_desk


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


@pytest.fixture
def mika(desk):
    return desk.person("Mika")


async def listed(desk, person, **wanted) -> list[str]:
    """Ids of all pages."""
    found, cursor = [], None
    while True:
        page = await desk.casework.tickets.queue(person, Wanted(**wanted), cursor)
        found += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            return found
        assert len(page.rows) == PAGE_SIZE


async def test_each_view_has_its_tickets_and_says_how_many(desk, mika, clock):
    ken = desk.person("Ken")
    nobodys, mine, kens, waiting, closed = (desk.ticket() for _ in range(5))
    late = desk.ticket(reason="leak")
    for person, ticket in ((mika, mine), (ken, kens), (ken, waiting), (mika, closed)):
        await desk.casework.tickets.take(person, ticket.id)
    await desk.casework.closing.wait(ken, waiting.id)
    await desk.casework.closing.close(mika, closed.id, "done")
    clock.advance(minutes=31)
    expected = {
        "mine": {mine.id},
        "unassigned": {nobodys.id, late.id},
        "late": {late.id},
        "waiting": {waiting.id},
        "all": {nobodys.id, mine.id, kens.id, waiting.id, late.id},
    }
    for view in VIEWS:
        assert set(await listed(desk, mika, view=view)) == expected[view], view
    assert await desk.casework.tickets.counts(mika) == {view: len(ids) for view, ids in expected.items()}
    assert await listed(desk, mika, status="closed") == [closed.id]
    assert await listed(desk, mika, view="mine", status="closed") == [closed.id]


async def test_mika_sees_her_companies_and_nobody_elses(desk, clock):
    own = {company: desk.ticket(company=company).id for company in ("jcom", "cuc", "cloco")}
    mika = desk.person("Mika", companies=["jcom", "cuc"])
    assert set(await listed(desk, mika)) == {own["jcom"], own["cuc"]}
    assert await listed(desk, mika, company="cuc") == [own["cuc"]]
    assert (await desk.casework.tickets.counts(mika))["all"] == 2
    with pytest.raises(Forbidden):
        await desk.casework.tickets.queue(mika, Wanted(company="cloco"))
    everybody = desk.person("Sato", Role.SUPERVISOR, all_companies=True)
    assert set(await listed(desk, everybody)) == set(own.values())
    nobody = desk.person("Aki", companies=[])
    assert await listed(desk, nobody) == []
    assert set((await desk.casework.tickets.counts(nobody)).values()) == {0}


async def test_filters_narrow_a_view(desk, mika, clock):
    plain = desk.ticket()
    leak = desk.ticket(reason="leak", topic="fee_disclosure")
    japanese = desk.ticket(locale="ja")
    await desk.casework.details.tag(mika, leak.id, "VIP")
    await desk.casework.tickets.take(mika, japanese.id)
    await desk.casework.closing.wait(mika, plain.id)
    assert await listed(desk, mika, reason="leak") == [leak.id]
    assert await listed(desk, mika, topic="fee_disclosure") == [leak.id]
    assert await listed(desk, mika, tag="vip") == [leak.id]
    assert await listed(desk, mika, priority=PRIORITIES.index("urgent")) == [leak.id]
    assert await listed(desk, mika, language="ja") == [japanese.id]
    assert await listed(desk, mika, assignee=mika.id) == [japanese.id]
    assert await listed(desk, mika, status="waiting") == [plain.id]
    assert set(await listed(desk, mika, channel="web")) == {plain.id, leak.id, japanese.id}
    assert await listed(desk, mika, channel="letter") == []
    assert await listed(desk, mika, language="ja", reason="leak") == []


@pytest.mark.parametrize("wanted", [{"view": "everything"}, {"sort": "colour"}])
def test_a_view_or_an_order_that_is_none_is_refused(wanted):
    with pytest.raises(BadRequest):
        Wanted(**wanted)


async def test_every_order_goes_through_all_pages_once_though_many_are_of_the_same_moment(desk, clock):
    """Three companies, dates that are missing or the same, every priority: what a place in an order could trip over."""
    mika = desk.person("Mika", companies=["jcom", "cuc", "cloco"])
    ids = []
    for number in range(130):
        clock.advance(minutes=number % 3 == 0)
        ids.append(desk.ticket(company=("jcom", "cuc", "cloco")[number % 3]).id)

    def spread(db):
        for number, id in enumerate(ids):
            due = clock() + timedelta(hours=number % 7) if number % 5 else None
            values = {"priority": number % 4, "due_at": due, "updated_at": clock() - timedelta(hours=number % 9)}
            db.execute(tickets.update().where(tickets.c.id == id).values(values))

    desk.do(spread)
    rows = {row.id: row for row in desk.do(lambda db: db.execute(tickets.select()).all())}
    never = max(row.due_at for row in rows.values() if row.due_at) + timedelta(days=1)
    expected = {
        "due": sorted(ids, key=lambda id: (rows[id].due_at or never, id)),
        "updated": sorted(ids, key=lambda id: (rows[id].updated_at, id), reverse=True),
        "priority": sorted(ids, key=lambda id: (-rows[id].priority, rows[id].opened_at, id)),
    }
    for sort, order in expected.items():
        assert await listed(desk, mika, sort=sort) == order, sort


async def test_a_ticket_that_comes_in_between_moves_no_page(desk, mika, clock):
    ids = []
    for _ in range(PAGE_SIZE + 5):
        clock.advance(minutes=1)
        ids.append(desk.ticket().id)
    page = await desk.casework.tickets.queue(mika, Wanted(sort="updated"))
    clock.advance(minutes=1)
    desk.ticket()
    rest = await desk.casework.tickets.queue(mika, Wanted(sort="updated"), page.next_cursor)
    assert [row.id for row in (*page.rows, *rest.rows)] == ids[::-1]


async def test_a_line_says_who_has_it_and_what_nobody_has_read(desk, mika, clock):
    ticket = desk.ticket("Where is my form?")
    await desk.casework.tickets.take(mika, ticket.id)
    (line,) = (await desk.casework.tickets.queue(mika)).rows
    assert (line.subject, line.assignee.name, line.unread, line.last_sender) == ("Where is my form?", "Mika", 1, "customer")
    assert (line.last_message_at, line.late) == (clock(), False)
    ken = desk.person("Ken")
    await desk.casework.stories.read(ken, ticket.id)
    assert (await desk.casework.tickets.queue(mika)).rows[0].unread == 1, "Ken looked, and Mika has it"
    await desk.casework.stories.read(mika, ticket.id)
    assert desk.feed.heard[-1].data["event"] == "seen"
    assert (await desk.casework.tickets.queue(mika)).rows[0].unread == 0


async def test_a_line_counts_what_the_customer_of_a_merged_ticket_wrote(desk, mika, clock):
    left, gone = desk.ticket(), desk.ticket()
    await desk.casework.links.merge(mika, gone.id, left.id)
    (line,) = (await desk.casework.tickets.queue(mika)).rows
    assert (line.id, line.unread) == (left.id, 2)
    await desk.casework.stories.read(mika, left.id)
    assert (await desk.casework.tickets.queue(mika)).rows[0].unread == 0


def explain(db, query) -> str:
    """How the database goes about the first statement of a query, whatever it thinks of tables with nothing in them."""
    statements = []

    def note(connection, cursor, statement, parameters, context, many):
        statements.append((statement, parameters))

    sa.event.listen(db, "before_cursor_execute", note)
    query(db)
    sa.event.remove(db, "before_cursor_execute", note)
    prefix = "explain query plan "
    if db.dialect.name == "postgresql":
        prefix = "explain "
        # Rows of earlier tests leave pages behind, by which the server would plan.
        db.exec_driver_sql("truncate tickets cascade")
        for way in ("seqscan", "bitmapscan"):
            db.exec_driver_sql(f"set local enable_{way} = off")
    return "\n".join(str(tuple(row)) for row in db.exec_driver_sql(prefix + statements[0][0], statements[0][1]))


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Wanted(), "ix_tickets_due"),
        (Wanted(sort="updated"), "ix_tickets_newest"),
        (Wanted(sort="priority"), "ix_tickets_priority"),
        (Wanted(status="closed"), "ix_tickets_done"),
        (Wanted(status="closed", channel="letter"), "ix_tickets_done"),
        (Wanted(view="late", sort="updated"), "ix_tickets_newest"),
    ],
)
def test_every_order_is_read_from_its_index_alone(core, wanted, index, clock):
    def page(db):
        core.queue.page(db, wanted, ["jcom", "cuc"], "mika", clock())

    told = core.database.transact(lambda db: explain(db, page))
    assert told.count(index) == 2, told
    assert ("Index Only Scan" if "Limit" in told else "USING COVERING INDEX") in told, told


def test_the_counts_of_all_views_are_read_from_an_index_alone(core, clock):
    told = core.database.transact(lambda db: explain(db, lambda db: core.queue.count(db, ["jcom", "cuc"], "mika", clock())))
    assert "Index Only Scan" in told or "COVERING INDEX ix_tickets_counts" in told, told
