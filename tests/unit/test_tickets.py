"""A ticket's reference is read over the telephone: whoever mishears one character is told so."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.desk.ticket import ALPHABET, PRIORITIES, is_reference, make_reference, priority_of

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


def test_a_leak_cannot_wait_and_a_question_can():
    assert PRIORITIES[priority_of("leak")] == "urgent"
    assert PRIORITIES[priority_of("asked")] == "normal"
