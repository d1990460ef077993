"""Pages of A4 that fill from the top: text that flows, lines, boxes, a QR code. Lengths are millimetres, type sizes points."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

import segno
from fpdf import FPDF
from fpdf.enums import TextMode
from fpdf.prefs import ViewerPreferences

from .fonts import FILES, MAIN, MISSING, OTHER, make_legible, split_runs
from .lines import break_lines

WIDTH, HEIGHT = 210.0, 297.0
LEFT, RIGHT, TOP, BOTTOM = 22.0, 188.0, 17.0, 275.0
POINT = 25.4 / 72

Colour = tuple[int, int, int]
INK, GREY, PALE = (17, 24, 39), (90, 98, 110), (205, 210, 217)
#: Tables that only shaping needs. Without them, and with its box left as it is, a typeface is subset in half the time.
_UNUSED = ("GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "gvar", "HVAR", "MVAR", "STAT", "fvar", "avar")

# They tell which letters a file has, and so of somebody's name.
for _name in ("fontTools", "fpdf"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


class Pages:
    """Everything is noted down first, so that each page's foot can tell how many there are."""

    def __init__(self, *, title: str, language: str, made_at: datetime):
        self.y = TOP
        self.missing = False  #: a character could not be shown
        self._pages: list[list[Callable[[], None]]] = [[]]
        self._pdf = FPDF(format="A4")
        self._pdf.set_auto_page_break(False)
        self._pdf.set_title(make_legible(title))
        self._pdf.set_lang(language)
        self._pdf.set_creation_date(made_at)
        self._pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self._add_face(MAIN)

    def __len__(self) -> int:
        return len(self._pages)

    def _add_face(self, face: str) -> None:
        self._pdf.add_font(face, fname=FILES[face])
        font = self._pdf.fonts[face].ttfont
        font.recalcBBoxes = False
        for table in _UNUSED:
            if table in font:
                del font[table]

    # What flows -------------------------------------------------------------------------------------------------------

    def turn(self) -> None:
        """Go on on a new page."""
        self._pages.append([])
        self.y = TOP

    def keep(self, height: float) -> bool:
        """Turn the page if so much does not fit on this one; whether it was turned."""
        if self.y + height <= BOTTOM or self.y == TOP:
            return False
        self.turn()
        return True

    def write(
        self, text: str, size: float = 10.5, *, x: float = LEFT, width: float | None = None, bold: bool = False,
        colour: Colour = INK, align: str = "left", leading: float = 1.5, on_turn: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        """Lines of text from here on, over as many pages as they need."""
        width = RIGHT - x if width is None else width
        for line in self.break_lines(text, size, width):
            step = size * POINT * leading
            if self.y + step > BOTTOM and on_turn:
                on_turn()
            self.keep(step)
            self.text(line, x, self.y, size, width=width, bold=bold, colour=colour, align=align)
            self.y += step

    def height_of(self, text: str, size: float, width: float, leading: float = 1.5) -> float:
        return len(self.break_lines(text, size, width)) * size * POINT * leading

    def break_lines(self, text: str, size: float, width: float) -> list[str]:
        legible = make_legible(text)
        self.missing = self.missing or (MISSING in legible and MISSING not in text)
        return break_lines(legible, width, lambda piece: self.measure(piece, size))

    def measure(self, text: str, size: float) -> float:
        """How wide a legible text is."""
        return sum(self._font(face).cw[ord(c)] for face, run in split_runs(text) for c in run) * size / 1000 * POINT

    # What stands in a place -------------------------------------------------------------------------------------------

    def text(
        self, text: str, x: float, y: float, size: float, *, width: float = 0.0, bold: bool = False,
        colour: Colour = INK, align: str = "left",
    ) -> None:  # fmt: skip
        """One line whose top is at `y`."""
        if align != "left":
            spare = width - self.measure(text, size)
            x += spare if align == "right" else spare / 2
        for face, run in split_runs(text):
            self._font(face)
            self._note(lambda x=x, face=face, run=run: self._show(run, x, y + size * POINT * 1.05, face, size, bold, colour))
            x += self.measure(run, size)

    def rule(self, x1: float, y1: float, x2: float, y2: float, *, colour: Colour = PALE, thick: float = 0.2) -> None:
        def draw() -> None:
            self._pdf.set_draw_color(*colour)
            self._pdf.set_line_width(thick)
            self._pdf.line(x1, y1, x2, y2)

        self._note(draw)

    def box(
        self, x: float, y: float, width: float, height: float, *, colour: Colour | None = INK, thick: float = 0.25,
        fill: Colour | None = None, dashed: bool = False,
    ) -> None:  # fmt: skip
        def draw() -> None:
            self._pdf.set_line_width(thick)
            if colour:
                self._pdf.set_draw_color(*colour)
            if fill:
                self._pdf.set_fill_color(*fill)
            if dashed:
                self._pdf.set_dash_pattern(dash=1.6, gap=1.2)
            self._pdf.rect(x, y, width, height, style=("D" if colour else "") + ("F" if fill else ""))
            if dashed:
                self._pdf.set_dash_pattern()

        self._note(draw)

    def qr(self, text: str, x: float, y: float, side: float) -> None:
        """A QR code, drawn as rectangles; `side` is without its quiet zone."""
        rows = segno.make(text, error="q", micro=False).matrix
        step = side / len(rows)

        def draw() -> None:
            self._pdf.set_fill_color(0, 0, 0)
            for down, row in enumerate(rows):
                across = 0
                while across < len(row):
                    run = next((n for n, dark in enumerate(row[across:]) if not dark), len(row) - across)
                    if run:
                        self._pdf.rect(x + across * step, y + down * step, run * step, step, style="F")
                    across += run + 1

        self._note(draw)

    def finish(self, foot: Callable[[int, int], None]) -> bytes:
        """The document; `foot` writes what stands below every page, given its number and how many there are."""
        pages, self._pages = self._pages, []
        for number, notes in enumerate(pages, 1):
            self._pages = [notes]
            foot(number, len(pages))
            self._pdf.add_page()
            for draw in notes:
                draw()
        return bytes(self._pdf.output())

    def _note(self, draw: Callable[[], None]) -> None:
        self._pages[-1].append(draw)

    def _font(self, face: str):
        if face not in self._pdf.fonts:
            self._add_face(OTHER)
        return self._pdf.fonts[face]

    def _show(self, run: str, x: float, y: float, face: str, size: float, bold: bool, colour: Colour) -> None:
        self._pdf.set_font(face, size=size)
        self._pdf.set_text_color(*colour)
        # There is one weight: bold is the same letters with an outline.
        self._pdf.text_mode = TextMode.FILL_STROKE if bold else TextMode.FILL
        self._pdf.set_draw_color(*colour)
        self._pdf.set_line_width(size * POINT * 0.017)
        self._pdf.text(x, y, run)
