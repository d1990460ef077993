"""A request on paper says what the policy prescribes, in its words; what the law adds as the law's; and makes up nothing."""

from __future__ import annotations

import re
import string

import pytest

from bot.knowledge.composing import paper_ways
from bot.knowledge.errors import NoPaper
from bot.knowledge.loader import load_library
from bot.knowledge.paper import DESK, LAW, POLICY
from tests.support.papers import KENJI, list_papers, said_on, write_paper
from tests.support.small_library import small_library

LIBRARY = load_library()
every_paper = pytest.mark.parametrize(("company", "kind", "locale"), list_papers(LIBRARY))


def section(paper, place):
    return paper.sheet.sections[place]


def texts(items):
    return [item.text for item in items]


def test_every_word_stands_in_both_languages_with_the_same_blanks():
    for key, words in LIBRARY.paper.items():
        assert set(words) == {"en", "ja"}, key
        blanks = {locale: {name for _, name, _, _ in string.Formatter().parse(text) if name} for locale, text in words.items()}
        assert blanks["en"] == blanks["ja"], key


@pytest.mark.parametrize(
    ("company", "ways"), [("coocom", ("mail",)), ("cloco", ("mail", "fax", "visit")), ("jcom", ()), ("cuc", ()), ("plusone", ())]
)
def test_paper_is_offered_where_the_policy_takes_requests_by_post_or_fax(company, ways):
    assert paper_ways(LIBRARY.company(company)) == ways


def test_no_paper_is_made_where_the_chat_is_enough_or_the_kind_is_not_listed():
    with pytest.raises(NoPaper):
        write_paper(LIBRARY, "jcom")
    with pytest.raises(NoPaper):
        write_paper(LIBRARY, "cloco", "third_party_records")


@every_paper
def test_whatever_is_said_as_the_policys_stands_there_and_the_laws_is_reviewed(company, kind, locale):
    source = LIBRARY.company(company).document.source
    reviewed = {note.text[locale] for note in LIBRARY.law.values()}
    for who in ("self", "delegate", "legal"):
        for said in said_on(write_paper(LIBRARY, company, kind, locale, who=who, principal_name="Taro Yamada")):
            assert said.source != POLICY or said.text in source
            assert said.source != LAW or said.text in reviewed
            assert said.source == POLICY or "Jaejoong" not in said.text


@every_paper
def test_no_word_of_a_paper_is_left_blank_or_unfilled(company, kind, locale):
    paper = write_paper(LIBRARY, company, kind, locale)
    told = repr((paper.letter, paper.sheet))
    assert not re.search(r"\{\w*\}", told) and "None" not in re.sub(r"marking=None", "", told)
    assert all(item.text for part in paper.sheet.sections for item in part.items)


@pytest.mark.parametrize(
    ("company", "kind", "quote"),
    [
        (
            "coocom",
            "disclosure",
            "If you request disclosure of personal information and notification of purpose of use, "
            "a fee of 500 yen (including VAT) will be charged for each request.",
        ),
        ("cloco", "disclosure", "A handling fee of 1,000 JPY (tax included) per contract will be charged."),
    ],
)
@pytest.mark.parametrize("locale", ["en", "ja"])
def test_hana_reads_the_fee_in_the_policys_own_sentence(company, kind, quote, locale):
    fee = section(write_paper(LIBRARY, company, kind, locale), 1).items[0]
    assert quote in [said.text for said in fee.notes if said.source == POLICY]


@pytest.mark.parametrize(
    ("company", "kind", "by_law"),
    [("coocom", "correction", True), ("coocom", "third_party_records", False), ("cloco", "deletion", True)],
)
def test_no_fee_is_named_where_the_policy_names_none(company, kind, by_law):
    fee = section(write_paper(LIBRARY, company, kind), 1).items[0]
    assert "states no fee" in fee.text and "yen" not in fee.text
    assert [said.source for said in fee.notes] == ([LAW] if by_law else [])


def test_how_to_pay_is_not_made_up_where_the_policy_is_silent():
    fee = section(write_paper(LIBRARY, "cloco"), 1).items[0]
    assert "bank" not in fee.text
    assert any(said.source == DESK and "does not say how the fee is paid" in said.text for said in fee.notes)


def test_hanas_letter_to_coocom_goes_to_the_address_as_it_is_printed_by_mail_that_can_be_traced_marked_in_red():
    paper = write_paper(LIBRARY, "coocom")
    sending = paper.sheet.sending
    assert sending.way == "mail"
    assert sending.to[0] == "405 Central Park Tower La Tour Shinjuku, 6-15-1 Nishi-Shinjuku, Shinjuku-ku, Tokyo 160-0023"
    assert sending.marking.colour == "red" and "個人情報開示等請求書在中" in sending.marking.texts
    assert "traced" in sending.lines[0].text and sending.lines[1].source == POLICY
    assert any("Personal Information Inquiry Center" in said.text for said in sending.lines)
    assert "calls you" in section(paper, 0).items[1].text, "COOCOM telephones first"


def test_what_the_policy_asks_for_and_hana_has_not_given_is_left_to_be_filled_in():
    paper = write_paper(LIBRARY, "cloco")
    rows = {row.label: row for row in paper.letter.rows}
    assert rows["Telephone"].value and rows["Telephone"].hint
    assert rows["Fax"].value == "" and rows["Fax"].hint
    assert rows["Date of the request"].value == "22 November 2026"
    assert any("Fax" in said.text for said in section(paper, 0).items[0].notes)


def test_a_fax_goes_to_the_number_as_it_is_printed_and_has_no_envelope():
    sending = write_paper(LIBRARY, "cloco", way="fax").sheet.sending
    assert "03-4477-2501" in sending.lines[0].text
    assert sending.block == "" and sending.marking is None


def test_a_way_that_the_policy_does_not_name_is_not_taken():
    assert write_paper(LIBRARY, "coocom", way="fax").sheet.sending.way == "mail"


def test_kenji_acts_for_hana_and_encloses_what_the_policy_asks_of_an_agent():
    paper = write_paper(LIBRARY, "coocom", **KENJI)
    rows = {row.label: row.value for row in paper.letter.rows}
    assert (rows["Agent's name"], rows["Name of the person represented"]) == ("山田 健二", "山田 花子")
    assert "on behalf of" in paper.letter.opening
    enclosed = " ".join(texts(section(paper, 0).items))
    assert "power of attorney stamped with a registered seal" in enclosed and "registration certificate" in enclosed
    assert "domicile cannot be seen" in enclosed


def test_a_legal_representative_shows_the_relationship_and_needs_no_power_of_attorney():
    items = texts(section(write_paper(LIBRARY, "coocom", who="legal", principal_name="Taro Yamada"), 0).items)
    assert any("relationship" in text for text in items) and not any("attorney" in text for text in items)


def test_masking_of_the_insurance_card_is_said_as_the_laws_where_the_policy_is_silent():
    for company in ("coocom", "cloco"):
        notes = [said for item in section(write_paper(LIBRARY, company), 0).items for said in item.notes]
        assert [said.source for said in notes if "insurer number" in said.text] == [LAW]


def test_a_sixth_company_has_its_paper_from_its_data_alone(tmp_path):
    def by_post(company):
        company["requests"] = {"disclosure": {"en": "disclosure", "ja": "開示"}}
        company["procedure"] = {
            "ways": {"is": ["mail"], "from": "payment"},
            "documents": {"is": ["health_insurance_card"], "from": "sale"},
            "masking": {"is": {"health_insurance_card": ["insurer_number"]}, "from": "fee_amount"},
        }

    paper = write_paper(small_library(tmp_path, by_post), "acorn")
    notes = [said for item in section(paper, 0).items for said in item.notes]
    assert any("black out the insurer number" in said.text and said.source == "" for said in notes)
    assert "A disclosure costs 300 yen (including tax) for each request." in [said.text for said in notes if said.source == POLICY]
    assert any("prints no address" in said.text for said in paper.sheet.sending.lines)
    assert paper.sheet.sending.block == "", "there is no address to glue on"


@pytest.mark.parametrize(
    ("locale", "kind", "title"),
    [("en", "disclosure", "Personal information request form"), ("ja", "disclosure", "個人情報開示等請求書")],
)
def test_the_subject_that_a_viewer_shows_holds_nothing_of_hana(locale, kind, title):
    paper = write_paper(LIBRARY, "coocom", kind, locale)
    assert paper.subject.startswith(title) and "Hana" not in paper.subject
