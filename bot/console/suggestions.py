"""What the text of a reply or a note is helped with: ready replies, colleagues to mention."""

from __future__ import annotations

from aiohttp import web

from bot.desk.errors import UnknownCanned

from .acts import begin
from .pages import PAGES

routes = web.RouteTableDef()


@routes.get("/tickets/{reference}/canned", name="canned")
async def list_canned(request: web.Request) -> web.Response:
    """Ready replies that fit the ticket; each is filled in when it is chosen."""
    casework, person, ticket = await begin(request)
    options = [
        {
            "id": one.id,
            "title": one.title,
            "hint": f"/{one.shortcut} · {' '.join(one.body.split())[:120]}",
            "find": f"{one.shortcut} {one.title}",
            "filled": f"/desk/tickets/{ticket.reference}/canned/{one.id}",
        }
        for one in await casework.canned.list_for(person, ticket.id)
    ]
    return request.app[PAGES].render(request, "suggestions.html", options=options)


@routes.get("/tickets/{reference}/canned/{id}", name="canned-filled")
async def fill_canned(request: web.Request) -> web.Response:
    """A ready reply with its variables filled in for this ticket, as plain text."""
    casework, person, ticket = await begin(request)
    wanted = request.match_info["id"]
    found = next((one for one in await casework.canned.list_for(person, ticket.id) if one.id == wanted), None)
    if found is None:
        raise UnknownCanned(UnknownCanned.__doc__)
    return web.Response(text=await casework.replies.fill(person, ticket.id, found.body))


@routes.get("/tickets/{reference}/mentionable", name="mentionable")
async def list_mentionable(request: web.Request) -> web.Response:
    """Whom a note may mention."""
    casework, person, ticket = await begin(request)
    others = [one for one in await casework.notes.list_mentionable(person, ticket.id) if one.id != person.id]
    options = [{"id": one.id, "title": one.name, "find": one.name, "text": f"@{one.name} "} for one in others]
    return request.app[PAGES].render(request, "suggestions.html", options=options)
