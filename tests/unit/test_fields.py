"""What customers type into a request is read as they write it, in both scripts, and never guessed."""

from __future__ import annotations

import doctest
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import fields
from bot.desk.fields import READERS, WrongValue, clean, read_date, read_email, read_name, read_phone, read_postcode, read_text

TODAY = date(2026, 11, 22)


def fault(read, text, *rest) -> str:
    with pytest.raises(WrongValue) as caught:
        read(text, *rest)
    return caught.value.fault


def test_the_examples_hold():
    assert doctest.testmod(fields).failed == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Hana Yamada", "Hana Yamada"),
        ("山田花子", "山田花子"),
        ("ヤマダ　ハナコ", "ヤマダ ハナコ"),
        ("José María Ñandú-O’Brien", "José María Ñandú-O’Brien"),
        ("Dr. Kim", "Dr. Kim"),
        ("サラ・スミス", "サラ・スミス"),
        ("Нина Петрова", "Нина Петрова"),
        ("Ha\u200bna \u202eadamaY", "Hana adamaY"),
    ],
)
def test_names_are_taken_in_any_script(typed, kept):
    assert read_name(typed) == kept


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("", "name_empty"),
        (" \u202e\n", "name_empty"),
        ("<b>Hana</b>", "name_odd"),
        ("12345", "name_odd"),
        ("hana@example.org", "name_odd"),
        ("Hana; drop table", "name_odd"),
        ("How much is it?", "name_odd"),
        ("a" * 81, "name_long"),
    ],
)
def test_what_is_no_name_is_asked_again(typed, wrong):
    assert fault(read_name, typed) == wrong


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("hana@EXAMPLE.org", "hana@example.org"),
        (" ｈａｎａ＠example.org。", "hana@example.org"),
        ("mailto:hana@example.org", "hana@example.org"),
        ("<hana@example.org>", "hana@example.org"),
    ],
)
def test_an_address_is_taken_as_people_paste_it(typed, kept):
    assert read_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "hana", "hana@", "@example.org", "hana@example", "a@b@example.org", "hana@example.org\nBcc: all@example.org",
        "hana@example.org\r\nSubject: hello", "hana@example.org, mika@example.org", "ha na@example.org",
    ],
)  # fmt: skip
def test_what_is_no_single_address_is_refused_with_every_header_in_it(typed):
    assert fault(read_email, typed) == "email_odd"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0312345678", "+81 3-1234-5678"),
        ("090-1234-5678", "+81 90-1234-5678"),
        ("０９０ー１２３４ー５６７８", "+81 90-1234-5678"),
        ("+81 (0)3 1234 5678", "+81 3-1234-5678"),
        ("+1 650 253 0000", "+1 650-253-0000"),
    ],
)
def test_telephone_numbers_are_kept_in_one_form(typed, kept):
    assert read_phone(typed) == kept


@pytest.mark.parametrize("typed", ["", "12", "call me", "03-1234-5678 after six", "0" * 30])
def test_what_is_no_number_is_asked_again(typed):
    assert fault(read_phone, typed) == "phone_odd"


@pytest.mark.parametrize(
    ("typed", "kept"), [("1600001", "160-0001"), ("〒160-0001", "160-0001"), ("１６０ー０００１", "160-0001"), ("10115", "10115")]
)
def test_postcodes_of_japan_and_abroad_are_taken(typed, kept):
    assert read_postcode(typed) == kept


@pytest.mark.parametrize("typed", ["", "Tokyo", "160-00012345678", "〒", "what for?"])
def test_what_is_no_postcode_is_asked_again(typed):
    assert fault(read_postcode, typed) == "postcode_odd"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1991-04-05", "1991-04-05"),
        ("1991年4月5日", "1991-04-05"),
        ("昭和64年1月7日", "1989-01-07"),
        ("平成元年１月８日", "1989-01-08"),
        ("R1.5.1", "2019-05-01"),
        ("April 5th, 1991", "1991-04-05"),
        ("25/12/1980", "1980-12-25"),
        ("12/25/1980", "1980-12-25"),
        ("5.5.2000", "2000-05-05"),
    ],
)
def test_days_are_read_in_the_calendars_that_people_use(typed, kept):
    assert read_date(typed, TODAY) == kept


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("02/03/2001", "date_twofold"),
        ("2001-02-30", "date_odd"),
        ("tomorrow", "date_odd"),
        ("2026-11-23", "date_to_come"),
        ("1750-01-01", "date_odd"),
        ("April 1991", "date_odd"),
    ],
)
def test_a_day_that_could_be_another_is_not_guessed(typed, wrong):
    assert fault(read_date, typed, TODAY) == wrong


def test_what_is_to_be_corrected_keeps_its_lines():
    assert read_text("My street:\n  old 1 \u202e\n\n new 2  ") == "My street:\nold 1\n\nnew 2"
    assert fault(read_text, "x" * 2001) == "line_long"


@given(st.sampled_from(sorted(READERS)), st.text(max_size=300))
def test_whatever_is_typed_is_kept_clean_or_refused_by_name(name, typed):
    try:
        kept = READERS[name](typed)
    except WrongValue as error:
        assert error.fault.rpartition("_")[0]
        return
    assert kept == kept.strip() != ""
    assert not any(c in kept for c in "\u202e\u202d\u2066\u200b\x00\r")
    if name != "details":
        assert "\n" not in kept
        assert READERS[name](kept) == kept


@given(st.text(max_size=100))
def test_a_cleaned_line_is_one_line(text):
    assert len(clean(text).splitlines()) <= 1
