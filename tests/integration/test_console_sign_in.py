"""Who gets in by a password and a code, who does not, and what is recorded of it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pyotp
import pytest

from bot.desk.session import HALFWAY
from tests.support.staff import PASSWORD, Browser, give_password, hash_quickly, read_audit, sign_in, staff

EMAIL = "hana@desk.example"
WRONG = "The e-mail address or the password is not right."


@pytest.fixture
async def hana(gateway, monkeypatch):
    hash_quickly(monkeypatch)
    hana = await staff(gateway, email=EMAIL)
    await give_password(hana)
    return hana


async def set_up_second_factor(client) -> tuple[str, list[str]]:
    """Her app's secret and her recovery codes."""
    page = (await client.get("/desk/account/second-factor")).body
    offer = page.partition('name="offer" value="')[2].partition('"')[0]
    secret = "".join(page.partition("<code>")[2].partition("</code>")[0].split())
    code = pyotp.TOTP(secret).at(client.gateway.clock())
    answer = await client.post("/desk/account/second-factor", {"offer": offer, "code": code})
    assert answer.status == 200, answer.body
    codes = [part.partition("</code>")[0] for part in answer.body.split("<code>")[1:]]
    assert len(codes) == 10
    return secret, codes


async def test_hana_signs_in_and_comes_to_the_page_that_she_wanted(gateway, hana):
    browser = Browser(gateway)
    await browser.get("/desk/account")
    assert browser.path == "/desk/sign-in?next=%2Fdesk%2Faccount"
    before = browser.cookies["desk"]
    answer = await browser.post(browser.path, {"email": " Hana@Desk.Example", "password": PASSWORD})
    assert (answer.status, browser.path) == (200, "/desk/account")
    assert browser.cookies["desk"] != before, "a token from before the sign-in is worth nothing"
    assert (await browser.get("/desk/sign-in", follow=False)).status == 303, "she is in"


@pytest.mark.parametrize("ahead", ["https://elsewhere.example", "//elsewhere.example", "/desk/a\r\nX: y", "javascript:1", "/"])
async def test_the_sign_in_page_leads_nowhere_but_into_the_console(gateway, hana, ahead):
    browser = Browser(gateway)
    await browser.get("/desk/sign-in")
    form = {"email": EMAIL, "password": PASSWORD}
    answer = await browser.post("/desk/sign-in", form, params={"next": ahead}, follow=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/desk")


async def test_a_wrong_password_an_unknown_address_and_somebody_disabled_read_the_same(gateway, hana):
    kenji = await staff(gateway, name="Kenji", email="kenji@desk.example")
    await give_password(kenji)
    core = gateway.core
    await core.database.run(lambda db: core.people.change(db, replace(kenji.person, disabled=True), gateway.clock()))
    answers = [
        await sign_in(gateway, EMAIL, "violet teapot 49 harbour"),
        await sign_in(gateway, "nobody@desk.example"),
        await sign_in(gateway, "kenji@desk.example"),
        await sign_in(gateway, ""),
    ]
    for browser, answer in answers:
        assert answer.status == 422
        assert WRONG in answer.body
        assert PASSWORD[:-1] not in answer.body
        assert (await browser.get("/desk/account", follow=False)).status == 303


async def test_an_unknown_address_takes_as_long_as_a_wrong_password(gateway):
    await give_password(await staff(gateway, email=EMAIL))

    async def took(email: str) -> float:
        began = time.perf_counter()
        await sign_in(gateway, email, "violet teapot 49 harbour")
        return time.perf_counter() - began

    known, unknown = [], []
    await took("warm.up@desk.example")
    for number in range(4):
        known.append(await took(EMAIL))
        unknown.append(await took(f"nobody{number}@desk.example"))
    # Both hash once, which is most of the time; without it the one would take a tenth of the other.
    assert min(unknown) > min(known) / 2
    assert min(known) > min(unknown) / 2


@pytest.mark.parametrize("email", [EMAIL, "nobody@desk.example"], ids=["known", "unknown"])
async def test_after_five_failures_there_is_a_pause_that_doubles_whether_the_address_is_known_or_not(gateway, hana, clock, email):
    for _ in range(5):
        assert (await sign_in(gateway, email, "wrong"))[1].status == 422
    _, answer = await sign_in(gateway, email)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "30")
    assert "Please try again in 1 min." in answer.body
    clock.advance(seconds=31)
    assert (await sign_in(gateway, email, "wrong"))[1].status == 422
    assert (await sign_in(gateway, email))[1].headers["Retry-After"] == "60"
    clock.advance(seconds=61)
    answer = (await sign_in(gateway, email, follow=False))[1]
    assert answer.status == (303 if email == EMAIL else 422)


async def test_an_hour_of_guessing_gets_nobody_more_than_a_few_guesses(gateway, hana, clock):
    tried = 0
    for _ in range(240):
        tried += (await sign_in(gateway, EMAIL, "wrong"))[1].status == 422
        clock.advance(seconds=15)
    assert tried <= 14


async def test_guesses_that_come_all_at_once_are_no_more_than_those_one_after_the_other(gateway, hana):
    answers = await asyncio.gather(*(sign_in(gateway, EMAIL, f"guess {number}") for number in range(20)))
    assert sorted(answer.status for _, answer in answers) == [422] * 5 + [429] * 15


async def test_a_code_that_is_given_twice_in_the_same_instant_counts_once(gateway, hana, clock):
    secret, codes = await set_up_second_factor(hana)
    clock.advance(minutes=5)
    for code in (pyotp.TOTP(secret).at(clock()), codes[0]):
        browsers = [(await sign_in(gateway, EMAIL))[0] for _ in range(2)]
        answers = await asyncio.gather(*(one.post("/desk/sign-in/second", {"code": code}, follow=False) for one in browsers))
        assert sorted(answer.status for answer in answers) == [303, 422]


async def test_hana_who_found_her_password_begins_anew(gateway, hana, clock):
    for _ in range(4):
        await sign_in(gateway, EMAIL, "wrong")
    assert (await sign_in(gateway, EMAIL, follow=False))[1].status == 303
    for _ in range(4):
        assert (await sign_in(gateway, EMAIL, "wrong"))[1].status == 422
    assert (await sign_in(gateway, EMAIL, follow=False))[1].status == 303


async def test_one_network_that_tries_many_addresses_has_to_pause_too(gateway, hana):
    for number in range(30):
        assert (await sign_in(gateway, f"nobody{number}@desk.example", "wrong"))[1].status == 422
    assert (await sign_in(gateway, "another@desk.example", "wrong"))[1].status == 429
    assert (await sign_in(gateway, EMAIL))[1].status == 429


async def test_somebody_who_has_an_account_gets_no_more_guesses_at_others_by_signing_in_between(gateway, hana):
    for number in range(30):
        assert (await sign_in(gateway, f"nobody{number}@desk.example", "wrong"))[1].status == 422
        if number % 10 == 5:
            assert (await sign_in(gateway, EMAIL, follow=False))[1].status == 303
    assert (await sign_in(gateway, "another@desk.example", "wrong"))[1].status == 429


async def test_with_a_second_factor_the_password_alone_opens_nothing(gateway, hana, clock):
    secret, _ = await set_up_second_factor(hana)
    clock.advance(minutes=5)
    browser, answer = await sign_in(gateway, EMAIL)
    assert "Second step" in answer.body
    assert (await browser.get("/desk/account", follow=False)).headers["Location"].startswith("/desk/sign-in/second")
    assert (await browser.post("/desk/account/sessions/end", follow=False)).status == 303
    answer = await browser.post("/desk/sign-in/second?next=/desk/account", {"code": pyotp.TOTP(secret).at(clock())})
    assert (answer.status, browser.path) == (200, "/desk/account")


async def test_no_code_counts_twice(gateway, hana, clock):
    secret, codes = await set_up_second_factor(hana)
    clock.advance(minutes=5)
    code = pyotp.TOTP(secret).at(clock())
    for given, status in ((code, 303), (code, 422), (codes[0].lower(), 303), (codes[0], 422)):
        browser, _ = await sign_in(gateway, EMAIL)
        answer = await browser.post("/desk/sign-in/second", {"code": given}, follow=False)
        assert answer.status == status, given
    assert "9 recovery codes are left" in (await hana.get("/desk/account")).body


async def test_the_code_that_set_it_up_does_not_sign_in(gateway, hana, clock):
    secret, _ = await set_up_second_factor(hana)
    browser, _ = await sign_in(gateway, EMAIL)
    answer = await browser.post("/desk/sign-in/second", {"code": pyotp.TOTP(secret).at(clock())}, follow=False)
    assert answer.status == 422


async def test_codes_are_guessed_no_more_often_than_passwords_even_by_who_knows_the_password(gateway, hana, clock):
    await set_up_second_factor(hana)
    clock.advance(minutes=5)
    for _ in range(5):
        browser, _ = await sign_in(gateway, EMAIL)
        assert (await browser.post("/desk/sign-in/second", {"code": "000000"})).status == 422
    assert (await browser.post("/desk/sign-in/second", {"code": "000000"})).status == 429
    assert (await sign_in(gateway, EMAIL))[1].status == 429


async def test_who_gave_the_password_has_ten_minutes_for_the_code(gateway, hana, clock):
    secret, _ = await set_up_second_factor(hana)
    browser, _ = await sign_in(gateway, EMAIL)
    clock.advance(seconds=HALFWAY.total_seconds())
    answer = await browser.post("/desk/sign-in/second", {"code": pyotp.TOTP(secret).at(clock())}, follow=False)
    assert answer.headers["Location"] == "/desk/sign-in"


async def test_every_sign_in_is_recorded_and_nothing_that_was_typed(gateway, hana):
    await sign_in(gateway, EMAIL, "my other passphrase")
    await sign_in(gateway, "typed.by.mistake", "my other passphrase")
    browser, _ = await sign_in(gateway, EMAIL)
    await browser.post("/desk/sign-out")
    entries = await read_audit(gateway)
    told = [(entry.actor, entry.action, entry.subject) for entry in entries]
    assert told == [
        ("system", "session.refuse", hana.id),
        ("system", "session.refuse", None),
        (hana.id, "session.open", hana.id),
        (hana.id, "session.close", hana.id),
    ]
    details = str([entry.detail for entry in entries])
    assert "passphrase" not in details
    assert "typed.by.mistake" not in details
    assert entries[0].detail["network"] == "127.0.0.1"


async def test_somebody_who_signed_out_is_out(gateway, hana):
    browser, _ = await sign_in(gateway, EMAIL)
    kept = dict(browser.cookies)
    await browser.post("/desk/sign-out")
    assert "desk" not in browser.cookies or browser.cookies != kept
    browser.cookies = kept
    assert (await browser.get("/desk/account", follow=False)).status == 303, "the old cookie is worth nothing"


async def test_where_everybody_has_to_have_a_second_factor_there_is_nothing_else_before_it(gateway, hana, clock):
    await gateway.stop()
    gateway.core = replace(gateway.core, settings=replace(gateway.core.settings, require_second_factor=True))
    await gateway.start()
    assert (await hana.get("/desk/account", follow=False)).headers["Location"].startswith("/desk/account/second-factor")
    assert (await hana.post("/desk/account/absence", {}, follow=False)).headers["Location"] == "/desk/account/second-factor"
    await set_up_second_factor(hana)
    assert (await hana.get("/desk/account", follow=False)).status == 200


async def test_the_language_that_was_chosen_before_the_sign_in_is_the_pages(gateway):
    browser = Browser(gateway)
    await browser.get("/desk/sign-in")
    answer = await browser.post("/desk/language", {"locale": "ja", "back": "/desk/sign-in"})
    assert '<html lang="ja">' in answer.body
    assert "パスワード" in (await browser.get("/desk/sign-in")).body
