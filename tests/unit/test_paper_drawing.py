"""The PDF is read back: its text in both languages, its QR code, its fonts; whatever somebody writes, nothing is cut off."""

from __future__ import annotations

import re
from dataclasses import replace

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.paper.drawing import draw, make_pdf
from bot.channels.paper.fonts import MISSING, make_legible
from bot.channels.paper.lines import NOT_FIRST, NOT_LAST, break_lines
from bot.desk.ticket import read_reference
from bot.knowledge.loader import load_library
from tests.support.papers import KENJI, REFERENCE, list_papers, read_codes, read_text, said_on, squeeze, write_paper

LIBRARY = load_library()


@pytest.mark.parametrize(("company", "kind", "locale"), list_papers(LIBRARY))
def test_every_paper_can_be_read_back_whole(company, kind, locale):
    fields = KENJI if kind == "deletion" else {}
    paper = write_paper(LIBRARY, company, kind, locale, **fields)
    text = read_text(make_pdf(paper))
    wanted = [paper.letter.title, paper.letter.opening, paper.letter.details, paper.letter.date, *paper.letter.to]
    wanted += [row.value for row in paper.letter.rows] + [item.text for part in paper.sheet.sections for item in part.items]
    wanted += [said.text for said in said_on(paper)] + [paper.sheet.sending.title, REFERENCE]
    if paper.sheet.sending.block:
        wanted += paper.sheet.sending.to
    if paper.sheet.sending.marking:
        wanted += paper.sheet.sending.marking.texts
    for words in wanted:
        assert squeeze(words) in text, words


def test_a_scanner_reads_the_reference_and_nothing_of_hana_from_the_code():
    codes = read_codes(make_pdf(write_paper(LIBRARY, "coocom")))
    assert codes == [REFERENCE]
    assert read_reference(codes[0]) == REFERENCE


@pytest.mark.parametrize("name", ["Hana Yamada", "Łukasz Żółw", "Đặng Thị Ỹ", "Ольга"])
def test_every_font_is_embedded_and_only_the_letters_that_are_used(name):
    pdf = make_pdf(write_paper(LIBRARY, "coocom", name=name))
    fonts = len(re.findall(rb"/Type /FontDescriptor", pdf))
    assert fonts >= 1 and fonts == len(re.findall(rb"/FontFile[23] \d+ 0 R", pdf))
    assert len(pdf) < 200_000
    assert squeeze(name) in read_text(pdf) and MISSING not in read_text(pdf)


def test_a_viewer_is_told_the_title_and_the_language_and_nothing_of_hana():
    pdf = make_pdf(write_paper(LIBRARY, "coocom", locale="ja"))
    with pypdfium2.PdfDocument(pdf) as document:
        told = document.get_metadata_dict(skip_empty=True)
    assert told["Title"] == "個人情報開示等請求書: COOCOM CO., LTD."
    assert not any("Hana" in value or "example.com" in value for value in told.values())
    assert b"/Lang (ja)" in pdf


def test_the_same_paper_is_the_same_file():
    paper = write_paper(LIBRARY, "cloco", locale="ja")
    assert make_pdf(paper) == make_pdf(paper)


def test_no_log_tells_of_the_letters_of_a_name(caplog):
    caplog.set_level("DEBUG")
    make_pdf(write_paper(LIBRARY, "coocom", name="山田 สมชาย Łukasz"))
    assert caplog.records == []


async def test_nobody_waits_while_a_paper_is_drawn():
    assert (await draw(write_paper(LIBRARY, "cloco"))).startswith(b"%PDF")


def test_a_long_story_flows_over_pages_and_nothing_of_it_is_cut_off():
    line = "個人情報の取り扱いについて、where and when it was given to others、を教えてください。"
    story = "\n".join(f"{n}: {line}" for n in range(150))
    pdf = make_pdf(write_paper(LIBRARY, "cloco", locale="ja", details=story))
    text = read_text(pdf)
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) > 5
    at = 0
    for typed in story.splitlines():
        for piece in (squeeze(typed)[:12], squeeze(typed)[-12:]):
            at = text.find(piece, at)
            assert at >= 0, typed
    assert squeeze("次のページに続きます") in text


def test_a_word_without_end_is_broken_rather_than_cut():
    pdf = make_pdf(write_paper(LIBRARY, "coocom", details="x" * 900, address="y" * 200, name="Z" * 80))
    text = read_text(pdf)
    assert text.count("x") > 900 and "y" * 60 in text and text.count("Z") >= 3 * 80


def test_nothing_that_is_drawn_leaves_the_page():
    pdf = make_pdf(write_paper(LIBRARY, "coocom", details="長い文。" * 300, name="山" * 80, address="町" * 200))
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            text = page.get_textpage()
            for place in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(place)
                assert left >= 56 and right <= 210 / 25.4 * 72 - 50 and bottom >= 14 and top <= 297 / 25.4 * 72 - 40


def test_markup_and_turned_directions_are_letters_like_any_others():
    name, details = "Ha\u202ena **Ya\u2066mada**", "<b>__all__</b> {reference} \u202eevil"
    text = read_text(make_pdf(write_paper(LIBRARY, "cloco", name=name, details=details)))
    assert "Hana**Yamada**" in text and "<b>__all__</b>{reference}evil" in text


@pytest.mark.parametrize("name", ["สมชาย", "김하나", "فاطمة", "हाना", "🙂", "\ud800x"])
def test_a_script_that_the_fonts_lack_is_seen_to_be_missing_and_hana_is_told_to_write_it_in(name):
    text = read_text(make_pdf(write_paper(LIBRARY, "cloco", name=name)))
    assert MISSING in text
    assert squeeze("Please write it in by hand") in text


@pytest.mark.parametrize("name", ["髙橋 﨑子", "𠮷野 家", "渡邉 祐\U000e0101子"])
def test_rare_forms_of_japanese_names_are_shown_as_they_are_written(name):
    assert MISSING not in make_legible(name)
    make_pdf(write_paper(LIBRARY, "coocom", locale="ja", name=name))


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=st.text(max_size=80), details=st.text(max_size=600), address=st.text(max_size=200))
def test_whatever_somebody_types_a_paper_comes_out(name, details, address):
    paper = write_paper(LIBRARY, "coocom", name=name, details=details, address=address, postcode="")
    with pypdfium2.PdfDocument(make_pdf(paper)) as document:
        assert len(document) >= 2


def test_a_policy_of_other_colours_is_marked_in_ink():
    paper = write_paper(LIBRARY, "coocom")
    sending = replace(paper.sheet.sending, marking=replace(paper.sheet.sending.marking, colour="mauve"))
    assert make_pdf(replace(paper, sheet=replace(paper.sheet, sending=sending)))


# Lines ------------------------------------------------------------------------------------------------------------


@given(st.text(alphabet="ab 、。「」（）日本語ーっx.,", max_size=120), st.integers(4, 30))
def test_lines_fit_and_lose_nothing(text, width):
    lines = break_lines(text, width, len)
    assert all(len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_no_line_of_japanese_begins_with_a_full_stop_or_ends_with_an_opening_bracket():
    text = "利用目的の通知、開示（記録を含む）、内容の訂正・追加または削除、「利用の停止」を請求します。よろしくお願いします。"
    for width in range(8, 40):
        lines = break_lines(text, width, len)
        assert not any(line[0] in NOT_FIRST for line in lines), width
        assert not any(line[-1] in NOT_LAST for line in lines), width


def test_words_are_kept_whole_and_lines_that_were_typed_stay():
    assert break_lines("one two three\n\nfour", 8, len) == ["one two", "three", "", "four"]
