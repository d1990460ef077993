"""Proves the knowledge: that every answer rests on words which really stand in the policy.

Loading has already proved that each quote stands verbatim in its source. This adds the rest, and returns
every fault at once, each as a sentence that says where it is and what is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from .company import Company
from .facts import Statement
from .library import Library

#: What an answer must not get wrong: amounts, numbers, times, addresses on the web and by mail.
_FIGURE = re.compile(r"https?://[^\s)」]+|[\w.+-]+@[\w-]+\.[a-z]+|\d+(?:[.,:\-]\d+)*", re.I)
#: "Each" and "for two" in Japanese: a counter with one digit, which is no figure of the policy's.
_COUNTED = re.compile(r"(?<![\d.,])\d(?=件)")
#: Groups whose answers every locale of a company must have.
EVERY_LOCALE = frozenset({"fees"})


def find_faults(library: Library) -> list[str]:
    """All faults of the library; empty when it holds."""
    faults = []
    for company in library.companies():
        for fault in _company_faults(company, library):
            faults.append(f"{company.key}: {fault}")
    return faults


def _company_faults(company: Company, library: Library) -> Iterator[str]:
    missing = [topic for topic in library.topics if topic not in company.facts]
    if missing:
        yield f"the catalogue's topics are missing: {', '.join(missing)}"
    for topic, fact in company.facts.items():
        if topic not in library.topics:
            yield f"{topic}: is not in the catalogue"
            continue
        wanted = company.locales if library.topics[topic].group in EVERY_LOCALE else ("en",)
        for statement in fact.statements():
            for fault in _statement_faults(statement, company, wanted, library):
                yield f"{topic}: {fault}"
        if not fact.statement.stated and not fact.statement.searched:
            yield f"{topic}: a silent policy needs the words that were searched for"
    for kind in company.requests:
        if f"kind_{kind}" not in library.wording:
            yield f"requests: {kind!r} is no kind of request that the desk's wording knows"
    yield from _hours_faults(company)
    yield from _procedure_faults(company)
    yield from _coverage_faults(company)


def _statement_faults(s: Statement, company: Company, locales: tuple[str, ...], library: Library) -> Iterator[str]:
    quoted = _fold(" ".join(quote.text for quote in s.quotes))
    for name, value in s.values.items():
        if not _stands(value, quoted):
            yield f"the value {name} {value!r} does not stand in its quotes: mark it as derived, or quote it"
    derived = _fold(" ".join(value for value, _ in s.derived.values()))
    said = [*s.answer.items(), *(text for lead in s.leads for text in lead.say.items())]
    for locale, answer in said:
        for figure in _FIGURE.findall(_COUNTED.sub("", unicodedata.normalize("NFKC", answer))):
            if not _stands(figure, quoted) and not _stands(figure, derived):
                yield f"the {locale} answer says {figure!r}, which stands neither in its quotes nor in derived"
    if s.stated or s.answer:
        for locale in locales:
            if locale not in s.answer:
                yield f"the answer is missing in {locale}"
    source = _fold(company.document.source)
    for word in s.searched:
        if _fold(word) in source and word not in s.explained:
            yield f"{word!r} was searched for and does stand in the source: explain why it is no answer"
    for word in s.explained:
        if word not in s.searched:
            yield f"{word!r} is explained but was not searched for"
        elif _fold(word) not in source:
            yield f"{word!r} is explained but does not stand in the source"
    for topic in s.related:
        if topic not in library.topics:
            yield f"the related topic {topic!r} is not in the catalogue"


def _hours_faults(company: Company) -> Iterator[str]:
    if not company.hours:
        return
    if company.hours.quote not in company.document.source:
        yield "hours: the quote does not stand in the source"
    for moment in (company.hours.opens, company.hours.closes):
        if f"{moment.hour}:{moment.minute:02}" not in company.hours.quote:
            yield f"hours: {moment:%H:%M} does not stand in the quote"


def _procedure_faults(company: Company) -> Iterator[str]:
    rule = company.procedure.fee
    if not rule.value:
        return
    quoted = _fold(" ".join(quote.text for quote in rule.quotes))
    for amount in filter(None, (rule.value.total, rule.value.before_tax)):
        if not _stands(f"{amount:,}", quoted) and not _stands(str(amount), quoted):
            yield f"procedure.fee: {amount:,} stands in none of its quotes"


def _coverage_faults(company: Company) -> Iterator[str]:
    borne = {n for fact in company.facts.values() for s in fact.statements() for q in s.quotes for n in q.clauses}
    excused = {n for first, last, _ in company.without_fact for n in range(first, last + 1)}
    length = company.document.source.count("\n") + 1
    for first, last, _ in company.without_fact:
        if not 0 < first <= last <= length:
            yield f"without_fact: lines {first}-{last} do not stand in the source, which has {length}"
    for clause in company.document.clauses:
        lines = set(range(clause.lines[0], clause.lines[1] + 1))
        place = f"clause {clause.number} (line {clause.lines[0]}) {clause.text[:50]!r}"
        if clause.number in borne and lines <= excused:
            yield f"{place} bears a fact and a reason why it bears none"
        elif clause.number not in borne and not lines & excused:
            yield f"{place} bears no fact: quote it, or give the reason in document.without_fact"


def _stands(words: str, text: str) -> bool:
    """Whether the words stand in the folded text, and not as a piece of a longer number: 100 is not in 1,100."""
    words = _fold(words)
    # Between two times a hyphen means "until"; in any other number it parts the groups.
    joints = ".,:" if ":" in words else ".,:\\-"
    before = rf"(?<!\d)(?<!\d[{joints}])" if words[:1].isdigit() else ""
    after = rf"(?!\d)(?![{joints}]\d)" if words[-1:].isdigit() else ""
    return re.search(before + re.escape(words) + after, text) is not None


def _fold(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).casefold()
