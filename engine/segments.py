"""The first and the last component of the pipeline: one message becomes its parts, the parts one message.

Between the two every component sees a batch, the whole message first and its sentences behind it,
so that a message with three questions costs little more than one with one.
"""

from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine import sentences
from engine.choice import Reading, choose

#: The output property that lists a message's parts.
SEGMENTS = "segments"
#: How many intents of a part are passed on.
RANKED = 6


class _Component(GraphComponent):
    """What the two have in common: nothing is trained and nothing is stored."""

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "GraphComponent":
        """A component needs nothing but its class."""
        return cls()

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Examples are one sentence each already."""
        return training_data


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SegmentSplitter(_Component):
    """Puts a message's sentences behind it, if it has more than one."""

    def process(self, messages: List[Message]) -> List[Message]:
        """The whole message first, then its parts."""
        batch: List[Message] = []
        for message in messages:
            batch.append(message)
            parts = sentences.split(message.get(TEXT) or "")
            if len(parts) > 1:
                batch.extend(Message(data={TEXT: part, "part_of": len(batch) - 1}) for part in parts)
        return batch


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SegmentMerger(_Component):
    """Folds the parts back into their message and chooses what the message is about."""

    def process(self, messages: List[Message]) -> List[Message]:
        """The whole messages only, each with its `segments` and its own intent."""
        wholes: List[Message] = []
        parts: List[Message] = []
        for message in messages:
            if "part_of" in message.data:
                parts.append(message)
                continue
            if wholes:
                self._fold(wholes[-1], parts)
            wholes.append(message)
            parts = []
        if wholes:
            self._fold(wholes[-1], parts)
        return wholes

    def _fold(self, whole: Message, parts: List[Message]) -> None:
        parts = parts or [whole]
        choice = choose(_reading(whole), [_reading(part) for part in parts])
        segments = [_segment(part) for part in parts]
        for place, segment in enumerate(segments):
            segment["meant"] = place in choice.meant
        ranking = [_plain(ranked) for ranked in whole.get(INTENT_RANKING_KEY, [])[:RANKED]]
        chosen = {"name": choice.reading.intent, "confidence": choice.reading.confidence}
        if not ranking or ranking[0]["name"] != chosen["name"]:
            ranking = [chosen, *(ranked for ranked in ranking if ranked["name"] != chosen["name"])][:RANKED]
        whole.set(INTENT, chosen, add_to_output=True)
        whole.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        whole.set(SEGMENTS, segments, add_to_output=True)


def _reading(message: Message) -> Reading:
    intent = message.get(INTENT) or {}
    text = message.get(TEXT) or ""
    ranking = {one["name"]: one["confidence"] for one in message.get(INTENT_RANKING_KEY, [])}
    confidence = float(intent.get("confidence") or 0.0)
    words = sentences.count_words(text)
    return Reading(intent.get("name") or "nlu_fallback", confidence, sentences.asks(text), words, ranking)


def _segment(message: Message) -> Dict[Text, Any]:
    return {
        TEXT: message.get(TEXT) or "",
        INTENT: _plain(message.get(INTENT) or {}),
        INTENT_RANKING_KEY: [_plain(ranked) for ranked in message.get(INTENT_RANKING_KEY, [])[:RANKED]],
        ENTITIES: [
            {key: entity[key] for key in ("entity", "value", "start", "end")} for entity in message.get(ENTITIES, [])
        ],
    }


def _plain(intent: Dict[Text, Any]) -> Dict[Text, Any]:
    """An intent as JSON can carry it, at the four digits that mean something."""
    return {"name": intent.get("name"), "confidence": round(float(intent.get("confidence") or 0.0), 4)}
