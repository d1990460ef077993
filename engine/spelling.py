"""Reads a misspelt word as the word that was meant, where the examples leave no doubt of it.

A word that no example knows is tried with one letter amiss: missing, too many, another, or swapped with the next.
Of several known words the most usual one is taken. Short words have too many neighbours, and stay.
"""

import re
from typing import Dict, Iterable, List

#: Shorter words have too many neighbours one letter away.
LONG_ENOUGH = 5

_WORD = re.compile(r"[a-z]{%d,}" % LONG_ENOUGH)


def without_one(word: str) -> List[str]:
    """A word without each of its letters in turn."""
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


def one_amiss(word: str, meant: str) -> bool:
    """Whether one letter is missing, too many, another, or swapped with the next; the first letter is mostly right."""
    if word[0] != meant[0]:
        return False
    if len(word) != len(meant):
        shorter, longer = sorted((word, meant), key=len)
        return shorter in without_one(longer)
    apart = [place for place, (one, other) in enumerate(zip(word, meant)) if one != other]
    if len(apart) == 1:
        return True
    return len(apart) == 2 and apart[1] == apart[0] + 1 and word[apart[0]] == meant[apart[1]] and word[apart[1]] == meant[apart[0]]


def neighbours(words: Iterable[str]) -> Dict[str, List[str]]:
    """Every known word under itself and under each form that lacks one of its letters."""
    found: Dict[str, List[str]] = {}
    for word in sorted(words):
        for variant in {word, *without_one(word)}:
            found.setdefault(variant, []).append(word)
    return found


class Spelling:
    """The words that the examples know, and how usual each is."""

    def __init__(self, known: Dict[str, float]) -> None:
        """Known words with their rarity: the less, the more usual."""
        self._known = known
        self._neighbours = neighbours(word for word in known if _WORD.fullmatch(word))

    def correct(self, text: str) -> str:
        """A normalised text with each unknown word as the known one that was surely meant."""
        return _WORD.sub(lambda found: self._meant(found[0]), text) if self._known else text

    def _meant(self, word: str) -> str:
        if word in self._known:
            return word
        near = {
            other
            for variant in (word, *without_one(word))
            for other in self._neighbours.get(variant, ())
            if one_amiss(word, other)
        }
        return min(near, key=lambda other: (self._known[other], other), default=word)
