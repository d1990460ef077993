"""Measures how well a pipeline understands: by cross-validation over the training data, and on messages it never saw.

    python -m engine.measure --config config.yml --folds 5
    python -m engine.measure --config config.yml --messages benchmarks/data/fresh_messages.yml

Prints one JSON object; benchmarks/understanding.py makes tables of it. The components are the configuration's own,
run one after another as Rasa runs them. Cross-validation leaves out what joins and rejects (the splitting into
sentences, the fallback), because examples are single sentences and the threshold is what it is to find.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

#: The share of in-scope messages that may be turned away to catch what is out of scope.
TURNED_AWAY = 0.05
OUT_OF_SCOPE = "out_of_scope"
SEED = 7


def main() -> int:
    """The command line."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["LOG_LEVEL"] = "ERROR"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from engine import logs

    logs.set_up()
    arguments = _arguments()
    if arguments.messages:
        result = on_messages(Path(arguments.config), Path(arguments.messages))
    else:
        result = cross_validate(Path(arguments.config), arguments.folds, arguments.run or arguments.folds, arguments.epochs)
    print(json.dumps(result))
    return 0


def cross_validate(config: Path, folds: int, run: int, epochs: int = 0) -> Dict[str, Any]:
    """Macro F1 and its companions over `run` of `folds` stratified folds."""
    import numpy as np
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedKFold

    data, examples, labels = _examples()
    rows: List[Dict[str, float]] = []
    splits = StratifiedKFold(folds, shuffle=True, random_state=SEED).split(np.zeros(len(labels)), labels)
    for _, (train, test) in zip(range(run), splits):
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            pipeline = Pipeline(_components(config, epochs), Path(folder))
            pipeline.train(_part(data, [examples[place] for place in train]))
            seconds = time.monotonic() - started
            texts = [examples[place].get("text") for place in test]
            found = pipeline.rank(texts)
            milliseconds = _milliseconds(pipeline, texts)
        truth = labels[test]
        names = np.array([ranking[0]["name"] for ranking in found])
        confidence = np.array([ranking[0]["confidence"] for ranking in found])
        outside = truth == OUT_OF_SCOPE
        threshold, recall = _out_of_scope(names, confidence, outside)
        rows.append(
            {
                "macro_f1": f1_score(truth, names, average="macro"),
                "accuracy": float((names == truth).mean()),
                "among_two": float(
                    np.mean([label in [one["name"] for one in ranking[:2]] for label, ranking in zip(truth, found)])
                ),
                "out_of_scope_recall": recall,
                "threshold": threshold,
                "training_seconds": seconds,
                "milliseconds": milliseconds,
            }
        )
    means = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    return {"folds": folds, "run": run, "epochs": epochs, "examples": len(labels), "intents": len(set(labels)), **means}


def on_messages(config: Path, messages: Path) -> Dict[str, Any]:
    """How many of the messages the whole pipeline reads rightly, sentences, choice and fallback included."""
    import yaml

    data, _, _ = _examples()
    cases = yaml.safe_load(messages.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        pipeline = Pipeline(_components(config, 0, whole=True), Path(folder))
        pipeline.train(data)
        seconds = time.monotonic() - started
        parses = [pipeline.parse(case["text"]) for case in cases]
        milliseconds = _milliseconds(pipeline, [case["text"] for case in cases])
    accepted = [_accepted(case) for case in cases]
    return {
        "messages": len(cases),
        "right": sum(parse["intent"]["name"] in names for parse, names in zip(parses, accepted)),
        "among_two": sum(
            any(one["name"] in names for one in parse["intent_ranking"][:2]) for parse, names in zip(parses, accepted)
        ),
        "turned_away": sum(parse["intent"]["name"] == "nlu_fallback" for parse in parses),
        "two_asked": sum("intents" in case for case in cases),
        "two_found": sum(
            set(case["intents"]) <= {part["intent"]["name"] for part in parse.get("segments", []) if part.get("meant")}
            for case, parse in zip(cases, parses)
            if "intents" in case
        ),
        "training_seconds": seconds,
        "milliseconds": milliseconds,
    }


class Pipeline:
    """The components of a configuration, created, trained and run in their order."""

    def __init__(self, components: Sequence[Tuple[type, Dict[str, Any]]], folder: Path) -> None:
        """Components that keep what they learn in a folder."""
        from rasa.engine.graph import ExecutionContext, GraphSchema
        from rasa.engine.storage.local_model_storage import LocalModelStorage
        from rasa.engine.storage.resource import Resource

        storage = LocalModelStorage(folder)
        self._parts = []
        for place, (kind, config) in enumerate(components):
            name = f"{kind.__name__}{place}"
            context = ExecutionContext(GraphSchema({}), model_id="measure", node_name=name)
            config = {**kind.get_default_config(), **config}
            self._parts.append(kind.create(config, storage, Resource(name), context))

    def train(self, data: Any) -> None:
        """Trains what can learn, and lets every featurizer read the examples before the next component learns."""
        for part in self._parts:
            if hasattr(part, "train"):
                part.train(data)
            if _reads_examples(part):
                data = part.process_training_data(data)

    def process(self, texts: Sequence[str]) -> List[Any]:
        """The messages behind the last component."""
        from rasa.shared.nlu.training_data.message import Message

        messages = [Message(data={"text": text}) for text in texts]
        for part in self._parts:
            messages = part.process(messages)
        return messages

    def rank(self, texts: Sequence[str], batch: int = 64) -> List[List[Dict[str, Any]]]:
        """The ranking of intents of every text."""
        rankings = []
        for start in range(0, len(texts), batch):
            rankings += [message.get("intent_ranking") for message in self.process(texts[start : start + batch])]
        return rankings

    def parse(self, text: str) -> Dict[str, Any]:
        """One message as Rasa would hand it on."""
        return self.process([text])[0].as_dict()


def _reads_examples(part: Any) -> bool:
    """Rasa lets tokenizers and featurizers read the examples, and nobody behind them."""
    from rasa.nlu.featurizers.featurizer import Featurizer
    from rasa.nlu.tokenizers.tokenizer import Tokenizer

    return isinstance(part, (Featurizer, Tokenizer))


def _components(config: Path, epochs: int, whole: bool = False) -> List[Tuple[type, Dict[str, Any]]]:
    """The classes of a pipeline with their settings; entities, sentences and fallback only if the whole is wanted."""
    import rasa.shared.utils.io
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.nlu.classifiers.classifier import IntentClassifier
    from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier

    recipe = DefaultV1Recipe()
    found = []
    for settings in rasa.shared.utils.io.read_config_file(config)["pipeline"]:
        settings = dict(settings)
        kind = recipe._from_registry(settings.pop("name")).clazz
        if epochs and "epochs" in kind.get_default_config():
            settings["epochs"] = epochs
        wanted = issubclass(kind, IntentClassifier) and not issubclass(kind, FallbackClassifier)
        if whole or wanted or hasattr(kind, "process_training_data") and kind.__name__ not in _JOINING:
            found.append((kind, settings))
    return found


_JOINING = {"SegmentSplitter", "SegmentMerger", "ResponseSelector"}


def _examples() -> Tuple[Any, List[Any], Any]:
    """The training data, its examples with an intent, and their intents."""
    import numpy as np
    from rasa.shared.nlu.training_data.loading import load_data

    from engine.fingerprint import ROOT

    data = load_data(str(ROOT / "nlu_data"))
    examples = [example for example in data.intent_examples if example.get("text") and example.get("intent")]
    return data, examples, np.array([example.get("intent") for example in examples])


def _part(data: Any, examples: List[Any]) -> Any:
    """Training data with some of the examples, and new messages, which carry no features of an earlier run."""
    from rasa.shared.nlu.training_data.message import Message
    from rasa.shared.nlu.training_data.training_data import TrainingData

    fresh = [Message(data={"text": one.get("text"), "intent": one.get("intent")}) for one in examples]
    return TrainingData(fresh, data.entity_synonyms, data.regex_features, data.lookup_tables)


def _out_of_scope(names: Any, confidence: Any, outside: Any) -> Tuple[float, float]:
    """The threshold that turns away the allowed share of in-scope messages, and what it catches."""
    import numpy as np

    sure = np.where(names == OUT_OF_SCOPE, 0.0, confidence)
    threshold = float(np.quantile(sure[~outside], TURNED_AWAY))
    return threshold, float((sure[outside] <= threshold).mean())


def _milliseconds(pipeline: Pipeline, texts: Sequence[str], count: int = 150) -> float:
    """The median time that one message takes alone."""
    times = []
    for text in list(texts)[:count]:
        started = time.perf_counter()
        pipeline.process([text])
        times.append(time.perf_counter() - started)
    return sorted(times)[len(times) // 2] * 1000


def _accepted(case: Dict[str, Any]) -> List[str]:
    """The intents that an honest reader accepts."""
    names = case.get("intents") or case["intent"]
    return [names] if isinstance(names, str) else list(names)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m engine.measure", description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="config.yml", help="the pipeline")
    parser.add_argument("--folds", type=int, default=5, help="into how many parts the examples are split")
    parser.add_argument("--run", type=int, default=0, help="how many of them are tried; all unless told otherwise")
    parser.add_argument("--epochs", type=int, default=0, help="for components that learn in epochs")
    parser.add_argument("--messages", default="", help="a file of messages with their intents")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
