"""What words mean to the desk."""

import pytest

from engine.concepts import Concepts, stem, terms_of

TABLES = {
    "fee": ["fee", "charge", "how much", "手数料"],
    "blackout": ["black out", "redact", "cover up"],
    "identity": ["passport", "driver's license"],
}


@pytest.fixture
def concepts():
    return Concepts(TABLES)


@pytest.mark.parametrize("text", ["what is the fee", "are there charges", "how much is that", "you charged me", "手数料は?"])
def test_a_fee_is_a_fee_in_any_of_its_words(concepts, text):
    assert concepts.of(text) == ["fee"]


def test_a_misspelt_word_is_still_understood(concepts):
    assert concepts.of("do i need my pasport") == ["identity"]
    assert concepts.of("shall i redcat it") == ["blackout"]  # two letters swapped
    assert concepts.of("shall i rexxct it") == []  # two letters amiss is another word


def test_a_phrase_counts_only_as_a_whole(concepts):
    assert concepts.of("the black cat is out") == []
    assert concepts.of("what do i black out") == ["blackout"]


def test_short_words_are_never_corrected(concepts):
    assert concepts.of("feel free") == []


@pytest.mark.parametrize(("word", "same"), [("charges", "charging"), ("copies", "copy"), ("stopped", "stop"), ("charge", "charged")])
def test_endings_do_not_change_what_a_word_is_about(word, same):
    assert stem(word) == stem(same)


def test_two_concepts_make_a_pair_whatever_their_order(concepts):
    one = terms_of(concepts.of("the fee for a passport"))
    other = terms_of(concepts.of("passport: is there a fee"))
    assert one == other == ["fee", "identity", "fee&identity"]
