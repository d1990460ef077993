"""Splits examples into folds and counts how a classifier did on what it had not seen."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OUT_OF_SCOPE = "out_of_scope"
#: What Rasa's FallbackClassifier says of a message that it is not sure enough of.
FALLBACK = "nlu_fallback"
#: Both turn a message away.
AWAY = frozenset({OUT_OF_SCOPE, FALLBACK})


@dataclass(frozen=True)
class Verdict:
    """What a pipeline said of one message, and what it should have said."""

    wanted: frozenset[str]
    #: The likeliest intent, however unsure.
    likeliest: str
    #: The pipeline's answer, `nlu_fallback` if it was too unsure.
    said: str

    @property
    def is_outside(self) -> bool:
        """Whether the message is none of this desk's business."""
        return OUT_OF_SCOPE in self.wanted

    @property
    def is_right(self) -> bool:
        """Whether the pipeline's answer is acceptable; turning away what is outside is."""
        return self.said in self.wanted or (self.is_outside and self.said in AWAY)


@dataclass(frozen=True)
class Score:
    """How a pipeline did on messages that it had not seen; shares of one."""

    macro_f1: float
    accuracy: float
    #: Of what is outside, how much was turned away.
    outside_recall: float
    #: Of what is inside, how much was turned away.
    inside_lost: float


def deal(labels: Sequence[str], folds: int, seed: int) -> list[list[int]]:
    """The places of the examples in so many folds, every label shared out evenly."""
    by_label: dict[str, list[int]] = defaultdict(list)
    for place, label in enumerate(labels):
        by_label[label].append(place)
    hand = random.Random(seed)
    dealt: list[list[int]] = [[] for _ in range(folds)]
    turn = 0
    for label in sorted(by_label):
        places = by_label[label]
        hand.shuffle(places)
        for place in places:
            # One dealer for all labels, so that no fold gets every label's odd one.
            dealt[turn % folds].append(place)
            turn += 1
    return [sorted(fold) for fold in dealt]


def score(verdicts: Sequence[Verdict]) -> Score:
    """The score of verdicts with one wanted intent each."""
    return Score(
        macro_f1([next(iter(verdict.wanted)) for verdict in verdicts], [verdict.likeliest for verdict in verdicts]),
        share(verdict.likeliest in verdict.wanted for verdict in verdicts),
        share(verdict.said in AWAY for verdict in verdicts if verdict.is_outside),
        share(verdict.said in AWAY for verdict in verdicts if not verdict.is_outside),
    )


def mean(scores: Sequence[Score]) -> Score:
    """The mean of the folds' scores."""
    return Score(
        *(
            sum(getattr(one, name) for one in scores) / len(scores)
            for name in ("macro_f1", "accuracy", "outside_recall", "inside_lost")
        )
    )


def macro_f1(wanted: Sequence[str], said: Sequence[str]) -> float:
    """The mean over all wanted intents of the harmonic mean of precision and recall."""
    right: dict[str, int] = defaultdict(int)
    named: dict[str, int] = defaultdict(int)
    there: dict[str, int] = defaultdict(int)
    for want, say in zip(wanted, said, strict=True):
        there[want] += 1
        named[say] += 1
        right[want] += want == say
    return sum(2 * right[name] / (there[name] + named[name]) for name in there) / len(there)


def share(of: Iterable[bool]) -> float:
    """How much of it is true; nothing of nothing is 0."""
    values = list(of)
    return sum(map(bool, values)) / len(values) if values else 0.0
