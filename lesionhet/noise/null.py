"""The distance expected from measurement noise alone: lesions that all follow their patient's course."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.noise.batch import Layout, distances_of, layout_of
from lesionhet.noise.model import alike, measured
from lesionhet.noise.recording import Recording
from lesionhet.noise.uniform import Stream
from lesionhet.once_for_rows import once
from lesionhet.statistics.arrays import Floats

Tables = dict[str, pd.DataFrame]

LIMIT: Final = 0.95
"""A patient is above noise where the distance is above this quantile of what noise alone gives."""
SLACK: Final = 1e-9
"""Two distances that are no further apart are the same."""
BINS: Final = 40
"""Of the histogram, from 0 to 1."""


@once
def null_tables(
    data: pd.DataFrame,
    draws: int,
    log_sd: float,
    sd_mm: float,
    seeds: Sequence[int],
    levels: Sequence[float],
    level_draws: int,
    recording: Sequence[float],
    **rules: Any,
) -> Tables:
    """Answer a ``noise_null`` request.

    Parameters
    ----------
    data
        As in `lesionhet.noise.course.common_course`.
    draws
        How often the sizes are measured anew.
    log_sd, sd_mm
        Of one measured size, see `lesionhet.noise.model.error_of`.
    seeds
        Start values of the random numbers.
    levels, level_draws
        Multiples of the error for which the mean is computed as well, and the draws of each.
    recording
        ``precision_mm, floor_mm, zero_below_mm``.
    rules
        Of phases and distance.

    Returns
    -------
    dict
        The tables of `lesionhet.results.NoiseNull`.

    Source: docs/methods.md, "Is the distance more than noise?".
    """
    layout = layout_of(data)
    observed = distances_of(data["size_mm"].to_numpy(dtype=float)[None, :], layout, rules)[0]
    model = alike(data, layout, Recording(*recording), log_sd, sd_mm)
    stream = Stream(seeds)

    def drawn(times: float, number: int) -> Floats:
        sizes = measured(model, stream, times, number)
        return np.vstack([distances_of(part, layout, rules) for part in sizes])

    found = drawn(1.0, draws)
    patients, means = _patients(layout, observed, found), found.mean(axis=1)
    singles = data["patient"].nunique() - len(layout.patients)
    others = [(level, float(drawn(level, level_draws).mean())) for level in levels]
    return {
        "cohort": pd.DataFrame([_cohort(observed, means, patients, singles)]),
        "patients": patients,
        "draws": pd.DataFrame({"draw": np.arange(1, draws + 1), "mean": means}),
        "levels": pd.DataFrame(others, columns=["level_of_error", "expected_distance"]),
        "histogram": _histogram(observed, found),
    }


def _patients(layout: Layout, observed: Floats, alike: Floats) -> pd.DataFrame:
    limit = np.quantile(alike, LIMIT, axis=0)
    reached = (alike >= observed - SLACK).sum(axis=0)
    return pd.DataFrame(
        {
            "patient": layout.patients,
            "expected_distance": alike.mean(axis=0),
            "limit": limit,
            "noise_p": (1 + reached) / (1 + len(alike)),
        }
    )


def _cohort(
    observed: Floats, means: Floats, patients: pd.DataFrame, singles: int
) -> dict[str, float]:
    mean, expected = float(observed.mean()), float(means.mean())
    low, limit, high = np.quantile(means, (0.025, LIMIT, 0.975))
    return {
        "n": len(observed),
        "single": singles,
        "distance": mean,
        "expected_distance": expected,
        "excess": mean - expected,
        "null_low": low,
        "null_high": high,
        "limit": limit,
        "p_value": (1 + int((means >= mean - SLACK).sum())) / (1 + len(means)),
        "above": int((observed > patients["limit"] + SLACK).sum()),
    }


def _histogram(observed: Floats, alike: Floats) -> pd.DataFrame:
    """Count distances by size; those of the draws as their mean number in a draw."""
    counts = [np.bincount(_bin(x), minlength=BINS) for x in (observed, alike.ravel())]
    edges = np.arange(BINS + 1) / BINS
    table = pd.DataFrame(
        {
            "bin": np.arange(1, BINS + 1),
            "left": edges[:-1],
            "right": edges[1:],
            "patients": counts[0],
            "expected_patients": counts[1] / len(alike),
        }
    )
    used = np.flatnonzero((counts[0] > 0) | (counts[1] > 0))
    return table[: used.max() + 1]


def _bin(distance: Floats) -> Any:
    """Give the bin of each distance, edges to the right; all at 1 or above are in the last."""
    return np.minimum(np.floor(distance * BINS + SLACK), BINS - 1).astype(np.int64)
