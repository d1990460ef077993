"""Subjects, tags, mentions: what the desk makes of words that people type."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk import subjects, tags, ticket
from bot.desk.errors import BadRequest
from bot.desk.mentions import find_mentioned
from bot.desk.person import Person, Role
from bot.desk.queue import Place, read_cursor, write_cursor
from bot.desk.subjects import make_subject, shorten
from bot.desk.tags import tidy_tag
from bot.desk.ticket import is_reference, make_reference, tidy_reference


@pytest.mark.parametrize("module", [subjects, tags, ticket])
def test_what_the_documentation_shows_is_so(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        (["Hi", "I want to speak to a human", "How long do you keep my data?"], "How long do you keep my data?"),
        (["Your letter went to my neighbour.", "Can I talk to someone?"], "Your letter went to my neighbour."),
        (["こんにちは", "担当者と話したいです", "開示の手数料はいくらですか"], "開示の手数料はいくらですか"),
        (["a person please"], "Disclosure"),
        (["Yes, please."], "Disclosure"),
        (["はい、すぐにお願いします。"], "Disclosure"),
        (["Yes, the fee was too high"], "Yes, the fee was too high"),
        ([], "Disclosure"),
        (["What does it cost?\nI ask for my mother."], "What does it cost? I ask for my mother."),
    ],
)
def test_a_subject_is_the_matter_and_no_greeting(said, subject):
    assert make_subject(said, "Disclosure") == subject


def test_without_a_topic_the_wish_for_a_person_is_better_than_nothing():
    assert make_subject(["a person please"]) == "a person please"


@given(st.text(max_size=300), st.integers(2, 100))
def test_a_shortened_text_fits_in_one_line(text, longest):
    line = shorten(text, longest)
    assert len(line) <= longest
    assert "\n" not in line and line == line.strip()


def test_a_japanese_subject_is_cut_where_it_must_be():
    assert shorten("個人情報の開示をお願いしたいのですが手数料はいくらですか", 12) == "個人情報の開示をお願い…"


@pytest.mark.parametrize("tag", ["", "  ", ",", "x" * 41])
def test_what_is_no_tag_is_refused(tag):
    with pytest.raises(BadRequest):
        tidy_tag(tag)


@given(st.text(min_size=1, max_size=30))
def test_a_tidy_tag_stays_as_it_is(text):
    try:
        tag = tidy_tag(text)
    except BadRequest:
        return
    assert tidy_tag(tag) == tag


def person(name: str) -> Person:
    return Person(name, name, f"{name}@desk.example".replace(" ", "."), frozenset({Role.AGENT}))


HANA, MORI, SATO, TANAKA = person("Hana Sato"), person("Hana Mori"), person("佐藤 花"), person("Tanaka")


@pytest.mark.parametrize(
    ("text", "mentioned"),
    [
        ("@Hana Mori please look", [MORI]),
        ("@hana  mori, please look", [MORI]),
        ("@Hana both of you", [HANA, MORI]),
        ("@佐藤さん、お願いします", [SATO]),
        ("＠佐藤 花 確認済み", [SATO]),
        ("@Tanaka and @Hana Sato", [TANAKA, HANA]),
        ("@Tanakamoto is somebody else", []),
        ("write to info@tanaka.example", []),
        ("@ Tanaka", []),
        ("Tanaka", []),
        ("@Tanaka @tanaka", [TANAKA]),
    ],
)
def test_a_note_mentions_whose_name_follows_an_at_sign(text, mentioned):
    assert list(find_mentioned(text, [HANA, MORI, SATO, TANAKA])) == mentioned


def test_a_reference_is_found_however_it_is_typed():
    reference = make_reference()
    for typed in (reference.lower(), reference.replace("-", ""), f" {reference.replace('-', ' ')} ", reference.replace("-", "－")):
        assert tidy_reference(typed) == reference
        assert is_reference(typed)


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "e30", "W10", "WzEsMl0", write_cursor(Place("updated", 0, None, "t")), write_cursor(Place("due", 9, None, "t"))],
)
def test_a_made_up_place_in_the_queue_is_refused(cursor):
    with pytest.raises(BadRequest):
        read_cursor(cursor, "due")
