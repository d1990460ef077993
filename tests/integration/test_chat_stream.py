"""Hana's page listens: every message comes once, in order, also after the train was in a tunnel."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from bot.channels.web import stream as live
from bot.delivery import streams
from bot.delivery.services import SERVICES
from tests.support.chat import Stream
from tests.support.scripted_engine import reply
from tests.support.waiting import until


def sequences(messages: list[dict]) -> list[int]:
    return [message["sequence"] for message in messages]


async def test_what_is_said_and_answered_comes_as_it_happens_and_then_the_state(gateway, engine):
    engine.script = lambda body: [reply("1,100 yen.", offers=["handoff"])]
    hana = await gateway.open()
    stream = await hana.listen()
    assert (await stream.next())["state"]["offers"] == []
    answer = await hana.say("fee?")
    kinds = [await stream.next() for _ in range(5)]
    asked, thinking, done, said, state = kinds
    assert (asked["type"], asked["message"]["text"], asked["message"]["sender"]) == ("message", "fee?", "customer")
    assert thinking == {"type": "typing", "on": True}
    assert done == {"type": "typing", "on": False}
    assert said == {"type": "message", "message": answer.messages[0]}
    assert state == {"type": "state", "state": answer.body["state"]}
    await stream.close()


async def test_a_page_that_comes_later_gets_all_that_was_said_and_the_state(gateway):
    hana = await gateway.open()
    await hana.say("one")
    await hana.say("two")
    stream = await hana.listen()
    assert sequences(await stream.messages(4)) == [1, 2, 3, 4]
    assert (await stream.next())["type"] == "state"
    await stream.close()


@pytest.mark.parametrize("after", [0, 1, 3, 4])
async def test_it_resumes_after_a_sequence_with_nothing_lost_and_nothing_twice(gateway, after):
    hana = await gateway.open()
    await hana.say("one")
    await hana.say("two")
    stream = await hana.listen(after)
    await hana.say("three")
    assert sequences(await stream.messages(6 - after)) == list(range(after + 1, 7))
    await stream.close()


async def test_two_pages_of_one_chat_hear_the_same(gateway):
    hana = await gateway.open()
    phone, laptop = await hana.listen(), await hana.listen()
    await hana.say("fee?")
    assert await phone.messages(2) == await laptop.messages(2)
    await phone.close()
    await laptop.close()


async def test_kenji_hears_nothing_of_hanas_chat(gateway):
    hana, kenji = await gateway.open(), await gateway.open()
    stream = await kenji.listen()
    await hana.say("secret")
    await kenji.say("hello")
    assert [m["text"] for m in await stream.messages(2)] == ["hello", "You said: hello"]
    await stream.close()


async def test_pages_that_connect_while_messages_are_written_miss_none_and_see_none_twice(gateway):
    hana = await gateway.open()
    count = 12

    async def write() -> None:
        for n in range(count):
            await hana.say(f"question {n}")

    writing = asyncio.create_task(write())
    pages: list[Stream] = []
    for n in range(6):
        await until(lambda n=n: _stored(hana, 4 * n))
        pages.append(await hana.listen())
    await writing
    for stream in pages:
        assert sequences(await stream.messages(2 * count)) == list(range(1, 2 * count + 1))
        await stream.close()


async def _stored(chat, count: int) -> bool:
    return len((await chat.history()).messages) >= count


async def test_a_page_that_loses_its_connection_again_and_again_misses_nothing(gateway):
    hana = await gateway.open()
    count, seen = 10, []

    async def write() -> None:
        for n in range(count):
            await hana.say(f"question {n}")

    writing = asyncio.create_task(write())
    while len(seen) < 2 * count:
        stream = await hana.listen(after=seen[-1] if seen else 0)
        seen += sequences(await stream.messages(min(3, 2 * count - len(seen))))
        await stream.close()
    await writing
    assert seen == list(range(1, 2 * count + 1))


async def test_many_messages_at_once_reach_the_page_in_order_and_all_of_them(gateway, engine):
    """Written by several threads at once, each is told to the page as it is stored, maybe not in that order."""
    hana = await gateway.open()
    stream = await hana.listen()
    await asyncio.gather(*(hana.say(f"card 4111 1111 1111 1111, question {n}") for n in range(15)))
    messages = await stream.messages(45)
    assert sequences(messages) == list(range(1, 46))
    assert sum(m["sender"] == "system" for m in messages) == 15
    await stream.close()


async def test_a_message_told_out_of_order_is_fetched_and_none_is_lost(gateway, core, clock, engine):
    services = gateway._runner.app[SERVICES]
    hana = await gateway.open()
    stream = await hana.listen()
    await stream.next("state")

    def write(db):
        chat = core.conversations.find(db, hana.id)
        return [core.conversations.accept(db, chat, f"m{n}", f"m{n}", clock()).message for n in range(3)]

    one, two, three = core.database.transact(write)
    for message in (three, one, two):
        services.streams.publish(hana.id, {"type": "message", "message": message})
    assert sequences(await stream.messages(3)) == [1, 2, 3]
    await hana.say("next")
    assert sequences(await stream.messages(1)) == [4]
    await stream.close()


async def test_the_notice_of_masking_comes_at_once(gateway, engine):
    engine.hold = asyncio.Event()
    hana = await gateway.open()
    stream = await hana.listen()
    waiting = asyncio.create_task(hana.say("4111 1111 1111 1111"))
    assert [m["sender"] for m in await stream.messages(2)] == ["customer", "system"]
    engine.hold.set()
    await waiting
    await stream.close()


# Who may listen --------------------------------------------------------------------------------------------------


async def test_a_browser_gives_its_token_in_the_first_frame(gateway):
    hana = await gateway.open()
    stream = await hana.listen(first_frame=True)
    await hana.say("fee?")
    assert sequences(await stream.messages(2)) == [1, 2]
    await stream.close()


@pytest.mark.parametrize("token", ["", "wrong", "ÿ"])
async def test_a_wrong_token_in_the_first_frame_closes_the_stream(gateway, token):
    hana = await gateway.open()
    await hana.say("secret")
    stream = await hana.listen(token=token, first_frame=True)
    assert await stream.closed() == aiohttp.WSCloseCode.POLICY_VIOLATION
    assert [frame["type"] for frame in stream.frames] == ["error"]


@pytest.mark.parametrize("frame", ["hello", "[]", '{"tokens": 1}', "null", '{"token": null}'])
async def test_another_first_frame_closes_the_stream(gateway, frame):
    hana = await gateway.open()
    socket = await gateway.session.ws_connect(f"{gateway.url}{hana.path}/stream")
    await socket.send_str(frame)
    assert await Stream(socket).closed() == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_kenjis_token_opens_no_stream_of_hanas_chat(gateway):
    hana, kenji = await gateway.open(), await gateway.open()
    stream = await hana.claiming(kenji.token).listen(first_frame=True)
    assert await stream.closed() == aiohttp.WSCloseCode.POLICY_VIOLATION
    for token, status in ((kenji.token, 403), ("wrong", 401)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await hana.listen(token=token)
        assert refused.value.status == status


async def test_whoever_does_not_say_who_they_are_is_not_waited_for(gateway, monkeypatch):
    monkeypatch.setattr(live, "AUTHENTICATION_SECONDS", 0.05)
    hana = await gateway.open()
    socket = await gateway.session.ws_connect(f"{gateway.url}{hana.path}/stream")
    assert await Stream(socket).closed() == aiohttp.WSCloseCode.POLICY_VIOLATION


async def test_a_stop_of_the_gateway_closes_the_stream_and_the_page_resumes(gateway):
    hana = await gateway.open()
    stream = await hana.listen()
    await hana.say("one")
    seen = sequences(await stream.messages(2))
    closing = asyncio.create_task(stream.closed())
    await gateway._runner.cleanup()
    assert await closing == aiohttp.WSCloseCode.GOING_AWAY
    await gateway.restart()
    again = await hana.listen(after=seen[-1])
    await hana.say("two")
    assert sequences(await again.messages(2)) == [3, 4]
    await again.close()


async def test_a_page_that_reads_nothing_is_cut_off_and_can_come_back(gateway, monkeypatch):
    monkeypatch.setattr(streams, "BACKLOG", 2)
    hub = streams.Streams()
    with hub.listen("chat") as queue:
        for n in range(4):
            hub.publish("chat", {"type": "typing", "on": bool(n)})
        assert queue.get_nowait() is None
        assert queue.empty()
    hub.publish("chat", {"type": "typing", "on": True})  # nobody listens any more, which is no fault
