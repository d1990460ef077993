"""A ticket's subject, made from what its customer said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 80

#: What is said before the matter: greetings, thanks, and the wish for a person, which each ticket has anyhow.
_COURTESY = (
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|thanks?(?: you)?|thank you"
    r"|(?:yes |oh )?please(?: do(?: that)?(?: for me)?)?"
    r"|ok(?:ay)?|yes|yep|yeah|sure|no|sorry|there|again|do that for me"
    r"|こんにちは|こんばんは|おはよう(?:ございます)?|はじめまして|ありがとう(?:ございます)?|すみません|はい|いいえ|ぜひ|すぐに"
    r"|(?:よろしく)?お願い(?:いた)?します)"
)
_TALK = re.compile(
    rf"{_COURTESY}(?:[\s,.!、。！]*{_COURTESY})*"
    r"|.*\b(?:human|real person|a person|somebody|someone|agent|staff|operator|representative)\b.*"
    r"|.*(?:人間|担当者|オペレーター|スタッフ|係の(?:人|方)).*",
    re.IGNORECASE,
)
_ASKS = re.compile(r"[?？]|(です|ます|でしょう|ません)か")


def make_subject(said: Iterable[str], title: str = "", cause: str = "") -> str:
    """The customer's first question, else what they said first of their matter, else the topic's title, in one line.

    `cause` is what goes before all of it, unless it says no more than that a person is wanted.

    >>> make_subject(["Hello!", "I'd like to speak to a person", "What does a disclosure cost?"])
    'What does a disclosure cost?'
    >>> make_subject(["hello", "a human please"], "The fee of a disclosure")
    'The fee of a disclosure'
    """
    said = [" ".join(text.split()) for text in said]
    matter = [text for text in said if _has_matter(text)]
    asked = [text for text in matter if _ASKS.search(text)]
    first = [cause] if _has_matter(" ".join(cause.split())) else []
    return shorten(next(filter(None, [*first, *asked, *matter, title, *said]), ""))


def _has_matter(text: str) -> bool:
    return bool(text) and not _TALK.fullmatch(text.rstrip(" .,!?。、！？"))


def shorten(text: str, longest: int = LONGEST) -> str:
    """The text in one line of at most so many characters, cut between words where there are any.

    >>> shorten("What does it cost to have my data disclosed?", 20)
    'What does it cost…'
    """
    text = " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cf") and c != "\u200d" else c for c in text).split())
    if len(text) <= longest:
        return text
    cut = text[:longest]
    words, _, rest = cut.rpartition(" ")
    # Japanese has no spaces to cut at; and a long last word leaves too little before it.
    head = words if len(rest) <= longest // 2 and words else cut[:-1]
    return head.rstrip(" ,;:.、。・") + "…"
