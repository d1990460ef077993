"""A policy document: its lines, headings and clauses, and where a quote stands in it."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Texts = dict[str, str]  # locale -> text


@dataclass(frozen=True, slots=True)
class Clause:
    """One provision of a policy: a line, with the lines that continue it."""

    number: int  #: 1-based, in the order of the document
    text: str  #: verbatim, its lines joined by newlines, outer white space removed
    heading: str | None  #: the heading that it stands under
    lines: tuple[int, int]  #: first and last source line, 1-based

    @property
    def anchor(self) -> str:
        """Its fragment on the policy page."""
        return f"c{self.number}"

    @property
    def quote(self) -> Quote:
        """The whole of it, quoted in its place."""
        return Quote(self.text, self.heading, self.lines, (self.number,))


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that stand verbatim in a policy, and their place."""

    text: str
    heading: str | None
    lines: tuple[int, int]
    clauses: tuple[int, ...]  #: numbers of the clauses that it touches

    @property
    def anchor(self) -> str:
        return f"c{self.clauses[0]}" if self.clauses else f"l{self.lines[0]}"


class QuoteNotFound(ValueError):
    """The words do not stand in the source, or not that often."""


class Document:
    """One company's policy as it was published."""

    def __init__(
        self,
        source: str,
        *,
        title: Texts,
        version: str | None = None,
        headings: Iterable[int] = (),
        continues: Iterable[int] = (),
    ):
        """`headings` and `continues` are 1-based line numbers; `version` an ISO date where the policy gives one."""
        self.source = source
        self.title = title
        self.version = version
        self._lines = source.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self.heading_lines = tuple(sorted(headings))
        self.clauses = tuple(self._cut(set(self.heading_lines), set(continues)))
        self._by_line = {n: c.number for c in self.clauses for n in range(c.lines[0], c.lines[1] + 1)}

    def _cut(self, headings: set[int], continues: set[int]) -> Iterator[Clause]:
        heading, begun, last = None, 0, 0
        number = 0

        def clause() -> Clause:
            return Clause(number, "\n".join(self._lines[begun - 1 : last]).strip(), heading, (begun, last))

        for n, line in enumerate(self._lines, 1):
            if not line.strip():
                continue
            if begun and n in continues:
                last = n
                continue
            if begun:
                number += 1
                yield clause()
                begun = 0
            if n in headings:
                heading = line.strip()
            else:
                begun = last = n
        if begun:
            number += 1
            yield clause()

    def clause(self, number: int) -> Clause:
        return self.clauses[number - 1]

    def blocks(self) -> Iterator[tuple[str, str | Clause]]:
        """("heading", text) and ("clause", Clause), in the order of the document."""
        order = [(n, "heading", self._lines[n - 1].strip()) for n in self.heading_lines]
        order += [(c.lines[0], "clause", c) for c in self.clauses]
        for _, kind, what in sorted(order, key=lambda row: row[0]):
            yield kind, what

    def heading_at(self, line: int) -> str | None:
        """The heading that a line stands under, or is."""
        at = bisect.bisect_right(self.heading_lines, line)
        return self._lines[self.heading_lines[at - 1] - 1].strip() if at else None

    def locate(self, text: str, occurrence: int = 1) -> Quote:
        """Where `text` stands verbatim for the `occurrence`th time; raises QuoteNotFound."""
        text = text.strip("\n")
        if not text.strip():
            raise QuoteNotFound("is empty")
        start = -1
        for found in range(occurrence):
            start = self.source.find(text, start + 1)
            if start < 0:
                raise QuoteNotFound(f"stands {found} times in the source, not {occurrence}: {text[:70]!r}")
        first = bisect.bisect_right(self._starts, start)
        last = bisect.bisect_right(self._starts, start + len(text) - 1)
        clauses = tuple(dict.fromkeys(self._by_line[n] for n in range(first, last + 1) if n in self._by_line))
        return Quote(text.strip(), self.heading_at(first), (first, last), clauses)
