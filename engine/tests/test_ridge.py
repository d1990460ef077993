"""Kernel ridge regression: the same answer as the textbook, and confidences that mean something."""

import numpy as np
import pytest
import scipy.sparse

from engine.ridge import Kernel, RidgeModel, _inverse_diagonal


@pytest.fixture()
def three_heaps():
    """Texts of three intents: terms overlap a little, embeddings lie in three heaps."""
    random = np.random.default_rng(7)
    labels = [label for label in ("cookies", "fee", "phone") for _ in range(20)]
    centres = {"cookies": (4, 0, 0), "fee": (0, 4, 0), "phone": (0, 0, 4)}
    dense = np.array([random.normal(centres[label], 1.0) for label in labels], dtype=np.float32)
    terms = scipy.sparse.csr_matrix(np.abs(dense) * (random.random(dense.shape) < 0.8), dtype=np.float32)
    return terms, dense, labels


def test_it_knows_what_it_was_shown_and_says_how_sure_it_is(three_heaps):
    terms, dense, labels = three_heaps
    model = RidgeModel.fit(terms, dense, labels, Kernel(), ridge=0.5, balanced=0.5)
    confidences = model.confidences(terms, dense)
    assert np.allclose(confidences.sum(axis=1), 1, atol=1e-5)
    right = [model.classes[place] == label for place, label in zip(confidences.argmax(axis=1), labels)]
    assert np.mean(right) > 0.95
    assert model.accuracy > 0.9


def test_an_example_left_out_is_predicted_as_if_the_model_had_been_solved_without_it(three_heaps):
    terms, dense, labels = three_heaps
    model = RidgeModel.fit(terms, None, labels, Kernel(), ridge=0.5, balanced=0.0)
    right = 0
    for out in range(len(labels)):
        kept = [place for place in range(len(labels)) if place != out]
        without = RidgeModel.fit(terms[kept], None, [labels[place] for place in kept], Kernel(), 0.5, 0.0)
        right += without.classes[int(without.confidences(terms[out], None).argmax())] == labels[out]
    # The textbook's shortcut keeps the mean label of all examples; that moves at most one of sixty.
    assert abs(right / len(labels) - model.accuracy) <= 1 / len(labels) + 1e-9


def test_the_diagonal_of_the_inverse_is_that_of_the_inverse():
    random = np.random.default_rng(3)
    matrix = random.random((40, 40), dtype=np.float32)
    matrix = matrix @ matrix.T + 3 * np.eye(40, dtype=np.float32)
    root = np.asfortranarray(np.linalg.cholesky(matrix))
    places = np.array([0, 7, 39])
    assert np.allclose(_inverse_diagonal(root, places), np.diag(np.linalg.inv(matrix))[places], rtol=1e-3)


def test_without_embeddings_words_alone_decide(three_heaps):
    terms, _, labels = three_heaps
    model = RidgeModel.fit(terms, None, labels, Kernel(), ridge=0.5, balanced=0.5)
    assert model.examples is None
    assert model.confidences(terms[:1], None).shape == (1, 3)
