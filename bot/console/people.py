"""The desk's people, for administrators: who they are, what they may, how they get in."""

from __future__ import annotations

from aiohttp import web
from multidict import MultiDictProxy

from bot.casework.casework import CASEWORK
from bot.casework.people import Plan
from bot.channels.faults import status_of
from bot.delivery.services import SERVICES
from bot.desk.errors import AddressTaken, BadPerson, DeskError
from bot.desk.person import Permission, Person, Role

from .account import read_moment, zone_of
from .errors import words_of
from .forms import go, read_fields, text_of, texts_of
from .pages import PAGES, PERSON, list_companies

routes = web.RouteTableDef()


@routes.get("/people", name="people")
async def list_people(request: web.Request) -> web.Response:
    people = await request.config_dict[CASEWORK].administration.list(request[PERSON])
    now = request.config_dict[SERVICES].clock()
    return request.app[PAGES].render(request, "people.html", people=people, now=now)


@routes.get("/people/invite", name="person_new")
async def show_invitation(request: web.Request) -> web.Response:
    request[PERSON].require(Permission.MANAGE_PEOPLE)
    return render_invitation(request, Plan("", "", [Role.AGENT], locale=request[PERSON].locale))


@routes.post("/people/invite", name="person_invite")
async def invite(request: web.Request) -> web.Response:
    plan = read_plan(await read_fields(request))
    try:
        person, token = await request.config_dict[CASEWORK].administration.invite(request[PERSON], plan)
    except (BadPerson, AddressTaken) as error:
        return render_invitation(request, plan, error)
    return render_link(request, person, token, "invite")


@routes.get("/people/{person}", name="person")
async def show_person(request: web.Request) -> web.Response:
    return await render_person(request)


@routes.post("/people/{person}", name="person_change")
async def change_person(request: web.Request) -> web.Response:
    plan = read_plan(await read_fields(request))
    try:
        await request.config_dict[CASEWORK].administration.change(request[PERSON], request.match_info["person"], plan)
    except (BadPerson, AddressTaken) as error:
        return await render_person(request, plan, error)
    return go(request.path, "people.changed")


@routes.post("/people/{person}/disable", name="person_disable")
async def disable_person(request: web.Request) -> web.Response:
    person = await request.config_dict[CASEWORK].administration.disable(request[PERSON], request.match_info["person"])
    return go(f"/desk/people/{person.id}", "people.disabled_now")


@routes.post("/people/{person}/enable", name="person_enable")
async def enable_person(request: web.Request) -> web.Response:
    person = await request.config_dict[CASEWORK].administration.enable(request[PERSON], request.match_info["person"])
    return go(f"/desk/people/{person.id}", "people.enabled_now")


@routes.post("/people/{person}/link", name="person_link")
async def make_link(request: web.Request) -> web.Response:
    """A fresh link, shown once; POST, since those from before end with it."""
    person, token = await request.config_dict[CASEWORK].administration.make_link(request[PERSON], request.match_info["person"])
    return render_link(request, person, token, "fresh")


@routes.post("/people/{person}/sessions/end", name="person_sessions_end")
async def end_sessions(request: web.Request) -> web.Response:
    session = text_of(await read_fields(request), "session") or None
    administration = request.config_dict[CASEWORK].administration
    person = await administration.end_sessions(request[PERSON], request.match_info["person"], session)
    return go(f"/desk/people/{person.id}", "account.sessions_ended")


@routes.post("/people/{person}/second-factor/reset", name="person_factor_reset")
async def reset_second_factor(request: web.Request) -> web.Response:
    administration = request.config_dict[CASEWORK].administration
    person = await administration.reset_second_factor(request[PERSON], request.match_info["person"])
    return go(f"/desk/people/{person.id}", "people.factor_reset_now")


@routes.post("/people/{person}/absence", name="person_absence")
async def set_absence(request: web.Request) -> web.Response:
    fields = await read_fields(request)
    administration = request.config_dict[CASEWORK].administration
    until = read_moment(text_of(fields, "until"), zone_of(request)) if text_of(fields, "away") else None
    person = await administration.set_absence(request[PERSON], request.match_info["person"], until)
    return go(f"/desk/people/{person.id}", "people.changed")


def read_plan(fields: MultiDictProxy) -> Plan:
    return Plan(
        name=text_of(fields, "name"),
        email=text_of(fields, "email"),
        roles=texts_of(fields, "role"),
        companies=texts_of(fields, "company"),
        all_companies=bool(text_of(fields, "all_companies")),
        locale=text_of(fields, "locale"),
    )


def render_invitation(request: web.Request, plan: Plan, error: DeskError | None = None) -> web.Response:
    return request.app[PAGES].render(
        request, "person_invite.html", status_of(error), **_form(request, plan, error)
    )


async def render_person(request: web.Request, plan: Plan | None = None, error: DeskError | None = None) -> web.Response:
    administration = request.config_dict[CASEWORK].administration
    standing, sessions = await administration.show(request[PERSON], request.match_info["person"])
    one = standing.person
    plan = plan or Plan(one.name, one.email, sorted(one.roles), sorted(one.companies), one.all_companies, one.locale)
    return request.app[PAGES].render(
        request,
        "person.html",
        status_of(error),
        standing=standing,
        one=one,
        sessions=sessions,
        now=request.config_dict[SERVICES].clock(),
        **_form(request, plan, error),
    )


def render_link(request: web.Request, person: Person, token: str, why: str) -> web.Response:
    """The link, told once: only its hash is kept."""
    settings = request.config_dict[SERVICES].settings
    origin = settings.public_url.rstrip("/") or f"{request.scheme}://{request.host}"
    context = {"one": person, "link": f"{origin}/desk/welcome/{token}", "why": why, "mailed": bool(settings.smtp_host)}
    return request.app[PAGES].render(request, "person_link.html", **context)


def _form(request: web.Request, plan: Plan, error: DeskError | None) -> dict:
    """What the fields about a person show: the actor gives no company that is not theirs."""
    field = error.why if isinstance(error, BadPerson) else "email"
    return {
        "plan": plan,
        "roles": [role.value for role in Role],
        "choices": list_companies(request, request[PERSON], request[PERSON].locale),
        "wrong": {field: words_of(request, error)} if error else {},
    }
