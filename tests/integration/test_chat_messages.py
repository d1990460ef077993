"""Hana asks and is answered: once, in order, with nothing masked stored, whatever she types."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from bot.storage.cipher import Cipher
from bot.storage.conversations import Conversations
from bot.storage.tables import conversations
from tests.support.chat import Gateway
from tests.support.scripted_engine import ScriptedEngine, reply
from tests.support.waiting import until

from .conftest import SECRET

CITATION = {
    "quote": "The customer will be required to pay 1,000 yen",
    "section": "Procedures",
    "document": "JCOM Privacy policy",
    "version": "2020-04-01",
    "url": "/policies/jcom#c3",
}


async def test_hana_asks_and_is_answered_with_the_clause_it_rests_on(gateway: Gateway, engine: ScriptedEngine):
    engine.script = lambda body: [reply("1,100 yen.", citations=[CITATION])]
    hana = await gateway.open("jcom")
    answer = await hana.say("what does a disclosure cost?")
    assert answer.status == 200
    (message,) = answer.messages
    assert (message["sender"], message["text"], message["sequence"]) == ("bot", "1,100 yen.", 2)
    assert message["citations"] == [{**CITATION, "url": f"{gateway.core.settings.address}/policies/jcom#c3"}]
    assert message["attachments"] == []
    assert message["sent_at"].endswith(("Z", "+00:00"))
    assert answer.body["state"] == {"mode": "bot", "request": None, "ticket": None, "offers": []}


async def test_the_engine_learns_what_it_needs_and_nothing_about_the_customer(gateway, engine):
    hana = await gateway.open("jcom", "ja")
    await hana.say("手数料は？")
    (body,) = engine.received
    assert body == {
        "conversation": hana.id,
        "message": body["message"],
        "text": "手数料は？",
        "locale": "ja",
        "company": "jcom",
        "company_name": "JCOM",
        "choice": None,
    }


@pytest.mark.parametrize(("wanted", "spoken"), [("ja-JP", "ja"), ("EN", "en"), ("de", "en"), ("zh-Hant-TW", "en")])
async def test_the_chat_speaks_the_nearest_language_that_the_company_has(gateway, engine, wanted, spoken):
    chat = await gateway.open("jcom", wanted)
    await chat.say("hello")
    assert engine.received[0]["locale"] == spoken


async def test_several_replies_come_in_order_with_what_they_offer(gateway, engine):
    engine.script = lambda body: [reply("First."), reply("Shall I?", offers=["handoff"])]
    answer = await (await gateway.open()).say("fax?")
    assert [m["text"] for m in answer.messages] == ["First.", "Shall I?"]
    assert answer.body["state"]["offers"] == ["handoff"]


# The same message again ------------------------------------------------------------------------------------------


async def test_the_same_message_again_gives_the_same_answer_and_does_nothing_twice(gateway, engine):
    hana = await gateway.open()
    first = await hana.say("fee?", id="m1")
    again = await hana.say("fee?", id="m1")
    assert (again.status, again.body) == (200, first.body)
    assert len(engine.received) == 1
    assert len((await hana.history()).messages) == 2


async def test_the_same_message_sent_ten_times_at_once_is_answered_once(gateway, engine):
    hana = await gateway.open()
    answers = await asyncio.gather(*(hana.say("fee?", id="m1") for _ in range(10)))
    assert {answer.status for answer in answers} == {200}
    assert all(answer.messages == answers[0].messages for answer in answers)
    assert len(engine.received) == 1
    assert len((await hana.history()).messages) == 2


async def test_equal_words_in_two_messages_are_two_questions(gateway, engine):
    hana = await gateway.open()
    await hana.say("fee?")
    await hana.say("fee?")
    assert len(engine.received) == 2


# One at a time ---------------------------------------------------------------------------------------------------


async def test_messages_of_one_chat_are_answered_one_at_a_time_in_their_order(gateway, engine):
    hana = await gateway.open()
    engine.hold = asyncio.Event()
    sent = []
    for n in range(5):
        sent.append(asyncio.create_task(hana.say(f"question {n}")))
        await until(lambda n=n: _stored(hana, n + 1))
    engine.hold.set()
    answers = await asyncio.gather(*sent)
    assert engine.texts() == [f"question {n}" for n in range(5)]
    assert engine.overlaps == 0
    settled = [a for a in answers if a.status == 200]
    assert all(a.messages[0]["text"].startswith("You said: question") for a in settled)
    await until(lambda: _stored(hana, 10))
    said = [m["text"] for m in (await hana.history()).messages if m["sender"] == "bot"]
    assert said == [f"You said: question {n}" for n in range(5)]


async def _stored(chat, count: int) -> bool:
    return len((await chat.history()).messages) >= count


async def test_a_slow_answer_for_hana_does_not_hold_up_kenji(gateway, engine):
    hana, kenji = await gateway.open("jcom"), await gateway.open("coocom")
    engine.hold = asyncio.Event()
    slow = asyncio.create_task(hana.say("slow"))
    await until(lambda: engine.received)
    held, engine.hold = engine.hold, None
    assert (await kenji.say("quick")).text == "You said: quick"
    held.set()
    await slow


# What was typed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["/restart", "/affirm", '/ask_fee_amount{"right": "erasure"}', "//", "EXTERNAL: x"])
async def test_what_looks_like_a_command_travels_as_text(gateway, engine, text):
    hana = await gateway.open()
    assert (await hana.say(text)).text == f"You said: {text}"
    assert engine.received[0]["text"] == text
    assert engine.received[0]["choice"] is None
    assert (await hana.history()).messages[0]["text"] == text


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "**bold** [x](javascript:0)", "&lt;b&gt;", "{{7*7}}"],
)
async def test_markup_stays_the_text_that_it_is(gateway, engine, text):
    hana = await gateway.open()
    answer = await hana.say(text)
    assert answer.text == f"You said: {text}"
    assert answer.headers["Content-Type"].startswith("application/json")
    assert (await hana.history()).messages[0]["text"] == text


async def test_any_characters_come_back_as_they_were_typed(gateway):
    hana = await gateway.open()
    for text in ("手数料は？🙂", "a\x00b", "line\nline", "‮reversed", "é́́", " spaces "):
        assert (await hana.say(text)).text == f"You said: {text}"


async def test_the_longest_message_is_taken(gateway):
    hana = await gateway.open()
    assert (await hana.say("🙂" * 4000)).status == 200


# Masking ---------------------------------------------------------------------------------------------------------

CARD = "4111 1111 1111 1111"


async def test_a_card_number_is_masked_before_anything_sees_it(gateway, engine, core, tmp_path, caplog):
    hana = await gateway.open()
    stream = await hana.listen()
    answer = await hana.say(f"take {CARD} please", id="m1")
    notice, said = answer.messages
    assert notice["sender"] == "system"
    assert "card number" in notice["text"]
    assert "not stored" in notice["text"]
    assert said["text"] == "You said: take ●●●● ●●●● ●●●● ●●●● please"
    assert "1111" not in str(engine.received)
    assert "1111" not in str((await hana.history()).body)
    assert "1111" not in str(await stream.messages(3))
    assert "1111" not in caplog.text
    rows = core.database.transact(lambda db: Conversations(Cipher(SECRET)).list_messages(db, hana.id))
    assert "1111" not in str(rows)
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or b"1111 1111" not in file.read_bytes()
    assert (await hana.say(f"take {CARD} please", id="m1")).body == answer.body
    await stream.close()


async def test_mika_is_told_in_japanese(gateway):
    mika = await gateway.open("jcom", "ja")
    answer = await mika.say("マイナンバーは1234 5678 9018です")
    assert "マイナンバー" in answer.messages[0]["text"]
    assert "1234" not in str(answer.body)


async def test_a_number_given_as_the_messages_id_is_stored_nowhere_either(gateway, core, tmp_path):
    hana = await gateway.open()
    await hana.say("hello", id=CARD)
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or CARD.encode() not in file.read_bytes()


# Buttons ---------------------------------------------------------------------------------------------------------

OFFER = reply("Shall I?", quick_replies=[{"title": "Yes", "choice": {"intent": "affirm"}}], offers=["handoff"])


@pytest.fixture
def offering(engine):
    engine.script = lambda body: [reply("Done.") if body["choice"] else OFFER]


async def test_a_pressed_button_is_sent_by_its_payload_and_nothing_shows_what_it_means(gateway, engine, offering):
    hana = await gateway.open()
    offer = await hana.say("fax?")
    (button,) = offer.messages[0]["quick_replies"]
    assert set(button) == {"title", "payload"}
    assert "affirm" not in str(offer.body)
    assert (await hana.say("Yes", payload=button["payload"])).text == "Done."
    assert engine.received[-1]["choice"] == {"intent": "affirm"}


async def test_a_button_may_be_pressed_without_words(gateway, engine, offering):
    hana = await gateway.open()
    (button,) = (await hana.say("fax?")).messages[0]["quick_replies"]
    assert (await hana.say("", payload=button["payload"])).text == "Done."


async def test_a_button_that_was_pressed_is_answered_the_same_when_it_is_sent_again(gateway, engine, offering):
    hana = await gateway.open()
    (button,) = (await hana.say("fax?")).messages[0]["quick_replies"]
    first = await hana.say("Yes", id="press", payload=button["payload"])
    again = await hana.say("Yes", id="press", payload=button["payload"])
    assert (again.status, again.body) == (200, first.body)
    assert len(engine.received) == 2


@pytest.mark.parametrize("payload", ["affirm", "/affirm", '{"intent": "affirm"}', "x" * 128, "ü", "\x00"])
async def test_a_made_up_payload_is_refused_and_names_no_intent(gateway, engine, offering, payload):
    hana = await gateway.open()
    await hana.say("fax?")
    answer = await hana.say("Yes", payload=payload)
    assert answer.status == 400
    assert "button" in answer.detail
    assert len(engine.received) == 1


async def test_an_old_button_and_another_chats_button_are_refused(gateway, engine, offering):
    hana, kenji = await gateway.open(), await gateway.open()
    (button,) = (await hana.say("fax?")).messages[0]["quick_replies"]
    await kenji.say("fax?")
    assert (await kenji.say("Yes", payload=button["payload"])).status == 400
    await hana.say("fee?")
    assert (await hana.say("Yes", payload=button["payload"])).status == 400


# Human mode, history ---------------------------------------------------------------------------------------------


async def test_where_a_person_answers_the_engine_is_not_asked(gateway, engine, core):
    hana = await gateway.open()
    core.database.transact(lambda db: db.execute(sa.update(conversations).values(mode="human")))
    answer = await hana.say("are you there?")
    assert (answer.status, answer.messages, answer.body["state"]["mode"]) == (200, [], "human")
    assert engine.received == []


async def test_reloading_shows_the_chat_so_far(gateway):
    hana = await gateway.open()
    assert (await hana.history()).messages == []
    await hana.say("one")
    await hana.say("two")
    history = await hana.history()
    assert [(m["sender"], m["text"]) for m in history.messages] == [
        ("customer", "one"),
        ("bot", "You said: one"),
        ("customer", "two"),
        ("bot", "You said: two"),
    ]
    assert [m["sequence"] for m in history.messages] == [1, 2, 3, 4]
    assert history.body["state"]["mode"] == "bot"
    assert [m["text"] for m in (await hana.history(after=3)).messages] == ["You said: two"]


async def test_in_a_busy_hour_everybody_is_answered_once_and_in_order(gateway, engine):
    chats = [await gateway.open() for _ in range(12)]

    async def talk(chat) -> None:
        for n in range(4):  # on a bad line: every message is sent twice at once
            answers = await asyncio.gather(*(chat.say(f"question {n}", id=str(n)) for _ in range(2)))
            assert [answer.text for answer in answers] == [f"You said: question {n}"] * 2

    await asyncio.gather(*map(talk, chats))
    assert len(engine.ran) == len(set(engine.ran)) == 48
    assert engine.overlaps == 0
    for chat in chats:
        assert [m["sequence"] for m in (await chat.history()).messages] == list(range(1, 9))
