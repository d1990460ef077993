"""A shift's end: all open tickets of one person go to another, or back to nobody."""

from __future__ import annotations

import json

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.desk.person import Permission

from .forms import go, text_of
from .pages import PAGES, PERSON

routes = web.RouteTableDef()


@routes.get("/shift", name="shift-form")
async def show_form(request: web.Request) -> web.Response:
    """To whom; a dialog's inside, or a page where there is no script. `of` is whose, for who may assign others' tickets."""
    person, casework = request[PERSON], request.config_dict[CASEWORK]
    person.require(Permission.WORK_TICKETS)
    colleagues = await casework.colleagues.list(person)
    giver = next((one for one in colleagues if one.id == request.query.get("of", person.id)), None)
    fragment = bool(request.headers.get("HX-Request"))
    context = {"colleagues": [one for one in colleagues if one != giver], "giver": giver, "fragment": fragment}
    return request.app[PAGES].render(request, "shift_form.html" if fragment else "shift.html", **context)


@routes.post("/shift", name="shift")
async def hand_over(request: web.Request) -> web.Response:
    """Does it, and says how many went."""
    person, form = request[PERSON], await request.post()
    count = await request.config_dict[CASEWORK].tickets.hand_over(
        person, text_of(form, "to") or None, of=text_of(form, "of") or None
    )
    if request.headers.get("HX-Request"):
        told = {"text": request.app[PAGES].say(request, "queue.told_handed_over", count=count)}
        return web.Response(status=204, headers={"HX-Trigger": json.dumps({"desk:changed": {}, "toast": told})})
    return go("/desk", "queue.told_handed_over_all")
