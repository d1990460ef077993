"""Charts as shapes for a template: everything is measured here, and said in words and numbers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: A chart's own units; the page scales it.
WIDTH, HEIGHT = 960, 190
_TOP, _BOTTOM, _LEFT = 16, 22, 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart of columns."""

    x: float
    y: float
    width: float
    height: float
    value: int
    series: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Several series side by side in each column; what a column is called stands below it where there is room."""

    bars: tuple[Bar, ...]
    labels: tuple[tuple[float, str], ...]
    base: float  #: where the bars stand
    width: int = WIDTH
    height: int = HEIGHT


def draw_columns(labels: Sequence[str], *series: Sequence[int]) -> Columns:
    """Columns from 0 up; the largest value fills the height."""
    base, room = HEIGHT - _BOTTOM, HEIGHT - _BOTTOM - _TOP
    largest = max((max(values, default=0) for values in series), default=0) or 1
    pitch = (WIDTH - 2 * _LEFT) / max(len(labels), 1)
    width = min(pitch * 0.8 / max(len(series), 1), 28)
    bars = []
    for place in range(len(labels)):
        left = _LEFT + place * pitch + (pitch - width * len(series)) / 2
        for number, values in enumerate(series):
            height = round(room * values[place] / largest, 1)
            bars.append(Bar(round(left + number * width, 1), base - height, round(width - 1, 1), height, values[place], number))
    every = -(-len(labels) // 16)
    shown = [(round(_LEFT + (place + 0.5) * pitch, 1), text) for place, text in enumerate(labels) if place % every == 0]
    return Columns(tuple(bars), tuple(shown), base)


def percent(part: float | None, whole: float) -> float:
    """A bar's length, as a part of the longest."""
    return round(100 * part / whole, 1) if part and whole else 0
