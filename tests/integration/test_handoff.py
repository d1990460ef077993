"""Hana asks for a person: one is called or she is told when there is one; the bot is silent meanwhile, and is back after."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.desk.reply import Draft
from bot.storage.tables import outcomes
from tests.support.handoff import HandoffDesk, said
from tests.support.scripted_engine import reply
from tests.support.waiting import until

SUNDAY = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)


@pytest.fixture
async def desk(gateway, engine) -> HandoffDesk:
    return HandoffDesk(gateway, engine)


async def heard(stream, text: str) -> dict:
    """Waits for the message that holds these words."""
    while True:
        message = (await stream.next("message"))["message"]
        if text in message["text"]:
            return message


async def mode(chat) -> str:
    return (await chat.history()).body["state"]["mode"]


async def state_where(stream, holds) -> dict:
    while True:
        state = (await stream.next("state"))["state"]
        if holds(state):
            return state


# What happens when she asks ---------------------------------------------------------------------------------------


async def test_where_somebody_is_there_she_hears_that_a_person_is_called_and_the_bot_is_silent(desk, gateway, engine):
    desk.person()
    hana = await gateway.open("jcom")
    answer = await hana.say("a person please")
    assert said(answer, "bot")[0].startswith("Passed on as")
    assert said(answer, "system") == ["A person at J:COM Customer Center is being called. You are next."]
    state = answer.body["state"]
    assert (state["mode"], state["ticket"]["status"], state["ticket"]["ahead"]) == ("human", "open", 0)
    asked = len(engine.received)
    again = await hana.say("hello?")
    assert (again.status, again.messages, again.body["state"]["mode"]) == (200, [], "human")
    assert len(engine.received) == asked
    assert (await desk.ticket(hana)).called_at == gateway.clock()


async def test_the_same_message_again_calls_nobody_twice(desk, gateway):
    desk.person()
    hana = await gateway.open("jcom")
    first = await hana.say("a person please", id="m1")
    assert (await hana.say("a person please", id="m1")).body == first.body
    assert desk.events(await desk.ticket(hana)).count("called") == 1


async def test_out_of_hours_she_hears_when_the_chat_is_staffed_next_and_where_the_answer_comes(desk, gateway):
    gateway.clock.set(SUNDAY)
    desk.person()
    hana = await gateway.open("jcom")
    answer = await hana.say("a person please")
    (told,) = said(answer, "system")
    assert "staffed again tomorrow at 09:00" in told
    assert "The answer comes here, in this chat" in told
    assert answer.body["state"]["mode"] == "bot"
    assert (await hana.say("fee?")).text == "answer: fee?"
    assert (await desk.ticket(hana)).called_at is None


async def test_where_nobody_is_there_she_is_told_so_and_the_bot_goes_on(desk, gateway):
    desk.leaves(desk.person())
    hana = await gateway.open("jcom")
    answer = await hana.say("a person please")
    assert "nobody is free to come right now" in said(answer, "system")[0]
    assert answer.body["state"]["mode"] == "bot"


async def test_who_works_for_another_company_or_is_absent_is_not_there_for_her(desk, gateway):
    desk.person("Kenji", companies=("coocom",))
    absent = desk.person("Mika")
    desk.services.presence.update(replace(absent, absent_until=gateway.clock() + timedelta(hours=1)))
    answer = await (await gateway.open("jcom")).say("a person please")
    assert answer.body["state"]["mode"] == "bot"


async def test_mika_is_told_in_japanese_also_in_an_english_chat(desk, gateway):
    desk.person()
    mika = await gateway.open("jcom", "ja")
    assert "担当者を呼び出しています" in said(await mika.say("person 担当者をお願いします"), "system")[0]
    other = await gateway.open("jcom", "en")
    assert "担当者を呼び出しています" in said(await other.say("person 担当者をお願いします"), "system")[0]


async def test_a_reported_leak_comes_before_a_question(desk, gateway):
    keiko = desk.person()
    first, second = await gateway.open("jcom"), await gateway.open("jcom")
    await first.say("a person please")
    gateway.clock.advance(seconds=1)
    desk.stays(keiko)
    answer = await second.say("a person please, there is a leak")
    assert "You are next." in said(answer, "system")[0]
    state = (await first.history()).body["state"]
    assert state["ticket"]["ahead"] == 1


async def test_customers_of_another_company_are_not_ahead(desk, gateway):
    desk.person(companies=("jcom", "coocom"))
    await (await gateway.open("coocom")).say("a person please")
    assert "You are next." in said(await (await gateway.open("jcom")).say("a person please"), "system")[0]


async def test_how_many_are_ahead_is_told_anew_when_it_changes(desk, gateway):
    keiko = desk.person()
    chats = [await gateway.open("jcom") for _ in range(3)]
    for place, chat in enumerate(chats):
        answer = await chat.say("a person please")
        assert answer.body["state"]["ticket"]["ahead"] == place
        gateway.clock.advance(seconds=1)
        desk.stays(keiko)
    assert "2 people are ahead of you." in said(answer, "system")[0]
    stream = await chats[2].listen()
    await state_where(stream, lambda state: state["ticket"]["ahead"] == 2)
    await desk.casework.tickets.take(keiko, (await desk.ticket(chats[0])).id)
    await state_where(stream, lambda state: state["ticket"]["ahead"] == 1)
    await desk.casework.tickets.take(keiko, (await desk.ticket(chats[1])).id)
    await state_where(stream, lambda state: state["ticket"]["ahead"] == 0)
    assert len((await chats[2].history()).messages) == 3
    await stream.close()


# The bot and the person -------------------------------------------------------------------------------------------


async def test_what_the_bot_answers_after_a_person_has_taken_over_is_not_shown(desk, gateway, engine):
    """Her question is with the engine when the desk writes to her: the person has the chat, and the bot says nothing."""
    keiko = desk.person()
    gateway.clock.set(SUNDAY)  # so that asking for a person leaves the bot answering
    desk.stays(keiko)
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    engine.hold = asyncio.Event()
    asking = asyncio.create_task(hana.say("what does it cost?"))
    await until(lambda: engine.running)
    await reply_to(desk, keiko, hana, "I will look it up.")
    engine.hold.set()
    answer = await asking
    assert answer.messages == [] or said(answer, "bot") == []
    assert answer.body["state"]["mode"] == "human"
    assert said((await hana.history()).messages, "bot") == said((await hana.history()).messages, "bot")[:1]
    assert not [text for text in said((await hana.history()).messages) if text.startswith("answer")]


async def reply_to(desk, person, chat, text: str, **options):
    """Writes and sends at once."""
    ticket = await desk.ticket(chat)
    held = await desk.casework.replies.send(person, ticket.id, Draft(text), f"form {text}", **options)
    await desk.casework.replies.send_now(person, ticket.id, held.id)
    return held


async def test_a_message_that_waited_for_a_silent_engine_goes_to_the_person_who_came(desk, gateway, engine):
    keiko = desk.person()
    gateway.clock.set(SUNDAY)
    desk.stays(keiko)
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    engine.mood = "failing"
    asking = asyncio.create_task(hana.say("what does it cost?"))
    await until(lambda: len(engine.received) > 2)
    await reply_to(desk, keiko, hana, "1,100 yen.")
    answer = await asking
    assert (answer.status, said(answer, "bot")) == (200, [])


async def test_she_hears_who_has_joined_and_who_takes_over(desk, gateway):
    keiko, kenji = desk.person("Keiko Mori"), desk.person("Kenji")
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    stream = await hana.listen()
    ticket = await desk.ticket(hana)
    await desk.casework.tickets.take(keiko, ticket.id)
    assert (await heard(stream, "joined"))["text"] == "Keiko from J:COM Customer Center has joined the chat."
    await desk.casework.tickets.release(keiko, ticket.id)
    await desk.casework.tickets.take(kenji, ticket.id)
    await heard(stream, "Kenji from")
    assert "Mori" not in str(stream.frames)
    assert keiko.id not in str(stream.frames)
    await stream.close()


async def test_taking_a_case_whose_customer_is_with_the_bot_interrupts_nobody(desk, gateway):
    gateway.clock.set(SUNDAY)
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    await desk.casework.tickets.take(keiko, (await desk.ticket(hana)).id)
    assert len((await hana.history()).messages) == 3
    assert (await hana.say("fee?")).text == "answer: fee?"


async def test_handed_back_she_hears_what_was_settled_and_the_engine_begins_afresh(desk, gateway, engine):
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    ticket = await desk.ticket(hana)
    await desk.casework.tickets.take(keiko, ticket.id)
    await desk.casework.replies.hand_back(keiko, ticket.id, "the fee is  1,100 yen")
    history = await hana.history()
    assert said(history, "system")[-1] == (
        "Keiko has left the chat. What was settled: the fee is 1,100 yen\nThe automated assistant is back and answers here again."
    )
    assert history.body["state"]["mode"] == "bot"
    assert (await hana.say("and the tax?")).text == "answer fresh: and the tax?"
    assert (await hana.say("thanks")).text == "answer: thanks"
    after = await desk.ticket(hana)
    assert (after.status, after.called_at, after.assignee) == ("open", None, keiko.id)
    assert desk.events(after)[-1] == "handed_back"


async def test_what_she_asks_about_the_person_is_answered_from_the_record(desk, gateway, engine):
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    await reply_to(desk, keiko, hana, "Your letter has arrived.")
    await desk.casework.replies.hand_back(keiko, (await desk.ticket(hana)).id)
    await hana.say("What did Keiko say?")
    assert engine.received[-1]["choice"] == {"intent": "repeat"}


async def test_handing_back_what_the_bot_has_already_changes_nothing(desk, gateway):
    gateway.clock.set(SUNDAY)
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    ticket = await desk.ticket(hana)
    await desk.casework.replies.hand_back(keiko, ticket.id, "nothing")
    assert await desk.ticket(hana) == ticket


async def test_a_message_sent_while_the_person_hands_back_is_answered_by_the_bot(desk, gateway, engine):
    """It is stored for the person, who gives the chat back before it is dealt with: nobody leaves it lying."""
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    ticket = await desk.ticket(hana)
    core = gateway.core

    def accept(db):
        conversation = core.conversations.find(db, hana.id)
        return core.conversations.accept(db, conversation, "and the tax?", "m9", gateway.clock())

    accepted = core.database.transact(accept)
    assert accepted.conversation.mode == "human"
    await desk.casework.replies.hand_back(keiko, ticket.id)
    turn = await desk.services.turns.submit(accepted.message, accepted.conversation)
    assert [message.text for message in turn.messages] == ["answer fresh: and the tax?"]


# Nobody comes -------------------------------------------------------------------------------------------------------


async def test_nobody_comes_in_the_companys_time_and_she_is_told_once(desk, gateway):
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    gateway.clock.advance(minutes=4, seconds=59)
    desk.stays(keiko)
    await desk.give_up()
    assert await mode(hana) == "human"
    gateway.clock.advance(seconds=1)
    desk.stays(keiko)
    for _ in range(3):
        await desk.give_up()
    assert len([text for text in said(await hana.history(), "system") if "nobody could come" in text]) == 1
    history = await hana.history()
    assert said(history, "system")[-1].startswith("We are sorry: nobody could come to the chat.")
    assert history.body["state"]["mode"] == "bot"
    ticket = await desk.ticket(hana)
    assert (ticket.status, ticket.called_at) == ("open", None)
    assert (await hana.say("fee?")).text == "answer fresh: fee?"


async def test_a_call_is_given_up_after_a_restart_too_and_once(desk, gateway):
    desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    await gateway.restart()
    gateway.clock.advance(minutes=6)
    await desk.give_up()
    await gateway.restart()
    await desk.give_up()
    assert len([text for text in said(await hana.history(), "system") if "nobody could come" in text]) == 1


async def test_another_desk_gives_its_people_more_time(desk, gateway):
    core = gateway.core
    plan = desk.do(lambda db: core.staffing.plan(db, "jcom"))
    desk.do(lambda db: core.staffing.set_plan(db, "jcom", replace(plan, answer_minutes=20), gateway.clock()))
    desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    gateway.clock.advance(minutes=19)
    await desk.give_up()
    assert await mode(hana) == "human"
    gateway.clock.advance(minutes=1)
    await desk.give_up()
    assert await mode(hana) == "bot"


async def test_a_person_who_has_taken_it_may_take_longer_while_they_are_there(desk, gateway):
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    await desk.casework.tickets.take(keiko, (await desk.ticket(hana)).id)
    gateway.clock.advance(minutes=6)
    desk.comes(keiko)
    await desk.give_up()
    assert await mode(hana) == "human"
    gateway.clock.advance(minutes=10)
    desk.comes(keiko)
    await desk.give_up()
    assert await mode(hana) == "bot"
    assert (await desk.ticket(hana)).assignee == keiko.id


async def test_who_writes_to_a_person_when_the_desk_has_gone_home_hears_so_and_has_the_bot_back(desk, gateway, engine):
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    await reply_to(desk, keiko, hana, "Which number do you mean?")
    gateway.clock.set(SUNDAY)
    asked = len(engine.received)
    answer = await hana.say("It is 12.")
    assert "What you wrote is kept with your case." in said(answer, "system")[0]
    assert "staffed again tomorrow at 09:00" in said(answer, "system")[0]
    assert answer.body["state"]["mode"] == "bot"
    assert len(engine.received) == asked
    assert (await desk.ticket(hana)).called_at is None


# Again --------------------------------------------------------------------------------------------------------------


async def test_who_asks_for_a_person_again_has_the_same_case_called_again(desk, gateway):
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    first = await desk.ticket(hana)
    gateway.clock.advance(minutes=6)
    await desk.give_up()
    desk.comes(keiko)
    answer = await hana.say("a person, I said")
    assert answer.body["state"]["mode"] == "human"
    assert (await desk.ticket(hana)).reference == first.reference


async def test_a_closed_case_is_opened_again_for_the_same_person_who_is_named(desk, gateway):
    keiko = desk.person()
    desk.person("Kenji")
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    ticket = await desk.ticket(hana)
    await desk.casework.tickets.take(keiko, ticket.id)
    await desk.casework.closing.close(keiko, ticket.id, "all answered")
    history = await hana.history()
    assert "Your case is closed. What was settled: all answered" in said(history, "system")[-1]
    assert (history.body["state"]["mode"], history.body["state"]["ticket"]["status"]) == ("bot", "closed")
    assert (await hana.say("thanks")).text == "answer fresh: thanks"
    assert (await desk.ticket(hana)).status == "closed"
    answer = await hana.say("a person once more")
    assert "Keiko, who has your case, is being called." in said(answer, "system")[0]
    after = await desk.ticket(hana)
    assert (after.reference, after.status, after.assignee) == (ticket.reference, "open", keiko.id)


async def test_a_reopened_case_whose_person_is_not_there_is_for_whoever_comes(desk, gateway):
    keiko, kenji = desk.person(), desk.person("Kenji")
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    ticket = await desk.ticket(hana)
    await desk.casework.tickets.take(keiko, ticket.id)
    await desk.casework.closing.close(keiko, ticket.id)
    desk.leaves(keiko)
    desk.stays(kenji)
    answer = await hana.say("a person once more")
    assert answer.body["state"]["mode"] == "human"
    assert (await desk.ticket(hana)).assignee is None


async def test_her_answer_gives_the_desk_the_ball(desk, gateway):
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    await reply_to(desk, keiko, hana, "Which number?", then="waiting")
    assert (await desk.ticket(hana)).status == "waiting"
    assert (await hana.history()).body["state"]["ticket"]["status"] == "waiting"
    gateway.clock.advance(seconds=10)
    answer = await hana.say("It is 12.")
    assert answer.body["state"]["ticket"]["status"] == "open"
    after = await desk.ticket(hana)
    assert (after.status, after.called_at) == ("open", gateway.clock())


async def test_kenji_sees_nothing_of_hanas_case(desk, gateway):
    keiko = desk.person()
    hana, kenji = await gateway.open("jcom"), await gateway.open("jcom")
    stream = await kenji.listen()
    await hana.say("a person please")
    await reply_to(desk, keiko, hana, "Secret.")
    assert (await kenji.say("fee?")).text == "answer: fee?"
    assert [m["text"] for m in await stream.messages(2)] == ["fee?", "answer: fee?"]
    assert (await kenji.history()).body["state"]["ticket"] is None
    await stream.close()


async def test_what_came_of_each_message_is_kept_without_a_word_of_it(desk, gateway, engine):
    desk.person()
    hana = await gateway.open("jcom", "en")
    engine_says = desk.answer

    def script(body):
        return [reply("Hello.")] if body["text"] == "hi" else engine_says(body)

    engine.script = script
    for text in ("hi", "fee?", "a person please", "are you there?"):
        await hana.say(text)
    rows = desk.do(lambda db: db.execute(outcomes.select()).all())
    assert sorted((row.kind, row.topic, row.company, row.channel, row.locale) for row in rows) == [
        ("answered", "fee_amount", "jcom", "web", "en"),
        ("handed_over", None, "jcom", "web", "en"),
        ("talk", None, "jcom", "web", "en"),
    ]


# One case of two chats ----------------------------------------------------------------------------------------------


@pytest.fixture
async def merged(desk, gateway):
    """Keiko takes Hana's case and Kenji's for one, and works on it as Kenji's."""
    keiko = desk.person()
    hana, kenji = await gateway.open("jcom"), await gateway.open("jcom")
    for chat in (hana, kenji):
        await chat.say("a person please")
        await gateway.call("PUT", f"{chat.path}/contact", json={"email": f"{chat is hana}@example.com"}, headers=chat.authorization)
    await desk.casework.links.merge(keiko, (await desk.ticket(hana)).id, (await desk.ticket(kenji)).id)
    return keiko, hana, kenji


async def test_of_two_chats_in_one_case_each_customer_reads_their_own_and_is_answered_where_they_wrote(desk, gateway, merged):
    keiko, hana, kenji = merged
    gateway.clock.advance(seconds=1)
    await hana.say("I am Hana")
    await reply_to(desk, keiko, hana, "Good afternoon, Hana.")
    assert said((await hana.history()).messages, "staff") == ["Good afternoon, Hana."]
    assert said((await kenji.history()).messages, "staff") == []
    await desk.casework.closing.close(keiko, (await desk.ticket(kenji)).id)
    assert [await mode(chat) for chat in (hana, kenji)] == ["bot", "bot"]


async def test_of_two_chats_in_one_case_no_mail_leads_one_customer_into_the_others_chat(desk, gateway, merged):
    keiko, hana, kenji = merged
    gateway.clock.advance(seconds=1)
    await hana.say("I am Hana")
    await gateway.call("PUT", f"{hana.path}/contact", json={"email": "hana@example.com"}, headers=hana.authorization)
    assert (await desk.ticket(kenji)).contact.email == "False@example.com"
    await reply_to(desk, keiko, hana, "Good afternoon, Hana.")
    gateway.clock.advance(hours=1)
    letter = desk.do(lambda db: gateway.core.outbox.take(db, gateway.clock()))
    assert (letter.mail.to, letter.mail.conversation) == ("hana@example.com", hana.id)


async def test_a_leak_reported_in_an_open_case_makes_it_urgent(desk, gateway):
    gateway.clock.set(SUNDAY)
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    before = await desk.ticket(hana)
    await hana.say("a person please, there is a leak")
    after = await desk.ticket(hana)
    assert (before.reason, after.reason, after.id) == ("asked", "leak", before.id)
    assert after.priority > before.priority
    assert after.reply_due_at < before.reply_due_at


async def test_who_has_the_chat_forgotten_waits_no_longer_and_the_desk_hears_it(desk, gateway):
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    ticket = await desk.ticket(hana)
    await hana.forget()
    after = desk.do(lambda db: gateway.core.tickets.find(db, ticket.id))
    assert (after.status, after.called_at) == ("open", None)
    assert desk.events(after)[-1] == "forgotten"
    assert (await desk.casework.around.read(keiko, ticket.id)).reachable is False
