"""Masks card, My Number and insurance numbers in what a customer types, before anything else sees it.

Card numbers pass Luhn's check, My Numbers their own check digit; an insurance card's numbers have none, so
they are known by the words beside them. A number that only looks alike (a telephone number, a reference of ours) stays.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.jp import in_ as my_number

MASK = "●"

#: What may stand between the digits of one number as people type it.
_GAP = r"[ \u00a0\u2000-\u200b\u3000.,_/\-\u2010-\u2015\u2212\u30fc\uff0d]{0,3}"
_DIGITS = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{9,24}}(?!\d)")
_SECURITY_CODE = re.compile(
    r"(?P<word>\b(?:cvv2?|cvc2?|cv2|security\s+code|card\s+code)\b|セキュリティ(?:ー)?コード)"
    r"(?P<gap>[^\d\n]{0,16})(?P<number>\d{3,4})(?!\d)",
    re.I,
)
_EXPIRY = re.compile(r"(?P<word>\b(?:exp(?:iry|ires?|iration)?|valid\s+(?:thru|until))\b|有効期限)"
                     r"(?P<gap>[^\d\n]{0,16})(?P<number>\d{1,2}\s?[/\-.年]\s?\d{2,4})", re.I)
_INSURANCE = re.compile(
    r"(?P<word>insur(?:er|ance|ed)(?:[ '’]?s)?(?:\s+\w+){0,3}?\s+(?:number|no\.?|nr\.?|symbol(?:\s+and\s+number)?)|"
    r"hokensho(?:\s+\w+){0,2}|保険者番号|被保険者(?:等)?(?:証)?(?:の)?(?:記号)?(?:・|と)?番号|保険証(?:の)?(?:記号)?(?:・|と)?番号|記号・?番号)"
    r"(?P<gap>[^\d\n]{0,20})(?P<number>\d[\d \-\u3000・/]{2,20}\d)",
    re.I,
)
_MY_NUMBER_WORD = re.compile(r"my\s*number|individual\s+number|kojin\s*bang|マイナンバー|個人番号", re.I)


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
    for found in _DIGITS.finditer(plain):
        if kind := _kind_of_run(found.group(), plain):
            kinds[kind] = None
            hidden.update(range(*found.span()))
    for pattern, kind in ((_INSURANCE, "insurance"), (_SECURITY_CODE, "card")):
        for found in pattern.finditer(plain):
            kinds[kind] = None
            hidden.update(range(*found.span("number")))
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


def _kind_of_run(run: str, message: str) -> str | None:
    digits = re.sub(r"\D", "", run)
    if 13 <= len(digits) <= 19 and luhn.is_valid(digits) and len(set(digits)) > 1:
        return "card"
    if len(digits) > 16 and any(luhn.is_valid(digits[n : n + 16]) for n in range(len(digits) - 15)):
        return "card"
    if len(digits) == 12 and (_is_my_number(digits) or _MY_NUMBER_WORD.search(message)):
        return "my_number"
    if 14 <= len(digits) <= 16 and re.search(r"card|visa|master|amex|jcb|カード", message, re.I):
        return "card"  # a mistyped card number is still one
    return None


def _is_my_number(digits: str) -> bool:
    try:
        my_number.validate(digits)
    except ValidationError:
        return False
    return len(set(digits)) > 1
