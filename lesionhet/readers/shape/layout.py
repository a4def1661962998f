"""Where in a grid of cells the table stands: its heading, its rows, and what is around them.

The rules, the same for every format that is a grid:

1. The heading is the first row that fills more than half of the columns of the widest row. A row among the
   first 30 without a number goes before it where it holds at least two known headings and more of them.
2. Two rows are one heading where the upper one spans columns that the lower one names ('Baseline' over
   'Date' and 'Size'): merged cells, or empty cells to the right over names that repeat, where nothing
   stands below the other names of the upper row.
3. Rows at the end that begin like a footnote or a sum, and lone cells of text there, are not the table.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.readers.choosing.headings import fold, without_unit, words
from lesionhet.readers.choosing.synonyms import DATES, SYNONYMS
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.shape.spans import Merged, combined, fill_merged, two_rows
from lesionhet.readers.shape.units import number_in
from lesionhet.readers.table import Notice, RawTable, counted, fail, finish, listed

LOOKED_AT: Final = 30
"""Rows among which known headings are sought."""
WIDEST_OF: Final = 200
"""Rows of which the widest says how wide the table is."""
KNOWN_HEADINGS: Final = 2
_ALSO_VALUES: Final = frozenset(
    (
        *(
            "target",
            "new",
            "scan",
            "cycle",
            "group",
            "pd",
            "progression",
            "ld",
            "ldiam",
            "diameter",
        ),
        *(
            "longestdiameter",
            "dead",
            "death",
            "died",
            "event",
            "os",
            "pfs",
            "ras",
            "case",
            "id",
            "start",
        ),
    )
)
"""Usual headings that stand in cells too, and so do not tell a heading from a row."""
_KNOWN: Final = frozenset(
    {name.replace("_", "") for name in SYNONYMS}
    | {name for names in SYNONYMS.values() for name in names}
    | DATES
).difference(_ALSO_VALUES)
_SUMS: Final = (
    "total|subtotal|grand total|sum|sums|sum of (?:the )?(?:longest |target |lesion )*"
    "(?:diameters?|lesions?|sizes?)|sld|sod|mean|average|median|count"
)
SUM_WORDS: Final = re.compile(rf"\W*(?:{_SUMS})\W*", re.IGNORECASE)
"""A cell that names a sum or a mean instead of a lesion."""
_FOOTNOTE: Final = re.compile(
    r"\s*(?:[*†‡§#]|\(?\d\)|(?:source|sources|notes?|legend|abbreviations?|abbr|remarks?|comments?"
    r"|footnotes?|key|n\.?b|created|printed|exported|generated|prepared by|version|confidential|page"
    rf"|end of (?:table|file|report|data)|{_SUMS})\b)",
    re.IGNORECASE,
)
_LONE_WORDS: Final = 4
"""Words from which a row of one cell is a remark."""


@dataclass(frozen=True)
class Heading:
    """Where the heading stands.

    Parameters
    ----------
    first, last
        Its rows, counted from 0; the same but for a heading of two rows.
    names
        One a column; empty where there is none.
    """

    first: int
    last: int
    names: tuple[str, ...]


def table_of(
    file: str,
    sha256: str,
    grid: Sequence[Sequence[Any]],
    options: ReadOptions,
    notices: Sequence[Notice] = (),
    merged: Sequence[Merged] = (),
) -> RawTable:
    r"""Find the table in a grid of cells.

    Parameters
    ----------
    file, sha256
        As in `RawTable`.
    grid
        Rows of cells, the first one row 1; rows may be of unequal length. None or empty text is an empty
        cell.
    options
        ``heading_row`` and ``mapping`` are used.
    notices
        What was noticed before.
    merged
        Merged cells; their first cell holds the value.

    Raises
    ------
    InputError
        No cell, no row below the heading, a heading that stands twice, or a chosen heading row that is
        empty.

    Examples
    --------
    >>> grid = [["Study 7"], [], ["patient_id", "arm"], ["P1", "A"], ["Source: the site"]]
    >>> table = table_of("t.xlsx", "", grid, ReadOptions())
    >>> table.frame.values.tolist(), table.rows.tolist()
    ([['P1', 'A']], [4])
    >>> print(*(notice.text for notice in table.notices), sep="\n")
    t.xlsx: the heading is row 3; not read above it: 'Study 7'. --heading-row chooses another row.
    t.xlsx: 1 row below the table is not read: row 5 'Source: the site'.
    """
    heading = find_heading(file, grid, options, merged)
    found = [*notices, *_said(file, grid, heading, options)]
    body = grid[heading.last + 1 :]
    width = max(len(heading.names), max(map(len, body), default=0))
    names = list(heading.names) + [""] * (width - len(heading.names))
    below = [m for m in merged if m.top > heading.last]
    if below:
        body, said = fill_merged(file, body, heading.last + 1, below, names)
        found += said
    end = _end(body)
    found += _footer(file, body, heading.last + 1, end)
    columns = _columns(body[:end], width)
    frame = pd.DataFrame(columns.T, columns=pd.Index(names, dtype=object))
    rows = np.arange(heading.last + 2, heading.last + 2 + end)
    return finish(file, sha256, frame, rows, found)


def find_heading(
    file: str,
    grid: Sequence[Sequence[Any]],
    options: ReadOptions,
    merged: Sequence[Merged] = (),
) -> Heading:
    """Find the heading of a grid by the rules of this module, or where ``heading_row`` says.

    Parameters
    ----------
    file, grid, options, merged
        As in `table_of`.

    Raises
    ------
    InputError
        No filled cell, or a chosen row without one.

    Examples
    --------
    >>> grid = [["Patient", "Lesion", "Baseline", "", "Week 8"], ["", "", "Date", "Size", "Date", "Size"]]
    >>> find_heading("t.csv", grid, ReadOptions()).names
    ('Patient', 'Lesion', 'Baseline Date', 'Baseline Size', 'Week 8 Date', 'Week 8 Size')
    """
    filled = [sum(map(_is_filled, row)) for row in grid[:WIDEST_OF]]
    if not any(filled) and not any(map(_is_filled, (c for row in grid for c in row))):
        raise fail(file, "the file is empty.", "Give a file with a heading and rows below it.")
    if options.heading_row is not None:
        at = _chosen(file, grid, options.heading_row)
    else:
        at = _by_rule(grid, filled, options)
    first, last = two_rows(grid, at, merged)
    if first == last:
        return Heading(first, last, tuple(map(_heading_text, grid[first])))
    return Heading(first, last, combined(grid[first], grid[last], first, merged, _heading_text))


def _chosen(file: str, grid: Sequence[Sequence[Any]], row: int) -> int:
    if row > len(grid) or not any(map(_is_filled, grid[row - 1])):
        raise fail(
            file,
            f"row {row} is empty; the column names are expected there, as chosen.",
            "Give the number of the row of the column names with --heading-row.",
        )
    return row - 1


def _by_rule(grid: Sequence[Sequence[Any]], filled: Sequence[int], options: ReadOptions) -> int:
    if not any(filled):
        return next(number for number, row in enumerate(grid) if any(map(_is_filled, row)))
    first = next(number for number, n in enumerate(filled) if 2 * n > max(filled))
    chosen = {fold(name) for name in (*options.mapping.values(), *options.fill_down)}
    known = [_known(row, chosen) for row in grid[:LOOKED_AT]]
    best = max(range(len(known)), key=lambda number: known[number])
    of_first = known[first] if first < len(known) else 0
    return best if known[best] >= KNOWN_HEADINGS and known[best] > of_first else first


def _known(row: Sequence[Any], chosen: set[str]) -> int:
    """Count the known headings of a row; none where it holds a number."""
    cells = [cell for cell in row if _is_filled(cell)]
    if any(number_in(cell) is not None for cell in cells):
        return 0
    texts = [cell for cell in cells if isinstance(cell, str)]
    return sum(
        fold(text) in chosen or "".join(words(text)) in _KNOWN or without_unit(text) in _KNOWN
        for text in texts
    )


def _said(
    file: str, grid: Sequence[Sequence[Any]], heading: Heading, options: ReadOptions
) -> list[Notice]:
    """Say what stands above the heading, and a heading of two rows."""
    found = []
    if heading.first:
        above = [str(c).strip() for row in grid[: heading.first] for c in row if _is_filled(c)]
        text = f"{file}: the heading is row {heading.first + 1}"
        text += f"; not read above it: {listed(above)}." if above else "; the rows above are empty."
        if options.heading_row is None:
            text += " --heading-row chooses another row."
        found.append(Notice("note", text))
    if heading.last > heading.first:
        upper = [_heading_text(c) for c in grid[heading.first]]
        names = [n for n in heading.names if n and n not in upper]
        rows = f"rows {heading.first + 1} and {heading.last + 1}"
        found.append(
            Notice("note", f"{file}: {rows} are read as one heading, such as {listed(names, 2)}.")
        )
    return found


def _end(body: Sequence[Sequence[Any]]) -> int:
    """Give the number of rows that are the table: without the footnotes and sums at the end."""
    width = max((sum(map(_is_filled, row)) for row in body[:WIDEST_OF]), default=0)
    end = len(body)
    while end and not any(map(_is_filled, body[end - 1])):
        end -= 1
    place = end
    while place > 1:
        cells = [cell for cell in body[place - 1] if _is_filled(cell)]
        if cells and not _is_footer(cells, width):
            break
        place -= 1
        end = place if cells else end
    return end


def _is_footer(cells: Sequence[Any], width: int) -> bool:
    first = cells[0]
    if not isinstance(first, str) or width < 2:
        return False
    if SUM_WORDS.fullmatch(first):
        return True
    if len(cells) > 1:
        return False
    return bool(_FOOTNOTE.match(first)) or len(first.split()) >= _LONE_WORDS


def _footer(file: str, body: Sequence[Sequence[Any]], start: int, end: int) -> list[Notice]:
    rows = [
        f"row {start + number + 1} '{next(str(c).strip() for c in row if _is_filled(c))}'"
        for number, row in enumerate(body[end:], start=end)
        if any(map(_is_filled, row))
    ]
    if not rows:
        return []
    more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
    verb = "is" if len(rows) == 1 else "are"
    text = f"{file}: {counted(len(rows), 'row')} below the table {verb} not read: "
    return [Notice("warning", f"{text}{', '.join(rows[:5])}{more}.")]


def _columns(body: Sequence[Sequence[Any]], width: int) -> npt.NDArray[np.object_]:
    """Give rows of cells as columns of one length; empty cells are None."""
    cells = np.empty((len(body), width), dtype=object)
    if body:
        cells[:] = [row if len(row) == width else _filled_up(row, width) for row in body]
    columns = np.ascontiguousarray(cells.T)
    columns[pd.isna(columns) | (columns == "")] = None
    return columns


def _filled_up(row: Sequence[Any], width: int) -> list[Any]:
    return [*row, *[None] * (width - len(row))]


def _is_filled(cell: Any) -> bool:
    return cell is not None and cell != ""


def _heading_text(cell: Any) -> str:
    """Give a heading as text: dates as ISO 8601, whole numbers whole, no line breaks in it."""
    if not _is_filled(cell):
        return ""
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return re.sub(r"[^\S ]+ *|\xa0", " ", str(cell))
