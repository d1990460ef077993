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


_PERSON = (
    r"(?:she|he|they|we|(?:the|that|this|your)\s+(?:other\s+)?"
    r"(?:person|lady|man|woman|guy|agent|colleague|clerk|human|staff))"
)
_SAID = (
    r"(?:say|said|tell|told|mean|meant|write|wrote|written|answer|answered|explain|explained|settle|settled|agree|agreed|"
    r"decide|decided)"
)
_WHAT_PERSON_SAID = re.compile(
    rf"\bwhat(?:\s+exactly|\s+else)?\s+(?:did|has|have|had|was\s+it(?:\s+that)?)\s+{_PERSON}\s+(?:just\s+)?{_SAID}\b", re.I
)
_WHAT_WAS_SETTLED = re.compile(r"\bwhat\s+(?:was|has\s+been)\s+(?:settled|agreed|decided|arranged)\b", re.I)
_JAPANESE_SAID = r"(?:言っ|言われ|言いまし|おっしゃ|話して|話しまし|説明し|説明され|回答し|回答され|書い|書かれ)"
_JAPANESE_PERSON_SAID = re.compile(
    rf"(?:担当|スタッフ|さっき|先ほど|係の|彼女|彼は).*(?:何|なん|どう|どんな).*{_JAPANESE_SAID}|(?:何|なん)(?:と|て){_JAPANESE_SAID}"
)


def asks_what_person_said(text: str, name: str = "") -> bool:
    """Whether it asks for the words of the person who had the chat, by name or not.

    >>> asks_what_person_said("What did she say?"), asks_what_person_said("what did Keiko tell me", "Keiko")
    (True, True)
    >>> asks_what_person_said("What does the policy say about fees?"), asks_what_person_said("What do they charge?")
    (False, False)
    >>> asks_what_person_said("担当の方は何と言っていましたか"), asks_what_person_said("担当者と話したいです")
    (True, False)
    """
    if is_japanese(text):
        named = text.replace(name, "担当") if name else text
        return bool(_JAPANESE_PERSON_SAID.search(named))
    named = re.sub(rf"\b{re.escape(name)}\b", "she", text, flags=re.I) if name else text
    return bool(_WHAT_PERSON_SAID.search(named) or _WHAT_WAS_SETTLED.search(named))


_DISPUTE = re.compile(
    r"\b(?:disput\w*|contest(?:s|ed|ing)?|disagree\w*|refus(?:al|ed|es?)|reject(?:ed|ion)|denied|denial|turned\s+down|appeal(?:ing)?|"
    r"wrongly|(?:do(?:n.?t|\s+not)|won.?t|can(?:no|.?)t)\s+(?:agree|accept)|looked\s+at\s+again|(?:is|was|were)\s+wrong|told\s+no)\b"
    r"|異議|不服|納得(?:でき|が?いか)|承服|不当|拒否され|却下|断られ",
    re.I,
)


def disputes(text: str) -> bool:
    """Whether a complaint is about an answer or a decision of the desk, which the customer does not accept.

    >>> disputes("I dispute that my request harms anybody"), disputes("your staff laughed at my name")
    (True, False)
    """
    return bool(_DISPUTE.search(text))
