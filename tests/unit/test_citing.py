"""Keiko inserts what the policy says: by an id, in the policy's own words, and nothing that does not stand there."""

from __future__ import annotations

import pytest

from bot.desk.canned import VARIABLES, fill, find_unknown
from bot.desk.errors import UnknownCitation
from bot.knowledge.citing import cite_by_id, list_clauses, list_facts
from bot.knowledge.document import QuoteNotFound


def test_every_fact_and_clause_that_is_listed_can_be_cited_in_the_policys_own_words(library):
    for company in library.companies():
        listed = [*list_facts(library, company, "en"), *list_clauses(company, "en")]
        assert len({one.id for one in listed}) == len(listed)
        for one in listed:
            citations = cite_by_id(company, [one.id], "en")
            assert {citation.quote for citation in citations} == set(one.quotes)
            for citation in citations:
                assert citation.url.startswith(f"/policies/{company.key}#")
                try:
                    company.document.locate(citation.quote)
                except QuoteNotFound:
                    pytest.fail(f"{company.key} {one.id} is not verbatim")


def test_a_fact_and_its_clause_make_one_form_of_citation_each_once(library):
    company = library.company("jcom")
    once = cite_by_id(company, ["fee_amount"], "en")
    assert cite_by_id(company, ["fee_amount", "fee_amount"], "en") == once
    assert set(once[0].as_dict()) == {"quote", "section", "document", "version", "url"}


@pytest.mark.parametrize("one", ["", "c0", "c9999", "c", "c-1", "c1.1", "fee_amount.99", "fee_amount.x", "nonsense", "fax", "c²"])
def test_what_does_not_stand_in_the_policy_cannot_be_cited(library, one):
    with pytest.raises(UnknownCitation):
        cite_by_id(library.company("plusone"), [one], "en")


def test_another_companys_fact_is_not_within_reach(library):
    last = len(library.company("jcom").document.clauses)
    assert last > len(library.company("plusone").document.clauses)
    with pytest.raises(UnknownCitation):
        cite_by_id(library.company("plusone"), [f"c{last}"], "en")


def test_a_ready_made_reply_is_filled_in_and_what_else_is_in_braces_stays():
    body = "Dear {customer_name}, your case {reference} at {company}: {unknown} {0} {agent_name.__class__} {{x}}"
    values = {"customer_name": "Hana {reference}", "reference": "ABC-DEF2", "company": "JCOM", "agent_name": "Keiko"}
    said = fill(body, values, "en")
    assert said.startswith("Dear Hana {reference}, your case ABC-DEF2 at JCOM: {unknown} {0} {agent_name.__class__}")


def test_every_variable_is_known_and_a_misspelt_one_is_named():
    assert find_unknown(" ".join(f"{{{name}}}" for name in VARIABLES)) == []
    assert find_unknown("{agent} and {agent} and {opening}") == ["agent"]


def test_who_gave_no_name_is_not_addressed_twice():
    assert fill("{customer_name}様\nお世話に", {}, "ja") == "お客様\nお世話に"
    assert fill("{customer_name}、", {}, "ja") == "お客様、"
