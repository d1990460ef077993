"""Writing: replies that are held for a moment, private notes, drafts, files, ready replies."""

from __future__ import annotations

from aiohttp import web

from bot.desk.ticket import Ticket

routes = web.RouteTableDef()


async def compose(request: web.Request, ticket: Ticket) -> dict:
    """What the form needs."""
    return {"draft": None, "unsent": (), "form": ""}
