"""What form a customer's sentence has: a yes/no question, Japanese or not."""

from __future__ import annotations

import re

_AUXILIARY = (
    r"(?:is|are|am|was|were|do|does|did|can|could|may|might|must|should|shall|will|would|has|have|had|"
    r"isn'?t|aren'?t|don'?t|doesn'?t|can'?t|won'?t|couldn'?t|haven'?t|hasn'?t)"
)
_SUBJECT = (
    r"(?:i|you|u|we|they|he|she|it|that|this|these|those|there|my|your|ur|our|his|her|their|the|a|an|any|anybody|"
    r"anyone|someone|somebody|one|all|both|every|everything|[A-Z]\w+|\w+s)"
)
_OPENING = r"(?:^|[.!?,;:()\u2014-]\s*|\b(?:and|but|so|or|then|hi|hello|please|well|ok|question|if\b[^,.?!]*,)\s+)"
_YES_NO = re.compile(rf"{_OPENING}(?:also\s+|even\s+|then\s+)*{_AUXILIARY}\s+{_SUBJECT}\b", re.I)
_INVERTED_ONLY = re.compile(r"\b(?:right|correct|true|ok|okay|allowed|possible|enough|included?|extra)\s*\?\s*$", re.I)
#: "Can you tell me the number?" is a request, though it has the form of a yes/no question.
_POLITE = re.compile(
    r"\b(?:can|could|would|will|may|might)\s+(?:you|u|i|we|someone|anybody|somebody)\s+(?:please\s+|kindly\s+|just\s+)*"
    r"(?:tell|give|send|explain|say|let|show|point|ask|have|get|know|clarify|confirm\s+(?:what|how|when|where|who|which))\b"
    r"(?!\s+(?:it|them)\b)",
    re.I,
)
_WH = re.compile(
    r"\b(?:what|when|where|who|whom|whose|which|why|how)\b(?:[^.?!]*)(?:\?|$)",
    re.I,
)
_JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_JAPANESE_YES_NO = re.compile(
    r"(?:ます|です|ません|でしょう|だろう|可能|必要|ない|いい|込み?|別)(?:の)?(?:でしょう)?(?:か|？|\?)"
)
_JAPANESE_WH = re.compile(r"いくら|何|なに|なん|どこ|いつ|誰|だれ|どなた|どう|どの|どちら|どれ|なぜ")


def is_japanese(text: str) -> bool:
    """Whether it is written in Japanese; an English sentence that quotes a Japanese word is not."""
    return len(_JAPANESE.findall(text)) > len(_LATIN_WORD.findall(text))


def is_english(text: str) -> bool:
    """Whether it is plainly written in English: three words and more, nothing Japanese ("OK" is said in any language)."""
    return len(_LATIN_WORD.findall(text)) >= 3 and not _JAPANESE.search(text)


def asks_yes_or_no(text: str) -> bool:
    """Whether the customer expects a yes or a no first.

    >>> asks_yes_or_no("is tax added on top?"), asks_yes_or_no("how much is it?")
    (True, False)
    """
    if is_japanese(text):
        return bool(_JAPANESE_YES_NO.search(text)) and not _JAPANESE_WH.search(text)
    last = [part for part in re.split(r"(?<=[.!?])\s+", text.strip()) if "?" in part] or [text.strip()]
    sentence = last[-1]
    question_word = _WH.search(sentence)
    if _INVERTED_ONLY.search(sentence) and question_word is None:
        return True
    found = _YES_NO.search(sentence)
    if not found or _POLITE.search(sentence):
        return False
    return question_word is None or found.start() < question_word.start()
