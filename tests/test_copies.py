"""Copies of a cohort: the compiled part, NumPy and the package's own phases and pairs agree."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

from lesionhet.noise import copies
from lesionhet.noise.batch import Layout, distances, layout_of, patterns
from lesionhet.noise.reassembled import _ascending
from lesionhet.noise.recording import Recording
from lesionhet.noise.uniform import MODULI, MULTIPLIERS, Stream

RULES = {
    "response_threshold": 0.7,
    "relapse_threshold": 1.2,
    "relapse_reference": "nadir",
    "relapse_min_increase_mm": 0.0,
    "stable_rule": "after_response",
    "range": "patient",
    "weights": [1.0, 2.0, 1.0, 0.5, 1.0],
    "self": True,
}
OTHERS = [
    {},
    {"relapse_reference": "baseline", "relapse_min_increase_mm": 5.0, "self": False},
    {"stable_rule": "between", "range": "cohort"},
    {"range": "fixed", "lowest": [0.0, 0.0], "highest": [1.0, 1.5]},
]


def cohort(seed: int) -> tuple[Layout, np.ndarray]:
    """Draw lesions of patients with 1 to 12 of them and 1 to 6 scans, and sizes with many ties."""
    rng = np.random.default_rng(seed)
    scans = [(p, n) for p in range(1, 9) for n in rng.integers(2, 8, rng.integers(1, 13))]
    lengths = np.array([n for _, n in scans])
    lesion = np.repeat(np.arange(1, len(scans) + 1), lengths)
    data = pd.DataFrame({"patient": np.repeat([p for p, _ in scans], lengths), "lesion": lesion})
    sizes = rng.choice([0.0, 5.0, 7.0, 10.0, 12.0, 20.0], (4, len(data)))
    first = np.r_[True, lesion[1:] != lesion[:-1]]
    sizes[:, first] = rng.choice([10.0, 20.0], (4, int(first.sum())))
    return layout_of(data), sizes


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("seed", range(3))
def test_compiled_and_numpy_agree(
    seed: int, other: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    if copies.library() is None:
        if os.environ.get("LESIONHET_REQUIRE_R") == "1":
            pytest.fail("many_copies.c was not compiled; a whole test run needs it.")
        pytest.skip("many_copies.c was not compiled")
    layout, sizes = cohort(seed)
    rules = RULES | other
    variables = patterns(sizes, layout, rules)
    found = distances(variables, layout, rules)

    monkeypatch.setattr(copies, "library", lambda: None)

    for one, same in zip(variables, patterns(sizes, layout, rules), strict=True):
        assert one.dtype == same.dtype
        np.testing.assert_array_equal(one, same)
    np.testing.assert_allclose(found, distances(variables, layout, rules), rtol=0, atol=2e-12)


@pytest.mark.parametrize("compiled", [True, False])
def test_distances_are_those_of_all_pairs(compiled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not compiled:
        monkeypatch.setattr(copies, "library", lambda: None)
    layout, sizes = cohort(7)
    variables = patterns(sizes, layout, RULES)
    found = distances(variables, layout, RULES)
    begin, lesion = layout.of_patients
    for copy in range(len(sizes)):
        for patient in range(len(layout.patients)):
            own = lesion[begin[patient] : begin[patient + 1]]
            total = 0.0
            for weight, values in zip(RULES["weights"], variables, strict=True):
                x = values[copy, own].astype(float)
                apart = np.abs(x[:, None] - x[None, :])
                total += weight * (apart / max(np.ptp(x), 1e-300)).mean()
            assert found[copy, patient] == pytest.approx(total / sum(RULES["weights"]), abs=1e-11)


def test_pieces_of_a_stream_are_the_stream() -> None:
    seeds, n = (11, 222, 3333), 70_000
    state, expected = list(seeds), []
    for _ in range(300):
        state = [a * s % m for a, s, m in zip(MULTIPLIERS, state, MODULI, strict=True)]
        expected.append(sum(s / m for s, m in zip(state, MODULI, strict=True)) % 1.0)
    whole, stream = Stream(seeds).take(n), Stream(seeds)
    np.testing.assert_allclose(whole[:300], expected, rtol=1e-12)
    parts = [stream.take(k) for k in (0, 1, 31_000, 38_998, 1)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("precision", [0.0, 0.1, 1.0])
def test_sizes_are_written_down_to_their_precision(precision: float) -> None:
    sizes = np.array([1.2, 2.6, 7.26, 12.5, 13.5, 30.0])
    rounded = [np.rint(s / precision) * precision if precision else s for s in sizes]
    expected = [0.0 if s < 2.5 else max(r, 5.0) for s, r in zip(sizes, rounded, strict=True)]
    assert Recording(precision, 5.0, 2.5).record(sizes).tolist() == expected


def test_normal_quantiles_are_those_of_scipy() -> None:
    exact = np.r_[0.5, 0.075, 0.925, 0.0749, 0.9251, 10.0 ** -np.arange(1, 300, 7)]
    drawn = np.random.default_rng(1).random(3000)
    for probabilities in (exact, 1 - exact[exact > 1e-15], drawn):
        found = probabilities.copy()
        copies.to_normal(found)
        np.testing.assert_allclose(found, ndtri(probabilities), rtol=2e-15, atol=1e-15)


def test_equal_keys_stay_as_they_are() -> None:
    keys = np.random.default_rng(3).integers(0, 5, (6, 200)) / 4
    np.testing.assert_array_equal(_ascending(keys), np.argsort(keys, axis=1, kind="stable"))
    apart = np.random.default_rng(4).random((3, 50))
    np.testing.assert_array_equal(_ascending(apart), np.argsort(apart, axis=1, kind="stable"))
