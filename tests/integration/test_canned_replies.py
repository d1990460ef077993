"""Ready-made replies: Mari, a supervisor of JCOM and CUC, keeps them, and whoever writes to customers uses them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.casework.canned import CannedReplies
from bot.desk.canned import CannedReply
from bot.desk.errors import BadFields, SettingChanged
from bot.desk.person import Role
from tests.support.staff import ALL, staff

FORM = {"company": "jcom", "locale": "en", "shortcut": "hours", "title": "Our hours", "body": "Dear {customer_name}, see you."}


@pytest.fixture
async def mari(gateway):
    return await staff(gateway, Role.SUPERVISOR, companies=["jcom", "cuc"], name="Mari Abe")


@pytest.fixture
async def omar(gateway):
    return await staff(gateway, Role.ADMINISTRATOR, companies=ALL, name="Omar")


@pytest.fixture
def canned(gateway):
    class Services:
        core, clock = gateway.core, gateway.clock

    return CannedReplies(Services())


@pytest.fixture
def kept(gateway):
    """What is kept, read from the database."""
    keys = [company.key for company in gateway.core.library.companies()]
    return lambda: gateway.core.database.look(lambda db: gateway.core.canned.list(db, keys))


def entries(gateway) -> list:
    audit = gateway.core.audit
    found = gateway.core.database.look(lambda db: [audit.read(row) for row in audit.rows(db)])
    return [entry for entry in found if entry.action.startswith("canned.")]


async def test_mari_keeps_changes_and_deletes_a_reply_and_each_act_is_recorded(gateway, mari, kept):
    assert "No ready replies yet" in (await mari.get("/desk/settings/replies")).body
    page = await mari.post("/desk/settings/replies/new", FORM)
    assert page.status == 200
    assert "The ready reply was kept." in page.body
    assert "Our hours" in page.body
    (reply,) = kept()
    await mari.post(f"/desk/settings/replies/{reply.id}", {**FORM, "title": "Hours", "shortcut": "/Hours", "version": 1})
    (changed,) = kept()
    assert (changed.title, changed.shortcut, changed.version) == ("Hours", "hours", 2)
    await mari.post(f"/desk/settings/replies/{reply.id}/delete", {"version": 2})
    assert kept() == []
    added, altered, deleted = entries(gateway)
    assert (added.action, added.actor, added.company, added.subject) == ("canned.add", mari.id, "jcom", reply.id)
    assert (added.detail["before"], added.detail["after"]["title"]) == (None, "Our hours")
    assert (altered.detail["before"]["title"], altered.detail["after"]["title"]) == ("Our hours", "Hours")
    assert (deleted.action, deleted.detail["after"]) == ("canned.delete", None)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("body", "Dear {custmer_name}, {frist} ...", "{custmer_name}, {frist}"),
        ("body", " ", "Something has to stand here."),
        ("body", "x" * 4001, "4,000 characters at most"),
        ("title", "", "Something has to stand here."),
        ("shortcut", "two words", "one word"),
        ("shortcut", "", "one word"),
        ("locale", "xx", "not served in this language"),
    ],
)
async def test_what_cannot_be_kept_is_said_beside_its_field_and_nothing_typed_is_lost(mari, kept, field, value, words):
    page = await mari.post("/desk/settings/replies/new", {**FORM, "title": "A title of mine", field: value})
    assert page.status == 422
    assert words in page.body
    assert f'id="{field}-wrong"' in page.body
    if field != "title":
        assert "A title of mine" in page.body
    assert kept() == []


async def test_a_japanese_shortcut_is_fine(mari, kept):
    await mari.post("/desk/settings/replies/new", {**FORM, "shortcut": "本人確認", "locale": "ja", "body": "{customer_name}様"})
    assert [one.shortcut for one in kept()] == ["本人確認"]


async def test_a_shortcut_finds_one_reply_of_a_company_and_language(mari, kept):
    await mari.post("/desk/settings/replies/new", FORM)
    page = await mari.post("/desk/settings/replies/new", {**FORM, "title": "Another"})
    assert page.status == 422
    assert "“Our hours” is found by this word already." in page.body
    for other in ({"company": "cuc"}, {"locale": "ja"}):
        await mari.post("/desk/settings/replies/new", {**FORM, **other})
    assert len(kept()) == 3


async def test_a_preview_shows_what_a_customer_would_read_and_keeps_nothing(mari, kept):
    body = "Dear {customer_name}, {reference} is with {company}. We open {opening}. {agent_name}"
    page = await mari.post("/desk/settings/replies/new", {**FORM, "body": body, "act": "preview"})
    assert page.status == 200
    assert "Dear Hana Mori, P8J-XVVD is with JCOM" in page.body
    assert "We open tomorrow at 09:00" in page.body
    assert "{customer_name}" in page.body, "the form is as it was typed"
    assert "Mari" in page.body
    assert kept() == []
    page = await mari.post("/desk/settings/replies/new", {**FORM, "body": "{who}", "act": "preview"})
    assert page.status == 422


async def test_of_two_who_change_a_reply_at_once_the_second_is_told(gateway, mari, omar, kept):
    await mari.post("/desk/settings/replies/new", FORM)
    (reply,) = kept()
    change = {**FORM, "version": reply.version}
    assert (await mari.post(f"/desk/settings/replies/{reply.id}", {**change, "title": "Mari's"})).status == 200
    page = await omar.post(f"/desk/settings/replies/{reply.id}", {**change, "title": "Omar's"})
    assert page.status == 409
    assert "Somebody else has changed this since you opened it" in page.body
    assert (await omar.post(f"/desk/settings/replies/{reply.id}/delete", {"version": 1})).status == 409
    assert [one.title for one in kept()] == ["Mari's"]


async def test_two_transactions_at_once_do_not_overwrite_one_another(core, canned, clock, kept, mari):
    await mari.post("/desk/settings/replies/new", FORM)
    (reply,) = kept()
    core.database.transact(lambda db: core.canned.change(db, replace(reply, title="First")))
    with pytest.raises(SettingChanged):
        core.database.transact(lambda db: core.canned.change(db, replace(reply, title="Second")))


async def test_mari_neither_sees_nor_touches_another_companys_replies(mari, omar, kept):
    await omar.post("/desk/settings/replies/new", {**FORM, "company": "plusone", "title": "Plus only"})
    (reply,) = kept()
    assert "Plus only" not in (await mari.get("/desk/settings/replies")).body
    assert (await mari.get(f"/desk/settings/replies/{reply.id}")).status == 404
    assert (await mari.post(f"/desk/settings/replies/{reply.id}", {**FORM, "version": 1})).status == 404
    assert (await mari.post(f"/desk/settings/replies/{reply.id}/delete", {"version": 1})).status == 404
    assert (await mari.post("/desk/settings/replies/new", {**FORM, "company": "plusone"})).status == 403
    assert (await mari.post("/desk/settings/replies/new", {**FORM, "company": "plusone", "act": "preview"})).status == 403
    assert kept() == [reply]


async def test_a_reply_of_every_company_is_changed_by_who_sees_every_company(mari, omar, kept):
    await omar.post("/desk/settings/replies/new", {**FORM, "company": "", "title": "Common"})
    (reply,) = kept()
    page = await mari.get(f"/desk/settings/replies/{reply.id}")
    assert "Common" in page.body
    assert "only somebody who sees every company can change it" in page.body
    for form in ({**FORM, "version": 1, "company": ""}, {**FORM, "version": 1}):
        assert (await mari.post(f"/desk/settings/replies/{reply.id}", form)).status == 403
    assert (await mari.post(f"/desk/settings/replies/{reply.id}/delete", {"version": 1})).status == 403
    assert (await mari.post("/desk/settings/replies/new", {**FORM, "company": ""})).status == 403
    assert kept() == [reply]


@pytest.mark.parametrize("role", [Role.AGENT, Role.TRAINER, Role.PRIVACY_OFFICER])
async def test_who_may_not_administer_replies_does_not(gateway, role):
    someone = await staff(gateway, role, companies=ALL)
    for path in ("", "/new", "/some"):
        assert (await someone.get(f"/desk/settings/replies{path}")).status == 403
    assert (await someone.post("/desk/settings/replies/new", FORM)).status == 403
    assert (await someone.post("/desk/settings/replies/some/delete", {"version": 1})).status == 403


async def test_a_form_without_a_version_is_refused(mari, kept):
    await mari.post("/desk/settings/replies/new", FORM)
    assert (await mari.post(f"/desk/settings/replies/{kept()[0].id}", FORM)).status == 400


async def test_an_agent_is_offered_what_fits_the_ticket_in_its_language_first(gateway, mari, omar, canned):
    hana = await staff(gateway, Role.AGENT, companies=["jcom"], name="Hana Mori")
    for form in (
        {"title": "B common", "company": "", "shortcut": "b", "locale": "en", "body": "Yours, {agent_name}"},
        {"title": "A Japanese", "company": "", "shortcut": "a", "locale": "ja"},
        {"title": "C own", "company": "jcom", "shortcut": "c"},
        {"title": "D common, replaced", "company": "", "shortcut": "c"},
        {"title": "E of another", "company": "cuc", "shortcut": "e"},
    ):
        assert (await omar.post("/desk/settings/replies/new", {**FORM, **form})).status == 200
    chat = await gateway.open("jcom")
    core = gateway.core
    ticket = await core.database.run(
        lambda db: core.tickets.open(db, core.conversations.find(db, chat.id), "message1", "asked", gateway.clock())[0]
    )
    offered = await canned.list_for(hana.person, ticket.id)
    assert [one.title for one in offered] == ["B common", "C own", "A Japanese"]
    page = await hana.get(f"/desk/tickets/{ticket.reference}/canned")
    assert page.body.index("B common") < page.body.index("A Japanese")
    filled = await hana.get(f"/desk/tickets/{ticket.reference}/canned/{offered[0].id}")
    assert filled.body == "Yours, Hana"
    others = [one for one in core.database.look(lambda db: core.canned.list(db, ["cuc"])) if one.company == "cuc"]
    assert (await hana.get(f"/desk/tickets/{ticket.reference}/canned/{others[0].id}")).status == 404
    ken = await staff(gateway, Role.AGENT, companies=["cuc"], name="Ken")
    assert (await ken.get(f"/desk/tickets/{ticket.reference}/canned")).status == 404


async def test_the_core_checks_who_may_whatever_the_console_does(canned, mari, omar):
    with pytest.raises(BadFields) as refused:
        await canned.save(omar.person, CannedReply("", None, "en", "x", "X", "{nothing}"))
    assert refused.value.wrong["body"] == ("variables", {"names": "{nothing}"})
