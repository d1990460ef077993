"""A linear classifier over everything that the featurizers found."""

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

from engine.logistic import Features, LogisticModel


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Multinomial logistic regression, its weights kept as plain arrays."""

    _WEIGHTS = "weights.npz"
    _CLASSES = "classes.json"

    @classmethod
    def required_components(cls) -> List[Type]:
        """It reads what at least one featurizer has written."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """How far the weights may go, how much embeddings count beside words, and the ranking's length."""
        return {"C": 20.0, "dense_weight": 2.0, "balanced": 0.0, "iterations": 40, "ranking_length": 10}

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Optional[LogisticModel] = None,
    ) -> None:
        """A classifier, untrained unless it is given its model."""
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "LinearIntentClassifier":
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
    ) -> "LinearIntentClassifier":
        """A trained classifier, from plain arrays."""
        with model_storage.read_from(resource) as directory:
            classes = json.loads((directory / cls._CLASSES).read_text(encoding="utf-8"))
            with np.load(directory / cls._WEIGHTS, allow_pickle=False) as stored:
                model = LogisticModel(classes, stored["weights"].astype(np.float32), stored["bias"])
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the weights to the examples and stores them."""
        examples = [example for example in training_data.intent_examples if example.get(INTENT) and example.get(TEXT)]
        self._model = LogisticModel.fit(
            self._features(examples),
            [example.get(INTENT) for example in examples],
            c=self._config["C"],
            balanced=self._config["balanced"],
            iterations=self._config["iterations"],
        )
        with self._model_storage.write_to(self._resource) as directory:
            (directory / self._CLASSES).write_text(json.dumps(self._model.classes), encoding="utf-8")
            # Half precision halves the file and moves no confidence by more than a thousandth.
            np.savez(
                directory / self._WEIGHTS, weights=self._model.weights.astype(np.float16), bias=self._model.bias
            )
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Ranks the intents of every message of the batch."""
        if self._model is None or not messages:
            return messages
        confidences = self._model.confidences(self._features(messages))
        length = self._config["ranking_length"]
        best = np.argsort(-confidences, axis=1)[:, :length]
        for message, places, row in zip(messages, best, confidences):
            ranking = [{"name": self._model.classes[place], "confidence": float(row[place])} for place in places]
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _features(self, messages: List[Message]) -> Features:
        sparse = [self._sentence(message.get_sparse_features(TEXT)) for message in messages]
        dense = [self._sentence(message.get_dense_features(TEXT)) for message in messages]
        return Features(
            _stacked(sparse) if sparse[0] is not None else None,
            np.vstack(dense) * np.float32(self._config["dense_weight"]) if dense[0] is not None else None,
        )

    @staticmethod
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
