"""Sums and extremes of the rows of each patient are those of pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lesionhet.measures.by_patient import by_patient


@pytest.mark.parametrize("seed", range(6))
def test_they_are_those_of_pandas(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 30))
    ids = pd.Series([f"P{i}" for i in rng.integers(0, 12, n)], dtype=object)
    values = rng.choice([0.0, -30.0, 12.5, 1 / 3], n)
    found, expected = by_patient(ids), pd.Series(values).groupby(ids)

    assert found.patients.tolist() == sorted(set(ids))
    assert found.size.tolist() == expected.size().tolist()
    assert found.any(values > 10).tolist() == expected.max().gt(10).tolist()
    for one, same in (
        (found.total(values), expected.sum()),
        (found.lowest(values), expected.min()),
        (found.highest(values), expected.max()),
        (found.sd(values), expected.std()),
    ):
        np.testing.assert_allclose(one, same.to_numpy(), rtol=1e-12, atol=1e-12)
