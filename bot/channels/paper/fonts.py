"""The two typefaces of a paper, and what of a text they can show.

Noto Sans JP has Japanese and most Latin letters; Noto Sans, with Greek, Cyrillic and the rest of Latin, is embedded only
where a name needs it. What neither has is shown as 〓, as printers do, so that it is seen to be missing.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import fontpkg_noto_sans
import pylopdf_fonts_jp
from fontTools.ttLib import TTFont

MAIN, OTHER = "noto-jp", "noto"
FILES = {
    MAIN: pylopdf_fonts_jp.sans_path(),
    OTHER: Path(fontpkg_noto_sans.ROOT) / "files" / "NotoSans[wdth,wght].ttf",
}
MISSING = "〓"

#: Scripts whose letters stand side by side as they are; others would need shaping.
_PLAIN = ("LATIN", "GREEK", "CYRILLIC", "COMBINING")
_SELECTORS = frozenset([*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))])


@lru_cache(maxsize=2)
def characters(face: str) -> frozenset[str]:
    """What a typeface shows."""
    with TTFont(FILES[face], lazy=True) as font:
        known = frozenset(map(chr, font.getBestCmap()))
    if face == OTHER:
        return frozenset(c for c in known if unicodedata.name(c, "").startswith(_PLAIN))
    return known


def make_legible(text: str) -> str:
    """The text as it can be shown: nothing unseen or turned around, and 〓 for every character that no typeface has.

    >>> make_legible("a\u202eb\u0000 ไทย")
    'ab 〓〓〓'
    """
    return "".join(_show(c) for c in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " ")))


def split_runs(text: str) -> Iterator[tuple[str, str]]:
    """The legible text in pieces of one typeface each."""
    main, start, face = characters(MAIN), 0, MAIN
    for place, c in enumerate(text):
        wanted = MAIN if c in main else OTHER
        if wanted != face and place > start:
            yield face, text[start:place]
            start = place
        face = wanted
    if start < len(text):
        yield face, text[start:]


def _show(c: str) -> str:
    if c == "\n" or c in characters(MAIN):
        return "" if unicodedata.category(c) == "Cf" else c
    kind = unicodedata.category(c)
    if kind in ("Cc", "Cf") or c in _SELECTORS:
        return ""
    if kind in ("Zl", "Zp"):
        return "\n"
    if kind == "Zs":
        return " "
    if c in characters(OTHER):
        return c
    plain = unicodedata.normalize("NFKC", c)
    return plain if plain != c and all(one in characters(MAIN) for one in plain) else MISSING
