"""Whether every part is ready to serve a message."""

from __future__ import annotations

import asyncio

import aiohttp
import sqlalchemy as sa
from aiohttp import web

from bot.delivery.services import SERVICES, Services


async def show_health(request: web.Request) -> web.Response:
    """200 when the engine with a model, the action server and the database are ready, else 503 naming what is not."""
    services = request.app[SERVICES]
    engine, actions, database = await asyncio.gather(
        services.engine.is_ready(), _actions_ready(request.app), _database_ready(services)
    )
    parts = {"engine": engine, "actions": actions, "database": database}
    missing = [name for name, ready in parts.items() if not ready]
    if not missing:
        return web.json_response({"status": "ok", "parts": parts})
    body = {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": f"Not ready: {', '.join(missing)}.",
        "parts": parts,
    }
    return web.json_response(body, status=503, content_type="application/problem+json")


async def _actions_ready(app: web.Application) -> bool:
    try:
        timeout = aiohttp.ClientTimeout(total=5)
        async with app[HTTP].get(f"{app[SERVICES].settings.actions}/health", timeout=timeout) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False


async def _database_ready(services: Services) -> bool:
    try:
        await asyncio.wait_for(services.database.run(lambda db: db.execute(sa.text("select 1"))), 5)
    except (sa.exc.SQLAlchemyError, TimeoutError):
        return False
    return True


HTTP = web.AppKey("http", aiohttp.ClientSession)
