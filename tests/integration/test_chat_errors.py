"""Whatever is wrong with a call, the answer is a problem document with a sentence that a person can act on."""

from __future__ import annotations

import json

import pytest

from tests.support.chat import Answer, Gateway

from .conftest import EITHER_KIND

pytestmark = EITHER_KIND

UNREADABLE = [b"", b"{", b"null", b"[]", b"\xff\xfe", b'"text"', b"{'text': 1}", b'{"text": "\\ud800"}', b"[" * 10_000]


async def post(gateway: Gateway, path: str, body, **headers: str) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await gateway.call("POST", path, data=data, headers={"Content-Type": "application/json", **headers})


@pytest.mark.parametrize("body", UNREADABLE)
async def test_what_is_no_json_object_is_400(gateway, body):
    assert (await post(gateway, "/api/v1/conversations", body)).detail
    hana = await gateway.open()
    answer = await post(gateway, f"{hana.path}/messages", body, **hana.authorization)
    assert answer.status == 400
    assert answer.detail


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"client_message_id": "1"}, "text"),
        ({"text": "fee?"}, "client_message_id"),
        ({"text": None, "client_message_id": "1"}, "text"),
        ({"text": 7, "client_message_id": "1"}, "text"),
        ({"text": "fee?", "client_message_id": 1}, "client_message_id"),
        ({"text": "fee?", "client_message_id": ""}, "client_message_id"),
        ({"text": "fee?", "client_message_id": "x" * 129}, "client_message_id"),
        ({"text": "fee?", "client_message_id": "1", "payload": {"intent": "affirm"}}, "payload"),
        ({"text": "", "client_message_id": "1"}, "text"),
        ({"text": " \n\u3000", "client_message_id": "1"}, "text"),
    ],
)
async def test_a_missing_or_odd_field_is_400_and_named(gateway, engine, body, field):
    hana = await gateway.open()
    answer = await post(gateway, f"{hana.path}/messages", body, **hana.authorization)
    assert answer.status == 400
    assert field in answer.detail
    assert (await hana.history()).messages == []


@pytest.mark.parametrize(
    "body", [{}, {"company": 1}, {"company": ""}, {"company": "jcom", "locale": "?"}, {"locale": "en"}]
)
async def test_a_chat_without_a_company_or_with_an_odd_locale_is_400(gateway, body):
    answer = await post(gateway, "/api/v1/conversations", body)
    assert answer.status == 400
    assert ("locale" if body.get("company") == "jcom" else "company") in answer.detail


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "１", "", "9" * 20, "1e3", "0x1"])
async def test_a_sequence_that_is_no_number_is_400(gateway, after):
    hana = await gateway.open()
    answer = await hana.history(after=after)
    assert answer.status == 400
    assert "after" in answer.detail
    stream = await gateway.call("GET", f"{hana.path}/stream", params={"after": after}, headers=hana.authorization)
    assert stream.status == 400


CALLS = [("POST", "/messages"), ("GET", "/messages"), ("POST", "/attachments"), ("GET", "/stream"), ("DELETE", "")]
BODY = {"text": "fee?", "client_message_id": "1"}


async def use(gateway, call: tuple[str, str], path: str, **headers: str) -> Answer:
    method, rest = call
    options = {"json": BODY} if rest == "/messages" and method == "POST" else {}
    return await gateway.call(method, path + rest, headers=headers, **options)


@pytest.mark.parametrize("call", CALLS)
async def test_a_missing_or_unknown_token_is_401(gateway, call):
    hana = await gateway.open()
    tokens = ["Bearer wrong", f"Basic {hana.token}", "Bearer", "Bearer ", hana.token, "Bearer ÿ"]
    tokens.append("Bearer " + "x" * 5000)
    if call != ("GET", "/stream"):  # that one may carry its token in the first frame
        assert (await use(gateway, call, hana.path)).status == 401
    else:
        tokens = [token for token in tokens if token.removeprefix("Bearer ") not in ("", token)]
    for token in tokens:
        answer = await use(gateway, call, hana.path, Authorization=token)
        assert answer.status == 401, token[:20]
        assert answer.detail
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert (await hana.history()).messages == []


@pytest.mark.parametrize("call", CALLS)
async def test_hana_cannot_use_kenjis_chat_nor_learn_whether_one_exists(gateway, call):
    hana, kenji = await gateway.open(), await gateway.open()
    for path in (kenji.path, "/api/v1/conversations/there-is-none"):
        answer = await use(gateway, call, path, **hana.authorization)
        assert answer.status == 403
        assert answer.detail
    assert (await kenji.history()).status == 200


async def test_an_unknown_company_is_404_and_those_served_are_named(gateway):
    answer = await gateway.call("POST", "/api/v1/conversations", json={"company": "oak"})
    assert answer.status == 404
    assert "jcom" in answer.detail


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/conversations/x/y", "/none", "/api/v1/conversations/", "/.env"])
async def test_an_unknown_address_is_404(gateway, path):
    answer = await gateway.call("GET", path)
    assert answer.status == 404
    assert answer.detail


async def test_another_method_is_405_and_the_right_ones_are_named(gateway):
    for method, path, allowed in (
        ("PUT", "/api/v1/conversations", "POST"),
        ("DELETE", "/api/v1/companies", "GET"),
        ("PATCH", "/healthz", "GET"),
    ):
        answer = await gateway.call(method, path)
        assert answer.status == 405
        assert allowed in answer.headers["Allow"]
        assert answer.detail


async def test_a_file_without_an_open_request_is_409(gateway):
    hana = await gateway.open()
    answer = await gateway.call("POST", f"{hana.path}/attachments", data={"file": b"copy"}, headers=hana.authorization)
    assert answer.status == 409
    assert "Start a request" in answer.detail


@pytest.mark.parametrize("text", ["x" * 4001, "手" * 4001, "🙂" * 4001, "x" * 60_000, "x" * 200_000, "手" * 100_000])
async def test_a_message_over_4000_characters_is_413_and_nothing_is_stored(gateway, engine, text):
    hana = await gateway.open()
    answer = await hana.say(text)
    assert answer.status == 413
    assert answer.detail
    assert (await hana.history()).messages == []


async def test_no_error_shows_how_the_desk_is_made(gateway, core, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("my neighbour Otsuka")

    hana = await gateway.open()
    monkeypatch.setattr("bot.channels.web.api.mask", fail)
    answer = await hana.say("my neighbour Otsuka")
    assert answer.status == 500
    assert answer.detail
    assert "Otsuka" not in str(answer.body)
    assert "Traceback" not in str(answer.body)
    assert "Otsuka" not in caplog.text
    assert "RuntimeError" in caplog.text


async def test_the_companies_are_listed_with_their_desks(gateway, clock):
    answer = await gateway.call("GET", "/api/v1/companies")
    rows = {row["key"]: row for row in answer.body}
    assert set(rows) == {"coocom", "cuc", "jcom", "cloco", "plusone"}
    assert rows["coocom"] == {
        "key": "coocom",
        "name": "COOCOM CO., LTD.",
        "locales": ["en", "ja"],
        "desk": {"open_now": True, "next_opening": "2026-11-25T10:00:00+09:00"},
    }
    assert rows["plusone"]["desk"] == {"open_now": None, "next_opening": None}
    clock.advance(hours=5)
    rows = {row["key"]: row for row in (await gateway.call("GET", "/api/v1/companies")).body}
    assert rows["coocom"]["desk"]["open_now"] is False
