"""The desk's mail and a real mail server, in the moods that mail servers are in."""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from bot.channels.mail.smtp import SmtpPostman
from bot.desk.mail import Mail, MailDelayed, MailRefused, MailServerAway
from bot.settings import Settings
from bot.storage.outbox import Letter
from tests.support.mail_server import PASSWORD, USER, Certificate, MailServer, make_certificate, no_server
from tests.support.waiting import until

LETTER = Letter(
    "1" * 32, Mail("hana@example.com", "An answer", "There is an answer.\n"), datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
async def server(certificate) -> AsyncIterator[MailServer]:
    """A server that wants STARTTLS and a password, not up yet."""
    server = MailServer()
    yield server
    await server.down()


@pytest.fixture
def sending(server, certificate) -> Callable:
    """Brings the server up and gives the postman that knows it, his settings changed as wished."""

    async def start(*, trusting: bool = True, answer_seconds: float = 10.0, **settings) -> SmtpPostman:
        await server.up(certificate)
        known = {
            "smtp_host": "127.0.0.1",
            "smtp_port": server.port,
            "smtp_security": server.security,
            "smtp_user": USER if server.wants_password else "",
            "smtp_password": PASSWORD,
            "mail_from": "Inquiry desk <desk@example.jp>",
        }
        tls = certificate.client if trusting else None
        return SmtpPostman(Settings(**{**known, **settings}), tls=tls, answer_seconds=answer_seconds)

    return start


async def test_a_mail_arrives_encrypted_from_a_desk_that_gave_its_password(server, sending):
    await (await sending()).deliver(LETTER)
    [message] = server.received
    assert server.recipients == ["hana@example.com"]
    assert message["From"] == "Inquiry desk <desk@example.jp>"
    assert message["Message-ID"] == f"<{'1' * 32}@example.jp>"
    assert message.get_content().strip() == "There is an answer."
    assert server.sign_ins == [(USER.encode(), PASSWORD.encode(), True)]


async def test_a_server_that_speaks_tls_from_the_first_byte_gets_it(server, sending):
    server.security = "tls"
    await (await sending()).deliver(LETTER)
    assert len(server.received) == 1
    assert server.sign_ins[0][2]


async def test_a_server_next_door_may_do_without_encryption_and_password(server, sending):
    server.security, server.wants_password = "none", False
    await (await sending()).deliver(LETTER)
    assert len(server.received) == 1


# Encrypted or not at all -------------------------------------------------------------------------------------------


async def test_a_server_that_offers_no_encryption_gets_neither_mail_nor_password(server, sending):
    """Somebody in between can take the offer away."""
    server.offers_starttls = False
    with pytest.raises(MailServerAway, match="not offered"):
        await (await sending()).deliver(LETTER)
    assert server.received == server.sign_ins == []
    assert server.connections == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_server_whose_certificate_is_not_trusted_gets_neither(server, sending, security):
    server.security = security
    with pytest.raises(MailServerAway, match="no trusted encryption"):
        await (await sending(trusting=False)).deliver(LETTER)
    assert server.received == server.sign_ins == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_for_another_name_is_not_good_enough(server, certificate, tmp_path, security):
    server.security = security
    other = make_certificate(tmp_path, "127.0.0.2")
    await server.up(Certificate(other.server, other.client))
    settings = Settings(
        smtp_host="127.0.0.1", smtp_port=server.port, smtp_security=security, smtp_user=USER, mail_from="desk@example.jp"
    )
    with pytest.raises(MailServerAway, match="no trusted encryption"):
        await SmtpPostman(settings, tls=other.client).deliver(LETTER)
    assert server.received == server.sign_ins == []


# Refusals ----------------------------------------------------------------------------------------------------------


async def test_greylisting_is_for_now(server, sending):
    server.recipient = ["451 4.7.1 Greylisted, come back later <hana@example.com>", None]
    postman = await sending()
    with pytest.raises(MailDelayed, match=r"^not now, 451$"):
        await postman.deliver(LETTER)
    await postman.deliver(LETTER)
    assert len(server.received) == 1


async def test_a_mailbox_that_is_not_there_is_for_good(server, sending):
    server.recipient = ["550 5.1.1 <hana@example.com> unknown"]
    with pytest.raises(MailRefused, match=r"^refused, 550$"):
        await (await sending()).deliver(LETTER)


async def test_a_mail_whose_contents_are_refused_is_refused(server, sending):
    server.data = ["554 5.6.0 looks like spam", "452 4.3.1 no room"]
    postman = await sending()
    with pytest.raises(MailRefused, match=r"^refused, 554$"):
        await postman.deliver(LETTER)
    with pytest.raises(MailDelayed, match=r"^not now, 452$"):
        await postman.deliver(LETTER)


async def test_a_server_that_is_about_to_stop_is_away_and_the_mail_is_not_to_blame(server, sending):
    server.recipient = ["421 4.3.2 shutting down"]
    with pytest.raises(MailServerAway):
        await (await sending()).deliver(LETTER)


async def test_a_wrong_password_is_the_operators_trouble_and_refuses_no_mail(server, sending):
    with pytest.raises(MailServerAway, match="our name or password is refused, 535"):
        await (await sending(smtp_password="wrong")).deliver(LETTER)


async def test_a_server_that_wants_a_password_and_gets_none_refuses_no_mail(server, sending):
    with pytest.raises(MailServerAway, match="our sender is refused, 530"):
        await (await sending(smtp_user="")).deliver(LETTER)


@pytest.mark.parametrize("line", ["554 go away", "421 too busy", "nonsense"])
async def test_a_server_that_greets_with_a_refusal_is_away(server, sending, line):
    server.greeting = line
    with pytest.raises(MailServerAway):
        await (await sending()).deliver(LETTER)


# Trouble -----------------------------------------------------------------------------------------------------------


async def test_a_server_that_is_down_is_away():
    with no_server() as port:
        settings = Settings(smtp_host="127.0.0.1", smtp_port=port, mail_from="desk@example.jp")
        with pytest.raises(MailServerAway, match="no connection"):
            await SmtpPostman(settings).deliver(LETTER)


async def test_a_server_that_dies_in_the_middle_gets_the_mail_later(server, sending):
    server.data = ["die before"]
    postman = await sending()
    with pytest.raises(MailDelayed, match="connection lost"):
        await postman.deliver(LETTER)
    await postman.deliver(LETTER)
    assert len(server.received) == 1


async def test_a_server_that_dies_after_it_took_the_mail_gets_it_twice_under_one_message_id(server, sending):
    server.data = ["die after"]
    postman = await sending()
    with pytest.raises(MailDelayed):
        await postman.deliver(LETTER)
    await postman.deliver(LETTER)
    assert len(server.received) == 2
    assert len({message["Message-ID"] for message in server.received}) == 1


async def test_a_server_that_does_not_answer_is_not_waited_for_for_ever(server, sending):
    server.hold = asyncio.Event()
    postman = await sending(answer_seconds=0.3)
    with pytest.raises(MailDelayed, match="timed out"):
        await postman.deliver(LETTER)
    server.hold.set()


async def test_a_slow_server_gets_its_time(server, sending):
    server.hold = asyncio.Event()
    delivering = asyncio.create_task((await sending()).deliver(LETTER))
    await until(lambda: server.busy)
    assert not delivering.done()
    server.hold.set()
    await delivering
    assert len(server.received) == 1


# Nothing personal ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mood", ["unknown", "greylisting", "spam", "sender", "untrusted", "dying"])
async def test_no_error_repeats_an_address_or_what_the_server_said_of_it(server, sending, mood, caplog):
    said = "5.1.1 <hana@example.com> There is an answer"
    server.recipient = {"unknown": [f"550 {said}"], "greylisting": [f"451 {said}"]}.get(mood, [])
    server.data = {"spam": [f"554 {said}"], "dying": ["die before"]}.get(mood, [])
    settings = {"smtp_user": ""} if mood == "sender" else {}
    postman = await sending(trusting=mood != "untrusted", **settings)
    with pytest.raises((MailRefused, MailDelayed, MailServerAway)) as failed:
        await postman.deliver(LETTER)
    told = "".join(traceback.format_exception(failed.value)) + caplog.text
    assert "hana" not in told
    assert "There is an answer" not in told
    assert failed.value.__suppress_context__


@pytest.mark.parametrize("address", ["hana@example.com\r\nRCPT TO:<everybody@example.com>", "hana@example.com>, <all@example.com"])
async def test_an_address_that_is_none_reaches_no_server(server, sending, address):
    evil = Letter("2" * 32, Mail(address, "An answer", "x"), LETTER.created_at)
    with pytest.raises(MailRefused, match="no address"):
        await (await sending()).deliver(evil)
    assert server.connections == 0


async def test_many_mails_at_once_all_arrive(server, sending):
    postman = await sending()
    chance = random.Random(1)
    letters = [Letter(f"{chance.getrandbits(128):032x}", LETTER.mail, LETTER.created_at) for _ in range(10)]
    await asyncio.gather(*(postman.deliver(letter) for letter in letters))
    assert {message["Message-ID"] for message in server.received} == {f"<{letter.id}@example.jp>" for letter in letters}
