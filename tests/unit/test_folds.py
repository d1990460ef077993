"""How the comparison of pipelines deals out examples and counts what was understood."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.folds import Verdict, deal, macro_f1, mean, score


def verdict(wanted: str, likeliest: str, said: str | None = None) -> Verdict:
    return Verdict(frozenset(wanted.split("|")), likeliest, said or likeliest)


def test_every_example_is_held_out_once_and_every_intent_is_shared_out_evenly():
    labels = ["fee"] * 10 + ["fax"] * 7 + ["out_of_scope"] * 3
    dealt = deal(labels, 3, seed=1)
    assert sorted(place for fold in dealt for place in fold) == list(range(20))
    for label, count in Counter(labels).items():
        shares = [sum(labels[place] == label for place in fold) for fold in dealt]
        assert max(shares) - min(shares) <= 1 and sum(shares) == count
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1


def test_the_same_seed_deals_the_same():
    labels = ["fee", "fax"] * 20
    assert deal(labels, 4, seed=7) == deal(labels, 4, seed=7) != deal(labels, 4, seed=8)


def test_a_rare_intent_weighs_as_much_as_a_frequent_one():
    # The fee is there three times and named four times; the fax is never named.
    assert macro_f1(["fee", "fee", "fee", "fax"], ["fee", "fee", "fee", "fee"]) == pytest.approx((6 / 7 + 0) / 2)


def test_turning_away_in_either_way_counts_for_what_is_outside_and_against_what_is_inside():
    found = score(
        [
            verdict("out_of_scope", "out_of_scope"),
            verdict("out_of_scope", "fee", "nlu_fallback"),
            verdict("out_of_scope", "fee"),
            verdict("fee", "fee", "nlu_fallback"),
            verdict("fee", "out_of_scope"),
            verdict("fee", "fee"),
            verdict("fax", "fax"),
        ]
    )
    assert found.outside_recall == pytest.approx(2 / 3)
    assert found.inside_lost == pytest.approx(2 / 4)
    # However unsure, the likeliest intent is what accuracy looks at.
    assert found.accuracy == pytest.approx(4 / 7)


def test_any_acceptable_intent_is_right():
    assert verdict("fee|fax", "fax").is_right
    assert not verdict("fee|fax", "fax", "nlu_fallback").is_right
    assert verdict("out_of_scope", "fee", "nlu_fallback").is_right


def test_the_mean_of_two_folds_lies_between_them():
    good, bad = score([verdict("fee", "fee")]), score([verdict("fee", "fax")])
    assert mean([good, bad]).accuracy == 0.5
