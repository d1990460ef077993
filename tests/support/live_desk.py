"""A gateway with a console in a thread of its own, before which browsers can sit; the dialogue engine is a script."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.bootstrap import Core, make_core
from bot.desk.staffing import StaffingPlan
from bot.gateway.app import make_app
from bot.knowledge.library import Library
from bot.settings import Settings
from bot.storage.database import Database
from bot.storage.migrate import migrate

from .chat import Client, Gateway
from .scripted_engine import Replies, ScriptedEngine, reply
from .staff import StaffClient, staff

SECRET = bytes(range(32))
#: So that a test does not depend on the day on which it is run.
ALWAYS = StaffingPlan(week=(((0, 24 * 60),),) * 7, closed_on_holidays=False)


def now() -> datetime:
    return datetime.now(UTC)


class SteadyGateway(Gateway):
    """Comes back on the port that it had."""

    port = 0

    async def start(self) -> None:
        app = make_app(self.core, self.clock)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
        self.port = self._runner.addresses[0][1]
        self._session = aiohttp.ClientSession()
        Client.__init__(self, f"http://127.0.0.1:{self.port}", self._session)


class LiveDesk:
    """Everything runs in one loop in one thread; what is called from outside waits for its end."""

    def __init__(self, core: Core):
        self.core = core
        self.database = core.database
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.engine = ScriptedEngine(core.secret)
        self.engine.script = self.answer
        self.gateway: Gateway = None  # type: ignore[assignment]

    @classmethod
    def empty(cls, folder: Path, library: Library) -> LiveDesk:
        """One at which nothing has happened yet."""
        settings = Settings(data_dir=folder, limit_conversations="1000/minute", limit_network="1000/minute")
        database = Database(settings.database)
        migrate(database)
        return cls(make_core(settings, SECRET, library, database))

    @property
    def url(self) -> str:
        return self.gateway.url

    def start(self, *, always_staffed: bool = True) -> None:
        self.thread.start()
        self.wait(self.engine.up())
        self.gateway = SteadyGateway(self.core, now, engine_url=self.engine.url, actions_url=self.engine.url)
        self.wait(self.gateway.start())
        for company in self.core.library.companies() if always_staffed else ():
            self.do(lambda db, key=company.key: self.core.staffing.set_plan(db, key, ALWAYS, now()))

    def stop(self) -> None:
        self.wait(self.gateway.stop())
        self.wait(self.engine.down())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.database.close()

    def wait(self, coroutine: Coroutine) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def do(self, work: Callable) -> Any:
        """One unit of work on the database."""
        return self.wait(self.database.run(work))

    def staff(self, *roles: str, **fields: Any) -> StaffClient:
        """Somebody of the desk, with a session."""
        return self.wait(staff(self.gateway, *roles, **fields))

    def answer(self, body: dict) -> Replies:
        """Whoever asks for a person gets a ticket, as the custom action opens one; the rest is said again."""
        if "person" not in body["text"].lower() and "担当者" not in body["text"]:
            return [reply(f"You said: {body['text']}")]

        def open_ticket(db):
            conversation = self.core.conversations.find(db, body["conversation"])
            return self.core.tickets.open(db, conversation, body["message"], "asked", now())

        ticket, _ = self.database.transact(open_ticket)
        return [reply(f"Your case is {ticket.reference}.", ticket={"reference": ticket.reference, "status": ticket.status})]
