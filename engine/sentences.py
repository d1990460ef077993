"""Cuts a customer's message into its sentences and questions.

Two questions in one message want two answers, and a story wants the question at its end. So the
message is cut where English and Japanese end a sentence, at line breaks, behind a greeting, and
where one question is joined to the next ("how much is it, and how do I pay?"). Nothing is cut
inside an address, a number or an abbreviation.
"""

import re

#: More parts than this are a letter, not a question; the earliest are then kept together.
MOST_SEGMENTS = 8

#: Dots in these end no sentence.
_ABBREVIATIONS = (
    "e.g", "i.e", "etc", "vs", "mr", "mrs", "ms", "dr", "prof", "co", "ltd", "inc", "corp", "no",
    "nos", "st", "tel", "approx", "a.m", "p.m", "u.s", "u.k", "dept", "art", "sec", "fig", "cf",
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:" + "|".join(re.escape(word) for word in _ABBREVIATIONS) + r")\.$", re.IGNORECASE
)

_STARTS_A_QUESTION = (
    r"(?:can|could|do|does|did|is|are|was|were|will|would|should|shall|may|might|must|have|has|"
    r"what|what's|whats|how|how's|hows|where|where's|when|when's|which|who|who's|whose|whom|why)\b"
)
_END = re.compile(
    r"""
      (?P<stop>[.!?]+[)"'”’\]]*)(?=\s|$)      # an English end, only before a gap
    | (?P<wide>[。！？]+[」』）)"”]*)          # a Japanese end needs no gap
    | (?P<glued>\?+)(?=[A-Z])                 # "how much?And when?"
    | (?P<line>\s*[\r\n]+\s*)                 # every line stands for itself
    """,
    re.VERBOSE,
)
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings|dear (?:sir|madam|sirs|team)"
    r"|こんにちは|こんばんは|おはようございます|はじめまして|お世話になります|お世話になっております)"
    r"(?:\s+(?:there|all|team|everyone))?\s*[,、，!！]*\s*(?=[^\s,、，!！])",
    re.IGNORECASE,
)
#: The left side keeps at least three words, so that "who and what" stays whole.
_JOINED = re.compile(
    r"(?P<joint>\s*[,;、]\s*(?:(?:and|but|also|plus|then)\s+(?:also\s+)?)?|\s+(?:and|plus)\s+(?:also\s+)?)"
    r"(?=" + _STARTS_A_QUESTION + r")",
    re.IGNORECASE,
)
_JOINED_JAPANESE = re.compile(r"(?:ですか|ますか|でしょうか|ませんか)(?P<joint>[、,，]\s*)")
_WORD = re.compile(r"\w")
_WORD_RUN = re.compile(r"\w+")
_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_QUESTION = re.compile(
    r"[?？]|^\W*(?:(?:and|so|but|also|then|ok|okay|well|please)\W+)*"
    + _STARTS_A_QUESTION
    + r"|\b(?:please|pls|plz)\W*$"
    + r"|\b(?:tell me|let me know|i(?:'d| would) like to (?:know|ask)|i (?:want|need) to know|wondering|explain)\b"
    r"|いくら|(?:ですか|ますか|でしょうか|ませんか|のか|っけ|教えて(?:ください|下さい)?|知りたい[^。]*)[。\s]*$",
    re.IGNORECASE,
)
#: A question word that only opens a subordinate clause ("when I called", "which is why") asks nothing.
_SUBORDINATE = re.compile(
    r"^\W*(?:(?:and|so|but|also|then)\W+)*(?:when|where|which|who|what)\s+(?:i|we|you|he|she|they|it|the|my|your|is why)\b",
    re.IGNORECASE,
)


def split(text: str) -> list[str]:
    """The sentences and questions of a text in their order; the text itself if it has only one."""
    parts = [piece for sentence in _sentences(text) for piece in _questions(sentence)]
    parts = _without_crumbs(parts)
    if len(parts) > MOST_SEGMENTS:
        spare = len(parts) - MOST_SEGMENTS + 1
        parts = [" ".join(parts[:spare]), *parts[spare:]]
    return parts or [text]


def asks(text: str) -> bool:
    """Whether a sentence has the form of a question or of a wish to be told something."""
    if not _QUESTION.search(text):
        return False
    return "?" in text or "？" in text or not _SUBORDINATE.search(text)


def count_words(text: str) -> int:
    """How many words a text has; two Japanese characters count as one."""
    japanese = len(_JAPANESE.findall(text))
    return len(_WORD_RUN.findall(_JAPANESE.sub(" ", text))) + japanese // 2


def _sentences(text: str) -> list[str]:
    """Cuts at the ends of sentences and behind a greeting."""
    greeting = _GREETING.match(text)
    start = greeting.end() if greeting else 0
    found = [text[:start]] if start else []
    for end in _END.finditer(text, start):
        if end.group("stop") and _ABBREVIATION.search(text[start : end.end()]):
            continue
        found.append(text[start : end.end()])
        start = end.end()
    found.append(text[start:])
    return [sentence.strip() for sentence in found]


def _questions(sentence: str) -> list[str]:
    """Cuts where a further question is joined to what was said before."""
    found, start = [], 0
    joints = [*_JOINED.finditer(sentence), *_JOINED_JAPANESE.finditer(sentence)]
    for joint in sorted(joints, key=lambda match: match.start("joint")):
        left = sentence[start : joint.start("joint")]
        if joint.re is _JOINED and not _stands_alone(left, joint, sentence):
            continue
        found.append(left)
        start = joint.end("joint")
    found.append(sentence[start:])
    return [part.strip() for part in found]


def _stands_alone(left: str, joint: "re.Match[str]", sentence: str) -> bool:
    """A clause before the joint is a part of its own only if it is long enough and what follows asks."""
    right = sentence[joint.end("joint") :]
    if len(left.split()) < 3 or len(right.split()) < 2:
        return False
    if _SUBORDINATE.search(right) and not asks(left):
        return False
    return True


def _without_crumbs(parts: list[str]) -> list[str]:
    """Puts marks without a word back to what they follow."""
    kept: list[str] = []
    for part in parts:
        if _WORD.search(part):
            kept.append(part)
        elif kept and part:
            kept[-1] = f"{kept[-1]} {part}"
    return kept
