"""The two tables from the files of a person: two files, or one workbook that holds both."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Final

from lesionhet.errors import InputError, Problem
from lesionhet.readers import read_table
from lesionhet.readers.choosing.headings import fold
from lesionhet.readers.formats.limits import check_file_size
from lesionhet.readers.formats.sniff import check_format
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.shape.arrange import arrange
from lesionhet.readers.table import Notice, RawTable, fail, listed

WORKBOOKS: Final = (".xlsx", ".xlsm")


@dataclass(frozen=True, eq=False)
class Pair:
    """The two tables, ready for the checks.

    Parameters
    ----------
    lesions, patients
        The tables; None for one that could not be read or is not there.
    problems
        Why a table could not be read.
    """

    lesions: RawTable | None
    patients: RawTable | None
    problems: tuple[Problem, ...] = ()


def read_pair(
    lesions_path: str | os.PathLike[str],
    patients_path: str | os.PathLike[str] | None,
    options: ReadOptions,
) -> Pair:
    """Read both tables and arrange them; what is wrong with either is gathered.

    Parameters
    ----------
    lesions_path
        File of the lesions table. A workbook with the sheets "lesions" and "patients" gives both tables
        where no other file is given; ``patients_sheet`` names another sheet.
    patients_path
        File of the patients table; may be the same workbook. None where there is none.
    options
        How to read them.

    Examples
    --------
    >>> import tempfile
    >>> from lesionhet.readers.choosing.template import template_workbook
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "both.xlsx")
    ...     _ = path.write_bytes(template_workbook())
    ...     pair = read_pair(path, None, ReadOptions())
    >>> len(pair.lesions.frame), len(pair.patients.frame)
    (2, 1)
    """
    problems: list[Problem] = []
    try:
        own, other, notices = _sheets(lesions_path, patients_path, options)
    except InputError as error:
        return Pair(None, None, error.problems)
    if patients_path is None and other is not None:
        patients_path = lesions_path
    tables: list[RawTable | None] = []
    for path, how in ((lesions_path, own), (patients_path, other or options.for_patients())):
        try:
            tables.append(None if path is None else read_table(path, how))
        except InputError as error:
            problems += [p for p in error.problems if p not in problems]
            tables.append(None)
    lesions, patients = tables
    if lesions is None or (patients is None and patients_path is not None):
        return Pair(_shaped(lesions, options, problems), patients, tuple(problems))
    lesions = replace(lesions, notices=(*notices, *lesions.notices))
    try:
        lesions, patients = arrange(lesions, patients, options)
    except InputError as error:
        return Pair(None, patients, (*problems, *error.problems))
    return Pair(lesions, patients, tuple(problems))


def _shaped(
    lesions: RawTable | None, options: ReadOptions, problems: list[Problem]
) -> RawTable | None:
    """Arrange the one table that could be read, so that the checks see it."""
    if lesions is None:
        return None
    try:
        return arrange(lesions, None, options)[0]
    except InputError as error:
        problems += error.problems
        return None


def _sheets(
    lesions_path: str | os.PathLike[str],
    patients_path: str | os.PathLike[str] | None,
    options: ReadOptions,
) -> tuple[ReadOptions, ReadOptions | None, list[Notice]]:
    """Find which sheets the two tables are, where one workbook holds both."""
    file = os.fspath(lesions_path)
    one = patients_path is None or Path(patients_path) == Path(lesions_path)
    names = _names(file) if one else ()
    found = {fold(name): name for name in names}
    patients = options.patients_sheet or found.get("patients")
    if not names or (patients is None and patients_path is None):
        return options, None, []
    if patients not in names:
        raise fail(
            file,
            f"there is no sheet '{patients or 'patients'}' of the patients; found: "
            f"{listed(names, 20)}.",
            "Give one of these names with --patients-sheet.",
        )
    other = replace(options.for_patients(), sheet=patients)
    if options.stack_sheets is not None:
        return replace(options, skip_sheets=(*options.skip_sheets, patients)), other, []
    rest = [name for name in names if name != patients]
    lesions = options.sheet or found.get("lesions") or (rest[0] if len(rest) == 1 else None)
    if lesions is not None:
        told = [_told(file, names, lesions, patients)]
        return replace(options, sheet=lesions), other, told
    if options.patients_sheet is None and patients_path is None:
        return options, None, []
    raise fail(
        file,
        f"the sheet of the lesions is not clear; found: {listed(rest, 20)}.",
        "Give one of these names with --sheet.",
    )


def _names(file: str) -> tuple[str, ...]:
    """Give the filled sheets of a workbook; none where the file is no workbook that can be read."""
    if PurePath(file).suffix.lower() not in WORKBOOKS:
        return ()
    try:
        if not stat.S_ISREG((about := Path(file).stat()).st_mode):
            return ()
        check_file_size(file, about.st_size)
        data = Path(file).read_bytes()
        check_format(file, data)
        from lesionhet.readers.formats.excel import sheet_names

        return sheet_names(file, data)
    except (OSError, ValueError, InputError):
        return ()  # The reader says what is wrong with it.


def _told(file: str, names: Sequence[str], lesions: str, patients: str) -> Notice:
    others = [name for name in names if name not in (lesions, patients)]
    text = f"{file}: sheet '{lesions}' is read as the lesions, sheet '{patients}' as the patients"
    return Notice("note", f"{text}; not read: {listed(others)}." if others else f"{text}.")
