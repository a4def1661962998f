"""Two results of the same question, number by number: how far apart, and is that within reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.errors import UsageError
from lesionhet.results import STATISTIC_OF, Result
from lesionhet.tolerances import TOLERANCES, Tolerances, allowed_differences

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class KnownDifference:
    """A difference between the languages that is understood, documented and not mended.

    ``reason`` is one sentence; the documentation gives it in full.
    """

    statistic: str
    table: str
    column: str
    reason: str


KNOWN: Final[tuple[KnownDifference, ...]] = ()
"""None: where the two languages could part, both were brought to one documented rule."""

COMPARED: Final = (
    "name",
    "statistic",
    "table",
    "row",
    "column",
    "python",
    "r",
    "difference",
    "relative",
    "tolerance",
    "verdict",
)

SUMMARISED: Final = (
    "statistic",
    "numbers",
    "largest_relative",
    "tolerance",
    "differ",
    "known",
    "verdict",
)


def numbers(result: Result, tolerances: Tolerances = TOLERANCES) -> pd.DataFrame:
    """Give every number of a result in one column, with how far another engine's may be from it.

    Parameters
    ----------
    result
        From either engine.
    tolerances
        Those in force; see `lesionhet.tolerances.changes.changed_tolerances`.

    Returns
    -------
    pandas.DataFrame
        ``table``, ``row`` (the keys, joined), ``column``, ``value`` and ``allowed`` (absolute
        difference), in the order of the tables.

    Examples
    --------
    >>> from lesionhet import engine, requests
    >>> result = engine("python").answer(requests.count(["b", "a", "b"]))
    >>> numbers(result)[["row", "column", "value"]].values.tolist()[:2]
    [['all, a', 'count', 1.0], ['all, a', 'n', 3.0]]
    """
    parts = [_table_numbers(result, name, tolerances) for name in result.SHAPES]
    return pd.concat(parts, ignore_index=True)


def compare(
    name: str,
    python: Result,
    r: Result,
    known: Sequence[KnownDifference] = KNOWN,
    tolerances: Tolerances = TOLERANCES,
) -> pd.DataFrame:
    """Compare two results of one request, number by number.

    Parameters
    ----------
    name
        What the request is called in the table.
    python, r
        The two results, of the same type; rows are matched by their keys.
    known
        Documented differences.
    tolerances
        Those in force; see `lesionhet.tolerances.changes.changed_tolerances`.

    Returns
    -------
    pandas.DataFrame
        ``name, statistic, table, row, column, python, r``; ``difference``: absolute; ``relative``:
        as a share of the larger number, 0 where the difference is no more than rounding of a zero
        (the floor of `Tolerance`); ``tolerance``: the largest share permitted for this number;
        ``verdict``: ``"agree"``, ``"differ"`` or ``"known"``. Missing on both sides agrees, missing
        on one differs, as does a row that one side does not have.

    Raises
    ------
    UsageError
        The two are results of different statistics.

    Examples
    --------
    >>> from lesionhet import engine, requests
    >>> result = engine("python").answer(requests.describe([1.0, 2.0, 4.0]))
    >>> agreed(compare("sizes", result, result))
    True
    """
    if type(python) is not type(r):
        raise UsageError(
            f"{name}: results of different statistics, {type(python).__name__} and {type(r).__name__}."
        )
    statistic = STATISTIC_OF[type(python)]
    both = _side_by_side(numbers(python, tolerances), numbers(r, tolerances))
    a, b = both["value_python"].to_numpy(dtype=float), both["value_r"].to_numpy(dtype=float)
    present = both[["allowed_python", "allowed_r"]].notna().all(axis=1).to_numpy()
    allowed = both[["allowed_python", "allowed_r"]].max(axis=1).to_numpy(dtype=float)
    difference, relative, share = _differences(a, b, allowed)
    same = present & ((np.isnan(a) & np.isnan(b)) | (a == b) | (difference <= allowed))
    documented = {(k.table, k.column) for k in known if k.statistic == statistic}
    is_known = [pair in documented for pair in zip(both["table"], both["column"], strict=True)]
    columns = {
        "name": name,
        "statistic": statistic,
        "table": both["table"],
        "row": both["row"],
        "column": both["column"],
        "python": a,
        "r": b,
        "difference": difference,
        "relative": relative,
        "tolerance": share,
        "verdict": np.where(same, "agree", np.where(is_known, "known", "differ")),
    }
    return pd.DataFrame(columns, columns=list(COMPARED))


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Condense comparisons to one row a statistic.

    Parameters
    ----------
    table
        Rows of `compare`, of any number of requests.

    Returns
    -------
    pandas.DataFrame
        ``statistic``; ``numbers`` compared; ``largest_relative`` difference; ``tolerance`` of the
        number that has it; ``differ`` and ``known``: how many; ``verdict``: the worst of its rows.

    Examples
    --------
    >>> from lesionhet import engine, requests
    >>> result = engine("python").answer(requests.describe([1.0, 2.0, 4.0]))
    >>> summarise(compare("sizes", result, result))[["numbers", "verdict"]].values.tolist()
    [[10, 'agree']]
    """
    rows = [_summary(str(name), part) for name, part in table.groupby("statistic", sort=False)]
    return pd.DataFrame(rows, columns=list(SUMMARISED))


def agreed(table: pd.DataFrame) -> bool:
    """Tell whether no number differs beyond its tolerance or a documented reason."""
    return bool((table["verdict"] != "differ").all())


def _summary(statistic: str, part: pd.DataFrame) -> dict[str, str | float]:
    verdicts = part["verdict"]
    counts = {verdict: int((verdicts == verdict).sum()) for verdict in ("differ", "known")}
    relative = part["relative"].fillna(0.0).to_numpy()
    largest = int(relative.argmax())
    permitted = float(part["tolerance"].iloc[largest])
    if relative[largest] == 0:
        permitted = max(rule.relative for rule in TOLERANCES[statistic].values())
    worst = next((verdict for verdict, count in counts.items() if count), "agree")
    row = {"statistic": statistic, "numbers": len(part), "largest_relative": relative[largest]}
    return {**row, "tolerance": permitted, **counts, "verdict": worst}


def _table_numbers(result: Result, name: str, tolerances: Tolerances) -> pd.DataFrame:
    shape, table = result.SHAPES[name], result.tables[name]
    values = table[list(shape.numbers)].to_numpy(dtype=float)
    columns = {
        "table": name,
        "row": np.repeat(row_names(table, shape.keys), len(shape.numbers)),
        "column": np.tile(np.asarray(shape.numbers, dtype=object), len(table)),
        "value": values.ravel(),
        "allowed": allowed_differences(result, name, tolerances).ravel(),
    }
    return pd.DataFrame(columns)


def row_names(table: pd.DataFrame, keys: tuple[str, ...]) -> npt.NDArray[np.object_]:
    """Give the name of each row of a result's table: its keys, joined."""
    if not keys:
        return np.full(len(table), "", dtype=object)
    parts = zip(*(_as_texts(table[key]) for key in keys), strict=True)
    return np.array([", ".join(part) for part in parts], dtype=object)


def _as_texts(column: pd.Series) -> list[str]:
    if column.dtype == object:
        return [str(value) for value in column]
    return [f"{value:.17g}" for value in column.to_numpy(dtype=float).tolist()]


def _side_by_side(python: pd.DataFrame, r: pd.DataFrame) -> pd.DataFrame:
    """Match numbers by name, those of one name in order, so that none is lost."""
    names_of = ("table", "row", "column")
    if len(python) == len(r) and all(
        (python[name].to_numpy() == r[name].to_numpy()).all() for name in names_of
    ):
        # The usual case, at a third of the time: the same names in the same order.
        left = python.rename(columns={"value": "value_python", "allowed": "allowed_python"})
        return left.assign(value_r=r["value"], allowed_r=r["allowed"])
    numbered: dict[tuple[str, str, str], int] = {}
    sides = []
    for side in (python, r):
        given = zip(side["table"], side["row"], side["column"], strict=True)
        # Not by pandas: to it, texts that part after a NUL are one.
        number = [numbered.setdefault(name, len(numbered)) for name in given]
        placed = side[["value", "allowed"]].assign(number=number, place=range(len(side)))
        sides.append(placed.assign(copy=placed.groupby("number").cumcount()))
    both = sides[0].merge(sides[1], on=["number", "copy"], how="outer", suffixes=("_python", "_r"))
    both = both.sort_values(["place_python", "place_r"], ignore_index=True)
    names = list(numbered)
    parts = zip(*(names[number] for number in both["number"]), strict=True)
    return both.assign(**dict(zip(names_of, parts, strict=True)))


def _differences(a: Floats, b: Floats, allowed: Floats) -> tuple[Floats, Floats, Floats]:
    with np.errstate(invalid="ignore", divide="ignore"):
        equal_infinite = np.isinf(a) & (a == b)
        difference = np.where(equal_infinite, 0.0, np.abs(a - b))
        size = np.maximum(np.abs(a), np.abs(b))
        relative = np.where(difference == 0, 0.0, difference / size)
        share = np.where(size > 0, allowed / size, 0.0)
    # Beyond 1 the number itself is smaller than its rounding.
    below_rounding = (difference <= allowed) & (share >= 1)
    return difference, np.where(below_rounding, 0.0, relative), share
