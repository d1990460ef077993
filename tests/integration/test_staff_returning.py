"""The gateway starts anew: staff whose consoles are on their way back count as there, so that no chat is taken from them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.handoff import HandoffDesk, said

SUNDAY = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)


@pytest.fixture
async def desk(gateway, engine) -> HandoffDesk:
    return HandoffDesk(gateway, engine)


def was_here(desk, person, minutes: float) -> None:
    """Their console was heard of so long ago."""
    moment = desk.gateway.clock()
    desk.gateway.clock.advance(minutes=minutes)
    desk.do(lambda db: desk.core.people.seen(db, person.id, moment))


async def test_a_customer_who_writes_right_after_a_kill_stays_with_their_person(desk, gateway):
    gateway.clock.set(SUNDAY)  # the desk is not staffed by its plan; Keiko is there all the same
    keiko = desk.person()
    hana = await gateway.open("jcom")
    await hana.say("a person please")
    ticket = await desk.ticket(hana)
    await desk.casework.tickets.take(keiko, ticket.id)
    desk.do(lambda db: desk.core.conversations.set_mode(db, hana.id, "human", gateway.clock()))
    was_here(desk, keiko, minutes=3)
    await gateway.restart()
    hana.client = gateway
    answer = await hana.say("are you still there?")
    assert answer.body["state"]["mode"] == "human"
    assert said(answer) == []


async def test_somebody_who_left_long_before_is_not_waited_for(desk, gateway):
    was_here(desk, desk.person(there=False), minutes=10)
    await gateway.restart()
    assert not desk.services.presence.roster().anybody("jcom")


async def test_whoever_does_not_come_back_is_gone_after_a_minute(desk, gateway):
    was_here(desk, desk.person(there=False), minutes=1)
    await gateway.restart()
    assert desk.services.presence.roster().anybody("jcom")
    assert not desk.services.presence.roster().anybody("cuc")
    gateway.clock.advance(seconds=61)
    assert not desk.services.presence.roster().anybody("jcom")
