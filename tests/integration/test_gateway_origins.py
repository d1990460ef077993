"""The widget stands on companies' sites: those may call the desk, others may not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.knowledge.library import Library
from tests.support.chat import Gateway

from .conftest import EITHER_KIND

pytestmark = EITHER_KIND

ALLOWED = "https://www.jcom.example"
OTHER = "https://evil.example"


@pytest.fixture
def library(library) -> Library:
    """The companies, each of which names its own site only."""
    origins = {"jcom": (ALLOWED,)}
    companies = {c.key: replace(c, origins=origins.get(c.key, ())) for c in library.companies()}
    return Library(companies, library.topics, library.law, library.wording, library.follow_ups)


def preflight(origin: str, method: str = "POST") -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
async def test_a_companys_site_is_let_in(gateway: Gateway, method):
    answer = await gateway.call("OPTIONS", "/api/v1/conversations/x/messages", headers=preflight(ALLOWED, method))
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
    assert method in answer.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin", [OTHER, "null", ALLOWED + ".evil.example", "http://www.jcom.example", ALLOWED + ":8443"]
)
async def test_any_other_site_is_not(gateway, origin):
    answer = await gateway.call("OPTIONS", "/api/v1/conversations", headers=preflight(origin))
    assert "Access-Control-Allow-Origin" not in answer.headers
    answer = await gateway.call("GET", "/api/v1/companies", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_answers_and_errors_are_readable_on_the_companys_site(gateway):
    chat = await gateway.open("jcom", Origin=ALLOWED)
    for answer in (await chat.say("fee?"), await chat.history(), await chat.claiming("wrong").history()):
        assert answer.headers["Access-Control-Allow-Origin"] == ALLOWED
        assert "Origin" in answer.headers["Vary"]
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


async def test_the_desks_own_pages_are_let_in(gateway):
    answer = await gateway.call("GET", "/api/v1/companies", headers={"Origin": gateway.url})
    assert answer.headers["Access-Control-Allow-Origin"] == gateway.url


async def test_without_an_origin_nothing_is_said_about_origins(gateway):
    answer = await gateway.call("GET", "/api/v1/companies")
    assert "Access-Control-Allow-Origin" not in answer.headers
