"""The picture of a request's states is the table's own, and everything in the table is in it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from bot.__main__ import main
from bot.casework.state_picture import draw
from bot.desk.request import MOVES, State

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "images" / "request-states.svg"


def test_the_picture_in_the_docs_is_what_the_code_draws():
    assert PICTURE.read_text(encoding="utf-8") == draw(), "run `python -m bot requests picture > docs/images/request-states.svg`"


def test_the_command_prints_it(capsys):
    assert main(["requests", "picture"]) == 0
    assert capsys.readouterr().out == draw()


def test_every_move_and_every_state_is_in_it():
    root = ElementTree.fromstring(draw())
    words = " ".join(text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text"))
    for name in [*MOVES, *State]:
        assert all(word in words for word in name.split("_")), name
    lines = list(root.iter("{http://www.w3.org/2000/svg}path"))
    assert len(lines) == sum(len(move.targets) for move in MOVES.values()) + 2, "an arrow for each target, two in the legend"
