"""Breaks a text into lines: between words, and between any two characters of Japanese but for what may not begin or end one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

#: What may not begin a line, and what may not end one (kinsoku).
NOT_FIRST = frozenset(
    "、。，．・：；？！゛゜ヽヾゝゞ々ー）］｝〕〉》」』】’”ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ" + ")]},.:;!?%…‥〜～"
)
NOT_LAST = frozenset("（［｛〔〈《「『【‘“([{¥￥〒")

_UNSPACED = "\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff〓"
_PIECES = re.compile(rf" +|[{_UNSPACED}]|[^ {_UNSPACED}]+")


def break_lines(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The lines of a text, none wider than `width`; nothing of it is lost but blanks at the ends of lines.

    >>> break_lines("one two「三四」。", 5, len)
    ['one', 'two', '「三', '四」。']
    """
    return [line for paragraph in text.split("\n") for line in _fill(paragraph, width, measure)]


def _fill(paragraph: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    line, so_far = "", 0.0
    for piece in _join(_PIECES.findall(paragraph)):
        wide = measure(piece)
        if so_far + wide <= width or (line and piece.isspace()):
            line, so_far = line + piece, so_far + wide
            continue
        if line.strip():
            yield line.rstrip()
        line, so_far = "", 0.0
        if piece.isspace():
            continue
        if wide > width:
            *full, piece = _cut(piece, width, measure)
            yield from full
            wide = measure(piece)
        line, so_far = piece, wide
    yield line.rstrip()


def _join(pieces: list[str]) -> Iterator[str]:
    """Pieces that stay together."""
    held = ""
    for piece in pieces:
        if held and (piece[0] in NOT_FIRST or held[-1] in NOT_LAST) and not held.isspace() and len(held) < 40:
            held += piece
        else:
            if held:
                yield held
            held = piece
    if held:
        yield held


def _cut(piece: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """A word that is wider than a line, in as many lines as it needs."""
    lines, line, so_far = [], "", 0.0
    for c in piece:
        wide = measure(c)
        if line and so_far + wide > width:
            lines.append(line)
            line, so_far = "", 0.0
        line, so_far = line + c, so_far + wide
    return [*lines, line]
