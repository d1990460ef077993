"""Papers of people who write to a desk, and reading them back from the PDF."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pypdfium2
import zxingcpp

from bot.knowledge.composing import compose_paper, paper_ways
from bot.knowledge.library import Library
from bot.knowledge.paper import Paper

NOON = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
REFERENCE = "ABC-DEFR"
HANA = {
    "who": "self",
    "name": "Hana Yamada",
    "phone": "+81 3-1234-5678",
    "email": "hana@example.com",
    "postcode": "160-0001",
    "address": "東京都新宿区片町1-2-3 コーポ花 203",
    "details": "Everything that you hold on me since April 2021.",
    "reply": "mail",
}
KENJI = {**HANA, "who": "delegate", "name": "山田 健二", "principal_name": "山田 花子", "details": "2021年4月以降の記録のすべて。"}


def write_paper(library: Library, company: str, kind: str = "disclosure", locale: str = "en", **fields: str) -> Paper:
    """Hana's paper, but for the fields that are given."""
    return compose_paper(library, library.company(company), kind, {**HANA, **fields}, locale, REFERENCE, NOON)


def list_papers(library: Library) -> list[tuple[str, str, str]]:
    """Company, kind and language of every paper that there can be."""
    return [
        (company.key, kind, locale)
        for company in library.companies()
        if paper_ways(company)
        for kind in company.requests
        for locale in ("en", "ja")
    ]


def read_text(pdf: bytes) -> str:
    """All text of a PDF without blanks: lines are broken anywhere in Japanese."""
    with pypdfium2.PdfDocument(pdf) as document:
        return squeeze("\n".join(page.get_textpage().get_text_bounded() for page in document))


def squeeze(text: str) -> str:
    # Some viewers give a radical for a character, or tell a line's end by U+FFFE.
    return "".join(unicodedata.normalize("NFKC", text).replace("\ufffe", "").split())


def read_codes(pdf: bytes) -> list[str]:
    """What a scanner reads from the first page, as it comes out of a printer."""
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=150 / 72).to_pil().convert("L")
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def said_on(paper: Paper) -> list:
    """Every sentence of the customer's sheet with where it comes from."""
    notes = [note for section in paper.sheet.sections for item in section.items for note in item.notes]
    return [*notes, *paper.sheet.sending.lines]
