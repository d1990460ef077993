"""Runs the gateway's process until it is told to stop."""

from __future__ import annotations

import logging
import sys

from aiohttp import web

from bot.bootstrap import Core, open_core
from bot.knowledge.errors import BrokenKnowledge
from bot.settings import BadSetting

from .app import make_app, trust_proxies

#: Seconds that running requests have to finish after a stop.
GRACE_SECONDS = 5.0


def serve() -> int:
    """Serve until SIGINT or SIGTERM; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        core = open_core()
    except (BadSetting, BrokenKnowledge) as error:
        print(f"The gateway cannot start. {error}", file=sys.stderr)
        return 1
    try:
        # No access log: addresses and conversation ids are personal data, and nobody reads them.
        web.run_app(
            _make(core),
            host=core.settings.host,
            port=core.settings.port,
            access_log=None,
            print=None,
            shutdown_timeout=GRACE_SECONDS,
        )
    except BadSetting as error:
        print(f"The gateway cannot start. {error}", file=sys.stderr)
        return 1
    finally:
        core.close()
    return 0


async def _make(core: Core) -> web.Application:
    app = make_app(core)
    await trust_proxies(app, core.settings)
    return app
