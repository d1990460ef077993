"""Which pipeline understands customers best: cross-validation over nlu_data/, and 100 fresh messages held out.

    engine/.venv/bin/python -m benchmarks.understanding [--folds N] [--skip-diet] [--diet-epochs N] [--diet-model FILE]

Runs in the engine's environment and writes the tables into README.md. DIET is trained on the first fold only, and for
few epochs, because it takes far longer than the others. A stock model that was trained on all of nlu_data/ (answers.py
keeps one below var/) can be given, and is asked the fresh messages too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

# Before anything of Rasa is imported: no telemetry, no chatter.
os.environ["RASA_TELEMETRY_ENABLED"] = "false"
os.environ["LOG_LEVEL"] = "ERROR"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import yaml
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.training_data import TrainingData

from benchmarks import folds
from benchmarks.diet import Diet
from benchmarks.folds import Score, Verdict
from benchmarks.pipelines import (
    Embeddings,
    Pipeline,
    Taken,
    read_specifications,
    reading,
    subset,
    verdicts,
)
from benchmarks.understanding_report import write_report
from engine import logs
from engine.fingerprint import ROOT, model_name

FRESH = ROOT / "benchmarks" / "data" / "fresh_messages.yml"
#: What need not be computed again, and the raw figures.
KEPT = ROOT / "var" / "benchmarks"
SEED = 20
LIGHT, CHOSEN, KERNEL, DIET = "light", "chosen", "kernel", "DIET"
#: What was tried in the linear classifier's place.
KERNEL_CLASSIFIER = {"name": "engine.kernel.KernelIntentClassifier"}


@dataclass(frozen=True)
class Fresh:
    """How a pipeline did on the fresh messages."""

    pipeline: str
    #: How many examples it was trained on.
    examples: int
    note: str
    messages: int
    right: int
    outside: int
    outside_found: int
    inside_lost: int
    training: Taken | None
    #: Medians of a message, in milliseconds.
    wall: float
    processor: float


@dataclass(frozen=True)
class Crossed:
    """How a pipeline did on the examples of a fold that it was not trained on."""

    pipeline: str
    fold: int
    score: Score
    training: Taken


@dataclass(frozen=True)
class Measured:
    """All that a run found."""

    on: str
    #: Names of the engine's models of this code and data, config.yml's and the light one's.
    models: tuple[str, str]
    examples: int
    intents: int
    outside: int
    shared: int
    folds: int
    epochs: int | None
    crossed: list[Crossed]
    fresh: list[Fresh]
    load: float
    processor_minutes: float


def main() -> int:
    """The command line."""
    arguments = _arguments()
    logs.set_up()
    began, load = time.process_time(), os.getloadavg()[0]
    on, models = time.strftime("%Y-%m-%d", time.gmtime()), (model_name(), model_name("config.light.yml"))
    data = load_data(str(ROOT / "nlu_data"))
    messages = yaml.safe_load(FRESH.read_text(encoding="utf-8"))
    epochs = None if arguments.skip_diet else arguments.diet_epochs
    crossed, fresh = measure(data, messages, arguments.folds, epochs, arguments.diet_model)
    intents = [example.get(INTENT) for example in data.intent_examples]
    known = {example.get(TEXT).lower() for example in data.intent_examples}
    measured = Measured(
        on=on,
        models=models,
        examples=len(intents),
        intents=len(set(intents)),
        outside=intents.count(folds.OUT_OF_SCOPE),
        shared=sum(message["text"].lower() in known for message in messages),
        folds=arguments.folds,
        epochs=epochs,
        crossed=crossed,
        fresh=fresh,
        load=load,
        processor_minutes=(time.process_time() - began) / 60,
    )
    KEPT.mkdir(parents=True, exist_ok=True)
    (KEPT / "understanding.json").write_text(json.dumps(asdict(measured), indent=1), encoding="utf-8")
    write_report(measured, " ".join(sys.argv[1:]))
    return 0


def measure(
    data: TrainingData, messages: Sequence[dict], count: int, epochs: int | None, diet_model: Path | None
) -> tuple[list[Crossed], list[Fresh]]:
    """Everything, one after another; the first fold's models answer the fresh messages too, beside DIET."""
    texts = [example.get(TEXT) for example in data.intent_examples]
    labels = [example.get(INTENT) for example in data.intent_examples]
    say(f"{len(texts)} examples; making their embeddings, unless they are there ...")
    embeddings = Embeddings.of(texts, KEPT)
    embeddings.remember()
    light = read_specifications(ROOT / "config.light.yml")
    chosen = read_specifications(ROOT / "config.yml")
    kernel = [KERNEL_CLASSIFIER if one["name"].endswith("LinearIntentClassifier") else one for one in chosen]
    pipelines = {LIGHT: light, CHOSEN: chosen, KERNEL: kernel}
    crossed: list[Crossed] = []
    fresh: list[Fresh] = []
    for name, specifications in pipelines.items():
        trained = Pipeline.train(specifications, subset(data, range(len(texts))), embeddings)
        fresh.append(ask_fresh(name, trained.answer_like_the_engine(), messages, len(texts)))
    if diet_model:
        fresh.append(ask_fresh(DIET, Diet(diet_model, None), messages, len(texts), "all epochs"))
    dealt = folds.deal(labels, count, SEED)
    for number, held_out in enumerate(dealt):
        rest = [place for other in dealt if other is not held_out for place in other]
        wanted = [frozenset([labels[place]]) for place in held_out]
        asked = [texts[place] for place in held_out]
        for name, specifications in pipelines.items():
            trained = Pipeline.train(specifications, subset(data, rest), embeddings)
            crossed.append(cross(name, number, trained, asked, wanted))
            if number == 0 and epochs:
                fresh.append(ask_fresh(name, trained.answer_like_the_engine(), messages, len(rest)))
        if number == 0 and epochs:
            with tempfile.TemporaryDirectory() as folder:
                say(f"training DIET for {epochs} epochs; this takes many minutes ...")
                diet = Diet.train(subset(data, rest), epochs, SEED, Path(folder))
                crossed.append(cross(DIET, number, diet, asked, wanted))
                fresh.append(ask_fresh(DIET, diet, messages, len(rest), f"{epochs} epochs"))
    return crossed, fresh


def cross(name: str, fold: int, trained: Pipeline | Diet, texts: list[str], wanted: list[frozenset[str]]) -> Crossed:
    """How a pipeline does on the fold that was held out."""
    found = Crossed(name, fold, folds.score(verdicts(trained.read(texts), wanted)), trained.taken)
    say(f"fold {fold + 1}, {name}: {found.score}; trained in {trained.taken}")
    return found


def ask_fresh(name: str, trained: Pipeline | Diet, messages: Sequence[dict], examples: int, note: str = "") -> Fresh:
    """How a pipeline does on the fresh messages, each one by itself and whole."""
    parsed, taken = trained.parse_all([message["text"] for message in messages])
    judged: list[Verdict] = verdicts([reading(one) for one in parsed], [acceptable(message) for message in messages])
    outside = [verdict for verdict in judged if verdict.is_outside]
    found = Fresh(
        pipeline=name,
        examples=examples,
        note=note,
        messages=len(judged),
        right=sum(verdict.is_right for verdict in judged),
        outside=len(outside),
        outside_found=sum(verdict.said in folds.AWAY for verdict in outside),
        inside_lost=sum(verdict.said in folds.AWAY for verdict in judged if not verdict.is_outside),
        training=trained.taken,
        wall=1000 * statistics.median(one.wall for one in taken),
        processor=1000 * statistics.median(one.processor for one in taken),
    )
    say(f"fresh, {name}: {found}")
    return found


def acceptable(message: dict) -> frozenset[str]:
    """Every intent that an honest reader accepts for a fresh message."""
    named: list[str] = []
    for key in ("intent", "intents"):
        value = message.get(key) or []
        named += [value] if isinstance(value, str) else value
    return frozenset(named)


def say(what: str) -> None:
    """A line of progress."""
    print(f"{time.strftime('%H:%M:%S')}  {what}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding", description=__doc__.splitlines()[0])
    parser.add_argument("--folds", type=int, default=3, help="folds of the cross-validation (default 3)")
    parser.add_argument("--skip-diet", action="store_true", help="leave DIET out")
    parser.add_argument("--diet-epochs", type=int, default=3, help="epochs of DIET; `rasa init` gives 100 (default 3)")
    parser.add_argument("--diet-model", type=Path, help="a stock model, trained on all of nlu_data/")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
