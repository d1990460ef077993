"""The audit log's page for privacy officers, its export, and the button that verifies it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode

from aiohttp import web

from bot.casework.audit import Line
from bot.casework.casework import CASEWORK
from bot.delivery.services import SERVICES
from bot.desk.audit import Filter
from bot.desk.errors import BadRequest

from .pages import PAGES, PERSON, find_locale, find_zone, list_companies
from .spreadsheet import Cell, send_table

routes = web.RouteTableDef()

#: What the list may be narrowed to, as it stands in an address.
FILTERS = ("actor", "action", "company", "subject", "from", "to")

#: Seconds that a verification is waited for; what takes longer goes on, and the page tells how far it is.
PATIENCE = 10.0

_ID = re.compile(r"[0-9a-f]{32}")

COLUMNS = ("number", "time", "person", "person_id", "action", "company", "subject", "subject_id", "detail")


@routes.get("/audit", name="audit")
async def show_log(request: web.Request) -> web.Response:
    """A page of the log, newest first."""
    person, log = request[PERSON], request.config_dict[CASEWORK].audit
    wanted = read_filter(request)
    page = await log.page(person, wanted, _read_number(request.query.get("before", "")))
    pages = request.app[PAGES]
    chosen = {name: request.query.get(name, "").strip() for name in FILTERS}
    narrowed = {name: value for name, value in chosen.items() if value}
    known = {action: name_action(request, action) for action in page.actions}
    return pages.render(
        request,
        "audit.html",
        lines=page.lines,
        actors=page.actors,
        actions=dict(sorted(known.items(), key=lambda item: item[1])),
        action_name=lambda action: name_action(request, action),
        name_actor=lambda line: name_actor(request, line),
        tell=tell_detail,
        local=lambda moment: f"{moment.astimezone(_zone(request)):%Y-%m-%d %H:%M:%S}",
        chosen=chosen,
        narrowed=bool(narrowed),
        older=f"/desk/audit?{urlencode({**narrowed, 'before': page.before})}" if page.before else None,
        newest=f"/desk/audit?{urlencode(narrowed)}" if "before" in request.query else None,
        export=f"/desk/audit/export.csv?{urlencode(narrowed)}",
        verification=await log.last_verification(person),
        progress=log.progress,
    )


@routes.get("/audit/export.csv", name="audit-export")
async def export_log(request: web.Request) -> web.StreamResponse:
    """All that the filter lets through, as a table for a spreadsheet."""
    log = request.config_dict[CASEWORK].audit
    batches = log.export(request[PERSON], read_filter(request))

    async def rows() -> AsyncIterator[list[list[Cell]]]:
        async for lines in batches:
            yield [_cells(line) for line in lines]

    day = request.config_dict[SERVICES].clock().astimezone(_zone(request))
    return await send_table(request, f"audit-{day:%Y-%m-%d}.csv", COLUMNS, rows())


@routes.post("/audit/verify", name="audit-verify")
async def verify_log(request: web.Request) -> web.Response:
    """Verify the log now; the page tells what was found, or how far it is."""
    await request.config_dict[CASEWORK].audit.verify(request[PERSON], PATIENCE)
    raise web.HTTPSeeOther("/desk/audit#verification")


def read_filter(request: web.Request) -> Filter:
    """What the address asks for; raises BadRequest."""
    query = {name: request.query.get(name, "").strip() or None for name in FILTERS}
    zone = _zone(request)
    since, until = _read_day(query["from"]), _read_day(query["to"])
    return Filter(
        actor=query["actor"],
        action=query["action"],
        company=query["company"],
        subject=query["subject"],
        since=datetime.combine(since, time(), zone) if since else None,
        until=datetime.combine(until + timedelta(1), time(), zone) if until else None,
    )


def name_action(request: web.Request, action: str) -> str:
    """An act in the reader's words; as it stands in the log where it has none yet."""
    pages = request.app[PAGES]
    key = f"actions.{action}"
    return pages.say(request, key) if key in pages.wording else action


def name_actor(request: web.Request, line: Line) -> str:
    """Who did it, by name."""
    if line.actor in ("customer", "system"):
        return request.app[PAGES].say(request, f"audit.actor_{line.actor}")
    return line.actor


def tell_detail(detail: dict) -> list[tuple[str, str]]:
    """What an entry says beside who and what: a line for each thing; of a change, what it was and what it is."""
    before, after = detail.get("before"), detail.get("after")
    others = {name: value for name, value in detail.items() if name not in ("before", "after")}
    told = [(name, _write(value)) for name, value in others.items() if value not in (None, "", [], {})]
    if isinstance(before, dict) or isinstance(after, dict):
        before, after = before or {}, after or {}
        changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        return told + [(name, f"{_write(before.get(name))} → {_write(after.get(name))}") for name in changed]
    return told + [(name, _write(detail[name])) for name in ("before", "after") if name in detail]


def _write(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, str) and _ID.fullmatch(value):
        return value[:8] + "…"  # whole in the export
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or "–"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cells(line: Line) -> list[Cell]:
    entry = line.entry
    detail = json.dumps(entry.detail, ensure_ascii=False) if entry.detail else ""
    at = entry.moment.astimezone(UTC).isoformat(timespec="seconds")
    return [entry.number, at, line.actor, entry.actor, entry.action, entry.company, line.subject, entry.subject, detail]


def _zone(request: web.Request):
    library = request.config_dict[SERVICES].library
    return find_zone(library, list_companies(request, request[PERSON], find_locale(request)))


def _read_day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = date.max
    if day and not 1970 <= day.year <= 9000:
        raise BadRequest("A day is written as 2026-11-24.")
    return day


def _read_number(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise BadRequest("This is no place in the log. Go to its first page.")
    return int(text) if text else None
