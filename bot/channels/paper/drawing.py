"""Draws the letter and the customer's sheet."""

from __future__ import annotations

import asyncio

from bot.knowledge.paper import DESK, LAW, POLICY, Letter, Marking, Paper, Row, Said, Section, Sending

from .fonts import make_legible
from .pages import BOTTOM, GREY, INK, LEFT, POINT, RIGHT, TOP, Colour, Pages

QR_SIDE = 21.0
LABEL = 46.0  #: width of the table's first column
SMALL = 8.5
COLOURS: dict[str, Colour] = {"red": (200, 16, 46), "blue": (29, 78, 216), "black": INK}
TAGS: dict[str, tuple[Colour, Colour]] = {
    POLICY: ((30, 64, 120), (232, 239, 250)),
    LAW: ((120, 53, 15), (253, 243, 220)),
    DESK: ((63, 63, 70), (240, 240, 242)),
}


async def draw(paper: Paper) -> bytes:
    """The PDF, made in a thread so that nobody waits for it who need not."""
    return await asyncio.to_thread(make_pdf, paper)


def make_pdf(paper: Paper) -> bytes:
    """The PDF of a paper: the same bytes for the same paper."""
    pages = Pages(title=paper.subject, language=paper.locale, made_at=paper.made_at)
    _Letter(pages, paper).draw(paper.letter)
    pages.turn()
    _Sheet(pages, paper).draw()

    def foot(number: int, count: int) -> None:
        pages.rule(LEFT, BOTTOM + 6, RIGHT, BOTTOM + 6)
        label = f"{paper.labels['reference']} {paper.reference}"
        pages.text(label, LEFT, BOTTOM + 8, SMALL, colour=GREY)
        told = paper.labels["page"].format(page=number, pages=count)
        pages.text(told, LEFT, BOTTOM + 8, SMALL, width=RIGHT - LEFT, colour=GREY, align="right")
        if pages.missing:
            for place, line in enumerate(pages.break_lines(paper.labels["unprintable"], SMALL, RIGHT - LEFT)):
                pages.text(line, LEFT, BOTTOM + 12.5 + place * 4, SMALL, colour=GREY)

    return pages.finish(foot)


class _Letter:
    def __init__(self, pages: Pages, paper: Paper):
        self.pages, self.paper = pages, paper

    def draw(self, letter: Letter) -> None:
        pages = self.pages
        self._head(letter)
        pages.write(letter.title, 16, bold=True, align="center")
        pages.y += 5
        pages.write(letter.opening, 10.5)
        pages.y += 3
        if letter.begin:
            pages.write(letter.begin, 10.5, align="center")
            pages.y += 1
        for row in letter.rows:
            self._row(row)
        self._details(letter)
        if letter.end:
            pages.write(letter.end, 10.5, align="right")
        self._signature(letter)

    def _head(self, letter: Letter) -> None:
        """Who it goes to on the left; the reference, as text and to be scanned, on the right."""
        pages, labels = self.pages, self.paper.labels
        left = RIGHT - QR_SIDE - 45
        pages.qr(self.paper.reference, RIGHT - QR_SIDE, TOP, QR_SIDE)
        pages.text(labels["reference"], left, TOP + 1, SMALL, width=41, colour=GREY, align="right")
        pages.text(self.paper.reference, left, TOP + 5.5, 15, width=41, bold=True, align="right")
        pages.y = TOP + QR_SIDE + 4
        pages.write(letter.date, 10.5, align="right")
        low = pages.y
        pages.y = TOP + 1
        for line in letter.to:
            pages.write(line, 11.5, width=left - LEFT)
        pages.y = max(low, pages.y) + 10

    def _row(self, row: Row) -> None:
        pages = self.pages
        x, width = LEFT + LABEL, RIGHT - LEFT - LABEL - 2
        labels = pages.break_lines(row.label, 9.5, LABEL - 4)
        tall = max(pages.height_of(row.value, 10.5, width), len(labels) * 9.5 * POINT * 1.5) + 3.2
        tall += pages.height_of(row.hint, SMALL, width) if row.hint else 0
        pages.keep(tall)
        top = pages.y
        pages.rule(LEFT, top, RIGHT, top)
        pages.y = top + 1.9
        pages.write(row.label, 9.5, x=LEFT + 1, width=LABEL - 4, colour=GREY)
        low = pages.y
        pages.y = top + 1.6
        if row.value:
            pages.write(row.value, 10.5, x=x, width=width)
        else:
            pages.text(self.paper.labels["fill_in"], x, top + 1.9, SMALL, width=width, colour=GREY, align="right")
            pages.y += 10.5 * POINT * 1.5
            pages.rule(x, pages.y - 0.6, RIGHT - 2, pages.y - 0.6, colour=GREY)
        if row.hint:
            pages.write(row.hint, SMALL, x=x, width=width, colour=GREY)
        pages.y = max(pages.y, low) + 1.6

    def _details(self, letter: Letter) -> None:
        """What is asked for: over as many pages as it takes, or lines to write on."""
        pages = self.pages
        pages.keep(24)
        pages.rule(LEFT, pages.y, RIGHT, pages.y)
        pages.y += 1.9
        pages.write(letter.details_label, 9.5, x=LEFT + 1, colour=GREY)
        if letter.details:
            told = make_legible(self.paper.labels["continues"])
            pages.write(
                letter.details, 10.5, x=LEFT + 1, width=RIGHT - LEFT - 3,
                on_turn=lambda: pages.text(told, LEFT, BOTTOM + 1, SMALL, width=RIGHT - LEFT, colour=GREY, align="right"),
            )  # fmt: skip
        else:
            for _ in range(4):
                pages.y += 8.5
                pages.rule(LEFT + 1, pages.y, RIGHT - 2, pages.y, colour=GREY)
        pages.y += 2
        pages.rule(LEFT, pages.y, RIGHT, pages.y)
        pages.y += 4

    def _signature(self, letter: Letter) -> None:
        pages = self.pages
        pages.keep(24)
        x, width = RIGHT - 85, 85.0
        pages.y += 14
        pages.text(make_legible(letter.signature), x, pages.y - 4.5, SMALL, colour=GREY)
        pages.rule(x, pages.y, RIGHT, pages.y, colour=GREY)
        pages.y += 1.5
        pages.write(letter.signed, 10.5, x=x, width=width)


class _Sheet:
    def __init__(self, pages: Pages, paper: Paper):
        self.pages, self.paper = pages, paper

    def draw(self) -> None:
        pages, sheet = self.pages, self.paper.sheet
        pages.write(sheet.title, 15, bold=True)
        pages.y += 1
        pages.write(sheet.about, 10)
        pages.y += 0.5
        pages.write(sheet.legend, SMALL, colour=GREY)
        *before, after = sheet.sections
        for section in before:
            self._section(section)
        self._sending(sheet.sending)
        self._section(after)

    def _heading(self, title: str) -> None:
        pages = self.pages
        pages.keep(22)
        pages.y += 3
        pages.write(title, 11.5, bold=True)
        pages.rule(LEFT, pages.y, RIGHT, pages.y, colour=INK, thick=0.3)
        pages.y += 1.8

    def _section(self, section: Section) -> None:
        pages = self.pages
        self._heading(section.title)
        for number, item in enumerate(section.items, 1):
            pages.keep(10)
            x = LEFT
            if section.numbered:
                pages.text(f"{number}.", LEFT, pages.y, 10)
                x += 6
            elif item.tick:
                pages.box(LEFT + 0.3, pages.y + 0.7, 3.4, 3.4)
                x += 6
            elif any(other.tick for other in section.items):
                pages.text("・", LEFT + 0.2, pages.y, 10)
                x += 6
            pages.write(item.text, 10, x=x)
            for note in item.notes:
                self._said(note, x)
            pages.y += 0.7

    def _said(self, said: Said, x: float) -> None:
        """A sentence with the sign of where it comes from; the policy's in quotation marks."""
        pages = self.pages
        if not said.source:
            pages.write(said.text, 9.5, x=x)
            return
        ink, ground = TAGS[said.source]
        label = make_legible(self.paper.labels[f"source_{said.source}"])
        wide = pages.measure(label, 7.5) + 3
        text = f"“{said.text}”" if said.source == POLICY else said.text
        pages.keep(SMALL * POINT * 1.5)
        pages.box(x, pages.y + 0.35, wide, 3.6, colour=ink, thick=0.15, fill=ground)
        pages.text(label, x, pages.y + 0.42, 7.5, width=wide, colour=ink, align="center")
        pages.write(text, SMALL, x=x + 14, colour=INK)
        pages.y += 0.5

    def _sending(self, sending: Sending) -> None:
        """How to send it, with the envelope's addresses on the same page."""
        pages = self.pages
        rows = sum(len(pages.break_lines(said.text, 9.5, RIGHT - LEFT - 14)) for said in sending.lines)
        block = _Block(pages, sending) if sending.block else None
        marked = 8 + 6 * len(sending.marking.texts) if sending.marking else 0
        pages.keep(18 + rows * 5.5 + marked + (block.tall + 12 if block else 0))
        self._heading(sending.title)
        for said in sending.lines:
            self._said(said, LEFT)
        if sending.marking:
            pages.write(sending.marking.ask, 9.5)
            for text in sending.marking.texts:
                pages.write(text, 11, x=LEFT + 6, bold=True, colour=COLOURS.get(sending.marking.colour, INK))
        if block:
            block.draw()


class _Block:
    """The addresses as they go on the envelope, within a line to cut along."""

    INNER, WIDTH = LEFT + 8, RIGHT - LEFT - 16
    STEP, SMALL_STEP = 12.5 * POINT * 1.55, 9 * POINT * 1.5

    def __init__(self, pages: Pages, sending: Sending):
        self.pages, self.sending = pages, sending
        self.to = [line for part in sending.to for line in pages.break_lines(part, 12.5, self.WIDTH)]
        self.sender = [line for part in sending.sender for line in pages.break_lines(part, 9, self.WIDTH * 0.6)]
        self.tall = 22 + len(self.to) * self.STEP + (len(self.sender) + 1) * self.SMALL_STEP

    def draw(self) -> None:
        pages, x = self.pages, self.INNER
        pages.keep(self.tall + 12)
        pages.y += 4
        pages.write(self.sending.block, SMALL, colour=GREY)
        top = pages.y + 1
        pages.box(LEFT, top, RIGHT - LEFT, self.tall, colour=GREY, dashed=True)
        y = top + 7
        for line in self.to:
            pages.text(line, x, y, 12.5)
            y += self.STEP
        y += 8
        if self.sending.marking:
            self._stamp(self.sending.marking, RIGHT - 8, top + self.tall - 7)
        pages.text(make_legible(self.sending.sender_label), x, y, 7.5, colour=GREY)
        for place, line in enumerate(self.sender):
            pages.text(line, x, y + 4.2 + place * self.SMALL_STEP, 9)
            if not line:
                low = y + 3.2 + (place + 1) * self.SMALL_STEP
                pages.rule(x, low, x + self.WIDTH * 0.5, low, colour=GREY)
        pages.y = top + self.tall

    def _stamp(self, marking: Marking, right: float, low: float) -> None:
        """The marking in its colour and a frame, as it is written on envelopes."""
        pages, colour = self.pages, COLOURS.get(marking.colour, INK)
        text = make_legible(marking.texts[0])
        wide = pages.measure(text, 11) + 6
        if wide > self.WIDTH * 0.45:
            return
        pages.box(right - wide, low - 8, wide, 8, colour=colour, thick=0.4)
        pages.text(text, right - wide, low - 6.6, 11, width=wide, bold=True, colour=colour, align="center")
