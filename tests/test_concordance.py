"""Concordant pairs: the compiled part, NumPy and a loop over all pairs count the same."""

from __future__ import annotations

import os

import numpy as np
import pytest

from lesionhet.statistics import concordance
from lesionhet.statistics.concordance import ComparablePairs


def counted(time, event, strata, score, weight) -> tuple[float, float]:
    """Count by the definition, pair by pair."""
    concordant = comparable = 0.0
    for i in np.flatnonzero(event == 1):
        for j in range(len(time)):
            later = time[j] > time[i] or (time[j] == time[i] and event[j] == 0)
            if j == i or strata[j] != strata[i] or not later:
                continue
            both = weight[i] * weight[j]
            comparable += both
            concordant += both * ((score[i] > score[j]) + 0.5 * (score[i] == score[j]))
    return concordant, comparable


@pytest.fixture(params=["compiled", "numpy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "numpy":
        monkeypatch.setattr(concordance, "library", lambda: None)
    elif concordance.library() is None:
        if os.environ.get("LESIONHET_REQUIRE_R") == "1":
            pytest.fail("comparable_pairs.c was not compiled; a whole test run needs it.")
        pytest.skip("comparable_pairs.c was not compiled")
    return str(request.param)


@pytest.mark.parametrize("seed", range(12))
def test_pairs_are_those_of_a_loop(way: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, models = int(rng.integers(1, 40)), 3
    time = rng.integers(1, 9, n).astype(float)
    event = rng.integers(0, 2, n).astype(float)
    strata = rng.integers(0, 3, n) if seed % 2 else np.zeros(n, dtype=int)
    scores = rng.integers(-3, 4, (models, n)) / 4
    weights = rng.integers(0, 4, (models, 2, n)).astype(float)

    found = ComparablePairs(time, event, strata).count_each(scores, weights)

    assert found.shape == (models, 2, 2)
    for b in range(models):
        for k in range(2):
            expected = counted(time, event, strata, scores[b], weights[b, k])
            assert found[b, k].tolist() == list(expected)


def test_more_events_than_are_compared_at_a_time(way: str) -> None:
    rng = np.random.default_rng(5)
    n = 3 * concordance.CHUNK // 2
    time, event = rng.integers(1, 200, n).astype(float), np.ones(n)
    score, weight = rng.normal(size=n), rng.integers(0, 3, (1, n)).astype(float)
    expected = counted(time, event, np.zeros(n), score, weight[0])
    assert ComparablePairs(time, event).count(score, weight).tolist() == [list(expected)]


def test_nobody_with_the_event(way: str) -> None:
    pairs = ComparablePairs(np.array([1.0, 2.0]), np.zeros(2))
    assert pairs.count(np.array([1.0, 0.0])).tolist() == [[0.0, 0.0]]


def test_no_models(way: str) -> None:
    pairs = ComparablePairs(np.array([1.0, 2.0]), np.ones(2))
    assert pairs.count_each(np.empty((0, 2)), np.empty((0, 2, 2))).shape == (0, 2, 2)
