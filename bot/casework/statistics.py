"""A supervisor's figures: of their own companies, summed up in the database, beside who writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy.engine import Connection, Row

from bot.delivery.services import Services
from bot.desk.errors import Forbidden
from bot.desk.figures import DIMENSIONS, OUTCOMES, Figures, Line, Period
from bot.desk.person import Permission, Person
from bot.storage.statistics import Statistics


class Supervision:
    """What is open, how long things took, what the assistant did."""

    def __init__(self, services: Services):
        self.services = services
        self.core = services.core
        self.statistics = Statistics()

    async def figures(self, person: Person, period: Period, company: str | None = None) -> Figures:
        """All figures of a period, of one company or of all that the person sees; raises Forbidden."""
        person.require(Permission.SEE_STATISTICS, company)
        companies = [one.key for one in self.core.library.companies() if person.sees(one.key) and company in (None, one.key)]
        if not companies:
            raise Forbidden(Forbidden.__doc__)
        now = self.services.clock()

        def work(db: Connection) -> Figures:
            counts = self.statistics.counts(db, companies, period)
            lines = {dimension: _sum(counts, dimension) for dimension in DIMENSIONS}
            total = Line("")
            for line in lines["company"].values():
                _add(total, line)
            for what in ("reply", "resolve"):
                spreads = self.statistics.spreads(db, companies, period, what)
                setattr(total, what, spreads[""].get(""))
                for dimension in DIMENSIONS:
                    for key, spread in spreads[dimension].items():
                        setattr(lines[dimension].setdefault(key, Line(key)), what, spread)
            closed = self.statistics.closed(db, companies, period)
            answers = self.statistics.answers(db, companies, period)
            columns = range(len(period.columns()))
            return Figures(
                period=period,
                now=tuple(self.statistics.now(db, companies, now)),
                total=total,
                lines={
                    "company": [lines["company"].get(key, Line(key)) for key in companies],
                    "channel": _largest_first(lines["channel"]),
                    "topic": _largest_first(lines["topic"]),
                    "day": [lines["day"].get(str(place), Line(str(place))) for place in columns],
                },
                closed=[closed.get(place, 0) for place in columns],
                answers=_count(answers, None).get("", dict.fromkeys(OUTCOMES, 0)),
                answers_by={dimension: _count(answers, dimension) for dimension in DIMENSIONS},
            )

        return await self.core.database.read(work)

    async def record_export(self, person: Person, period: Period, company: str | None, table: str) -> None:
        """That somebody took a table of figures out of the desk."""
        person.require(Permission.SEE_STATISTICS, company)
        detail = {"table": table, "from": period.first.isoformat(), "to": period.last.isoformat()}
        now = self.services.clock()
        await self.core.database.run(
            lambda db: self.core.audit.append(db, person.id, "figures.export", now, company=company, detail=detail)
        )


def _sum(rows: Sequence[Row], dimension: str) -> dict[str, Line]:
    lines: dict[str, Line] = {}
    for row in rows:
        key = str(getattr(row, dimension))
        _add(lines.setdefault(key, Line(key)), row)
    return lines


def _add(line: Line, more: Row | Line) -> None:
    for name in ("opened", "replied", "closed", "good", "bad"):
        setattr(line, name, getattr(line, name) + getattr(more, name))


def _largest_first(lines: dict[str, Line]) -> list[Line]:
    return sorted(lines.values(), key=lambda line: (-line.opened, line.key))


def _count(rows: Sequence[Row], dimension: str | None) -> dict[str, dict[str, int]]:
    """How many of each kind, by a dimension or, under the key "", of all together."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(OUTCOMES, 0))
    for row in rows:
        kinds = counts[str(getattr(row, dimension)) if dimension else ""]
        kinds[row.kind] = kinds.get(row.kind, 0) + row.count
    return dict(counts)
