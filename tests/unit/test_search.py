"""What a customer's words lie nearest to: a clause of that company's policy, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.search import find_nearest, tokenise

COMPANIES = ["coocom", "cuc", "jcom", "cloco", "plusone"]


@pytest.mark.parametrize("key", COMPANIES)
def test_whoever_quotes_a_clause_is_led_to_it(library, key):
    company = library.company(key)
    missed = []
    for clause in company.document.clauses:
        if len(clause.text.split()) < 12:
            continue
        found = find_nearest(company, clause.text)
        if found is None or found.clause.text != clause.text:
            missed.append(clause.text[:60])
    assert len(missed) <= len(company.document.clauses) // 20, missed


def test_a_few_of_its_words_are_enough_in_any_form_and_order(library):
    found = find_nearest(library.company("coocom"), "TRANSFER fees: whose responsibility?")
    assert "transfer fee is your responsibility" in found.clause.text
    assert found.shared >= 2


def test_words_that_every_sentence_has_lead_nowhere(library):
    for text in ("", "   ", "what is the", "Can you please tell me about it?", "personal information", "?!", "🙂"):
        assert find_nearest(library.company("jcom"), text) is None, text


def test_words_that_the_policy_does_not_have_lead_nowhere(library):
    assert find_nearest(library.company("plusone"), "zebra xylophone quagmire") is None
    assert find_nearest(library.company("plusone"), "シマウマ") is None


def test_each_company_is_searched_in_its_own_policy(library):
    for key in COMPANIES:
        company = library.company(key)
        found = find_nearest(company, "disclosure correction deletion request")
        assert found is None or found.clause in company.document.clauses


def test_word_forms_share_a_stem_and_short_words_keep_theirs():
    assert len(set(tokenise("corrected correcting corrections correct"))) == 1
    assert len(set(tokenise("disclosed discloses disclosing"))) == 1
    assert tokenise("fee id") == ["fee", "id"]
    assert tokenise("The of and") == []
    assert tokenise("手数料 は") == ["手数", "数料", "は"]


@given(st.text(max_size=300))
def test_no_message_is_too_odd_to_search_for(library, text):
    found = find_nearest(library.company("cloco"), text)
    assert found is None or (found.shared >= 1 and found.score >= 0)
