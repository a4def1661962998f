"""P values adjusted for their number: Holm, and Benjamini and Hochberg."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lesionhet.statistics.arrays import Floats


def adjust_p(data: pd.DataFrame, level: float) -> dict[str, pd.DataFrame]:
    """Adjust P values within families.

    Parameters
    ----------
    data
        ``p_value`` in [0, 1] and ``group``, codes of families from 1.
    level
        Below which a P value counts as small, in (0, 1).

    Returns
    -------
    dict
        The tables of `lesionhet.results.AdjustedP`; rows in the order given.

    Source: Holm (1979); Benjamini & Hochberg (1995). R: ``p.adjust``.

    Examples
    --------
    >>> rows = pd.DataFrame({"p_value": [0.02, 0.03, 0.04], "group": [1, 1, 2]})
    >>> adjust_p(rows, 0.05)["adjusted"]["holm"].round(3).tolist()
    [0.04, 0.04, 0.04]
    """
    p_value, family = data["p_value"].to_numpy(dtype=float), data["group"].to_numpy()
    adjusted = np.empty((len(data), 2))
    rows = []
    for code in range(1, int(family.max()) + 1):
        inside = family == code
        own = p_value[inside]
        both = np.column_stack([holm(own), benjamini_hochberg(own)])
        adjusted[inside] = both
        counts = (np.column_stack([own, both]) < level).sum(axis=0)
        row = {"group": code, "n": len(own), "smallest": own.min(), "n_raw": counts[0]}
        rows.append({**row, "n_holm": counts[1], "n_benjamini_hochberg": counts[2]})
    table = {
        "row": np.arange(1, len(data) + 1),
        "p_value": p_value,
        "holm": adjusted[:, 0],
        "benjamini_hochberg": adjusted[:, 1],
    }
    return {"families": pd.DataFrame(rows), "adjusted": pd.DataFrame(table)}


def holm(p_value: Floats) -> Floats:
    """Give Holm's adjusted P values of one family: the k-th smallest times n - k + 1, never falling.

    Examples
    --------
    >>> holm(np.array([0.04, 0.01, 0.03])).round(3).tolist()
    [0.06, 0.03, 0.06]
    """
    order = np.argsort(p_value, kind="stable")
    times = np.arange(len(p_value), 0, -1)
    adjusted: Floats = np.empty(len(p_value))
    adjusted[order] = np.minimum(np.maximum.accumulate(times * p_value[order]), 1.0)
    return adjusted


def benjamini_hochberg(p_value: Floats) -> Floats:
    """Give one family's P values adjusted for the false discovery rate: the k-th smallest times n / k.

    Examples
    --------
    >>> benjamini_hochberg(np.array([0.04, 0.01, 0.03])).round(3).tolist()
    [0.04, 0.03, 0.04]
    """
    order = np.argsort(p_value, kind="stable")
    n = len(p_value)
    times = n / np.arange(1, n + 1)
    adjusted: Floats = np.empty(n)
    falling = (times * p_value[order])[::-1]
    adjusted[order] = np.minimum(np.minimum.accumulate(falling)[::-1], 1.0)
    return adjusted
