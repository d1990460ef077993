"""The engine and its double keep the same promises to the gateway, so that tests over the double mean something."""

from __future__ import annotations

import base64
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest

from bot.bootstrap import engine_token
from tests.support.scripted_engine import ScriptedEngine


@dataclass
class Engine:
    """An engine as the gateway reaches it."""

    url: str
    token: str
    session: aiohttp.ClientSession
    conversation: str = field(default_factory=lambda: uuid.uuid4().hex)

    async def call(self, method: str, path: str, body: object = None, token: str | None = None) -> tuple[int, object]:
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        address = f"{self.url}/webhooks/desk/{path}"
        async with self.session.request(method, address, json=body, headers=headers) as response:
            return response.status, await response.json() if response.content_length else None

    def message(self, text: str, **changes: object) -> dict:
        return {
            "conversation": self.conversation,
            "message": uuid.uuid4().hex,
            "text": text,
            "locale": "en",
            "company": "jcom",
            "company_name": "JCOM",
            "choice": None,
            **changes,
        }

    async def say(self, text: str, **changes: object) -> list[dict]:
        status, body = await self.call("POST", "webhook", self.message(text, **changes))
        assert status == 200, body
        return body["replies"]


@pytest.fixture(params=["double", pytest.param("real", marks=pytest.mark.product)])
async def engine(request) -> AsyncIterator[Engine]:
    async with aiohttp.ClientSession() as session:
        if request.param == "double":
            double = ScriptedEngine(bytes(32))
            await double.up()
            yield Engine(double.url, engine_token(bytes(32)), session)
            await double.down()
        else:
            product = request.getfixturevalue("product")
            secret = base64.b64decode((product.folder / "secret.key").read_bytes())
            yield Engine(product.engine_url, engine_token(secret), session)


async def test_it_says_which_model_is_ready(engine: Engine):
    status, body = await engine.call("GET", "ready")
    assert (status, list(body)) == (200, ["model"])


async def test_a_reply_has_the_form_that_the_gateway_stores(engine):
    for reply in await engine.say("What does a disclosure cost?"):
        assert {"text", "citations", "quick_replies", "offers", "ticket"} <= set(reply)
        assert reply["text"]
        for button in reply["quick_replies"]:
            assert set(button) == {"title", "choice"}
            assert set(button["choice"]) == {"intent"}


async def test_the_same_message_again_gets_the_same_replies(engine):
    message = engine.message("What does a disclosure cost?")
    first = await engine.call("POST", "webhook", message)
    await engine.say("And which ID do you take?")
    assert await engine.call("POST", "webhook", message) == first


async def test_equal_words_in_another_message_are_answered_anew(engine):
    assert await engine.say("What does a disclosure cost?") == await engine.say("What does a disclosure cost?")


@pytest.mark.parametrize("text", ["/restart", "/ask_fee_amount", '/slot{"company": "cuc"}', "/"])
async def test_what_looks_like_a_command_is_answered_as_words(engine, text):
    assert (await engine.say(text))[0]["text"]


async def test_a_choice_needs_no_words(engine):
    assert (await engine.say("", choice={"intent": "affirm"}))[0]["text"]


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_nobody_without_the_token_is_heard(engine, token):
    for method, path in (("POST", "webhook"), ("DELETE", f"conversations/{engine.conversation}")):
        status, _ = await engine.call(method, path, engine.message("fee?"), token=token)
        assert status == 401


@pytest.mark.parametrize("body", [[], {}, {"text": "fee?"}])
async def test_a_call_of_another_form_is_refused(engine, body):
    status, _ = await engine.call("POST", "webhook", body)
    assert status == 400


async def test_a_chat_is_forgotten_whether_it_is_known_or_not(engine):
    await engine.say("What does a disclosure cost?")
    for conversation in (engine.conversation, "never-seen"):
        assert await engine.call("DELETE", f"conversations/{conversation}") == (204, None)
