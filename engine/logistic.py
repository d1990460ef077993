"""Multinomial logistic regression over sparse and dense features, trained in single precision.

scikit-learn's search works on dense copies in double precision and takes minutes where this takes
seconds, for the same weights.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Callable, List, Optional, Sequence, Tuple

import numpy as np
import scipy.sparse

#: Steps that the search remembers.
_MEMORY = 6
#: From so many rows on a product is shared out over the cores.
_WORTH_SHARING = 2000


@dataclass
class Features:
    """What is known of some texts: terms, which are sparse, and embeddings, which are not."""

    terms: Optional[scipy.sparse.csr_matrix]
    embeddings: Optional[np.ndarray]

    @property
    def rows(self) -> int:
        """How many texts."""
        return (self.terms if self.terms is not None else self.embeddings).shape[0]

    @property
    def columns(self) -> int:
        """How many features."""
        return self._terms + (self.embeddings.shape[1] if self.embeddings is not None else 0)

    def times(self, weights: np.ndarray) -> np.ndarray:
        """The scores of every text under weights of features by classes."""
        scores = np.zeros((self.rows, weights.shape[1]), dtype=np.float32)
        if self.terms is not None:
            scores += self._shared("_terms_cut", self.terms, weights[: self._terms])
        if self.embeddings is not None:
            scores += self.embeddings @ weights[self._terms :]
        return scores

    def transposed_times(self, slopes: np.ndarray) -> np.ndarray:
        """What the slopes of the texts mean for the weights."""
        parts = []
        if self.terms is not None:
            parts.append(self._shared("_turned_cut", self._turned(), slopes))
        if self.embeddings is not None:
            parts.append(self.embeddings.T @ slopes)
        return np.concatenate(parts)

    @property
    def _terms(self) -> int:
        return self.terms.shape[1] if self.terms is not None else 0

    def _shared(self, name: str, matrix: scipy.sparse.csr_matrix, dense: np.ndarray) -> np.ndarray:
        """A product, worked out on all cores if it is large: scipy works outside Python's lock."""
        cores = len(os.sched_getaffinity(0))
        if cores == 1 or matrix.shape[0] < _WORTH_SHARING:
            return matrix @ dense
        if not hasattr(self, name):
            # Cut where the entries are halved, as the rows of rare terms are nearly empty.
            ends = np.searchsorted(matrix.indptr, np.linspace(0, matrix.nnz, cores + 1))
            ends[0], ends[-1] = 0, matrix.shape[0]
            setattr(self, name, [matrix[start:end] for start, end in zip(ends, ends[1:])])
        with ThreadPoolExecutor(cores) as pool:
            return np.concatenate(list(pool.map(lambda rows: rows @ dense, getattr(self, name))))

    def _turned(self) -> scipy.sparse.csr_matrix:
        if not hasattr(self, "_terms_turned"):
            self._terms_turned = self.terms.T.tocsr()
        return self._terms_turned


@dataclass
class LogisticModel:
    """A class name and a column of weights for every class."""

    classes: List[str]
    #: Features by classes.
    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def fit(
        cls, features: Features, labels: Sequence[str], c: float, balanced: float = 0.0, iterations: int = 40
    ) -> "LogisticModel":
        """The weights that explain the labels best, held back by 1/c.

        `balanced` is the power of the weight that a rare class gets over a frequent one: 0 leaves the
        examples as they are, 1 lets every class count the same.
        """
        classes = sorted(set(labels))
        place = {name: number for number, name in enumerate(classes)}
        target = np.array([place[label] for label in labels])
        counts = np.bincount(target, minlength=len(classes))
        weight = ((len(target) / (len(classes) * counts[target])) ** balanced * c).astype(np.float32)
        rows = np.arange(len(target))
        size = features.columns * len(classes)

        def loss(flat: np.ndarray) -> Tuple[float, np.ndarray]:
            weights, bias = flat[:size].reshape(features.columns, len(classes)), flat[size:]
            confidence = _softmax(features.times(weights) + bias)
            total = -float(np.sum(weight * np.log(np.maximum(confidence[rows, target], 1e-30))))
            confidence[rows, target] -= 1
            confidence *= weight[:, None]
            slope = np.concatenate([(features.transposed_times(confidence) + weights).ravel(), confidence.sum(axis=0)])
            return total + 0.5 * float(np.vdot(flat[:size], flat[:size])), slope

        found = minimum(loss, np.zeros(size + len(classes), dtype=np.float32), iterations)
        return cls(classes, found[:size].reshape(features.columns, len(classes)), found[size:])

    def confidences(self, features: Features) -> np.ndarray:
        """The probability of every class for every text."""
        return _softmax(features.times(self.weights) + self.bias)


def _softmax(scores: np.ndarray) -> np.ndarray:
    scores -= scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


def minimum(
    function: Callable[[np.ndarray], Tuple[float, np.ndarray]], point: np.ndarray, iterations: int
) -> np.ndarray:
    """Walks down to the lowest point of a smooth function (L-BFGS), at most so many steps."""
    value, slope = function(point)
    steps: List[Tuple[np.ndarray, np.ndarray, float]] = []
    for _ in range(iterations):
        way = _downhill(slope, steps)
        descent = -float(np.vdot(slope, way))
        length = 1.0
        while True:
            there = point - np.float32(length) * way
            value_there, slope_there = function(there)
            if value_there <= value + 1e-4 * length * descent or length < 1e-4:
                break
            length /= 2
        step, turn = there - point, slope_there - slope
        bend = float(np.vdot(step, turn))
        if bend > 1e-10:
            steps = [*steps[-(_MEMORY - 1) :], (step, turn, bend)]
        settled = abs(value - value_there) < 1e-4 * abs(value_there)
        point, value, slope = there, value_there, slope_there
        if settled:
            break
    return point


def _downhill(slope: np.ndarray, steps: Sequence[Tuple[np.ndarray, np.ndarray, float]]) -> np.ndarray:
    """The direction to walk against, bent by what the last steps taught about the ground."""
    way = slope.copy()
    shares = []
    for step, turn, bend in reversed(steps):
        share = float(np.vdot(step, way)) / bend
        shares.append(share)
        way -= np.float32(share) * turn
    if steps:
        _, turn, bend = steps[-1]
        way *= np.float32(bend / float(np.vdot(turn, turn)))
    else:
        way /= np.float32(np.linalg.norm(slope) or 1.0)
    for (step, turn, bend), share in zip(steps, reversed(shares)):
        way += np.float32(share - float(np.vdot(turn, way)) / bend) * step
    return way
