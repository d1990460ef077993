"""What people do with their own account, and by one-time links."""

from __future__ import annotations

import json
from datetime import timedelta

import pyotp
import pytest

from bot.casework.welcome import make_first_link, make_rescue_link
from bot.desk.errors import UnknownPerson
from bot.desk.person import Role
from tests.support.staff import ALL, PASSWORD, Browser, give_password, hash_quickly, read_audit, sign_in, staff

from .test_console_sign_in import set_up_second_factor

EMAIL = "hana@desk.example"
NEW = "marble owls 17 staircase"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    hash_quickly(monkeypatch)


@pytest.fixture
async def hana(gateway):
    hana = await staff(gateway, email=EMAIL)
    await give_password(hana)
    return hana


async def first_link(gateway) -> str | None:
    token = make_first_link(gateway.core, gateway.clock())
    return token and f"/desk/welcome/{token}"


def answers(**more: str) -> dict[str, str]:
    return {"name": "Hana Tanaka", "email": EMAIL, "password": NEW, "again": NEW, **more}


# The first administrator -------------------------------------------------------------------------------------------


async def test_the_first_administrator_comes_by_a_link_that_works_once(gateway):
    link, browser = await first_link(gateway), Browser(gateway)
    for _ in range(2):
        assert "The first administrator" in (await browser.get(link)).body, "looking at it does not use it up"
    answer = await browser.post(link, answers(), follow=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/desk?told=welcome.done")
    assert (await browser.get("/desk/people")).status == 200, "she is signed in"
    assert (await Browser(gateway).get(link)).status == 410
    person = await gateway.core.database.run(lambda db: gateway.core.people.find_by_email(db, EMAIL))
    assert person.roles == {Role.ADMINISTRATOR, Role.SUPERVISOR}
    assert person.all_companies
    assert await first_link(gateway) is None
    assert [entry.action for entry in await read_audit(gateway)] == ["administrator.link", "password.set", "session.open"]


async def test_a_fresh_link_takes_the_place_of_the_one_before(gateway):
    before, after = await first_link(gateway), await first_link(gateway)
    assert (await Browser(gateway).get(before)).status == 410
    assert (await Browser(gateway).get(after)).status == 200


async def test_a_link_is_good_for_a_day(gateway, clock):
    link = await first_link(gateway)
    clock.advance(hours=24)
    assert (await Browser(gateway).get(link)).status == 410


async def test_who_is_administrator_already_ends_every_link_to_the_first(gateway):
    link = await first_link(gateway)
    await give_password(await staff(gateway, Role.ADMINISTRATOR))
    assert (await Browser(gateway).get(link)).status == 410


async def test_nothing_of_a_link_stands_in_the_database(gateway, database):
    token = (await first_link(gateway)).rpartition("/")[2]
    rows = database.transact(lambda db: str(db.exec_driver_sql("select * from invitations").all()))
    assert token not in rows


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"password": "harbour", "again": "harbour"}, "at least 10 characters"),
        ({"password": "hanatanaka1", "again": "hanatanaka1"}, "little more than your name"),
        ({"again": "marble owls 17 staircases"}, "not the same"),
        ({"name": "  "}, "give a name"),
        ({"email": "hana"}, "not an e-mail address"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_the_link_stays_good(gateway, wrong, words):
    link, browser = await first_link(gateway), Browser(gateway)
    await browser.get(link)
    answer = await browser.post(link, answers(**wrong))
    assert answer.status == 422
    assert words in answer.body
    assert NEW not in answer.body
    assert (await browser.post(link, answers(), follow=False)).status == 303


async def test_an_operator_lets_the_last_administrator_in_again(gateway, hana, clock):
    await set_up_second_factor(hana)
    token = make_rescue_link(gateway.core, EMAIL, clock())
    browser = Browser(gateway)
    assert "choose a new password" in (await browser.get(f"/desk/welcome/{token}")).body
    await browser.post(f"/desk/welcome/{token}", {"password": NEW, "again": NEW}, follow=False)
    assert "Not set up" in (await browser.get("/desk/account")).body
    assert (await hana.get("/desk/account", follow=False)).status == 303
    with pytest.raises(UnknownPerson):
        make_rescue_link(gateway.core, "nobody@desk.example", clock())


# Password ----------------------------------------------------------------------------------------------------------


async def test_hana_changes_her_password_and_is_signed_out_everywhere_else(gateway, hana):
    elsewhere, _ = await sign_in(gateway, EMAIL)
    answer = await hana.post("/desk/account/password", {"present": PASSWORD, "password": NEW, "again": NEW})
    assert (answer.status, hana.path) == (200, "/desk/account?told=account.password_changed")
    assert (await elsewhere.get("/desk/account", follow=False)).status == 303
    assert (await sign_in(gateway, EMAIL))[1].status == 422
    assert (await sign_in(gateway, EMAIL, NEW, follow=False))[1].status == 303


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"present": "wrong", "password": NEW, "again": NEW}, "not your present password"),
        ({"present": PASSWORD, "password": NEW, "again": "x"}, "not the same"),
        ({"present": PASSWORD, "password": "1234567890", "again": "1234567890"}, "everybody tries first"),
    ],
)
async def test_a_change_that_cannot_be_is_explained_and_changes_nothing(gateway, hana, form, words):
    answer = await hana.post("/desk/account/password", form)
    assert answer.status == 422
    assert words in answer.body
    assert (await sign_in(gateway, EMAIL, follow=False))[1].status == 303


async def test_whoever_finds_her_console_open_cannot_try_out_her_password(gateway, hana):
    for _ in range(5):
        form = {"present": "wrong", "password": NEW, "again": NEW}
        assert (await hana.post("/desk/account/password", form)).status == 422
    assert (await hana.post("/desk/account/password", {**form, "present": PASSWORD})).status == 429


# Second factor -----------------------------------------------------------------------------------------------------


async def test_the_square_code_holds_what_the_app_needs_and_a_wrong_code_sets_nothing_up(gateway, hana):
    page = (await hana.get("/desk/account/second-factor")).body
    assert 'src="data:image/svg+xml' in page
    offer = page.partition('name="offer" value="')[2].partition('"')[0]
    answer = await hana.post("/desk/account/second-factor", {"offer": offer, "code": "000000"})
    assert answer.status == 422
    assert f'value="{offer}"' in answer.body, "the same square code: the app has it already"
    assert "Not set up" in (await hana.get("/desk/account")).body


async def test_a_secret_that_was_offered_in_another_session_is_not_taken(gateway, hana, clock):
    other, _ = await sign_in(gateway, EMAIL)
    page = (await other.get("/desk/account/second-factor")).body
    offer = page.partition('name="offer" value="')[2].partition('"')[0]
    secret = "".join(page.partition("<code>")[2].partition("</code>")[0].split())
    form = {"offer": offer, "code": pyotp.TOTP(secret).at(clock())}
    assert (await hana.post("/desk/account/second-factor", form)).status == 422


async def test_long_after_the_sign_in_the_password_is_asked_before_the_second_factor_changes(gateway, hana, clock):
    await set_up_second_factor(hana)
    clock.advance(minutes=11)
    for path in ("/desk/account/second-factor/remove", "/desk/account/recovery-codes"):
        assert (await hana.post(path)).status == 422
        assert (await hana.post(path, {"present": "wrong"})).status == 422
    answer = await hana.post("/desk/account/recovery-codes", {"present": PASSWORD})
    assert answer.body.count("<code>") == 10
    await hana.post("/desk/account/second-factor/remove", {"present": PASSWORD})
    assert "Not set up" in (await hana.get("/desk/account")).body
    actions = [entry.action for entry in await read_audit(gateway, hana.id)]
    assert actions == ["second_factor.set", "recovery_codes.renew", "second_factor.remove"]


async def test_new_recovery_codes_end_those_from_before_and_none_stands_in_the_database(gateway, hana, database):
    _, before = await set_up_second_factor(hana)
    page = (await hana.post("/desk/account/recovery-codes")).body
    after = [part.partition("</code>")[0] for part in page.split("<code>")[1:]]
    for code, status in ((before[0], 422), (after[0], 303)):
        browser, _ = await sign_in(gateway, EMAIL)
        assert (await browser.post("/desk/sign-in/second", {"code": code}, follow=False)).status == status
    rows = database.transact(lambda db: str(db.exec_driver_sql("select * from recovery_codes").all()))
    assert after[1] not in rows


@pytest.mark.parametrize(("role", "reminded"), [(Role.ADMINISTRATOR, True), (Role.PRIVACY_OFFICER, True), (Role.AGENT, False)])
async def test_who_can_do_much_is_reminded_of_a_second_factor(gateway, role, reminded):
    client = await staff(gateway, role, companies=ALL, email=EMAIL)
    await give_password(client)
    _, answer = await sign_in(gateway, EMAIL, follow=False)
    assert ("told=sign_in.remind" in answer.headers["Location"]) is reminded
    assert ("Your role opens much" in (await client.get("/desk/account")).body) is reminded
    await set_up_second_factor(client)
    assert "Your role opens much" not in (await client.get("/desk/account")).body


# Sessions, language, absence ---------------------------------------------------------------------------------------


async def test_hana_sees_where_she_is_signed_in_and_ends_what_she_does_not_know(gateway, hana):
    firefox = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    other = Browser(gateway)
    await other.get("/desk/sign-in")
    await other.post("/desk/sign-in", {"email": EMAIL, "password": PASSWORD}, headers=firefox, follow=False)
    page = (await hana.get("/desk/account")).body
    assert "Firefox, Linux, 127.0.0.1" in page
    session = page.partition('name="session" value="')[2].partition('"')[0]
    await hana.post("/desk/account/sessions/end", {"session": session})
    assert (await other.get("/desk/account", follow=False)).status == 303
    assert (await hana.get("/desk/account", follow=False)).status == 200


async def test_kenji_cannot_end_hanas_session(gateway, hana):
    kenji = await staff(gateway, name="Kenji")
    sessions = await gateway.core.database.run(lambda db: gateway.core.sessions.list(db, hana.person, gateway.clock()))
    await kenji.post("/desk/account/sessions/end", {"session": sessions[0].id})
    await kenji.post("/desk/account/sessions/end")
    assert (await hana.get("/desk/account", follow=False)).status == 200


async def test_hana_takes_her_language_with_her(gateway, hana):
    answer = await hana.post("/desk/language", {"locale": "ja", "back": "/desk/account"})
    assert '<html lang="ja">' in answer.body
    assert '<html lang="ja">' in (await staff_page(gateway, hana)).body


async def staff_page(gateway, client):
    other = Browser(gateway, {"desk": client.cookies["desk"]})
    return await other.get("/desk/account")


async def test_hana_is_away_until_she_says_or_is_back(gateway, hana, clock):
    tomorrow = (clock() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    await hana.post("/desk/account/absence", {"away": "1", "until": tomorrow})
    core = gateway.core
    person = await core.database.run(lambda db: core.people.find(db, hana.id))
    assert person.absent_until.isoformat() == (clock() + timedelta(days=1, hours=-9)).isoformat(), "written in Tokyo's time"
    await hana.post("/desk/account/absence")
    assert (await core.database.run(lambda db: core.people.find(db, hana.id))).absent_until is None


@pytest.mark.parametrize("until", ["", "soon", "2026-11-24T00:00", "2030-01-01T00:00"])
async def test_an_absence_that_is_none_is_explained(gateway, hana, until):
    answer = await hana.post("/desk/account/absence", {"away": "1", "until": until})
    assert answer.status == 422
    assert "within the coming year" in answer.body


async def test_what_the_audit_log_says_of_an_account_holds_no_secret(gateway, hana):
    secret, codes = await set_up_second_factor(hana)
    await hana.post("/desk/account/password", {"present": PASSWORD, "password": NEW, "again": NEW})
    told = json.dumps([entry.detail for entry in await read_audit(gateway)])
    assert not [word for word in (secret, *codes, PASSWORD, NEW) if word in told]
