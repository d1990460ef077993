"""Administrators invite people, give them roles and companies, and take them away; never beyond their own companies."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from bot.desk.mail import Mail
from bot.desk.person import Role
from bot.storage.tables import outbox
from tests.support.staff import ALL, PASSWORD, Browser, give_password, hash_quickly, read_audit, sign_in, staff

from .test_console_sign_in import set_up_second_factor

NEW = "marble owls 17 staircase"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    hash_quickly(monkeypatch)


@pytest.fixture
async def admin(gateway):
    admin = await staff(gateway, Role.ADMINISTRATOR, companies=ALL, name="Aya")
    await give_password(admin)
    return admin


def plan(**more: object) -> list[tuple[str, str]]:
    """The form about a person."""
    fields = {"name": "Kenji", "email": "kenji@desk.example", "role": ["agent"], "company": ["jcom"], "locale": "ja", **more}
    return [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]


async def find(gateway, email: str):
    return await gateway.core.database.run(lambda db: gateway.core.people.find_by_email(db, email))


def link_in(page: str) -> str:
    return re.search(r"http://[\d.:]+(/desk/welcome/[\w-]+)", page).group(1)


async def test_aya_invites_kenji_who_gets_in_by_the_link_that_she_gives_him(gateway, admin):
    page = (await admin.post("/desk/people/invite", plan())).body
    link = link_in(page)
    assert "招待中" not in page
    assert "Invited" in (await admin.get("/desk/people")).body
    kenji = Browser(gateway)
    answer = await kenji.get(link)
    assert "Kenjiさん" in answer.body, "in his language"
    answer = await kenji.post(link, {"password": NEW, "again": NEW}, follow=False)
    assert answer.status == 303
    assert (await kenji.get("/desk/account")).status == 200
    assert (await kenji.get("/desk/people")).status == 403
    assert (await Browser(gateway).get(link)).status == 410
    assert (await sign_in(gateway, "kenji@desk.example", NEW, follow=False))[1].status == 303
    person = await find(gateway, "kenji@desk.example")
    assert (person.roles, person.companies, person.all_companies) == ({Role.AGENT}, {"jcom"}, False)
    invited = next(entry for entry in await read_audit(gateway, admin.id) if entry.action == "person.invite")
    assert invited.subject == person.id
    assert invited.detail["companies"] == ["jcom"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "give a name"),
        ({"email": "kenji@"}, "not an e-mail address"),
        ({"role": []}, "at least one role"),
        ({"role": ["king"]}, "at least one role"),
        ({"company": ["nowhere"]}, "not known here"),
    ],
)
async def test_an_invitation_that_cannot_be_is_explained_beside_its_field(gateway, admin, wrong, words):
    answer = await admin.post("/desk/people/invite", plan(**wrong))
    assert answer.status == 422
    assert words in answer.body
    assert await find(gateway, "kenji@desk.example") is None


async def test_nobody_is_invited_twice(gateway, admin):
    await admin.post("/desk/people/invite", plan())
    answer = await admin.post("/desk/people/invite", plan(email="KENJI@desk.example"))
    assert answer.status == 409
    assert "has this e-mail address already" in answer.body


async def test_roles_and_companies_change_at_once(gateway, admin):
    kenji = await staff(gateway, companies=["jcom"], name="Kenji", email="kenji@desk.example")
    assert (await kenji.get("/desk/people")).status == 403
    form = plan(role=["administrator", "agent"], company=["cuc", "coocom"], locale="en")
    await admin.post(f"/desk/people/{kenji.id}", form)
    page = (await kenji.get("/desk/account")).body
    assert "COOCOM" in page
    assert "JCOM" not in page.partition("<main")[2]
    assert (await kenji.get("/desk/people")).status == 200
    changed = next(entry for entry in await read_audit(gateway, admin.id) if entry.action == "person.change")
    assert changed.detail["before"]["companies"] == ["jcom"]
    assert changed.detail["after"]["companies"] == ["coocom", "cuc"]


async def test_an_administrator_gives_no_company_that_is_not_theirs_to_anybody(gateway, admin):
    small = await staff(gateway, Role.ADMINISTRATOR, companies=["jcom"], name="Sora", email="sora@desk.example")
    for more in ({"company": ["jcom", "cuc"]}, {"all_companies": "1"}):
        assert (await small.post("/desk/people/invite", plan(**more))).status == 403
        mine = plan(name="Sora", email="sora@desk.example", role=["administrator"], **more)
        assert (await small.post(f"/desk/people/{small.id}", mine)).status == 403
    assert (await find(gateway, "sora@desk.example")).companies == {"jcom"}
    assert await find(gateway, "kenji@desk.example") is None


async def test_an_administrator_does_not_reach_whoever_sees_more_companies(gateway, admin):
    small = await staff(gateway, Role.ADMINISTRATOR, companies=["jcom"], name="Sora")
    both = await staff(gateway, companies=["jcom", "cuc"], name="Kenji")
    other = await staff(gateway, companies=["cuc"], name="Mei")
    near = await staff(gateway, companies=["jcom"], name="Riku")
    page = (await small.get("/desk/people")).body
    assert "Riku" in page
    assert not [name for name in ("Kenji", "Mei", "Aya") if name in page]
    for one in (both, other, admin):
        assert (await small.get(f"/desk/people/{one.id}")).status == 404
        for act in ("", "/disable", "/enable", "/link", "/sessions/end", "/second-factor/reset"):
            assert (await small.post(f"/desk/people/{one.id}{act}", plan())).status == 404, act
        assert (await one.get("/desk/account", follow=False)).status == 200
    assert (await small.get(f"/desk/people/{near.id}")).status == 200


async def test_who_is_disabled_is_out_at_once_and_in_again_when_enabled(gateway, admin):
    kenji = await staff(gateway, name="Kenji", email="kenji@desk.example")
    await give_password(kenji)
    await admin.post(f"/desk/people/{kenji.id}/disable")
    assert (await kenji.get("/desk/account", follow=False)).status == 303
    assert (await sign_in(gateway, "kenji@desk.example"))[1].status == 422
    await admin.post(f"/desk/people/{kenji.id}/enable")
    assert (await kenji.get("/desk/account", follow=False)).status == 303, "the session from before has ended"
    assert (await sign_in(gateway, "kenji@desk.example", follow=False))[1].status == 303


async def test_a_link_to_a_new_password_ends_the_old_one_only_when_it_is_used(gateway, admin):
    kenji = await staff(gateway, name="Kenji", email="kenji@desk.example")
    await give_password(kenji)
    before = link_in((await admin.post(f"/desk/people/{kenji.id}/link")).body)
    link = link_in((await admin.post(f"/desk/people/{kenji.id}/link")).body)
    assert (await Browser(gateway).get(before)).status == 410
    assert (await kenji.get("/desk/account", follow=False)).status == 200
    browser = Browser(gateway)
    await browser.get(link)
    await browser.post(link, {"password": NEW, "again": NEW}, follow=False)
    assert (await kenji.get("/desk/account", follow=False)).status == 303
    assert (await sign_in(gateway, "kenji@desk.example", PASSWORD))[1].status == 422
    assert (await sign_in(gateway, "kenji@desk.example", NEW, follow=False))[1].status == 303


async def test_a_link_to_a_new_password_does_not_go_round_the_second_factor(gateway, admin):
    kenji = await staff(gateway, name="Kenji", email="kenji@desk.example")
    await give_password(kenji)
    await set_up_second_factor(kenji)
    link, browser = link_in((await admin.post(f"/desk/people/{kenji.id}/link")).body), Browser(gateway)
    await browser.get(link)
    answer = await browser.post(link, {"password": NEW, "again": NEW}, follow=False)
    assert answer.headers["Location"].startswith("/desk/sign-in/second")
    assert (await browser.get("/desk/account", follow=False)).status == 303


async def test_a_lost_telephone_is_forgiven_by_an_administrator(gateway, admin):
    kenji = await staff(gateway, name="Kenji", email="kenji@desk.example")
    await give_password(kenji)
    await set_up_second_factor(kenji)
    assert "Two factors" in (await admin.get("/desk/people")).body
    await admin.post(f"/desk/people/{kenji.id}/second-factor/reset")
    assert (await kenji.get("/desk/account", follow=False)).status == 303
    assert (await sign_in(gateway, "kenji@desk.example", follow=False))[1].headers["Location"] == "/desk"


async def test_an_administrator_ends_sessions_of_others(gateway, admin):
    kenji = await staff(gateway, name="Kenji", email="kenji@desk.example")
    assert "a test&#39;s browser" in (await admin.get(f"/desk/people/{kenji.id}")).body
    await admin.post(f"/desk/people/{kenji.id}/sessions/end")
    assert (await kenji.get("/desk/account", follow=False)).status == 303


async def test_the_last_administrator_stays_one(gateway, admin):
    other = await staff(gateway, Role.ADMINISTRATOR, companies=ALL, name="Sora", email="sora@desk.example")
    mine = plan(name="Aya", email=admin.person.email, role=["agent"], company=[], all_companies="1")
    assert (await admin.post(f"/desk/people/{admin.id}", mine)).status == 409, "Sora was invited, but never came"
    assert (await admin.post(f"/desk/people/{admin.id}/disable")).status == 409
    await give_password(other)
    assert (await admin.post(f"/desk/people/{admin.id}", mine, follow=False)).status == 303
    assert (await other.post(f"/desk/people/{other.id}/disable")).status == 409


async def test_a_supervisor_marks_a_colleague_as_away_and_nobody_of_another_company(gateway, admin):
    supervisor = await staff(gateway, Role.SUPERVISOR, companies=["jcom"], name="Sora")
    both = await staff(gateway, companies=["jcom", "cuc"], name="Kenji")
    other = await staff(gateway, companies=["cuc"], name="Mei")
    form = {"away": "1", "until": "2026-12-01T09:00"}
    assert (await supervisor.post(f"/desk/people/{both.id}/absence", form, follow=False)).status == 303
    assert (await supervisor.post(f"/desk/people/{other.id}/absence", form)).status == 404
    core = gateway.core
    people = {one.name: one for one in await core.database.run(core.people.list)}
    assert people["Kenji"].absent_until
    assert people["Mei"].absent_until is None


async def test_an_invitation_is_mailed_where_there_is_a_mail_server(gateway, admin):
    await admin.post("/desk/people/invite", plan())
    assert await mails(gateway) == [], "there is none yet"
    await gateway.stop()
    gateway.core = replace(gateway.core, settings=replace(gateway.core.settings, smtp_host="127.0.0.1", mail_from="d@desk.example"))
    await gateway.start()
    answer = await admin.post("/desk/people/invite", plan(name="Mei", email="mei@desk.example", locale="en"))
    assert "on its way to mei@desk.example" in answer.body
    (mail,) = await mails(gateway)
    assert mail.to == "mei@desk.example"
    assert link_in(answer.body) in mail.text


async def mails(gateway):
    core = gateway.core

    def work(db):
        rows = db.execute(outbox.select()).all()
        return [Mail(**json.loads(core.cipher.decrypt(row.sealed_mail, f"mail {row.id}"))) for row in rows]

    return await core.database.run(work)
