"""Tables as CSV files: numbers at full precision, text that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TextIO

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.readers.distinct import distinct_texts
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
    heading = [str(name) for name in table.columns]
    found = [_cells(column) for _, column in table.items()]
    rows = zip(*(column.cells for column in found), strict=True)
    # Python's writer leaves a carriage return bare, and what stands after it would begin a row.
    returns = any("\r" in name for name in heading) or any(column.returns for column in found)
    quoting: Literal[0, 1] = csv.QUOTE_ALL if returns else csv.QUOTE_MINIMAL
    with _opened(path) as file:
        writer = csv.writer(file, lineterminator="\n", quoting=quoting)
        writer.writerow([guard(name) for name in heading])
        writer.writerows(rows if found else ([] for _ in range(len(table))))


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


@dataclass(frozen=True)
class _Column:
    """One column as `csv` writes it (None: nothing), and whether a text has a carriage return."""

    cells: Sequence[Any]
    returns: bool = False


def _cells(column: Any) -> _Column:
    """Give one column as the values that `csv` writes as they should stand."""
    if pd.api.types.is_numeric_dtype(column):
        return _Column(_numbers(column.to_numpy(dtype=float, na_value=np.nan)))
    distinct = distinct_texts(column)
    if distinct is None:
        return _mixed(column)
    # Most texts of a column stand in it many times.
    written = distinct.each(guard).tolist()
    return _Column(written, any("\r" in text for text in distinct.texts))


def _mixed(column: Any) -> _Column:
    """Give a column whose cells are not all texts, such as dates."""
    texts, missing = list(column.astype(str)), column.isna().tolist()
    cells = ["" if gone else guard(text) for text, gone in zip(texts, missing, strict=True)]
    return _Column(cells, any("\r" in text for text in texts))


def _numbers(numbers: npt.NDArray[np.float64]) -> list[Any]:
    whole = (numbers == np.floor(numbers)) & (np.abs(numbers) < LARGEST_WHOLE)
    if whole.all():
        return list(numbers.astype(np.int64).tolist())
    found = numbers.astype(object)
    found[whole] = numbers[whole].astype(np.int64)
    found[np.isnan(numbers)] = ""
    return list(found.tolist())
