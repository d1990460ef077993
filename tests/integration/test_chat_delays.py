"""The engine is away, slow or confused: Hana hears that her message is kept, and gets her answer when it is back."""

from __future__ import annotations

import asyncio

import pytest

from bot.delivery import turns
from tests.support.chat import Gateway
from tests.support.scripted_engine import ScriptedEngine
from tests.support.waiting import until


@pytest.fixture
def patience() -> float:
    return 0.2


async def answered(chat, text: str) -> bool:
    return any(m["text"] == text for m in (await chat.history()).messages)


async def test_while_the_engine_is_down_hana_hears_that_her_message_is_kept(gateway: Gateway, engine: ScriptedEngine):
    await engine.down()
    hana = await gateway.open("jcom")
    answer = await hana.say("fee?")
    assert answer.status == 503
    assert "Your message is kept" in answer.detail
    assert answer.headers["Retry-After"]
    assert [m["text"] for m in (await hana.history()).messages] == ["fee?"]


async def test_mika_hears_it_in_japanese(gateway, engine):
    await engine.down()
    answer = await (await gateway.open("jcom", "ja")).say("手数料は？")
    assert "メッセージは保存されました" in answer.detail


async def test_the_answer_comes_over_the_stream_once_the_engine_is_back(gateway, engine):
    await engine.down()
    hana = await gateway.open()
    stream = await hana.listen()
    assert (await hana.say("fee?", id="m1")).status == 503
    await engine.up()
    asked, said = await stream.messages(2)
    assert (asked["text"], said["text"]) == ("fee?", "You said: fee?")
    again = await hana.say("fee?", id="m1")
    assert (again.status, again.text) == (200, "You said: fee?")
    assert engine.ran == [engine.received[0]["message"]]
    await stream.close()


async def test_everything_said_meanwhile_is_answered_in_order(gateway, engine):
    await engine.down()
    hana = await gateway.open()
    for n in range(3):
        assert (await hana.say(f"question {n}")).status == 503
    await engine.up()
    await until(lambda: answered(hana, "You said: question 2"))
    assert engine.texts() == ["question 0", "question 1", "question 2"]
    assert engine.overlaps == 0


@pytest.mark.parametrize("mood", ["empty", "failing", "without actions", "garbage", "no replies", "textless"])
async def test_an_engine_that_gives_no_reply_is_asked_again_until_it_does(gateway, engine, mood):
    engine.mood = mood
    hana = await gateway.open()
    stream = await hana.listen()
    answer = await hana.say("fee?")
    assert answer.status == 503
    assert "Your message is kept" in answer.detail
    engine.mood = "answering"
    assert [m["text"] for m in await stream.messages(2)] == ["fee?", "You said: fee?"]
    assert len(engine.ran) == 1
    await stream.close()


@pytest.mark.parametrize("mood", ["empty", "failing", "garbage", "no replies", "textless"])
async def test_a_message_that_the_engine_fails_at_for_good_holds_up_no_other(gateway, engine, monkeypatch, mood):
    monkeypatch.setattr(turns, "MOST_FAILURES", 3)
    engine.mood = mood
    hana = await gateway.open()
    answer = await hana.ask("poison")
    assert answer.status == 200
    assert "It is kept" in answer.text
    assert answer.body["state"]["offers"] == ["handoff"]
    (button,) = answer.messages[-1]["quick_replies"]
    engine.mood = "answering"
    await hana.ask(button["title"], payload=button["payload"])
    assert engine.received[-1]["choice"] == {"intent": "ask_human"}
    assert (await hana.ask("fee?")).text == "You said: fee?"


async def test_an_engine_without_its_actions_is_waited_for_however_long_it_takes(gateway, engine, monkeypatch):
    monkeypatch.setattr(turns, "MOST_FAILURES", 3)
    engine.mood = "without actions"
    hana = await gateway.open()
    assert (await hana.say("fee?")).status == 503
    await until(lambda: len(engine.received) > 10)
    engine.mood = "answering"
    await until(lambda: answered(hana, "You said: fee?"))


async def test_a_slow_answer_is_not_waited_for_longer_than_patience_allows(gateway, engine):
    engine.hold = asyncio.Event()
    hana = await gateway.open()
    assert (await hana.say("fee?", id="m1")).status == 503
    engine.hold.set()
    await until(lambda: answered(hana, "You said: fee?"))
    assert (await hana.say("fee?", id="m1")).text == "You said: fee?"
    assert len(engine.received) == 1


async def test_asking_again_while_the_answer_is_on_its_way_does_not_ask_the_engine_twice(gateway, engine):
    engine.hold = asyncio.Event()
    hana = await gateway.open()
    assert [(await hana.say("fee?", id="m1")).status for _ in range(2)] == [503, 503]
    third = asyncio.create_task(hana.ask("fee?", id="m1"))
    engine.hold.set()
    assert (await third).text == "You said: fee?"
    assert len(engine.received) == 1


async def test_whoever_hangs_up_is_answered_all_the_same(gateway, engine):
    engine.hold = asyncio.Event()
    hana = await gateway.open()
    waiting = asyncio.create_task(hana.say("fee?"))
    await until(lambda: engine.received)
    waiting.cancel()
    engine.hold.set()
    await until(lambda: answered(hana, "You said: fee?"))
    assert len(engine.ran) == 1


async def test_after_a_restart_of_the_gateway_what_waited_is_answered(gateway, engine):
    await engine.down()
    hana = await gateway.open()
    assert (await hana.say("fee?", id="m1")).status == 503
    assert (await hana.say("and tax?")).status == 503
    await gateway.restart()
    await engine.up()
    await until(lambda: answered(hana, "You said: and tax?"))
    assert (await hana.say("fee?", id="m1")).text == "You said: fee?"
    assert engine.texts() == ["fee?", "and tax?"]
    assert len(engine.ran) == 2
    assert [m["sequence"] for m in (await hana.history()).messages] == [1, 2, 3, 4]


async def test_a_reply_that_the_gateway_died_before_storing_is_stored_once(gateway, engine):
    """The engine had answered already; asked again with the same message id it says the same."""
    engine.hold = asyncio.Event()
    hana = await gateway.open()
    assert (await hana.say("fee?")).status == 503
    await until(lambda: engine.received)
    stopping = asyncio.create_task(gateway.stop())
    await stopping
    engine.hold.set()
    await until(lambda: not engine.running)
    await gateway.start()
    await until(lambda: answered(hana, "You said: fee?"))
    assert len((await hana.history()).messages) == 2
    assert len(engine.ran) == 1


async def test_the_log_of_a_delay_holds_no_word_of_the_customer(gateway, engine, caplog):
    hana = await gateway.open()
    for mood in ("failing", "textless", "garbage"):
        engine.mood = mood
        await hana.say("my neighbour Otsuka")
        engine.mood = "answering"
        await until(lambda: not engine.running)
    assert "Otsuka" not in caplog.text
    assert hana.token not in caplog.text
