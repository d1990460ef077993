"""The check finds each kind of fault, says where it is, and finds nothing in what is served."""

from __future__ import annotations

import pytest

from bot.knowledge.check import find_faults
from tests.support.small_library import small_library


def test_what_the_five_companies_serve_holds(library):
    assert find_faults(library) == []


def test_a_sound_small_library_holds(tmp_path):
    assert find_faults(small_library(tmp_path)) == []


def fact(topic: str, **changes):
    def change(company):
        for key, value in changes.items():
            if value is ...:
                del company["facts"][topic][key]
            else:
                company["facts"][topic][key] = value

    return change


def silent(**changes):
    def change(company):
        company["facts"]["fax"]["not_stated"].update(changes)

    return change


def document(**changes):
    return lambda company: company["document"].update(changes)


def hours(**changes):
    return lambda company: company["hours"].update(changes)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda company: company["facts"].pop("fax"), "acorn: the catalogue's topics are missing: fax"),
        (lambda company: company["facts"].update(oak=company["facts"]["fax"]), "acorn: oak: is not in the catalogue"),
        # values and figures
        (fact("phone", values={"number": "03-1234-9999"}), "phone: the value number '03-1234-9999' does not stand"),
        (fact("phone", answer={"en": "Call 03-1234-9999."}), "the en answer says '03-1234-9999'"),
        (fact("fee_amount", values={"amount": "00 yen"}), "fee_amount: the value amount '00 yen' does not stand"),
        (fact("phone", answer={"en": "Call 1234-5678."}), "the en answer says '1234-5678'"),
        (fact("phone", answer={"en": "Open from 9:00."}), "the en answer says '9:00'"),
        (fact("phone", answer={"en": "See https://acorn.example/x"}), "says 'https://acorn.example/x'"),
        (fact("phone", answer={"en": "Write to desk@acorn.example"}), "says 'desk@acorn.example'"),
        (fact("fee_amount", derived={}), "the en answer says '600'"),
        (fact("fee_amount", derived={}), "the ja answer says '600'"),
        (fact("fee_amount", answer={"en": "300 yen.", "ja": "３００円、４００円です。"}), "the ja answer says '400'"),
        (fact("fee_amount", leads=[{"say": {"en": "No, 450 yen."}}]), "the en answer says '450'"),
        # locales
        (fact("fee_amount", answer={"en": "300 yen."}), "fee_amount: the answer is missing in ja"),
        (fact("payment", answer={"ja": "銀行振込です。"}), "payment: the answer is missing in en"),
        (
            fact("fee_amount", variants=[{"when": {"right": "erasure"}, "not_stated": {"answer": {"en": "Nothing."}}}]),
            "fee_amount: the answer is missing in ja",
        ),
        # the words searched for
        (silent(searched=["fax", "bank transfer"], explained={}), "'bank transfer' was searched for and does stand"),
        (silent(searched=["fax", "Bank  TRANSFER"], explained={}), "'Bank  TRANSFER' was searched for and does stand"),
        (silent(explained={"telephone": "-", "post": "-"}), "'post' is explained but was not searched for"),
        (silent(explained={"telephone": "-", "fax": "-"}), "'fax' is explained but does not stand in the source"),
        (silent(searched=[], explained={}), "fax: a silent policy needs the words that were searched for"),
        (fact("phone", related=["oak"]), "phone: the related topic 'oak' is not in the catalogue"),
        # hours
        (hours(quote="Monday: 9:30 to 16:00"), "acorn: hours: the quote does not stand in the source"),
        (hours(opens="10:00"), "acorn: hours: 10:00 does not stand in the quote"),
        (hours(closes="17:00"), "acorn: hours: 17:00 does not stand in the quote"),
        # clauses
        (document(without_fact=[]), "clause 1 (line 1) 'Privacy of Acorn' bears no fact"),
        (
            document(without_fact=[{"lines": "1", "reason": "-"}, {"lines": "5", "reason": "-"}]),
            "clause 3 (line 5) 'Please pay by bank transfer.' bears a fact and a reason why it bears none",
        ),
        (document(without_fact=[{"lines": "1-400", "reason": "-"}]), "without_fact: lines 1-400"),
        (fact("sale", not_stated={"searched": ["oak"]}, answer=..., quotes=...), "clause 5 (line 9)"),
        # kinds of request
        (lambda company: company.update(requests={"discloser": {"en": "-"}}), "requests: 'discloser' is no kind"),
    ],
)
def test_the_fault_is_found_and_placed(tmp_path, change, told):
    faults = find_faults(small_library(tmp_path, change))
    assert any(told in fault for fault in faults), faults
    assert all(fault.startswith("acorn: ") for fault in faults)


def test_all_faults_are_told_at_once(tmp_path):
    def change(company):
        fact("phone", values={"number": "1"})(company)
        fact("payment", values={"way": "cash"})(company)

    assert len(find_faults(small_library(tmp_path, change))) == 2


def test_a_japanese_counter_is_no_figure(tmp_path):
    change = fact("fee_amount", answer={"en": "300 yen.", "ja": "1件につき300円です。"}, derived={})
    assert find_faults(small_library(tmp_path, change)) == []


def test_a_figure_may_be_written_in_full_width(tmp_path):
    change = fact("fee_amount", answer={"en": "300 yen for one.", "ja": "３００円です。"})
    assert find_faults(small_library(tmp_path, change)) == []
