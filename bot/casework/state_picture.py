"""Draws the table of a request's states as a picture: a line for each move, from where it may be made to where it can lead."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from bot.desk.request import FINAL, MOVES, Move, Mover, State

_LEFT, _TOP = 236, 128  #: what stands beside and above the grid
_COLUMN, _ROW = 96, 50
_STATES = tuple(State)
_WIDTH = _LEFT + _COLUMN * len(_STATES) + 16
_HEIGHT = _TOP + _ROW * len(MOVES) + 64

_INK, _PALE, _LINE = "#1c2733", "#5b6875", "#d5dbe1"
#: Who moves: their colour, and their word, so that nobody has to tell colours apart.
_MOVERS = {Mover.CUSTOMER: ("#0b6e4f", "customer"), Mover.STAFF: ("#1f4fa3", "staff"), Mover.SYSTEM: ("#8a4b08", "system")}


def draw() -> str:
    """The picture as SVG, drawn from bot.desk.request.MOVES."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'font-family="system-ui, Helvetica, Arial, sans-serif" font-size="13" fill="{_INK}" role="img" aria-labelledby="title">'
    )
    yield '<title id="title">The states of a request, and which move leads from where to where</title>'
    yield f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>'
    yield _text(16, 34, "States of a request", size=19, weight=600)
    yield _text(16, 56, "Each line is a move.", fill=_PALE)
    yield from _headings()
    for number, move in enumerate(MOVES.values()):
        yield from _row(move, _TOP + _ROW * number)
    yield from _legend(_HEIGHT - 24)
    yield "</svg>"


def _headings() -> Iterator[str]:
    bottom = _TOP + _ROW * len(MOVES)
    for state in _STATES:
        x = _column(state)
        if state in FINAL:
            yield f'<rect x="{x - _COLUMN // 2}" y="70" width="{_COLUMN}" height="{bottom - 70}" fill="#f3f5f7"/>'
    for number, state in enumerate(_STATES):
        x, words = _column(state), state.value.split("_")
        yield f'<line x1="{x}" y1="{_TOP - 14}" x2="{x}" y2="{bottom}" stroke="{_LINE}"/>'
        yield _text(x, 86, str(number + 1), fill=_PALE, size=11, anchor="middle")
        for line, word in enumerate(words if len(words) < 3 else [words[0], " ".join(words[1:])]):
            yield _text(x, 101 + 15 * line, word, weight=600, anchor="middle")


def _row(move: Move, top: int) -> Iterator[str]:
    y = top + _ROW // 2
    yield f'<line x1="16" y1="{top}" x2="{_WIDTH - 16}" y2="{top}" stroke="{_LINE}"/>'
    yield _text(16, y - 4, move.name.replace("_", " "), weight=600)
    x = 16
    for mover in Mover:
        if mover in move.movers:
            colour, word = _MOVERS[mover]
            yield _text(x, y + 13, word, fill=colour, size=11)
            x += 7 * len(word) + 4
    if move.asks:
        asked = ", ".join(asked.replace("_", " ") for asked in move.asks)
        yield _text(x, y + 13, f"with {asked}", fill=_PALE, size=11)
    colour = _MOVERS[next(mover for mover in (Mover.STAFF, Mover.CUSTOMER, Mover.SYSTEM) if mover in move.movers)][0]
    places = [_column(state) for state in _STATES if state in move.sources | move.targets]
    yield f'<line x1="{min(places)}" y1="{y}" x2="{max(places)}" y2="{y}" stroke="{colour}" stroke-width="1.5"/>'
    for state in _STATES:
        yield from _mark(move, state, y, colour)


def _mark(move: Move, state: State, y: int, colour: str) -> Iterator[str]:
    x, comes, goes = _column(state), state in move.sources, state in move.targets
    if comes:
        yield f'<circle cx="{x}" cy="{y}" r="{12 if goes else 8}" fill="#ffffff" stroke="{colour}" stroke-width="2"/>'
    if goes:
        way = -1 if all(_column(source) > x for source in move.sources) else 1
        yield f'<path d="M{x - 4 * way} {y - 6} L{x + 7 * way} {y} L{x - 4 * way} {y + 6} Z" fill="{colour}"/>'


def _legend(y: int) -> Iterator[str]:
    grey = _PALE
    yield f'<circle cx="24" cy="{y - 4}" r="8" fill="#ffffff" stroke="{grey}" stroke-width="2"/>'
    yield _text(40, y, "the move can be made here")
    yield f'<path d="M246 {y - 10} L257 {y - 4} L246 {y + 2} Z" fill="{grey}"/>'
    yield _text(266, y, "it can lead here: to the first thing that is still missing")
    yield f'<circle cx="648" cy="{y - 4}" r="12" fill="#ffffff" stroke="{grey}" stroke-width="2"/>'
    yield f'<path d="M644 {y - 10} L655 {y - 4} L644 {y + 2} Z" fill="{grey}"/>'
    yield _text(668, y, "both")
    yield f'<rect x="730" y="{y - 14}" width="20" height="20" fill="#f3f5f7" stroke="{_LINE}"/>'
    yield _text(758, y, "final: nothing follows")


def _column(state: State) -> int:
    return _LEFT + _COLUMN * _STATES.index(state) + _COLUMN // 2


def _text(x: int, y: int, text: str, *, fill: str = _INK, size: int = 13, weight: int = 400, anchor: str = "start") -> str:
    style = f'fill="{fill}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x}" y="{y}" {style}>{escape(text)}</text>'
