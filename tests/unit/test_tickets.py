"""A ticket's reference is read over the telephone: whoever mishears one character is told so."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.desk.ticket import ALPHABET, PRIORITIES, is_reference, make_reference, priority_of, read_reference

references = st.builds(make_reference)


@given(references)
def test_what_was_made_is_a_reference_however_it_is_typed(reference):
    assert is_reference(reference)
    assert is_reference(reference.lower())
    assert is_reference(f"  {reference.replace('-', ' ')} ")
    assert is_reference(reference.replace("-", ""))


@given(references, st.integers(0, 6), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(reference, place, wrong):
    body = reference.replace("-", "")
    assume(body[place] != wrong)
    assert not is_reference(body[:place] + wrong + body[place + 1 :])


@given(references, st.integers(0, 5))
def test_two_neighbours_swapped_are_noticed(reference, place):
    body = reference.replace("-", "")
    assume(body[place] != body[place + 1])
    assert not is_reference(body[:place] + body[place + 1] + body[place] + body[place + 2 :])


@given(references)
def test_no_reference_has_a_character_that_sounds_or_looks_like_another(reference):
    assert not set(reference) & set("01IOl")


@pytest.mark.parametrize("text", ["", "-", "ABC", "hello there", "ABC-DEFGH", "ＡＢＣ-ＤＥＦＧ", "１２３４５６７"])
def test_what_has_another_form_is_no_reference(text):
    assert not is_reference(text)


def full_width(text):
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


@given(references)
def test_staff_may_type_or_scan_a_reference_in_any_form(reference):
    bare = reference.replace("-", "")
    typed = [reference, bare, bare.lower(), full_width(reference), full_width(bare.lower()), f" {bare[:3]} {bare[3:]}\r\n"]
    typed += [f"{bare[:3]}{dash}{bare[3:]}" for dash in "‐–—−ー_."]
    typed += [f"Reference: {reference}", f"受付番号：{reference}です", f"「{reference}」"]
    for text in typed:
        assert read_reference(text) == reference, text


@given(references, st.sampled_from(["D0", "QO", "71", "JI", "2Z", "Z2", "S5", "8B", "B8", "G6"]))
def test_a_look_alike_is_put_right_only_where_one_reading_fits(reference, slip):
    right, wrong = slip
    assume(right in reference)
    read = read_reference(reference.replace(right, wrong, 1))
    assert read is None or is_reference(read)
    if wrong not in ALPHABET:
        others = {"0": "QDCG", "O": "QDCG", "1": "7JT", "I": "7JT"}[wrong]
        fitting = [c for c in others if is_reference(reference.replace(right, c, 1))]
        assert read == (reference if len(fitting) == 1 else None)


@pytest.mark.parametrize(
    "text",
    [
        *("", "hello", "address", "request", "160-0023", "03-1234-5678", "123-4567"),
        *("ABC-DEFG", "個人情報の開示", "🙂🙂🙂-🙂🙂🙂🙂", "A" * 10_000),
    ],
)
def test_what_is_no_reference_is_not_made_one(text):
    assert read_reference(text) is None


def test_two_references_in_one_text_are_none():
    assert read_reference(f"{make_reference()} or {make_reference()}") is None


def test_a_leak_cannot_wait_and_a_question_can():
    assert PRIORITIES[priority_of("leak")] == "urgent"
    assert PRIORITIES[priority_of("asked")] == "normal"
