"""`python -m bot run` prints a one-time link as long as nobody administers the desk."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from bot.bootstrap import open_core
from bot.casework.welcome import make_first_link
from bot.desk import passwords
from bot.desk.clock import now
from bot.desk.person import Role
from bot.settings import Settings
from bot.supervisor import run as supervisor
from tests.support.staff import PASSWORD, hash_quickly


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Starts the product without its parts, stops it as Ctrl-C does, and gives what the terminal showed."""
    settings = Settings(data_dir=tmp_path / "var")

    async def at_once(*_):
        os.kill(os.getpid(), signal.SIGTERM)
        return True

    monkeypatch.setattr(supervisor, "check_ports", lambda settings: None)
    monkeypatch.setattr(supervisor, "train_if_needed", lambda settings: Path("model"))
    monkeypatch.setattr(supervisor, "make_parts", lambda *_: [])
    monkeypatch.setattr(supervisor, "wait_until_ready", at_once)

    def start() -> str:
        assert supervisor.run(settings) == 0
        return capsys.readouterr().out

    start.settings = settings
    return start


def links(said: str) -> list[str]:
    return re.findall(r"/desk/welcome/([\w-]+)", said)


def test_the_first_run_prints_a_link_each_further_one_a_fresh_one_and_none_once_there_is_an_administrator(run, monkeypatch):
    hash_quickly(monkeypatch)
    (first,), (second,) = links(run()), links(run())
    assert first != second
    core = open_core(run.settings)

    def work(db):
        assert core.staff_links.find(db, second, now()).purpose == "first"
        aya = core.people.add(db, "Aya", "aya@desk.example", [Role.ADMINISTRATOR], now(), all_companies=True)
        core.credentials.set_password(db, aya.id, passwords.hash_password(PASSWORD))

    core.database.transact(work)
    assert make_first_link(core, now()) is None
    core.close()
    said = run()
    assert links(said) == []
    assert "/desk   the staff's console" in said
