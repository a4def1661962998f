"""The exact sign test."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lesionhet.statistics.distributions import binomial_tail, exact_interval


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
    n = before + after
    low, high = exact_interval(np.array([float(before)]), np.array([float(n)]), conf_level)
    test = {
        "estimate": before / n,
        "conf_low": low.item(),
        "conf_high": high.item(),
        # Both tails are alike; counts in the middle are in both.
        "p_value": min(2 * binomial_tail(min(before, after), n), 1.0),
    }
    counts = {"before": before, "ties": len(data) - before - after, "after": after}
    return {"test": pd.DataFrame([test]), "counts": pd.DataFrame([counts])}
