"""A policy is cut into clauses, and a quote is found where it stands, word for word."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.knowledge.document import Document, QuoteNotFound
from bot.knowledge.loader import HERE

SOURCES = HERE / "sources"


def quotes_of(library):
    for company in library.companies():
        for fact in company.facts.values():
            for statement in fact.statements():
                for quote in statement.quotes:
                    yield company, quote


def test_every_quote_of_every_company_stands_verbatim_at_its_lines(library):
    count = 0
    for company, quote in quotes_of(library):
        lines = (SOURCES / f"{company.key}.txt").read_text(encoding="utf-8").split("\n")
        first, last = quote.lines
        assert quote.text in "\n".join(lines[first - 1 : last]), f"{company.key}: {quote.text[:60]}"
        count += 1
    assert count > 500


def test_every_quote_starts_and_ends_on_the_lines_that_are_cited(library):
    for company, quote in quotes_of(library):
        lines = company.document.source.split("\n")
        first, last = quote.lines
        assert quote.text.split("\n")[0].strip() in lines[first - 1]
        assert quote.text.split("\n")[-1].strip() in lines[last - 1]


def test_every_quote_has_an_anchor_that_the_policy_page_has(library):
    for company, quote in quotes_of(library):
        anchors = {clause.anchor for clause in company.document.clauses}
        anchors |= {f"l{line}" for line in company.document.heading_lines}
        assert quote.anchor in anchors, f"{company.key}: {quote.text[:60]}"


def test_every_quote_stands_under_the_nearest_heading_above_it(library):
    for company, quote in quotes_of(library):
        above = [line for line in company.document.heading_lines if line <= quote.lines[0]]
        lines = company.document.source.split("\n")
        assert quote.heading == (lines[above[-1] - 1].strip() if above else None)


@pytest.mark.parametrize("source", sorted(SOURCES.glob("*.txt")), ids=lambda path: path.stem)
def test_no_word_of_a_policy_is_lost_when_it_is_cut_into_clauses(library, source):
    document = library.company(source.stem).document
    shown = "\n".join(what if kind == "heading" else what.text for kind, what in document.blocks())
    assert shown.split() == document.source.split()


# Any document ----------------------------------------------------------------------------------------------------

LINES = st.lists(st.text("ab .,\u3042", max_size=12), max_size=25)


@st.composite
def documents(draw) -> Document:
    lines = draw(LINES)
    filled = [n for n, line in enumerate(lines, 1) if line.strip()]
    headings = draw(st.sets(st.sampled_from(filled))) if filled else set()
    rest = [n for n in filled if n not in headings]
    continues = draw(st.sets(st.sampled_from(rest))) if rest else set()
    return Document("\n".join(lines), title={"en": "-"}, headings=headings, continues=continues)


@given(documents())
def test_every_filled_line_is_a_heading_or_in_exactly_one_clause(document):
    lines = document.source.split("\n")
    covered = list(document.heading_lines)
    for clause in document.clauses:
        covered += [n for n in range(clause.lines[0], clause.lines[1] + 1) if lines[n - 1].strip()]
    assert sorted(covered) == [n for n, line in enumerate(lines, 1) if line.strip()]


@given(documents())
def test_clauses_are_numbered_in_their_order_and_found_by_number(document):
    assert [clause.number for clause in document.clauses] == list(range(1, len(document.clauses) + 1))
    for clause in document.clauses:
        assert document.clause(clause.number) is clause
        assert document.locate(clause.text).text == clause.text
    starts = [clause.lines[0] for clause in document.clauses]
    assert starts == sorted(starts)


@given(documents(), st.data())
def test_whatever_stands_in_a_document_is_found_at_its_lines(document, data):
    assume(document.source.strip())
    start = data.draw(st.integers(0, len(document.source) - 1))
    end = data.draw(st.integers(start + 1, len(document.source)))
    text = document.source[start:end]
    assume(text.strip())
    quote = document.locate(text)
    first, last = quote.lines
    assert quote.text in "\n".join(document.source.split("\n")[first - 1 : last])


@given(documents(), st.text("ab", min_size=1, max_size=3))
def test_the_last_occurrence_is_found_and_one_more_is_not(document, text):
    count = sum(document.source.startswith(text, at) for at in range(len(document.source)))
    assume(count)
    lines = [document.locate(text, n).lines[0] for n in range(1, count + 1)]
    assert lines == sorted(lines)
    with pytest.raises(QuoteNotFound, match=f"stands {count} times"):
        document.locate(text, count + 1)


def test_words_that_do_not_stand_there_are_not_found():
    document = Document("The fee is 500 yen.\n", title={"en": "-"})
    for text in ("The fee is 600 yen.", "the fee is 500 yen.", "The fee  is"):
        with pytest.raises(QuoteNotFound):
            document.locate(text)


@pytest.mark.parametrize("text", ["", "\n", "  "])
def test_nothing_is_no_quote(text):
    with pytest.raises(QuoteNotFound):
        Document("The fee is 500 yen.\n\n  x", title={"en": "-"}).locate(text)


def test_a_wrapped_sentence_is_one_clause_under_its_heading():
    document = Document("Fees\n\nThe fee\nis 500 yen.\nPay it.\n", title={"en": "-"}, headings=[1], continues=[4])
    assert [(c.text, c.heading, c.lines) for c in document.clauses] == [
        ("The fee\nis 500 yen.", "Fees", (3, 4)),
        ("Pay it.", "Fees", (5, 5)),
    ]
    assert document.locate("fee\nis").clauses == (1,)
    assert document.locate("yen.\nPay").clauses == (1, 2)
    assert document.locate("Fees").anchor == "l1"
