"""The API's document is true: what it describes is what the gateway answers, whatever is sent to it."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.bootstrap import Core, make_core
from bot.channels.web.openapi import make_document
from bot.settings import Settings
from bot.storage.database import Database
from tests.support.chat import Gateway
from tests.support.clocks import SetClock
from tests.support.scripted_engine import ScriptedEngine, reply

from .conftest import SECRET

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
SEARCH = settings(
    max_examples=30, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck], database=None
)


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    core: Core

    def open(self) -> tuple[str, dict[str, str]]:
        """A chat's id and the header that opens it."""
        chat = requests.post(f"{self.url}/api/v1/conversations", json={"company": "jcom"}, timeout=10).json()
        return chat["id"], {"Authorization": f"Bearer {chat['token']}"}

    def open_case(self, *, closed: bool = False) -> tuple[str, dict[str, str]]:
        """The same, with a case that a person works on or has closed."""
        chat, headers = self.open()
        core, now = self.core, SetClock()()

        def work(db) -> None:
            conversation = core.conversations.find(db, chat)
            message = core.conversations.accept(db, conversation, "a person please", "m1", now).message
            ticket, _ = core.tickets.open(db, conversation, message.id, "asked", now)
            core.conversations.finish(db, message, [], (), now)
            if closed:
                core.tickets.save(db, core.staffing.clockwork(db, ticket).close(ticket, now), now)

        core.database.transact(work)
        return chat, headers


@pytest.fixture(scope="module")
def running(library, migrated_sqlite, tmp_path_factory) -> Iterator[Running]:
    """A gateway with a loop of its own, since schemathesis calls it from outside."""
    folder = tmp_path_factory.mktemp("openapi")
    shutil.copy(migrated_sqlite, folder / "desk.db")
    configured = Settings(data_dir=folder)
    database = Database(configured.database)
    core = make_core(configured, SECRET, library, database)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait_for(work):
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    engine = ScriptedEngine(SECRET)
    buttons = [{"title": "Yes", "choice": {"intent": "affirm"}}]
    engine.script = lambda body: [reply(body["text"], quick_replies=buttons, offers=["handoff"])]
    wait_for(engine.up())
    gateway = Gateway(core, SetClock(), engine_url=engine.url, actions_url=engine.url)
    wait_for(gateway.start())
    yield Running(gateway.url, core)
    wait_for(gateway.stop())
    wait_for(engine.down())
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    database.close()


DOCUMENT = json.loads(make_document())
schema = schemathesis.openapi.from_dict(DOCUMENT)


@schema.parametrize()
@SEARCH
def test_a_stranger_gets_only_answers_that_the_document_names(case, running):
    case.call_and_validate(base_url=running.url, checks=CHECKS, timeout=10)


@schema.include(path_regex="conversation}").parametrize()
@SEARCH
def test_hana_gets_only_answers_that_the_document_names(case, running):
    case.path_parameters["conversation"], headers = running.open()
    case.call_and_validate(base_url=running.url, checks=CHECKS, headers=headers, timeout=10)


@schema.include(path_regex="conversation}/(attachments|contact|rating)").parametrize()
@SEARCH
def test_hana_with_a_case_gets_only_answers_that_the_document_names(case, running):
    closed = case.path.endswith("rating")
    case.path_parameters["conversation"], headers = running.open_case(closed=closed)
    case.call_and_validate(base_url=running.url, checks=CHECKS, headers=headers, timeout=10)


def test_the_gateway_serves_the_document(running):
    answer = requests.get(f"{running.url}/api/v1/openapi.json", timeout=10)
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json() == DOCUMENT
    assert DOCUMENT["openapi"].startswith("3.1")


def test_the_document_describes_every_address_of_the_api():
    paths = DOCUMENT["paths"]
    described = {(path, method) for path, item in paths.items() for method in item if method != "parameters"}
    one = "/api/v1/conversations/{conversation}"
    assert described == {
        ("/healthz", "get"),
        ("/api/v1/companies", "get"),
        ("/api/v1/conversations", "post"),
        (f"{one}/messages", "post"),
        (f"{one}/messages", "get"),
        (f"{one}/attachments", "post"),
        (f"{one}/attachments/{{attachment}}", "get"),
        (f"{one}/attachments/{{attachment}}", "delete"),
        (f"{one}/rating", "post"),
        (f"{one}/contact", "put"),
        (f"{one}/stream", "get"),
        (one, "delete"),
    }


def test_the_document_has_the_contracts_types():
    types = DOCUMENT["components"]["schemas"]
    contract = {
        "Message": "id sequence sender text citations quick_replies attachments sent_at",
        "Citation": "quote section document version url",
        "State": "mode request ticket offers",
        "QuickReply": "title payload",
        "Problem": "type title status detail",
    }
    for name, fields in contract.items():
        assert set(fields.split()) <= set(types[name]["properties"]), name
