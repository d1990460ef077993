"""Hana left an address and went. A person answers: a mail tells her, and its link leads her answer back into the case."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from bot.casework.casework import CASEWORK, Casework
from bot.channels.mail.smtp import SmtpPostman
from bot.delivery import post
from bot.delivery.post import POST, Post
from bot.desk.person import Person
from bot.desk.reply import Draft
from bot.desk.ticket import Contact, Ticket
from tests.support.chat import Chat, Gateway
from tests.support.mail_server import PASSWORD, USER, MailServer, make_certificate
from tests.support.staff import staff
from tests.support.waiting import until

from .test_mail_case_links import enter


@pytest.fixture(autouse=True)
def nobody_looks_but_the_test(monkeypatch):
    """The gateway's own look, a moment before the test's, would have the mail on its way still."""
    monkeypatch.setattr(post, "LOOK_SECONDS", 3600.0)


@pytest.fixture
async def server(tmp_path) -> AsyncIterator[MailServer]:
    server = MailServer()
    certificate = make_certificate(tmp_path)
    await server.up(certificate)
    server.certificate = certificate
    yield server
    await server.down()


class Scene:
    """Hana, who left her address; Mika, who answers; the mail server between them."""

    def __init__(self, gateway: Gateway, server: MailServer, mika: Person, hana: Chat, ticket: Ticket):
        self.gateway, self.server, self.mika, self.hana, self.ticket = gateway, server, mika, hana, ticket

    @property
    def casework(self) -> Casework:
        return self.gateway._runner.app[CASEWORK]

    @property
    def post(self) -> Post:
        return self.gateway._runner.app[POST]

    async def reply(self, text: str, then: str = "open") -> None:
        held = await self.casework.replies.send(self.mika, self.ticket.id, Draft(text), uuid4().hex, then)
        await self.casework.replies.send_now(self.mika, self.ticket.id, held.id)

    async def later(self, **by: float) -> None:
        """Time goes by, and the outbox is looked into."""
        self.gateway.clock.advance(**by)
        await self.post.send_due()

    def links(self) -> list[str]:
        return [re.search(r"http://\S+?(/case/\S+)", message.get_content())[1] for message in self.server.received]


@pytest.fixture
async def scene(gateway, server, core, clock) -> Scene:
    settings = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_user": USER, "smtp_password": PASSWORD}
    postman = SmtpPostman(replace(core.settings, mail_from="desk@example.jp", **settings), tls=server.certificate.client)
    gateway._runner.app[POST].postman = postman
    mika = (await staff(gateway, name="Mika")).person
    hana = await gateway.open()
    await hana.ask("about my divorce")

    def open_ticket(db):
        ticket, _ = core.tickets.open(db, core.conversations.find(db, hana.id), "m" * 32, "complaint", clock())
        return core.tickets.save(db, replace(ticket, contact=Contact("Hana Suzuki", "hana@example.com")), clock())

    ticket = core.database.transact(open_ticket)
    clock.advance(minutes=1)
    return Scene(gateway, server, mika, hana, ticket)


async def test_hana_who_left_reads_the_answer_by_a_mail_and_writes_back(scene):
    await scene.reply("Your divorce is erased from our list.")
    await scene.later(minutes=1)
    assert scene.server.received == []
    await scene.later(minutes=2)
    [message] = scene.server.received
    assert scene.server.recipients == ["hana@example.com"]
    assert scene.ticket.reference in message["Subject"]
    assert "divorce" not in message.as_string() + message.get_content()
    again = await enter(scene.gateway, scene.links()[0])
    assert "Your divorce is erased from our list." in [one["text"] for one in (await again.history()).messages]
    await again.say("Thank you, Mika!")
    assert "Thank you, Mika!" in [one["text"] for one in (await scene.hana.history()).messages]


async def test_hana_who_has_the_chat_open_gets_no_mail(scene):
    stream = await scene.hana.listen()
    await stream.next("state")
    await scene.reply("It is erased.")
    await scene.later(minutes=3)
    assert scene.server.connections == 0
    await stream.close()
    await scene.later(minutes=3)
    assert scene.server.connections == 0


async def test_of_several_answers_in_a_row_one_mail_tells(scene):
    for number in range(3):
        await scene.reply(f"{number}")
    await scene.later(minutes=3)
    assert len(scene.server.received) == 1


async def test_an_answer_after_the_mail_left_is_told_with_a_link_of_its_own(scene):
    await scene.reply("We are looking into it.")
    await scene.later(minutes=3)
    await scene.reply("It is erased.")
    await scene.later(minutes=3)
    assert len(set(scene.links())) == 2
    for link in scene.links():
        await enter(scene.gateway, link)


async def test_closing_with_an_answer_is_one_mail(scene):
    await scene.reply("It is erased. Good-bye.", then="closed")
    await scene.later(minutes=3)
    [message] = scene.server.received
    assert "is closed" in message["Subject"]
    await enter(scene.gateway, scene.links()[0])


async def test_closing_soon_after_an_answer_is_one_mail_too(scene):
    await scene.reply("It is erased.")
    await scene.casework.closing.close(scene.mika, scene.ticket.id, "erased")
    await scene.later(minutes=3)
    [message] = scene.server.received
    assert "is closed" in message["Subject"]


async def test_the_mail_survives_a_restart_of_the_gateway(scene):
    await scene.reply("It is erased.")
    postman = scene.post.postman
    await scene.gateway.restart()
    scene.post.postman = postman
    await scene.later(minutes=3)
    await until(lambda: scene.server.received)  # the gateway looks by itself when it starts
    assert len(scene.server.received) == 1


async def test_a_note_is_not_told_to_the_customer(scene):
    await scene.casework.notes.add(scene.mika, scene.ticket.id, "She is right about the divorce.", "f1")
    await scene.later(minutes=3)
    assert scene.server.connections == 0


async def test_the_link_in_the_mail_is_good_for_two_weeks_and_no_longer(scene, clock):
    await scene.reply("It is erased.")
    await scene.later(minutes=3)
    clock.advance(days=13)
    assert (await scene.gateway.call("GET", scene.links()[0])).status == 200
    clock.advance(seconds=timedelta(days=1).total_seconds())
    assert (await scene.gateway.call("GET", scene.links()[0])).status == 404
