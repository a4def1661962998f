"""The log-rank test for two or more groups, within strata where there are any."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lesionhet.errors import NotEstimableError
from lesionhet.statistics.arrays import Floats
from lesionhet.statistics.distributions import chi_square_tail


@dataclass(frozen=True, eq=False)
class _RiskTable:
    """Events and numbers at risk, one row a distinct event time of a stratum, one column a group."""

    events: Floats
    at_risk: Floats


def log_rank(data: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Compare survival between groups by the log-rank test.

    Observed minus expected events and their hypergeometric variance are summed over the event times
    of all strata. Groups without anyone at risk at an event time do not enter the test and take no
    degree of freedom.

    Parameters
    ----------
    data
        ``time`` (days, 0 or more), ``event`` (1 event, 0 censored), ``group`` (codes from 1) and,
        for the stratified test, ``strata`` (codes). Times are tied when exactly equal.

    Returns
    -------
    dict
        ``test``: chi-square, degrees of freedom, P value; ``groups``: size, observed and expected
        events, summed over strata. With fewer than two groups at risk: 0, 0 and 1, and a warning.

    Raises
    ------
    NotEstimableError
        Some groups are never at risk together within a stratum: the variance is singular.

    Source: Mantel (1966); Kalbfleisch & Prentice (2002), section 1.5. R: ``survival::survdiff``.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0, 4.0], "event": [1, 1, 0, 0],
    ...                      "group": [1, 1, 2, 2]})
    >>> tables = log_rank(rows)
    >>> tables["groups"]["expected"].round(4).tolist()
    [0.8333, 1.1667]
    >>> round(tables["test"]["statistic"].item(), 4)
    2.8824
    """
    table = _risk_table(data)
    deaths, total = table.events.sum(axis=1), table.at_risk.sum(axis=1)
    share = table.at_risk / total[:, None]
    observed, expected = table.events.sum(axis=0), deaths @ share
    spread = np.where(total > 1, deaths * (total - deaths) / np.maximum(total - 1, 1), 0.0)
    variance = np.diag(spread @ share) - (share * spread[:, None]).T @ share
    statistic, df = _chi_square(observed - expected, variance, expected > 0)
    p_value = float(chi_square_tail(statistic, df)) if df else 1.0
    groups = {
        "group": np.arange(1, len(observed) + 1),
        "n": np.bincount(data["group"].to_numpy(dtype=np.int64))[1:],
        "observed": observed,
        "expected": expected,
    }
    test = {"statistic": [statistic], "df": [df], "p_value": [p_value]}
    return {"test": pd.DataFrame(test), "groups": pd.DataFrame(groups)}


def _risk_table(data: pd.DataFrame) -> _RiskTable:
    group = data["group"].to_numpy(dtype=np.int64) - 1
    strata = data["strata"].to_numpy() if "strata" in data else np.zeros(len(data))
    cells, cell = np.unique(
        np.column_stack([strata, data["time"]]).astype(float), axis=0, return_inverse=True
    )
    shape = (len(cells), int(group.max()) + 1)
    place = cell.ravel() * shape[1] + group
    size = shape[0] * shape[1]
    event = data["event"].to_numpy(dtype=float)
    events = np.bincount(place, weights=event, minlength=size).reshape(shape)
    leaving = np.bincount(place, minlength=size).reshape(shape).astype(float)
    # At risk: all who leave at this time or later, less all of the later strata.
    from_here = np.vstack([leaving[::-1].cumsum(axis=0)[::-1], np.zeros(shape[1])])
    next_stratum = np.searchsorted(cells[:, 0], cells[:, 0], side="right")
    at_risk = from_here[:-1] - from_here[next_stratum]
    with_event = events.sum(axis=1) > 0
    return _RiskTable(events[with_event], at_risk[with_event])


def _chi_square(difference: Floats, variance: Floats, compared: Floats) -> tuple[float, int]:
    """Solve on all groups but one: the differences add up to 0."""
    df = int(compared.sum()) - 1
    if df < 1:
        warnings.warn(
            "Log-rank test: only one group has anyone at risk at an event time; nothing is compared.",
            stacklevel=2,
        )
        return 0.0, 0
    kept = np.flatnonzero(compared)[1:]
    minor = variance[np.ix_(kept, kept)]
    if np.linalg.matrix_rank(minor, hermitian=True) < df:
        raise NotEstimableError(
            "Log-rank test: some groups are never at risk together at an event time of a stratum, so "
            "they cannot be compared. Leave the strata or those groups out."
        )
    return float(difference[kept] @ np.linalg.solve(minor, difference[kept])), df
