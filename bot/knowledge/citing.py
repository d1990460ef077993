"""What staff may cite: a policy's clauses and the quotes of its facts, each by an id; the words come from the policy alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.desk.errors import UnknownCitation

from .company import Company, localise
from .document import Quote
from .facts import Statement
from .library import Library
from .reply import Citation, cite


@dataclass(frozen=True, slots=True)
class Citable:
    """Something that can be inserted into a reply."""

    id: str  #: c12 for a clause; fee_amount for a fact, fee_amount.1 for its first variant
    topic: str | None  #: of the fact; None for a clause
    title: str  #: the topic's title, or the heading that the clause stands under
    answer: str  #: the fact in our own words, in the reader's language; empty for a clause
    quotes: tuple[str, ...]  #: verbatim


def list_facts(library: Library, company: Company, locale: str) -> list[Citable]:
    """The company's facts that rest on its policy's words, in the catalogue's order."""
    found = []
    for topic in library.topics.values():
        if topic.key not in company.facts:
            continue
        for place, statement in enumerate(company.facts[topic.key].statements()):
            if statement.stated and statement.quotes:
                found.append(
                    Citable(
                        id=f"{topic.key}.{place}" if place else topic.key,
                        topic=topic.key,
                        title=localise(topic.title, locale),
                        answer=localise(statement.answer, locale).strip() if statement.answer else "",
                        quotes=tuple(quote.text for quote in statement.quotes),
                    )
                )
    return found


def list_clauses(company: Company, locale: str) -> list[Citable]:
    """The policy's clauses in the order of the document."""
    title = localise(company.document.title, locale)
    return [Citable(clause.anchor, None, clause.heading or title, "", (clause.text,)) for clause in company.document.clauses]


def cite_by_id(company: Company, ids: Iterable[str], locale: str) -> tuple[Citation, ...]:
    """The citations of those ids, each once, in that order; raises UnknownCitation."""
    return cite(company, (quote for one in dict.fromkeys(ids) for quote in _quotes(company, one)), locale)


def _quotes(company: Company, one: str) -> Iterator[Quote]:
    if one[:1] == "c" and one[1:].isascii() and one[1:].isdigit():
        if 1 <= int(one[1:]) <= len(company.document.clauses):
            yield company.document.clause(int(one[1:])).quote
            return
    else:
        topic, _, place = one.partition(".")
        statements: tuple[Statement, ...] = company.facts[topic].statements() if topic in company.facts else ()
        place = place or "0"
        found = statements[int(place)] if place.isascii() and place.isdigit() and int(place) < len(statements) else None
        if found and found.stated and found.quotes:
            yield from found.quotes
            return
    raise UnknownCitation(UnknownCitation.__doc__)
