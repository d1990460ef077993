"""The gateway: the aiohttp application, the only process that faces a network."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web
from aiohttp_remotes import XForwardedFiltered, setup

from bot.bootstrap import Core, engine_token
from bot.casework.casework import CASEWORK, make_casework
from bot.channels.mail.routes import make_postman
from bot.channels.mail.routes import mount as mount_mail
from bot.channels.web.routes import mount as mount_web
from bot.console.app import make_console
from bot.delivery.audit_heads import keep_writing_heads, try_to_write_head
from bot.delivery.deadlines import keep_watching
from bot.delivery.measuring import keep_measuring
from bot.delivery.post import POST, Post
from bot.delivery.request_retention import keep_erasing
from bot.delivery.retention import keep_sweeping
from bot.delivery.returning import expect_staff
from bot.delivery.services import SERVICES, make_services
from bot.delivery.ticking import keep_ticking
from bot.desk.clock import Clock, now
from bot.dialogue.client import EngineClient
from bot.settings import BadSetting, Settings

from .cors import allow_origins
from .health import HTTP, show_health
from .problems import translate_errors

#: A request's body; a message has at most 4,000 characters, a file is refused before it is read.
LARGEST_BODY = 64 * 1024

#: What the gateway does by itself, again and again, as long as it runs.
KEEPERS = (keep_sweeping, keep_erasing, keep_ticking, keep_watching, keep_measuring, keep_writing_heads)


def make_app(core: Core, clock: Clock = now) -> web.Application:
    """The application over an opened core; it closes nothing that it did not open."""
    app = web.Application(middlewares=[allow_origins, translate_errors], client_max_size=LARGEST_BODY)

    async def run_services(app: web.Application) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=30)
        async with aiohttp.ClientSession(connector=connector) as session:
            engine = EngineClient(session, core.settings.engine, engine_token(core.secret))
            services = make_services(core, clock, engine)
            post = Post(core, services.streams, clock, make_postman(core.settings))
            app[HTTP], app[SERVICES], app[POST] = session, services, post
            app[CASEWORK] = make_casework(services)
            await expect_staff(services)
            await services.turns.resume()
            post.start()
            keeping = [asyncio.create_task(keep(services)) for keep in KEEPERS]
            yield
            for task in keeping:
                task.cancel()
            await post.close()
            await services.turns.close()
            await services.handovers.close()
            await try_to_write_head(services)

    async def end_streams(app: web.Application) -> None:
        app[SERVICES].streams.close_all()
        app[SERVICES].feed.close_all()

    app.cleanup_ctx.append(run_services)
    app.on_shutdown.append(end_streams)
    app.router.add_get("/healthz", show_health, name="health")
    mount_web(app, core)
    mount_mail(app, core)
    app.add_subapp("/desk", make_console(core))
    return app


async def trust_proxies(app: web.Application, settings: Settings) -> None:
    """Believe the forwarding headers of the proxies that the settings name, and of nobody else."""
    if not settings.trusted_proxies:
        return
    try:
        networks = [ipaddress.ip_network(part.strip()) for part in settings.trusted_proxies.split(",")]
    except ValueError:
        raise BadSetting(
            f"DESK_TRUSTED_PROXIES is {settings.trusted_proxies!r}, but must be networks such as 10.0.0.0/8,172.16.0.1."
        ) from None
    await setup(app, TrustedProxies(networks))


class TrustedProxies(XForwardedFiltered):
    """Believes a forwarding header only if the connection itself comes from a trusted network."""

    def __init__(self, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]):
        super().__init__({str(network) for network in networks})
        self._networks = networks

    @web.middleware
    async def middleware(self, request: web.Request, handler) -> web.StreamResponse:
        try:
            peer = ipaddress.ip_address(request.remote or "")
        except ValueError:
            return await handler(request)
        if not any(peer in network for network in self._networks):
            return await handler(request)
        return await super().middleware(request, handler)
