"""Whom the desk can write to, when it tries again, and what its mails say."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.channels.mail.message import write_message
from bot.delivery.notices import read_wording
from bot.desk.mail import DELAYS, PATIENCE, Mail, MailRefused, find_next_try, is_address
from bot.desk.notices import PREFERENCES, hear_of_late, wants
from bot.desk.person import Person, Role
from bot.desk.ticket import REASONS, Ticket
from bot.storage.outbox import Letter

NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    ["hana@example.com", "hana.suzuki+desk@mail.example.co.jp", "hana..@docomo.example", "a@b", "o'hara@e.jp", "x" * 64 + "@e.jp"],
)
def test_mail_can_be_sent_there(address):
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "hana",
        "@example.com",
        "hana@",
        "hana@example.com, kenji@example.com",
        "hana@example.com\r\nBcc: everybody@example.com",
        "hana@example.com\n",
        "Hana <hana@example.com>",
        '"hana"@example.com',
        "ha na@example.com",
        "hana@exa mple.com",
        "hana@-example.com",
        "hana@example..com",
        "[email protected]",
        "hana@[127.0.0.1]",
        "花@example.com",
        "x" * 65 + "@example.com",
        "hana@" + "a" * 250 + ".com",
        "hana@example.com>",
    ],
)
def test_what_is_no_address_or_names_more_than_one_is_none(address):
    assert not is_address(address)


# Trying again ------------------------------------------------------------------------------------------------------


def test_a_mail_is_tried_ever_more_slowly_for_two_days_and_then_given_up():
    now, tries, times = NOON, 0, []
    while now is not None:
        times.append(now)
        tries += 1
        now = find_next_try(tries, NOON, now, random.Random(tries))
    waits = [after - before for before, after in zip(times, times[1:])]
    assert timedelta(seconds=48) <= waits[0] <= timedelta(seconds=72)
    assert all(after > before * 0.8 for before, after in zip(waits, waits[1:]))
    assert 10 <= tries <= 20
    assert times[-1] > NOON + timedelta(days=1)
    assert times[-1] <= NOON + PATIENCE


def test_mails_that_failed_together_do_not_come_again_together():
    chance = random.Random(1)
    assert len({find_next_try(3, NOON, NOON, chance) for _ in range(20)}) == 20


def test_the_same_chance_gives_the_same_time():
    assert find_next_try(2, NOON, NOON, random.Random(7)) == find_next_try(2, NOON, NOON, random.Random(7))


def test_a_mail_that_waited_for_two_days_before_its_first_try_gets_no_second():
    assert find_next_try(1, NOON - PATIENCE, NOON, random.Random(1)) is None


def test_the_delays_fit_into_the_two_days():
    assert sum(DELAYS, timedelta()) * 1.2 < PATIENCE


# The message -------------------------------------------------------------------------------------------------------


def letter(**fields: str) -> Letter:
    mail = {"to": "hana@example.com", "subject": "An answer", "text": "There is an answer.\n", **fields}
    return Letter("a" * 32, Mail(**mail), NOON)


def test_a_message_says_who_sends_it_and_that_a_machine_wrote_it():
    message = write_message(letter(), ("Inquiry desk", "desk@example.jp"))
    assert message["From"] == "Inquiry desk <desk@example.jp>"
    assert message["To"] == "hana@example.com"
    assert message["Message-ID"] == f"<{'a' * 32}@example.jp>"
    assert message["Date"] == "Tue, 24 Nov 2026 03:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content() == "There is an answer.\n"


def test_japanese_arrives_as_it_was_written_through_servers_of_seven_bits():
    message = write_message(letter(subject="お問い合わせへの回答", text="回答いたしました。\n" * 50), ("窓口", "desk@example.jp"))
    sent = bytes(message)
    assert sent.isascii()
    assert message["Subject"] == "お問い合わせへの回答"
    assert message.get_content().replace("\r\n", "\n") == "回答いたしました。\n" * 50
    assert max(map(len, sent.splitlines())) < 998


@pytest.mark.parametrize("field", ["subject", "name"])
def test_a_line_break_adds_no_header(field):
    evil = "An answer\r\nBcc: everybody@example.com\r\n\r\nBuy this"
    sender = (evil if field == "name" else "Desk", "desk@example.jp")
    message = write_message(letter(subject=evil if field == "subject" else "An answer"), sender)
    head = bytes(message).split(b"\r\n\r\n")[0]
    assert message["Bcc"] is None
    assert not re.search(rb"^Bcc:", head, re.M | re.I)
    assert message.get_content() == "There is an answer.\n"


def test_an_address_that_is_none_is_refused_and_not_repeated():
    with pytest.raises(MailRefused) as refused:
        write_message(letter(to="hana@example.com\r\nBcc: everybody@example.com"), ("Desk", "desk@example.jp"))
    assert "@" not in str(refused.value)


# Who is told -------------------------------------------------------------------------------------------------------


def person(id: str, *roles: Role, **fields) -> Person:
    return Person(id, id.title(), f"{id}@desk.example", frozenset(roles or (Role.AGENT,)), frozenset({"jcom"}), **fields)


HANA, KENJI = person("hana"), person("kenji")
BOSS = person("boss", Role.SUPERVISOR)
OFFICER = person("officer", Role.PRIVACY_OFFICER)
ELSEWHERE = Person("else", "Else", "else@desk.example", frozenset({Role.SUPERVISOR}), frozenset({"cuc"}))
PEOPLE = [HANA, KENJI, BOSS, OFFICER, ELSEWHERE]


def ticket(assignee: str | None) -> Ticket:
    return Ticket("t", "ABC-DEF2", "jcom", "c", "asked", 1, "open", "en", "web", NOON, NOON, assignee=assignee)


def names(people: list[Person]) -> list[str]:
    return [one.id for one in people]


def test_whoever_has_a_ticket_is_warned_and_nobody_else():
    assert names(hear_of_late(ticket("hana"), PEOPLE, NOON, escalated=False)) == ["hana"]


def test_of_a_ticket_that_nobody_has_those_hear_who_can_give_it_to_somebody():
    assert names(hear_of_late(ticket(None), PEOPLE, NOON, escalated=False)) == ["boss"]


def test_a_late_ticket_reaches_its_holder_and_the_supervisors_of_that_company():
    assert names(hear_of_late(ticket("hana"), PEOPLE, NOON, escalated=True)) == ["hana", "boss"]


def test_if_whoever_has_it_is_absent_a_supervisor_is_warned_too():
    absent = [person("hana", absent_until=NOON + timedelta(days=3)), KENJI, BOSS]
    assert names(hear_of_late(ticket("hana"), absent, NOON, escalated=False)) == ["hana", "boss"]
    back = [person("hana", absent_until=NOON - timedelta(hours=1)), KENJI, BOSS]
    assert names(hear_of_late(ticket("hana"), back, NOON, escalated=False)) == ["hana"]


def test_a_supervisor_who_has_the_ticket_is_told_once():
    assert names(hear_of_late(ticket("boss"), PEOPLE, NOON, escalated=True)) == ["boss"]


@pytest.mark.parametrize("preference", PREFERENCES)
def test_every_mail_is_wanted_until_it_is_switched_off(preference):
    assert wants(HANA, {}, preference)
    assert not wants(HANA, {preference: False}, preference)
    assert not wants(person("gone", disabled=True), {}, preference)


# Wording -----------------------------------------------------------------------------------------------------------

WORDING = read_wording()


def each_text():
    for key, texts in WORDING.items():
        for part in ([texts] if "en" in texts else list(texts.values())):
            yield key, part


def test_every_text_is_there_in_both_languages_and_fills_in_the_same():
    for key, texts in each_text():
        assert set(texts) == {"en", "ja"}, key
        filled = {locale: set(re.findall(r"\{(\w+)\}", text)) for locale, text in texts.items()}
        if key != "handed_over_subject":  # "a ticket" needs no number in English
            assert filled["en"] == filled["ja"], key


def test_every_kind_of_ticket_has_a_name_in_mails():
    assert {f"kind_{reason}" for reason in REASONS} <= set(WORDING)


def test_no_mail_can_hold_what_a_customer_wrote():
    known = {"name", "by", "reference", "company", "kind", "link", "count", "due", "holder", "account", "days"}
    source = (Path(__file__).parents[2] / "bot" / "delivery" / "notices.py").read_text(encoding="utf-8")
    assert {field for _, texts in each_text() for text in texts.values() for field in re.findall(r"\{(\w+)\}", text)} == known
    assert "subject" not in re.findall(r"ticket\.(\w+)", source)
