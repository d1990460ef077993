"""Customers talk with the whole product; README.md in this folder says how their conversations are written."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from tests.support.chat import Answer, Chat, Client

pytestmark = pytest.mark.product

FILES = sorted(Path(__file__).parent.glob("*.yml"))
CONVERSATIONS = [
    pytest.param(one, id=one["conversation"])
    for file in FILES
    for one in yaml.safe_load(file.read_text(encoding="utf-8"))
]
CONVERSATION_KEYS = {"conversation", "company", "locale", "turns", "opens_ticket"}
TURN_KEYS = {"says", "presses", "hears", "begins", "never", "cites", "under", "offers", "ticket", "told", "kept"}


def plain(text: str) -> str:
    """Without capitals, kinds of quotation mark and the width of spaces."""
    return re.sub(r"\s+", " ", text.replace("’", "'")).casefold()


@pytest.mark.parametrize("conversation", CONVERSATIONS)
async def test_conversation(conversation: dict[str, Any], product):
    assert set(conversation) <= CONVERSATION_KEYS
    async with aiohttp.ClientSession() as session:
        chat = await Client(product.url, session).open(conversation["company"], conversation.get("locale", "en"))
        before: Answer | None = None
        for turn in conversation["turns"]:
            assert set(turn) <= TURN_KEYS
            before = await take(chat, turn, before)
            await check(chat, turn, before)
    if reason := conversation.get("opens_ticket"):
        assert before is not None
        listed = await asyncio.to_thread(product.command, "ticket", "list", "--company", conversation["company"])
        reference = before.body["state"]["ticket"]["reference"]
        (row,) = [line for line in listed.splitlines() if line.startswith(reference)]
        assert reason in row.split()
        assert ("urgent" in row.split()) == (reason == "leak")


async def take(chat: Chat, turn: dict[str, Any], before: Answer | None) -> Answer:
    """The customer says it or presses it; whoever is told to wait waits and asks again."""
    text, payload = turn.get("says", ""), None
    if title := turn.get("presses"):
        assert before is not None
        text = title
        payload = next(b["payload"] for m in before.messages for b in m["quick_replies"] if b["title"] == title)
    answer = await chat.ask(text, payload=payload)
    assert answer.status == 200, answer.body
    return answer


async def check(chat: Chat, turn: dict[str, Any], answer: Answer) -> None:
    said = plain(answer.text)
    where = f"to {turn.get('says') or turn.get('presses')!r} the desk said: {answer.text}"
    for words in turn.get("hears", ()):
        assert plain(words) in said, where
    for words in turn.get("never", ()):
        assert plain(words) not in said, where
    if "begins" in turn:
        assert said.startswith(plain(turn["begins"])), where
    citations = [citation for message in answer.messages for citation in message["citations"]]
    if turn.get("cites") == "nothing":
        assert citations == [], where
    elif "cites" in turn:
        assert any(plain(turn["cites"]) in plain(citation["quote"]) for citation in citations), where
        await check_places(chat, citations)
    if "under" in turn:
        assert any(plain(turn["under"]) in plain(citation["section"]) for citation in citations), where
    state = answer.body["state"]
    if "offers" in turn:
        assert state["offers"] == {"a person": ["handoff"], "nothing": []}[turn["offers"]], where
    if "ticket" in turn:
        assert ("opened" if state["ticket"] else "none") == turn["ticket"], where
    notices = plain("\n".join(message["text"] for message in answer.messages if message["sender"] == "system"))
    for words in turn.get("told", ()):
        assert plain(words) in notices, where
    if "kept" in turn or "says" in turn:
        history = await chat.history()
        kept = [message["text"] for message in history.messages if message["sender"] == "customer"]
        assert kept[-1] == turn.get("kept", turn.get("says"))


async def check_places(chat: Chat, citations: list[dict]) -> None:
    """Every citation leads to a place of the company's policy page."""
    for citation in citations:
        address, _, anchor = citation["url"].partition("#")
        page = await chat.client.call("GET", address.removeprefix(chat.client.url))
        assert page.status == 200
        assert f'id="{anchor}"' in page.body, citation["url"]


def test_the_files_hold_a_few_dozen_turns_on_every_company():
    conversations = [param.values[0] for param in CONVERSATIONS]
    assert sum(len(one["turns"]) for one in conversations) >= 50
    assert {one["company"] for one in conversations} == {"coocom", "cuc", "jcom", "cloco", "plusone"}
