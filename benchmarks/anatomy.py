"""What a turn costs in each process of ours, by asking each of them alone and by itself."""

from __future__ import annotations

import asyncio
import statistics
import time
import uuid
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import aiohttp
import yaml

from bot.knowledge.library import Library

from .load import ChatApi, NoAnswer
from .product import ROOT, Product
from .report import make_table

RULES = ROOT / "bot" / "dialogue" / "rules"


@dataclass(frozen=True)
class Cost:
    """What one piece of a turn takes by itself."""

    piece: str
    median: float  #: milliseconds
    mean: float


@dataclass
class Times:
    """Seconds of each piece, over all questions."""

    parse: list[float]
    action: list[float]
    engine: list[float]
    turn: list[float]


async def measure(session: aiohttp.ClientSession, product: Product, library: Library, questions: list[str]) -> list[Cost]:
    """Each question to the classifier, the action server, the engine and the gateway, one call after the other."""
    engine, actions = product.settings.engine, product.settings.actions
    headers = {"Authorization": f"Bearer {product.engine_token}"}
    api = ChatApi(session, product.address)
    rules = await asyncio.to_thread(read_rules)
    times = Times([], [], [], [])
    for company in library.companies()[:2]:
        about = {"company": company.key, "company_name": company.short["en"], "locale": "en"}
        conversation, chat = uuid.uuid4().hex, await api.open(company.key)
        for place, text in enumerate(questions):
            if place % 10 == 0:
                conversation, chat = uuid.uuid4().hex, await api.open(company.key)
            message = {**about, "message": uuid.uuid4().hex}
            parsed = await clock(times.parse, post(session, f"{engine}/model/parse", {"text": text}, headers))
            action = rules.get(parsed["intent"]["name"])
            if action:
                body = as_action_call(action, conversation, {**parsed, "metadata": message}, about)
                await clock(times.action, post(session, f"{actions}/webhook", body))
            else:
                times.action.append(0.0)  # the engine's own phrase; no action is called
            call = {**message, "conversation": conversation, "text": text, "choice": None}
            await clock(times.engine, post(session, f"{engine}/webhooks/desk/webhook", call, headers))
            await clock(times.turn, api.say(chat, text))
    gateway = [max(turn - engine, 0.0) for turn, engine in zip(times.turn, times.engine, strict=True)]
    dialogue = [
        max(engine - parse - action, 0.0) for engine, parse, action in zip(times.engine, times.parse, times.action, strict=True)
    ]
    pieces = [
        ("gateway: store, encrypt, deliver (turn less engine)", gateway),
        ("engine: understanding (`/model/parse`)", times.parse),
        ("engine: dialogue and tracker (engine less understanding less action)", dialogue),
        ("action server: the answer", times.action),
        ("the whole turn", times.turn),
    ]
    return [Cost(name, 1000 * statistics.median(values), 1000 * statistics.mean(values)) for name, values in pieces]


async def clock(into: list[float], call: Awaitable[Any]) -> Any:
    """What a call gives, which begins only now; its seconds are added to the list."""
    began = time.perf_counter()
    result = await call
    into.append(time.perf_counter() - began)
    return result


async def post(session: aiohttp.ClientSession, url: str, body: dict, headers: dict[str, str] | None = None) -> Any:
    async with session.post(url, json=body, headers=headers or {}) as response:
        if response.status != 200:
            raise NoAnswer(f"{response.status} from {url.rsplit('/', 1)[-1]}")
        return await response.json()


def as_action_call(action: str, conversation: str, latest: dict, slots: dict) -> dict:
    """What the engine posts to the action server for the first message of a conversation."""
    return {
        "next_action": action,
        "sender_id": conversation,
        "version": "3.6.21",
        "domain": {},
        "tracker": {
            "sender_id": conversation,
            "slots": slots,
            "latest_message": latest,
            "latest_action_name": "action_listen",
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
        },
    }


def read_rules() -> dict[str, str]:
    """The custom action that an intent leads to, where no condition decides."""
    found = {}
    for file in sorted(RULES.rglob("*.yml")):
        for rule in yaml.safe_load(file.read_text(encoding="utf-8"))["rules"]:
            first, second = (rule["steps"] + [{}, {}])[:2]
            action = second.get("action", "")
            if not rule.get("condition") and action.startswith("action_"):
                for step in first.get("or", [first]):
                    found[step["intent"]] = action
    return found


def tell(costs: list[Cost]) -> str:
    """A table."""
    rows = [(cost.piece, f"{cost.median:.1f}", f"{cost.mean:.1f}") for cost in costs]
    head = "One client's turn of ours, piece by piece, each called by itself (milliseconds):\n\n"
    return head + make_table(["", "median", "mean"], rows)
