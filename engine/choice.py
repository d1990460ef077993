"""Chooses what a message is about from its readings: the whole of it, and each of its sentences.

A pure function of intents and confidences. The rules, in their order:

1. a wish that something be done (a person, a report of a leak, a request, a complaint) wins over
   the story beside it, if the reading is sure;
2. the first real question wins, whatever was told before it: stories end in the question;
3. courtesies lose against everything else;
4. if no sentence is understood, the whole may still be.
"""

from dataclasses import dataclass
from typing import Optional, Sequence

FALLBACK = "nlu_fallback"

#: Intents that begin like a topic's and are none.
NOT_TOPICS = frozenset({"ask_human", "ask_identity", "ask_capabilities", "ask_language"})
COURTESIES = frozenset({"greet", "thank", "goodbye", "affirm", "deny"})
#: What is said around a matter and is none itself.
BESIDE = COURTESIES | {"out_of_scope", "abuse", "repeat", FALLBACK}
#: Wishes that something be done, most urgent first.
ACTS = ("report_leak", "ask_human", "request_others_data", "start", "complain", "request_status")

#: From here on a wish beside a story counts as meant.
SURE = 0.5
#: A sentence that does not ask must be read this surely to count as a question after all.
PLAIN = 0.6


@dataclass(frozen=True)
class Reading:
    """How the classifier read one text."""

    intent: str
    confidence: float
    #: Whether the text has the form of a question.
    asks: bool = False


@dataclass(frozen=True)
class Choice:
    """What the message is about, and which of its sentences really ask or want something."""

    reading: Reading
    #: Places of the sentences to be dealt with, in their order; empty if only the whole counts.
    meant: tuple[int, ...]


def is_topic(intent: str) -> bool:
    """Whether an intent is a question that the catalogue of topics knows."""
    return intent.startswith("ask_") and intent not in NOT_TOPICS


def act_of(intent: str) -> Optional[str]:
    """The kind of wish an intent is, if it is one."""
    kind = "start" if intent.startswith("start_") else intent
    return kind if kind in ACTS else None


def choose(whole: Reading, segments: Sequence[Reading]) -> Choice:
    """What a message is about, from the reading of the whole and of each sentence."""
    if len(segments) < 2:
        return Choice(whole, (0,) if segments else ())
    meant = tuple(place for place, reading in enumerate(segments) if _is_meant(reading, whole))
    acts = [segments[place] for place in meant if act_of(segments[place].intent)]
    if acts:
        return Choice(min(acts, key=lambda reading: ACTS.index(act_of(reading.intent))), meant)
    if act_of(whole.intent) and whole.confidence >= SURE and not any(segments[place].asks for place in meant):
        return Choice(whole, meant)
    asking = [segments[place] for place in meant if segments[place].asks]
    if asking:
        return Choice(asking[0], meant)
    if meant:
        best = max((segments[place] for place in meant), key=lambda reading: reading.confidence)
        return Choice(whole if _matters(whole) and whole.confidence > best.confidence else best, meant)
    if _matters(whole):
        return Choice(whole, ())
    return Choice(_beside(whole, segments), ())


def _matters(reading: Reading) -> bool:
    return reading.intent not in BESIDE


def _is_meant(reading: Reading, whole: Reading) -> bool:
    """A sentence counts if it asks, or is surely a wish, or is what the whole is read as too."""
    if not _matters(reading):
        return False
    if act_of(reading.intent):
        return reading.confidence >= SURE or reading.intent == whole.intent
    return reading.asks or reading.confidence >= PLAIN or reading.intent == whole.intent


def _beside(whole: Reading, segments: Sequence[Reading]) -> Reading:
    """Nothing is a matter of this desk: what remains, courtesies last."""
    kinds = ("out_of_scope", "abuse", FALLBACK, "repeat")
    for kind in kinds:
        asking = [reading for reading in segments if reading.intent == kind and (reading.asks or kind != FALLBACK)]
        if asking:
            return max(asking, key=lambda reading: reading.confidence)
    unclear = [reading for reading in segments if reading.intent == FALLBACK]
    return whole if not unclear or whole.intent != FALLBACK else unclear[0]
