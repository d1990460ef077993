"""Words, pieces of words and concepts, weighted by how rare they are.

A word with one letter amiss is read as the word that was meant (spelling.py). Words alone still miss
worse misspellings, and Japanese has no gaps between words; so a text is also seen as
its runs of characters: two to five inside an English word, two to four inside a Japanese run. And
words alone know nothing of one another; so a text is also seen as the concepts of
nlu_data/concepts that it names, and their pairs. What a text begins and ends with, and which words
stand around another, tells a question from a wish and what is ours from what is not.
"""

import json
import re
import unicodedata
from collections import Counter
from typing import Any, Dict, Iterable, List, Optional, Text, Tuple, Type

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.concepts import PREFIX, Concepts, terms_of
from engine.spelling import Spelling

_JAPANESE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff々ー"
_WORD = re.compile(rf"[^\W{_JAPANESE}]+(?:'[^\W\d_]+)?")
_RUN = re.compile(rf"[{_JAPANESE}]+")
#: What a text is seen as, in the order of the columns.
_KINDS = ("words", "pieces", "pairs", "concepts", "gaps")


def normalise(text: str) -> str:
    """One form for full width and half width, large and small, curly and straight."""
    return unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("‘", "'")


def words_of(text: str) -> List[str]:
    """Words and pairs of words of a normalised text; characters and pairs of them in Japanese runs."""
    words = _WORD.findall(text)
    found = words + [f"{first} {second}" for first, second in zip(words, words[1:])]
    for run in _RUN.findall(text):
        found.extend(run)
        found.extend(run[start : start + 2] for start in range(len(run) - 1))
    return found


def pieces_of(text: str) -> List[str]:
    """Runs of characters of a normalised text, marked at the edges of a word."""
    found = []
    for word in _WORD.findall(text):
        padded = f" {word} "
        for size in range(2, 6):
            found.extend(padded[start : start + size] for start in range(len(padded) - size + 1))
    for run in _RUN.findall(text):
        for size in (2, 3, 4):
            found.extend(run[start : start + size] for start in range(len(run) - size + 1))
    return found


def gaps_of(text: str) -> List[str]:
    """Pairs of words of a normalised text with one word between them; its first and its last word, marked as such."""
    words = _WORD.findall(text)
    if len(words) < 2:
        return []
    around = [f"{first} _ {second}" for first, second in zip(words, words[2:])]
    return [f"< {words[0]}", f"< _ {words[1]}", *around, f"{words[-2]} _ >", f"{words[-1]} >"]


class Vocabulary:
    """The terms of one kind and the weight of each, learnt from texts."""

    def __init__(self, terms: Dict[str, int], weights: np.ndarray) -> None:
        """A vocabulary with a column and a weight for every term."""
        self.terms = terms
        self.weights = weights

    @classmethod
    def learn(cls, documents: Iterable[List[str]], at_least: int) -> "Vocabulary":
        """Every term that stands in so many documents, weighted by its rarity."""
        frequency: Counter = Counter()
        count = 0
        for document in documents:
            count += 1
            frequency.update(set(document))
        kept = sorted(term for term, documents_with in frequency.items() if documents_with >= at_least)
        weights = np.array([np.log((1 + count) / (1 + frequency[term])) + 1 for term in kept], dtype=np.float32)
        return cls({term: column for column, term in enumerate(kept)}, weights)

    def row(self, document: List[str]) -> tuple:
        """Columns and values of one document, of length one."""
        counts: Dict[int, int] = {}
        terms = self.terms
        for term in document:
            column = terms.get(term)
            if column is not None:
                counts[column] = counts.get(column, 0) + 1
        columns = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
        values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = (1 + np.log(values)) * self.weights[columns]
        length = float(np.sqrt(values @ values)) or 1.0
        return columns, values / length


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TfidfFeaturizer(SparseFeaturizer, GraphComponent):
    """Adds a sparse row of weighted words and pieces of words to every message."""

    _FILE = "vocabulary.json"

    @classmethod
    def required_components(cls) -> List[Type]:
        """It reads the text itself, so it needs no tokenizer."""
        return []

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """In how many examples a term of each kind must stand to count, and how much each kind counts."""
        return {
            **SparseFeaturizer.get_default_config(),
            "words_at_least": 2,
            "pieces_at_least": 3,
            "pairs_at_least": 2,
            "concepts_at_least": 1,
            "gaps_at_least": 2,
            "words_weight": 1.0,
            "pieces_weight": 1.3,
            "pairs_weight": 1.0,
            "concepts_weight": 0.8,
            "gaps_weight": 1.0,
        }

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Every value in the configuration is a number that needs no check beyond its use."""

    def __init__(
        self,
        config: Dict[Text, Any],
        name: Text,
        model_storage: ModelStorage,
        resource: Resource,
        vocabularies: Optional[List[Vocabulary]] = None,
        tables: Optional[Dict[str, List[str]]] = None,
    ) -> None:
        """A featurizer, untrained unless it is given its vocabularies and its tables of concepts."""
        super().__init__(name, {**self.get_default_config(), **config})
        self._model_storage = model_storage
        self._resource = resource
        self._vocabularies = vocabularies or []
        self._tables = tables or {}
        self._concepts = Concepts(self._tables, self._known_words())
        self._spelling = Spelling(self._usual_words())

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "TfidfFeaturizer":
        """An untrained featurizer."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "TfidfFeaturizer":
        """A trained featurizer, from plain JSON."""
        with model_storage.read_from(resource) as directory:
            stored = json.loads((directory / cls._FILE).read_text(encoding="utf-8"))
        vocabularies = [
            Vocabulary(
                {term: column for column, term in enumerate(kind["terms"])}, np.array(kind["weights"], dtype=np.float32)
            )
            for kind in stored["vocabularies"]
        ]
        return cls(config, execution_context.node_name, model_storage, resource, vocabularies, stored["concepts"])

    def learn(self, texts: List[str], tables: Dict[str, List[str]]) -> None:
        """Learns the vocabularies from texts, with the tables of concepts."""
        self._tables = tables
        limits = [self._config[f"{kind}_at_least"] for kind in _KINDS]
        # What stands in several examples is a word and no misspelling of one, so the words are learnt first.
        self._vocabularies = [Vocabulary.learn((words_of(normalise(text)) for text in texts), limits[0])]
        self._concepts = Concepts(tables, self._known_words())
        self._spelling = Spelling(self._usual_words())
        documents = list(zip(*map(self._terms, texts)))
        self._vocabularies += [Vocabulary.learn(kind, limit) for kind, limit in zip(documents[1:], limits[1:])]

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the vocabularies from the examples and stores them."""
        tables: Dict[str, List[str]] = {}
        for table in training_data.lookup_tables:
            if table["name"].startswith(PREFIX):
                tables.setdefault(table["name"][len(PREFIX) :], []).extend(map(str, table["elements"]))
        self.learn([example.get(TEXT) for example in training_data.training_examples if example.get(TEXT)], tables)
        stored = {
            "concepts": self._tables,
            "vocabularies": [
                {"terms": list(kind.terms), "weights": [round(float(weight), 5) for weight in kind.weights]}
                for kind in self._vocabularies
            ],
        }
        with self._model_storage.write_to(self._resource) as directory:
            (directory / self._FILE).write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def matrix(self, texts: List[str]) -> scipy.sparse.csr_matrix:
        """One row for every text: its words, pieces, pairs of concepts, concepts and gaps, each kind as long as it counts."""
        counts = [np.float32(self._config[f"{kind}_weight"]) for kind in _KINDS]
        columns, values, ends = [], [], [0]
        for text in texts:
            offset, length = 0, 0
            for kind, count, document in zip(self._vocabularies, counts, self._terms(text)):
                places, weights = kind.row(document)
                columns.append(places + offset)
                values.append(weights * count)
                offset += len(kind.terms)
                length += len(places)
            ends.append(ends[-1] + length)
        width = sum(len(kind.terms) for kind in self._vocabularies)
        return scipy.sparse.csr_matrix(
            (np.concatenate(values), np.concatenate(columns), np.array(ends, dtype=np.int32)), shape=(len(texts), width)
        )

    def process(self, messages: List[Message]) -> List[Message]:
        """Adds the row of its text to every message of the batch."""
        rows = self.matrix([message.get(TEXT) or "" for message in messages])
        for place, message in enumerate(messages):
            self.add_features_to_message(None, rows[place], TEXT, message)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the rows of the examples."""
        self.process([example for example in training_data.training_examples if example.get(TEXT)])
        return training_data

    def _known_words(self) -> List[str]:
        return [term for term in self._vocabularies[0].terms if " " not in term] if self._vocabularies else []

    def _usual_words(self) -> Dict[str, float]:
        """The words that stand in some examples, with their rarity."""
        if not self._vocabularies:
            return {}
        words = self._vocabularies[0]
        return {term: float(words.weights[column]) for term, column in words.terms.items() if " " not in term}

    def _terms(self, text: str) -> Tuple[List[str], ...]:
        """A text's words, pieces, concepts with their pairs, concepts alone, and gaps.

        The concepts come twice because the pairs of a long message leave each of them little weight.
        """
        text = self._spelling.correct(normalise(text))
        concepts = self._concepts.of(text)
        return words_of(text), pieces_of(text), terms_of(concepts), concepts, gaps_of(text)
