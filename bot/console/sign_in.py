"""Signing in and out."""

from __future__ import annotations

from aiohttp import web

from .pages import PAGES
from .session import public

routes = web.RouteTableDef()


@routes.get("/sign-in", name="sign_in")
@public
async def show_sign_in(request: web.Request) -> web.Response:
    return request.app[PAGES].render(request, "sign_in.html")
