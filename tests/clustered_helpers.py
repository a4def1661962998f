"""Lesions in patients that the tests of clustered statistics share."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import numpy.typing as npt
import pandas as pd

PUBLISHED = pd.DataFrame(
    {
        "values": [1, 4, 2, 4, 6, 7, 4, 7, 8],
        "group": ["0", "1", "0", "0", "1", "1", "1", "0", "1"],
        "patient": list("aabbbbccc"),
    }
)
"""Sample data of the program of Datta & Satten's test, somnathdatta.org/software/Rank_Sum_2_Groups.txt."""


def lesion_rows(
    seed: int, patients: int = 40, groups: int = 3, correlation: float = 0.5, tied: bool = True
) -> pd.DataFrame:
    """Give lesions with a group of their own (``group``), one of their patient (``arm``), two covariates.

    ``time`` and ``event`` are a survival of each lesion. Patients have 1 to 8 lesions.
    """
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 9, patients)
    patient = np.repeat(np.arange(patients), size)
    n = len(patient)
    values = np.sqrt(correlation) * rng.normal(size=patients)[patient]
    values = values + np.sqrt(1 - correlation) * rng.normal(size=n)
    columns = {
        "values": np.round(values, 1) if tied else values,
        "group": np.char.add("g", (rng.integers(0, groups, n) + 1).astype(str)),
        "arm": np.where(rng.permutation(patients) % 2, "new", "old")[patient],
        "patient": np.char.add("p", patient.astype(str)),
        "x": rng.normal(size=n) * 5 + 40,
        "z": rng.integers(0, 2, n).astype(float),
        "stratum": np.where(patient % 2, "s1", "s2"),
        "time": np.ceil(rng.exponential(40, n)) if tied else rng.exponential(40, n),
        "event": (rng.random(n) < 0.7).astype(int),
    }
    return pd.DataFrame(columns).sample(frac=1, random_state=seed, ignore_index=True)


def resampled_rank_sums(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Give the rank sum of each group in the mean over all draws of one lesion from each patient."""
    names = sorted(rows["group"].unique())
    parts = [part for _, part in rows.groupby("patient")]
    sums = np.zeros(len(names))
    draws = list(product(*(range(len(part)) for part in parts)))
    for draw in draws:
        drawn = pd.concat([part.iloc[[place]] for part, place in zip(parts, draw, strict=True)])
        ranks = drawn["values"].rank()
        sums += [ranks[drawn["group"] == name].sum() for name in names]
    return sums / len(draws)


def permuted_rank_sums(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Give the rank sums of the groups in every permutation of Rosner, Glynn & Lee, one row each.

    Patients with equally many lesions swap their lists of groups, then each list is dealt out in every
    order.
    """
    names = sorted(rows["group"].unique())
    ranks = rows["values"].rank()
    parts = [list(part.index) for _, part in rows.groupby("patient")]
    lists = [tuple(rows.loc[part, "group"]) for part in parts]
    found = []
    for order in permutations(range(len(parts))):
        if any(len(parts[i]) != len(lists[j]) for i, j in enumerate(order)):
            continue
        for dealt in product(*(list(permutations(lists[j])) for j in order)):
            sums = dict.fromkeys(names, 0.0)
            for part, group in zip(parts, dealt, strict=True):
                for row, name in zip(part, group, strict=True):
                    sums[name] += ranks[row]
            found.append([sums[name] for name in names])
    return np.array(found)
