"""Signing in by the company's OpenID Connect provider, a real one in a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.console.app import make_console
from bot.desk.person import Role
from bot.settings import BadSetting
from tests.support.identity_provider import CLIENT, SECRET
from tests.support.staff import Browser, read_audit


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider that runs as long as these tests do."""
    command = [sys.executable, "-m", "tests.support.identity_provider"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
async def desk(gateway, clock, issuer):
    """A gateway whose staff may sign in by the provider; Hana and Kenji were invited, and have no password yet."""
    clock.set(datetime.now(UTC))  # the provider's tokens are of now
    await gateway.stop()
    settings = replace(gateway.core.settings, oidc_issuer=issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET)
    gateway.core = replace(gateway.core, settings=settings)
    await gateway.start()

    def work(db):
        for name in ("Hana", "Kenji"):
            gateway.core.people.add(db, name, f"{name}@desk.example".lower(), [Role.AGENT], clock(), companies=["jcom"])

    await gateway.core.database.run(work)
    return gateway


async def to_provider(browser: Browser, ahead: str = "") -> str:
    """Where the desk sends the browser."""
    assert "company&#39;s account" in (await browser.get("/desk/sign-in")).body
    answer = await browser.get("/desk/sign-in/provider" + ahead, follow=False)
    assert answer.status == 303, answer.body
    return answer.headers["Location"]


async def at_provider(browser: Browser, address: str, account: str = "1-hana", fault: str = "", strong: bool = False) -> str:
    """Says who they are there; the path at the desk to which the provider sends them back."""
    address += f"&account={account}&fault={fault}&strong={int(strong)}"
    async with browser.gateway.session.get(address, allow_redirects=False) as response:
        assert response.status == 302, await response.text()
        back = urlsplit(response.headers["Location"])
    return f"{back.path}?{back.query}"


async def sign_in(desk, **choices):
    """The whole way, with a browser of its own."""
    browser = Browser(desk)
    back = await at_provider(browser, await to_provider(browser), **choices)
    return browser, await browser.get(back)


async def test_hana_who_was_invited_signs_in_by_her_companys_account(desk):
    browser = Browser(desk)
    address = await to_provider(browser, "?next=/desk/account")
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    answer = await browser.get(await at_provider(browser, address))
    assert (answer.status, browser.path) == (200, "/desk/account")
    assert "hana@desk.example" in answer.body
    entries = [entry for entry in await read_audit(desk) if entry.action == "session.open"]
    assert [entry.detail["how"] for entry in entries] == ["identity"]


async def test_the_provider_makes_nobody_a_member_of_the_desk(desk):
    _, answer = await sign_in(desk, account="4-nobody")
    assert answer.status == 403
    assert "not one of this desk" in answer.body
    assert len(await desk.core.database.run(desk.core.people.list)) == 2


@pytest.mark.parametrize("account", ["3-kenji", "5-silent"])
async def test_an_address_that_the_provider_does_not_vouch_for_is_nobody(desk, account):
    _, answer = await sign_in(desk, account=account)
    assert answer.status == 403
    assert "no verified e-mail address" in answer.body


async def test_once_hana_came_her_account_is_known_by_its_own_name_and_no_other_account_is_her(desk):
    await sign_in(desk, account="1-hana")
    _, other = await sign_in(desk, account="2-hana")
    assert other.status == 403
    assert "Another account" in other.body
    core = desk.core
    hana = await core.database.run(lambda db: core.people.find_by_email(db, "hana@desk.example"))
    await core.database.run(lambda db: core.people.change(db, replace(hana, email="hana.new@desk.example"), desk.clock()))
    browser, _ = await sign_in(desk, account="1-hana")
    assert "hana.new@desk.example" in (await browser.get("/desk/account")).body


@pytest.mark.parametrize("fault", ["nonce", "audience", "issuer", "old", "key", "shared_secret", "unsigned"])
async def test_a_token_with_anything_wrong_lets_nobody_in(desk, fault):
    browser, answer = await sign_in(desk, fault=fault)
    assert answer.status == 403
    assert (await browser.get("/desk/account", follow=False)).status == 303


async def test_what_comes_back_counts_once_and_in_the_browser_that_asked(desk):
    hana, mallory = Browser(desk), Browser(desk)
    back = await at_provider(hana, await to_provider(hana))
    await to_provider(mallory)
    assert (await mallory.get(back)).status == 403, "the answer to somebody else's question"
    assert (await Browser(desk).get(back)).status == 403, "an answer to no question"
    assert (await hana.get(back.replace("state=", "state=x"))).status == 403
    back = await at_provider(hana, await to_provider(hana))
    assert (await hana.get(back)).status == 200
    assert (await hana.get(back)).status == 403, "once more"


async def test_somebody_who_says_no_at_the_provider_is_back_at_the_sign_in_page(desk):
    _, answer = await sign_in(desk, account="")
    assert answer.status == 403
    assert "broken off" in answer.body


async def test_a_second_factor_that_the_provider_asked_for_is_enough(desk):
    await desk.stop()
    desk.core = replace(desk.core, settings=replace(desk.core.settings, require_second_factor=True))
    await desk.start()
    browser, _ = await sign_in(desk)
    assert browser.path.startswith("/desk/account/second-factor")
    browser, _ = await sign_in(desk, strong=True)
    assert (await browser.get("/desk/account", follow=False)).status == 200


async def test_a_provider_that_is_away_is_said_to_be(desk, unused_port):
    await desk.stop()
    desk.core = replace(desk.core, settings=replace(desk.core.settings, oidc_issuer=f"http://127.0.0.1:{unused_port}"))
    await desk.start()
    answer = await Browser(desk).get("/desk/sign-in/provider")
    assert answer.status == 403
    assert "cannot be reached" in answer.body


async def test_without_a_provider_there_is_no_such_page(gateway):
    assert "company&#39;s account" not in (await Browser(gateway).get("/desk/sign-in")).body
    assert (await Browser(gateway).get("/desk/sign-in/provider")).status == 404


@pytest.mark.parametrize(
    ("issuer", "client", "secret"),
    [("http://id.example.com", "desk", "s"), ("https://id.example.com", "", "s"), ("https://id.example.com", "desk", "")],
)
def test_a_provider_that_is_half_set_stops_the_start(core, issuer, client, secret):
    settings = replace(core.settings, oidc_issuer=issuer, oidc_client_id=client, oidc_client_secret=secret)
    with pytest.raises(BadSetting, match="DESK_OIDC"):
        make_console(replace(core, settings=settings))


async def test_no_token_of_the_provider_is_kept(desk):
    await sign_in(desk)
    entries = json.dumps([entry.detail for entry in await read_audit(desk)])
    assert "1-hana" not in entries
