"""An intent classifier that listens to the examples nearest to a message, by words and by meaning."""

import json
from typing import Any, Dict, List, Optional, Text, Type

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.ridge import Kernel, RidgeModel


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class KernelIntentClassifier(GraphComponent, IntentClassifier):
    """Kernel ridge regression with fitted confidences, kept as plain arrays."""

    _ARRAYS = "model.npz"
    _FACTS = "model.json"

    @classmethod
    def required_components(cls) -> List[Type]:
        """It reads what at least one featurizer has written."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """See engine.ridge; and the ranking's length."""
        return {"ridge": 0.5, "dense_weight": 8.0, "sharpness": 2.0, "balanced": 0.5, "ranking_length": 10}

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[RidgeModel] = None,
    ) -> None:
        """A classifier, untrained unless it is given its model."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "KernelIntentClassifier":
        """An untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "KernelIntentClassifier":
        """A trained classifier, from plain arrays."""
        with model_storage.read_from(resource) as directory:
            facts = json.loads((directory / cls._FACTS).read_text(encoding="utf-8"))
            with np.load(directory / cls._ARRAYS, allow_pickle=False) as stored:
                arrays = {name: stored[name].astype(np.float32) for name in stored.files}
        kernel = Kernel(facts["dense_weight"], facts["sharpness"])
        model = RidgeModel(facts["classes"], kernel=kernel, temperature=facts["temperature"], **arrays)
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        """Solves for the examples and stores the solution."""
        examples = [example for example in training_data.intent_examples if example.get(INTENT) and example.get(TEXT)]
        sparse, dense = _features(examples)
        kernel = Kernel(self._config["dense_weight"], self._config["sharpness"])
        self._model = model = RidgeModel.fit(
            sparse,
            dense,
            [example.get(INTENT) for example in examples],
            kernel,
            ridge=self._config["ridge"],
            balanced=self._config["balanced"],
        )
        facts = {
            "classes": model.classes,
            "temperature": model.temperature,
            "accuracy": model.accuracy,
            "dense_weight": kernel.dense_weight,
            "sharpness": kernel.sharpness,
        }
        arrays = {"weights": model.weights, "mean": model.mean, "examples": model.examples, "parts": model.parts}
        with self._model_storage.write_to(self._resource) as directory:
            (directory / self._FACTS).write_text(json.dumps(facts), encoding="utf-8")
            # Half precision halves the file and moves no confidence by more than a thousandth.
            np.savez(
                directory / self._ARRAYS,
                **{name: array.astype(np.float16) for name, array in arrays.items() if array is not None},
            )
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Ranks the intents of every message of the batch."""
        if self._model is None or not messages:
            return messages
        confidences = self._model.confidences(*_features(messages))
        best = np.argsort(-confidences, axis=1)[:, : self._config["ranking_length"]]
        for message, places, row in zip(messages, best, confidences):
            ranking = [{"name": self._model.classes[place], "confidence": float(row[place])} for place in places]
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def _features(messages: List[Message]) -> tuple:
    """All messages' terms, and their embeddings if there are any."""
    sparse = [_sentence(message.get_sparse_features(TEXT)) for message in messages]
    dense = [_sentence(message.get_dense_features(TEXT)) for message in messages]
    embeddings = None if dense[0] is None else np.vstack(dense).astype(np.float32)
    return _stacked(sparse), embeddings


def _sentence(features: tuple) -> Any:
    """Of sequence and sentence features, the sentence's."""
    return features[1].features if features[1] is not None else None


def _stacked(rows: List[scipy.sparse.csr_matrix]) -> scipy.sparse.csr_matrix:
    """Rows of one width below one another, without the checks that make scipy's own way slow for a few."""
    if len(rows) == 1:
        return rows[0]
    ends = np.cumsum([0, *(row.indptr[-1] for row in rows)])
    return scipy.sparse.csr_matrix(
        (np.concatenate([row.data for row in rows]), np.concatenate([row.indices for row in rows]), ends),
        shape=(len(rows), rows[0].shape[1]),
    )
