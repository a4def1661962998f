"""The exact sign test."""

from __future__ import annotations

import pandas as pd
from scipy import stats


def sign_test(data: pd.DataFrame, conf_level: float) -> dict[str, pd.DataFrame]:
    """Compare how often one of two comes first.

    Parameters
    ----------
    data
        ``sign``: 1 where the first comes before the second, -1 where the second does, 0 for a tie.
    conf_level
        Level of the interval, in (0, 1).

    Returns
    -------
    dict
        ``test`` and ``counts`` of `lesionhet.results.SignTest`.

    Source: Dixon & Mood (1946); Clopper & Pearson (1934). R: ``binom.test``.

    Examples
    --------
    >>> tables = sign_test(pd.DataFrame({"sign": [1.0] * 9 + [-1.0] * 1}), 0.95)
    >>> tables["test"].round(4).to_numpy().tolist()
    [[0.9, 0.555, 0.9975, 0.0215]]
    """
    before, after = int((data["sign"] > 0).sum()), int((data["sign"] < 0).sum())
    found = stats.binomtest(before, before + after, 0.5)
    interval = found.proportion_ci(conf_level, method="exact")
    test = {
        "estimate": before / (before + after),
        "conf_low": interval.low,
        "conf_high": interval.high,
        "p_value": found.pvalue,
    }
    counts = {"before": before, "ties": len(data) - before - after, "after": after}
    return {"test": pd.DataFrame([test]), "counts": pd.DataFrame([counts])}
