"""A command that cannot do its work says in one sentence what to do, and shows nobody a stack trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import commands
from bot.__main__ import main
from bot.storage.cipher import WrongKey


@pytest.fixture(autouse=True)
def fresh_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_DATA_DIR", str(tmp_path / "var"))


def test_there_are_no_tickets_on_a_fresh_machine(capsys: pytest.CaptureFixture[str]):
    assert main(["ticket", "list"]) == 0
    assert capsys.readouterr().out == ""


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("DESK_PORT", "eighty")
    assert main(["ticket", "list"]) == 1
    assert "DESK_PORT is 'eighty'" in capsys.readouterr().err


def test_a_database_that_is_away_is_said_to_be(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("DESK_DATABASE_URL", "postgresql://desk@127.0.0.1:1/desk")
    assert main(["migrate"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("The database cannot be reached")
    assert said.count("\n") == 1


def test_a_wrong_key_is_explained_and_a_fault_of_ours_is_not_hidden():
    assert "DESK_SECRET_KEY" in (commands.explain(WrongKey(WrongKey.__doc__)) or "")
    assert commands.explain(ZeroDivisionError()) is None


def test_the_first_administrator_gets_in_by_a_link_that_a_fresh_one_replaces(capsys: pytest.CaptureFixture[str]):
    assert main(["staff-link"]) == 0
    first = capsys.readouterr().out.strip()
    assert main(["staff-link"]) == 0
    second = capsys.readouterr().out.strip()
    assert first.startswith("http://127.0.0.1:8080/desk/welcome/")
    assert first != second


def test_nobody_is_rescued_who_is_not_at_this_desk(capsys: pytest.CaptureFixture[str]):
    assert main(["staff-link", "--email", "hana@desk.example"]) == 1
    assert capsys.readouterr().err == "Nobody at this desk has this e-mail address.\n"


def test_the_master_key_is_rotated_and_its_file_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    assert main(["keys", "rotate"]) == 0
    said = capsys.readouterr().out
    assert "Master key 2 wraps everything" in said and "versions removed: 1." in said
    assert str(tmp_path / "var" / "master.keys") in said


def test_nothing_is_due_on_a_fresh_machine(capsys: pytest.CaptureFixture[str]):
    assert main(["requests", "due", "--days", "30"]) == 0
    assert capsys.readouterr().out == ""
