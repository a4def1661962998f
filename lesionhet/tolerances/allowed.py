"""The permitted difference of every number of a result."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.answering import COUNT_COLUMNS
from lesionhet.results import STATISTIC_OF, Result
from lesionhet.tolerances.rule import EXACT, ROWS, Rule, Tolerance, Tolerances
from lesionhet.tolerances.table import TOLERANCES

Floats = npt.NDArray[np.float64]

LARGEST_LOG: Final = 745.0
"""The largest log of a float; bounds the exponential rule where an interval is infinite."""


def tolerance(
    statistic: str, table: str, column: str, tolerances: Tolerances = TOLERANCES
) -> Tolerance:
    """Give the tolerance of one column of one result table.

    ``tolerances`` are those in force: the table of this module, or what
    `lesionhet.tolerances.changes.changed_tolerances` gave.

    Examples
    --------
    >>> tolerance("cox", "terms", "std_error").relative, tolerance("cox", "model", "n").relative
    (1e-07, 0.0)
    """
    rules = tolerances[statistic]
    for key in (f"{table}.{column}", column, "*"):
        if key in rules and not (key != f"{table}.{column}" and column in COUNT_COLUMNS):
            return rules[key]
    return EXACT


def allowed_differences(result: Result, name: str, tolerances: Tolerances = TOLERANCES) -> Floats:
    """Give the permitted absolute difference of every number of one table.

    Parameters
    ----------
    result
        From either engine.
    name
        Table of its ``SHAPES``.
    tolerances
        Those in force, as in `tolerance`.

    Returns
    -------
    numpy.ndarray
        Rows x number columns; 0 where the number is missing or infinite.

    Examples
    --------
    >>> from lesionhet import engine, requests
    >>> result = engine("python").answer(requests.count(["a", "a", "b", "b"]))
    >>> allowed_differences(result, "counts")[0].tolist()
    [0.0, 0.0, 5e-13]
    """
    columns = result.SHAPES[name].numbers
    return np.column_stack([_allowed(result, name, column, tolerances) for column in columns])


def _allowed(result: Result, name: str, column: str, tolerances: Tolerances) -> Floats:
    rule = tolerance(STATISTIC_OF[type(result)], name, column, tolerances)
    table = result.tables[name]
    value = np.abs(table[column].to_numpy(dtype=float))
    floor = rule.floor * _scale(rule, table, result)
    own = np.maximum(rule.relative * value, floor)
    if rule.rule == "tail":
        own = own * (1 + 2 * np.abs(np.log(np.maximum(value, np.finfo(float).tiny))))
    elif rule.rule == "exponential":
        with np.errstate(divide="ignore"):
            logs = np.abs(np.log(table[["conf_low", "conf_high"]].to_numpy(dtype=float)))
        # Near 1 the log is next to nothing, and what is left is the rounding of the exponential.
        own = np.maximum(rule.relative * value * np.minimum(logs.max(axis=1), LARGEST_LOG), floor)
    elif rule.rule in ("z", "chi_square"):
        p_value = table["p_value"].to_numpy(dtype=float)
        times = np.divide(value, p_value, out=np.ones_like(value), where=p_value > 0)
        moved = _tail_moves(rule.rule, table, _statistic_moves(rule, result, name, tolerances))
        own = np.maximum(own, moved * times)
    return np.where(np.isfinite(value) & np.isfinite(own), own, 0.0)


def _scale(rule: Tolerance, table: pd.DataFrame, result: Result) -> Floats | float:
    sizes = []
    for name in rule.scale:
        elsewhere, _, column = name.rpartition(".")
        if name == ROWS:
            sizes.append(np.full(len(table), float(result.n)))
        elif elsewhere:
            found = np.abs(result.tables[elsewhere][column].to_numpy(dtype=float))
            sizes.append(np.full(len(table), np.max(found[np.isfinite(found)], initial=0.0)))
        else:
            sizes.append(np.abs(table[name].to_numpy(dtype=float)))
    return np.max(sizes, axis=0) if sizes else 1.0


def _statistic_moves(rule: Tolerance, result: Result, name: str, tolerances: Tolerances) -> Floats:
    if rule.of_statistic is None:
        return _allowed(result, name, "statistic", tolerances)
    alone = {STATISTIC_OF[type(result)]: {f"{name}.statistic": rule.of_statistic}}
    return _allowed(result, name, "statistic", alone)


def _tail_moves(kind: Rule, table: pd.DataFrame, moved: Floats) -> Floats:
    """Give how far a P value moves when its statistic does."""
    from scipy import special

    size = np.abs(table["statistic"].to_numpy(dtype=float))
    near, far = np.maximum(size - moved, 0.0), size + moved
    if kind == "z":
        return np.asarray(2 * (special.ndtr(-near) - special.ndtr(-far)), dtype=float)
    df = table["df"].to_numpy(dtype=float)
    return np.asarray(special.chdtrc(df, near) - special.chdtrc(df, far), dtype=float)
