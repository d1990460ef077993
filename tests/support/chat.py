"""The chat API from a customer's side: a gateway to talk to, a chat, what came back."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from aiohttp import web

from bot.bootstrap import Core
from bot.desk.clock import Clock
from bot.gateway.app import make_app, trust_proxies

from .waiting import DEADLINE_SECONDS, until


@dataclass(slots=True)
class Answer:
    """What the gateway answered."""

    status: int
    headers: Any
    body: Any

    @property
    def messages(self) -> list[dict]:
        return self.body["messages"]

    @property
    def text(self) -> str:
        """What the assistant said, all of it."""
        return "\n".join(message["text"] for message in self.messages if message["sender"] == "bot")

    @property
    def detail(self) -> str:
        assert self.headers["Content-Type"].startswith("application/problem+json"), self.headers["Content-Type"]
        assert self.body["status"] == self.status
        assert self.body["title"]
        return self.body["detail"]


class Client:
    """Speaks HTTP to a desk."""

    def __init__(self, url: str, session: aiohttp.ClientSession):
        self.url = url
        self.session = session

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        async with self.session.request(method, self.url + path, **options) as response:
            text = await response.text()
            body = json.loads(text) if "json" in response.content_type and text else text
            return Answer(response.status, response.headers.copy(), body)

    async def open(self, company: str = "jcom", locale: str = "en", **headers: str) -> Chat:
        """A new chat."""
        wanted = {"company": company, "locale": locale}
        answer = await self.call("POST", "/api/v1/conversations", json=wanted, headers=headers)
        assert answer.status == 201, answer.body
        return Chat(self, answer.body["id"], answer.body["token"], headers)


@dataclass(slots=True)
class Chat:
    """One conversation, as its customer has it."""

    client: Client
    id: str
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return f"/api/v1/conversations/{self.id}"

    @property
    def authorization(self) -> dict[str, str]:
        return {**self.headers, "Authorization": f"Bearer {self.token}"}

    async def say(self, text: str, *, id: str | None = None, payload: str | None = None) -> Answer:
        body = {"text": text, "client_message_id": id or uuid.uuid4().hex}
        if payload is not None:
            body["payload"] = payload
        return await self.client.call("POST", f"{self.path}/messages", json=body, headers=self.authorization)

    async def ask(self, text: str, *, id: str | None = None, payload: str | None = None) -> Answer:
        """Says it; whoever is told to wait asks again under the same id until there is an answer."""
        id = id or uuid.uuid4().hex
        return await until(lambda: self._answered(text, id, payload), 120.0)

    async def _answered(self, text: str, id: str, payload: str | None) -> Answer | None:
        answer = await self.say(text, id=id, payload=payload)
        return None if answer.status == 503 else answer

    async def history(self, after: int | str | None = None) -> Answer:
        params = {} if after is None else {"after": str(after)}
        return await self.client.call("GET", f"{self.path}/messages", params=params, headers=self.authorization)

    async def forget(self) -> Answer:
        return await self.client.call("DELETE", self.path, headers=self.authorization)

    async def listen(self, after: int = 0, *, token: str | None = None, first_frame: bool = False) -> Stream:
        """The live stream, with the token in a header or, as a browser has to, in the first frame."""
        token = self.token if token is None else token
        url = f"{self.client.url}{self.path}/stream?after={after}"
        headers = {} if first_frame else {"Authorization": f"Bearer {token}"}
        socket = await self.client.session.ws_connect(url, headers=headers)
        if first_frame:
            await socket.send_json({"token": token})
        return Stream(socket)

    def claiming(self, token: str) -> Chat:
        """The same chat by somebody who holds another token."""
        return replace(self, token=token)


class Stream:
    """Frames as they come."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse):
        self.socket = socket
        self.frames: list[dict] = []

    async def next(self, kind: str | None = None) -> dict:
        """The next frame, or the next of that type."""
        while True:
            frame = await self.socket.receive_json(timeout=DEADLINE_SECONDS)
            self.frames.append(frame)
            if kind in (None, frame["type"]):
                return frame

    async def messages(self, count: int) -> list[dict]:
        """The next so many messages."""
        return [(await self.next("message"))["message"] for _ in range(count)]

    async def closed(self) -> int | None:
        """Waits until the other side has closed; gives its code."""
        async for frame in self.socket:
            self.frames.append(json.loads(frame.data))
        return self.socket.close_code

    async def close(self) -> None:
        await self.socket.close()


class Gateway(Client):
    """A gateway in this process on a free port, with a client for it; it can be stopped and started again."""

    def __init__(self, core: Core, clock: Clock, **settings: Any):
        self.core = replace(core, settings=replace(core.settings, **settings))
        self.clock = clock
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    @property
    def app(self) -> web.Application:
        assert self._runner is not None
        return self._runner.app

    async def start(self) -> None:
        app = make_app(self.core, self.clock)
        await trust_proxies(app, self.core.settings)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._session = aiohttp.ClientSession()
        super().__init__(f"http://127.0.0.1:{self._runner.addresses[0][1]}", self._session)

    async def stop(self) -> None:
        if self._session:
            await self._session.close()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def restart(self) -> None:
        """As after a crash or an upgrade: what was in memory is gone, what was stored is there."""
        await self.stop()
        await self.start()
