"""What a text is found by: words where words stand apart, and pairs of characters where they do not, as in Japanese."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .ticket import is_reference

#: Scripts that put no space between words: Thai, Lao, Burmese, Khmer, kana, Chinese characters; and Korean, whose endings stick.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u1100-\u11ff\uac00-\ud7a3"
    "々〆〇ー\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_LETTER = rf"[^\W_{_UNSPACED}]"
#: A telephone number, an amount or a date is one number, however its digits are parted; on Japanese keyboards by ー, too.
_PIECE = re.compile(
    rf"(?P<reference>(?<![^\W_])[2-9a-z]{{3}}-[2-9a-z]{{4}}(?![^\W_]))"
    rf"|(?P<number>\d+(?:[-‐‑‒–−ー,.]\d+)*(?!{_LETTER}))"
    rf"|(?P<run>[{_UNSPACED}]+)"
    rf"|(?P<word>{_LETTER}+)"
)

#: Words that stand in nearly every English text. They find nothing, and would be most of the index.
COMMON = frozenset(
    """
    a about all also am an and any are as at be been but by can could did do does don for from get had has have he her him his
    how if in into is it its just like ll me more my no not now of on or our out re she so some than that the their them then
    there they this to up us ve was we were what when where which who why will with would you your
    """.split()
)

#: A text of more terms than this is indexed by so many of them.
MOST_TERMS = 4000

_KANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}  # カ is found by か, and か by カ
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_FOLDS = _KANA | _LETTERS
_ACCENTED = re.compile("[\u00c0-\u052f\u1e00-\u1fff][\u0300-\u036f]*|[\u0300-\u036f]+")
_ACCENTS = re.compile("[\u0300-\u036f]+")
#: A character and what changes it: accents, and the voice marks of kana.
_CLUSTER = re.compile("[\\s\\S][\u0300-\u036f\u3099\u309a\uff9e\uff9f]*")


def fold(text: str) -> str:
    """The text as it is compared: one width, small letters, no accents, katakana as hiragana.

    >>> fold("Ａ４ Café ｶﾞｽ Straße")
    'a4 cafe がす strasse'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).casefold()
        return _ACCENTED.sub(_strip, text).translate(_FOLDS)
    return text.casefold()


def list_terms(text: str) -> set[str]:
    """All terms that a text is found by.

    >>> sorted(list_terms("The fee is 1,100 yen: 手数料"))
    ['1100', 'fee', 'yen', '手数', '数料']
    """
    terms: set[str] = set()
    for kind, piece, _ in _pieces(fold(text)):
        terms.update(_grams(piece) if kind == "run" else (piece,))
        if len(terms) >= MOST_TERMS:
            break
    return terms


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody searches for: every word and every run of characters has to occur."""

    words: frozenset[str]  #: words, numbers and references, whole
    runs: tuple[str, ...]  #: of scripts without spaces: found anywhere

    @property
    def terms(self) -> frozenset[str]:
        """The terms that a text has in the index, if it holds all this; empty: too short to be looked up."""
        return self.words.union(*map(_grams, self.runs))

    def find_missing(self, texts: Iterable[str]) -> Query:
        """What of it occurs in none of these texts; the index alone cannot tell, since pairs may stand apart."""
        words, runs = set(self.words), set(self.runs)
        for text in texts:
            if not words and not runs:
                break
            folded = fold(text)
            if words:
                words.difference_update(piece for kind, piece, _ in _pieces(folded) if kind != "run")
            runs = {run for run in runs if run not in folded}
        return Query(frozenset(words), tuple(sorted(runs)))

    def occurs_in(self, texts: Iterable[str]) -> bool:
        """Whether all of it occurs, in one of the texts or another."""
        missing = self.find_missing(texts)
        return not missing.words and not missing.runs


def read_query(text: str) -> Query:
    """What was typed into the search field."""
    words, runs = set(), []
    for kind, piece, _ in _pieces(fold(text)):
        if kind == "run":
            runs.append(piece)
        else:
            words.add(piece)
    return Query(frozenset(words), tuple(dict.fromkeys(runs)))


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text around what was found."""

    before: str
    hit: str
    after: str


def cut_snippet(text: str, query: Query, width: int = 60) -> Snippet | None:
    """The first hit with so many characters on either side; None if nothing of the query occurs in this text."""
    folded = fold(text)
    if (span := _find(folded, query)) is None:
        return None
    # Folding seldom changes how long a text is; where it does, each character tells where it comes from.
    if len(folded) == len(text):
        places: Sequence[int] = range(len(text) + 1)
    else:
        folded, places = _fold_with_places(text)
        if (span := _find(folded, query)) is None:
            return None
    begin, end = places[span[0]], places[span[1]]
    left, right = max(begin - width, 0), min(end + width, len(text))
    before, after = _flat(text[left:begin]), _flat(text[end:right])
    return Snippet(f"…{before}" if left else before, _flat(text[begin:end]), f"{after}…" if right < len(text) else after)


def _find(folded: str, query: Query) -> tuple[int, int] | None:
    spans = [(folded.find(run), len(run)) for run in query.runs]
    found = [(place, place + length) for place, length in spans if place >= 0]
    found += [span for kind, piece, span in _pieces(folded) if kind != "run" and piece in query.words][:1]
    return min(found, default=None)


def _pieces(folded: str) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Words, numbers, references and runs, each as it is compared, with its place in the folded text."""
    for match in _PIECE.finditer(folded):
        kind, piece, span = match.lastgroup or "", match[0], match.span()
        if kind == "number":
            piece = "".join(c for c in piece if c.isdigit())
        elif kind == "reference":
            if not is_reference(piece):
                # Two words with a hyphen between them.
                for part in re.finditer(r"[^-]+", piece):
                    if len(part[0]) > 1 and part[0] not in COMMON:
                        yield "word", part[0], (span[0] + part.start(), span[0] + part.end())
                continue
            piece = piece.replace("-", "")
        if kind == "run" or (len(piece) > 1 and piece not in COMMON):
            yield kind, piece, span


def _grams(run: str) -> Iterator[str]:
    return (run[place : place + 2] for place in range(len(run) - 1))


def _strip(match: re.Match) -> str:
    return _ACCENTS.sub("", unicodedata.normalize("NFD", match[0]))


def _fold_with_places(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its characters where it comes from."""
    pieces, places = [], []
    for match in _CLUSTER.finditer(text):
        piece = fold(match[0])
        pieces.append(piece)
        places += [match.start()] * len(piece)
    return "".join(pieces), [*places, len(text)]


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)
