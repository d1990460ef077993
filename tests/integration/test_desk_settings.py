"""Hours, holidays, clocks and absence: what Mari, who plans JCOM's and CUC's desks, sets, and what she may not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.casework.desks import mark_of, tell_allowances
from bot.console.hours_form import fields_of_plan, read_clocks_form, read_plan_form, tell_week
from bot.desk.deadlines import Allowance
from bot.desk.errors import BadFields
from bot.desk.person import Role
from bot.desk.staffing import StaffingPlan, write_plan
from bot.desk.ticket import REASONS
from tests.support.staff import ALL, staff


@pytest.fixture
async def mari(gateway):
    return await staff(gateway, Role.SUPERVISOR, companies=["jcom", "cuc"], name="Mari")


@pytest.fixture
def plan(core):
    """The plan of JCOM's desk, as it is kept."""
    return lambda company="jcom": core.database.look(lambda db: core.staffing.plan(db, company))


@pytest.fixture
def form(plan):
    """The form as it stands on the page, with changes."""

    def form(**changed: str) -> dict[str, str]:
        found = plan()
        return {**fields_of_plan(found), "mark": mark_of(write_plan(found)), **changed}

    return form


@pytest.fixture
def allowances(core):
    return lambda company="jcom": core.database.look(lambda db: core.staffing.allowances(db, company))


def clocks(allowances, **changed: str) -> dict[str, str]:
    """The form of the clocks as it stands on the page, with changes."""
    found = allowances()
    fields = {"mark": mark_of(tell_allowances(found))}
    for reason, times in tell_allowances(found).items():
        fields |= dict(zip((f"{reason}_{what}" for what in ("reply", "resolve", "warn")), times.replace("-", "").split(" / ")))
    return {**fields, **changed}


def last_entry(gateway):
    audit = gateway.core.audit
    return gateway.core.database.look(lambda db: audit.read(audit.rows(db)[-1]))


# Hours -----------------------------------------------------------------------------------------------------------


async def test_mari_sees_her_desks_with_the_policys_hours_beside_them(mari):
    page = await mari.get("/desk/settings/hours")
    assert page.status == 200
    assert "Mon–Fri" in page.body
    assert "09:00–18:00" in page.body
    assert "not edited here" in page.body
    assert "plusone" not in page.body
    assert "Staffed now" in page.body, "it is Tuesday noon"


async def test_mari_changes_the_week_a_holiday_and_the_minutes_and_that_is_recorded(gateway, mari, plan, form):
    changed = form(mon_0_to="12:00", mon_1_from="13:00", mon_1_to="00:00", sat_0_from="10:00", sat_0_to="12:00")
    changed |= {"day_0": "2026-12-31", "day_1": "2026-12-30", "day_1_0_from": "09:00", "day_1_0_to": "15:00"}
    changed |= {"answer_minutes": "10", "holidays": ""}
    page = await mari.post("/desk/settings/hours/jcom", changed)
    assert "The hours were kept." in page.body
    assert "2026-12-31" in page.body
    found = plan()
    assert found.week[0] == ((9 * 60, 12 * 60), (13 * 60, 24 * 60))
    assert found.week[5] == ((10 * 60, 12 * 60),)
    assert found.special == ((date(2026, 12, 30), ((9 * 60, 15 * 60),)), (date(2026, 12, 31), ()))
    assert (found.answer_minutes, found.closed_on_holidays) == (10, False)
    entry = last_entry(gateway)
    assert (entry.action, entry.actor, entry.company) == ("staffing.change", mari.id, "jcom")
    assert (entry.detail["before"]["answer_minutes"], entry.detail["after"]["answer_minutes"]) == (5, 10)
    assert plan("cuc") == StaffingPlan(), "another desk's hours are as they were"


async def test_the_form_shows_what_is_kept_and_keeping_it_unchanged_changes_nothing(gateway, mari, plan, form):
    await mari.post("/desk/settings/hours/jcom", form(day_0="2026-12-31", tue_1_from="20:00", tue_1_to="00:00"))
    page = await mari.get("/desk/settings/hours/jcom")
    assert 'name="day_0" value="2026-12-31"' in page.body
    assert 'name="tue_1_to" value="00:00"' in page.body
    before, entry = plan(), last_entry(gateway)
    assert (await mari.post("/desk/settings/hours/jcom", form())).status == 200
    assert plan() == before
    assert last_entry(gateway) == entry


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"mon_0_to": ""}, "mon", "a beginning and an end"),
        ({"mon_0_from": "19:00"}, "mon", "a beginning and an end"),
        ({"mon_1_from": "17:00", "mon_1_to": "19:00"}, "mon", "may not overlap"),
        ({"mon_0_from": "nine"}, "mon", "a beginning and an end"),
        ({"day_0": "someday"}, "day_0", "This is no date."),
        ({"day_0": "2026-12-31", "day_1": "2026-12-31"}, "day_1", "This day stands here twice."),
        ({"day_0": "2026-12-31", "day_0_0_from": "09:00"}, "day_0", "a beginning and an end"),
        ({"day_0_0_from": "09:00", "day_0_0_to": "10:00"}, "day_0", "For which day is this?"),
        ({"answer_minutes": "0"}, "answer_minutes", "1 to 60"),
        ({"answer_minutes": "61"}, "answer_minutes", "1 to 60"),
        ({"answer_minutes": "five"}, "answer_minutes", "1 to 60"),
    ],
)
async def test_what_cannot_be_is_said_where_it_stands_and_nothing_is_kept(mari, plan, form, changed, field, words):
    page = await mari.post("/desk/settings/hours/jcom", form(wed_0_from="08:00", **changed))
    assert page.status == 422
    assert f'id="{field}-wrong"' in page.body
    assert words in page.body
    assert 'name="wed_0_from" value="08:00"' in page.body, "what else was typed is still there"
    assert plan() == StaffingPlan()


async def test_there_is_always_room_for_more_special_days(mari, form):
    days = {f"day_{place}": f"2026-12-{place + 1:02}" for place in range(3)}
    page = await mari.post("/desk/settings/hours/jcom", form(**days, act="more"))
    assert page.status == 200
    assert 'name="day_12"' in page.body
    assert 'name="day_2" value="2026-12-03"' in page.body
    await mari.post("/desk/settings/hours/jcom", form(**days))
    assert 'name="day_5" value=""' in (await mari.get("/desk/settings/hours/jcom")).body


async def test_of_two_who_change_hours_at_once_the_second_is_told(gateway, mari, plan, form):
    omar = await staff(gateway, Role.ADMINISTRATOR, companies=ALL, name="Omar")
    hers, his = form(answer_minutes="10"), form(answer_minutes="20")
    assert (await mari.post("/desk/settings/hours/jcom", hers)).status == 200
    page = await omar.post("/desk/settings/hours/jcom", his)
    assert page.status == 409
    assert "Somebody else has changed this" in page.body
    assert plan().answer_minutes == 10
    assert (await omar.post("/desk/settings/hours/jcom", form(mark=""))).status == 409


def test_a_plan_survives_its_form():
    lunch = ((9 * 60, 12 * 60), (13 * 60, 24 * 60))
    three = ((0, 60), (120, 180), (240, 300))
    plan = StaffingPlan(week=(lunch, three, (), (), (), (), ((0, 1440),)), special=((date(2027, 1, 1), lunch),), answer_minutes=60)
    assert read_plan_form(fields_of_plan(plan), plan) == plan


def test_the_week_is_told_in_as_few_lines_as_it_takes():
    assert [(first, last) for first, last, _ in tell_week(StaffingPlan())] == [("mon", "fri"), ("sat", "sun")]


# Clocks ----------------------------------------------------------------------------------------------------------


async def test_mari_changes_the_clock_of_complaints_and_that_is_recorded(gateway, mari, allowances):
    changed = {"complaint_reply": "２:30", "complaint_warn": "0:15", "asked_resolve": ""}
    page = await mari.post("/desk/settings/clocks/jcom", clocks(allowances, **changed))
    assert "The clocks were kept." in page.body
    found = allowances()
    assert found["complaint"] == Allowance(timedelta(hours=2, minutes=30), timedelta(hours=45), timedelta(minutes=15))
    assert found["asked"].resolve is None
    entry = last_entry(gateway)
    assert (entry.action, entry.company) == ("clocks.change", "jcom")
    assert entry.detail["before"] == {"asked": "8:00 / 45:00 / 1:00", "complaint": "4:00 / 45:00 / 1:00"}
    assert entry.detail["after"]["complaint"] == "2:30 / 45:00 / 0:15"
    assert allowances("cuc")["complaint"].reply == timedelta(hours=4)
    assert 'name="complaint_reply" value="2:30"' in (await mari.get("/desk/settings/clocks/jcom")).body


@pytest.mark.parametrize(
    "changed",
    [
        {"leak_reply": "half an hour"},
        {"leak_reply": "0:00"},
        {"leak_reply": "0:99"},
        {"leak_warn": "0:30"},
        {"leak_reply": "50:00"},
        {"leak_resolve": "1000:00"},
        {"leak_resolve": "0:10", "leak_warn": "0:05"},
    ],
)
async def test_a_clock_that_cannot_be_is_refused(mari, allowances, changed):
    before = allowances()
    page = await mari.post("/desk/settings/clocks/jcom", clocks(allowances, **changed))
    assert page.status == 422
    assert 'id="leak-wrong"' in page.body
    assert allowances() == before


async def test_of_two_who_change_clocks_at_once_the_second_is_told(mari, allowances):
    stale = clocks(allowances, leak_reply="0:20")
    await mari.post("/desk/settings/clocks/jcom", clocks(allowances, leak_reply="0:25"))
    assert (await mari.post("/desk/settings/clocks/jcom", stale)).status == 409
    assert allowances()["leak"].reply == timedelta(minutes=25)


def test_every_kind_of_ticket_has_its_line_in_the_form():
    with pytest.raises(BadFields) as refused:
        read_clocks_form({f"{reason}_reply": "soon" for reason in REASONS})
    assert set(refused.value.wrong) == set(REASONS)


# Who may ---------------------------------------------------------------------------------------------------------

PAGES = ("/desk/settings/hours/plusone", "/desk/settings/clocks/plusone")


async def test_mari_neither_sees_nor_changes_another_companys_desk(mari, form, plan):
    for path in PAGES:
        assert (await mari.get(path)).status == 403
        assert (await mari.post(path, form(answer_minutes="20"))).status == 403
    assert (await mari.get("/desk/settings/hours/nobody")).status == 404
    assert plan("plusone") == StaffingPlan()


@pytest.mark.parametrize("role", [Role.AGENT, Role.TRAINER, Role.PRIVACY_OFFICER])
async def test_who_may_not_plan_staffing_does_not(gateway, role):
    someone = await staff(gateway, role, companies=ALL)
    for path in (*PAGES, "/desk/settings/hours", "/desk/settings/absence"):
        assert (await someone.get(path)).status == 403
    for path in (*PAGES, f"/desk/settings/absence/{someone.id}"):
        assert (await someone.post(path, {"mark": "x"})).status == 403


# Absence ---------------------------------------------------------------------------------------------------------


async def test_mari_sets_that_hana_is_away_and_that_she_is_back(gateway, mari):
    hana = await staff(gateway, companies=["jcom"], name="Hana")
    await staff(gateway, companies=["plusone"], name="Ken")
    page = await mari.get("/desk/settings/absence")
    assert "Hana</th>" in page.body
    assert "Ken</th>" not in page.body
    page = await mari.post(f"/desk/settings/absence/{hana.id}", {"away": "1", "until": "2026-11-27T09:00"})
    assert "The absence was kept." in page.body
    assert "Away" in page.body
    find = lambda: gateway.core.database.look(lambda db: gateway.core.people.find(db, hana.id))  # noqa: E731
    assert find().absent_until == datetime(2026, 11, 27, 0, 0, tzinfo=UTC)
    entry = last_entry(gateway)
    assert (entry.action, entry.subject, entry.actor) == ("person.absence", hana.id, mari.id)
    await mari.post(f"/desk/settings/absence/{hana.id}")
    assert find().absent_until is None


async def test_an_absence_that_is_over_already_is_refused_beside_its_field(gateway, mari):
    hana = await staff(gateway, companies=["jcom"], name="Hana")
    page = await mari.post(f"/desk/settings/absence/{hana.id}", {"away": "1", "until": "2020-01-01T09:00"})
    assert page.status == 422
    assert f'id="wrong-{hana.id}"' in page.body


async def test_mari_does_not_set_the_absence_of_somebody_who_works_for_others(gateway, mari):
    ken = await staff(gateway, companies=["plusone"], name="Ken")
    form = {"away": "1", "until": "2026-11-27T09:00"}
    assert (await mari.post(f"/desk/settings/absence/{ken.id}", form)).status == 404
