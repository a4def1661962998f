"""States of the same measurements, asked for with several endpoints, are computed once."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable
from typing import Any, Final

import pandas as pd

from lesionhet.once_for_rows import fingerprint

OUTCOME: Final = ["time", "event", "strata"]
"""Columns on which no state depends."""

States = Callable[..., pd.DataFrame]


def once_for_same_rows(compute: States) -> States:
    """Remember the states of measurements for as long as the frame that they were computed of is there.

    Parameters
    ----------
    compute
        A function of rows and options without side effects. It gets the rows without their outcome.

    Returns
    -------
    callable
        The same function; its table must not be changed by who gets it. It is found again by the content
        of the rows and the options, and goes with the first frame: this holds nothing alive.

    Examples
    --------
    >>> calls = []
    >>> states = once_for_same_rows(lambda rows: calls.append(1) or rows + 1)
    >>> rows = pd.DataFrame({"day": [1.0, 2.0], "time": 5.0})
    >>> _ = states(rows), states(rows.assign(time=7.0)), states(rows.assign(day=3.0))
    >>> len(calls)
    2
    """
    kept: dict[str, pd.DataFrame] = {}

    @functools.wraps(compute)
    def remembered(data: pd.DataFrame, **options: Any) -> pd.DataFrame:
        rows = data.drop(columns=OUTCOME, errors="ignore")
        key = fingerprint(rows, options)
        if key in kept:
            return kept[key]
        found = compute(rows, **options)
        kept[key] = found
        weakref.finalize(data, kept.pop, key, None).atexit = False
        return found

    return remembered
