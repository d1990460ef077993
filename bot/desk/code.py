"""One-time codes that prove a contact: six digits, ten minutes, three tries."""

from __future__ import annotations

import re
import secrets
import unicodedata
from datetime import timedelta
from enum import StrEnum

DIGITS = 6
LIFETIME = timedelta(minutes=10)
TRIES = 3

#: Codes within an hour: of one request, and to one address whoever asks for them.
MOST_BY_REQUEST = 5
MOST_BY_ADDRESS = 5
WINDOW = timedelta(hours=1)


class Verdict(StrEnum):
    """What came of a code that somebody typed."""

    RIGHT = "right"
    WRONG = "wrong"
    EXPIRED = "expired"  #: or used, or never sent: the same words for all
    SPENT = "spent"  #: no try is left: a new code is needed


def make_code() -> str:
    """Six random digits.

    >>> len(make_code()), make_code().isdigit()
    (6, True)
    """
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


def read_code(text: str) -> str | None:
    """The code in what somebody typed, full-width digits and gaps included; None if there is none.

    >>> read_code("１２３ 456"), read_code("it is 123-456, thanks"), read_code("1234567")
    ('123456', '123456', None)
    """
    found = re.findall(r"(?<!\d)\d{3}[\s-]?\d{3}(?![\s-]?\d)", unicodedata.normalize("NFKC", text))
    return re.sub(r"\D", "", found[0]) if len(found) == 1 else None
