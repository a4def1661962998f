"""What a person chose to read from a table: columns, units, what counts as an event. Each step is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.errors import UsageError
from lesionhet.readers.choosing.guess import COLUMNS_OF, TableName
from lesionhet.readers.choosing.headings import fold
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.shape import units
from lesionhet.readers.shape.treatment_days import count_days
from lesionhet.readers.shape.units import UNIT_OF
from lesionhet.readers.table import Notice, RawTable, counted, listed

FACTORS: Final = units.FACTORS
"""Unit of the program -> unit of a file -> factor; see `lesionhet.readers.shape.units`."""

SHARED: Final = "patient_id"
"""The column that both tables have."""


@dataclass(frozen=True)
class Chosen:
    """What is read from one table.

    Parameters
    ----------
    headings
        Column of `lesionhet.schema` -> heading in the file; columns not named are not read, even where
        a heading has their name.
    units
        Column -> unit of its values in the file; default: the program's.
    yes
        Flag column -> the text of the cells that mean 1; every other filled cell means 0. Default: cells
        are 0 and 1 already.
    """

    headings: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    yes: Mapping[str, str] = field(default_factory=dict)


def prepare(
    lesions: tuple[RawTable, Chosen],
    patients: tuple[RawTable, Chosen] | None,
    options: ReadOptions,
) -> tuple[RawTable, RawTable | None, ReadOptions]:
    """Give the tables and the mapping as they were chosen, for `lesionhet.cohort.build_cohort`.

    Parameters
    ----------
    lesions, patients
        Each table as read, with what is read from it.
    options
        ``decimal``, ``missing``, ``start_date`` and ``date_format`` are used; its mapping is replaced.

    Returns
    -------
    tuple
        New tables, every change counted in their notices, and the options with the mapping.

    Raises
    ------
    UsageError
        A heading that is not there or that was chosen twice, or an unknown unit.
    InputError
        As `lesionhet.readers.shape.treatment_days.count_days`.

    Examples
    --------
    >>> from lesionhet.readers import from_frame
    >>> raw = from_frame(pd.DataFrame({"pat": ["A"], "size": ["1.5"]}), "lesions")
    >>> chosen = Chosen({"patient_id": "pat", "diameter_mm": "size"}, {"diameter_mm": "cm"})
    >>> table, _, options = prepare((raw, chosen), None, ReadOptions())
    >>> table.frame.iloc[0].tolist(), options.mapping["diameter_mm"]
    (['A', 15.0], 'size')
    """
    given: dict[TableName, tuple[RawTable, Chosen]] = {"lesions": lesions}
    if patients is not None:
        given["patients"] = patients
    mapping: dict[str, str] = {}
    for _, chosen in given.values():
        mapping.update(chosen.headings)
    ids = {chosen.headings.get(SHARED) for _, chosen in given.values()}
    found = {}
    for name, (raw, chosen) in given.items():
        found[name] = _converted(raw, name, chosen, options)
        if len(ids) > 1:
            found[name] = _with_shared_name(found[name], chosen)
    if len(ids) > 1:
        mapping.pop(SHARED)
    options = replace(options, mapping=mapping)
    return *count_days(found["lesions"], found.get("patients"), options), options


def _converted(raw: RawTable, table: TableName, chosen: Chosen, options: ReadOptions) -> RawTable:
    _check(raw, table, chosen)
    frame, notices = raw.frame.copy(), list(raw.notices)
    for name, unit in chosen.units.items():
        if name in chosen.headings and unit != UNIT_OF[name]:
            notices.append(_convert(frame, raw.file, name, chosen, options))
    for name, yes in chosen.yes.items():
        if name in chosen.headings and yes != "1":
            notices.append(_recode(frame, raw.file, (name, chosen.headings[name], yes), options))
    known = {spec.name for spec in COLUMNS_OF[table]}
    used = set(chosen.headings.values())
    aside = [n for n in map(str, frame.columns) if n not in used and _is_known(n, known)]
    if aside:
        notices.append(Notice("note", f"{raw.file}: not read, as chosen: {listed(aside, 20)}."))
    return replace(raw, frame=frame.drop(columns=aside), notices=tuple(notices))


def _with_shared_name(raw: RawTable, chosen: Chosen) -> RawTable:
    """Put the patients under one name where the two tables call them differently."""
    heading = chosen.headings.get(SHARED)
    if heading is None or heading == SHARED:
        return raw
    text = f"{raw.file}: heading '{heading}' is read as {SHARED}, as chosen."
    frame = raw.frame.rename(columns={heading: SHARED})
    return replace(raw, frame=frame, notices=(*raw.notices, Notice("note", text)))


def distinct_texts(raw: RawTable, heading: str, most: int = 12) -> tuple[str, ...]:
    """Give the different texts of a column's cells, sorted; empty where there are more than ``most``."""
    found = sorted(set(_texts(raw.frame[heading]).dropna()))
    return tuple(found) if len(found) <= most else ()


def _check(raw: RawTable, table: TableName, chosen: Chosen) -> None:
    known = {spec.name for spec in COLUMNS_OF[table]}
    if unknown := sorted(set(chosen.headings) - known):
        raise UsageError(f"{listed(unknown)}: permitted: {', '.join(sorted(known))}.")
    there = set(map(str, raw.frame.columns))
    if absent := sorted(set(chosen.headings.values()) - there):
        raise UsageError(
            f"{raw.file} has no column {listed(absent)}; there are: {listed(sorted(there))}."
        )
    used = list(chosen.headings.values())
    if twice := sorted({heading for heading in used if used.count(heading) > 1}):
        names = [name for name, heading in chosen.headings.items() if heading in twice]
        raise UsageError(
            f"{raw.file}: column {listed(twice)} is chosen for {' and '.join(names)}; choose it once."
        )
    for name, unit in chosen.units.items():
        permitted = FACTORS[UNIT_OF[name]] if name in UNIT_OF else {}
        if unit not in permitted:
            raise UsageError(f"The unit of {name} is {unit!r}; permitted: {', '.join(permitted)}.")


def _convert(
    frame: pd.DataFrame, file: str, name: str, chosen: Chosen, options: ReadOptions
) -> Notice:
    heading, unit = chosen.headings[name], chosen.units[name]
    factor = FACTORS[UNIT_OF[name]][unit]
    frame[heading], n = units.multiplied(frame[heading], unit, options.decimal, options.missing)
    text = f"{counted(n, 'value')} multiplied by {factor} ({unit} to {UNIT_OF[name]}), as chosen."
    return Notice("warning", f"{file}, column '{heading}': {text}")


def _recode(
    frame: pd.DataFrame, file: str, event: tuple[str, str, str], options: ReadOptions
) -> Notice:
    name, heading, yes = event
    text = _texts(frame[heading])
    filled = text.notna() & (text != "") & ~text.isin(list(options.missing))
    means_yes = filled & text.eq(yes)
    others = sorted(set(text[filled & ~means_yes]))
    frame[heading] = frame[heading].mask(means_yes, 1).mask(filled & ~means_yes, 0)
    read = f"{counted(int(means_yes.sum()), 'cell')} '{yes}' read as 1"
    rest = f"{counted(int((filled & ~means_yes).sum()), 'cell')} {listed(others)} as 0"
    return Notice("warning", f"{file}, column '{heading}': {read}, {rest} ({name}), as chosen.")


def _is_known(heading: str, known: set[str]) -> bool:
    """Say whether the checks would take a heading for a column by its name."""
    return fold(heading) in known


def _texts(cells: pd.Series) -> pd.Series:
    """Give cells as text; a whole number is the same whether it is written 1, 1.0 or stored."""

    def text(cell: Any) -> str:
        if isinstance(cell, bool | np.bool_):
            return str(int(cell))
        return re.sub(r"^([+-]?[0-9]+)\.0*$", r"\1", str(cell).strip())

    return cells.map(text, na_action="ignore")
