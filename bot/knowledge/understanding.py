"""From what the engine understood of a message to the topics that it asks about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .facts import Mentions
from .library import Library

ASK = "ask_"
FOLLOW_UP = "follow_up"
FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"

#: A reading below this confidence may be mistaken for ...
SURE = 0.55
#: ... another of at least this share of its confidence.
NEARLY = 0.45


@dataclass(frozen=True, slots=True)
class Part:
    """One sentence or question of a message."""

    text: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    mentions: Mentions
    meant: bool = True  #: whether it asks or wants something, rather than telling the story around it


@dataclass(frozen=True, slots=True)
class Understood:
    """A whole message: its own reading first, then that of each of its parts."""

    whole: Part
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A topic that the customer asks about, in the words that ask it."""

    topic: str
    text: str
    mentions: Mentions
    confidence: float
    rival: str | None = None  #: another topic that may be meant as well as this one


def read_parse(parse: Mapping[str, Any]) -> Understood:
    """The engine's parse data (`latest_message`) as the core's own type."""
    whole = _part(parse)
    return Understood(whole, tuple(_part(segment) for segment in parse.get("segments") or ()) or (whole,))


def _part(data: Mapping[str, Any]) -> Part:
    intent = data.get("intent") or {}
    mentions: dict[str, set[str]] = {}
    for entity in data.get("entities") or ():
        mentions.setdefault(entity["entity"], set()).add(str(entity["value"]))
    return Part(
        data.get("text") or "",
        intent.get("name") or FALLBACK,
        float(intent.get("confidence") or 0.0),
        tuple((row["name"], float(row["confidence"])) for row in data.get("intent_ranking") or ()),
        {entity: frozenset(values) for entity, values in mentions.items()},
        bool(data.get("meant", True)),
    )


def find_questions(understood: Understood, library: Library, last_topic: str | None) -> list[Question]:
    """The topics asked about, in order, each once; a follow-up leans on the last answer's topic.

    A part's own mentions come first; what the rest of the message mentions fills in the kinds that
    the part is silent on ("I have two contracts. What does it cost?").
    """
    found: dict[str, Question] = {}

    def add(part: Part) -> None:
        topic = part.intent.removeprefix(ASK) if part.intent.startswith(ASK) else None
        if part.intent == FOLLOW_UP:
            topic = resolve_follow_up(part, library, last_topic)
        if topic in library.topics and topic not in found:
            mentions = {**understood.whole.mentions, **part.mentions}
            found[topic] = Question(topic, part.text, mentions, part.confidence, _find_rival(topic, part, library))

    meant = [part for part in understood.parts if part.meant]
    if understood.whole.intent not in {part.intent for part in meant}:
        add(understood.whole)
    for part in meant:
        add(part)
    whole = understood.whole
    if not found and whole.confidence < SURE and (topic := _find_rival("", whole, library)):
        # A wish that may be none ("did you tape my call yesterday?"): what it may ask is answered beside the offer.
        found[topic] = Question(topic, whole.text, whole.mentions, whole.confidence)
    return list(found.values())


def _find_rival(topic: str, part: Part, library: Library) -> str | None:
    """The topic that the classifier thought nearly as likely, where it was not sure."""
    if part.confidence >= SURE or part.intent == FALLBACK or (topic and part.intent != f"{ASK}{topic}"):
        return None
    others = [(intent.removeprefix(ASK), c) for intent, c in part.ranking if intent not in (part.intent, FALLBACK)]
    if not others:
        return None
    rival, confidence = max(others, key=lambda row: row[1])
    return rival if rival in library.topics and confidence >= NEARLY * part.confidence else None


def resolve_follow_up(part: Part, library: Library, last_topic: str | None) -> str | None:
    """The topic that "and by fax?" asks about after an answer on `last_topic`; None if none is certain."""
    group = library.topics[last_topic].group if last_topic in library.topics else None
    for rule in library.follow_ups:
        if "after" in rule and last_topic not in rule["after"] and group not in rule["after"]:
            continue
        values = part.mentions.get(rule["mentions"], frozenset()) if "mentions" in rule else frozenset()
        if "mentions" in rule and not values:
            continue
        if "values" in rule and not values & set(rule["values"]):
            continue
        if "asked" in rule and not re.search(rule["asked"], part.text, re.I):
            continue
        return last_topic if rule["topic"] == "same" else rule["topic"]
    return None


def likeliest_topics(understood: Understood, library: Library, at_least: float) -> list[tuple[str, float]]:
    """Topics that the classifier thought of without being sure, best first."""
    best: dict[str, float] = {}
    for part in (*understood.parts, understood.whole):
        for intent, confidence in part.ranking:
            topic = intent.removeprefix(ASK)
            if intent != topic and topic in library.topics and confidence >= at_least:
                best[topic] = max(best.get(topic, 0.0), confidence)
    return sorted(best.items(), key=lambda row: -row[1])
