"""Units of lengths and times: what the values of a column are multiplied by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd

UNIT_OF: Final[Mapping[str, str]] = {
    "diameter_mm": "mm",
    "day": "days",
    "os_days": "days",
    "pfs_days": "days",
}
"""Column -> the unit that the program works in."""

FACTORS: Final[Mapping[str, Mapping[str, Decimal]]] = {
    "mm": {"mm": Decimal(1), "cm": Decimal(10)},
    "days": {
        "days": Decimal(1),
        "weeks": Decimal(7),
        "months": Decimal("30.4375"),
        "years": Decimal("365.25"),
    },
}
"""Unit of the program -> unit of a file -> what its values are multiplied by (a year has 365.25 days)."""


def factor(unit: str) -> Decimal:
    """Give what a value in this unit is multiplied by, to have mm or days.

    Examples
    --------
    >>> factor("weeks"), factor("cm")
    (Decimal('7'), Decimal('10'))
    """
    return {**FACTORS["mm"], **FACTORS["days"]}[unit]


def number_in(cell: Any, decimal: str = ".") -> Decimal | None:
    """Give the number that a cell is or that is written in it; None where it is none.

    Parameters
    ----------
    cell
        Raw cell; true and false are no numbers.
    decimal
        Decimal sign of numbers that are written as text.

    Examples
    --------
    >>> number_in("12,5", ","), number_in(7), number_in("12 mm"), number_in(True)
    (Decimal('12.5'), Decimal('7'), None, None)
    """
    if cell is None or isinstance(cell, bool | np.bool_):
        return None
    text = str(cell).strip()
    if isinstance(cell, str) and decimal == ",":
        # A point is no decimal sign then: 1.234 may mean a thousand.
        text = text.replace(".", "?").replace(",", ".")
    if not re.fullmatch(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", text):
        return None
    return Decimal(text)


def multiplied(
    cells: pd.Series, unit: str, decimal: str = ".", missing: tuple[str, ...] = ()
) -> tuple[pd.Series, int]:
    """Convert the numbers among cells to mm or days; other cells stay, for the checks to report.

    Parameters
    ----------
    cells
        n raw cells.
    unit
        Unit that they are in.
    decimal
        Decimal sign of numbers that are written as text.
    missing
        Codes that stand for a missing value; they stay.

    Returns
    -------
    The n cells, and how many were converted.

    Examples
    --------
    >>> cells, n = multiplied(pd.Series(["1.5", "NE", None], dtype=object), "cm")
    >>> cells.tolist(), n
    ([15.0, 'NE', None], 1)
    """
    by = factor(unit)
    values: list[Any] = []
    n = 0
    for cell in cells:
        number = None if str(cell).strip() in missing else number_in(cell, decimal)
        n += number is not None
        values.append(cell if number is None else float(number * by))
    return pd.Series(values, index=cells.index, dtype=object), n
