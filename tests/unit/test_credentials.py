"""Passwords that others would guess, codes that count, pauses that double."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from bot.desk import passwords
from bot.desk.errors import WeakPassword
from bot.desk.lockout import ACCOUNT, NETWORK
from bot.desk.second_factor import find_step, make_recovery_codes, make_secret, tidy_recovery_code

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
HANA = ("Hana Tanaka", "hana.tanaka@desk.example")
GOOD = "violet teapot 49 harbours"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("harbour", "short"),
        ("ば" * 9, "short"),
        ("x" * 201, "long"),
        ("1234567890", "common"),
        ("Qwertyuiop", "common"),
        ("passw0rd12", "guessable"),
        ("aaaaaaaaaaaaaaaa", "guessable"),
        ("2026-11-24-1", "guessable"),
        ("hana.tanaka@desk.example", "own"),
        ("TanakaHana1", "own"),
        ("ｈａｎａｔａｎａｋａ１", "own"),
    ],
)
def test_a_password_that_others_would_guess_is_refused_with_the_reason(password, why):
    with pytest.raises(WeakPassword) as refused:
        passwords.check_password(password, HANA)
    assert refused.value.why == why


@pytest.mark.parametrize("password", [GOOD, "紫陽花とやかんと港の猫", "9fK!z2#qLw", "x " + GOOD * 7])
def test_a_password_that_nobody_would_guess_is_taken(password):
    passwords.check_password(password, HANA)


def test_what_is_kept_of_a_password_lets_nobody_but_its_owner_in():
    kept = passwords.hash_password(GOOD)
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept
    assert kept != passwords.hash_password(GOOD)
    assert passwords.verify_password(kept, GOOD)
    assert not passwords.verify_password(kept, GOOD + ".")
    assert not passwords.verify_password("no hash", GOOD)
    assert not passwords.verify_password(kept, "x" * 1_000_000)
    assert not passwords.is_outdated(kept)


def test_a_password_is_the_same_by_every_keyboard():
    assert passwords.verify_password(passwords.hash_password("ｶﾀｶﾅの港と紫陽花"), "カタカナの港と紫陽花")


def test_where_no_password_is_kept_none_is_right():
    assert not passwords.verify_password(None, "of nobody")


def test_a_code_counts_half_a_minute_before_and_after_its_time_and_no_longer():
    secret = make_secret()
    code = pyotp.TOTP(secret).at(NOW)
    step = find_step(secret, code, NOW)
    assert step == int(NOW.timestamp()) // 30
    assert find_step(secret, f" {code[:3]} {code[3:]} ", NOW) == step
    assert find_step(secret, code, NOW + timedelta(seconds=30)) == step
    assert find_step(secret, code, NOW - timedelta(seconds=30)) == step
    assert find_step(secret, code, NOW + timedelta(seconds=60)) is None
    assert find_step(secret, code, NOW - timedelta(seconds=31)) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６"])
def test_what_is_no_code_counts_never(code):
    assert find_step(make_secret(), code, NOW) is None


def test_recovery_codes_are_read_however_they_are_typed():
    codes = make_recovery_codes()
    assert len(set(codes)) == 10
    assert tidy_recovery_code(codes[0]) == codes[0]
    assert tidy_recovery_code(f" {codes[0].lower().replace('-', ' ')} ") == codes[0]
    assert tidy_recovery_code("123456") is None


def test_the_pause_doubles_from_half_a_minute_to_a_quarter_of_an_hour():
    pauses = [ACCOUNT.pause(failures) for failures in range(1, 12)]
    assert pauses[:4] == [None] * 4
    assert [pause.total_seconds() for pause in pauses[4:]] == [30, 60, 120, 240, 480, 900, 900]
    assert ACCOUNT.pause(10_000) == timedelta(minutes=15)
    assert NETWORK.pause(29) is None
    assert NETWORK.pause(30)
