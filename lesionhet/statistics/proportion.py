"""A share with its exact interval."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lesionhet.statistics.arrays import by_group
from lesionhet.statistics.distributions import exact_interval


def proportion(data: pd.DataFrame, conf_level: float) -> dict[str, pd.DataFrame]:
    """Compute the share of successes of each group with its exact interval.

    Parameters
    ----------
    data
        ``success`` (1 or 0) and ``group`` (codes from 1).
    conf_level
        Level of the interval, in (0, 1).

    Returns
    -------
    dict
        ``proportions``, see `lesionhet.results.Proportion`. The lower limit of no success is 0, the
        upper one of nothing but successes 1.

    Source: Clopper & Pearson (1934), quantiles of the beta distribution. R: ``binom.test``.

    Examples
    --------
    >>> rows = pd.DataFrame({"success": [0, 0, 0], "group": 1})
    >>> proportion(rows, 0.95)["proportions"][["conf_low", "conf_high"]].round(4).values.tolist()
    [[0.0, 0.7076]]
    """
    parts = by_group(data, "success")
    count = np.array([values.sum() for values in parts])
    n = np.array([float(len(values)) for values in parts])
    low, high = exact_interval(count, n, conf_level)
    columns = {
        "group": np.arange(1, len(parts) + 1),
        "count": count,
        "n": n,
        "estimate": count / n,
        "conf_low": low,
        "conf_high": high,
    }
    return {"proportions": pd.DataFrame(columns)}
