"""Which heading of a file is which column of the program."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lesionhet.errors import Problem
from lesionhet.readers import Notice, RawTable, ReadOptions
from lesionhet.readers.choosing.headings import fold
from lesionhet.readers.table import listed
from lesionhet.schema import LESION_COLUMNS, PATIENT_COLUMNS, Column


@dataclass
class Columns:
    """Headings found for one table.

    Parameters
    ----------
    headings
        Name of the program -> heading in the file.
    extra
        Headings that no name claims.
    problems, notices
        What was found on the way.
    """

    headings: dict[str, str] = field(default_factory=dict)
    extra: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def closest(text: str, candidates: Sequence[str], cutoff: float = 0.5) -> list[str]:
    """Give up to three candidates that are spelled like ``text``, best first.

    Examples
    --------
    >>> closest("diameter_mm", ["n_meas", "longest_diameter_mm"])
    ['longest_diameter_mm']
    """
    folded = {fold(name): name for name in reversed(candidates) if len(name) > 1}
    return [folded[f] for f in difflib.get_close_matches(fold(text), list(folded), 3, cutoff)]


def map_option(name: str, columns: Sequence[str]) -> str:
    """Write the option that maps the first of ``columns``, quoted where the shell needs it.

    Examples
    --------
    >>> print(map_option("day", ["Study day"]), map_option("day", []))
    --map "day=Study day" --map day=COLUMN
    """
    value = f"{name}={columns[0] if columns else 'COLUMN'}"
    return f"--map {value}" if re.fullmatch(r"[\w=.-]+", value) else f'--map "{value}"'


def find_columns(
    raw: RawTable, specs: Sequence[Column], options: ReadOptions, elsewhere: Sequence[str]
) -> Columns:
    """Find the heading of every column that a table can have.

    Parameters
    ----------
    raw
        The table.
    specs
        Columns that it can have.
    options
        ``mapping`` is used.
    elsewhere
        Headings of the other table: a name that both tables know may be mapped in that one only.
    """
    names = [str(name) for name in raw.frame.columns]
    found = Columns()
    for spec in specs:
        mapped = options.mapping.get(spec.name)
        if mapped is not None and mapped not in names:
            mapped = _folded(raw, found, spec, mapped, names)
        if (
            mapped is None
            and spec.name in options.mapping
            and not _shared(spec, elsewhere, options)
        ):
            continue
        heading = mapped or _by_name(raw, found, spec, names)
        if heading is not None:
            found.headings[spec.name] = heading
    used = set(found.headings.values())
    found.extra = [name for name in names if name not in used]
    _displaced(raw, found, options)
    found.problems += [
        _missing(raw, spec, found.extra)
        for spec in specs
        if spec.required
        and spec.name not in found.headings
        and not any(p.column == spec.name for p in found.problems)
        and (spec.name not in options.mapping or _shared(spec, elsewhere, options))
    ]
    return found


def unknown_mappings(
    lesions: RawTable | None, patients: RawTable | None, options: ReadOptions, *, alone: bool
) -> list[Problem]:
    """Find the mappings whose column stands in no table that knows the name.

    Parameters
    ----------
    lesions, patients
        The tables; None for one that could not be read or was not given.
    options
        ``mapping`` is used.
    alone
        Whether no patients table was given at all.
    """
    problems = []
    for name, column in options.mapping.items():
        in_lesions = any(c.name == name for c in LESION_COLUMNS)
        in_patients = any(c.name == name for c in PATIENT_COLUMNS)
        if in_patients and not in_lesions and alone:
            if lesions is not None:
                problems.append(_needs_patients(lesions.file, name, column))
            continue
        unread = (in_lesions and lesions is None) or (
            in_patients and patients is None and not alone
        )
        tables = [
            t for t, wanted in ((lesions, in_lesions), (patients, in_patients)) if t and wanted
        ]
        headings = list(dict.fromkeys(str(h) for table in tables for h in table.frame.columns))
        if not unread and fold(column) not in {fold(heading) for heading in headings}:
            problems.append(_not_there(tables, headings, name, column))
    return problems


def _needs_patients(file: str, name: str, column: str) -> Problem:
    return Problem(
        file,
        "",
        f"--map {name}={column} names a column of the patients table, which is not given.",
        "Give the patients table or leave this --map out.",
    )


def _not_there(tables: list[RawTable], headings: list[str], name: str, column: str) -> Problem:
    near = closest(column, headings)
    return Problem(
        " and ".join(table.file for table in tables),
        "",
        f"--map {name}={column}: there is no column '{column}'; {_seen(near, headings)}.",
        f"Leave it out: there is a column '{name}'."
        if name in headings
        else f"Give {map_option(name, near)}.",
    )


def _shared(spec: Column, elsewhere: Sequence[str], options: ReadOptions) -> bool:
    both = {c.name for c in LESION_COLUMNS} & {c.name for c in PATIENT_COLUMNS}
    column = fold(options.mapping[spec.name])
    return spec.name in both and column in {fold(heading) for heading in elsewhere}


def _by_name(raw: RawTable, found: Columns, spec: Column, names: list[str]) -> str | None:
    return spec.name if spec.name in names else _folded(raw, found, spec, spec.name, names)


def _folded(
    raw: RawTable, found: Columns, spec: Column, wanted: str, names: list[str]
) -> str | None:
    matches = [name for name in names if fold(name) == fold(wanted)]
    if len(matches) > 1:
        found.problems.append(
            Problem(
                raw.file,
                spec.name,
                f"several headings can be meant: {listed(matches)}.",
                f"Choose one: {map_option(spec.name, matches)}.",
            )
        )
        return None
    if matches and matches[0] != spec.name:
        text = f"{raw.file}: heading '{matches[0]}' is read as {spec.name}."
        found.notices.append(Notice("note", text))
    return matches[0] if matches else None


def _displaced(raw: RawTable, found: Columns, options: ReadOptions) -> None:
    """Leave out headings spelled like a name for which a mapping took another column."""
    for name in [n for n in found.extra if n in options.mapping and n in found.headings]:
        found.extra.remove(name)
        text = f"{raw.file}: column '{name}' is ignored: --map takes {name} from"
        found.notices.append(Notice("warning", f"{text} '{found.headings[name]}'."))


def _missing(raw: RawTable, spec: Column, extra: list[str]) -> Problem:
    near = closest(spec.name, extra)
    return Problem(
        raw.file,
        spec.name,
        f"this required column ({spec.meaning}) is missing; {_seen(near, extra)}.",
        f"Rename the heading or give {map_option(spec.name, near)}.",
    )


def _seen(near: list[str], headings: list[str]) -> str:
    return f"closest: {listed(near)}" if near else f"found: {listed(headings, 8) or 'no other'}"
