"""Tags: a few words that tickets are sorted by."""

from __future__ import annotations

import unicodedata

from .errors import BadRequest

LONGEST = 40


def tidy_tag(tag: str) -> str:
    """A tag as it is kept, however it was typed; raises BadRequest if it is none.

    >>> tidy_tag("  Refund　PENDING, ")
    'refund pending'
    """
    text = unicodedata.normalize("NFKC", tag).casefold()
    text = " ".join("".join(c if c.isprintable() and c != "," else " " for c in text).split())
    if not text:
        raise BadRequest("A tag has at least one letter.")
    if len(text) > LONGEST:
        raise BadRequest(f"A tag has at most {LONGEST} characters.")
    return text
