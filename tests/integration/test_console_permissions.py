"""Every route of the console, walked by every role for every company: who may, who may not, and that nothing leaks or happens.

The routes come from the application's own router, so that none can be forgotten; who may stands in tests/support/console_routes.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle

import pytest
from aiohttp import web

from bot.desk.person import Permission, Person, Role
from bot.gateway.app import make_app
from tests.support.console_routes import PUBLIC, RULES, STAFF, Rule, Wish, World, make_world, secret_of
from tests.support.staff import Browser, StaffClient, hash_quickly, read_audit, staff

from .conftest import EITHER_KIND

pytestmark = [EITHER_KIND, pytest.mark.timeout(600)]

COMPANIES = ("cloco", "coocom", "cuc", "jcom", "plusone")
NO = frozenset({401, 403, 404})


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that the console can be asked."""

    name: str
    method: str
    resource: web.AbstractResource

    def path(self, wish: Wish) -> str:
        wanted = {name: wish.match[name] for name in self.resource.get_info().get("pattern", _NONE).groupindex}
        return str(self.resource.url_for(**wanted).update_query(wish.query))


_NONE = type("NoPattern", (), {"groupindex": ()})


def list_routes(app: web.Application) -> Iterator[Route]:
    """All of the console's own, by its router. HEAD is GET without the page."""
    for resource in app.router.resources():
        if isinstance(resource, web.PrefixedSubAppResource) and resource.canonical == "/desk":
            for inner in resource._app.router.resources():
                for route in inner:
                    if route.method != "HEAD":
                        yield Route(route.name or f"{route.method} {inner.canonical}", route.method, inner)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    hash_quickly(monkeypatch)


@pytest.fixture
async def world(gateway) -> World:
    return await make_world(gateway)


@pytest.fixture
def routes(world) -> list[Route]:
    return list(list_routes(world.gateway._runner.app))


async def ask(client: Browser, route: Route, wish: Wish) -> tuple[int, str, str]:
    """Status, where to, and what was said; of a stream only its beginning."""
    path = route.path(wish)
    if route.method != "GET":
        headers = {"X-CSRF-Token": client.csrf}
        answer = await client.call(route.method, path, follow=False, data=wish.form, headers=headers)
        return answer.status, answer.headers.get("Location", ""), str(answer.body)
    headers = {"Cookie": f"desk={client.cookies['desk']}"} if client.cookies else {}
    async with client.gateway.session.get(client.gateway.url + path, headers=headers, allow_redirects=False) as response:
        stream = response.content_type == "text/event-stream"
        body = "" if stream else (await response.read()).decode(errors="replace")
        return response.status, response.headers.get("Location", ""), body


def test_every_route_has_a_rule_and_every_rule_a_route(core):
    names = [route.name for route in list_routes(make_app(core))]
    assert sorted(set(names) - RULES.keys()) == [], "say in tests/support/console_routes.py who may do this"
    assert sorted(RULES.keys() - set(names)) == [], "there is no such route any more"
    assert len(names) == len(set(names)), "two routes have one name"


_ANYBODY = Person("", "", "", frozenset())


def may(role: Role, rule: Rule) -> bool:
    person = replace(_ANYBODY, roles=frozenset({role}))
    return rule.who in (PUBLIC, STAFF) or person.may(Permission(rule.who))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("company", COMPANIES)
async def test_every_role_may_what_it_may_for_its_own_company_and_nothing_for_another(world, routes, role, company):
    client = await staff(world.gateway, role, companies=[company], name="Walker")
    world.walker = client.person
    others = cycle(other for other in COMPANIES if other != company)
    faults = []
    for route in routes:
        if (rule := RULES.get(route.name)) is None:
            continue  # another test tells
        faults += await walk_own(world, client, route, rule, role, company)
        if rule.bound:
            faults += await walk_foreign(world, client, route, rule, next(others))
    assert not faults, "\n".join(faults)
    for entry in await read_audit(world.gateway, client.id):
        assert entry.company in (None, company), f"{entry.action} was done for {entry.company}"


async def walk_own(world: World, client: StaffClient, route: Route, rule: Rule, role: Role, company: str) -> list[str]:
    """What is wrong with the answer about something of one's own company."""
    wish = await rule.prepare(world, company)
    asking = client
    if rule.ends:
        asking = await staff(world.gateway, role, companies=[company], name="Walker")
    status, where, body = await ask(asking, route, wish)
    told = f"{role} {route.method} {route.name}: {status} {where}"
    faults = [f"{told} shows {other}" for other in COMPANIES if other != company and secret_of(other) in body]
    if rule.who == PUBLIC:
        fine = status < 500
    elif may(role, rule):
        fine = status not in NO and status < 500 and not where.startswith("/desk/sign-in")
        fine = fine and (route.method != "GET" or status == rule.shown)
    else:
        fine = status == rule.refusal and not where.startswith("/desk/sign-in")
    return faults if fine else [*faults, told]


async def walk_foreign(world: World, client: StaffClient, route: Route, rule: Rule, other: str) -> list[str]:
    """What is wrong with the answer about something of another company."""
    status, where, body = await ask(client, route, await rule.prepare(world, other))
    told = f"{route.method} {route.name} of {other}: {status} {where}"
    faults = [f"{told} shows it"] if secret_of(other) in body else []
    return faults if status in (403, 404) else [*faults, told]


async def outsiders(world: World) -> dict[str, Browser]:
    """Those who are not signed in: no cookie, a made-up one, the second factor still to be given, disabled, signed out."""
    core, now = world.core, world.gateway.clock()
    half = await staff(world.gateway, *Role, companies=COMPANIES, name="Half")
    disabled = await staff(world.gateway, *Role, companies=COMPANIES, name="Disabled")
    gone = await staff(world.gateway, *Role, companies=COMPANIES, name="Gone")

    def work(db) -> str:
        core.people.change(db, replace(disabled.person, disabled=True), now)
        core.sessions.end_all(db, gone.id)
        return core.sessions.open(db, half.person, "half", now, verified=False)[1]

    half.cookies = {"desk": await core.database.run(work)}
    made_up = Browser(world.gateway, {"desk": "x" * 43})
    return {"nobody": Browser(world.gateway), "made up": made_up, "halfway": half, "disabled": disabled, "gone": gone}


@pytest.mark.parametrize("who", ["nobody", "made up", "halfway", "disabled", "gone"])
async def test_whoever_is_not_signed_in_is_asked_to_sign_in_and_learns_nothing(world, routes, who):
    client = (await outsiders(world))[who]
    before, faults = len(await read_audit(world.gateway)), []
    for route in routes:
        rule = RULES.get(route.name)
        if rule is None or rule.who == PUBLIC:
            continue
        wish = await rule.prepare(world, "jcom")
        if not client.cookies:
            await client.get("/desk/sign-in")
        before = len(await read_audit(world.gateway))
        status, where, body = await ask(client, route, wish)
        if status != 303 or not where.startswith("/desk/sign-in") or secret_of("jcom") in where + body:
            faults.append(f"{route.method} {route.name}: {status} {where}")
        if len(await read_audit(world.gateway)) != before:
            faults.append(f"{route.method} {route.name} did something")
    assert not faults, "\n".join(faults)


async def test_no_act_is_done_without_the_token_of_a_page_of_ours(world, routes):
    client = await staff(world.gateway, *Role, companies=COMPANIES, name="Walker")
    faults = []
    for route in routes:
        if route.method == "GET" or route.name not in RULES:
            continue
        wish = await RULES[route.name].prepare(world, "jcom")
        before = len(await read_audit(world.gateway))
        answer = await client.call(route.method, route.path(wish), follow=False, data=wish.form)
        if answer.status != 403 or "out of date" not in answer.body or len(await read_audit(world.gateway)) != before:
            faults.append(f"{route.method} {route.name}: {answer.status}")
    assert not faults, "\n".join(faults)


async def test_looking_at_a_page_changes_nothing_that_somebody_else_may_not(world, routes):
    """Every address that changes something takes POST: a link in a mail, or a browser that fetches ahead, does nothing."""
    assert {route.method for route in routes} == {"GET", "POST"}


async def test_no_page_shows_another_companys_case_whatever_its_address_asks_for(world, routes):
    client = await staff(world.gateway, *Role, companies=["jcom"], name="Walker")
    case, mine = await world.ticket("cuc"), await world.ticket("jcom")
    await world.casework.tickets.take(world.chief, case.id)  # so that the audit log names it
    await world.casework.tickets.take(world.chief, mine.id)
    asked = [
        {"company": "cuc"},
        {"company": "cuc", "view": "all", "assignee": world.chief.id},
        {"company": "", "subject": case.id, "ticket": case.reference},
        {"q": case.reference, "of": world.chief.id},
    ]
    faults, seen = [], ""
    for route in routes:
        if route.method != "GET" or route.name not in RULES or RULES[route.name].bound or RULES[route.name].ends:
            continue
        for query in asked:
            wish = replace(await RULES[route.name].prepare(world, "jcom"), query=query)
            status, where, body = await ask(client, route, wish)
            seen += body
            if status >= 500 or secret_of("cuc") in body + where or case.reference in body + where:
                faults.append(f"{route.name} {query}: {status}")
    for typed in (case.reference, secret_of("cuc"), f"{secret_of('cuc')}@customer.example", "please help"):
        answer = await client.post("/desk/search", {"q": typed, "company": "cuc"}, follow=False)
        said = answer.body.replace(typed, "")
        if answer.status != 403 and (answer.status != 200 or case.reference in said or secret_of("cuc") in said):
            faults.append(f"search for {typed}: {answer.status}")
    assert not faults, "\n".join(faults)
    assert mine.reference in seen, "what is theirs is shown, so what is another's would be"
