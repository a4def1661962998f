"""Tables as a person reads them: labels for headings, few digits, a dash for what is missing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.labels import NOT_REACHED, format_number, format_p, format_percent, label

MISSING: Final = "–"
SHOWN_ROWS: Final = 50
"""Longer tables are cut in the page; the CSV has every row."""

P_COLUMNS: Final = frozenset(
    {
        "p_value",
        "p_adjusted",
        "holm",
        "benjamini_hochberg",
        "smallest",
        "p_alone",
        "p_added",
        "p_distance_added",
        "os_p_value",
        "pfs_p_value",
        "p_clustered",
        "p_rosner_glynn_lee",
        "p_permuted",
    }
)
SHARE_COLUMNS: Final = frozenset({"share", "coverage"})
DIFFERENCE_COLUMNS: Final = frozenset({"largest_relative_difference", "tolerance"})
LIMIT_COLUMNS: Final = frozenset({"conf_low", "conf_high"})
ESTIMATE_COLUMNS: Final = ("hazard_ratio", "median", "estimate")
SURVIVAL_MEDIANS: Final = frozenset({"events", "median", "conf_low", "conf_high"})
"""A table with all of these holds median survivals; a missing one was not reached."""


ABBREVIATIONS: Final = {
    "pfs": "PFS",
    "os": "OS",
    "pps": "PPS",
    "kras": "KRAS",
    "gower": "distance",
    "gower,": "distance,",
}
SHORT_TEXT: Final = 18
"""A text of no more characters is kept on one line."""


@dataclass(frozen=True)
class Cell:
    """One printed cell.

    Parameters
    ----------
    text
        What is read.
    order
        What its column is sorted by, empty for a missing value.
    kind
        Class that colours it: a verdict, or empty.
    """

    text: str
    order: str = ""
    kind: str = ""

    @property
    def short(self) -> bool:
        """Whether it is kept on one line."""
        return len(self.text) <= SHORT_TEXT


@dataclass(frozen=True)
class PrintedTable:
    """A table ready to be printed.

    Parameters
    ----------
    headings
        Printed name of each column.
    numeric
        Whether each column holds numbers, and so stands to the right.
    rows
        Cells, cut at `SHOWN_ROWS`.
    total
        Rows that there are.
    """

    headings: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int


def printed(table: pd.DataFrame, limit: int = SHOWN_ROWS) -> PrintedTable:
    """Print a table.

    Parameters
    ----------
    table
        Columns of a result or of an analysis; names decide how numbers are printed.
    limit
        Rows printed at most.

    Examples
    --------
    >>> shown = printed(pd.DataFrame({"n": [1402, 3], "p_value": [1e-9, None]}))
    >>> [[cell.text for cell in row] for row in shown.rows]
    [['1,402', '<0.001'], ['3', '–']]
    """
    survival = set(table.columns) >= SURVIVAL_MEDIANS
    columns = []
    for number, name in enumerate(map(str, table.columns)):
        missing = NOT_REACHED if survival and name in SURVIVAL_MEDIANS else MISSING
        like = _anchor(table) if name in LIMIT_COLUMNS else None
        columns.append(_column(name, table.iloc[:, number], limit, missing, like))
    return PrintedTable(
        tuple(label(str(name)) for name in table.columns),
        tuple(_is_number(table.iloc[:, number]) for number in range(table.shape[1])),
        tuple(zip(*columns, strict=True)),
        len(table),
    )


def table_title(name: str) -> str:
    """Give the printed title of a table.

    Examples
    --------
    >>> table_title("pfs_log_log"), table_title("phase_presence")
    ('PFS log-log', 'Phase presence')
    """
    words = name.replace("log_log", "log-log").split("_")
    text = " ".join(ABBREVIATIONS.get(word, word) for word in words)
    return text[:1].upper() + text[1:]


def plain_number(value: float, digits: int = 6) -> str:
    """Print a number with a fixed number of significant digits.

    Parameters
    ----------
    value
        The number; NaN where there is none.
    digits
        Significant digits of what is not whole.

    Examples
    --------
    >>> plain_number(2802.0), plain_number(0.12345678), plain_number(3.2e-13), plain_number(np.nan)
    ('2,802', '0.123457', '3.2e-13', '–')
    """
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return format_number(value)
    if value == math.floor(value) and abs(value) < 1e15:
        return format_number(value, 0)
    return f"{value:.{digits}g}".replace("-", "−", 1) if value < 0 else f"{value:.{digits}g}"


def _anchor(table: pd.DataFrame) -> Any:
    """Give the column whose decimals its limits are printed with; None where there is none."""
    return next((table[name] for name in ESTIMATE_COLUMNS if name in table), None)


def _column(name: str, column: Any, limit: int, missing: str, like: Any = None) -> list[Cell]:
    shown = column.iloc[:limit]
    if not _is_number(column):
        texts = shown.astype(object).where(shown.notna(), None)
        return [Cell(MISSING) if v is None else Cell(str(v), str(v)) for v in texts]
    typical = column if like is None else like
    printer = _printer(name, typical.to_numpy(dtype=float, na_value=np.nan))
    values = shown.to_numpy(dtype=float, na_value=np.nan).tolist()
    return [number_cell(v, printer, missing) for v in values]


def number_cell(value: float, printer: Callable[[float], str], missing: str = MISSING) -> Cell:
    """Give the cell of one number, sorted by its full value."""
    if math.isnan(value):
        return Cell(missing)
    return Cell(printer(value), repr(value).replace("inf", "Infinity"))


def _is_number(column: Any) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column))


def _printer(name: str, values: Any) -> Callable[[float], str]:
    """Choose how the numbers of a column are printed: all of them alike."""
    known = np.abs(values[np.isfinite(values)])
    if name in P_COLUMNS:
        return lambda p: format_p(p).removeprefix("P ").replace("= ", "").replace(" ", "")
    if name in SHARE_COLUMNS:
        return lambda share: format_percent(share, 1)
    if name in DIFFERENCE_COLUMNS:
        return lambda value: f"{value:.1g}"
    if (known == np.floor(known)).all():
        return lambda value: format_number(value, 0)
    # Three significant digits at the size that is typical of the column.
    typical = float(np.median(known[known > 0]))
    digits = min(max(2 - math.floor(math.log10(typical)), 1), 6)
    return lambda value: format_number(value, digits)
