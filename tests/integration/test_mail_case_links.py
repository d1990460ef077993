"""Hana left, and a link in a mail leads her back into her case: once, and nobody else."""

from __future__ import annotations

import asyncio
import html
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.delivery.notices import Notices
from bot.desk.ticket import Contact, Ticket
from bot.storage.case_links import LIFETIME
from bot.storage.tables import audit_entries, case_links, conversation_keys
from tests.support.chat import Chat


@pytest.fixture
def make_link(core, clock):
    """A link as a mail has it, to that chat."""
    return lambda chat: "/case/" + core.database.transact(lambda db: core.case_links.make(db, chat.id, clock()))


def find_key(page: str) -> dict:
    """What the page hands to the widget."""
    [content] = re.findall(r'<meta name="desk-case" content="([^"]+)">', page)
    return json.loads(html.unescape(content))


async def enter(gateway, link: str) -> Chat:
    """Presses the button behind the link, in a browser that knows nothing yet."""
    answer = await gateway.call("POST", link)
    assert answer.status == 200
    key = find_key(answer.body)
    return Chat(gateway, key["id"], key["token"])


async def test_the_link_opens_the_case_and_the_answer_goes_back_into_it(gateway, make_link):
    hana = await gateway.open()
    await hana.ask("What does it cost?")
    again = await enter(gateway, make_link(hana))
    assert again.id == hana.id
    assert again.token != hana.token
    assert (await again.history()).messages == (await hana.history()).messages
    await again.ask("Thank you!")
    assert "Thank you!" in [message["text"] for message in (await hana.history()).messages]
    stream = await again.listen(first_frame=True)
    assert (await stream.next("state"))["state"]["mode"] == "bot"


async def test_the_link_works_once(gateway, make_link, core):
    hana = await gateway.open()
    link = make_link(hana)
    await enter(gateway, link)
    for method in ("GET", "POST"):
        answer = await gateway.call(method, link)
        assert answer.status == 404
        assert "does not open any more" in answer.body
        assert "desk-case" not in answer.body
    assert len(core.database.transact(lambda db: db.execute(conversation_keys.select()).all())) == 1


async def test_of_two_who_press_the_button_in_the_same_instant_one_gets_in(gateway, make_link):
    hana = await gateway.open()
    link = make_link(hana)
    answers = await asyncio.gather(*(gateway.call("POST", link) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [200] + [404] * 5


async def test_a_mail_scanner_that_looks_at_the_link_does_not_use_it_up(gateway, make_link):
    hana = await gateway.open()
    link = make_link(hana)
    for method in ("HEAD", "GET", "GET"):
        answer = await gateway.call(method, link)
        assert answer.status == 200
    assert "desk-case" not in answer.body
    assert hana.id not in answer.body
    assert '<form class="ways" method="post">' in answer.body
    await enter(gateway, link)


async def test_the_link_runs_out_after_two_weeks(gateway, make_link, clock):
    hana = await gateway.open()
    links = [make_link(hana), make_link(hana)]
    clock.advance(days=13, hours=23)
    await enter(gateway, links[0])
    clock.advance(hours=1)
    for method in ("GET", "POST"):
        assert (await gateway.call(method, links[1])).status == 404


async def test_who_makes_up_a_link_learns_nothing(gateway, make_link):
    hana = await gateway.open()
    token = make_link(hana).rpartition("/")[2]
    for wrong in ("x", hana.token, hana.id, token[:-1], token + "x", token.swapcase(), "é"):
        for method in ("GET", "POST"):
            answer = await gateway.call(method, f"/case/{wrong}")
            assert answer.status == 404
            assert "jcom" not in answer.body.lower()


async def test_the_used_links_page_says_how_to_get_a_new_one_in_the_readers_language(gateway):
    answer = await gateway.call("GET", "/case/x", headers={"Accept-Language": "ja"})
    assert "受付番号" in answer.body
    assert 'lang="ja"' in answer.body


async def test_nothing_of_the_link_or_the_key_is_kept_or_handed_on(gateway, make_link, core):
    hana = await gateway.open()
    link = make_link(hana)
    asked, entered = await gateway.call("GET", link), await gateway.call("POST", link)
    for answer in (asked, entered):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "'unsafe" not in answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
    assert "form-action 'self'" in asked.headers["Content-Security-Policy"]
    key = find_key(entered.body)["token"]
    stored = core.database.transact(lambda db: [*db.execute(case_links.select()), *db.execute(conversation_keys.select())])
    assert link.rpartition("/")[2] not in str(stored)
    assert key not in str(stored)


async def test_the_page_speaks_the_customers_language(gateway, make_link):
    hana = await gateway.open(locale="ja")
    link = make_link(hana)
    assert "チャットを開く" in (await gateway.call("GET", link)).body
    assert "Open the chat" in (await gateway.call("GET", link + "?lang=en")).body
    assert 'data-locale="ja"' in (await gateway.call("POST", link)).body


async def test_the_page_names_the_reference(gateway, make_link, core, clock):
    hana = await gateway.open()
    await hana.ask("please call me back")

    def open_ticket(db) -> Ticket:
        return core.tickets.open(db, core.conversations.find(db, hana.id), "m" * 32, "asked", clock())[0]

    ticket = core.database.transact(open_ticket)
    assert ticket.reference in (await gateway.call("GET", make_link(hana))).body


async def test_that_a_case_was_entered_stands_in_the_audit_log(gateway, make_link, core):
    hana = await gateway.open()
    await enter(gateway, make_link(hana))
    entries = core.database.transact(lambda db: db.execute(audit_entries.select()).all())
    assert [(entry.actor, entry.action, entry.company, entry.subject) for entry in entries] == [
        ("customer", "case.enter", "jcom", hana.id)
    ]


async def test_the_page_that_has_the_key_can_be_loaded_again(gateway):
    answer = await gateway.call("GET", "/cases/jcom?lang=ja")
    assert answer.status == 200
    assert "desk-case" not in answer.body
    assert 'data-storage="session"' in answer.body
    assert (await gateway.call("GET", "/cases/nobody")).status == 404


# The key -----------------------------------------------------------------------------------------------------------


async def test_kenjis_key_does_not_open_hanas_case(gateway, make_link):
    hana, kenji = await gateway.open(), await gateway.open()
    key = (await enter(gateway, make_link(kenji))).token
    assert (await hana.claiming(key).history()).status == 403
    assert (await hana.claiming(key + "x").history()).status == 401


async def test_a_link_is_no_key_and_a_key_no_link(gateway, make_link):
    hana = await gateway.open()
    link = make_link(hana)
    assert (await hana.claiming(link.rpartition("/")[2]).history()).status == 401
    key = (await enter(gateway, link)).token
    assert (await gateway.call("POST", f"/case/{key}")).status == 404


async def test_to_forget_the_chat_takes_every_key_and_link_away(gateway, make_link, core):
    hana = await gateway.open()
    links = [make_link(hana), make_link(hana)]
    again = await enter(gateway, links[0])
    assert (await again.forget()).status == 204
    for chat in (hana, again):
        assert (await chat.history()).status == 401
    assert (await gateway.call("POST", links[1])).status == 404
    for table in (case_links, conversation_keys):
        assert core.database.transact(lambda db, table=table: db.execute(table.select()).all()) == []


async def test_a_customer_with_the_first_key_costs_no_more_than_before(gateway, make_link, core):
    """The further keys are asked only about a token that is no conversation's first."""
    hana = await gateway.open()
    statements = []

    def authenticate(db):
        sa.event.listen(db, "before_cursor_execute", lambda *args: statements.append(args[2]))
        core.conversations.authenticate(db, hana.id, hana.token)

    core.database.transact(authenticate)
    assert len(statements) == 1


# What is in the mail ---------------------------------------------------------------------------------------------------


@pytest.fixture
def answered(gateway, core, clock):
    """Hana left her address; a person replied. The mail that waits for her, or None."""

    async def reply(chat: Chat, email: str = "hana@example.com", **fields):
        def work(db):
            conversation = core.conversations.find(db, chat.id)
            ticket, _ = core.tickets.open(db, conversation, "m" * 32, "complaint", clock())
            ticket = replace(ticket, contact=Contact(name="Hana Suzuki", email=email), subject="my divorce", **fields)
            Notices(core).answered(db, ticket, "r" * 32, clock())
            Notices(core).answered(db, ticket, "s" * 32, clock())
            later = clock() + timedelta(minutes=3)
            return ticket, core.outbox.take(db, later), core.outbox.take(db, later)

        return core.database.transact(work)

    return reply


@pytest.mark.parametrize("locale", ["en", "ja"])
async def test_the_mail_says_no_more_than_that_there_is_an_answer(gateway, answered, locale):
    hana = await gateway.open(locale=locale)
    await hana.ask("about my divorce")
    ticket, letter, another = await answered(hana)
    assert another is None  # two bubbles, one mail
    told = letter.mail.subject + letter.mail.text
    assert letter.mail.to == "hana@example.com"
    assert ticket.reference in letter.mail.subject
    assert "JCOM" in told
    assert f"{LIFETIME.days}" in told
    for personal in ("divorce", "Suzuki", "Hana", "complaint", hana.id):
        assert personal not in told
    [link] = re.findall(r"http://\S+(/case/\S+)", letter.mail.text)
    assert (await enter(gateway, link)).id == hana.id


@pytest.mark.parametrize(
    ("email", "fields"),
    [("", {}), ("hana", {}), ("hana@example.com, kenji@example.com", {}), ("hana@example.com", {"channel": "letter"})],
)
async def test_nobody_is_written_to_who_left_no_address_or_did_not_chat(gateway, answered, email, fields):
    hana = await gateway.open()
    await hana.ask("hello")
    _, letter, _ = await answered(hana, email, **fields)
    assert letter is None
