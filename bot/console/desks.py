"""The desks' settings: hours, holidays, clocks, and who is away."""

from __future__ import annotations

from datetime import date, timedelta

from aiohttp import web

from bot.casework.casework import CASEWORK
from bot.casework.desks import DeskSettings, tell_allowances, write_time
from bot.channels.faults import status_of
from bot.delivery.services import SERVICES
from bot.desk.calendar import public_holiday
from bot.desk.deadlines import DEFAULTS, USUAL
from bot.desk.errors import BadFields, BadPerson
from bot.desk.staffing import WEEKDAYS, StaffingPlan
from bot.desk.ticket import REASONS

from .account import read_moment, zone_of
from .errors import words_of
from .forms import go, read_fields, text_of
from .hours_form import (
    Fields,
    count_days,
    count_spans,
    fields_of_form,
    fields_of_plan,
    read_clocks_form,
    read_plan_form,
    tell_span,
    tell_week,
)
from .pages import PAGES, PERSON, find_locale

routes = web.RouteTableDef()

HERE = "/desk/settings/hours"


@routes.get("/settings/hours", name="hours")
async def list_desks(request: web.Request) -> web.Response:
    """Every desk of one's own, with its hours and clocks as they are."""
    desks = await request.config_dict[CASEWORK].desks.list(request[PERSON])
    return request.app[PAGES].render(
        request, "hours.html", desks=desks, tell_week=tell_week, tell_span=tell_span, coming=coming_days, clocks=shown_clocks
    )


@routes.get("/settings/hours/{company}", name="desk_hours")
async def show_hours(request: web.Request) -> web.Response:
    desk = await find_desk(request)
    return render_hours(request, desk, fields_of_plan(desk.plan), desk.plan_mark)


@routes.post("/settings/hours/{company}", name="desk_hours_change")
async def change_hours(request: web.Request) -> web.Response:
    """Keep the hours; or show the form again with room for further days."""
    form = await read_fields(request)
    fields, mark = fields_of_form(form), text_of(form, "mark")
    desk = await find_desk(request)
    if text_of(form, "act") == "more":
        fields["days"] = str(count_days(fields) + 10)
        return render_hours(request, desk, fields, mark)
    try:
        plan = read_plan_form(fields, desk.plan)
        await request.config_dict[CASEWORK].desks.set_plan(request[PERSON], desk.company.key, plan, mark)
    except BadFields as error:
        return render_hours(request, desk, fields, mark, error)
    return go(HERE, "hours.kept")


@routes.get("/settings/clocks/{company}", name="desk_clocks")
async def show_clocks(request: web.Request) -> web.Response:
    desk = await find_desk(request)
    return render_clocks(request, desk, fields_of_clocks(desk), desk.clocks_mark)


@routes.post("/settings/clocks/{company}", name="desk_clocks_change")
async def change_clocks(request: web.Request) -> web.Response:
    form = await read_fields(request)
    fields, mark = fields_of_form(form), text_of(form, "mark")
    desk = await find_desk(request)
    try:
        await request.config_dict[CASEWORK].desks.set_clocks(request[PERSON], desk.company.key, read_clocks_form(fields), mark)
    except BadFields as error:
        return render_clocks(request, desk, fields, mark, error)
    return go(HERE, "hours.clocks_kept")


@routes.get("/settings/absence", name="absence")
async def list_absences(request: web.Request) -> web.Response:
    return await render_absences(request)


@routes.post("/settings/absence/{person}", name="absence_change")
async def change_absence(request: web.Request) -> web.Response:
    """Somebody is away until then, or is back."""
    fields, person = await read_fields(request), request.match_info["person"]
    try:
        until = read_moment(text_of(fields, "until"), zone_of(request)) if text_of(fields, "away") else None
        await request.config_dict[CASEWORK].administration.set_absence(request[PERSON], person, until)
    except BadPerson as error:
        return await render_absences(request, person, error)
    return go("/desk/settings/absence", "hours.absence_kept")


async def find_desk(request: web.Request) -> DeskSettings:
    return await request.config_dict[CASEWORK].desks.show(request[PERSON], request.match_info["company"])


def render_hours(
    request: web.Request, desk: DeskSettings, fields: Fields, mark: str, error: BadFields | None = None
) -> web.Response:
    return request.app[PAGES].render(
        request,
        "desk_hours.html",
        status_of(error),
        desk=desk,
        fields=fields,
        mark=mark,
        wrong=say_wrong(request, error),
        weekdays=WEEKDAYS,
        days=count_days(fields),
        spans=lambda name: range(count_spans(fields, name)),
        holidays=list_holidays(request),
    )


def render_clocks(
    request: web.Request, desk: DeskSettings, fields: Fields, mark: str, error: BadFields | None = None
) -> web.Response:
    return request.app[PAGES].render(
        request,
        "desk_clocks.html",
        status_of(error),
        desk=desk,
        fields=fields,
        mark=mark,
        wrong=say_wrong(request, error),
        reasons=REASONS,
        usual=tell_allowances({reason: DEFAULTS.get(reason, USUAL) for reason in REASONS}),
    )


async def render_absences(request: web.Request, person: str = "", error: BadPerson | None = None) -> web.Response:
    people = await request.config_dict[CASEWORK].desks.list_people(request[PERSON])
    return request.app[PAGES].render(
        request,
        "absence.html",
        status_of(error),
        people=people,
        now=request.config_dict[SERVICES].clock(),
        wrong={person: words_of(request, error)} if error else {},
    )


def fields_of_clocks(desk: DeskSettings) -> Fields:
    return {
        f"{reason}_{what}": write_time(getattr(allowed, what))
        for reason, allowed in desk.allowances.items()
        for what in ("reply", "resolve", "warn")
    }


def shown_clocks(desk: DeskSettings) -> list[tuple[str, str, str, str]]:
    """Each kind of ticket with its times."""
    allowed = {reason: desk.allowances[reason] for reason in REASONS}
    return [(reason, write_time(a.reply), write_time(a.resolve), write_time(a.warn)) for reason, a in allowed.items()]


def coming_days(plan: StaffingPlan, today: date, most: int = 5) -> list:
    """The next special days."""
    return [(day, spans) for day, spans in plan.special if day >= today][:most]


def list_holidays(request: web.Request) -> list[tuple[date, str]]:
    """The public holidays of the coming year."""
    today, locale = request.config_dict[SERVICES].clock().date(), find_locale(request)
    days = (today + timedelta(days) for days in range(366))
    return [(day, names.get(locale) or names["en"]) for day in days if (names := public_holiday(day))]


def say_wrong(request: web.Request, error: BadFields | None) -> dict[str, str]:
    pages = request.app[PAGES]
    wrong = error.wrong if error else {}
    return {name: pages.say(request, f"hours.wrong_{why}", **values) for name, (why, values) in wrong.items()}
