"""Rank correlations of every pair of columns."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from lesionhet.statistics.ranks import ranked


def rank_correlations(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Answer a ``rank_correlations`` request: Spearman's rho of every pair of columns.

    Parameters
    ----------
    data
        Numbers ``x1`` to ``xp``, p >= 2, n rows without a missing value; no column is constant.

    Returns
    -------
    dict
        The table of `lesionhet.results.RankCorrelations`: Pearson's correlation of the ranks, ties having
        the mean of theirs.

    Source: Spearman (1904). R: ``cor(method = "spearman")``.

    Examples
    --------
    >>> rows = pd.DataFrame({"x1": [1.0, 2.0, 3.0, 4.0], "x2": [1.0, 3.0, 2.0, 9.0]})
    >>> rank_correlations(rows)["pairs"]["estimate"].round(3).tolist()
    [0.8]
    """
    ranks = np.column_stack([ranked(column).rank for column in data.to_numpy(dtype=float).T])
    rho = np.atleast_2d(np.corrcoef(ranks, rowvar=False))
    rows = [
        (i + 1, j + 1, float(np.clip(rho[i, j], -1, 1)), len(data))
        for i, j in combinations(range(data.shape[1]), 2)
    ]
    return {"pairs": pd.DataFrame(rows, columns=["row_1", "row_2", "estimate", "n"])}
