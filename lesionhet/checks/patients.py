"""The rules of the patients table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from lesionhet.checks import cells
from lesionhet.checks.columns import Columns, find_columns
from lesionhet.checks.labels import near_identifiers, near_labels, tidy_labels
from lesionhet.checks.place import Checked
from lesionhet.errors import Problem
from lesionhet.readers import Notice, RawTable, ReadOptions
from lesionhet.readers.table import listed
from lesionhet.schema import LESION_COLUMNS, PATIENT_COLUMNS, Column

MOSTLY_NUMBERS: Final = 0.8
"""Share of numbers from which a covariate with other cells is worth a warning."""
_SURVIVAL: Final = (("os_days", "os_event"), ("pfs_days", "pfs_event"))


def check_patients(raw: RawTable, options: ReadOptions, elsewhere: Sequence[str] = ()) -> Checked:
    """Check the patients table.

    Parameters
    ----------
    raw
        The table as read.
    options
        How to read it.
    elsewhere
        Headings of the lesions table, for mappings that concern that one only.

    Returns
    -------
    Its rows, covariates included, with every problem.
    """
    columns = find_columns(raw, PATIENT_COLUMNS, options, elsewhere)
    columns.notices += _misplaced(raw, columns)
    frame = _convert(raw, columns, options)
    _covariates(raw, columns, options, frame)
    checked = Checked(raw.file, frame, columns.headings, (), (), raw.made_of)
    problems = [
        *columns.problems,
        *_pairs(raw, checked, options),
        *_order(checked),
        *_progressions(checked),
    ]
    if checked.has("patient_id"):
        problems += _once(checked)
        where = checked.where("patient_id")
        columns.notices += near_identifiers(frame["patient_id"], where)
    notices = (*raw.notices, *columns.notices)
    return Checked(raw.file, frame, columns.headings, tuple(problems), notices, raw.made_of)


def _misplaced(raw: RawTable, columns: Columns) -> list[Notice]:
    """Leave out columns of the lesions table, which would be taken for the lesions' own."""
    own = {c.name for c in LESION_COLUMNS}
    names = [name for name in columns.extra if name in own]
    columns.extra = [name for name in columns.extra if name not in own]
    if not names:
        return []
    text = f"{raw.file}: columns ignored: {listed(names)}. They belong in the lesions table."
    return [Notice("warning", text)]


def _convert(raw: RawTable, columns: Columns, options: ReadOptions) -> pd.DataFrame:
    frame = pd.DataFrame(index=raw.rows)
    checked = Checked(raw.file, frame, columns.headings, (), (), raw.made_of)
    for spec in [c for c in PATIENT_COLUMNS if c.name in columns.headings]:
        raw_cells = _filled(raw, columns.headings[spec.name], options)
        place = checked.place(spec.name)
        if spec.required:
            columns.problems += cells.empty_cells(spec, raw_cells, place)
        if spec.kind == "text":
            frame[spec.name], found = cells.text_column(spec, raw_cells, place)
        elif spec.kind == "flag":
            frame[spec.name], found = cells.flag_column(spec, raw_cells, place, options)
        else:
            frame[spec.name], found = cells.number_column(spec, raw_cells, place, options)
        columns.problems += found
        if spec.kind == "text" and not spec.required:
            frame[spec.name] = _labels(frame[spec.name], raw.file, spec, columns)
    return frame


def _covariates(raw: RawTable, columns: Columns, options: ReadOptions, frame: pd.DataFrame) -> None:
    """Add the columns that the program does not know, as numbers or text."""
    for name in columns.extra:
        raw_cells = _filled(raw, name, options)
        values = cells.as_numbers(raw_cells, options, flags=True)
        columns.headings[name] = name
        other = raw_cells.notna() & values.isna()
        if not other.any():
            frame[name] = values
            continue
        if values.notna().sum() >= MOSTLY_NUMBERS * raw_cells.notna().sum():
            found = listed(sorted(set(cells.texts(raw_cells[other]))))
            text = f"{raw.file}, column '{name}': read as text because of {found}; the other cells"
            columns.notices.append(Notice("warning", f"{text} are numbers."))
        spec = Column(name, "text", False, "covariate")
        frame[name] = _labels(cells.texts(raw_cells), raw.file, spec, columns)


def _labels(values: pd.Series, file: str, spec: Column, columns: Columns) -> pd.Series:
    where = f"{file}, column '{columns.headings[spec.name]}'"
    tidy, notices = tidy_labels(values, where)
    columns.notices += [*notices, *near_labels(tidy, where, "patient")]
    return tidy


def _once(checked: Checked) -> list[Problem]:
    frame = checked.frame
    twice = frame["patient_id"].notna() & frame["patient_id"].duplicated(keep=False)
    names = list(dict.fromkeys(frame.loc[twice, "patient_id"]))
    return checked.place("patient_id").problems(
        twice,
        f"the table has one row a patient; more than one for {listed(names)}.",
        "Keep one row for each patient.",
    )


def _pairs(raw: RawTable, checked: Checked, options: ReadOptions) -> list[Problem]:
    """Find event flags without their time and times without their flag."""
    problems = []
    for time, event in _SURVIVAL:
        for there, lacking in ((event, time), (time, event)):
            if checked.has(there) and not checked.has(lacking):
                message = f"column {lacking} is missing; {there} means nothing without it."
                place = checked.place(there)
                mend = f"Add {lacking}, or name it with --map {lacking}=COLUMN."
                problems.append(Problem(place.file, place.column, message, mend))
            elif checked.has(there, lacking):
                # Cells that are filled but wrong are reported by themselves.
                filled = [
                    _filled(raw, checked.headings[n], options).notna() for n in (there, lacking)
                ]
                alone = filled[0] & ~filled[1]
                problems += checked.place(there).problems(
                    alone,
                    f"{there} is given where {lacking} is empty.",
                    f"Fill in {lacking} or empty {there}.",
                )
    return problems


def _filled(raw: RawTable, heading: str, options: ReadOptions) -> pd.Series:
    """Give the cells of a column by row number, None where empty."""
    return cells.blank(raw.frame[heading].set_axis(raw.rows), options.missing)


def _order(checked: Checked) -> list[Problem]:
    if not checked.has("os_days", "pfs_days"):
        return []
    frame = checked.frame
    late = frame["pfs_days"] > frame["os_days"]
    first = frame[late].head(1)
    found = "".join(
        f"{p:g} > {o:g}" for p, o in zip(first["pfs_days"], first["os_days"], strict=True)
    )
    return checked.place("pfs_days").problems(
        late,
        f"progression-free survival is longer than overall survival ({found}).",
        "Correct pfs_days or os_days; both count from the start of treatment.",
    )


def _progressions(checked: Checked) -> list[Problem]:
    if not checked.has("progressed", "pfs_event"):
        return []
    frame = checked.frame
    return checked.place("progressed").problems(
        frame["progressed"].eq(1) & frame["pfs_event"].eq(0),
        "progressed is 1 where pfs_event is 0; a progression is a PFS event.",
        "Set pfs_event to 1 or progressed to 0.",
    )
