"""A request on paper, for procedures that go by post, by fax or over the counter: what stands on it, without how it is drawn.

The letter is the customer's to the company. The sheet is for the customer: what to enclose, what it costs, how to send it
and what comes then; each rule there is said to be the policy's (with its words), the law's or the desk's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

#: Where a rule comes from.
POLICY, LAW, DESK = "policy", "law", "desk"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence and where it comes from; of the policy, it stands there verbatim."""

    text: str
    source: str = ""  #: POLICY, LAW, DESK, or nothing: a plain word of help


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the letter's table; an empty value is left open to be filled in by hand."""

    label: str
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the checklist."""

    text: str
    notes: tuple[Said, ...] = ()
    tick: bool = True  #: False: nothing to tick off, only to know


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the customer's sheet."""

    title: str
    items: tuple[Item, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Marking:
    """What to write on the envelope."""

    ask: str
    texts: tuple[str, ...]
    colour: str


@dataclass(frozen=True, slots=True)
class Sending:
    """How it reaches the company."""

    way: str  #: mail, fax or visit
    title: str
    lines: tuple[Said, ...]
    marking: Marking | None
    block: str  #: what the block of addresses is for; empty: there is none
    to: tuple[str, ...]
    sender_label: str
    sender: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """From the customer to the company."""

    title: str
    date: str
    to: tuple[str, ...]
    opening: str
    begin: str  #: what stands above the table, as a letter in Japanese has it
    rows: tuple[Row, ...]
    details_label: str
    details: str
    end: str
    signature: str
    signed: str  #: the name under it


@dataclass(frozen=True, slots=True)
class Sheet:
    """For the customer."""

    title: str
    about: str
    legend: str
    sections: tuple[Section, ...]
    sending: Sending


@dataclass(frozen=True, slots=True)
class Paper:
    """All of it, in one language."""

    locale: str
    reference: str
    made_at: datetime  #: in the company's time zone
    subject: str  #: of the document, without personal data
    letter: Letter
    sheet: Sheet
    labels: Mapping[str, str]  #: words that the drawing needs: reference, page, continues, unprintable, fill_in, sources
