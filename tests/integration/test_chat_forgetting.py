"""Hana forgets her chat, on a shared phone too: her texts, her key and what the engine remembers are gone."""

from __future__ import annotations

import asyncio

import pytest

from bot.bootstrap import Core
from bot.delivery import retention
from bot.delivery.services import SERVICES
from bot.storage.conversations import Conversations
from tests.support.waiting import until


@pytest.fixture
def patience() -> float:
    return 0.2


def texts_of(core: Core, chat) -> list[str]:
    return [m.text for m in core.database.transact(lambda db: core.conversations.list_messages(db, chat.id))]


async def test_a_forgotten_chat_is_gone_for_everybody(gateway, engine, core):
    hana = await gateway.open()
    await hana.ask("my secret")
    answer = await hana.forget()
    assert (answer.status, answer.body) == (204, "")
    for refused in (await hana.history(), await hana.say("hello?"), await hana.forget()):
        assert refused.status == 401
    assert texts_of(core, hana) == []
    await until(lambda: engine.forgotten == [hana.id])


async def test_the_page_that_listens_is_told_to_go(gateway):
    hana = await gateway.open()
    stream = await hana.listen()
    await stream.next("state")
    closing = asyncio.create_task(stream.closed())
    await hana.forget()
    assert await closing


async def test_kenjis_chat_stays_when_hana_forgets_hers(gateway, engine):
    hana, kenji = await gateway.open(), await gateway.open()
    await kenji.ask("one")
    await hana.forget()
    assert len((await kenji.history()).messages) == 2
    await until(lambda: engine.forgotten)
    assert kenji.id in engine.remembered


async def test_kenji_cannot_forget_hanas_chat(gateway, engine):
    hana, kenji = await gateway.open(), await gateway.open()
    await hana.ask("one")
    assert (await hana.claiming(kenji.token).forget()).status == 403
    assert len((await hana.history()).messages) == 2


async def test_an_engine_that_is_down_forgets_as_soon_as_it_is_back(gateway, engine):
    hana = await gateway.open()
    await hana.ask("one")
    await engine.down()
    assert (await hana.forget()).status == 204
    await engine.up()
    await until(lambda: engine.forgotten == [hana.id])


async def test_what_the_engine_was_still_to_forget_survives_a_restart_of_the_gateway(gateway, engine, core):
    hana = await gateway.open()
    await hana.ask("one")
    await engine.down()
    await hana.forget()
    await gateway.restart()
    await engine.up()
    await until(lambda: engine.forgotten == [hana.id])
    # A gateway that stops before it has noted this asks once more, which does no harm.
    await until(lambda: not core.database.transact(core.conversations.list_unforgotten))
    await gateway.restart()
    await (await gateway.open()).ask("two")
    assert engine.forgotten == [hana.id]


async def test_what_waits_for_a_silent_engine_is_not_sent_to_it_once_it_is_forgotten(gateway, engine):
    await engine.down()
    hana = await gateway.open()
    assert (await hana.say("my secret")).status == 503
    assert (await hana.say("another")).status == 503
    await hana.forget()
    await engine.up()
    await until(lambda: engine.forgotten)
    assert engine.received == []
    assert engine.remembered == set()


async def test_a_message_that_is_being_answered_leaves_nothing_behind(gateway, engine, core):
    hana = await gateway.open()
    engine.hold = asyncio.Event()
    asking = asyncio.create_task(hana.say("my secret"))
    queued = asyncio.create_task(hana.say("another secret"))
    await until(lambda: engine.received)
    await until(lambda: len(texts_of(core, hana)) == 2)
    await hana.forget()
    engine.hold.set()
    await asyncio.gather(asking, queued)
    await until(lambda: engine.forgotten)
    assert engine.remembered == set()
    assert len(engine.received) == 1
    assert texts_of(core, hana) == []


async def test_the_words_of_a_ticket_stay_for_the_person_who_works_on_it(gateway, engine, core, clock):
    hana = await gateway.open()
    await hana.ask("please call me back")

    def open_ticket(db):
        return core.tickets.open(db, core.conversations.find(db, hana.id), "m" * 32, "asked", clock())

    ticket, _ = core.database.transact(open_ticket)
    told = (await hana.history()).body["state"]["ticket"]
    assert (told["reference"], told["status"]) == (ticket.reference, "open")
    assert (await hana.forget()).status == 204
    assert (await hana.history()).status == 401
    assert texts_of(core, hana)[0] == "please call me back"
    await until(lambda: engine.forgotten == [hana.id])


async def test_a_ticket_that_keeps_a_waiting_message_does_not_make_the_engine_remember(gateway, engine, core, clock):
    await engine.down()
    hana = await gateway.open()
    assert (await hana.say("please call me back")).status == 503

    def open_ticket(db):
        return core.tickets.open(db, core.conversations.find(db, hana.id), "m" * 32, "asked", clock())

    core.database.transact(open_ticket)
    await hana.forget()
    await engine.up()
    await until(lambda: engine.forgotten)
    assert engine.remembered == set()


# The end date of chats -------------------------------------------------------------------------------------------


@pytest.fixture
def sweep(gateway):
    """The hourly sweep, now."""
    return lambda: retention.sweep(gateway._runner.app[SERVICES])


async def test_a_chat_in_which_nothing_was_said_for_a_month_is_forgotten(gateway, engine, core, clock, sweep):
    hana, kenji = await gateway.open(), await gateway.open()
    await hana.ask("my secret")
    stream = await hana.listen()
    await stream.next("state")
    clock.advance(days=29)
    await kenji.ask("hello")
    assert await sweep() == 0
    clock.advance(days=2)
    assert await sweep() == 1
    assert texts_of(core, hana) == []
    assert (await hana.history()).status == 401
    assert len((await kenji.history()).messages) == 2
    assert await stream.closed()
    await until(lambda: engine.forgotten == [hana.id])
    assert await sweep() == 0


async def test_a_chat_that_a_person_is_working_on_has_no_end_date(gateway, core, clock, sweep):
    hana = await gateway.open()
    await hana.ask("please call me back")

    def open_ticket(db):
        return core.tickets.open(db, core.conversations.find(db, hana.id), "m" * 32, "asked", clock())

    core.database.transact(open_ticket)
    clock.advance(days=400)
    assert await sweep() == 0
    assert (await hana.history()).status == 200


async def test_all_stale_chats_are_forgotten_however_many_there_are(core, gateway, clock, sweep, monkeypatch):
    for _ in range(5):
        await gateway.open()
    clock.advance(days=31)
    whole = Conversations.forget_stale
    monkeypatch.setattr(Conversations, "forget_stale", lambda self, db, before, now: whole(self, db, before, now, 2))
    assert await sweep() == 5
