"""Cells to text, numbers and flags. What does not fit is named, never coerced."""

from __future__ import annotations

import datetime
import decimal
import numbers
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.checks.place import Mask, Place
from lesionhet.checks.sizes import size_faults
from lesionhet.errors import Problem
from lesionhet.readers import ReadOptions
from lesionhet.readers.distinct import DistinctTexts, distinct_texts
from lesionhet.readers.table import listed
from lesionhet.schema import Column

DATE_TYPES: Final = (datetime.date, datetime.time, datetime.timedelta, np.datetime64)
_WORDS: Final = (
    "na|n/a|#n/a|n.a.|nd|n.d.|ne|n.e.|nan|nat|null|none|.|..|-|--|?|missing|unknown"
    "|not done|not assessed|not evaluable|not available"
)
_MISSING_WORDS: Final = frozenset(_WORDS.split("|"))
_DATE: Final = (
    r"\d{4}[-/]\d{1,2}(?:[-/]\d{1,2})?(?:[T ].*)?|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}(?: .*)?"
    r"|\d{1,2}[- ]?[A-Za-z]{3}[- ]?\d{2,4}"
)
_PURE: Final = {"string": str, "floating": float, "integer": int, "boolean": bool}
"""What pandas says of a column of one type -> that type; other columns are looked at by cell."""
_OR_COUNT: Final = (".", ", or name the column of the start's date with --start-date.")
_INFINITE: Final = r"[+-]?inf(?:inity)?"


def blank(cells: pd.Series, missing: Sequence[str] = ()) -> pd.Series:
    """Make empty cells, cells of white space and declared codes None.

    Parameters
    ----------
    cells
        n raw cells of any type.
    missing
        Codes that stand for a missing value, compared with the cell's text.

    Examples
    --------
    >>> blank(pd.Series(["a", " ", "-9", -9.0]), ("-9",)).tolist()
    ['a', None, None, None]
    """
    cells = cells.astype(object)
    distinct = distinct_texts(cells)
    if distinct is not None:
        empty = {"", *missing}
        kept = distinct.each(lambda text: None if text.strip() in empty else text)
        return pd.Series(kept, index=cells.index, name=cells.name)
    text = texts(cells)
    return cells.where(text.notna() & (text != "") & ~text.isin(list(missing)), None)


def texts(cells: pd.Series) -> pd.Series:
    """Give cells as text without outer white space; whole numbers lose a ``.0``; None stays None.

    Examples
    --------
    >>> texts(pd.Series([508.0, "000004 ", None, 1.5], dtype=object)).tolist()
    ['508', '000004', None, '1.5']
    """
    distinct = distinct_texts(cells)
    if distinct is not None:
        return pd.Series(distinct.each(str.strip), index=cells.index, name=cells.name)
    return identifiers(cells).map(lambda text: text.strip(), na_action="ignore")


def identifiers(cells: pd.Series) -> pd.Series:
    """Give cells as text, white space and leading zeros kept; whole numbers lose a ``.0``."""
    cells = cells.astype(object)
    cells = cells.where(cells.notna(), None)
    if pd.api.types.infer_dtype(cells, skipna=True) == "string":
        return cells
    return cells.map(_text, na_action="ignore")


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, float | np.floating):
        return str(int(cell)) if float(cell).is_integer() else str(float(cell))
    return str(cell)


def as_numbers(cells: pd.Series, options: ReadOptions, *, flags: bool = False) -> pd.Series:
    """Give the numbers among cells; missing where a cell is empty or no number.

    Parameters
    ----------
    cells
        n raw cells, already `blank`.
    options
        ``decimal`` is used for numbers that are written as text.
    flags
        Whether true and false cells count as 1 and 0.

    Examples
    --------
    >>> as_numbers(pd.Series(["12.5", "12,5", 7, None]), ReadOptions()).tolist()
    [12.5, nan, 7.0, nan]
    """
    distinct = distinct_texts(cells)
    if distinct is not None:
        return pd.Series(_written(distinct, options), index=cells.index)
    values = np.full(len(cells), np.nan)
    is_text = _of_type(cells, str)
    text = cells[is_text].map(lambda cell: cell.strip())
    good = text.astype(object).str.fullmatch(_plain(options)).to_numpy(dtype=bool)
    written = text[good].str.replace(",", ".", regex=False).astype(float).to_numpy()
    values[np.flatnonzero(is_text)[good]] = written
    stored = _of_type(cells, (numbers.Real, decimal.Decimal)) & (
        flags | ~_of_type(cells, (bool, np.bool_))
    )
    if flags:
        stored |= _of_type(cells, np.bool_)
    values[stored] = cells[stored].astype(float).to_numpy()
    return pd.Series(np.where(np.isfinite(values), values, np.nan), index=cells.index)


def _written(distinct: DistinctTexts, options: ReadOptions) -> npt.NDArray[np.float64]:
    """Give the numbers of a column of texts."""
    plain = re.compile(_plain(options))
    stripped = [text.strip() for text in distinct.texts]
    numbers = [
        float(text.replace(",", ".")) if plain.fullmatch(text) else np.nan for text in stripped
    ]
    values = np.array([*numbers, np.nan])
    # The last one stands at place -1, that of empty cells.
    return np.where(np.isfinite(values), values, np.nan)[distinct.codes]


def number_column(
    spec: Column, cells: pd.Series, place: Place, options: ReadOptions
) -> tuple[pd.Series, list[Problem]]:
    """Read one number column.

    Returns
    -------
    The n numbers, missing where empty or faulty, and one problem for each kind of fault.
    """
    values = as_numbers(cells, options)
    problems = _faults(spec, cells, values, place, options)
    if spec.minimum is not None:
        low = values < spec.minimum
        problems += place.problems(
            low,
            f"found {_examples(cells, low)}; {spec.minimum:g} or more is expected ({_short(spec)}).",
            f"Correct the value{_or_empty(spec)}.",
        )
        values = values.mask(low)
    return values, problems


def flag_column(
    spec: Column, cells: pd.Series, place: Place, options: ReadOptions
) -> tuple[pd.Series, list[Problem]]:
    """Read one column of 0 and 1; true and false cells of Excel and Parquet count as such."""
    values = as_numbers(cells, options, flags=True)
    values = values.where(values.isin((0.0, 1.0)))
    wrong = cells.notna() & values.isna()
    words = wrong & texts(cells).str.lower().isin(_MISSING_WORDS).to_numpy(dtype=bool)
    problems = _missing_words(spec, cells, words, place)
    problems += place.problems(
        wrong & ~words,
        f"found {_examples(cells, wrong & ~words)}; 0 or 1 is expected ({spec.meaning}).",
        "Write 1 or 0, or leave the cell empty.",
    )
    return values, problems


def text_column(spec: Column, cells: pd.Series, place: Place) -> tuple[pd.Series, list[Problem]]:
    """Read one text column; identifiers stay exactly as they are, other texts lose outer space."""
    if not spec.required:
        return texts(cells), []
    dates = _of_type(cells, DATE_TYPES)
    problems = place.problems(
        dates,
        f"found the date {_examples(cells, dates)}; the name of a {_short(spec)} is expected.",
        "Format the column as text and enter the names again: spreadsheets turn some into dates.",
    )
    names = identifiers(cells)
    return names.mask(dates, None) if dates.any() else names, problems


def empty_cells(
    spec: Column, cells: pd.Series, place: Place, *, fill_down: bool = False
) -> list[Problem]:
    """Find the empty cells of a column that must be filled; names can repeat those above."""
    mend = f"Fill in {spec.name}"
    if fill_down and spec.kind == "text":
        mend += f', or give --fill-down "{place.column}" if an empty cell repeats the one above'
    return place.problems(
        cells.isna(), f"the cell is empty; every row needs a {spec.name}.", f"{mend}."
    )


def _faults(
    spec: Column, cells: pd.Series, values: pd.Series, place: Place, options: ReadOptions
) -> list[Problem]:
    """Sort the cells that are no number into kinds; each cell is reported once."""
    left = cells.notna() & values.isna()
    if not left.any():
        return []
    text = texts(cells).where(left, "").str.lower()
    # What looks like a number and has no value is too large for one.
    infinite = left & text.str.fullmatch(rf"{_INFINITE}|{_plain(options)}", case=False)
    dates = left & ~infinite & (_of_type(cells, DATE_TYPES) | text.str.fullmatch(_DATE, case=False))
    other = "." if options.decimal == "," else ","
    commas = left & ~dates & text.str.fullmatch(rf"[+-]?[0-9]+[{other}][0-9]+")
    words = left & ~infinite & text.isin(_MISSING_WORDS)
    rest = left & ~infinite & ~dates & ~commas & ~words
    kinds = size_faults(text.where(rest, "")) if spec.name == "diameter_mm" else ()
    for kind in kinds:
        rest &= ~kind.mask
    ending = _or_empty(spec)
    in_days = spec.name == "day" or spec.name.endswith("_days")
    wanted = "days from the start of treatment are" if in_days else "a number is"
    return [
        *place.problems(
            infinite,
            f"found {_examples(cells, infinite)}; a finite number is expected.",
            f"Correct the value{ending}.",
        ),
        *place.problems(
            dates,
            f"found the date {_examples(cells, dates)}; {wanted} expected.",
            ("Give days from the start of treatment" + _OR_COUNT[spec.name == "day"])
            if in_days
            else "Enter the number again: spreadsheets turn some numbers into dates.",
        ),
        *place.problems(
            commas,
            f"found {_examples(cells, commas)} with a decimal {'comma' if other == ',' else 'point'}; "
            f"a number with a decimal {'point' if other == ',' else 'comma'} is expected.",
            f"Read the file with --decimal {other} or write the number the other way.",
        ),
        *_missing_words(spec, cells, words, place),
        *(
            problem
            for kind in kinds
            for problem in place.problems(
                kind.mask, f"found {_examples(cells, kind.mask)}; {kind.expected}", kind.mend
            )
        ),
        *place.problems(
            rest,
            f"found {_examples(cells, rest)}; {wanted} expected.",
            f"Write the number only{ending}.",
        ),
    ]


def _missing_words(spec: Column, cells: pd.Series, words: Mask, place: Place) -> list[Problem]:
    codes = sorted(set(texts(cells[words])))
    if spec.required and spec.name == "day":
        expected, mend = "every row needs a day", "Give the day or leave the row out."
    else:
        expected = "a missing value is an empty cell"
        mend = f"Leave the cell empty or give --missing {','.join(codes)}."
    return place.problems(words, f"found {_examples(cells, words)}; {expected}.", mend)


def _of_type(cells: pd.Series, types: type | tuple[type, ...]) -> Any:
    """Say which cells are of these types."""
    if kind := _PURE.get(pd.api.types.infer_dtype(cells, skipna=True)):
        return cells.notna().to_numpy() & issubclass(kind, types)
    return cells.map(lambda cell: isinstance(cell, types)).to_numpy(dtype=bool)


def _plain(options: ReadOptions) -> str:
    """Give the pattern of a number that is written as text."""
    sign = "," if options.decimal == "," else r"\."
    return rf"[+-]?(?:[0-9]+(?:{sign}[0-9]*)?|{sign}[0-9]+)(?:[eE][+-]?[0-9]+)?"


def _examples(cells: pd.Series, mask: Mask) -> str:
    return listed(texts(cells[np.asarray(mask, dtype=bool)]).unique(), 3)


def _short(spec: Column) -> str:
    """Give a column's meaning without its remarks."""
    return re.split("[,;]", spec.meaning)[0]


def _or_empty(spec: Column) -> str:
    return "" if spec.required and spec.name != "diameter_mm" else " or leave the cell empty"
