"""Requests come to an end: what nobody goes on with expires, what has ended is erased in its company's time, a hold stops it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.__main__ import main
from bot.delivery.request_retention import preview, sweep
from bot.desk.person import Role
from bot.desk.request import Mover, Needs, State
from bot.storage.tables import audit_entries, contact_codes, conversations, erasures, request_fields, requests
from tests.support.casework import Desk, make_desk


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


def begin(desk: Desk, company: str = "jcom"):
    """Somebody begins a request and types their name."""

    def work(db):
        chat = desk.core.conversations.find(db, ticket.conversation)
        request = desk.core.requests.open(db, chat, "disclosure", Needs(contact=False), desk.clock())
        db.execute(requests.update().where(requests.c.id == request.id).values(ticket=ticket.id))
        desk.core.requests.put_field(db, request.id, "name", "Hana Yamada")
        return request

    ticket = desk.ticket("My data, please.", company, reason="request")
    return desk.do(work)


def move(desk: Desk, request, name: str, mover: Mover = Mover.STAFF, **shown):
    return desk.do(lambda db: desk.core.requests.move(db, request, name, mover, desk.clock(), shown))


def answer(desk: Desk, company: str = "jcom", method: str = "mail"):
    request = move(desk, begin(desk, company), "submit", Mover.CUSTOMER)
    request = move(desk, request, "verify_identity", identity_by="mika", identity_how="post")
    return move(desk, request, "answer", answer_method=method)


def read(desk: Desk, request):
    return desk.do(lambda db: desk.core.request_cases.find(db, request.id))


def heard(desk: Desk, request) -> str:
    chat = read(desk, request).conversation
    messages = desk.do(lambda db: desk.core.conversations.list_messages(db, chat))
    return messages[-1].text


def count(desk: Desk, table) -> int:
    return desk.do(lambda db: db.execute(sa.select(sa.func.count()).select_from(table)).scalar())


async def test_an_answered_request_is_kept_for_the_desks_year_and_then_erased_with_a_proof(desk, clock):
    request = answer(desk)
    desk.do(lambda db: desk.core.codes.issue(db, request.id, "status", "hana@mail.example", clock()))
    clock.advance(days=364)
    assert await sweep(desk.services) == (0, 0)
    clock.advance(days=2)
    assert [due.kept.request.id for due in preview(desk.core, clock())] == [request.id]
    assert read(desk, request).erased is False, "looking erases nothing"
    assert await sweep(desk.services) == (0, 1)
    (proof,) = desk.do(lambda db: db.execute(erasures.select()).all())
    assert (proof.request, proof.company, proof.rule) == (request.id, "jcom", "365 days after its end (desk)")
    assert count(desk, request_fields) == count(desk, contact_codes) == 0
    assert await sweep(desk.services) == (0, 0)
    actions = desk.do(lambda db: db.execute(sa.select(audit_entries.c.action)).scalars().all())
    assert actions == ["request.erase"]


async def test_where_the_policy_says_after_the_answer_it_is_erased_with_the_next_sweep(desk, clock):
    request = answer(desk, "cloco")
    kept = answer(desk, "jcom")
    clock.advance(hours=1)
    assert await sweep(desk.services) == (0, 1)
    assert read(desk, request).erased and not read(desk, kept).erased
    assert desk.do(lambda db: db.execute(sa.select(erasures.c.rule)).scalar()) == "0 days after its end (policy)"


async def test_an_answer_that_is_downloaded_can_be_fetched_for_five_days_at_every_company(desk, clock):
    request = answer(desk, "cloco", "download")
    clock.advance(days=4, hours=23)
    assert await sweep(desk.services) == (0, 0)
    clock.advance(hours=2)
    assert [due.rule for due in preview(desk.core, clock())] == ["0 days after its end (policy)"]
    assert await sweep(desk.services) == (0, 1)
    assert read(desk, request).erased


async def test_a_legal_hold_stops_it_and_lifting_the_hold_lets_it_go_on(desk, clock):
    request = answer(desk, "cloco")
    officer = desk.person("Ryo", Role.PRIVACY_OFFICER, companies=["cloco"])
    await desk.casework.request_records.hold(officer, request.id, "a lawsuit")
    clock.advance(days=400)
    assert [(due.kept.request.id, due.held) for due in preview(desk.core, clock())] == [(request.id, True)]
    assert await sweep(desk.services) == (0, 0)
    await desk.casework.request_records.release(officer, request.id)
    assert await sweep(desk.services) == (0, 1)


async def test_a_form_that_is_left_for_a_month_is_erased_and_its_customer_told(desk, clock):
    request = begin(desk)
    clock.advance(days=29)
    assert await sweep(desk.services) == (0, 0)
    clock.advance(days=1, hours=1)
    assert await sweep(desk.services) == (1, 1)
    kept = read(desk, request)
    assert (kept.request.state, kept.erased) == (State.EXPIRED, True)
    assert "not finished within 30 days" in heard(desk, request)
    assert await sweep(desk.services) == (0, 0)


async def test_whoever_wrote_meanwhile_has_not_left(desk, clock):
    request = begin(desk)
    clock.advance(days=20)
    kept = read(desk, request)
    desk.do(lambda db: db.execute(conversations.update().where(conversations.c.id == kept.conversation).values(updated_at=clock())))
    clock.advance(days=20)
    assert await sweep(desk.services) == (0, 0)


async def test_a_request_that_waits_for_documents_expires_after_ninety_days(desk, clock):
    request = move(desk, begin(desk), "submit", Mover.CUSTOMER)
    clock.advance(days=89)
    assert await sweep(desk.services) == (0, 0)
    clock.advance(days=2)
    assert await sweep(desk.services) == (1, 0)
    kept = read(desk, request)
    assert (kept.request.state, kept.erased) == (State.EXPIRED, False)
    assert "within 90 days" in heard(desk, request) and kept.reference in heard(desk, request)


async def test_what_waits_for_the_desk_never_expires(desk, clock):
    request = move(desk, begin(desk), "submit", Mover.CUSTOMER)
    request = move(desk, request, "receive_documents", Mover.CUSTOMER)
    assert request.state is State.IDENTITY_CHECK
    clock.advance(days=1000)
    assert await sweep(desk.services) == (0, 0)


async def test_a_form_in_a_chat_that_was_forgotten_goes_with_it(desk, clock):
    request = begin(desk)
    chat = read(desk, request).conversation
    desk.do(lambda db: desk.core.conversations.forget(db, chat, clock()))
    assert await sweep(desk.services) == (1, 1)
    assert read(desk, request).erased


async def test_many_are_dealt_with_batch_by_batch(desk, clock, monkeypatch):
    monkeypatch.setattr("bot.delivery.request_retention.BATCH", 2)
    for _ in range(5):
        begin(desk)
    clock.advance(days=31)
    assert await sweep(desk.services) == (5, 5)


async def test_the_command_lists_what_is_due_and_erases_nothing(desk, clock, monkeypatch, capsys):
    answered, waiting = answer(desk, "cloco"), begin(desk)
    monkeypatch.setattr("bot.bootstrap.open_core", lambda: replace(desk.core, database=Unclosed(desk.core.database)))
    monkeypatch.setattr("bot.desk.clock.now", lambda: clock() + timedelta(hours=1))
    assert main(["requests", "due"]) == 0
    listed = capsys.readouterr().out
    assert read(desk, answered).reference in listed and "0 days after its end (policy)" in listed
    assert waiting.id not in listed and listed.count("\n") == 1
    assert not read(desk, answered).erased


class Unclosed:
    """The test's own database, which the command leaves open."""

    def __init__(self, database):
        self.look, self.close = database.look, lambda: None
