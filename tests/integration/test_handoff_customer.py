"""What Hana adds to her case beside messages: what she types as she types it, files, her address, how satisfied she was."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from bot.channels.web import stream as live
from bot.desk.files import LARGEST_FILE
from bot.desk.reply import Draft
from bot.storage.tables import attachments, tickets
from tests.support.handoff import HandoffDesk, said
from tests.support.staff import read_audit

JPEG = b"\xff\xd8\xff\xe0" + b"photo" * 20
PDF = b"%PDF-1.7\n" + b"pages" * 20


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


async def upload(chat, content: bytes = JPEG, name: str = "passport.jpg", field: str = "file"):
    form = aiohttp.FormData()
    form.add_field(field, content, filename=name, content_type="application/octet-stream")
    return await chat.client.call("POST", f"{chat.path}/attachments", data=form, headers=chat.authorization)


async def leave(chat, email: str | None):
    return await chat.client.call("PUT", f"{chat.path}/contact", json={"email": email}, headers=chat.authorization)


async def rate(chat, rating: int):
    return await chat.client.call("POST", f"{chat.path}/rating", json={"rating": rating}, headers=chat.authorization)


# What she is typing -------------------------------------------------------------------------------------------------


async def typed(queue) -> dict:
    while True:
        happening = await asyncio.wait_for(queue.get(), 10)
        if happening.kind == "typing":
            return happening.data


async def test_what_hana_types_is_seen_at_the_desk_as_she_types_and_stored_nowhere(desk, gateway, hana, caplog):
    ticket = await desk.ticket(hana)
    stream = await hana.listen()
    await stream.next("state")
    with desk.services.feed.listen(lambda happening: happening.ticket == ticket.id) as queue:
        await stream.socket.send_json({"type": "typing", "text": "My number is"})
        assert await typed(queue) == {"by": "customer", "text": "My number is", "on": True}
        await stream.socket.send_json({"type": "typing", "text": ""})
        assert await typed(queue) == {"by": "customer", "text": "", "on": False}
    await stream.close()
    assert "My number is" not in str((await hana.history()).body)
    assert "My number is" not in caplog.text


async def test_a_card_number_is_masked_while_it_is_typed(desk, gateway, hana):
    stream = await hana.listen()
    await stream.next("state")
    with desk.services.feed.listen(lambda happening: True) as queue:
        await stream.socket.send_json({"type": "typing", "text": "my card 4111 1111 1111 1111"})
        assert "4111" not in (await typed(queue))["text"]
    await stream.close()


async def test_what_is_typed_to_the_assistant_reaches_nobody(desk, gateway, keiko):
    kenji = await gateway.open("jcom")
    await kenji.say("fee?")
    stream = await kenji.listen()
    await stream.next("state")
    with desk.services.feed.listen(lambda happening: True) as queue:
        await stream.socket.send_json({"type": "typing", "text": "I wonder"})
        await kenji.say("tax?")
        assert [message["text"] for message in await stream.messages(2)] == ["tax?", "answer: tax?"]
        assert queue.empty()
    await stream.close()


async def test_nothing_more_is_seen_of_her_typing_once_the_person_has_given_the_chat_back(desk, gateway, hana, keiko):
    stream = await hana.listen()
    await stream.next("state")
    await desk.casework.replies.hand_back(keiko, (await desk.ticket(hana)).id)
    while (await stream.next("state"))["state"]["mode"] != "bot":
        pass
    with desk.services.feed.listen(lambda happening: happening.kind == "typing") as queue:
        await stream.socket.send_json({"type": "typing", "text": "My secret"})
        await hana.say("fee?")
        await stream.next("message")
        assert queue.empty()
    await stream.close()


async def test_a_flood_of_typing_is_thinned_out_and_its_end_is_told(desk, gateway, hana, monkeypatch):
    monkeypatch.setattr(live, "TYPING_SECONDS", 60.0)
    stream = await hana.listen()
    await stream.next("state")
    with desk.services.feed.listen(lambda happening: happening.kind == "typing") as queue:
        for number in range(50):
            await stream.socket.send_json({"type": "typing", "text": "x" * number or "x"})
        await stream.socket.send_json({"type": "typing", "text": ""})
        assert (await typed(queue))["text"] == "x"
        assert (await typed(queue))["on"] is False
        assert queue.empty()
    await stream.close()


async def test_whoever_goes_away_while_typing_types_no_longer(desk, gateway, hana):
    stream = await hana.listen()
    await stream.next("state")
    with desk.services.feed.listen(lambda happening: happening.kind == "typing") as queue:
        await stream.socket.send_json({"type": "typing", "text": "My num"})
        await typed(queue)
        await stream.close()
        assert (await typed(queue))["on"] is False


NO_FRAMES = ["", "[]", '{"type": "typing"}', '{"type": "message", "text": "x"}', '{"type": "typing", "text": 7}']


@pytest.mark.parametrize("frame", NO_FRAMES)
async def test_a_frame_that_is_none_harms_nothing(gateway, hana, frame):
    stream = await hana.listen()
    await stream.next("state")
    await stream.socket.send_str(frame)
    await hana.say("still here?")
    assert (await stream.messages(1))[0]["text"] == "still here?"
    await stream.close()


async def test_hana_sees_that_keiko_writes_and_that_she_has_stopped(desk, gateway, hana, keiko):
    ticket = await desk.ticket(hana)
    stream = await hana.listen()
    await stream.next("state")
    desk.services.presence.types(keiko, ticket)
    assert await stream.next("typing") == {"type": "typing", "on": True, "sender": "staff", "author_name": "Keiko"}
    gateway.clock.advance(seconds=7)
    desk.services.presence.expire()
    assert (await stream.next("typing"))["on"] is False
    await stream.close()


# Files --------------------------------------------------------------------------------------------------------------


async def test_a_file_goes_along_with_her_next_message_encrypted_and_is_given_to_no_customer(desk, gateway, hana, keiko):
    answer = await upload(hana)
    assert answer.status == 201
    assert set(answer.body) == {"attachment_id", "name", "media_type", "size"}
    assert (answer.body["name"], answer.body["media_type"], answer.body["size"]) == ("passport.jpg", "image/jpeg", len(JPEG))
    await hana.say("Here is my passport.")
    (message,) = [one for one in (await hana.history()).messages if one["text"] == "Here is my passport."]
    assert message["attachments"] == [answer.body]
    await hana.say("Did you get it?")
    assert (await hana.history()).messages[-1]["attachments"] == []
    url = f"{hana.path}/attachments/{answer.body['attachment_id']}"
    assert (await gateway.call("GET", url, headers=hana.authorization)).status == 404
    ticket = await desk.ticket(hana)
    assert (await desk.casework.files.open(keiko, ticket.id, answer.body["attachment_id"]))[1] == JPEG
    assert [entry.action for entry in await read_audit(gateway, keiko.id)] == ["ticket.open_file"]
    (row,) = desk.do(lambda db: db.execute(attachments.select()).all())
    assert b"photo" not in row.sealed_content
    assert b"passport" not in row.sealed_name


async def test_a_file_alone_is_a_message_too(desk, gateway, hana, engine):
    await upload(hana, PDF, "letter")
    asked = len(engine.received)
    assert (await hana.say("")).status == 200
    assert (await hana.history()).messages[-1]["attachments"][0]["name"] == "letter.pdf"
    assert len(engine.received) == asked
    assert (await hana.say("")).status == 400


async def test_a_file_for_a_case_that_the_assistant_answers_is_not_put_to_the_engine(desk, gateway, hana, keiko, engine):
    await desk.casework.replies.hand_back(keiko, (await desk.ticket(hana)).id)
    await upload(hana)
    asked = len(engine.received)
    answer = await hana.say("", id="m7")
    assert said(answer, "system") == ["Your file has been added to your case; a person looks at it."]
    assert len(engine.received) == asked
    assert (await hana.say("", id="m7")).body["messages"] == answer.body["messages"]


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"MZ" + b"\0" * 50, "picture.jpg"), (b"<svg onload=alert(1)>", "x.svg"), (b"", "empty.png"), (b"PK\x03\x04", "a.docx")],
)
async def test_a_file_is_known_by_its_content_and_not_by_its_name(desk, hana, content, name):
    answer = await upload(hana, content, name)
    assert answer.status == 415
    assert "JPEG, PNG" in answer.detail
    assert desk.do(lambda db: db.execute(attachments.select()).all()) == []


async def test_ten_megabytes_are_taken_and_a_byte_more_is_not(desk, hana):
    whole = JPEG + bytes(LARGEST_FILE - len(JPEG))
    assert (await upload(hana, whole)).status == 201
    answer = await upload(hana, whole + b"!")
    assert (answer.status, "10 MB" in answer.detail) == (413, True)


async def test_six_files_are_taken_also_when_they_come_at_once(hana):
    answers = await asyncio.gather(*(upload(hana, name=f"{number}.jpg") for number in range(8)))
    assert sorted(answer.status for answer in answers) == [201] * 6 + [409] * 2
    await hana.say("all of them")
    assert (await upload(hana)).status == 409


async def test_a_file_that_was_not_sent_can_be_taken_back(desk, gateway, hana):
    first, second = (await upload(hana)).body["attachment_id"], (await upload(hana)).body["attachment_id"]
    gone = await gateway.call("DELETE", f"{hana.path}/attachments/{first}", headers=hana.authorization)
    assert gone.status == 204
    await hana.say("only one")
    assert [one["attachment_id"] for one in (await hana.history()).messages[-1]["attachments"]] == [second]
    gone = await gateway.call("DELETE", f"{hana.path}/attachments/{second}", headers=hana.authorization)
    assert gone.status == 404


async def test_without_an_open_case_no_file_is_taken(desk, gateway, hana, keiko):
    kenji = await gateway.open("jcom")
    assert (await upload(kenji)).status == 409
    await desk.casework.closing.close(keiko, (await desk.ticket(hana)).id)
    assert (await upload(hana)).status == 409


NO_FORMS = [{"json": {"file": "x"}}, {"data": b"x"}, {"data": b"--", "headers": {"Content-Type": "multipart/form-data"}}]


@pytest.mark.parametrize("options", NO_FORMS)
async def test_what_is_no_form_is_400(gateway, hana, options):
    options = {**options, "headers": {**options.get("headers", {}), **hana.authorization}}
    answer = await gateway.call("POST", f"{hana.path}/attachments", **options)
    assert answer.status == 400
    assert answer.detail
    assert (await upload(hana, field="other")).status == 400


# Her address --------------------------------------------------------------------------------------------------------


async def test_hana_leaves_an_address_which_is_sealed_and_changes_what_she_is_told(desk, gateway, hana):
    answer = await leave(hana, " Hana@Example.com ")
    assert answer.status == 200
    assert answer.body["ticket"]["email_left"] is True
    assert (await hana.history()).body["state"]["ticket"]["email_left"] is True
    ticket = await desk.ticket(hana)
    assert ticket.contact.email == "Hana@example.com"
    (row,) = desk.do(lambda db: db.execute(tickets.select()).all())
    assert row.person_hash == gateway.core.cipher.hash("mail hana@example.com")
    assert b"xample" not in row.sealed_contact
    assert "xample" not in str((await hana.history()).body)
    assert desk.events(ticket)[-1] == "contact"
    gateway.clock.advance(minutes=6)
    await desk.give_up()
    assert "by e-mail at the address that you left" in said(await hana.history(), "system")[-1]


async def test_an_address_can_be_changed_and_taken_away(desk, hana):
    await leave(hana, "hana@example.com")
    await leave(hana, "hana@docomo.example.jp")
    assert (await desk.ticket(hana)).contact.email == "hana@docomo.example.jp"
    assert (await leave(hana, None)).body["ticket"]["email_left"] is False
    assert (await desk.ticket(hana)).contact.email == ""


async def test_leaving_the_same_address_again_changes_nothing(desk, hana):
    await leave(hana, "hana@example.com")
    before = await desk.ticket(hana)
    await leave(hana, "hana@example.com")
    assert await desk.ticket(hana) == before


NO_ADDRESSES = ["hana", "hana@", "@example.com", "a@b", "a@example.com, b@example.com", "x\r\nBcc: y@example.com", "a b@c.com"]


@pytest.mark.parametrize("email", NO_ADDRESSES)
async def test_what_is_no_address_is_refused_with_words_for_her(desk, hana, email):
    answer = await leave(hana, email)
    assert answer.status == 400
    assert email not in answer.detail
    assert (await desk.ticket(hana)).contact.email == ""


async def test_an_address_belongs_to_an_open_case(desk, gateway, hana, keiko):
    kenji = await gateway.open("jcom")
    assert (await leave(kenji, "kenji@example.com")).status == 409
    await desk.casework.closing.close(keiko, (await desk.ticket(hana)).id)
    assert (await leave(hana, "hana@example.com")).status == 409


# How satisfied she was ----------------------------------------------------------------------------------------------


@pytest.fixture
async def closed(desk, hana, keiko):
    await desk.casework.replies.send(keiko, (await desk.ticket(hana)).id, Draft("Done."), "f")
    await desk.casework.closing.close(keiko, (await desk.ticket(hana)).id, "done")
    return hana


async def test_a_closed_case_is_rated_with_one_tap(desk, closed):
    answer = await rate(closed, 1)
    assert (answer.status, answer.body["ticket"]["rating"]) == (200, 1)
    assert (await desk.ticket(closed)).rating == 1
    assert (await closed.history()).body["state"]["ticket"]["rating"] == 1


async def test_the_same_rating_again_counts_for_nothing_and_it_may_be_changed_once(desk, closed):
    for _ in range(3):
        assert (await rate(closed, 1)).status == 200
    assert (await rate(closed, -1)).status == 200
    assert (await rate(closed, -1)).status == 200
    refused = await rate(closed, 1)
    assert (refused.status, "changed once" in refused.detail) == (409, True)
    assert (await desk.ticket(closed)).rating == -1
    assert desk.events(await desk.ticket(closed)).count("rated") == 2


async def test_two_taps_at_once_are_one_rating_each(desk, closed):
    answers = await asyncio.gather(*(rate(closed, 1) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert desk.events(await desk.ticket(closed)).count("rated") == 1


async def test_an_open_case_and_a_chat_without_one_cannot_be_rated(gateway, hana):
    assert (await rate(hana, 1)).status == 409
    assert (await rate(await gateway.open("jcom"), 1)).status == 409


@pytest.mark.parametrize("rating", [0, 2, -2, "good", None, True, 1.5])
async def test_a_rating_is_good_or_bad(closed, rating):
    answer = await rate(closed, rating)
    assert answer.status == 400 or (rating is True and answer.status == 200)


async def test_a_case_that_was_opened_again_is_rated_anew(desk, gateway, closed, keiko):
    await rate(closed, -1)
    gateway.clock.advance(minutes=5)
    desk.comes(keiko)
    await closed.say("a person again")
    assert (await desk.ticket(closed)).rating is None
    gateway.clock.advance(minutes=5)
    await desk.casework.closing.close(keiko, (await desk.ticket(closed)).id)
    for rating in (1, -1):
        assert (await rate(closed, rating)).status == 200
    assert (await rate(closed, 1)).status == 409


async def test_kenji_cannot_touch_hanas_case(desk, gateway, hana, closed):
    kenji = await gateway.open("jcom")
    stolen = hana.claiming(kenji.token)
    assert (await rate(stolen, 1)).status == 403
    assert (await leave(stolen, "kenji@example.com")).status == 403
    assert (await upload(stolen)).status == 403
