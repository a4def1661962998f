"""What a file holds and what of its reading can be chosen: for a page that asks a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from lesionhet.errors import LesionhetError
from lesionhet.readers import read_bytes
from lesionhet.readers.choosing.contents import NUMERIC, contents_of
from lesionhet.readers.formats.sniff import check_format
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.shape.arrange import shape_lesions
from lesionhet.readers.shape.dates import date_column, formats_that_fit
from lesionhet.readers.shape.stacked import headings_agree
from lesionhet.readers.shape.visit_groups import find_groups
from lesionhet.readers.table import RawTable

WORKBOOKS = (".xlsx", ".xlsm")


@dataclass(frozen=True)
class DateChoice:
    """A column of dates.

    Parameters
    ----------
    heading
        Its heading.
    formats
        Ways to read the dates that need one, for `ReadOptions.date_format`; empty where none is needed.
    """

    heading: str
    formats: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Surveyed:
    """One table of a file.

    Parameters
    ----------
    sheet
        Its sheet; None where the file has no sheets.
    table
        The table as it would be read now, wide tables made long; its notices say what was understood.
        None where it cannot be read.
    as_read
        The table before that, to show its rows.
    error
        Why it cannot be read, or cannot be made long.
    sparse
        Headings with empty cells below filled ones, for `ReadOptions.fill_down`.
    dates
        Columns of dates, one of which may be the start, for `ReadOptions.start_date`.
    visits
        Visits of a wide table with the day that each has; None where it must be given in
        `ReadOptions.visit_days`.
    """

    sheet: str | None
    table: RawTable | None
    as_read: RawTable | None
    error: LesionhetError | None
    sparse: tuple[str, ...] = ()
    dates: tuple[DateChoice, ...] = ()
    visits: tuple[tuple[str, float | None], ...] = ()


def survey(file: str, data: bytes, options: ReadOptions) -> tuple[Surveyed, ...]:
    r"""Look at every table of a file.

    Parameters
    ----------
    file
        Name of the file.
    data
        Its bytes.
    options
        How it would be read now; with ``stack_sheets`` the sheets are one table.

    Returns
    -------
    One table a sheet that has any cell, else one.

    Raises
    ------
    InputError
        The file itself cannot be read.

    Examples
    --------
    >>> content = b"Patient,Lesion,Baseline,Scan 2\nP1,L1,30,20\n,L2,8,9\n"
    >>> found, = survey("t.csv", content, ReadOptions())
    >>> found.visits, found.sparse
    ((('Baseline', 0.0), ('Scan 2', None)), ('Patient',))
    """
    names: Sequence[str | None] = (None,)
    if PurePath(file).suffix.lower() in WORKBOOKS and options.stack_sheets is None:
        from lesionhet.readers.formats.excel import sheet_names

        check_format(file, data)
        names = [options.sheet] if options.sheet else sheet_names(file, data) or (None,)
    return tuple(_look(file, data, replace(options, sheet=name)) for name in names)


def can_stack(tables: Sequence[Surveyed]) -> bool:
    """Say whether the sheets of a workbook have the same headings, so that they can be one table."""
    read = [found.as_read for found in tables]
    first = read[0] if read else None
    return (
        len(read) > 1
        and first is not None
        and all(table is not None and headings_agree(table, first) for table in read)
    )


def _look(file: str, data: bytes, options: ReadOptions) -> Surveyed:
    try:
        raw = read_bytes(file, data, options)
    except LesionhetError as error:
        return Surveyed(options.sheet, None, None, error)
    groups, _ = find_groups([str(name) for name in raw.frame.columns], options)
    visits = tuple((group.label, group.day) for group in groups)
    found = Surveyed(options.sheet, raw, raw, None, _sparse(raw), _dates(raw, options), visits)
    try:
        return replace(found, table=shape_lesions(raw, options))
    except LesionhetError as error:
        return replace(found, table=None, error=error)


def _sparse(raw: RawTable) -> tuple[str, ...]:
    """Find text columns whose empty cells may mean the same as above."""
    found = []
    for name in map(str, raw.frame.columns):
        cells = raw.frame[name]
        filled = cells.notna().to_numpy()
        if not filled.all() and filled[0] and contents_of(cells).numeric < NUMERIC:
            found.append(name)
    return tuple(found)


def _dates(raw: RawTable, options: ReadOptions) -> tuple[DateChoice, ...]:
    found = []
    for name in map(str, raw.frame.columns):
        if contents_of(raw.frame[name]).dates < NUMERIC:
            continue
        read = date_column(raw.frame[name], options.date_format, raw.date_system, options.missing)
        texts = raw.frame.loc[read.faults.eq("order"), name].map(str.strip)
        found.append(DateChoice(name, formats_that_fit(list(texts.unique()))))
    return tuple(found)
