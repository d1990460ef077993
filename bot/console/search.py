"""The search field: a reference leads straight to its ticket, everything else to a list of hits."""

from __future__ import annotations

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.desk.person import Permission
from bot.desk.search import Filters
from bot.desk.ticket import STATUSES

from .forms import text_of
from .pages import PAGES, PERSON

routes = web.RouteTableDef()


@routes.get("/search", name="search")
async def show_search(request: web.Request) -> web.Response:
    """The empty page."""
    request[PERSON].require(Permission.SEE_TICKETS)
    return request.app[PAGES].render(request, "search.html", statuses=STATUSES, typed="", filters=Filters(), hits=None)


@routes.post("/search", name="search-hits")
async def search(request: web.Request) -> web.Response:
    """What was typed may be somebody's address: it travels in a form, never in an address that logs keep."""
    person, pages = request[PERSON], request.app[PAGES]
    form = await request.post()
    typed = text_of(form, "q").strip()
    filters = Filters(company=text_of(form, "company") or None, status=text_of(form, "status") or None)
    hits = await request.config_dict[CASEWORK].searching.search(person, typed, filters, text_of(form, "cursor") or None)
    if hits.kind == "reference" and len(hits.hits) == 1:
        address = f"/desk/tickets/{hits.hits[0].reference}"
        if request.headers.get("HX-Request"):
            return web.Response(status=204, headers={"HX-Redirect": address})
        return web.Response(status=303, headers={"Location": address})
    template = "search_hits.html" if request.headers.get("HX-Request") else "search.html"
    return pages.render(request, template, statuses=STATUSES, typed=typed, filters=filters, hits=hits)
