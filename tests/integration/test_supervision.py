"""One part of the product dies: it is started again; a stop stops it, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from bot.supervisor import part as parts
from bot.supervisor.part import Part
from tests.support.waiting import until

LIVES = "import signal, sys; print('up', flush=True); signal.pause()"
DIES = "import sys; print('up', flush=True); sys.exit(3)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile 1: signal.pause()"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(parts, "RESTARTS", (0.0,))


@pytest.fixture
def part(tmp_path):
    def make(code: str) -> Part:
        return Part("engine", [sys.executable, "-c", code], {"WHO": "hana"}, tmp_path / "logs" / "engine.log")

    return make


def starts(one: Part) -> int:
    return one.log.read_text().count("up")


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_a_part_that_is_killed_is_started_again(part, capsys):
    engine = part(LIVES)
    await engine.start()
    await until(lambda: starts(engine) == 1)
    first = engine.process.pid
    engine.process.send_signal(signal.SIGKILL)
    await until(lambda: starts(engine) == 2)
    assert engine.process.pid != first
    assert gone(first)
    assert "engine stopped (signal SIGKILL); starting it again" in capsys.readouterr().out
    await engine.stop()


async def test_a_part_that_dies_at_once_is_started_again_and_again_until_it_is_stopped(part, capsys):
    engine = part(DIES)
    await engine.start()
    await until(lambda: starts(engine) >= 4)
    await engine.stop()
    count = engine.restarts
    assert "exit code 3" in capsys.readouterr().out
    assert engine._task.done() or engine._task.cancelling()
    assert engine.restarts == count


async def test_a_part_that_is_stopped_stays_stopped(part):
    engine = part(LIVES)
    await engine.start()
    await until(lambda: starts(engine) == 1)
    pid = engine.process.pid
    await engine.stop()
    assert gone(pid)
    assert engine.restarts == 0
    assert starts(engine) == 1


async def test_a_part_that_does_not_listen_is_ended(part, monkeypatch):
    monkeypatch.setattr(parts, "GRACE_SECONDS", 0.1)
    engine = part(DEAF)
    await engine.start()
    await until(lambda: starts(engine) == 1)
    pid = engine.process.pid
    await engine.stop()
    assert gone(pid)
    assert engine.process.returncode == -signal.SIGKILL


async def test_what_a_part_says_goes_to_its_log_and_a_long_log_begins_anew(part, monkeypatch):
    monkeypatch.setattr(parts, "LARGEST_LOG", 10)
    engine = part("import os; print(os.environ['WHO'], flush=True)\nimport signal; signal.pause()")
    engine.log.parent.mkdir()
    engine.log.write_text("of the days before")
    await engine.start()
    await until(lambda: "hana" in engine.log.read_text())
    assert engine.log.with_suffix(".log.1").read_text() == "of the days before"
    await engine.stop()
