"""Customers who do not give up: they send a message again until they have its answer, as the widget does."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import aiohttp
import yaml

from .load import Chat, ChatApi, NoAnswer

T = TypeVar("T")

SCRIPTS = Path(__file__).with_name("data") / "conversations.yml"
#: Seconds between two tries to send a message; the last one stays.
BACKOFF = (0.1, 0.3, 0.6, 1.0, 2.0)
#: A message without an answer after this is lost.
GIVE_UP = 180.0

#: What is said, or {"press": n} for the nth quick reply of the last answer.
Step = str | dict[str, int]


class Lost(Exception):
    """A message was refused, or had no answer within all patience."""


@dataclass
class Talk:
    """One conversation as its customer lived it."""

    script: int
    company: str
    locale: str = "en"
    watched: bool = False  #: its stream is followed, too
    chat: Chat | None = None
    said: list[str] = field(default_factory=list)
    answers: list[list[dict]] = field(default_factory=list)  #: messages that came of each
    ticket: str | None = None
    tries: int = 0  #: beyond the first of each message
    lost: str = ""  #: why, if anything was
    seen: list[int] = field(default_factory=list)  #: sequences that came over the stream
    news: asyncio.Event = field(default_factory=asyncio.Event)  #: set when something came over the stream


class Progress:
    """Counts answers, and wakes who waits for a number of them."""

    def __init__(self) -> None:
        self.answers = 0
        self._reached: dict[int, asyncio.Event] = {}

    def add(self) -> None:
        self.answers += 1
        for number, reached in self._reached.items():
            if self.answers >= number:
                reached.set()

    async def reach(self, number: int) -> None:
        """Returns once there are so many."""
        if self.answers < number:
            await self._reached.setdefault(number, asyncio.Event()).wait()


class Customer(ChatApi):
    """One who insists."""

    def __init__(self, session: aiohttp.ClientSession, address: str, progress: Progress):
        super().__init__(session, address)
        self.progress = progress

    async def talk(self, talk: Talk, steps: list[Step]) -> None:
        """Say everything, each when the one before is answered."""
        try:
            talk.chat = await self._insist(talk, lambda: self.open(talk.company, talk.locale))
            watcher = asyncio.create_task(self._watch(talk)) if talk.watched else None
            for step in steps:
                await self._say(talk, step)
            if watcher:
                await self._see_all(talk, watcher)
        except Lost as error:
            talk.lost = str(error)

    async def _say(self, talk: Talk, step: Step) -> None:
        body = {"text": step if isinstance(step, str) else "Yes, please.", "client_message_id": uuid.uuid4().hex}
        if isinstance(step, dict):
            offered = [button for message in talk.answers[-1] for button in message["quick_replies"]]
            if len(offered) >= step["press"]:
                button = offered[step["press"] - 1]
                body |= {"text": button["title"], "payload": button["payload"]}
        talk.said.append(body["text"])
        turn = await self._insist(talk, lambda: self._post(talk.chat, body))
        talk.answers.append(turn["messages"])
        self.progress.add()
        if turn["state"]["ticket"]:
            talk.ticket = turn["state"]["ticket"]["reference"]

    async def _post(self, chat: Chat, body: dict) -> dict:
        url = f"{self.address}/{chat.id}/messages"
        async with self.session.post(url, json=body, headers=chat.headers) as response:
            if 400 <= response.status < 500:
                raise Lost(f"a message was refused with {response.status}")
            if response.status != 200:
                raise NoAnswer(str(response.status))
            return await response.json()

    async def _insist(self, talk: Talk, call: Callable[[], Awaitable[T]]) -> T:
        deadline = time.monotonic() + GIVE_UP
        for tries in itertools.count():
            try:
                return await call()
            except (NoAnswer, aiohttp.ClientError, TimeoutError, OSError) as error:
                if time.monotonic() > deadline:
                    raise Lost(f"no answer in {GIVE_UP:.0f} seconds ({type(error).__name__})") from None
            talk.tries += 1
            await asyncio.sleep(BACKOFF[min(tries, len(BACKOFF) - 1)])
        raise AssertionError("unreachable")

    async def _watch(self, talk: Talk) -> None:
        """Follow the stream, coming back after the last sequence seen whenever it breaks off."""
        url = f"{self.address.replace('http', 'ws', 1)}/{talk.chat.id}/stream"
        while True:
            after = max(talk.seen, default=0)
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with self.session.ws_connect(f"{url}?after={after}", headers=talk.chat.headers) as socket:
                    async for frame in socket:
                        body = frame.json()
                        if body["type"] == "message":
                            talk.seen.append(body["message"]["sequence"])
                            talk.news.set()
            await asyncio.sleep(BACKOFF[0])

    async def _see_all(self, talk: Talk, watcher: asyncio.Task) -> None:
        """Wait until the stream has brought all that the conversation holds, and a moment for what comes twice."""
        history = await self._insist(talk, lambda: self.history(talk.chat))
        try:
            while len(set(talk.seen)) < len(history["messages"]):
                talk.news.clear()
                await asyncio.wait_for(talk.news.wait(), GIVE_UP)
            await asyncio.sleep(0.2)
        except TimeoutError:
            raise Lost("the stream did not bring everything") from None
        finally:
            watcher.cancel()


def read_scripts() -> list[list[Step]]:
    """What the customers say."""
    return yaml.safe_load(SCRIPTS.read_text(encoding="utf-8"))
