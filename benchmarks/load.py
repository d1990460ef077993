"""Clients that ask an assistant, each in conversations of its own, and how long they wait."""

from __future__ import annotations

import asyncio
import statistics
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import yaml

QUESTIONS = Path(__file__).with_name("data") / "questions.yml"

#: A client begins a new conversation after this many turns.
TURNS = 10


class NoAnswer(Exception):
    """The assistant answered with an error, or with nothing."""


class Assistant(Protocol):
    """Whoever is asked."""

    async def open(self, company: str) -> Any:
        """A new conversation."""

    async def say(self, conversation: Any, text: str) -> list[dict]:
        """One message, and what is answered to it; raises NoAnswer."""


@dataclass
class Chat:
    """A conversation over the chat API."""

    id: str
    token: str
    company: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class ChatApi:
    """Our product, through its public interface."""

    def __init__(self, session: aiohttp.ClientSession, address: str):
        self.session = session
        self.address = f"{address}/api/v1/conversations"

    async def open(self, company: str, locale: str = "en") -> Chat:
        async with self.session.post(self.address, json={"company": company, "locale": locale}) as response:
            if response.status != 201:
                raise NoAnswer(f"{response.status} to a new conversation")
            body = await response.json()
        return Chat(body["id"], body["token"], company)

    async def say(self, conversation: Chat, text: str) -> list[dict]:
        return (await self.send(conversation, text, uuid.uuid4().hex))["messages"]

    async def send(self, chat: Chat, text: str, client_message_id: str) -> dict:
        """The turn that a message leads to."""
        body = {"text": text, "client_message_id": client_message_id}
        url = f"{self.address}/{chat.id}/messages"
        async with self.session.post(url, json=body, headers=chat.headers) as response:
            if response.status != 200:
                raise NoAnswer(f"{response.status} to a message")
            return await response.json()

    async def history(self, chat: Chat) -> dict:
        """All of a conversation, and its state."""
        async with self.session.get(f"{self.address}/{chat.id}/messages", headers=chat.headers) as response:
            if response.status != 200:
                raise NoAnswer(f"{response.status} to a conversation's messages")
            return await response.json()

    async def forget(self, chat: Chat) -> None:
        async with self.session.delete(f"{self.address}/{chat.id}", headers=chat.headers) as response:
            if response.status != 204:
                raise NoAnswer(f"{response.status} to forgetting a conversation")


@dataclass
class Measured:
    """How long turns took."""

    latencies: list[float] = field(default_factory=list)  #: seconds
    seconds: float = 0.0
    unanswered: int = 0

    @property
    def a_second(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    @property
    def median(self) -> float:
        """Milliseconds."""
        return 1000 * statistics.median(self.latencies)

    @property
    def p99(self) -> float:
        """Milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]

    def __add__(self, other: Measured) -> Measured:
        return Measured(self.latencies + other.latencies, self.seconds + other.seconds, self.unanswered + other.unanswered)


def read_questions() -> list[str]:
    """The questions, in the order in which they are asked."""
    return yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))


def connect() -> aiohttp.ClientSession:
    """A session without a limit of its own, so that what is measured is the assistant's."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=120))


async def ask_all(assistant: Assistant, clients: int, turns: int, questions: Sequence[str], companies: Sequence[str]) -> Measured:
    """So many turns by so many clients, each asking its next question as soon as it has an answer.

    What opening a conversation takes counts among the seconds, but is no turn.
    """
    measured = Measured()
    numbers = iter(range(turns))
    chats = count()

    async def run_client() -> None:
        conversation, asked = None, 0
        for number in numbers:
            if conversation is None or asked == TURNS:
                conversation, asked = await assistant.open(companies[next(chats) % len(companies)]), 0
            asked += 1
            began = time.perf_counter()
            try:
                await assistant.say(conversation, questions[number % len(questions)])
            except NoAnswer:
                measured.unanswered += 1
            else:
                measured.latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(run_client() for _ in range(clients)))
    measured.seconds = time.perf_counter() - began
    return measured
