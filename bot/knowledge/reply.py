"""What the assistant says: a channel-neutral reply with the words it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from .company import Company, localise
from .document import Quote

HANDOFF = "handoff"  #: the offer of a person

#: What came of a customer's message, for statistics.
OUTCOMES = ("answered", "not_stated", "nearest", "missed", "handed_over", "talk")


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and where a person can read it in its place."""

    quote: str
    section: str
    document: str
    version: str | None
    url: str  #: relative to the desk's public address

    def as_dict(self) -> dict:
        return {
            "quote": self.quote,
            "section": self.section,
            "document": self.document,
            "version": self.version,
            "url": self.url,
        }


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A button: its title, and the intent that pressing it means."""

    title: str
    intent: str

    def as_dict(self) -> dict:
        return {"title": self.title, "choice": {"intent": self.intent}}


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    citations: tuple[Citation, ...] = ()
    quick_replies: tuple[QuickReply, ...] = ()
    offers: tuple[str, ...] = ()
    topic: str | None = None  #: what was answered, for a follow-up to lean on
    understood: bool = True
    outcome: str = "answered"  #: one of OUTCOMES

    def prefixed(self, words: str) -> Reply:
        return replace(self, text=f"{words}\n\n{self.text}") if words else self


def cite(company: Company, quotes: Iterable[Quote], locale: str) -> tuple[Citation, ...]:
    """The citations of those quotes, each once."""
    document = company.document
    title = localise(document.title, locale)
    return tuple(
        Citation(quote.text, quote.heading or title, title, document.version, f"/policies/{company.key}#{quote.anchor}")
        for quote in dict.fromkeys(quotes)
    )
