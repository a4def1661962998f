"""Several sheets with the same headings as one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from lesionhet.errors import InputError, Problem
from lesionhet.readers.choosing.headings import fold, heading_of
from lesionhet.readers.table import Notice, RawTable, counted, fail, listed


def headings_agree(one: RawTable, other: RawTable) -> bool:
    """Say whether two tables have the same headings, in any order; case and spaces do not count.

    Examples
    --------
    >>> from lesionhet.readers import from_frame
    >>> one = from_frame(pd.DataFrame({"Lesion": [1], "size": [9]}), "a")
    >>> headings_agree(one, from_frame(pd.DataFrame({"Size": [8], "lesion": [2]}), "b"))
    True
    """
    return _folded(one) == _folded(other)


def stack(
    file: str, sha256: str, tables: Mapping[str, RawTable], named: str, empty: Sequence[str] = ()
) -> RawTable:
    """Put the tables of several sheets below each other.

    Parameters
    ----------
    file, sha256
        As in `RawTable`.
    tables
        Name of a sheet -> its table.
    named
        Column that the sheets' names fill; ``"rows"``: none.
    empty
        Sheets without any cell, for the notice.

    Returns
    -------
    The headings as the first sheet spells them. ``rows`` are those of each sheet.

    Raises
    ------
    InputError
        No sheet, sheets with other headings than the first, or a column that is there already.

    Examples
    --------
    >>> from lesionhet.readers import from_frame
    >>> sheets = {name: from_frame(pd.DataFrame({"lesion": [1]}), "t") for name in ("P1", "P2")}
    >>> stack("t.xlsx", "", sheets, "patient_id").frame.values.tolist()
    [['P1', 1], ['P2', 1]]
    """
    if not tables:
        raise fail(file, "no sheet holds a table to stack.", "Leave --stack-sheets out.")
    first = next(iter(tables.values()))
    if problems := [
        _differs(table, first) for table in tables.values() if not headings_agree(table, first)
    ]:
        raise InputError(problems)
    own = {fold(name): name for name in map(str, first.frame.columns)}
    taken = None if named == "rows" else heading_of(named, list(own.values()), {})
    if taken is not None:
        raise fail(
            file,
            f"the sheets have a column '{taken}' already, so that their names cannot be the {named}.",
            "Give --stack-sheets rows.",
        )
    frames = []
    for name, table in tables.items():
        frame = table.frame.rename(columns={str(c): own[fold(str(c))] for c in table.frame.columns})
        frame = frame[list(own.values())]
        if named != "rows":
            frame.insert(0, named, pd.Series([name] * len(frame), dtype=object))
        frames.append(frame)
    rows = np.concatenate([table.rows for table in tables.values()])
    notices = [_said(file, list(tables), named, empty), *_together(file, tables)]
    frame = pd.concat(frames, ignore_index=True).astype(object)
    frame = frame.where(frame.notna(), None)
    sheets = np.array(
        [name for name, t in tables.items() for _ in range(len(t.rows))], dtype=object
    )
    return replace(
        first,
        frame=frame,
        file=file,
        sha256=sha256,
        rows=rows,
        notices=tuple(notices),
        sheets=sheets,
    )


def _folded(table: RawTable) -> list[str]:
    return sorted(fold(str(name)) for name in table.frame.columns)


def _differs(table: RawTable, first: RawTable) -> Problem:
    own, expected = ([str(name) for name in t.frame.columns] for t in (table, first))
    lacking = [n for n in expected if fold(n) not in set(map(fold, own))]
    more = [n for n in own if fold(n) not in set(map(fold, expected))]
    parts = [f"lacks {listed(lacking)}"] if lacking else []
    parts += [f"has {listed(more)} besides"] if more else []
    return Problem(
        table.file,
        "",
        f"the headings are not those of the first sheet: it {' and '.join(parts)}.",
        "Rename the headings alike, or leave the sheet out with --skip-sheet.",
    )


def _said(file: str, names: Sequence[str], named: str, empty: Sequence[str]) -> Notice:
    text = f"{file}: {counted(len(names), 'sheet')} read as one table: {listed(names)}."
    if named != "rows":
        text += f" The name of a sheet is its {named}."
    if empty:
        text += f" Empty and left out: {listed(empty)}."
    return Notice("note", f"{text} Row numbers in messages are those of each sheet.")


def _together(file: str, tables: Mapping[str, RawTable]) -> list[Notice]:
    """Say once what was noticed in several sheets."""
    found: dict[Notice, list[str]] = {}
    for name, table in tables.items():
        for notice in table.notices:
            plain = Notice(notice.level, notice.text.removeprefix(table.file))
            found.setdefault(plain, []).append(name)
    return [
        Notice(n.level, f"{file}, sheet{'' if len(names) == 1 else 's'} {listed(names)}{n.text}")
        for n, names in found.items()
    ]
