"""Cut-offs of groups by value, and how many values each group has."""

from __future__ import annotations

import pandas as pd

from lesionhet import groups
from lesionhet.groups import LOW_HIGH, LOW_MEDIUM_HIGH


def quantile_groups(data: pd.DataFrame, low: float, high: float) -> dict[str, pd.DataFrame]:
    """Answer a ``quantile_groups`` request.

    Parameters
    ----------
    data
        ``values``, n numbers.
    low, high
        Quantiles of type 7.

    Returns
    -------
    dict
        ``groups``: low_cut, high_cut, n_low, n_medium, n_high, ties.

    Raises
    ------
    NotEstimableError
        Fewer than two values, or both cut-offs are the same.

    Examples
    --------
    >>> rows = pd.DataFrame({"values": [0.0, 0.0, 1.0, 2.0, 3.0]})
    >>> quantile_groups(rows, 0.25, 0.75)["groups"].values.tolist()
    [[0.0, 2.0, 2.0, 1.0, 2.0, 1.0]]
    """
    found = groups.quantile_groups(data["values"], low, high)
    sizes = found.labels.value_counts()
    row = {"low_cut": found.low_cut, "high_cut": found.high_cut}
    row |= {f"n_{name}": int(sizes.get(name, 0)) for name in LOW_MEDIUM_HIGH}
    return {"groups": pd.DataFrame([{**row, "ties": found.ties}])}


def median_groups(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Answer a ``median_groups`` request.

    Parameters
    ----------
    data
        ``values``, n numbers.

    Returns
    -------
    dict
        ``groups``: cut, n_low, n_high, ties.

    Raises
    ------
    NotEstimableError
        No value is above the median.

    Examples
    --------
    >>> median_groups(pd.DataFrame({"values": [0.0, 0.2, 0.2, 0.5]}))["groups"].values.tolist()
    [[0.2, 3.0, 1.0, 1.0]]
    """
    found = groups.median_groups(data["values"])
    sizes = found.labels.value_counts()
    row = {"cut": found.cut, **{f"n_{name}": int(sizes.get(name, 0)) for name in LOW_HIGH}}
    return {"groups": pd.DataFrame([{**row, "ties": found.ties}])}
