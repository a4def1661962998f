"""From a table as it was typed to the two tables of the program: filled, long, in days and in mm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.errors import InputError, Problem
from lesionhet.readers.choosing.headings import (
    LENGTHS,
    TIMES,
    UNIT_OF,
    fold,
    heading_of,
    likely_heading,
    unit_in,
)
from lesionhet.readers.distinct import distinct_texts
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.shape.layout import SUM_WORDS
from lesionhet.readers.shape.treatment_days import count_days
from lesionhet.readers.shape.units import multiplied
from lesionhet.readers.shape.visits import visit_of
from lesionhet.readers.shape.wide import melt
from lesionhet.readers.table import Notice, RawTable, counted, fail, listed
from lesionhet.schema import LESION_COLUMNS, PATIENT_COLUMNS, Column


def arrange(
    lesions: RawTable, patients: RawTable | None, options: ReadOptions
) -> tuple[RawTable, RawTable | None]:
    """Bring tables as they were typed into the form that the checks read; every step is a notice.

    Parameters
    ----------
    lesions, patients
        The tables as read.
    options
        ``fill_down``, ``wide``, ``visit_days``, ``start_date``, ``date_format`` and ``units`` are used.

    Raises
    ------
    InputError
        What `shape_lesions`, `lesionhet.readers.shape.treatment_days.count_days` and the units find.

    Examples
    --------
    >>> import pandas as pd
    >>> from lesionhet.readers import from_frame
    >>> wide = pd.DataFrame({"patient_id": ["P"], "lesion_id": ["L"], "BL (cm)": [3], "W8 (cm)": [2]})
    >>> arrange(from_frame(wide, "t"), None, ReadOptions())[0].frame.values.tolist()
    [['P', 'L', 'BL', 0.0, 30.0], ['P', 'L', 'W8', 56.0, 20.0]]
    """
    lesions = shape_lesions(lesions, options)
    lesions, patients = count_days(lesions, patients, options)
    if options.start_date is not None and "day" in options.units:
        raise fail(lesions.file, "the days are counted from dates.", "Leave --unit day out.", "day")
    problems = [
        *_foreign_units(lesions, LESION_COLUMNS, options),
        *([] if patients is None else _foreign_units(patients, PATIENT_COLUMNS, options)),
        *_unused_units([t for t in (lesions, patients) if t is not None], options),
    ]
    if problems:
        raise InputError(problems)
    return (
        _in_own_units(lesions, options),
        None if patients is None else _in_own_units(patients, options),
    )


def shape_lesions(raw: RawTable, options: ReadOptions) -> RawTable:
    """Fill down, leave sums out, make a wide table long and read days from the names of visits.

    Parameters
    ----------
    raw
        The lesions table as read.
    options
        As in `arrange`.

    Returns
    -------
    The table with every step in its notices; a table in which there is nothing to do comes back as it is.

    Raises
    ------
    InputError
        A column to fill down that is not there, or what `lesionhet.readers.shape.wide.melt` finds.

    Examples
    --------
    >>> import pandas as pd
    >>> from lesionhet.readers import from_frame
    >>> rows = pd.DataFrame({"patient": ["P1", None], "lesion": ["L1", "L2"], "day": [0, 0]})
    >>> shaped = shape_lesions(from_frame(rows, "t"), ReadOptions(fill_down=("patient",)))
    >>> shaped.frame["patient"].tolist(), shaped.notices[0].text
    (['P1', 'P1'], "t, column 'patient': 1 empty cell repeats the cell above, as chosen.")
    """
    raw = _fill_down(raw, options)
    raw = _without_sums(raw, options)
    long = melt(raw, options)
    is_placed = "day" in long.frame.columns and "day" not in raw.frame.columns
    return long if is_placed else _days_of_visits(long, options)


def _fill_down(raw: RawTable, options: ReadOptions) -> RawTable:
    names = [str(name) for name in raw.frame.columns]
    if not options.fill_down:
        return raw
    frame, notices = raw.frame.copy(), list(raw.notices)
    for wanted in options.fill_down:
        heading = heading_of("fill", names, {"fill": wanted})
        if heading is None:
            raise fail(
                raw.file,
                f"--fill-down {wanted}: there is no such column; found: {listed(names, 20)}.",
                "Give one of these with --fill-down.",
            )
        cells = frame[heading]
        empty = cells.isna() | cells.map(lambda cell: isinstance(cell, str) and not cell.strip())
        kept: list[Any] = []
        for cell, is_empty in zip(cells, empty, strict=True):
            kept.append((kept[-1] if kept else None) if is_empty else cell)
        n = sum(new is not None for new, was in zip(kept, empty, strict=True) if was)
        frame[heading] = pd.Series(kept, index=frame.index, dtype=object)
        verb = "repeats" if n == 1 else "repeat"
        text = f"{counted(n, 'empty cell')} {verb} the cell above, as chosen."
        notices.append(Notice("warning", f"{raw.file}, column '{heading}': {text}"))
    return replace(raw, frame=frame, notices=tuple(notices))


def _without_sums(raw: RawTable, options: ReadOptions) -> RawTable:
    """Leave out rows whose lesion is called 'Sum', 'Total' and the like."""
    names = [str(name) for name in raw.frame.columns]
    heading = likely_heading("lesion_id", names, options.mapping)
    if heading is None:
        return raw
    cells = raw.frame[heading]
    distinct = distinct_texts(cells)
    sums = cells.map(_is_sum) if distinct is None else distinct.each(_is_sum)
    mask = np.asarray(sums, dtype=bool)
    if not mask.any() or mask.all():
        return raw
    rows = sorted(set(raw.rows[mask].tolist()))
    shown = ", ".join(map(str, rows[:5])) + (f" and {len(rows) - 5} more" if len(rows) > 5 else "")
    found = listed(sorted(set(raw.frame.loc[mask, heading].map(str.strip))))
    text = f"{raw.file}, column '{heading}': {counted(int(mask.sum()), 'row')} of sums, not of lesions,"
    text += f" passed over: {found} (row{'' if len(rows) == 1 else 's'} {shown})."
    return replace(
        raw,
        frame=raw.frame.loc[~mask].reset_index(drop=True),
        rows=raw.rows[~mask],
        sheets=None if raw.sheets is None else raw.sheets[~mask],
        notices=(*raw.notices, Notice("warning", text)),
    )


def _is_sum(cell: object) -> bool:
    return isinstance(cell, str) and SUM_WORDS.fullmatch(cell) is not None


def _days_of_visits(raw: RawTable, options: ReadOptions) -> RawTable:
    """Add the column ``day`` where only the names of visits say it."""
    names = [str(name) for name in raw.frame.columns]
    heading = heading_of("visit", names, options.mapping)
    known = "day" in options.mapping or options.start_date is not None
    if heading is None or known or likely_heading("day", names, {}) is not None:
        _check_used(raw, options, [])
        return raw
    chosen = {fold(name): day for name, day in options.visit_days.items()}
    days: dict[str, float | None] = {}
    for label in raw.frame[heading].dropna().map(str).unique():
        visit = visit_of(label)
        days[label] = chosen.get(fold(label), None if visit is None else visit.day)
    _check_used(raw, options, list(days))
    known_days = {label: day for label, day in days.items() if day is not None}
    if not known_days:
        return raw
    if len(known_days) < len(days):
        unknown = [label for label in days if label not in known_days]
        found = f"there are no days, and these visits do not name one: {listed(unknown, 20)}"
        mend = f'Give the day of each, such as --visit-day "{unknown[0]}=42".'
        mask = raw.frame[heading].map(str).isin(unknown).to_numpy(dtype=bool)
        rows = tuple(np.unique(raw.rows[mask]).tolist())
        raise InputError([Problem(raw.file, heading, f"{found}.", mend, rows)])
    said = ", ".join(f"'{label}' is day {day:g}" for label, day in known_days.items())
    text = f"{raw.file}, column '{heading}': the days are those that the visits name: {said}."
    text += " --visit-day changes one."
    frame = raw.frame.copy()
    frame["day"] = frame[heading].map(lambda c: None if c is None else days[str(c)]).astype(object)
    notices = (*raw.notices, Notice("warning", text))
    return replace(raw, frame=frame.where(frame.notna(), None), notices=notices)


def _check_used(raw: RawTable, options: ReadOptions, labels: Sequence[str]) -> None:
    """Refuse days of visits that the table does not have."""
    there = {fold(label) for label in labels}
    if unused := [name for name in options.visit_days if fold(name) not in there]:
        found = f"; found: {listed(labels, 20)}" if labels else ", and the days stand elsewhere"
        raise fail(
            raw.file,
            f"--visit-day names {listed(unused)}, which no heading and no cell of a column of visits "
            f"is{found}.",
            "Spell the visit as the table does, or leave --visit-day out.",
        )


def _foreign_units(raw: RawTable, specs: Sequence[Column], options: ReadOptions) -> list[Problem]:
    """Find headings that name another unit than the program's, where nothing was said about it."""
    names = [str(name) for name in raw.frame.columns]
    problems = []
    for name in (n for n in UNIT_OF if n not in options.units and _has(specs, n)):
        heading = heading_of(name, names, options.mapping)
        if heading is None or (options.start_date is not None and name == "day"):
            continue
        named = unit_in(heading, LENGTHS if UNIT_OF[name] == "mm" else TIMES)
        if named and named != UNIT_OF[name]:
            message = f"the heading says {named}; {name} is in {UNIT_OF[name]}."
            mend = f"Give --unit {name}={named}, or --unit {name}={UNIT_OF[name]} if the values are so."
            problems.append(Problem(raw.file, heading, message, mend))
    return problems


def _unused_units(tables: list[RawTable], options: ReadOptions) -> list[Problem]:
    headings = [str(name) for table in tables for name in table.frame.columns]
    files = " and ".join(table.file for table in tables)
    return [
        Problem(
            files,
            "",
            f"--unit {name}={unit}: there is no column {name}.",
            f"Name it with --map {name}=COLUMN, or leave this --unit out.",
        )
        for name, unit in options.units.items()
        if heading_of(name, headings, options.mapping) is None
    ]


def _in_own_units(raw: RawTable, options: ReadOptions) -> RawTable:
    names = [str(name) for name in raw.frame.columns]
    frame, notices = raw.frame.copy(), list(raw.notices)
    for name, unit in options.units.items():
        heading = heading_of(name, names, options.mapping)
        if heading is None or unit == UNIT_OF[name]:
            continue
        frame[heading], n = multiplied(frame[heading], unit, options.decimal, options.missing)
        text = f"{counted(n, 'value')} converted from {unit} to {UNIT_OF[name]}, as chosen."
        notices.append(Notice("warning", f"{raw.file}, column '{heading}': {text}"))
    return replace(raw, frame=frame, notices=tuple(notices))


def _has(specs: Sequence[Column], name: str) -> bool:
    return any(spec.name == name for spec in specs)
