"""Finds the clause of a policy that shares most words with a message. Never an answer: only the nearest clause."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import bm25s

from .company import Company
from .document import Clause

_STOP = frozenset(
    """a about above after again all also am an and any anybody anyone are as at be because been before being but by
    can cannot could did do does doing don done else even ever every for from get give given go going got had has have
    having he hello help her here hers him his hi how i if in into is it its just know like make may me might mine more
    most much must my need no not now of off on once one only or other our ours out over own people per please question
    really right same say see she should so some somebody someone such sure take tell than thank thanks that the their
    theirs them then there these they thing things think this those through to too until up us use used very want was
    way we well were what when where which while who whom why will with without wonder would yes yet you your yours
    company personal information data policy privacy customer""".split()
)
_JAPANESE_RUN = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Found:
    clause: Clause
    score: float
    shared: int  #: how many different content words the clause shares with the message


def tokenise(text: str) -> list[str]:
    """Content words, cut to their stems; Japanese by two-character grams."""
    words = [_stem(word) for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in _STOP and len(word) > 1]
    grams = [run[i : i + 2] for run in _JAPANESE_RUN.findall(text) for i in range(max(len(run) - 1, 1))]
    return words + grams


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ings", "ing", "ions", "ion", "ies", "ied", "ers", "er", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=64)
def _index(company: Company) -> tuple[bm25s.BM25, list[frozenset[str]]]:
    tokens = [tokenise(f"{clause.heading or ''} {clause.text}") or ["-"] for clause in company.document.clauses]
    index = bm25s.BM25()
    index.index(tokens, show_progress=False)
    return index, [frozenset(row) for row in tokens]


def find_nearest(company: Company, message: str) -> Found | None:
    """The clause nearest to the message, or None where no clause shares a word with it."""
    wanted = list(dict.fromkeys(tokenise(message)))
    if not wanted:
        return None
    index, words = _index(company)
    known = [token for token in wanted if token in index.vocab_dict]
    if not known:
        return None
    scores = index.get_scores(known)
    best = int(scores.argmax())
    return Found(company.document.clauses[best], float(scores[best]), len(words[best].intersection(known)))
