"""What Yuki, a privacy officer, reads in the audit log, and that nobody else does."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from bot.casework.audit import EXPORT_BATCH, PAGE_SIZE
from bot.desk.person import Role
from bot.storage.tables import audit_entries
from tests.support.staff import ALL, staff
from tests.support.waiting import until


@pytest.fixture
async def yuki(gateway):
    return await staff(gateway, Role.PRIVACY_OFFICER, companies=ALL, name="Yuki")


@pytest.fixture
def record(gateway, clock):
    """Something was done, a second after the one before."""

    def record(actor: str, action: str, **options) -> int:
        clock.advance(seconds=1)
        return gateway.core.database.transact(lambda db: gateway.core.audit.append(db, actor, action, clock(), **options)).number

    return record


def rows_of(answer) -> list[dict]:
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.body.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(answer.body[1:])))


async def test_yuki_reads_who_did_what_by_name(gateway, yuki, record):
    hana = await staff(gateway, name="Hana")
    record(hana.id, "desk.test", company="jcom", subject="thing", detail={"before": {"open": "9:00"}, "after": {"open": "10:00"}})
    page = await yuki.get("/desk/audit")
    assert page.status == 200
    assert "Hana</th>" in page.body
    assert "9:00 → 10:00" in page.body
    assert 'data-company="jcom"' in page.body
    assert "2026-11-24 12:00:01" in page.body, "the time in the desk's own zone, with seconds"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PRIVACY_OFFICER])
@pytest.mark.parametrize("path", ["/desk/audit", "/desk/audit/export.csv"])
async def test_nobody_but_a_privacy_officer_reads_the_log(gateway, role, path):
    someone = await staff(gateway, role, companies=ALL)
    assert (await someone.get(path)).status == 403
    assert (await someone.post("/desk/audit/verify")).status == 403


async def test_an_officer_of_one_company_sees_its_acts_and_its_people_only(gateway, record):
    aki = await staff(gateway, Role.PRIVACY_OFFICER, companies=["cuc"], name="Aki")
    ken = await staff(gateway, companies=["cuc"], name="Ken")
    hana = await staff(gateway, companies=["jcom"], name="Hana")
    wanted = {
        record(ken.id, "desk.test", company="cuc"),
        record(hana.id, "desk.test", company="cuc"),
        record(ken.id, "desk.test"),
        record(hana.id, "desk.test", subject=ken.id),
    }
    unwanted = {record(hana.id, "desk.test", company="jcom"), record(hana.id, "desk.test"), record("system", "desk.test")}
    shown = {int(row["number"]) for row in rows_of(await aki.get("/desk/audit/export.csv?action=desk.test"))}
    assert shown == wanted
    assert not shown & unwanted
    page = await aki.get("/desk/audit")
    assert f'<option value="{ken.id}"' in page.body
    assert f'<option value="{hana.id}"' not in page.body


async def test_the_log_is_narrowed_by_person_act_company_ticket_and_days(gateway, yuki, record, clock):
    hana = await staff(gateway, name="Hana")
    chat = await gateway.open("jcom")
    ticket = await open_ticket(gateway, chat)
    clock.set(datetime(2026, 11, 23, 14, 59, 58, tzinfo=UTC))  # the last second of a day in Tokyo
    old = record(hana.id, "desk.close", company="jcom", subject=ticket.id)
    new = record(hana.id, "desk.look", company="cuc")
    record("customer", "desk.look", company="jcom")

    async def shown(query: str) -> list[int]:
        return [int(row["number"]) for row in rows_of(await yuki.get(f"/desk/audit/export.csv?{query}"))]

    assert await shown(f"actor={hana.id}") == [new, old]
    assert await shown("action=desk.close") == [old]
    assert await shown("company=cuc") == [new]
    assert await shown(f"subject={ticket.reference.lower()}") == [old]
    assert await shown(f"subject={ticket.id}") == [old]
    assert await shown("subject=222-2222") == []
    assert await shown(f"from=2026-11-24&actor={hana.id}") == [new]
    assert await shown(f"to=2026-11-23&actor={hana.id}") == [old]
    page = await yuki.get(f"/desk/audit?subject={ticket.reference}")
    assert f">{ticket.reference}</a>" in page.body
    assert (await yuki.get("/desk/audit?from=yesterday")).status == 400


async def open_ticket(gateway, chat):
    core = gateway.core

    def work(db):
        conversation = core.conversations.find(db, chat.id)
        return core.tickets.open(db, conversation, "message1", "asked", gateway.clock())[0]

    return await core.database.run(work)


async def test_pages_go_on_where_the_last_one_ended_however_much_is_added(yuki, record):
    numbers = [record("system", "desk.test") for _ in range(PAGE_SIZE + 3)]
    first = await yuki.get("/desk/audit?action=desk.test")
    record("system", "desk.test")
    assert f"before={numbers[3]}" in first.body
    second = await yuki.get(f"/desk/audit?action=desk.test&before={numbers[3]}")
    for number in numbers[:3]:
        assert f">{number}</td>" in second.body
    assert f">{numbers[3]}</td>" not in second.body
    assert "before=" not in second.body
    assert (await yuki.get("/desk/audit?before=x")).status == 400


async def test_reading_and_exporting_are_recorded_themselves(gateway, yuki):
    await yuki.get("/desk/audit?company=jcom")
    await yuki.get("/desk/audit/export.csv?company=cuc")
    exported = await yuki.get("/desk/audit/export.csv")
    acts = [(row["action"], row["person"], row["detail"]) for row in rows_of(exported)]
    assert acts[:2] == [("audit.export", "Yuki", '{"company": "cuc"}'), ("audit.read", "Yuki", '{"company": "jcom"}')]


async def test_an_export_of_more_than_one_batch_is_complete_and_in_order(gateway, yuki, core, clock):
    count = EXPORT_BATCH + 5

    def fill(db):
        for _ in range(count):
            core.audit.append(db, "system", "desk.test", clock())

    await core.database.run(fill)
    numbers = [int(row["number"]) for row in rows_of(await yuki.get("/desk/audit/export.csv?action=desk.test"))]
    assert len(numbers) == count
    assert numbers == sorted(numbers, reverse=True)


async def test_yuki_verifies_the_log_and_the_page_tells_when_and_what(gateway, yuki, record):
    assert "has not been checked" in (await yuki.get("/desk/audit")).body
    page = await yuki.post("/desk/audit/verify")
    assert page.status == 200
    assert "The log is whole" in page.body
    assert "Checked by Yuki," in page.body
    await gateway.restart()
    yuki.gateway = gateway
    assert "Checked by Yuki," in (await yuki.get("/desk/audit")).body, "it is known after a restart, too"


async def test_yuki_is_told_where_the_log_was_tampered_with(gateway, yuki, record):
    number = record("system", "desk.test")
    record("system", "desk.test")
    with gateway.core.database.engine.begin() as db:
        if gateway.core.database.sqlite:
            db.exec_driver_sql("drop trigger audit_entries_no_update")
        else:
            db.exec_driver_sql("set local session_replication_role = replica")
        db.execute(audit_entries.update().where(audit_entries.c.number == number).values(actor="customer"))
    page = await yuki.post("/desk/audit/verify")
    assert f"Entry {number} is not as it was written." in page.body
    assert 'role="alert"' in page.body


async def test_a_verification_that_takes_long_goes_on_by_itself(gateway, yuki, record, monkeypatch):
    monkeypatch.setattr("bot.console.audit.PATIENCE", 0.0)
    record("system", "desk.test")
    await yuki.post("/desk/audit/verify")
    async def told():
        return "Checked by Yuki," in (await yuki.get("/desk/audit")).body

    assert await until(told)


async def test_a_page_of_a_large_log_is_read_by_an_index(core, database):
    """The plan, as seconds say little on a busy machine."""
    explain = "explain query plan " if database.sqlite else "explain "
    with database.engine.connect() as db:
        if not database.sqlite:
            db.execute(sa.text("set enable_seqscan = off"))
        for condition in ("actor = 'x'", "action = 'x'", "company = 'x'", "subject = 'x'"):
            query = f"select * from audit_entries where {condition} order by number desc limit 50"
            plan = str(db.exec_driver_sql(explain + query).all())
            assert f"ix_audit_entries_{condition.split()[0]}" in plan, plan
            assert "sort" not in plan.lower() and "b-tree" not in plan.lower(), plan
