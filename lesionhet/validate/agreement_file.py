"""agreement.csv of a validation: every compared number, written as the cases finish."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pandas as pd

from lesionhet.agreement import COMPARED
from lesionhet.report.tables import write_csv

FILE: Final = "agreement.csv"
ROWS_HELD: Final = 20_000
"""Rows that are held in memory at most, beside those of one question."""


class AgreementFile:
    """Appends the rows of `lesionhet.agreement.compare` to a CSV file; made by `agreement_file`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: list[pd.DataFrame] = []
        write_csv(pd.DataFrame(columns=list(COMPARED)), path)

    def add(self, table: pd.DataFrame) -> None:
        """Take in the rows of one question."""
        self._held.append(table)
        if sum(map(len, self._held)) >= ROWS_HELD:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        if not self._held:
            return
        part = self._path.with_suffix(".part")
        write_csv(pd.concat(self._held, ignore_index=True), part)
        self._held.clear()
        with part.open("rb") as rows, self._path.open("ab") as whole:
            rows.readline()
            shutil.copyfileobj(rows, whole)
        part.unlink()


@contextmanager
def agreement_file(folder: Path) -> Iterator[AgreementFile]:
    """Open agreement.csv in a folder; the last rows are written at the end.

    Parameters
    ----------
    folder
        Where the file is written.

    Examples
    --------
    >>> import tempfile
    >>> from lesionhet import compare, engine, requests
    >>> result = engine("python").answer(requests.count(["a", "a"]))
    >>> with tempfile.TemporaryDirectory() as name:
    ...     with agreement_file(Path(name)) as target:
    ...         target.add(compare("=first", result, result))
    ...     print(Path(name, FILE).read_text(encoding="utf-8").splitlines()[1])
    '=first,count,counts,"all, a",count,2,2,0,0,0,agree
    """
    file = AgreementFile(folder / FILE)
    yield file
    file.flush()
