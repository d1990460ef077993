"""A company that is served: its names, its desk's hours, its policy and facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from .document import Document, Texts
from .facts import Fact
from .procedure import Procedure

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """The policy's telephone hours, in the company's time zone."""

    days: frozenset[int]  #: 0 is Monday
    opens: time
    closes: time
    holidays: str  #: open, closed, or unknown where the policy does not name public holidays
    quote: str


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    key: str
    name: str  #: as the policy writes it
    short: Texts  #: how our own words call it
    aliases: tuple[str, ...]  #: how a customer may name it
    desk: Texts  #: whom to turn to
    locales: tuple[str, ...]
    timezone: str
    origins: tuple[str, ...]  #: sites that may embed the widget
    colour: str
    document: Document
    hours: Hours | None
    facts: dict[str, Fact]
    without_fact: tuple[tuple[int, int, str], ...]  #: first line, last line, why no fact rests on them
    requests: dict[str, Texts]  #: kinds of request that the policy lists -> what it calls them
    procedure: Procedure  #: how they are made

    def named_in(self, message: str) -> bool:
        """Whether the message names this company."""
        return any(re.search(rf"(?<![a-z0-9]){re.escape(a)}(?![a-z0-9])", message, re.I) for a in self.aliases)


def localise(texts: Texts, locale: str) -> str:
    """The text in that locale, else in English, else in whichever there is."""
    return texts.get(locale) or texts.get("en") or next(iter(texts.values()))
