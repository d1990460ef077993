"""Multinomial logistic regression that trains in seconds where examples are fewer than features.

With a few thousand examples and tens of thousands of terms the best weights are a combination of
the examples themselves, so the search runs over one number for each example and class, on the
matrix of the examples' similarities; the result is the same as that of a search over the terms.
"""

from dataclasses import dataclass
from typing import List, Sequence

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.sparse


@dataclass
class LogisticModel:
    """A class name and a column of weights for every class."""

    classes: List[str]
    #: Features by classes.
    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def fit(
        cls, features: scipy.sparse.csr_matrix, labels: Sequence[str], c: float, balanced: float = 0.0, iterations: int = 60
    ) -> "LogisticModel":
        """The weights that explain the labels best, held back by 1/c.

        `balanced` is the power of the weight that a rare class gets over a frequent one: 0 leaves the
        examples as they are, 1 lets every class count the same.
        """
        classes = sorted(set(labels))
        place = {name: number for number, name in enumerate(classes)}
        target = np.array([place[label] for label in labels])
        counts = np.bincount(target, minlength=len(classes))
        weight = (len(target) / (len(classes) * counts[target])) ** balanced
        features = features.tocsr().astype(np.float32)
        similarity = (features @ features.T).toarray().astype(np.float32)
        combination, bias = _search(similarity, target, weight.astype(np.float32), len(classes), c, iterations)
        return cls(classes, np.asarray(features.T @ combination, dtype=np.float32), bias)

    def confidences(self, features: scipy.sparse.csr_matrix) -> np.ndarray:
        """The probability of every class for every row."""
        scores = np.asarray(features @ self.weights) + self.bias
        return _softmax(scores)


def _softmax(scores: np.ndarray) -> np.ndarray:
    scores = scores - scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=1, keepdims=True)
    return scores


def _search(
    similarity: np.ndarray, target: np.ndarray, weight: np.ndarray, classes: int, c: float, iterations: int
) -> tuple:
    """The combination of examples, and the bias, with the least loss."""
    examples = len(target)
    rows = np.arange(examples)
    # A triangular root of the similarity makes the problem round, and is quick to find. The grain
    # of salt on the diagonal keeps it apart from singular when an example stands there twice.
    root = scipy.linalg.cholesky(
        similarity + np.float32(1e-3) * np.eye(examples, dtype=np.float32), lower=True, overwrite_a=True, check_finite=False
    )
    width = examples

    def loss(flat: np.ndarray) -> tuple:
        flat = flat.astype(np.float32)
        inner, bias = flat[: width * classes].reshape(width, classes), flat[width * classes :]
        confidence = _softmax(root @ inner + bias)
        correct = confidence[rows, target]
        total = -float(np.sum(weight * np.log(np.maximum(correct, 1e-30)))) * c + 0.5 * float(np.vdot(inner, inner))
        confidence[rows, target] -= 1
        confidence *= weight[:, None] * np.float32(c)
        slope = root.T @ confidence + inner
        return total, np.concatenate([slope.ravel(), confidence.sum(axis=0)]).astype(np.float64)

    start = np.zeros(width * classes + classes)
    found = scipy.optimize.minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations, "gtol": 1e-3 * c, "ftol": 1e-6}
    ).x.astype(np.float32)
    inner, bias = found[: width * classes].reshape(width, classes), found[width * classes :]
    return scipy.linalg.solve_triangular(root, inner, lower=True, trans="T", check_finite=False), bias
