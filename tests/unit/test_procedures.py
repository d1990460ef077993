"""Each company's procedure: what its policy prescribes, with its words; where it is silent, the desk's default and nothing else."""

from __future__ import annotations

import pytest

from bot.knowledge.check import find_faults
from bot.knowledge.errors import BrokenKnowledge
from bot.knowledge.loader import load_library
from tests.support.small_library import small_library


@pytest.fixture(scope="module")
def library():
    return load_library()


@pytest.mark.parametrize(
    ("company", "kind", "total", "unit"),
    [
        ("coocom", "disclosure", 500, "request"),
        ("coocom", "purpose_notice", 500, "request"),
        ("cloco", "disclosure", 1000, "contract"),
        ("jcom", "disclosure", 1100, "request"),
        ("jcom", "purpose_notice", 1100, "request"),
    ],
)
def test_a_customer_pays_what_the_policy_says_with_tax(library, company, kind, total, unit):
    fee = library.company(company).procedure.fee_for(kind)
    assert (fee.total, fee.unit) == (total, unit)


@pytest.mark.parametrize(
    ("company", "kind"),
    [
        ("coocom", "third_party_records"),
        ("coocom", "correction"),
        ("cloco", "deletion"),
        ("jcom", "erasure"),
        ("cuc", "disclosure"),
        ("plusone", "disclosure"),
    ],
)
def test_no_fee_is_made_up_where_the_policy_names_none(library, company, kind):
    assert library.company(company).procedure.fee_for(kind) is None


@pytest.mark.parametrize(
    ("company", "ways", "of_policy"),
    [
        ("coocom", ("mail",), True),
        ("cloco", ("mail", "fax", "visit"), True),
        ("jcom", ("chat",), False),
        ("cuc", ("chat",), False),
        ("plusone", ("chat",), False),
    ],
)
def test_a_request_goes_the_way_that_the_policy_prescribes_else_by_chat(library, company, ways, of_policy):
    rule = library.company(company).procedure.ways
    assert (rule.value, rule.of_policy) == (ways, of_policy)


def test_every_rule_of_a_policy_shows_the_words_that_it_rests_on(library):
    for company in library.companies():
        for name in company.procedure.__dataclass_fields__:
            rule = getattr(company.procedure, name)
            assert all(quote.text in company.document.source for quote in rule.quotes), (company.key, name)


def test_our_words_never_repeat_a_mistranslation(library):
    marking = library.company("coocom").procedure.envelope
    assert marking.of_policy
    assert all("Jaejoong" not in text for text in marking.value["text"].values())


def test_the_words_of_every_procedure_are_there_in_both_languages(library):
    for vocabulary, words in library.terms.words.items():
        for key, texts in words.items():
            assert set(texts) == {"en", "ja"}, (vocabulary, key)


def test_a_sixth_company_brings_its_procedure_and_no_code(tmp_path):
    def add_procedure(company):
        company["procedure"] = {
            "ways": {"is": ["fax"], "from": "phone"},
            "fee": {
                "is": {"total": 300, "unit": "request", "kinds": ["disclosure"], "payment": "bank_transfer"},
                "from": ["fee_amount", "payment"],
            },
        }

    library = small_library(tmp_path, add_procedure)
    procedure = library.company("acorn").procedure
    assert procedure.ways.value == ("fax",)
    assert procedure.fee_for("disclosure").total == 300
    assert [quote.text for quote in procedure.fee.quotes][-1] == "Please pay by bank transfer."
    assert not procedure.documents.of_policy
    assert find_faults(library) == []


@pytest.mark.parametrize(
    ("rule", "row", "complaint"),
    [
        ("ways", {"is": ["pigeon"], "from": "phone"}, "pigeon: not among the ways"),
        ("ways", {"is": ["mail"]}, "needs `is` and `from`"),
        ("ways", {"is": ["mail"], "from": "fax"}, "rests on fax, which the policy does not state"),
        ("ways", {"is": ["mail"], "from": "speed"}, "the key 'speed' is missing"),
        ("pace", {"is": 1, "from": "phone"}, "unknown rules: pace"),
        ("fee", {"is": {"total": 300, "kinds": ["erasure"]}, "from": "fee_amount"}, "erasure, which the company does not list"),
        ("fee", {"is": {"total": -1, "kinds": ["disclosure"]}, "from": "fee_amount"}, "no amount in yen"),
        ("tracked_mail", {"is": "perhaps", "from": "phone"}, "must be true or false"),
        ("retention", {"is": "long", "from": "phone"}, "must be a number of days"),
    ],
)
def test_a_broken_procedure_is_named_with_its_file_and_place(tmp_path, rule, row, complaint):
    with pytest.raises(BrokenKnowledge, match=r"acorn\.yml") as caught:
        small_library(tmp_path, lambda company: company.update(procedure={rule: row}))
    assert complaint in str(caught.value)


def test_an_amount_that_the_policy_does_not_name_is_found(tmp_path):
    fee = {"is": {"total": 400, "kinds": ["disclosure"]}, "from": "fee_amount"}
    library = small_library(tmp_path, lambda company: company.update(procedure={"fee": fee}))
    assert find_faults(library) == ["acorn: procedure.fee: 400 stands in none of its quotes"]
