"""The form of a desk's hours and clocks: from a plan to fields, and from fields to a plan or what is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Any

from multidict import MultiDictProxy

from bot.desk.deadlines import Allowance
from bot.desk.errors import BadFields
from bot.desk.staffing import WEEKDAYS, Span, Spans, StaffingPlan, read_spans, write_spans
from bot.desk.ticket import REASONS

from .forms import text_of

#: Spans of a day that the form has room for; a plan may have more, and then it has more room.
SPANS = 2
#: Empty rows for further special days.
FRESH_DAYS = 3
MOST_ROWS = 420

_TIME = re.compile(r"(\d{1,3}):([0-5]\d)")

#: Fields of the form, by name, as they are filled in.
Fields = dict[str, str]


def fields_of_plan(plan: StaffingPlan) -> Fields:
    """The plan as the form shows it. A field for a time knows no 24:00, so that the end of a day is 00:00."""
    fields: Fields = {"holidays": "1" if plan.closed_on_holidays else "", "answer_minutes": str(plan.answer_minutes)}
    for name, spans in zip(WEEKDAYS, plan.week):
        fields |= _fields_of_spans(name, spans)
    for place, (day, spans) in enumerate(plan.special):
        fields[f"day_{place}"] = day.isoformat()
        fields |= _fields_of_spans(f"day_{place}", spans)
    fields["days"] = str(len(plan.special) + FRESH_DAYS)
    return fields


def fields_of_form(form: MultiDictProxy) -> Fields:
    """What was sent, to be shown again."""
    return {name: text_of(form, name).strip() for name in form}


def read_plan_form(fields: Fields, before: StaffingPlan) -> StaffingPlan:
    """The plan that the fields say; raises BadFields."""
    wrong: dict[str, tuple[str, dict]] = {}

    def spans(name: str) -> Spans:
        try:
            return read_spans(_read_spans(fields, name))
        except ValueError:
            wrong[name] = ("spans", {})
            return ()

    week = tuple(spans(name) for name in WEEKDAYS)
    special: dict[date, Spans] = {}
    for place in range(count_days(fields)):
        name = f"day_{place}"
        text = fields.get(name, "")
        found = spans(name)
        if not text:
            if found:
                wrong[name] = ("day_missing", {})
            continue
        try:
            day = date.fromisoformat(text)
        except ValueError:
            wrong[name] = ("day", {})
            continue
        if day in special:
            wrong[name] = ("day_twice", {})
        special[day] = found
    minutes = unicodedata.normalize("NFKC", fields.get("answer_minutes", ""))
    if not (re.fullmatch(r"\d{1,2}", minutes) and 1 <= int(minutes) <= 60):
        wrong["answer_minutes"] = ("answer_minutes", {})
    if wrong:
        raise BadFields(wrong)
    return StaffingPlan(
        timezone=before.timezone,
        week=week,
        closed_on_holidays=bool(fields.get("holidays")),
        special=tuple(sorted(special.items())),
        answer_minutes=int(minutes),
    )


def count_days(fields: Fields) -> int:
    """Rows of special days in the form."""
    text = fields.get("days", "")
    return min(int(text), MOST_ROWS) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def count_spans(fields: Fields, name: str) -> int:
    """Spans that a row has room for."""
    return max(SPANS, *(place + 1 for place in range(12) if fields.get(f"{name}_{place}_from")), SPANS)


def read_clocks_form(fields: Fields) -> dict[str, Allowance]:
    """The allowances that the fields say, of every kind of ticket; raises BadFields."""
    allowances, wrong = {}, {}
    for reason in REASONS:
        try:
            reply, resolve, warn = (_read_time(fields.get(f"{reason}_{what}", "")) for what in ("reply", "resolve", "warn"))
        except ValueError:
            wrong[reason] = ("time", {})
        else:
            allowances[reason] = Allowance(reply, resolve, warn or timedelta(0))
    if wrong:
        raise BadFields(wrong)
    return allowances


def _fields_of_spans(name: str, spans: Spans) -> Fields:
    fields = {}
    for place, (begins, ends) in enumerate(write_spans(spans)):
        fields[f"{name}_{place}_from"], fields[f"{name}_{place}_to"] = begins, "00:00" if ends == "24:00" else ends
    return fields


def _read_spans(fields: Fields, name: str) -> list[list[str]]:
    """The row's spans, earliest first; raises ValueError where one has an end or a beginning only."""
    spans = []
    for place in range(12):
        begins, ends = fields.get(f"{name}_{place}_from", ""), fields.get(f"{name}_{place}_to", "")
        if bool(begins) != bool(ends):
            raise ValueError
        if begins:
            spans.append([begins, "24:00" if ends == "00:00" else ends])
    return sorted(spans)


def _read_time(text: str) -> timedelta | None:
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found and text.strip():
        raise ValueError
    return timedelta(hours=int(found[1]), minutes=int(found[2])) if found else None


def tell_week(plan: StaffingPlan) -> list[tuple[str, str, Spans]]:
    """The week in as few lines as it takes: first and last day of each line, and when the desk is staffed then."""
    lines: list[list[Any]] = []
    for name, spans in zip(WEEKDAYS, plan.week):
        if lines and lines[-1][2] == spans:
            lines[-1][1] = name
        else:
            lines.append([name, name, spans])
    return [(first, last, spans) for first, last, spans in lines]


def tell_span(span: Span) -> str:
    return "–".join(f"{minute // 60:02}:{minute % 60:02}" for minute in span)
