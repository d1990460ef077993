"""Files of a ticket: opened from its story."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from bot.casework.casework import CASEWORK

from .lookup import find_ticket
from .pages import PERSON

routes = web.RouteTableDef()


@routes.get("/tickets/{reference}/files/{file}", name="ticket-file")
async def send_file(request: web.Request) -> web.Response:
    """The file, to be saved and never run: it is from outside."""
    ticket = await find_ticket(request)
    file, content = await request.config_dict[CASEWORK].files.open(request[PERSON], ticket.id, request.match_info["file"])
    return web.Response(
        body=content,
        content_type=file.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )
