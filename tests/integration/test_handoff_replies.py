"""Keiko writes to Hana: held for a moment, taken back or delivered, once, whatever dies in between."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from bot.bootstrap import make_core
from bot.delivery.retention import sweep
from bot.desk.errors import (
    FileNotTaken,
    Forbidden,
    ReplyEmpty,
    SentAlready,
    TicketClosed,
    TooLong,
    UnknownCitation,
    UnknownFile,
    UnknownTicket,
)
from bot.desk.person import Role
from bot.desk.reply import Draft
from bot.storage.database import Database
from bot.storage.tables import attachments, drafts, unsent_replies
from tests.support.casework import make_desk
from tests.support.handoff import HandoffDesk, said
from tests.support.staff import read_audit
from tests.support.waiting import until

from .conftest import SECRET

PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 20


@pytest.fixture
async def desk(gateway, engine) -> HandoffDesk:
    return HandoffDesk(gateway, engine)


@pytest.fixture
def keiko(desk):
    return desk.person("Keiko Mori")


@pytest.fixture
async def hana(desk, keiko, gateway):
    chat = await gateway.open("jcom")
    await chat.say("a person please")
    return chat


async def send(desk, person, chat, draft: Draft | str, form: str = "form 1", **options):
    draft = Draft(draft) if isinstance(draft, str) else draft
    return await desk.casework.replies.send(person, (await desk.ticket(chat)).id, draft, form, **options)


async def staff_said(chat) -> list[str]:
    return said((await chat.history()).messages, "staff")


async def pass_hold(gateway, chat, count: int = 1) -> list[str]:
    """The moment in which it can be taken back is over."""
    gateway.clock.advance(seconds=10)
    await until(lambda: _has(chat, count))
    return await staff_said(chat)


async def _has(chat, count: int) -> bool:
    return len(await staff_said(chat)) >= count


# Held, and delivered ------------------------------------------------------------------------------------------------


async def test_a_reply_is_held_for_ten_seconds_in_which_hana_sees_that_keiko_writes(desk, gateway, keiko, hana):
    stream = await hana.listen(after=3)
    await send(desk, keiko, hana, "It costs 1,100 yen.")
    typing = await stream.next("typing")
    assert typing == {"type": "typing", "on": True, "sender": "staff", "author_name": "Keiko"}
    gateway.clock.advance(seconds=9.9)
    await desk.services.replies.deliver_due()
    assert await staff_said(hana) == []
    gateway.clock.advance(seconds=0.1)
    assert (await stream.next("typing"))["on"] is False
    message = (await stream.next("message"))["message"]
    while message["sender"] != "staff":
        message = (await stream.next("message"))["message"]
    assert (message["text"], message["author_name"]) == ("It costs 1,100 yen.", "Keiko")
    assert keiko.id not in str(message)
    await stream.close()


async def test_a_reply_stops_the_clock_of_the_answer_and_nobody_waits_any_more(desk, gateway, keiko, hana):
    before = await desk.ticket(hana)
    assert before.reply_due_at and before.called_at
    await send(desk, keiko, hana, "Good afternoon.")
    assert (await desk.ticket(hana)).replied_at is None
    await pass_hold(gateway, hana)
    after = await desk.ticket(hana)
    assert (after.replied_at, after.called_at, after.reply_due_at) == (gateway.clock(), None, None)
    assert (after.assignee, after.status) == (keiko.id, "open")
    gateway.clock.advance(minutes=1)
    await send(desk, keiko, hana, "And the tax is included.", "form 2")
    await pass_hold(gateway, hana, 2)
    assert (await desk.ticket(hana)).replied_at == after.replied_at


async def test_what_follows_a_reply_is_as_keiko_chose(desk, gateway, keiko, hana):
    await send(desk, keiko, hana, "Which number?", then="waiting")
    await pass_hold(gateway, hana)
    waiting = await desk.ticket(hana)
    assert (waiting.status, waiting.due_at) == ("waiting", None)
    await send(desk, keiko, hana, "I have found it.", "form 2", then="open")
    await pass_hold(gateway, hana, 2)
    assert (await desk.ticket(hana)).status == "open"
    await send(desk, keiko, hana, "All done.", "form 3", then="closed")
    await pass_hold(gateway, hana, 3)
    assert (await desk.ticket(hana)).status == "closed"
    messages = (await hana.history()).messages
    assert [message["sender"] for message in messages[-2:]] == ["staff", "system"]
    assert "Your case is closed." in messages[-1]["text"]


async def test_the_first_reply_out_of_hours_brings_hana_to_a_person(desk, gateway, keiko):
    gateway.clock.set(datetime(2026, 11, 29, 3, 0, tzinfo=UTC))
    desk.stays(keiko)
    chat = await gateway.open("jcom")
    assert (await chat.say("a person please")).body["state"]["mode"] == "bot"
    await send(desk, keiko, chat, "Good afternoon.")
    await pass_hold(gateway, chat)
    history = await chat.history()
    assert [message["sender"] for message in history.messages[-2:]] == ["system", "staff"]
    assert "Keiko from J:COM Customer Center has joined" in history.messages[-2]["text"]
    assert history.body["state"]["mode"] == "human"


async def test_consoles_hear_of_what_is_held_and_what_is_sent(desk, gateway, keiko, hana):
    ticket = await desk.ticket(hana)
    with desk.services.feed.listen(lambda happening: happening.ticket == ticket.id) as queue:
        await send(desk, keiko, hana, "Good afternoon.")
        await pass_hold(gateway, hana)
        heard = [queue.get_nowait() for _ in range(queue.qsize())]
    kinds = [(one.kind, one.data.get("event") or one.data.get("sender")) for one in heard]
    assert ("ticket", "reply_held") in kinds
    assert ("message", "staff") in kinds
    assert ("ticket", "replied") in kinds


async def test_whoever_replies_to_a_ticket_that_nobody_has_has_it(desk, gateway, keiko, hana):
    await send(desk, keiko, hana, "Good afternoon.")
    assert (await desk.ticket(hana)).assignee == keiko.id
    assert desk.events(await desk.ticket(hana))[-1] == "taken"
    kenji = desk.person("Kenji")
    await send(desk, kenji, hana, "Me, too.", "form 2")
    assert (await desk.ticket(hana)).assignee == keiko.id


async def test_each_reply_is_in_the_audit_log_without_its_words(desk, gateway, keiko, hana):
    held = await send(desk, keiko, hana, "Good afternoon.")
    await pass_hold(gateway, hana)
    (entry,) = [one for one in await read_audit(gateway, keiko.id) if one.action == "ticket.reply"]
    assert (entry.company, entry.subject, entry.detail) == ("jcom", (await desk.ticket(hana)).id, {"message": held.id})


# Once ---------------------------------------------------------------------------------------------------------------


async def test_the_same_form_sent_twice_is_one_reply(desk, gateway, keiko, hana):
    first, again = await asyncio.gather(*(send(desk, keiko, hana, "Good afternoon.") for _ in range(2)))
    assert first.id == again.id
    await pass_hold(gateway, hana)
    late = await send(desk, keiko, hana, "Good afternoon.")
    assert late.id == first.id
    gateway.clock.advance(seconds=10)
    await desk.services.replies.deliver_due()
    assert await staff_said(hana) == ["Good afternoon."]


async def test_a_reply_that_was_held_when_the_gateway_died_is_delivered_after_the_restart(desk, gateway, keiko, hana):
    await send(desk, keiko, hana, "Good afternoon.")
    await gateway.restart()
    assert await staff_said(hana) == []
    assert await pass_hold(gateway, hana) == ["Good afternoon."]
    await gateway.restart()
    gateway.clock.advance(seconds=60)
    await desk.services.replies.deliver_due()
    assert await staff_said(hana) == ["Good afternoon."]


async def test_a_reply_whose_time_came_while_the_gateway_was_down_is_delivered_when_it_is_up(desk, gateway, keiko, hana):
    await send(desk, keiko, hana, "Good afternoon.")
    await gateway.stop()
    gateway.clock.advance(hours=1)
    await gateway.start()
    await until(lambda: _has(hana, 1))
    assert await staff_said(hana) == ["Good afternoon."]


async def test_two_processes_deliver_a_reply_once(desk, gateway, keiko, hana, database_settings, library, clock):
    other_database = Database(database_settings.database)
    try:
        other = make_desk(make_core(database_settings, SECRET, library, other_database), clock)
        for number in range(5):
            held = await send(desk, keiko, hana, f"reply {number}", f"form {number}")
            delivered = await asyncio.gather(
                desk.services.replies.deliver(held.id), other.services.replies.deliver(held.id), return_exceptions=True
            )
            assert sorted(delivered) == [False, True]
        assert await staff_said(hana) == [f"reply {number}" for number in range(5)]
    finally:
        other_database.close()


async def test_replies_of_two_people_leave_in_the_order_of_their_time(desk, gateway, keiko, hana):
    kenji = desk.person("Kenji")
    await send(desk, keiko, hana, "first")
    gateway.clock.advance(seconds=1)
    await send(desk, kenji, hana, "second")
    assert await pass_hold(gateway, hana, 2) == ["first", "second"]


async def test_a_close_within_the_moment_does_not_swallow_the_reply(desk, gateway, keiko, hana):
    await send(desk, keiko, hana, "Good bye.")
    await desk.casework.closing.close(keiko, (await desk.ticket(hana)).id)
    assert await pass_hold(gateway, hana) == ["Good bye."]
    history = await hana.history()
    assert (history.body["state"]["mode"], history.body["state"]["ticket"]["status"]) == ("bot", "closed")


# Taken back ---------------------------------------------------------------------------------------------------------


async def test_a_reply_can_be_taken_back_and_is_a_draft_again(desk, gateway, keiko, hana):
    ticket = await desk.ticket(hana)
    stream = await hana.listen(after=3)
    held = await send(desk, keiko, hana, Draft("Good afternoo", citations=("fee_amount",)))
    assert await desk.casework.replies.load_draft(keiko, ticket.id) == Draft()
    assert [one.id for one in await desk.casework.replies.list_held(keiko, ticket.id)] == [held.id]
    await desk.casework.replies.save_draft(keiko, ticket.id, Draft("And then"))
    gateway.clock.advance(seconds=9)
    draft = await desk.casework.replies.take_back(keiko, ticket.id, held.id)
    assert draft == Draft("Good afternoo\n\nAnd then", citations=("fee_amount",))
    assert await desk.casework.replies.load_draft(keiko, ticket.id) == draft
    assert [(await stream.next("typing"))["on"] for _ in range(2)] == [True, False]
    gateway.clock.advance(seconds=60)
    await desk.services.replies.deliver_due()
    assert await staff_said(hana) == []
    await stream.close()


async def test_a_reply_that_has_left_cannot_be_taken_back(desk, gateway, keiko, hana):
    held = await send(desk, keiko, hana, "Good afternoon.")
    await pass_hold(gateway, hana)
    with pytest.raises(SentAlready):
        await desk.casework.replies.take_back(keiko, held.ticket, held.id)
    assert await staff_said(hana) == ["Good afternoon."]


async def test_taken_back_and_due_in_the_same_instant_it_is_one_or_the_other(desk, gateway, keiko, hana):
    for number in range(5):
        held = await send(desk, keiko, hana, f"reply {number}", f"form {number}")
        before = len(await staff_said(hana))
        gone, back = await asyncio.gather(
            desk.services.replies.deliver(held.id),
            desk.casework.replies.take_back(keiko, held.ticket, held.id),
            return_exceptions=True,
        )
        assert gone is isinstance(back, SentAlready)
        assert len(await staff_said(hana)) == before + gone


async def test_a_reply_can_be_sent_at_once_and_twice_is_once(desk, gateway, keiko, hana):
    held = await send(desk, keiko, hana, "Good afternoon.")
    for _ in range(2):
        await desk.casework.replies.send_now(keiko, held.ticket, held.id)
    assert await staff_said(hana) == ["Good afternoon."]


async def test_nobody_takes_back_or_hurries_somebody_elses_reply(desk, gateway, keiko, hana):
    held = await send(desk, keiko, hana, "Good afternoon.")
    kenji = desk.person("Kenji")
    for act in (desk.casework.replies.take_back, desk.casework.replies.send_now):
        with pytest.raises(Forbidden):
            await act(kenji, held.ticket, held.id)
    assert await staff_said(hana) == []


# Who and what -------------------------------------------------------------------------------------------------------


async def test_who_may_not_work_on_the_ticket_writes_nothing_to_its_customer(desk, gateway, keiko, hana):
    ticket = await desk.ticket(hana)
    stranger = desk.person("Kenji", companies=("coocom",))
    officer = desk.person("Ono", Role.PRIVACY_OFFICER)
    replies, files = desk.casework.replies, desk.casework.files
    held = await send(desk, keiko, hana, "Good afternoon.")
    for person, error in ((stranger, UnknownTicket), (officer, Forbidden)):
        for act in (
            replies.send(person, ticket.id, Draft("x"), "f"),
            replies.take_back(person, ticket.id, held.id),
            replies.send_now(person, ticket.id, held.id),
            replies.save_draft(person, ticket.id, Draft("x")),
            replies.hand_back(person, ticket.id, ""),
            replies.fill(person, ticket.id, "x"),
            files.upload(person, ticket.id, "x.png", PNG),
        ):
            with pytest.raises(error):
                await act
    with pytest.raises(UnknownTicket):
        await replies.load_draft(stranger, ticket.id)
    with pytest.raises(UnknownTicket):
        await replies.list_held(stranger, ticket.id)


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        (Draft(""), ReplyEmpty),
        (Draft(" \n "), ReplyEmpty),
        (Draft("x" * 8001), TooLong),
        (Draft("x", citations=("c9999",)), UnknownCitation),
        (Draft("x", citations=("https://evil.example",)), UnknownCitation),
        (Draft("x", attachments=("nothing",)), UnknownFile),
    ],
)
async def test_a_reply_that_cannot_be_sent_is_refused_at_once_and_nothing_is_held(desk, keiko, hana, draft, error):
    with pytest.raises(error):
        await send(desk, keiko, hana, draft)
    assert await desk.casework.replies.list_held(keiko, (await desk.ticket(hana)).id) == []


async def test_a_closed_case_is_reopened_before_it_is_written_to(desk, keiko, hana):
    await desk.casework.closing.close(keiko, (await desk.ticket(hana)).id)
    with pytest.raises(TicketClosed):
        await send(desk, keiko, hana, "One more thing.")


async def test_a_citation_stands_in_the_policys_own_words_as_the_bots_do(desk, gateway, keiko, hana, library):
    await send(desk, keiko, hana, Draft("It costs 1,100 yen.", citations=("fee_amount", "c1")))
    await pass_hold(gateway, hana)
    (message,) = [one for one in (await hana.history()).messages if one["sender"] == "staff"]
    assert {frozenset(one) for one in message["citations"]} == {frozenset(("quote", "section", "document", "version", "url"))}
    document = library.company("jcom").document
    for citation in message["citations"]:
        document.locate(citation["quote"])
    assert message["citations"][-1]["url"].endswith("/policies/jcom#c1")


async def test_a_file_goes_along_and_only_hana_can_fetch_it(desk, gateway, keiko, hana):
    ticket = await desk.ticket(hana)
    file = await desk.casework.files.upload(keiko, ticket.id, "form.exe", PNG)
    assert (file.name, file.media_type) == ("form.exe.png", "image/png")
    url = f"{hana.path}/attachments/{file.id}"
    assert (await gateway.call("GET", url, headers=hana.authorization)).status == 404
    await send(desk, keiko, hana, Draft("", attachments=(file.id,)))
    await pass_hold(gateway, hana)
    (message,) = [one for one in (await hana.history()).messages if one["sender"] == "staff"]
    assert message["attachments"] == [
        {"attachment_id": file.id, "name": "form.exe.png", "media_type": "image/png", "size": len(PNG)}
    ]
    async with gateway.session.get(gateway.url + url, headers=hana.authorization) as answer:
        assert (answer.status, await answer.read()) == (200, PNG)
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    kenji = await gateway.open("jcom")
    assert (await gateway.call("GET", url, headers=kenji.authorization)).status == 403
    assert (await gateway.call("GET", f"{kenji.path}/attachments/{file.id}", headers=kenji.authorization)).status == 404
    assert (await gateway.call("GET", url)).status == 401


async def test_a_file_is_known_by_its_content_and_belongs_to_who_uploaded_it(desk, gateway, keiko, hana):
    ticket = await desk.ticket(hana)
    with pytest.raises(FileNotTaken):
        await desk.casework.files.upload(keiko, ticket.id, "picture.png", b"MZ program")
    file = await desk.casework.files.upload(keiko, ticket.id, "a.png", PNG)
    kenji = desk.person("Kenji")
    with pytest.raises(UnknownFile):
        await send(desk, kenji, hana, Draft("mine", attachments=(file.id,)))
    with pytest.raises(UnknownFile):
        await desk.casework.files.open(kenji, ticket.id, file.id)
    assert (await desk.casework.files.open(keiko, ticket.id, file.id))[1] == PNG
    await desk.casework.files.drop(kenji, ticket.id, file.id)
    assert await desk.casework.files.list_own(keiko, ticket.id) == [file]
    await desk.casework.files.drop(keiko, ticket.id, file.id)
    assert await desk.casework.files.list_own(keiko, ticket.id) == []


async def test_what_is_written_but_not_sent_is_kept_for_each_person_and_encrypted(desk, keiko, hana):
    ticket = await desk.ticket(hana)
    kenji = desk.person("Kenji")
    await desk.casework.replies.save_draft(keiko, ticket.id, Draft("Confidential words"))
    await desk.casework.replies.save_draft(keiko, ticket.id, Draft("Confidential words, and more"))
    assert (await desk.casework.replies.load_draft(keiko, ticket.id)).text == "Confidential words, and more"
    assert await desk.casework.replies.load_draft(kenji, ticket.id) == Draft()
    await send(desk, kenji, hana, Draft("Confidential reply", attachments=(
        (await desk.casework.files.upload(kenji, ticket.id, "Confidential.png", PNG)).id,)))
    rows = desk.do(lambda db: [db.execute(table.select()).all() for table in (drafts, unsent_replies, attachments)])
    assert b"Confidential" not in b"".join(value for table in rows for row in table for value in row if isinstance(value, bytes))
    assert "Confidential" not in str(rows)
    assert b"picture" not in rows[2][0].sealed_content
    await desk.casework.replies.save_draft(keiko, ticket.id, Draft(" "))
    assert await desk.casework.replies.load_draft(keiko, ticket.id) == Draft()


async def test_a_ready_made_reply_is_filled_in_for_the_ticket(desk, gateway, keiko, hana):
    ticket = await desk.ticket(hana)
    body = "Dear {customer_name}, case {reference}, {company}. {agent_name}. We are back {opening}."
    said = await desk.casework.replies.fill(keiko, ticket.id, body)
    assert said.startswith(f"Dear customer, case {ticket.reference}, JCOM. Keiko.")
    gateway.clock.set(datetime(2026, 11, 29, 3, 0, tzinfo=UTC))
    assert "We are back tomorrow at 09:00." in await desk.casework.replies.fill(keiko, ticket.id, body)


async def test_what_a_forgotten_chat_held_is_gone_once_its_case_is_closed(desk, gateway, keiko, hana):
    ticket = await desk.ticket(hana)
    await send(desk, keiko, hana, Draft("x", attachments=((await desk.casework.files.upload(keiko, ticket.id, "a.png", PNG)).id,)))
    await hana.forget()
    core = gateway.core
    assert desk.do(lambda db: core.attachments.list(db, hana.id))
    await desk.casework.closing.close(keiko, ticket.id)
    assert await sweep(desk.services) == 1
    assert desk.do(lambda db: core.attachments.list(db, hana.id)) == []
    assert desk.do(lambda db: core.conversations.list_messages(db, hana.id)) == ()
    assert await sweep(desk.services) == 0
