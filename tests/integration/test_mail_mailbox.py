"""The local mailbox: for whoever tries the desk out on their own machine, and for nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.channels.mail.mailbox import is_here
from bot.delivery.post import POST
from bot.desk.mail import Mail
from bot.settings import Settings
from tests.support.chat import Gateway
from tests.support.waiting import until

from .conftest import EITHER_KIND

MAIL = Mail("hana@example.com", "An <b>answer</b>", "Read it here:\n\nhttp://127.0.0.1:8080/case/abc\n\n<script>alert(1)</script>\n")


def put_in(gateway: Gateway, mail: Mail = MAIL) -> None:
    core = gateway.core
    core.database.transact(lambda db: core.outbox.add(db, mail.subject, mail, gateway.clock()))


async def sent(gateway: Gateway) -> bool:
    """Whether nothing is still to be sent; the gateway looks by itself, too."""
    await gateway._runner.app[POST].send_due()
    return not gateway.core.database.transact(lambda db: gateway.core.outbox.awaits(db, ""))


async def is_closed(gateway: Gateway, path: str = "/dev/mail", **options) -> bool:
    """Whether there is nothing at that address, no more than at any that nobody made."""
    answer = await gateway.call("GET", path, **options)
    nothing = await gateway.call("GET", "/no/such/address")
    return answer.status == 404 and answer.body == nothing.body


@EITHER_KIND
async def test_what_would_have_left_can_be_read(gateway):
    put_in(gateway)
    await until(lambda: sent(gateway))
    page = (await gateway.call("GET", "/dev/mail")).body
    assert "An &lt;b&gt;answer&lt;/b&gt;" in page
    assert "hana@example.com" in page
    address = page.partition('href="/dev/mail/')[2].partition('"')[0]
    answer = await gateway.call("GET", f"/dev/mail/{address}")
    assert '<a href="http://127.0.0.1:8080/case/abc"' in answer.body
    assert "<script>" not in answer.body
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert await is_closed(gateway, "/dev/mail/nothing")


@EITHER_KIND
async def test_the_gateway_looks_into_the_outbox_by_itself(gateway, monkeypatch):
    monkeypatch.setattr("bot.delivery.post.LOOK_SECONDS", 0.05)
    await gateway.restart()
    put_in(gateway)

    async def arrived() -> bool:
        return "answer" in (await gateway.call("GET", "/dev/mail")).body.partition("</h1>")[2].partition("<ol>")[2]

    assert await until(arrived)


@EITHER_KIND
async def test_an_empty_mailbox_says_so(gateway):
    assert "Nothing was sent yet" in (await gateway.call("GET", "/dev/mail")).body


@EITHER_KIND
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "203.0.113.7"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"x-forwarded-proto": "https"},
        {"X-Forwarded-Host": "desk.example"},
        {"Forwarded": "for=203.0.113.7"},
        {"X-Real-IP": "203.0.113.7"},
        {"Via": "1.1 proxy"},
        {"CF-Connecting-IP": "203.0.113.7"},
    ],
    ids=str,
)
async def test_whoever_comes_through_a_proxy_finds_nothing(gateway, headers):
    assert await is_closed(gateway, headers=headers)


@EITHER_KIND
@pytest.mark.parametrize("host", ["desk.example", "evil.example:8080", "127.0.0.1.evil.example", "192.0.2.1", ""])
async def test_a_page_elsewhere_whose_name_leads_to_this_machine_finds_nothing(gateway, host):
    assert await is_closed(gateway, headers={"Host": host})


@EITHER_KIND
@pytest.mark.parametrize(
    "settings",
    [
        {"production": True},
        {"public_url": "https://desk.example"},
        {"public_url": "https://127.0.0.1"},
        {"public_url": "http://desk.example"},
        {"host": "192.0.2.1", "public_url": ""},
        {"trusted_proxies": "10.0.0.0/8"},
        {"smtp_host": "127.0.0.1", "mail_from": "desk@example.jp"},
        {"database_url": "postgresql://desk@db/desk"},
    ],
    ids=str,
)
async def test_a_desk_that_is_more_than_a_trial_has_no_mailbox(core, engine, clock, settings):
    # The address is a setting of its own here: the database that is open stays the same.
    gateway = Gateway(core, clock, engine_url=engine.url, actions_url=engine.url, **settings)
    await gateway.start()
    try:
        assert not gateway.core.settings.keeps_mail
        assert await is_closed(gateway)
        assert await is_closed(gateway, "/dev/mail/abc")
    finally:
        await gateway.stop()


@pytest.mark.postgres
@pytest.mark.parametrize("database_settings", ["postgres"], indirect=True)
async def test_on_postgresql_there_is_no_mailbox(gateway):
    assert await is_closed(gateway)


@pytest.mark.parametrize("remote", ["203.0.113.7", "10.0.0.5", "192.168.1.20", "2001:db8::1", "", "::ffff:203.0.113.7"])
def test_whoever_sits_at_another_machine_is_not_here(remote):
    request = make_mocked_request("GET", "/dev/mail", headers={"Host": "127.0.0.1:8080"})
    assert not is_here(request.clone(remote=remote))


@pytest.mark.parametrize(
    ("remote", "host"), [("127.0.0.1", "127.0.0.1:8080"), ("127.0.0.1", "localhost:8080"), ("::1", "[::1]:8080")]
)
def test_whoever_sits_at_this_machine_is(remote, host):
    request = make_mocked_request("GET", "/dev/mail", headers={"Host": host})
    assert is_here(request.clone(remote=remote))


@pytest.mark.parametrize(
    ("settings", "kept"),
    [
        ({}, True),
        ({"public_url": "http://localhost:8080"}, True),
        ({"public_url": "http://127.0.0.1:9000/"}, True),
        ({"host": "0.0.0.0"}, True),
        ({"production": True}, False),
        ({"public_url": "https://localhost"}, False),
        ({"smtp_host": "mail.example"}, False),
        ({"database_url": "postgresql://desk@db/desk"}, False),
    ],
    ids=str,
)
def test_mail_is_kept_only_where_the_desk_is_tried_out(settings, kept):
    assert replace(Settings(), **settings).keeps_mail is kept
