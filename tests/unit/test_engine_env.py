"""An engine that runs apart is told all that it needs, and nothing more than that."""

from __future__ import annotations

import base64
import re
import shlex
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.bootstrap import engine_token

SECRET = base64.b64encode(bytes(range(32))).decode()
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """What the command prints on a machine of several containers, as a shell would read it."""
    monkeypatch.setenv("DESK_SECRET_KEY", SECRET)
    monkeypatch.setenv("DESK_DATABASE_URL", "postgresql://desk:pass@postgres/desk?sslmode=require&connect_timeout=5")
    monkeypatch.setenv("DESK_ACTIONS_URL", "http://actions:5055")
    assert main(["engine-env"]) == 0
    return dict(word.split("=", 1) for word in shlex.split(capsys.readouterr().out))


def test_the_engine_is_told_where_its_state_and_its_actions_are(told: dict[str, str]):
    assert told["DESK_TRACKER_URL"] == (
        "postgresql+psycopg2://desk:pass@postgres/desk?sslmode=require&connect_timeout=5"
    )
    assert told["DESK_ACTIONS_URL"] == "http://actions:5055/webhook"


def test_the_engine_knows_the_gateway_by_the_token_that_the_gateway_sends(told: dict[str, str]):
    assert told["DESK_ENGINE_TOKEN"] == engine_token(bytes(range(32)))


def test_the_engine_never_learns_the_secret_that_the_messages_are_encrypted_with(told: dict[str, str]):
    assert SECRET not in told.values()
    assert base64.b64decode(told["DESK_TRACKER_KEY"]) != bytes(range(32))


def test_whatever_the_engine_cannot_start_without_is_told(told: dict[str, str]):
    wanted = re.findall(r'setting\("(DESK_\w+)"\)', (ROOT / "engine" / "serve.py").read_text(encoding="utf-8"))
    assert sorted(wanted) == sorted(told)


def test_a_secret_that_is_too_short_is_named_and_nothing_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("DESK_SECRET_KEY", "c2hvcnQ=")
    assert main(["engine-env"]) == 1
    said = capsys.readouterr()
    assert "DESK_SECRET_KEY" in said.err
    assert said.out == ""
