"""Tables as CSV files: numbers at full precision, text that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, TextIO

import numpy as np
import pandas as pd

from lesionhet.study import Study

LESION_COLUMNS: Final = (
    "patient_id",
    "lesion_id",
    "site",
    "response",
    "stable",
    "relapse",
    "response_days",
    "stable_days",
    "relapse_days",
    "nadir_ratio",
    "last_ratio",
    "inconsistent",
    "gower",
)
"""First columns of ``tables/lesions.csv``."""

PATIENT_COLUMNS: Final = (
    "patient_id",
    "n_lesions",
    "baseline_sum_mm",
    "response",
    "stable",
    "relapse",
    "nadir_ratio",
    "last_ratio",
    "gower",
)
"""First columns of ``tables/patients.csv``."""

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text cell that begins with one of these is a formula to a spreadsheet; the wide ones to some."""

LARGEST_WHOLE: Final = 2.0**53
"""Above this, not every whole number is a float."""


def write_csv(table: pd.DataFrame, path: Path | TextIO) -> None:
    r"""Write one table as CSV.

    Parameters
    ----------
    table
        Columns of numbers, flags or text. Its index is not written.
    path
        File to write, or an open one: UTF-8, comma, one line feed a row.

    Notes
    -----
    Whole numbers are written without a point, flags as 1 and 0, other numbers with the shortest text
    that reads back as the same float, missing cells empty. Text (headings too) that begins with
    ``=``, ``+``, ``-``, ``@`` (also in their wide forms), a tab, a carriage return or a line feed gets a
    leading apostrophe. A table with a carriage return in any cell is quoted throughout.

    Examples
    --------
    >>> import tempfile
    >>> table = pd.DataFrame({"id": ["=A1", None], "day": [56.0, -0.1], "seen": [True, False]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "t.csv")
    ...     write_csv(table, path)
    ...     path.read_text(encoding="utf-8")
    "id,day,seen\n'=A1,56,1\n,-0.1,0\n"
    """
    columns = [_cells(table.iloc[:, number]) for number in range(table.shape[1])]
    rows = zip(*columns, strict=True) if columns else ([] for _ in range(len(table)))
    # Python's writer leaves a carriage return bare, and what stands after it would begin a row.
    quoting: Literal[0, 1] = csv.QUOTE_ALL if _has_return(table) else csv.QUOTE_MINIMAL
    with _opened(path) as file:
        writer = csv.writer(file, lineterminator="\n", quoting=quoting)
        writer.writerow([guard(str(name)) for name in table.columns])
        writer.writerows(rows)


@contextmanager
def _opened(path: Path | TextIO) -> Iterator[TextIO]:
    if not isinstance(path, Path):
        yield path
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        yield file


def guard(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula.

    Examples
    --------
    >>> guard("=cmd()"), guard("liver")
    ("'=cmd()", 'liver')
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def lesion_table(study: Study) -> pd.DataFrame:
    """Give the lesions with the promised columns first; ``site`` is empty where the input had none."""
    return _ordered(study.lesions, LESION_COLUMNS)


def patient_table(study: Study) -> pd.DataFrame:
    """Give the patients with the promised columns first, then phases, counts and covariates."""
    return _ordered(study.patients, PATIENT_COLUMNS)


def _ordered(table: pd.DataFrame, first: Sequence[str]) -> pd.DataFrame:
    rest = [name for name in table.columns if name not in first]
    return table.reindex(columns=[*first, *rest])


def _has_return(table: pd.DataFrame) -> bool:
    """Say whether a heading or a text has a carriage return in it."""
    columns = [table.iloc[:, number] for number in range(table.shape[1])]
    texts = [column for column in columns if not pd.api.types.is_numeric_dtype(column)]
    return any("\r" in str(name) for name in table.columns) or any(
        "\r" in text for column in texts for text in set(column.astype(str))
    )


def _cells(column: Any) -> list[Any]:
    """Give one column as the values that `csv` writes as they should stand."""
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.to_numpy(dtype=float, na_value=np.nan)
        whole = (numbers == np.floor(numbers)) & (np.abs(numbers) < LARGEST_WHOLE)
        found = numbers.astype(object)
        found[whole] = numbers[whole].astype(np.int64).astype(object)
        found[np.isnan(numbers)] = ""
        return list(found)
    texts = list(column.astype(str))
    # Most texts of a column stand in it many times.
    guarded = {text: guard(text) for text in set(texts)}
    missing = column.isna().tolist()
    return ["" if gone else guarded[text] for text, gone in zip(texts, missing, strict=True)]
