"""The local mailbox of a desk that is being tried out: what would have left stands at /dev/mail, on the machine itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import jinja2
from aiohttp import web

from bot.channels.web.pages import PAGE_HEADERS
from bot.delivery.services import SERVICES
from bot.settings import Settings

HEADERS = {**PAGE_HEADERS, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}

#: Whatever a proxy says of those behind it.
FORWARDING = ("forwarded", "via", "x-real-ip", "x-client-ip", "cf-connecting-ip", "true-client-ip")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Mailbox:
    """The list and a mail."""

    def __init__(self) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def list(self, request: web.Request) -> web.Response:
        services = request.app[SERVICES]
        letters = await services.database.run(lambda db: services.core.outbox.list_kept(db, services.clock()))
        return self._show("list.html", letters=letters)

    async def show(self, request: web.Request) -> web.Response:
        services, id = request.app[SERVICES], request.match_info["letter"]
        letter = await services.database.run(lambda db: services.core.outbox.find_kept(db, id, services.clock()))
        if letter is None:
            raise web.HTTPNotFound
        return self._show("mail.html", letter=letter)

    def _show(self, template: str, **values: object) -> web.Response:
        text = self._templates.get_template(template).render(**values)
        return web.Response(text=text, content_type="text/html", charset="utf-8", headers=HEADERS)


def routes(settings: Settings) -> list[web.RouteDef]:
    """The mailbox's routes: none where mail leaves, or where the desk is not only being tried out."""
    if not settings.keeps_mail:
        return []
    mailbox = Mailbox()
    return [
        web.get("/dev/mail", here_only(mailbox.list), name="mailbox"),
        web.get("/dev/mail/{letter}", here_only(mailbox.show), name="mailbox-mail"),
    ]


def here_only(handler: Handler) -> Handler:
    """For whoever sits at this machine; for everybody else there is nothing at that address."""

    async def check(request: web.Request) -> web.StreamResponse:
        if not is_here(request):
            raise web.HTTPNotFound
        return await handler(request)

    return check


def is_here(request: web.Request) -> bool:
    """Whether it comes over loopback, through no proxy, and for this machine's own name.

    A page elsewhere may have its own name lead to this machine to read what stands here, hence the last.
    """
    names = {name.lower() for name in request.headers}
    if any(name in FORWARDING or name.startswith("x-forwarded") for name in names):
        return False
    host = urlsplit(f"//{request.host}").hostname or ""
    return _is_loopback(request.remote or "") and (host == "localhost" or _is_loopback(host))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
