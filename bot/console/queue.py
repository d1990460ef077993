"""The queue: what waits, what is late, who has it. The page, and the part of it that events refresh."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.delivery.services import SERVICES
from bot.desk.errors import BadRequest
from bot.desk.person import Permission
from bot.desk.queue import SORTS, VIEWS, Wanted
from bot.desk.ticket import PRIORITIES, REASONS, STATUSES
from bot.knowledge.company import localise

from .navigation import OWN_PLACES, PLACES
from .pages import PAGES, PERSON, find_locale

routes = web.RouteTableDef()

#: What the list may be narrowed to beside view and company, as it stands in an address.
FILTERS = ("status", "priority", "channel", "reason", "topic", "tag", "language", "assignee")

CHANNELS = ("web", "telegram", "email", "letter", "fax", "phone", "visit")
LANGUAGES = {"en": "English", "ja": "日本語"}


@routes.get("", name="queue")
@routes.get("/", name="queue-too")
async def show_queue(request: web.Request) -> web.Response:
    """The whole page; who works on no tickets goes to the first place that is theirs."""
    person = request[PERSON]
    if not person.may(Permission.SEE_TICKETS):
        raise web.HTTPFound(next((p.path for p in PLACES if p.permission and person.may(p.permission)), OWN_PLACES[0].path))
    casework = request.config_dict[CASEWORK]
    counts = await casework.tickets.counts(person, request.query.get("company") or None)
    wanted = read_wanted(request, choose_view(counts))
    page = await casework.tickets.queue(person, wanted, request.query.get("cursor") or None)
    colleagues = await casework.colleagues.list(person)
    return request.app[PAGES].render(
        request, "queue.html", colleagues=colleagues, **describe(request, wanted), page=page, counts=counts
    )


@routes.get("/queue", name="queue-rows")
async def show_rows(request: web.Request) -> web.Response:
    """Rows and counts anew, for a page that is open."""
    person = request[PERSON]
    casework = request.config_dict[CASEWORK]
    wanted = read_wanted(request, "all")
    counts = await casework.tickets.counts(person, wanted.company)
    page = await casework.tickets.queue(person, wanted, request.query.get("cursor") or None)
    context = {**describe(request, wanted), "page": page, "counts": counts, "fresh": True}
    return request.app[PAGES].render(request, "queue_rows.html", **context)


def choose_view(counts: dict[str, int]) -> str:
    """Where somebody begins: with their own tickets, else with what nobody has yet."""
    return next((view for view in ("mine", "unassigned") if counts[view]), "all")


def read_wanted(request: web.Request, view: str) -> Wanted:
    """What the address asks for; raises BadRequest."""
    query = {name: value for name in (*FILTERS, "company", "sort", "view") if (value := request.query.get(name, "").strip())}
    priority = query.pop("priority", None)
    if priority is not None and priority not in PRIORITIES:
        raise BadRequest(f"The priority must be one of {', '.join(PRIORITIES)}.")
    wanted = Wanted(**{"view": view, **query})
    return replace(wanted, priority=PRIORITIES.index(priority)) if priority else wanted


def describe(request: web.Request, wanted: Wanted) -> dict:
    """What the templates need beside rows and counts: the choices, and addresses that keep the rest as it is."""
    chosen = {name: value for name in (*FILTERS, "company", "sort", "view") if (value := getattr(wanted, name)) is not None}
    if wanted.priority is not None:
        chosen["priority"] = PRIORITIES[wanted.priority]
    if wanted.sort == SORTS[0]:
        chosen.pop("sort")
    library = request.config_dict[SERVICES].library
    locale = find_locale(request)

    def here(path: str = "/desk", **changed: str | None) -> str:
        query = {name: value for name, value in {**chosen, **changed}.items() if value}
        return f"{path}?{urlencode(query)}" if query else path

    return {
        "wanted": wanted,
        "here": here,
        "cursor": request.query.get("cursor", ""),
        "narrowed": [name for name in FILTERS if chosen.get(name)],
        "views": VIEWS,
        "sorts": SORTS,
        "priorities": PRIORITIES,
        "statuses": STATUSES,
        "reasons": REASONS,
        "channels": CHANNELS,
        "languages": LANGUAGES,
        "topics": {key: localise(topic.title, locale) for key, topic in library.topics.items()},
        "fresh": False,
    }
