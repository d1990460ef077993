"""A double of the dialogue engine: a real server on loopback that speaks the engine's channel, by a script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from bot.bootstrap import engine_token

Replies = list[dict]


def reply(text: str, **parts: object) -> dict:
    """A reply as the engine gives it."""
    return {"text": text, "citations": [], "quick_replies": [], "offers": [], "ticket": None, **parts}


def echo(body: dict) -> Replies:
    return [reply(f"You said: {body['text']}")]


class ScriptedEngine:
    """Answers by `script`; `mood` says what goes wrong. The same message again gives the same replies.

    It also answers for the action server's health, which the gateway asks about beside the engine's.
    """

    MOODS = ("answering", "empty", "failing", "without actions", "garbage", "no replies", "textless", "not ready")

    def __init__(self, secret: bytes):
        self._authorization = f"Bearer {engine_token(secret)}"
        self._runner: web.AppRunner | None = None
        self.port = 0
        self.script: Callable[[dict], Replies] = echo
        self.mood = "answering"
        self.actions_healthy = True
        self.hold: asyncio.Event | None = None  #: where set, no message is answered before it is
        self.received: list[dict] = []  #: every call that came in
        self.ran: list[str] = []  #: ids of the messages that were really run, in order
        self.running: set[str] = set()  #: conversations that a message is being run for
        self.overlaps = 0  #: how often two messages of one conversation ran at once
        self.forgotten: list[str] = []
        self.remembered: set[str] = set()  #: conversations that dialogue state is held of
        self._replies: dict[str, Replies] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def up(self) -> None:
        """Listen; on the same port as before where it was up before."""
        app = web.Application()
        app.router.add_post("/webhooks/desk/webhook", self._take)
        app.router.add_get("/webhooks/desk/ready", self._ready)
        app.router.add_delete("/webhooks/desk/conversations/{conversation}", self._forget)
        app.router.add_get("/health", self._health)
        self._runner = web.AppRunner(app, shutdown_timeout=0.05)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def down(self) -> None:
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def texts(self) -> list[str]:
        """What it was asked, each message once, in order."""
        return list({body["message"]: body["text"] for body in self.received}.values())

    async def _take(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != self._authorization:
            return web.json_response({"error": "The token is missing or wrong."}, status=401)
        body = await request.json()
        if not isinstance(body, dict) or not {"conversation", "message", "text", "choice"} <= set(body):
            return web.json_response({"error": "A field is missing."}, status=400)
        self.received.append(body)
        conversation, message = body["conversation"], body["message"]
        self.overlaps += conversation in self.running
        self.running.add(conversation)
        try:
            if self.hold:
                await self.hold.wait()
            if message not in self._replies:
                match self.mood:
                    case "empty":
                        return web.json_response({"replies": []})
                    case "failing":
                        return web.Response(status=500, text="Internal Server Error")
                    case "without actions":
                        return web.json_response({"unavailable": "actions"}, status=503)
                    case "garbage":
                        return web.Response(text="<html>", content_type="application/json")
                    case "no replies":
                        return web.json_response({"answers": 1})
                    case "textless":
                        return web.json_response({"replies": [{"custom": {}}, None]})
                self.ran.append(message)
                self._replies[message] = self.script(body)
            self.remembered.add(conversation)
            return web.json_response({"replies": self._replies[message]})
        finally:
            self.running.discard(conversation)

    async def _ready(self, _: web.Request) -> web.Response:
        return web.json_response({"model": "scripted"}, status=503 if self.mood == "not ready" else 200)

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"}, status=200 if self.actions_healthy else 503)

    async def _forget(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != self._authorization:
            return web.json_response({"error": "The token is missing or wrong."}, status=401)
        conversation = request.match_info["conversation"]
        self.forgotten.append(conversation)
        self.remembered.discard(conversation)
        return web.Response(status=204)
