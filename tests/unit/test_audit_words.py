"""Whatever the product writes into the audit log, a privacy officer reads in words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from bot.console.audit import tell_detail
from bot.console.pages import read_wording
from bot.console.spreadsheet import write_rows

ROOT = Path(__file__).resolve().parents[2]

#: Methods that hand an act's name on to the log; `act` and `audit` of a ticket's use cases put "ticket." before it.
WRITERS = {"append", "_act", "_record", "act", "audit"}


def written_acts() -> set[str]:
    """The names of all acts that stand in the code where the log is written."""
    found = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS):
                continue
            if node.func.attr == "append" and "audit" not in ast.unparse(node.func.value):
                continue
            said = [one for arg in node.args for one in ((arg.body, arg.orelse) if isinstance(arg, ast.IfExp) else (arg,))]
            words = [one.value for one in said if isinstance(one, ast.Constant)]
            for word in words:
                if isinstance(word, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", word):
                    found.add(word)
                elif isinstance(word, str) and node.func.attr in ("act", "audit") and re.fullmatch(r"[a-z_]+", word):
                    found.add(f"ticket.{word}")
    return found


def test_every_act_that_is_written_has_its_words():
    acts = written_acts()
    assert {"ticket.take", "staffing.change", "session.open", "ticket.unlink", "canned.add"} <= acts, "the search finds them"
    wording = read_wording()
    assert [act for act in sorted(acts) if f"actions.{act}" not in wording] == []


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ({"before": {"a": 1, "b": ["x"]}, "after": {"a": 2, "b": ["x"], "c": None}}, [("a", "1 → 2")]),
        ({"before": None, "after": {"name": "new"}, "how": "by hand"}, [("how", "by hand"), ("name", "– → new")]),
        ({"companies": ["jcom", "cuc"], "nothing": []}, [("companies", "jcom, cuc")]),
        ({"before": "open", "after": "closed"}, [("before", "open"), ("after", "closed")]),
        ({"message": "0123456789abcdef0123456789abcdef"}, [("message", "01234567…")]),
    ],
)
def test_a_change_is_told_by_what_differs(detail, told):
    assert tell_detail(detail) == told


@pytest.mark.parametrize("cell", ["=1+1", " +2", "-3", "@sum", "\tx", "＝1", "　＠x"])
def test_no_cell_is_taken_for_a_formula(cell):
    assert write_rows([[cell]]) in (f"'{cell}\r\n", f"\"'{cell}\"\r\n")


def test_numbers_and_other_texts_stay_as_they_are():
    assert write_rows([[-4, "safe", None, 'say "hello", please']]) == '-4,safe,,"say ""hello"", please"\r\n'
