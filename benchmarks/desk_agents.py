"""Staff at their consoles: signed in by a session of their own, asking for pages and listening to the desk's events."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from sqlalchemy.engine import Connection

from bot.bootstrap import Core
from bot.console.session import csrf_of
from bot.desk.clock import now
from bot.desk.person import Person, Role


class NotShown(Exception):
    """The console answered with something else than the page."""


def list_people(core: Core) -> list[Person]:
    """Who works at the kept desk, agents of all companies first."""
    people = core.database.transact(core.people.list)
    return sorted(people, key=lambda person: (Role.AGENT not in person.roles, not person.all_companies, person.id))


def sign_in(core: Core, person: Person) -> str:
    """The token of a new session, noted as the sign-in page notes it."""

    def work(db: Connection) -> str:
        core.people.seen(db, person.id, now())
        return core.sessions.open(db, person, "benchmark", now())[1]

    return core.database.transact(work)


@dataclass
class Console:
    """One person's browser."""

    session: aiohttp.ClientSession
    address: str
    person: Person
    token: str
    csrf: str
    came_back: list[float] = field(default_factory=list)  #: seconds without a stream, each time it was lost

    @classmethod
    def open(cls, session: aiohttp.ClientSession, address: str, core: Core, person: Person) -> Console:
        token = sign_in(core, person)
        return cls(session, address, person, token, csrf_of(core, token))

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": f"desk={self.token}"}

    async def show(self, path: str) -> str:
        """A page, or a fragment of one."""
        async with self.session.get(self.address + path, headers=self.headers, allow_redirects=False) as response:
            return await self._read(response, path)

    async def send(self, path: str, **form: str) -> str:
        """What a form leads to, as htmx asks for it."""
        headers = {**self.headers, "X-CSRF-Token": self.csrf, "HX-Request": "true"}
        async with self.session.post(self.address + path, data=form, headers=headers, allow_redirects=False) as response:
            return await self._read(response, path)

    async def _read(self, response: aiohttp.ClientResponse, path: str) -> str:
        text = await response.text()
        if response.status not in (200, 204, 303):
            raise NotShown(f"{response.status} to {path.partition('?')[0]}")
        return text

    async def listen(self, heard: Callable[[str, dict], Any], back: Callable[[], Any] | None = None, ticket: str = "") -> None:
        """Follow the events until cancelled, coming back as a browser does; `back` is called whenever it has."""
        url = f"{self.address}/desk/events{f'?ticket={ticket}' if ticket else ''}"
        headers = {**self.headers, "Accept": "text/event-stream"}
        tries, lost = 0, None
        while True:
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with self.session.get(url, headers=headers, timeout=aiohttp.ClientTimeout(total=None)) as response:
                    if response.status != 200:
                        raise aiohttp.ClientError
                    tries = 0
                    if lost is not None:
                        self.came_back.append(time.monotonic() - lost)
                        lost = None
                    if back:
                        back()
                    await _read_events(response, heard)
            lost = lost or time.monotonic()
            # As live.js does.
            await asyncio.sleep(min(15.0, 0.5 * 2**tries) * random.uniform(0.7, 1.3))
            tries += 1


async def _read_events(response: aiohttp.ClientResponse, heard: Callable[[str, dict], Any]) -> None:
    kind = ""
    async for line in response.content:
        if line.startswith(b"event: "):
            kind = line[7:].decode().strip()
        elif line.startswith(b"data: "):
            heard(kind, json.loads(line[6:]))
