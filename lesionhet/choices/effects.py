"""What one choice moves while all others are held: averages over pairs of readings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.statistics.arrays import Floats, Integers

KEYS: Final = ["choice", "value_1", "value_2"]


def pairs_of_readings(codes: Integers) -> pd.DataFrame:
    """Give the pairs of readings that differ in one choice only.

    Parameters
    ----------
    codes
        Readings x choices: the value of each choice, from 1.

    Returns
    -------
    pandas.DataFrame
        ``choice`` (from 1), ``value_1`` < ``value_2`` (codes), ``first``, ``second`` (readings from 0);
        sorted.

    Examples
    --------
    >>> pairs_of_readings(np.array([[1, 1], [1, 2], [2, 1], [2, 2]])).to_numpy().tolist()
    [[1, 1, 2, 0, 2], [1, 1, 2, 1, 3], [2, 1, 2, 0, 1], [2, 1, 2, 2, 3]]
    """
    differ = codes[:, None, :] != codes[None, :, :]
    first, second = np.nonzero(differ.sum(axis=2) == 1)
    choice = differ[first, second].argmax(axis=1)
    before, after = codes[first, choice], codes[second, choice]
    columns = {
        **dict(zip(KEYS, (choice + 1, before, after), strict=True)),
        "first": first,
        "second": second,
    }
    found = pd.DataFrame(columns)[before < after]
    return found.sort_values(list(columns), ignore_index=True)


def average_effects(
    pairs: pd.DataFrame, values: pd.DataFrame, differ: Floats | None = None
) -> pd.DataFrame:
    """Average what changes from the first to the second reading of each pair, by choice.

    Parameters
    ----------
    pairs
        Of `pairs_of_readings`.
    values
        One row a reading, numbers; a pair in which one is missing does not count for it.
    differ
        Readings x readings, where wanted: what is averaged into a first column ``changed``.

    Returns
    -------
    pandas.DataFrame
        ``choice, value_1, value_2, pairs``, ``changed`` where wanted, then the mean difference, second
        minus first, in each column of ``values``; missing where no pair has both.

    Examples
    --------
    >>> pairs = pairs_of_readings(np.array([[1, 1], [1, 2], [2, 1], [2, 2]]))
    >>> average_effects(pairs, pd.DataFrame({"x": [1.0, 2.0, 11.0, 22.0]}))["x"].tolist()
    [15.0, 6.0]
    """
    first, second = pairs["first"].to_numpy(), pairs["second"].to_numpy()
    found = values.iloc[second].reset_index(drop=True) - values.iloc[first].reset_index(drop=True)
    if differ is not None:
        found.insert(0, "changed", differ[first, second])
    by = found.groupby([pairs[key] for key in KEYS])
    table = by.mean()
    table.insert(0, "pairs", by.size())
    return table.reset_index()


def grid_options(codes: Integers) -> dict[str, Sequence[int] | int]:
    """Give the readings' values of the choices as an engine gets them: reading after reading."""
    return {"codes": [int(code) for code in codes.ravel()], "n_choices": int(codes.shape[1])}


def grid_codes(codes: Sequence[int], n_choices: int) -> Integers:
    """Undo `grid_options`.

    Examples
    --------
    >>> grid_codes([1, 1, 1, 2], 2).tolist()
    [[1, 1], [1, 2]]
    """
    return np.asarray(codes, dtype=np.int64).reshape(-1, n_choices)
