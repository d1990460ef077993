"""What the engine understands of a message, in the form in which it hands it on."""

from __future__ import annotations

from bot.knowledge.understanding import Understood, read_parse


def part(
    text: str,
    intent: str,
    confidence: float = 0.9,
    *,
    ranking: dict[str, float] | None = None,
    meant: bool = True,
    **mentions: str | list[str],
) -> dict:
    """One sentence: its intent, what it mentions (entity="value" or entity=["value", ...])."""
    ranked = {intent: confidence, **(ranking or {})}
    entities = [
        {"entity": entity, "value": value, "start": 0, "end": len(text)}
        for entity, values in mentions.items()
        for value in ([values] if isinstance(values, str) else values)
    ]
    return {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": [{"name": name, "confidence": value} for name, value in ranked.items()],
        "entities": entities,
        "meant": meant,
    }


def parse(*parts: dict, whole: str | None = None) -> dict:
    """The message made of these parts; read as a whole it is about `whole`, else about its first meant part."""
    chosen = next((one for one in parts if one["meant"]), parts[0])
    return {
        **chosen,
        "text": " ".join(one["text"] for one in parts),
        "intent": {"name": whole or chosen["intent"]["name"], "confidence": chosen["intent"]["confidence"]},
        "entities": [entity for one in parts for entity in one["entities"]],
        "segments": list(parts),
    }


def understood(*parts: dict, whole: str | None = None) -> Understood:
    """The same as the core's own type."""
    return read_parse(parse(*parts, whole=whole))


def heard(text: str, intent: str, confidence: float = 0.9, **options) -> Understood:
    """A message of one sentence."""
    return understood(part(text, intent, confidence, **options))
