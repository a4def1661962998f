"""Wide tables: one row a lesion with a column a visit, or one row a visit with a column a lesion.

A table is taken for wide where it has a column of lesions, no column ``day`` or ``diameter_mm``, and sizes
under the names of two visits or more; or days, no column of lesions or sizes, and two columns that are
numbered lesions. `ReadOptions.wide` decides otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.errors import InputError, Problem
from lesionhet.readers.choosing.headings import fold, heading_of, likely_heading
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.shape.lesion_columns import lesions_across
from lesionhet.readers.shape.units import multiplied
from lesionhet.readers.shape.visit_groups import Group, find_groups
from lesionhet.readers.table import Notice, RawTable, counted, listed

LEAST_VISITS: Final = 2


def melt(raw: RawTable, options: ReadOptions) -> RawTable:
    """Make a wide lesions table long; another table comes back as it is.

    Parameters
    ----------
    raw
        The lesions table as read.
    options
        ``wide``, ``visit_days``, ``mapping`` and ``start_date`` are used.

    Returns
    -------
    One row a size with the columns ``visit``, ``day`` (a date where dates are read: see
    `lesionhet.readers.shape.dates`) and ``diameter_mm`` beside the others. ``rows`` are those of the file;
    ``size_columns`` names the column that each size stood in.

    Raises
    ------
    InputError
        Visits whose day cannot be told, two visits on one day, or a table that is not wide and should be.

    Examples
    --------
    >>> from lesionhet.readers import from_frame
    >>> wide = from_frame(pd.DataFrame({"lesion_id": ["L1"], "Baseline": [30], "W8": [20]}), "t")
    >>> long = melt(wide, ReadOptions())
    >>> long.frame.values.tolist(), long.rows.tolist()
    ([['L1', 'Baseline', 0.0, 30], ['L1', 'W8', 56.0, 20]], [2, 2])
    >>> print(long.notices[0].text)
    t: read as a wide table, one row a lesion: 'Baseline' is day 0, 'W8' is day 56. --visit-day changes a
    day, --not-wide reads the table as it stands.
    """
    if options.wide is False:
        return raw
    across = lesions_across(raw, options)
    if across is not None:
        return across
    names = [str(name) for name in raw.frame.columns]
    groups, kept = find_groups(names, options)
    if not _is_wide(names, groups, options):
        if options.wide:
            raise InputError([_not_wide(raw, names)])
        return raw
    problems = [*_unused(raw, groups, options), *_clashes(raw, kept, groups)]
    by_date = _by_date(groups, options)
    problems += _undated(raw, groups, options) if by_date else _undetermined(raw, groups)
    if problems:
        raise InputError(problems)
    return _long(raw, groups, kept, options)


def _is_wide(names: Sequence[str], groups: Sequence[Group], options: ReadOptions) -> bool:
    chosen = {fold(name) for name in options.visit_days}
    if options.wide or any(chosen & {fold(g.label), fold(g.size)} for g in groups):
        return bool(groups)
    own = [heading_of(name, names, options.mapping) for name in ("day", "diameter_mm")]
    lesion = likely_heading("lesion_id", names, options.mapping)
    return len(groups) >= LEAST_VISITS and lesion is not None and not any(own)


def _by_date(groups: Sequence[Group], options: ReadOptions) -> bool:
    """Say whether the visits are placed by dates: where a start is named and a date stands anywhere."""
    if any(group.at for group in groups):
        return False
    return options.start_date is not None and any(g.when or g.date for g in groups)


def _not_wide(raw: RawTable, names: Sequence[str]) -> Problem:
    return Problem(
        raw.file,
        "",
        "no heading names a visit, such as 'Baseline', 'Week 8', 'Day 57' or 'Size 2'; found: "
        f"{listed(names, 8)}.",
        "Name the visits with --visit-day HEADING=DAY, or leave --wide out.",
    )


def _unused(raw: RawTable, groups: Sequence[Group], options: ReadOptions) -> list[Problem]:
    there = {fold(text) for group in groups for text in (group.label, group.size)}
    unused = [name for name in options.visit_days if fold(name) not in there]
    if not unused:
        return []
    return [
        Problem(
            raw.file,
            "",
            f"--visit-day names {listed(unused)}, which no heading of a visit is; found: "
            f"{listed([group.label for group in groups], 8)}.",
            "Spell the visit as the heading does.",
        )
    ]


def _clashes(raw: RawTable, kept: Sequence[str], groups: Sequence[Group]) -> list[Problem]:
    """Find columns that would stand twice, and visits that share a day."""
    problems = []
    for name in ("day", "diameter_mm"):
        if (heading := heading_of(name, kept, {})) is not None:
            found = f"the table has a column '{heading}' and a column a visit"
            mend = "Rename or remove one of them, or give --not-wide."
            problems.append(Problem(raw.file, heading, f"{found}.", mend))
    days: dict[float, list[str]] = {}
    for group in groups:
        if group.day is not None and not group.at and not group.when:
            days.setdefault(group.day, []).append(group.label)
    for day, labels in days.items():
        if len(labels) > 1:
            found = f"{listed(labels)} are all day {day:g}; a lesion has one size a day"
            mend = f'Give one of them its own day, such as --visit-day "{labels[0]}=-14".'
            problems.append(Problem(raw.file, "", f"{found}.", mend))
    return problems


def _undetermined(raw: RawTable, groups: Sequence[Group]) -> list[Problem]:
    unknown = [group for group in groups if group.day is None and not group.at]
    if not unknown:
        return []
    labels = [group.size if group.label.isdigit() else group.label for group in unknown]
    mend = f'Give the day of each, such as --visit-day "{labels[0]}=42"'
    if any(group.when or group.date for group in unknown):
        mend += ", or name the column of the start of treatment with --start-date"
    found = f"the day of {counted(len(unknown), 'visit')} cannot be told by its heading"
    if len(unknown) > 1:
        found = f"the days of {len(unknown)} visits cannot be told by their headings"
    return [Problem(raw.file, "", f"{found}: {listed(labels, 20)}.", f"{mend}.")]


def _undated(raw: RawTable, groups: Sequence[Group], options: ReadOptions) -> list[Problem]:
    """Find visits without a date among dated ones, and days that were given beside dates."""
    if options.visit_days:
        found = f"--visit-day gives days to {listed(list(options.visit_days))}, but --start-date counts them"
        mend = "Leave one of the two options out."
        return [Problem(raw.file, "", f"{found} from dates.", mend)]
    without = [group.label for group in groups if not (group.when or group.date)]
    if not without:
        return []
    found = f"{listed(without, 20)} have no date, which the other visits have"
    mend = "Give every visit a column of dates, or leave --start-date out and give --visit-day."
    return [Problem(raw.file, "", f"{found}.", mend)]


def _long(
    raw: RawTable, groups: Sequence[Group], kept: Sequence[str], options: ReadOptions
) -> RawTable:
    by_date = _by_date(groups, options)
    n, m = len(raw.frame), len(groups)
    frame = raw.frame[list(kept)].loc[np.repeat(raw.frame.index, m)].reset_index(drop=True)
    if heading_of("visit", kept, {}) is None:
        frame["visit"] = pd.Series([group.label for group in groups] * n, dtype=object)
    days = [_days(raw, group, by_date=by_date) for group in groups]
    scaled = [_sizes(raw, group, options) for group in groups]
    frame["day"] = _interleaved(days)
    frame["diameter_mm"] = _interleaved([sizes for sizes, _ in scaled])
    notices = [
        *raw.notices,
        _told(raw, groups, by_date=by_date),
        *_left(raw, groups, by_date=by_date),
    ]
    if n_cm := sum(n for _, n in scaled):
        text = f"{raw.file}: {counted(n_cm, 'size')} multiplied by 10: the headings say cm."
        notices.append(Notice("warning", text))
    columns = np.array([group.size for group in groups] * n, dtype=object)
    rows = np.repeat(raw.rows, m)
    empty = (frame["day"].isna() & frame["diameter_mm"].isna()).to_numpy()
    if n_empty := int(empty.sum()):
        text = (
            f"{raw.file}: {counted(n_empty, 'visit')} of a lesion without day and size passed over."
        )
        notices.append(Notice("note", text))
    return replace(
        raw,
        frame=frame.loc[~empty].reset_index(drop=True),
        rows=rows[~empty],
        notices=tuple(notices),
        sheets=None if raw.sheets is None else np.repeat(raw.sheets, m)[~empty],
        size_columns=columns[~empty],
    )


def _days(raw: RawTable, group: Group, *, by_date: bool) -> Sequence[Any]:
    if group.at:
        return list(raw.frame[group.at])
    if by_date and group.when:
        return list(raw.frame[group.when])
    return [group.date if by_date else group.day] * len(raw.frame)


def _sizes(raw: RawTable, group: Group, options: ReadOptions) -> tuple[Sequence[Any], int]:
    cells = raw.frame[group.size]
    if group.unit != "cm":
        return list(cells), 0
    scaled, n = multiplied(cells, "cm", options.decimal, options.missing)
    return list(scaled), n


def _interleaved(columns: Sequence[Sequence[Any]]) -> pd.Series:
    """Put columns into one, row by row; empty cells stay None."""
    cells = [cell for row in zip(*columns, strict=True) for cell in row]
    return pd.Series(cells, dtype=object).where(lambda s: s.notna(), None)


def _told(raw: RawTable, groups: Sequence[Group], *, by_date: bool) -> Notice:
    said = [_place(group, by_date=by_date) for group in groups]
    text = f"{raw.file}: read as a wide table, one row a lesion: {', '.join(said)}."
    return Notice(
        "warning",
        f"{text} --visit-day changes a day, --not-wide reads the table as it stands.",
    )


def _place(group: Group, *, by_date: bool) -> str:
    if group.at:
        return f"'{group.size}' on the day of '{group.at}'"
    if by_date and group.when:
        return f"'{group.size}' on the date of '{group.when}'"
    return f"'{group.label}' is a date" if by_date else f"'{group.label}' is day {group.day:g}"


def _left(raw: RawTable, groups: Sequence[Group], *, by_date: bool) -> list[Notice]:
    """Name the columns of visits that are not read."""
    others = [name for group in groups for name in group.others]
    found = []
    if others:
        text = f"{raw.file}: not read of the visits: {listed(others)}."
        found.append(Notice("warning", text))
    dates = [group.when for group in groups if group.when]
    if dates and not by_date:
        text = f"{raw.file}: the dates {listed(dates)} are not read: the days are those of the headings."
        found.append(Notice("warning", f"{text} --start-date COLUMN counts days from the dates."))
    return found
