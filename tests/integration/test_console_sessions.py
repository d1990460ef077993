"""Who is signed in, for how long, and that nobody acts in their name."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.console import events
from bot.delivery.feed import Happening
from bot.delivery.services import SERVICES
from bot.desk.errors import AddressTaken
from bot.desk.person import Role
from bot.desk.session import ABSOLUTE, IDLE
from tests.support.staff import ALL, Browser, staff
from tests.support.waiting import DEADLINE_SECONDS


async def test_hana_who_is_signed_in_is_known_to_the_console(gateway):
    hana = await staff(gateway, Role.AGENT, Role.TRAINER, companies=["jcom", "cuc"])
    found = await gateway.core.database.run(lambda db: gateway.core.sessions.find(db, hana.cookies["desk"], gateway.clock()))
    assert found.person == hana.person
    assert found.person.companies == {"jcom", "cuc"}
    assert found.person.roles == {Role.AGENT, Role.TRAINER}


async def test_somebody_who_sees_all_companies_sees_one_that_comes_later(gateway):
    hana = await staff(gateway, companies=ALL)
    assert hana.person.sees("a sixth")


async def test_whoever_is_not_signed_in_is_asked_to_sign_in_whatever_they_ask_for(gateway):
    visitor = Browser(gateway)
    answer = await visitor.get("/desk/nothing-here", follow=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/desk/sign-in?next=%2Fdesk%2Fnothing-here")
    assert "Sign in" in (await visitor.get("/desk/nothing-here")).body


async def test_a_session_ends_when_it_is_not_used(gateway, clock):
    hana = await staff(gateway)
    clock.advance(seconds=(IDLE - timedelta(minutes=1)).total_seconds())
    assert (await hana.get("/desk/nothing-here")).status == 404
    clock.advance(seconds=(IDLE - timedelta(minutes=1)).total_seconds())
    assert (await hana.get("/desk/nothing-here")).status == 404, "it was used in between"
    clock.advance(seconds=IDLE.total_seconds())
    assert (await hana.get("/desk/nothing-here", follow=False)).status == 303


async def test_a_session_ends_however_much_it_is_used(gateway, clock):
    hana = await staff(gateway)
    began = clock()
    while clock() + timedelta(hours=1) < began + ABSOLUTE:
        clock.advance(hours=1)
        assert (await hana.get("/desk/nothing-here")).status == 404
    clock.set(began + ABSOLUTE)
    assert (await hana.get("/desk/nothing-here", follow=False)).status == 303


async def test_the_session_of_somebody_who_is_disabled_is_over_at_once(gateway):
    hana = await staff(gateway)
    core = gateway.core
    await core.database.run(lambda db: core.people.change(db, replace(hana.person, disabled=True), gateway.clock()))
    assert (await hana.get("/desk/nothing-here", follow=False)).status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"X-CSRF-Token": "wrong"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
    ],
    ids=str,
)
async def test_a_form_of_another_site_does_nothing(gateway, headers):
    hana = await staff(gateway)
    assert (await hana.post("/desk/nothing-here")).status == 404
    assert (await hana.post("/desk/nothing-here", headers=headers)).status == 403


async def test_a_form_carries_its_token_in_a_field_where_there_is_no_script(gateway):
    hana = await staff(gateway)
    cookie = {"Cookie": f"desk={hana.cookies['desk']}"}
    right = await gateway.call("POST", "/desk/nothing-here", data={"csrf": hana.csrf}, headers=cookie)
    wrong = await gateway.call("POST", "/desk/nothing-here", data={"csrf": (await staff(gateway)).csrf}, headers=cookie)
    assert (right.status, wrong.status) == (404, 403)


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(gateway):
    plain = await gateway.call("GET", "/desk/sign-in")
    assert plain.headers["Set-Cookie"].startswith("desk=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/desk"} <= {part.strip() for part in plain.headers["Set-Cookie"].split(";")}


async def test_a_form_comes_from_the_desks_public_address_even_if_the_proxy_gives_it_another_host(gateway):
    hana = await staff(gateway)
    await gateway.stop()
    gateway.core = _with(gateway.core, public_url="https://desk.example")
    await gateway.start()
    assert (await hana.post("/desk/nothing-here", headers={"Origin": "https://desk.example"})).status == 404
    assert (await hana.post("/desk/nothing-here", headers={"Origin": "https://desk.example.evil.example"})).status == 403


async def test_over_https_the_cookie_is_bound_to_this_host(gateway):
    await gateway.stop()
    gateway.core = _with(gateway.core, public_url="https://desk.example")
    await gateway.start()
    answer = await gateway.call("GET", "/desk/sign-in", headers={"Host": "desk.example"})
    assert answer.headers["Set-Cookie"].startswith("__Host-desk=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in answer.headers["Set-Cookie"].split(";")}


def _with(core, **settings):
    return replace(core, settings=replace(core.settings, **settings))


def test_two_people_cannot_have_one_address(core, clock):
    def work(db):
        core.people.add(db, "Hana", "hana@desk.example", [Role.AGENT], clock())
        with pytest.raises(AddressTaken):
            core.people.add(db, "Hanako", " Hana@Desk.example", [Role.AGENT], clock())
        return core.people.list(db)

    assert [person.name for person in core.database.transact(work)] == ["Hana"]


def test_what_somebody_prefers_is_kept_beside_their_name(core, clock):
    def work(db):
        hana = core.people.add(db, "Hana", "hana@desk.example", [Role.AGENT], clock(), companies=["jcom"])
        core.people.prefer(db, hana.id, mail_late=False)
        core.people.prefer(db, hana.id, mail_assigned=True)
        assert core.people.find_by_email(db, "HANA@desk.example") == hana
        return core.people.preferences(db, hana.id), core.people.names(db, [hana.id, "nobody"]), hana

    preferences, names, hana = core.database.transact(work)
    assert preferences == {"mail_late": False, "mail_assigned": True}
    assert names == {hana.id: "Hana"}


async def test_whose_session_was_ended_hears_no_more_even_on_a_busy_day(gateway, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    hana = await staff(gateway)
    cookie = {"Cookie": f"desk={hana.cookies['desk']}"}
    feed, core = gateway._runner.app[SERVICES].feed, gateway.core

    async def be_busy():
        while True:
            feed.publish(Happening("ticket", "jcom"))
            await asyncio.sleep(0.01)

    async with gateway.session.get(f"{gateway.url}/desk/events", headers=cookie) as stream:
        busy = asyncio.create_task(be_busy())
        assert b"hello" in await stream.content.readuntil(b"hello")
        await core.database.run(lambda db: core.sessions.end_all(db, hana.id))
        said = await asyncio.wait_for(stream.content.read(), DEADLINE_SECONDS)
        busy.cancel()
    assert said.endswith(b"event: ended\ndata: {}\n\n")


async def test_the_stream_of_who_is_not_signed_in_is_refused_without_a_page(gateway):
    answer = await Browser(gateway).get("/desk/events", headers={"Accept": "text/event-stream"}, follow=False)
    assert (answer.status, answer.body) == (401, "Please sign in.")
