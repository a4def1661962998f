"""Unit slips: a lesion that jumps by a factor of ten between two scans."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.checks.keys import KEY, same_as_before

SLIP: Final = (8.0, 12.5)
"""Factors between consecutive sizes that a slip between mm and cm can explain."""
SMALL_MM: Final = 3.0
"""From this size or less a lesion can regrow tenfold."""
BACK: Final = 2.0
"""A later size within this factor of the one before the jump undoes it."""
STEADY: Final = 1.5
"""Earlier sizes within this factor of each other are steady."""


def find_jumps(measured: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Find sizes that are about ten times, or a tenth of, the size before.

    Parameters
    ----------
    measured
        Measured rows with ``patient_id, lesion_id, day, diameter_mm`` (mm), one a day, sorted so.

    Returns
    -------
    slips
        n flags: a jump up from more than 3 mm; a jump down that a later size undoes; a jump down
        after two or more steady sizes.
    drops
        n flags: any other jump down, which a deep response can explain.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": "L", "day": [0, 50, 99],
    ...                      "diameter_mm": [30.0, 3.1, 29.0]})
    >>> find_jumps(rows)[0].tolist()
    [False, True, True]
    """
    size = measured["diameter_mm"]
    before = size.shift().where(same_as_before(*(measured[key].to_numpy() for key in KEY)))
    both = (size > 0) & (before > 0)
    factor = (size / before.where(before > 0)).where(both)
    up = factor.between(*SLIP) & (before > SMALL_MM)
    down = (1 / factor).between(*SLIP)
    if not down.any():
        return up, down
    steady = _steady_before(measured)
    slips = up | (down & (steady | _undone(measured, before, down)))
    return slips, down & ~slips


def _steady_before(measured: pd.DataFrame) -> pd.Series:
    """Say whether two or more sizes precede a row, all within the steady factor."""
    keys = [measured[k] for k in KEY]
    lesion = measured.groupby(KEY, sort=False)["diameter_mm"]
    smallest = lesion.cummin().groupby(keys, sort=False).shift()
    largest = lesion.cummax().groupby(keys, sort=False).shift()
    return (lesion.cumcount() >= 2) & (smallest > 0) & (largest <= STEADY * smallest)


def _undone(measured: pd.DataFrame, before: pd.Series, down: pd.Series) -> pd.Series:
    """Say whether a later size of the lesion is back near the size before the jump."""
    order = pd.Series(np.arange(len(measured)), index=measured.index)
    jumps = measured.loc[down, KEY].assign(before=before[down], order=order[down])
    later = measured[[*KEY, "diameter_mm"]].assign(later=order)
    pairs = jumps.merge(later, on=KEY)
    back = pairs["diameter_mm"].between(pairs["before"] / BACK, pairs["before"] * BACK)
    found = pairs.loc[back & (pairs["later"] > pairs["order"]), "order"]
    return order.isin(found)
