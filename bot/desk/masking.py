"""Masks card, My Number and insurance numbers in what a customer types, before anything else sees it.

Card numbers pass Luhn's check, My Numbers their own check digit; an insurance card's numbers have none, so
they are known by the words beside them. A number that only looks alike (a telephone number, a reference of ours) stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.jp import in_ as my_number

MASK = "●"

#: What may stand between the digits of one number as people type it: anything but letters and digits.
_GAP = r"[\W_\u30fc]{0,3}"
_RUN = re.compile(rf"\d(?:{_GAP}\d){{9,}}")
_GROUP = re.compile(r"\d+")
_HYPHEN = r"[-\u2010-\u2015\u2212\u30fc\uff0d() \u3000]{1,2}"
#: A telephone number as it is written in Japan (its digits are counted apart), and a postcode.
_PHONE = re.compile(rf"(?<!\d)0\d{{1,4}}{_HYPHEN}\d{{1,4}}{_HYPHEN}\d{{3,4}}(?!\d)")
_ABROAD = re.compile(rf"\+81{_HYPHEN}?\d{{1,4}}(?:{_HYPHEN}?\d{{2,4}}){{2}}(?!\d)")
_POSTCODE = re.compile(r"(?<![\d-])\d{3}-\d{4}(?![\d-])")
_SECURITY_CODE = re.compile(
    r"(?P<word>\b(?:cvv2?|cvc2?|cv2|security\s+code|card\s+code)\b|セキュリティ(?:ー)?コード)"
    r"(?P<gap>[^\d\n]{0,16})(?P<number>\d{3,4})(?!\d)",
    re.I,
)
_EXPIRY = re.compile(
    r"(?P<word>\b(?:exp(?:iry|ires?|iration)?|valid\s+(?:thru|until))\b|有効期限)"
    r"(?P<gap>[^\d\n]{0,16})(?P<number>\d{1,2}\s?[/\-.年]\s?\d{2,4})",
    re.I,
)
_INSURANCE_NUMBER = r"(?P<number>\d[\d \-\u3000・/]{2,20}\d)"
_INSURANCE = re.compile(
    r"(?P<word>insur(?:er|ance|ed)(?:[ '’]?s)?(?:\s+\w+){0,3}?\s+(?:number|no\.?|nr\.?|symbol(?:\s+and\s+number)?)|"
    r"hokensho(?:\s+\w+){0,2}|保険者番号|被保険者(?:等)?(?:証)?(?:の)?(?:記号)?(?:・|と)?番号|保険証(?:の)?(?:記号)?(?:・|と)?番号|記号・?番号)"
    r"(?P<gap>[^\d\n]{0,20})" + _INSURANCE_NUMBER,
    re.I,
)
#: The same further from the word, where the message is about an insurance card and the number has a label.
_INSURANCE_WORD = re.compile(r"insur(?:er|ance|ed)|hokensho|保険証|保険者", re.I)
_INSURANCE_LABEL = re.compile(
    r"(?:\b(?:number|symbol)\b(?:\s+on\s+(?:my|the|his|her)\s+(?:\w+\s+){0,2}card)?|記号|番号)"
    r"[\s:：=#はがの]*(?:\bis\s+)?" + _INSURANCE_NUMBER,
    re.I,
)
_MY_NUMBER_WORD = re.compile(r"my\s*number|individual\s+number|kojin\s*bang|マイナンバー|個人番号", re.I)
_CARD_WORD = re.compile(r"card|visa|master|amex|jcb|カード", re.I)

#: The figures of a card number's first place, where it does not stand alone.
_CARD_STARTS = "23456"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with its sensitive numbers masked, and which kinds there were."""

    text: str
    kinds: tuple[str, ...]  #: of card, my_number, insurance


def mask(text: str) -> Masked:
    """The text with every sensitive number's digits replaced; all other characters stay where they are."""
    # Full-width and other digits count as digits; each maps to one character, so places stay the same.
    plain = "".join(_plain(c) for c in text)
    hidden: set[int] = set()
    kinds: dict[str, None] = {}
    phones = _phones(plain)
    known = [*phones, *(m.span() for m in _POSTCODE.finditer(plain))]

    def hide(span: Span, kind: str) -> None:
        kinds[kind] = None
        hidden.update(range(*span))

    for run in _RUN.finditer(plain):
        for span, kind in _secrets(run.span(), plain, known):
            hide(span, kind)
    labelled = _INSURANCE_LABEL.finditer(plain) if _INSURANCE_WORD.search(plain) else ()
    for found in (*_INSURANCE.finditer(plain), *labelled):
        if not _inside(found.start("number"), phones):
            hide(found.span("number"), "insurance")
    for found in _SECURITY_CODE.finditer(plain):
        hide(found.span("number"), "card")
    if "card" in kinds:
        for found in _EXPIRY.finditer(plain):
            hidden.update(range(*found.span("number")))
    if not hidden:
        return Masked(text, ())
    masked = "".join(MASK if n in hidden and _plain(c).isdigit() else c for n, c in enumerate(text))
    return Masked(masked, tuple(kinds))


def _plain(character: str) -> str:
    try:
        return str(unicodedata.digit(character))
    except ValueError:
        return character


def _phones(plain: str) -> list[Span]:
    """Where telephone numbers stand."""
    found = [m.span() for m in _PHONE.finditer(plain) if len(_digits(m.group())) in (10, 11)]
    return found + [m.span() for m in _ABROAD.finditer(plain) if len(_digits(m.group())) in (11, 12)]


def _inside(place: int, spans: list[Span]) -> bool:
    return any(first <= place < last for first, last in spans)


def _secrets(run: Span, plain: str, known: list[Span]) -> Iterator[tuple[Span, str]]:
    """What has to be masked of a run of digits with little between them, which may be several numbers.

    `known` are numbers that are no secret.
    """
    groups = [(run[0] + m.start(), run[0] + m.end()) for m in _GROUP.finditer(plain[slice(*run)])]
    others = [group for group in groups if not _inside(group[0], known)]
    if not others:
        return
    whole = _digits(plain[slice(*run)])
    called_my_number = _MY_NUMBER_WORD.search(plain) is not None
    if _is_card(whole):
        yield run, "card"
        return
    if called_my_number and len(whole) == 12:
        yield run, "my_number"
        return
    called_card = _CARD_WORD.search(plain) is not None
    if any(_is_part_card(digits) for _, digits in _windows(others, plain)) or (
        called_card and any(_may_be_card(digits) for _, digits in _windows(others, plain))
    ):
        # What stands beside a card number is its expiry date or its security code.
        for group in others:
            yield group, "card"
        return
    for span, digits in _windows(others, plain):
        if len(digits) == 12 and (called_my_number or (_is_my_number(digits) and _in_fours(plain[slice(*span)]))):
            yield span, "my_number"


def _windows(groups: list[Span], plain: str) -> Iterator[tuple[Span, str]]:
    """Neighbouring groups of digits that together have the length of a number in question, and their digits."""
    for at, (start, end) in enumerate(groups):
        digits = plain[start:end]
        if len(digits) > 19:
            # Several numbers typed without a space: look at every place inside.
            for size in (15, 16):
                yield from (((start, end), digits[n : n + size]) for n in range(len(digits) - size + 1))
            continue
        for first, last in [(start, end), *groups[at + 1 :]]:
            if first - end > 3:
                break  # a telephone number stands between
            if first > start:
                digits += plain[first:last]
            if len(digits) > 19:
                break
            end = last
            if len(digits) >= 12:
                yield (start, end), digits


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _is_card(digits: str) -> bool:
    return 13 <= len(digits) <= 19 and luhn.is_valid(digits) and len(set(digits)) > 1


def _is_part_card(digits: str) -> bool:
    return digits[0] in _CARD_STARTS and (len(digits) > 13 or digits[0] == "4") and _is_card(digits)


def _may_be_card(digits: str) -> bool:
    """A mistyped card number is still one, where the message speaks of a card."""
    return 14 <= len(digits) <= 16 and digits[0] in _CARD_STARTS


def _is_my_number(digits: str) -> bool:
    try:
        my_number.validate(digits)
    except ValidationError:
        return False
    return len(set(digits)) > 1


def _in_fours(written: str) -> bool:
    return [len(group) for group in _GROUP.findall(written)] in ([12], [4, 4, 4])
