"""Who is at the desk: pages that are open, that go quiet, that are left for the next one; who looks and who writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk.person import Role
from tests.support.casework import Desk, make_desk

from .conftest import EITHER_KIND

pytestmark = EITHER_KIND


@pytest.fixture
def desk(core, clock) -> Desk:
    return make_desk(core, clock)


@pytest.fixture
def presence(desk):
    return desk.services.presence


def test_whoever_has_the_console_open_is_there_for_their_companies_only(desk, presence):
    mika = desk.person("Mika", companies=("jcom",))
    assert not presence.roster().anybody("jcom")
    presence.enter(mika, "page")
    assert presence.roster().anybody("jcom")
    assert not presence.roster().anybody("coocom")
    assert presence.roster().find(mika.id, "jcom") == mika
    assert presence.roster().find(mika.id, "coocom") is None


def test_who_may_only_look_is_nobody_to_call(desk, presence):
    presence.enter(desk.person("Ono", Role.PRIVACY_OFFICER), "page")
    assert not presence.roster().anybody("jcom")


def test_going_from_page_to_page_is_no_absence(desk, presence, clock):
    mika = desk.person()
    presence.enter(mika, "one")
    presence.leave("one")
    clock.advance(seconds=10)
    assert presence.is_there(mika.id)
    presence.enter(mika, "two")
    clock.advance(seconds=30)
    assert presence.is_there(mika.id)
    presence.leave("two")
    clock.advance(seconds=21)
    assert not presence.is_there(mika.id)


def test_a_page_that_is_not_heard_of_is_gone(desk, presence, clock):
    mika = desk.person()
    presence.enter(mika, "page")
    for _ in range(5):
        clock.advance(seconds=50)
        presence.beat("page")
    assert presence.is_there(mika.id)
    clock.advance(seconds=61)
    assert not presence.is_there(mika.id)
    presence.expire()
    presence.beat("page")
    assert not presence.is_there(mika.id)


def test_who_says_that_they_are_absent_is_not_there_though_their_console_is_open(desk, presence, clock):
    mika = desk.person()
    presence.enter(mika, "page")
    presence.update(replace(mika, absent_until=clock() + timedelta(hours=1)))
    assert not presence.roster().anybody("jcom")
    clock.advance(seconds=59)
    presence.beat("page")
    assert not presence.roster().anybody("jcom")
    clock.advance(hours=1)
    presence.beat("page")
    assert presence.roster().anybody("jcom")


async def test_an_absence_that_a_supervisor_sets_holds_at_once(desk, presence, clock):
    mika, boss = desk.person("Mika"), desk.person("Boss", Role.SUPERVISOR)
    presence.enter(mika, "page")
    await desk.casework.administration.set_absence(boss, mika.id, clock() + timedelta(days=1))
    assert not presence.roster().anybody("jcom")
    await desk.casework.administration.set_absence(boss, mika.id, None)
    assert presence.roster().anybody("jcom")


def test_who_looks_at_a_ticket_is_seen_once_however_many_pages_they_have(desk, presence, clock):
    mika, ken, ticket = desk.person("Mika"), desk.person("Ken"), desk.ticket()
    presence.enter(mika, "one", ticket)
    presence.enter(mika, "two", ticket)
    presence.enter(ken, "three")
    assert [looker.name for looker in presence.lookers(ticket.id)] == ["Mika"]
    presence.looks_at("three", ticket)
    assert [looker.name for looker in presence.lookers(ticket.id)] == ["Ken", "Mika"]
    presence.leave("three")
    assert [looker.name for looker in presence.lookers(ticket.id)] == ["Mika"]
    assert {one.kind for one in desk.feed.heard} == {"presence"}


def test_who_writes_is_seen_for_some_seconds_after_the_last_key(desk, presence, clock):
    mika, ticket = desk.person("Mika"), desk.ticket()
    presence.enter(mika, "page", ticket)
    with desk.services.streams.listen(ticket.conversation) as frames:
        for _ in range(5):
            presence.types(mika, ticket)
            clock.advance(seconds=1)
        assert [looker.typing for looker in presence.lookers(ticket.id)] == [True]
        presence.expire()
        clock.advance(seconds=6)
        presence.expire()
        assert [looker.typing for looker in presence.lookers(ticket.id)] == [False]
        told = [frames.get_nowait()["on"] for _ in range(frames.qsize())]
    assert told == [True, True, False]
    assert [one.data["on"] for one in desk.feed.heard if one.kind == "typing"] == [True, True, False]


def test_who_stops_writing_is_told_at_once_and_once(desk, presence):
    mika, ticket = desk.person("Mika"), desk.ticket()
    presence.types(mika, ticket)
    for _ in range(2):
        presence.stops(mika, ticket)
    presence.expire()
    assert [one.data["on"] for one in desk.feed.heard if one.kind == "typing"] == [True, False]
