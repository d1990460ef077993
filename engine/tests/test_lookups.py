"""Which things of a message pick a variant of an answer."""

import pytest

from engine.lookups import LookupExtractor

TABLES = {
    "document": {"passport": "passport", "driver's license": "drivers_license", "パスポート": "passport", "免許証": "drivers_license"},
    "channel": {"fax": "fax", "e-mail": "email", "ファックス": "fax"},
    "data": {"card": "card", "credit card": "card"},
}


@pytest.fixture
def extractor():
    return LookupExtractor(None, None, TABLES)


def found(extractor, text):
    return [(one["entity"], one["value"], text[one["start"] : one["end"]]) for one in extractor.entities(text)]


def test_hana_names_two_documents(extractor):
    assert found(extractor, "Passport, or two driver's licenses?") == [
        ("document", "passport", "Passport"),
        ("document", "drivers_license", "driver's licenses"),
    ]


def test_a_fax_is_not_found_in_halifax(extractor):
    assert found(extractor, "I live in Halifax") == []


def test_japanese_needs_no_gap_between_words(extractor):
    assert found(extractor, "免許証とパスポートをファックスで送れますか") == [
        ("document", "drivers_license", "免許証"),
        ("document", "passport", "パスポート"),
        ("channel", "fax", "ファックス"),
    ]


def test_full_width_letters_are_the_same_letters(extractor):
    assert found(extractor, "ＦＡＸで") == [("channel", "fax", "ＦＡＸ")]


def test_the_longest_entry_wins(extractor):
    assert found(extractor, "my credit card") == [("data", "card", "credit card")]


def test_a_text_without_entries_has_no_entities(extractor):
    assert found(extractor, "") == [] and found(extractor, "hello") == []
