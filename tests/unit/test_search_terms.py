"""What a text is found by, and what a search in it shows."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.errors import BadRequest
from bot.desk.search import Filters, read_cursor, read_search, write_cursor
from bot.desk.search_terms import MOST_TERMS, cut_snippet, fold, list_terms, read_query
from bot.desk.ticket import make_reference


def finds(typed: str, *texts: str) -> bool:
    """Whether that search finds a ticket of these texts: by the index, and then by looking."""
    query = read_query(typed)
    known = set().union(*map(list_terms, texts))
    return bool(query.terms) and query.terms <= known and query.occurs_in(texts)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("licence", "My driver's LICENCE, please"),
        ("ＬＩＣＥＮＣＥ", "my licence"),
        ("cafe", "the Café in Zürich"),
        ("zürich", "ZURICH"),
        ("strasse", "Lange Straße 3"),
        ("手数料", "開示の手数料はいくらですか。"),
        ("カード", "保険証のｶｰﾄﾞ"),
        ("かーど", "クレジットカード"),
        ("ガス", "ｶﾞｽの契約"),
        ("500円", "手数料は５００円です"),
        ("1100", "It costs 1,100 yen"),
        ("1,100", "1100 yen"),
        ("03-1234-5678", "Call ０３ー１２３４ー５６７８ after five"),
        ("お客様ID", "お客様ＩＤを忘れました"),
        ("ノート 修正", "修正のノート"),
        ("개인정보", "개인정보를 삭제해 주세요"),
        ("ข้อมูล", "ลบข้อมูลของฉัน"),
        ("hana@example.com", "write to Hana@example.com"),
        ("one-time", "a one time link"),
        ("3rd", "the 3rd letter"),
    ],
)
def test_a_text_is_found_however_it_was_typed(typed: str, text: str):
    assert finds(typed, text)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("licen", "my licence"),  # words are found whole
        ("料手", "開示の手数料"),
        ("手数料金", "手数料と料金"),  # all its pairs stand there, the word does not
        ("disclosure fee", "a disclosure"),
        ("50円", "手数料は500円です"),
        ("は", "手数料は500円です"),  # a single character is no search
        ("the", "the fee"),
        ("", "the fee"),
    ],
)
def test_what_does_not_stand_there_is_not_found(typed: str, text: str):
    assert not finds(typed, text)


def test_words_may_stand_in_different_texts_of_a_ticket():
    assert finds("moved 免許証", "I moved", "免許証の写し")
    assert not finds("moved passport", "I moved", "免許証の写し")


def test_a_reference_is_one_term_with_and_without_its_dash():
    reference = make_reference()
    whole = reference.replace("-", "").lower()
    assert list_terms(f"My reference is {reference}.") == {"reference", whole}
    assert finds(whole, f"about {reference}")
    assert finds(reference.lower(), f"about {reference}")


def test_a_very_long_letter_is_found_by_its_beginning():
    letter = " ".join(f"word{number}" for number in range(3 * MOST_TERMS))
    assert len(list_terms(letter)) == MOST_TERMS
    assert finds("word7", letter)


def test_a_snippet_shows_the_hit_as_it_was_written():
    text = "I was told that your shop in Sapporo took a copy of my Ｃａｆé card, and nobody asked whether I agreed to that at all."
    snippet = cut_snippet(text, read_query("cafe"), width=12)
    assert (snippet.before, snippet.hit, snippet.after) == ("… copy of my ", "Ｃａｆé", " card, and n…")


def test_a_snippet_of_half_width_kana_is_cut_in_its_place():
    snippet = cut_snippet("㈱もり ｶﾞｽ料金の件", read_query("ガス"))
    assert (snippet.before, snippet.hit, snippet.after) == ("㈱もり ", "ｶﾞｽ", "料金の件")


def test_a_text_without_the_words_gives_no_snippet():
    assert cut_snippet("nothing of it", read_query("fee")) is None


@given(st.text())
def test_every_text_can_be_indexed_and_a_text_finds_itself(text: str):
    query = read_query(text)
    assert query.terms <= list_terms(text)
    assert query.occurs_in([text])
    assert fold(fold(text)) == fold(text) or not text.isascii()
    cut_snippet(text, query)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("", "nothing"),
        ("  ", "nothing"),
        ("hana@example.com", "person"),
        ("+81 3 1234 5678", "person"),
        ("tag:moved", "tag"),
        ("ｔａｇ：moved", "tag"),
        ("タグ:返送", "tag"),
        ("tag:moved fee", "text"),
        ("手数料", "text"),
    ],
)
def test_what_is_searched_for_is_known_by_its_form(typed: str, kind: str):
    assert read_search(typed).kind == kind


def test_a_reference_is_known_with_and_without_its_dash_and_in_full_width():
    reference = make_reference()
    wide = "".join(chr(ord(c) + 0xFEE0) for c in reference)
    for typed in (reference, reference.lower(), reference.replace("-", ""), wide, f" {reference} "):
        assert read_search(typed).kind == "reference"


def test_tags_are_taken_out_of_what_is_searched_for():
    search = read_search('tag:moved fee tag:"by post" licence')
    assert search.tags == ("moved", "by post")
    assert search.query.words == {"fee", "licence"}


def test_a_search_that_is_too_long_is_refused():
    with pytest.raises(BadRequest, match="200"):
        read_search("x" * 201)


@pytest.mark.parametrize("cursor", ["x", "n", "nxyz", "n" + "f" * 16, "t1", "t1.", "t" + "9" * 18 + ".abc", "t1.a b", "n1 "])
@pytest.mark.parametrize("kind", [int, tuple])
def test_a_place_that_is_none_is_refused(cursor: str, kind: type):
    with pytest.raises(BadRequest, match="Search again"):
        read_cursor(cursor, kind)


def test_a_place_of_another_kind_of_hits_is_refused():
    with pytest.raises(BadRequest):
        read_cursor(write_cursor(5), tuple)


MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1), timezones=st.just(UTC))


@given(st.integers(0, 2**63 - 1), MOMENTS, st.uuids())
def test_a_place_is_read_as_it_was_written(number: int, moment: datetime, ticket: UUID):
    assert read_cursor(write_cursor(number), int) == number
    place = (moment, ticket.hex)
    assert read_cursor(write_cursor(place), tuple) == place


def test_a_status_that_is_none_is_refused():
    with pytest.raises(BadRequest, match="open, waiting, closed"):
        Filters(status="lost")
