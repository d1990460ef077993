"""Recognises what a word means to this desk: "fee", "charge" and "what it costs" are one concept.

The tables are lookup tables of the training data (nlu_data/concepts). English is compared by the
stems of its words, and a word that no example knows is tried with one letter amiss; Japanese, which
has no gaps between words, by what stands anywhere in the text.
"""

import re
from typing import Dict, Iterable, List, Set

from engine.spelling import LONG_ENOUGH, neighbours, one_amiss, without_one

PREFIX = "concept_"

_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_WORD = re.compile(r"[^\W_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff々ー]+(?:['’][^\W\d_]+)?|¥")
_LONGEST_PHRASE = 5
#: Without its last letter each of these is another word.
_KEEPS_ITS_E = {"here", "mine", "none", "fine", "were", "there", "where", "these", "those", "bare", "care", "plane", "cute"}


def stem(word: str) -> str:
    """A word without the endings that do not change what it is about."""
    word = word.replace("’", "'")
    if word.endswith("'s"):
        word = word[:-2]
    if len(word) > 4 and word.endswith("ies"):
        word = word[:-3] + "y"
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and re.search("[aeiouy]", word[: -len(ending)]):
            word = word[: -len(ending)]
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") and word not in _KEEPS_ITS_E else word


class Concepts:
    """Phrases and the concepts they stand for."""

    def __init__(self, tables: Dict[str, Iterable[str]], known: Iterable[str] = ()) -> None:
        """The phrases of every concept, and other words that are no misspellings of them."""
        self._stems: Dict[str, Set[str]] = {}
        self._runs: Dict[str, Set[str]] = {}
        for concept, phrases in tables.items():
            for phrase in phrases:
                phrase = phrase.strip().lower()
                if _JAPANESE.search(phrase):
                    self._runs.setdefault(phrase.replace(" ", ""), set()).add(concept)
                else:
                    key = " ".join(map(stem, _WORD.findall(phrase)))
                    if key:
                        self._stems.setdefault(key, set()).add(concept)
        self._longest_run = max(map(len, self._runs), default=0)
        ours = {word for key in self._stems for word in key.split()}
        self._known = ours | {stem(word) for word in known}
        self._amiss = neighbours(word for word in ours if len(word) >= LONG_ENOUGH)

    def of(self, text: str) -> List[str]:
        """The concepts of a normalised text, each once, in alphabetical order."""
        found: Set[str] = set()
        words = [self._spelled(stem(word)) for word in _WORD.findall(text)]
        for start in range(len(words)):
            key = ""
            for word in words[start : start + _LONGEST_PHRASE]:
                key = f"{key} {word}" if key else word
                if key in self._stems:
                    found |= self._stems[key]
        if self._runs and _JAPANESE.search(text):
            for start in range(len(text)):
                for length in range(1, self._longest_run + 1):
                    concepts = self._runs.get(text[start : start + length])
                    if concepts:
                        found |= concepts
        return sorted(found)

    def _spelled(self, word: str) -> str:
        """The word, or the known word that it most likely was meant to be."""
        if word in self._known or len(word) < LONG_ENOUGH:
            return word
        for variant in (word, *without_one(word)):
            for meant in self._amiss.get(variant, ()):
                if one_amiss(word, meant):
                    return meant
        return word


def terms_of(concepts: List[str]) -> List[str]:
    """Concepts, and pairs of them: what a question is about is mostly two things together."""
    pairs = [f"{first}&{second}" for place, first in enumerate(concepts) for second in concepts[place + 1 :]]
    return concepts + pairs
