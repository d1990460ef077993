"""The console's application, mounted at /desk."""

from __future__ import annotations

from aiohttp import web

from bot.bootstrap import Core
from bot.channels.web.assets import FOREVER, Assets

from . import (
    account,
    acts,
    audit,
    canned,
    composer,
    desks,
    events,
    files,
    marks,
    people,
    policy,
    provider,
    queue,
    register,
    search,
    second_factor,
    shift,
    sign_in,
    suggestions,
    supervision,
    ticket,
    welcome,
)
from .errors import translate_errors
from .identity_provider import IdentityProvider
from .pages import HEADERS, HERE, PAGES, Pages
from .session import anonymous, find_session

#: Modules with a table of routes each.
ROUTES: tuple[web.RouteTableDef, ...] = (
    sign_in.routes,
    welcome.routes,
    account.routes,
    second_factor.routes,
    people.routes,
    provider.routes,
    queue.routes,
    events.routes,
    ticket.routes,
    acts.routes,
    marks.routes,
    composer.routes,
    suggestions.routes,
    files.routes,
    policy.routes,
    search.routes,
    register.routes,
    shift.routes,
    audit.routes,
    canned.routes,
    desks.routes,
    supervision.routes,
)

#: A request's body; an attachment has 10 MB at most, and its form a little more.
LARGEST_BODY = 11 * 1024 * 1024


def make_console(core: Core) -> web.Application:
    """The sub-application; the services are the parent's (`request.config_dict[SERVICES]`)."""
    app = web.Application(middlewares=[secure, translate_errors, find_session], client_max_size=LARGEST_BODY)
    app[PAGES] = Pages(Assets(HERE / "static", entry=None))
    app[provider.PROVIDER] = IdentityProvider(core.settings)
    app.router.add_get("/static/{version}/{name:.+}", show_asset, name="console-asset")
    for routes in ROUTES:
        app.add_routes(routes)
    return app


@anonymous
async def show_asset(request: web.Request) -> web.Response:
    asset = request.app[PAGES].assets.find(request.match_info["name"])
    if asset is None:
        raise web.HTTPNotFound
    return asset.answer(request, FOREVER)


@web.middleware
async def secure(request: web.Request, handler) -> web.StreamResponse:
    """Every answer carries the console's headers."""
    response = await handler(request)
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
    return response
