"""A slip of the finger is read as the word that was meant; a word that is merely unknown stays."""

import pytest

from engine.spelling import Spelling

KNOWN = {"disclosure": 2.0, "license": 3.0, "licence": 2.5, "record": 4.0, "recorded": 4.5, "address": 2.0, "number": 1.0, "fee": 1.0}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("disclsoure", "disclosure"),
        ("disclousre fee", "disclosure fee"),
        ("adress", "address"),
        ("addresss", "address"),
        ("licemse", "license"),
        ("licerce", "licence"),
        ("did you recrod me", "did you record me"),
    ],
)
def test_one_letter_amiss_is_read_as_meant(written, read):
    assert Spelling(KNOWN).correct(written) == read


@pytest.mark.parametrize("written", ["fee", "fees", "fe", "kangaroo", "umber", "住所 disclosure", "disclosure", "x1234567", ""])
def test_what_is_known_short_or_like_nothing_stays(written):
    assert Spelling(KNOWN).correct(written) == written


def test_of_two_words_as_near_the_more_usual_one_is_meant():
    assert Spelling({"parent": 3.0, "patent": 5.0}).correct("papent") == "parent"


def test_without_examples_nothing_is_changed():
    assert Spelling({}).correct("disclsoure") == "disclsoure"
