"""The supervisor's page: what is open, how long things took, what the assistant did; and the same as tables to take along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from urllib.parse import urlencode

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.delivery.services import SERVICES
from bot.desk.errors import BadRequest
from bot.desk.figures import DIMENSIONS, OUTCOMES, Figures, Line, Period
from bot.knowledge.company import localise

from .charts import draw_columns, percent
from .pages import PAGES, PERSON, find_locale, find_zone, list_companies
from .spreadsheet import Cell, send_table

routes = web.RouteTableDef()

#: Days that are offered at a click.
PRESETS = (7, 30, 90, 365)
USUAL_DAYS = 30

#: Lines of a table by topic; the file has them all.
MOST_TOPICS = 15

COLUMNS = ("opened", "replied", "closed", "reply_median_seconds", "reply_90_percent_seconds", "resolve_median_seconds")
COLUMNS += ("resolve_90_percent_seconds", "rated_good", "rated_bad")


@routes.get("/supervision", name="supervision")
async def show_figures(request: web.Request) -> web.Response:
    """The page."""
    period, company = read_period(request), request.query.get("company") or None
    figures = await request.config_dict[CASEWORK].supervision.figures(request[PERSON], period, company)
    name = namer(request, period)
    days = [name("day", str(place)) for place in range(len(period.columns()))]
    chosen = {"from": period.first.isoformat(), "to": period.last.isoformat(), "company": company or ""}

    def here(path: str = "/desk/supervision", **changed: str) -> str:
        return f"{path}?{urlencode({key: value for key, value in {**chosen, **changed}.items() if value})}"

    today = _today(request)
    return request.app[PAGES].render(
        request,
        "supervision.html",
        figures=figures,
        chosen=chosen,
        here=here,
        presets=[(days, here(**{"from": (today - timedelta(days - 1)).isoformat(), "to": today.isoformat()})) for days in PRESETS],
        days=days,
        tables={dimension: _table(figures, dimension, name) for dimension in DIMENSIONS},
        hidden_topics=max(len(figures.lines["topic"]) - MOST_TOPICS, 0),
        columns=draw_columns(days, [line.opened for line in figures.lines["day"]], figures.closed),
        outcomes=OUTCOMES,
        shares=_shares(figures.answers),
        answers={dimension: _answers(figures, dimension, name) for dimension in ("company", "channel", "day")},
        gaps=_gaps(figures, name),
        duration=duration,
        percent=percent,
    )


@routes.get("/supervision/export.csv", name="supervision-export")
async def export_figures(request: web.Request) -> web.StreamResponse:
    """One of the tables, whole."""
    period, company, table = read_period(request), request.query.get("company") or None, request.query.get("table", "company")
    if table not in (*DIMENSIONS, "answers"):
        raise BadRequest("The table must be company, channel, topic, day or answers.")
    supervision, person = request.config_dict[CASEWORK].supervision, request[PERSON]
    figures = await supervision.figures(person, period, company)
    await supervision.record_export(person, period, company, table)
    name = namer(request, period)

    async def rows() -> AsyncIterator[list[list[Cell]]]:
        if table == "answers":
            for dimension in DIMENSIONS:
                found = figures.answers_by[dimension].items()
                yield [[dimension, _key(dimension, key, period), name(dimension, key), *counts.values()] for key, counts in found]
        else:
            yield [[_key(table, line.key, period), name(table, line.key), *_cells(line)] for line in figures.lines[table]]

    heading = ("by", "key", "name", *OUTCOMES) if table == "answers" else (table, "name", *COLUMNS)
    return await send_table(request, f"{table}-{period.first}-{period.last}.csv", heading, rows())


def read_period(request: web.Request) -> Period:
    """The days that the address asks for, or the last thirty; raises BadRequest."""
    today = _today(request)
    try:
        last = date.fromisoformat(request.query.get("to") or today.isoformat())
        first = request.query.get("from")
        begin = date.fromisoformat(first) if first else last - timedelta(USUAL_DAYS - 1)
        if not 2000 <= begin.year <= last.year <= 2999:
            raise ValueError
    except (ValueError, OverflowError):
        raise BadRequest("A day is written as 2026-11-24.") from None
    return Period(begin, last, _zone(request))


def namer(request: web.Request, period: Period) -> Callable[[str, str], str]:
    """What a line of a table is called, by what it tells apart and its key."""
    pages, locale, library = request.app[PAGES], find_locale(request), request.config_dict[SERVICES].library
    companies = {one["key"]: one["short"] for one in list_companies(request, request[PERSON], locale)}
    columns = period.columns()

    def name(dimension: str, key: str) -> str:
        if dimension == "company":
            return companies.get(key, key)
        if dimension == "channel":
            return pages.say(request, f"words.channel_{key}") if f"words.channel_{key}" in pages.wording else key
        if dimension == "topic":
            topic = library.topics.get(key)
            return localise(topic.title, locale) if topic else key or pages.say(request, "supervision.no_topic")
        day = columns[int(key)]
        text = pages.say(request, "supervision.a_day", day=day.day, month=day.month, name=_MONTHS[day.month - 1])
        return text if period.step == 1 else pages.say(request, "supervision.from_day", day=text)

    return name


def duration(seconds: int, say: Callable[..., str]) -> str:
    """How long something took, as short as it can be said."""
    minutes = round(seconds / 60)
    if minutes < 60:
        return say("supervision.minutes", minutes=minutes) if seconds >= 60 or not seconds else say("supervision.under_a_minute")
    if minutes < 600:
        return say("supervision.hours_minutes", hours=minutes // 60, minutes=minutes % 60)
    return say("supervision.hours", hours=round(minutes / 60))


def _table(figures: Figures, dimension: str, name: Callable[[str, str], str]) -> list[tuple[str, Line]]:
    lines = figures.lines[dimension]
    return [(name(dimension, line.key), line) for line in (lines[:MOST_TOPICS] if dimension == "topic" else lines)]


def _shares(counts: dict[str, int]) -> list[tuple[str, int, float, float]]:
    """Each kind of outcome with its number, where its part of the bar begins and how long it is, in percent."""
    whole, shares, begins = sum(counts.values()), [], 0.0
    for kind in OUTCOMES:
        length = percent(counts.get(kind), whole)
        shares.append((kind, counts.get(kind, 0), round(begins, 1), length))
        begins += length
    return shares


def _answers(figures: Figures, dimension: str, name: Callable[[str, str], str]) -> list[tuple[str, dict[str, int]]]:
    found = figures.answers_by[dimension]
    keys = sorted(found, key=int) if dimension == "day" else [line.key for line in figures.lines[dimension] if line.key in found]
    keys += sorted(set(found) - set(keys))
    return [(name(dimension, key), found[key]) for key in keys]


def _gaps(figures: Figures, name: Callable[[str, str], str]) -> list[tuple[str, dict[str, int]]]:
    """The topics with which the assistant could help least: not stated, only something near, or missed."""
    found = figures.answers_by["topic"]

    def unhelped(key: str) -> int:
        return sum(found[key].get(kind, 0) for kind in ("not_stated", "nearest", "missed"))

    keys = sorted((key for key in found if unhelped(key)), key=lambda key: (-unhelped(key), key))
    return [(name("topic", key), found[key]) for key in keys[:MOST_TOPICS]]


def _key(dimension: str, key: str, period: Period) -> str:
    return period.columns()[int(key)].isoformat() if dimension == "day" else key


def _cells(line: Line) -> list[Cell]:
    times = [(spread.median, spread.most) if spread else (None, None) for spread in (line.reply, line.resolve)]
    return [line.opened, line.replied, line.closed, *times[0], *times[1], line.good, line.bad]


def _zone(request: web.Request):
    library = request.config_dict[SERVICES].library
    return find_zone(library, list_companies(request, request[PERSON], find_locale(request)))


def _today(request: web.Request) -> date:
    return request.config_dict[SERVICES].clock().astimezone(_zone(request)).date()


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
