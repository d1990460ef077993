"""What staff do with a ticket from its page or from the queue: each act is one form."""

from __future__ import annotations

import json

from aiohttp import web

from bot.casework.casework import CASEWORK, Casework
from bot.desk.person import Person
from bot.desk.ticket import Ticket

from .forms import text_of
from .lookup import find_ticket
from .pages import PAGES, PERSON

routes = web.RouteTableDef()


async def begin(request: web.Request) -> tuple[Casework, Person, Ticket]:
    return request.config_dict[CASEWORK], request[PERSON], await find_ticket(request)


def done(request: web.Request, ticket: Ticket, told: str | None = None) -> web.Response:
    """Back to the ticket; a page that is there refreshes itself and shows what was done."""
    if request.headers.get("HX-Request"):
        triggers: dict[str, object] = {"desk:changed": {"ticket": ticket.id}}
        if told:
            triggers["toast"] = {"text": request.app[PAGES].say(request, told)}
        # Letters beyond ASCII stay escaped: a header has no others.
        return web.Response(status=204, headers={"HX-Trigger": json.dumps(triggers)})
    address = f"/desk/tickets/{ticket.reference}"
    return web.Response(status=303, headers={"Location": f"{address}?told={told}" if told else address})


@routes.post("/tickets/{reference}/take", name="take")
async def take(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    return done(request, await casework.tickets.take(person, ticket.id), "ticket.told_taken")


@routes.post("/tickets/{reference}/release", name="release")
async def release(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    return done(request, await casework.tickets.release(person, ticket.id), "ticket.told_released")


@routes.get("/tickets/{reference}/assign", name="assign-form")
async def show_assign(request: web.Request) -> web.Response:
    """Whom it may be given to; a dialog's inside, or a page where there is no script."""
    casework, person, ticket = await begin(request)
    colleagues = await casework.colleagues.list(person, ticket.company)
    fragment = bool(request.headers.get("HX-Request"))
    context = {"ticket": ticket, "colleagues": colleagues, "here": f"/desk/tickets/{ticket.reference}", "fragment": fragment}
    return request.app[PAGES].render(request, "assign_form.html" if fragment else "assign.html", **context)


@routes.post("/tickets/{reference}/assign", name="assign")
async def assign(request: web.Request) -> web.Response:
    """Give it to somebody, with a note for them if one was written."""
    casework, person, ticket = await begin(request)
    form = await request.post()
    assigned = await casework.tickets.assign(person, ticket.id, text_of(form, "to"))
    if note := text_of(form, "note"):
        await casework.notes.add(person, ticket.id, note, text_of(form, "form"))
    return done(request, assigned, "ticket.told_assigned")


@routes.post("/tickets/{reference}/close", name="close")
async def close(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    settled = text_of(await request.post(), "settled")
    return done(request, await casework.closing.close(person, ticket.id, settled), "ticket.told_closed")


@routes.post("/tickets/{reference}/reopen", name="reopen")
async def reopen(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    return done(request, await casework.closing.reopen(person, ticket.id), "ticket.told_reopened")


@routes.post("/tickets/{reference}/wait", name="wait")
async def wait(request: web.Request) -> web.Response:
    """The customer has the ball."""
    casework, person, ticket = await begin(request)
    return done(request, await casework.closing.wait(person, ticket.id))


@routes.post("/tickets/{reference}/resume", name="resume")
async def resume(request: web.Request) -> web.Response:
    """The desk has the ball again."""
    casework, person, ticket = await begin(request)
    return done(request, await casework.closing.resume(person, ticket.id))


@routes.post("/tickets/{reference}/link", name="link")
async def link(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    other = await casework.tickets.find_by_reference(person, text_of(await request.post(), "reference"))
    return done(request, await casework.links.link(person, ticket.id, other.id), "ticket.told_linked")


@routes.post("/tickets/{reference}/unlink", name="unlink")
async def unlink(request: web.Request) -> web.Response:
    casework, person, ticket = await begin(request)
    return done(request, await casework.links.unlink(person, ticket.id, text_of(await request.post(), "other")))


@routes.post("/tickets/{reference}/merge", name="merge")
async def merge(request: web.Request) -> web.Response:
    """This ticket becomes part of the other one, which is shown then."""
    casework, person, ticket = await begin(request)
    other = await casework.tickets.find_by_reference(person, text_of(await request.post(), "reference"))
    whole = await casework.links.merge(person, ticket.id, other.id)
    address = f"/desk/tickets/{whole.reference}?told=ticket.told_merged"
    if request.headers.get("HX-Request"):
        return web.Response(status=204, headers={"HX-Redirect": address})
    return web.Response(status=303, headers={"Location": address})
