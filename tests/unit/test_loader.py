"""Whoever breaks a policy file is told in one sentence which file it is, where in it, and what is wrong."""

from __future__ import annotations

import pytest

from bot.knowledge.errors import BrokenKnowledge, UnknownCompany
from bot.knowledge.loader import load_library
from tests.support.small_library import SOURCE, small_library, write_library


def test_a_sound_library_is_read_as_it_was_written(tmp_path):
    library = small_library(tmp_path)
    acorn = library.company("acorn")
    assert acorn.name == "Acorn Co., Ltd."
    assert acorn.facts["fee_amount"].statement.values == {"amount": "300 yen"}
    assert acorn.facts["fax"].statement.stated is False
    assert sorted(acorn.hours.days) == [1, 2, 3]
    assert acorn.without_fact == ((1, 1, "the page's title"),)
    assert [topic.group for topic in library.topics.values()] == ["fees", *["contact"] * 4]


def test_an_unknown_company_is_answered_with_those_that_are_served(tmp_path):
    with pytest.raises(UnknownCompany, match="acorn"):
        small_library(tmp_path).company("oak")


def broken(tmp_path, change=lambda company: None) -> BrokenKnowledge:
    with pytest.raises(BrokenKnowledge) as caught:
        small_library(tmp_path, change)
    return caught.value


def put(path: str, value):
    """A change that sets one place of the company's file, or removes it where the value is ..."""

    def change(company):
        *parents, last = path.split("/")
        for key in parents:
            company = company[int(key) if key.isdigit() else key]
        last = int(last) if last.isdigit() else last
        if value is ...:
            del company[last]
        else:
            company[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        # the quotes
        (put("facts/phone/quotes/0", "Call us."), ["facts.phone", "stands 0 times", "Call us."]),
        (put("facts/phone/quotes/0", ""), ["facts.phone", "is empty"]),
        (put("facts/phone/quotes/0", {"text": "300 yen", "occurrence": 2}), ["facts.phone", "stands 1 times", "not 2"]),
        (put("facts/phone/quotes", ...), ["facts.phone", "quotes"]),
        (put("facts/phone/answer", ...), ["facts.phone", "answer"]),
        (put("facts/phone/quotes", 7), ["facts.phone"]),
        # the rest of a fact
        (put("facts/phone/quote", "x"), ["facts.phone", "unknown keys: quote"]),
        (put("facts/fax/not_stated/serched", ["x"]), ["facts.fax", "serched"]),
        (put("facts/phone/law", ["gravity"]), ["facts.phone", "law.yml", "gravity"]),
        (put("facts/fee_amount/leads/0/asked", {"en": "(free"}), ["facts.fee_amount", "regular expression"]),
        (put("facts/fee_amount/leads/0/say", ...), ["facts.fee_amount", "say"]),
        (put("facts/fee_amount/derived/two", "600"), ["facts.fee_amount"]),
        (put("facts/fee_amount/variants/0/not_stated", "x"), ["facts.fee_amount"]),
        (put("facts/fee_amount/variants", {"when": 1}), ["facts.fee_amount"]),
        (put("facts/phone", None), ["facts.phone"]),
        (put("facts/phone", "03-1234-5678"), ["facts.phone"]),
        (put("facts", ...), ["facts"]),
        (put("facts", ["phone"]), ["facts"]),
        # the document
        (put("document/source", ...), ["source"]),
        (put("document/source", "oak.txt"), ["document.source", "cannot be read"]),
        (put("document/headings", ["three"]), ["document"]),
        (put("document/headings", [300]), ["document.headings", "300"]),
        (put("document/continues", [300]), ["document.continues", "300"]),
        (put("document/without_fact", [{"lines": "one", "reason": "-"}]), ["document.without_fact"]),
        (put("document/without_fact", [{"lines": "1"}]), ["document.without_fact", "reason"]),
        (put("document/title", ...), ["title"]),
        # the company
        (put("company/key", "oak"), ["company.key", "acorn"]),
        (put("company/name", ...), ["name"]),
        (put("company/locales", ...), ["locales"]),
        (put("company/timezone", "Asia/Atlantis"), ["company.timezone", "Asia/Atlantis"]),
        (put("company", ...), ["company"]),
        (put("company", "Acorn"), ["company"]),
        # the hours
        (put("hours/days", ["tuesday"]), ["hours", "tuesday"]),
        (put("hours/opens", 570), ["hours", "570"]),
        (put("hours/opens", "half past nine"), ["hours", "half past nine"]),
        (put("hours/opens", "17:00"), ["hours", "17:00"]),
        (put("hours/closes", ...), ["hours", "closes"]),
        (put("hours/holidays", "maybe"), ["hours", "maybe"]),
        (put("hours", "always"), ["hours"]),
    ],
)
def test_what_is_wrong_in_a_companys_file_is_named(tmp_path, change, told):
    text = str(broken(tmp_path, change))
    assert text.startswith("acorn.yml: ")
    for words in told:
        assert words in text
    assert "Traceback" not in text
    assert "NoneType" not in text


def test_all_that_is_wrong_in_the_facts_is_told_at_once(tmp_path):
    def change(company):
        company["facts"]["phone"]["quotes"] = ["Call us."]
        company["facts"]["payment"]["quotes"] = ["Pay us."]

    text = str(broken(tmp_path, change))
    assert "facts.phone" in text
    assert "facts.payment" in text


@pytest.mark.parametrize("name", ["companies/acorn.yml", "catalogue.yml", "law.yml", "wording.yml", "follow_ups.yml"])
@pytest.mark.parametrize("text", ["a: [", "\t- x", "", "just words", "- 1", "a: {b: 1}"])
def test_a_file_that_is_no_yaml_or_has_another_form_is_named(tmp_path, name, text):
    folder = write_library(tmp_path)
    (folder / name).write_text(text)
    try:
        load_library(folder)
    except BrokenKnowledge as error:
        assert name.rsplit("/")[-1] in str(error)
    else:
        # Notes, rules and texts are as many as there are.
        assert (name, text) in {
            ("law.yml", ""),
            ("follow_ups.yml", ""),
            ("follow_ups.yml", "- 1"),
            ("wording.yml", ""),
            ("wording.yml", "a: {b: 1}"),
        }


@pytest.mark.parametrize("name", ["companies/acorn.yml", "catalogue.yml"])
def test_a_file_in_another_encoding_is_named(tmp_path, name):
    folder = write_library(tmp_path)
    (folder / name).write_bytes("手数料".encode("shift-jis"))
    with pytest.raises(BrokenKnowledge, match=f"{name.rsplit('/')[-1]}.*UTF-8"):
        load_library(folder)


@pytest.mark.parametrize("name", ["catalogue.yml", "law.yml", "wording.yml", "follow_ups.yml"])
def test_a_missing_file_is_named(tmp_path, name):
    folder = write_library(tmp_path)
    (folder / name).unlink()
    with pytest.raises(BrokenKnowledge, match=f"{name}: cannot be read"):
        load_library(folder)


def test_a_policy_in_another_encoding_is_named(tmp_path):
    folder = write_library(tmp_path)
    (folder / "sources" / "acorn.txt").write_bytes((SOURCE + "手数料").encode("shift-jis"))
    with pytest.raises(BrokenKnowledge, match=r"acorn\.yml: document\.source"):
        load_library(folder)


def test_a_topic_that_stands_twice_is_named(tmp_path):
    folder = write_library(tmp_path)
    catalogue = (folder / "catalogue.yml").read_text()
    again = "  more:\n    fax: {title: {en: F}, asked: {en: f}, about: f}\n"
    (folder / "catalogue.yml").write_text(catalogue + again)
    with pytest.raises(BrokenKnowledge, match=r"catalogue\.yml: fax: stands twice"):
        load_library(folder)


def test_a_topic_without_its_phrase_is_named(tmp_path):
    folder = write_library(tmp_path)
    with (folder / "catalogue.yml").open("a") as out:
        out.write("  more:\n    oak: {title: {en: F}, about: f}\n")
    with pytest.raises(BrokenKnowledge, match=r"catalogue\.yml: oak: .*asked"):
        load_library(folder)


def test_a_library_without_companies_is_no_library(tmp_path):
    folder = write_library(tmp_path)
    (folder / "companies" / "acorn.yml").unlink()
    with pytest.raises(BrokenKnowledge, match="companies"):
        load_library(folder)
