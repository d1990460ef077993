"""The search for the weights."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.linear_model import LogisticRegression

from engine.logistic import Features, LogisticModel


def three_heaps(seed=3, count=60):
    generator = np.random.default_rng(seed)
    place = np.repeat([0, 1, 2], count)
    rows = generator.normal(size=(len(place), 5)).astype(np.float32) + np.eye(5, dtype=np.float32)[place] * 1.5
    return rows, [f"heap {number}" for number in place]


def test_the_weights_are_those_that_scikit_learn_finds():
    rows, labels = three_heaps()
    features = Features(scipy.sparse.csr_matrix(rows), None)
    ours = LogisticModel.fit(features, labels, c=1.0, balanced=0.0, iterations=200).confidences(features)
    theirs = LogisticRegression(C=1.0, max_iter=1000, tol=1e-8).fit(rows, labels).predict_proba(rows)
    assert np.abs(ours - theirs).max() < 0.02


def test_terms_and_embeddings_may_come_together_or_alone():
    rows, labels = three_heaps()
    both = Features(scipy.sparse.csr_matrix(rows[:, :3]), rows[:, 3:])
    alone = Features(None, rows)
    for features in (both, alone):
        confidences = LogisticModel.fit(features, labels, c=1.0).confidences(features)
        assert confidences.sum(axis=1) == pytest.approx(1.0, abs=1e-5)
        assert np.mean(np.array(sorted(set(labels)))[confidences.argmax(axis=1)] == labels) > 0.7


def test_a_rare_intent_is_not_drowned_by_a_frequent_one():
    generator = np.random.default_rng(5)
    rows = np.concatenate([generator.normal(size=(300, 2)), generator.normal(size=(6, 2)) + [2.0, 0.0]]).astype(np.float32)
    labels = ["frequent"] * 300 + ["rare"] * 6
    features = Features(None, rows)
    fair = LogisticModel.fit(features, labels, c=1.0, balanced=1.0).confidences(features)[300:, 1].mean()
    plain = LogisticModel.fit(features, labels, c=1.0, balanced=0.0).confidences(features)[300:, 1].mean()
    assert fair > plain


def test_a_product_that_is_shared_out_over_the_cores_is_the_same(monkeypatch):
    terms = scipy.sparse.random(50, 9, density=0.3, format="csr", dtype=np.float32, random_state=3)
    weights, slopes = np.ones((9, 4), dtype=np.float32), np.ones((50, 4), dtype=np.float32)
    plain = Features(terms, None)
    monkeypatch.setattr("engine.logistic._WORTH_SHARING", 1)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0, 1, 2})
    shared = Features(terms, None)
    assert shared.times(weights) == pytest.approx(terms @ weights)
    assert shared.transposed_times(slopes) == pytest.approx(plain.terms.T @ slopes)
