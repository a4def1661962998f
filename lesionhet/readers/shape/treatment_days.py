"""Days from the start of treatment, counted from the dates of scans."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.errors import InputError, Problem
from lesionhet.readers.choosing.headings import fold, heading_of, likely_heading, words
from lesionhet.readers.choosing.synonyms import DATES
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.shape.dates import DateColumn, date_column, date_problems
from lesionhet.readers.table import Notice, RawTable, counted, listed

FAR: Final = 7305
"""Days from the start, before or after, that are worth a warning: 20 years."""


@dataclass(frozen=True)
class _Start:
    """Where the starts of treatment stand."""

    table: RawTable
    heading: str
    patient: str
    in_lesions: bool


def count_days(
    lesions: RawTable, patients: RawTable | None, options: ReadOptions
) -> tuple[RawTable, RawTable | None]:
    """Turn the dates of scans into days from the start of treatment.

    Parameters
    ----------
    lesions, patients
        The tables; either has the column of the start.
    options
        ``start_date``, ``date_format``, ``mapping`` and ``missing`` are used. Without ``start_date`` the
        tables come back as they are.

    Returns
    -------
    The lesions table with days (date less start; 0 is the day of the start) in place of dates, under
    the same heading where one is mapped, else ``day``; the patients table without the start.

    Raises
    ------
    InputError
        No such column, cells that are no dates, a patient without a start or with two.

    Examples
    --------
    >>> from lesionhet.readers import from_frame
    >>> rows = pd.DataFrame({"patient_id": ["P", "P"], "scan_date": ["2021-03-01", "2021-05-03"],
    ...                      "start": ["2021-03-08"] * 2})
    >>> table, _ = count_days(from_frame(rows, "t"), None, ReadOptions(start_date="start"))
    >>> table.frame["day"].tolist(), table.notices[0].text
    ([-7, 56], "t: day is 'scan_date' less 'start', in days: -7 to 56.")
    """
    if options.start_date is None:
        return lesions, patients
    start = _start(lesions, patients, options)
    heading = _scans(lesions, options)
    patient = likely_heading("patient_id", list(map(str, lesions.frame.columns)), options.mapping)
    if patient is None or not start.patient:
        return lesions, patients  # The checks say that the column of patients is missing.
    begun, notices, problems = _starts(start, lesions, patient, options)
    scans, said, found = _read(lesions, heading, options)
    if problems or found:
        raise InputError([*problems, *found])
    names = lesions.frame[patient].map(_name)
    days = [
        None if scan is None or begun.get(name) is None else (scan - begun[name]).days
        for scan, name in zip(scans.values, names, strict=True)
    ]
    text = _told(lesions, heading, start, days)
    notices = [*lesions.notices, Notice("note", text), *notices, *said]
    notices += _doubts(lesions, names, days)
    frame = lesions.frame.assign(**{heading: pd.Series(days, dtype=object)})
    if options.mapping.get("day") != heading and heading_of("day", list(frame.columns), {}) is None:
        frame = frame.rename(columns={heading: "day"})
    frame = frame.where(frame.notna(), None)
    if patients is not None and not start.in_lesions:
        patients = replace(patients, frame=patients.frame.drop(columns=start.heading))
    return replace(lesions, frame=frame, notices=tuple(notices)), patients


def _told(lesions: RawTable, heading: str, start: _Start, days: list[int | None]) -> str:
    place = "" if start.in_lesions else f" ({start.table.file})"
    known = [day for day in days if day is not None]
    span = f": {min(known)} to {max(known)}" if known else ""
    scan = "the date of a visit" if lesions.size_columns is not None else f"'{heading}'"
    return f"{lesions.file}: day is {scan} less '{start.heading}'{place}, in days{span}."


def _start(lesions: RawTable, patients: RawTable | None, options: ReadOptions) -> _Start:
    wanted = options.start_date or ""
    found = []
    for table in (lesions, patients):
        if table is None:
            continue
        names = [str(name) for name in table.frame.columns]
        heading = heading_of("start", names, {"start": wanted})
        if heading is not None:
            patient = likely_heading("patient_id", names, options.mapping) or ""
            if not patient and "patient_id" in options.mapping:
                patient = heading_of("patient_id", names, {}) or ""
            found.append(_Start(table, heading, patient, table is lesions))
    if len(found) == 1:
        return found[0]
    files = " and ".join(t.file for t in (lesions, patients) if t is not None)
    if not found:
        every = [str(n) for t in (lesions, patients) if t is not None for n in t.frame.columns]
        message = f"--start-date {wanted}: there is no such column; found: {listed(every, 20)}."
        raise InputError([Problem(files, "", message, "Give one of these with --start-date.")])
    message = f"both tables have a column '{wanted}'; the start of treatment is expected in one."
    raise InputError([Problem(files, "", message, "Rename one of them.")])


def _scans(lesions: RawTable, options: ReadOptions) -> str:
    """Find the column of the dates of scans."""
    names = [str(name) for name in lesions.frame.columns]
    own = heading_of("day", names, options.mapping)
    dated = [
        n for n in names if "".join(words(n)) in DATES and fold(n) != fold(options.start_date or "")
    ]
    if own is not None:
        return own
    if "day" not in options.mapping and len(dated) == 1:
        return dated[0]
    found = f"the column of the dates of scans is not clear; found: {listed(dated or names, 20)}"
    raise InputError([Problem(lesions.file, "", f"{found}.", "Name it with --map day=COLUMN.")])


def _read(
    table: RawTable, heading: str, options: ReadOptions
) -> tuple[DateColumn, list[Notice], list[Problem]]:
    cells = table.frame[heading]
    dates = date_column(cells, options.date_format, table.date_system, options.missing)
    notices = []
    if dates.n_serials:
        text, day = next(iter(dates.serials.items()))
        said = (
            f"{counted(dates.n_serials, 'number')} read as dates of a spreadsheet that counts from"
        )
        said += f" {table.date_system} ({text} is {day.isoformat()})."
        notices.append(Notice("warning", f"{table.file}, column '{heading}': {said}"))
    problems = date_problems(table.file, heading, cells, table.rows, dates.faults)
    return dates, notices, problems


def _starts(
    start: _Start, lesions: RawTable, patient: str, options: ReadOptions
) -> tuple[Mapping[str, datetime.date | None], list[Notice], list[Problem]]:
    """Give the start of every patient, and what is wrong with them."""
    table = start.table
    dates, notices, problems = _read(table, start.heading, options)
    names = table.frame[start.patient].map(_name)
    begun: dict[str, datetime.date | None] = {}
    two: set[str] = set()
    for name, date in zip(names, dates.values, strict=True):
        if date is not None and begun.get(name) not in (None, date):
            two.add(name)
        begun[name] = begun.get(name) or date
    rows = names.isin(two).to_numpy(dtype=bool)
    if two:
        message = f"a patient has one start of treatment; more than one for {listed(sorted(two))}."
        problems.append(_problem(table, start.heading, rows, message, "Correct the dates."))
    measured = set(lesions.frame[patient].dropna().map(_name))
    faulty = set(names[dates.faults != ""])
    without = sorted(n for n, date in begun.items() if date is None and n in measured - faulty)
    if without:
        rows = names.isin(without).to_numpy(dtype=bool)
        message = f"the start of treatment is empty for {counted(len(without), 'patient')} with"
        message += f" measurements: {listed(without)}."
        mend = "Fill in the date, or leave the patients out of both tables."
        problems.append(_problem(table, start.heading, rows, message, mend))
    return begun, notices, problems


def _doubts(lesions: RawTable, names: pd.Series, days: list[int | None]) -> list[Notice]:
    """Say what is not likely about the days."""
    frame = pd.DataFrame({"name": names, "day": pd.Series(days, dtype=float)}).dropna()
    last = frame.groupby("name")["day"].max()
    before = list(last.index[last.to_numpy() < 0])
    found = []
    if before:
        text = f"{counted(len(before), 'patient')} with every scan before the start of treatment"
        found.append(f"{text}: {listed(before)}.")
    far = [int(lesions.rows[i]) for i, day in enumerate(days) if day is not None and abs(day) > FAR]
    if far:
        shown = ", ".join(str(row) for row in sorted(set(far))[:5])
        text = f"{counted(len(far), 'scan')} more than 20 years from the start of treatment"
        found.append(f"{text} (row {shown}); check the years.")
    return [Notice("warning", f"{lesions.file}: {text}") for text in found]


def _problem(table: RawTable, heading: str, mask: Any, message: str, mend: str) -> Problem:
    rows = tuple(np.unique(table.rows[mask]).tolist())
    return Problem(table.file, heading, message, mend, rows)


def _name(cell: Any) -> str | None:
    """Give a patient's name as the checks do: a whole number loses its .0."""
    if cell is None:
        return None
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell)
