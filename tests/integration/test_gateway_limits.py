"""Somebody who floods the desk is asked to wait; whoever sits on the machine itself is not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from bot.settings import BadSetting
from tests.support.chat import Gateway

from .conftest import EITHER_KIND

pytestmark = EITHER_KIND

HOME = {"X-Forwarded-For": "203.0.113.5"}
OFFICE = {"X-Forwarded-For": "198.51.100.7"}


@pytest.fixture
async def start(core, engine, clock) -> AsyncIterator[Callable]:
    """Starts gateways with settings of the test's own."""
    started = []

    async def start(**settings) -> Gateway:
        gateway = Gateway(core, clock, engine_url=engine.url, actions_url=engine.url, **settings)
        await gateway.start()
        started.append(gateway)
        return gateway

    yield start
    for gateway in started:
        await gateway.stop()


async def opened(gateway: Gateway, **headers: str):
    return await gateway.call("POST", "/api/v1/conversations", json={"company": "jcom"}, headers=headers)


async def test_too_many_messages_of_a_chat_are_429_with_the_seconds_to_wait(start, engine):
    gateway = await start(trusted_proxies="127.0.0.0/8", limit_messages="3/minute")
    hana = await gateway.open("jcom", **HOME)
    for _ in range(3):
        assert (await hana.say("fee?")).status == 200
    answer = await hana.say("fee?")
    assert answer.status == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "wait" in answer.detail
    assert len(engine.received) == 3
    assert len((await hana.history()).messages) == 6


async def test_another_chat_of_the_same_address_is_not_held_up(start):
    gateway = await start(trusted_proxies="127.0.0.1", limit_messages="1/minute")
    hana, mika = await gateway.open("jcom", **HOME), await gateway.open("jcom", **HOME)
    assert (await hana.say("fee?")).status == 200
    assert (await hana.say("fee?")).status == 429
    assert (await mika.say("fee?")).status == 200


async def test_too_many_chats_from_one_address_are_429_and_another_address_is_let_in(start):
    gateway = await start(trusted_proxies="127.0.0.1", limit_conversations="2/minute")
    assert [(await opened(gateway, **HOME)).status for _ in range(3)] == [201, 201, 429]
    assert (await opened(gateway, **OFFICE)).status == 201


async def test_an_address_is_limited_over_all_its_chats(start):
    gateway = await start(trusted_proxies="127.0.0.1", limit_network="2/minute")
    chats = [await gateway.open("jcom", **HOME) for _ in range(3)]
    assert [(await chat.say("fee?")).status for chat in chats] == [200, 200, 429]


async def test_all_addresses_of_an_ipv6_household_count_as_one(start):
    gateway = await start(trusted_proxies="127.0.0.1", limit_conversations="2/minute")
    household = [{"X-Forwarded-For": f"2001:db8:1:1::{n}"} for n in range(3)]
    assert [(await opened(gateway, **address)).status for address in household] == [201, 201, 429]
    assert (await opened(gateway, **{"X-Forwarded-For": "2001:db8:1:2::1"})).status == 201


async def test_on_the_machine_itself_nobody_is_limited(start):
    gateway = await start(limit_conversations="1/minute", limit_messages="1/minute", limit_network="1/minute")
    assert [(await opened(gateway)).status for _ in range(3)] == [201, 201, 201]
    hana = await gateway.open()
    assert [(await hana.say("fee?")).status for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("trusted", ["", "10.0.0.0/8"])
async def test_a_header_from_nobody_we_trust_buys_no_fresh_limit(start, trusted):
    """A client may claim any address; it is counted by the one that it has."""
    gateway = await start(trusted_proxies=trusted, limit_conversations="2/minute")
    claims = [{"X-Forwarded-For": f"203.0.113.{n}"} for n in range(3)]
    assert [(await opened(gateway, **claim)).status for claim in claims] == [201, 201, 429]


async def test_behind_several_proxies_the_nearest_address_that_is_not_ours_counts(start):
    gateway = await start(trusted_proxies="127.0.0.1,10.0.0.0/8", limit_conversations="2/minute")
    claims = [{"X-Forwarded-For": f"192.0.2.{n}, 203.0.113.5, 10.1.2.3"} for n in range(3)]
    assert [(await opened(gateway, **claim)).status for claim in claims] == [201, 201, 429]


@pytest.mark.parametrize("header", ["nonsense", "", "203.0.113.5, x", "999.1.1.1"])
async def test_an_odd_forwarding_header_is_no_fault_of_ours(start, header):
    gateway = await start(trusted_proxies="127.0.0.1")
    answer = await opened(gateway, **{"X-Forwarded-For": header})
    assert answer.status in (201, 400)
    if answer.status == 400:
        assert answer.detail


@pytest.mark.parametrize("networks", ["10.0.0.0/8,here", "10.0.0.1/8", "localhost"])
async def test_networks_that_are_none_are_refused_with_a_sentence(start, networks):
    with pytest.raises(BadSetting, match="DESK_TRUSTED_PROXIES"):
        await start(trusted_proxies=networks)


@pytest.mark.parametrize("rule", ["many", "30", "30/fortnight", "-1/minute"])
async def test_a_limit_that_is_none_is_refused_with_a_sentence(start, rule):
    with pytest.raises(BadSetting, match="DESK_LIMIT_MESSAGES"):
        await start(limit_messages=rule)
