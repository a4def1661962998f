"""One CDISC data set: upper-case columns, stripped cells, and where each row stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.checks.cells import as_numbers, texts
from lesionhet.checks.lesions import listed_rows
from lesionhet.checks.place import Mask, Place
from lesionhet.errors import InputError, Problem
from lesionhet.intake import Source
from lesionhet.readers import Notice, RawTable, ReadOptions
from lesionhet.readers.table import fail, listed

_POINT: Final = ReadOptions()


@dataclass(frozen=True, eq=False)
class Domain:
    """One data set of a study, whatever file format it came in.

    Parameters
    ----------
    name
        ``"TR"``, ``"SUPPTR"``, ``"ADTR"`` ...
    frame
        n rows, index 0..n-1; columns in upper case; text cells without outer white space, None where
        empty; numbers as the file has them.
    file
        Name of the file; of all files, joined by ``+``, where the data set came in parts.
    sha256
        SHA-256 of the file's bytes; of every part's, joined by ``+``.
    rows
        n row numbers as a spreadsheet counts them, within the row's own file.
    parts
        n file names, where the data set came in parts; else None.
    notices
        What was noticed while reading.

    Examples
    --------
    >>> frame = pd.DataFrame({"USUBJID": ["P1", None], "TRSTRESN": ["12.5", None]}, dtype=object)
    >>> tr = Domain("TR", frame, "tr.csv", "", np.array([2, 3]))
    >>> tr.number("TRSTRESN").tolist(), tr.text("VISIT").tolist(), tr.has("VISIT")
    ([12.5, nan], [None, None], False)
    """

    name: str
    frame: pd.DataFrame
    file: str
    sha256: str
    rows: npt.NDArray[np.int64]
    parts: npt.NDArray[np.object_] | None = None
    notices: tuple[Notice, ...] = ()
    _texts: dict[str, pd.Series] = field(default_factory=dict, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.frame)

    def has(self, *names: str) -> bool:
        """Say whether the data set has all of these columns."""
        return set(names) <= set(self.frame.columns)

    def filled(self, name: str) -> bool:
        """Say whether a column is there and holds any value."""
        return name in self.frame and bool(self.frame[name].notna().any())

    def column(self, name: str) -> pd.Series:
        """Give the cells of a column.

        Raises
        ------
        InputError
            There is no such column.
        """
        if name not in self.frame:
            raise InputError([self.missing(name)])
        return self.frame[name]

    def text(self, name: str) -> pd.Series:
        """Give a column as text, whole numbers without ``.0``; None where empty or without the column."""
        if name not in self.frame:
            return pd.Series([None] * len(self.frame), index=self.frame.index, dtype=object)
        if name not in self._texts:
            cells = self.frame[name].astype(object)
            # Cells are stripped already: only other types than text need work.
            plain = set(map(type, cells)) <= {str, type(None)}
            self._texts[name] = cells if plain else by_value(texts, cells)
        return self._texts[name].copy()

    def upper(self, name: str) -> pd.Series:
        """Give a column as upper-case text; an empty text where empty or without the column."""
        if name not in self.frame:
            return pd.Series("", index=self.frame.index, dtype=object)
        return by_value(lambda unique: unique.str.upper(), self.text(name)).fillna("")

    def number(self, name: str) -> pd.Series:
        """Give a column as numbers; missing where empty or without the column.

        Raises
        ------
        InputError
            A cell that is no finite number.
        """
        values, problems = self.numbers(name)
        if problems:
            raise InputError(problems)
        return values

    def numbers(self, name: str) -> tuple[pd.Series, list[Problem]]:
        """Give a column as `number` does, and the problem of its cells that are none."""
        cells = self.text(name)
        values = by_value(lambda unique: as_numbers(unique, _POINT), cells).astype(float)
        wrong = cells.notna() & values.isna()
        message = f"found {listed(cells[wrong].unique(), 3)}; a number is expected."
        return values, self.problems(name, wrong, message, "Correct the value or empty it.")

    def require(self, *names: str) -> None:
        """Raise an error that names every one of these columns that is not there.

        Raises
        ------
        InputError
            A column is missing.
        """
        if problems := [self.missing(name) for name in names if name not in self.frame]:
            raise InputError(problems)

    def missing(self, name: str) -> Problem:
        """Give the problem of a column that is not there."""
        found = listed(list(self.frame.columns), 8)
        return Problem(
            self.file,
            name,
            f"this column of {self.name} is missing; found: {found}.",
            f"Export {self.name} with {name}.",
        )

    def problems(self, name: str, mask: Mask, message: str, mend: str) -> list[Problem]:
        """Give the problem of the rows of ``mask``, one a file; none where the mask is empty."""
        mask = np.asarray(mask, dtype=bool)
        if self.parts is None:
            return Place(self.file, name, self.rows).problems(mask, message, mend)
        found = []
        for file in dict.fromkeys(self.parts):
            found += Place(file, name, self.rows).problems(
                mask & (self.parts == file), message, mend
            )
        return found

    def where(self, name: str) -> str:
        """Name file and column, for a notice."""
        return f"{self.file}, column '{name}'"

    def rows_text(self, mask: Mask) -> str:
        """Name the first rows of ``mask``, for a notice, such as ``rows 3, 7``."""
        mask = np.asarray(mask, dtype=bool)
        if self.parts is None:
            return listed_rows(self.rows[mask])
        texts = [
            f"{file}: {listed_rows(self.rows[mask & (self.parts == file)])}"
            for file in dict.fromkeys(self.parts[mask])
        ]
        return "; ".join(texts)

    def take(self, mask: Mask) -> Domain:
        """Give the rows of ``mask`` as a data set of their own."""
        mask = np.asarray(mask, dtype=bool)
        return replace(
            self,
            frame=self.frame[mask].reset_index(drop=True),
            rows=self.rows[mask],
            parts=None if self.parts is None else self.parts[mask],
        )

    def source(self) -> Source:
        """Say where the data set came from."""
        return Source(self.file, self.sha256, len(self.frame), {self.name: self.name})


def domain_of(name: str, raw: RawTable, options: ReadOptions | None = None) -> Domain:
    """Make a data set of a table as it was read.

    Parameters
    ----------
    name
        Which data set it is.
    raw
        The table.
    options
        ``missing`` is used: texts that stand for an empty cell.

    Raises
    ------
    InputError
        Two headings that are the same in upper case.

    Examples
    --------
    >>> raw = RawTable(pd.DataFrame({"usubjid": [" P1 ", ""]}), "tr.csv", "", np.array([2, 3]))
    >>> domain_of("TR", raw).frame["USUBJID"].tolist()
    ['P1', None]
    """
    headings = [str(heading).strip().upper() for heading in raw.frame.columns]
    if twice := sorted({heading for heading in headings if headings.count(heading) > 1}):
        mend = "Rename or remove all but one of these columns."
        raise fail(raw.file, f"headings that differ in case only: {listed(twice)}.", mend)
    missing = (options or _POINT).missing
    columns = {heading: _tidy(raw.frame.iloc[:, i], missing) for i, heading in enumerate(headings)}
    frame = pd.DataFrame(columns, dtype=object, index=pd.RangeIndex(len(raw.frame)))
    return Domain(name, frame, raw.file, raw.sha256, raw.rows, notices=raw.notices)


def joined(name: str, domains: Sequence[Domain]) -> Domain:
    """Put the parts of one data set together, in the order given."""
    if len(domains) == 1:
        return domains[0]
    frame = pd.concat([d.frame for d in domains], ignore_index=True).astype(object)
    return Domain(
        name,
        frame.where(frame.notna(), None),
        " + ".join(d.file for d in domains),
        "+".join(d.sha256 for d in domains),
        np.concatenate([d.rows for d in domains]),
        np.concatenate([np.full(len(d), d.file, dtype=object) for d in domains]),
        tuple(notice for d in domains for notice in d.notices),
    )


def by_value(convert: Callable[[pd.Series], pd.Series], cells: pd.Series) -> pd.Series:
    """Convert each different cell once; an empty cell stays None.

    Parameters
    ----------
    convert
        Takes the different cells (object, none empty) and gives as many values.
    cells
        n cells, object.

    Examples
    --------
    >>> by_value(lambda unique: unique.str.lower(), pd.Series(["A", None, "A"], dtype=object)).tolist()
    ['a', None, 'a']
    """
    codes, unique = pd.factorize(cells)
    # The last place stands for the code -1, an empty cell.
    found = np.empty(len(unique) + 1, dtype=object)
    found[:-1] = convert(pd.Series(unique, dtype=object)).to_numpy(dtype=object)
    return pd.Series(found[codes], index=cells.index, dtype=object)


def _tidy(cells: pd.Series, missing: Sequence[str]) -> npt.NDArray[np.object_]:
    """Strip the cells of a column and empty those without text; texts are looked at once each."""
    values = cells.to_numpy(dtype=object)
    tidy: dict[Any, Any] = {value: _cell(value, missing) for value in set(filter(_is_text, values))}
    kept = np.empty(len(values), dtype=object)
    kept[:] = [tidy[v] if isinstance(v, str) else _cell(v, missing) for v in values]
    return kept


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _cell(value: Any, missing: Sequence[str]) -> Any:
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return None
    text = value.strip() if isinstance(value, str) else value
    if missing and str(text) in missing:
        return None
    return None if text == "" else text
