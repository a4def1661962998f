"""Cells that stand for several: merged cells, and headings of two rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lesionhet.readers.choosing.headings import UNITS, fold
from lesionhet.readers.shape.units import number_in
from lesionhet.readers.table import Notice, counted, listed

_TIME_WORDS: Final = frozenset(
    name for unit in ("days", "weeks", "months", "years") for name in UNITS[unit] if len(name) > 1
)


@dataclass(frozen=True)
class Merged:
    """Merged cells: their first and last row and column, counted from 0."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def name(self) -> str:
        """Name as a spreadsheet gives it.

        Examples
        --------
        >>> Merged(1, 0, 3, 27).name
        'A2:AB4'
        """
        from openpyxl.utils import get_column_letter

        first, last = (get_column_letter(column + 1) for column in (self.left, self.right))
        return f"{first}{self.top + 1}:{last}{self.bottom + 1}"


def two_rows(grid: Sequence[Sequence[Any]], at: int, merged: Sequence[Merged]) -> tuple[int, int]:
    """Give the first and last row of the heading that row ``at`` belongs to.

    Parameters
    ----------
    grid
        Rows of cells.
    at
        A row of the heading, counted from 0.
    merged
        Merged cells.

    Examples
    --------
    >>> two_rows([["id", "Baseline", ""], ["", "Date", "Size"], ["P1", "x", 3]], 0, [])
    (0, 0)
    >>> two_rows([["id", "Baseline", ""], ["", "Date", "Size"]], 0, [Merged(0, 1, 0, 2)])
    (0, 1)
    """
    for top in (at, at - 1):
        if top >= 0 and top + 1 < len(grid) and _is_pair(grid[top], grid[top + 1], top, merged):
            return top, top + 1
    return at, at


def combined(
    upper: Sequence[Any],
    lower: Sequence[Any],
    top: int,
    merged: Sequence[Merged],
    text: Callable[[Any], str],
) -> tuple[str, ...]:
    """Join the two rows of a heading, column by column.

    Parameters
    ----------
    upper, lower
        Their cells.
    top
        Row of ``upper``, counted from 0.
    merged
        Merged cells.
    text
        Cell to text.
    """
    over = [""] * max(len(upper), len(lower))
    for left, right in _spans(upper, lower, top, merged):
        over[left : right + 1] = [text(upper[left]).strip()] * (right + 1 - left)
    under = [text(cell) for cell in lower] + [""] * (len(over) - len(lower))
    return tuple(" ".join(filter(None, pair)) for pair in zip(over, under, strict=True))


def fill_merged(
    file: str,
    body: Sequence[Sequence[Any]],
    start: int,
    merged: Sequence[Merged],
    names: Sequence[str],
) -> tuple[list[list[Any]], list[Notice]]:
    """Repeat the value of merged cells within their own rows; columns are never filled across.

    Parameters
    ----------
    file
        Name for notices.
    body
        Rows below the heading.
    start
        Row of the first of them, counted from 0.
    merged
        Merged cells of these rows.
    names
        Headings.

    Returns
    -------
    The rows, and what was filled.
    """
    rows = [list(row) + [None] * (len(names) - len(row)) for row in body]
    filled: dict[int, tuple[int, int]] = {}
    across = []
    for area in merged:
        if area.top - start >= len(rows):
            continue
        value = rows[area.top - start][area.left] if area.left < len(names) else None
        if value is None or value == "":
            continue
        if area.right > area.left:
            across.append(area.name)
            continue
        below = range(area.top - start + 1, min(area.bottom - start + 1, len(rows)))
        for row in below:
            rows[row][area.left] = value
        cells, ranges = filled.get(area.left, (0, 0))
        filled[area.left] = (cells + len(below), ranges + 1)
    notices = [
        Notice(
            "note",
            f"{file}, column '{names[column]}': {counted(ranges, 'merged cell')} filled down into "
            f"{counted(cells, 'row')}.",
        )
        for column, (cells, ranges) in sorted(filled.items())
    ]
    if across:
        text = (
            f"{file}: cells merged over several columns, whose value counts in the first cell only"
        )
        notices.append(Notice("warning", f"{text}: {listed(across)}."))
    return rows, notices


def _is_pair(
    upper: Sequence[Any], lower: Sequence[Any], top: int, merged: Sequence[Merged]
) -> bool:
    """Say whether two rows are one heading."""
    wide = [(a, b) for a, b in _spans(upper, lower, top, merged) if b > a]
    named = [(a, b) for a, b in wide if all(_filled(lower, c) for c in range(a, b + 1))]
    if not named:
        return False
    inside = {column for a, b in named for column in range(a, b + 1)}
    numbers = [c for c in range(len(lower)) if number_in(lower[c]) is not None]
    if numbers:
        # 'Week' over 0, 8, 16: numbers are names only below a word for time, and nothing stands beside.
        times = {c for a, b in named if fold(str(upper[a])) in _TIME_WORDS for c in range(a, b + 1)}
        return set(numbers) <= times and all(
            c in times for c in range(len(lower)) if _filled(lower, c)
        )
    if not all(isinstance(lower[c], str) for c in range(len(lower)) if _filled(lower, c)):
        return False
    is_merged = any(m.top == m.bottom == top and m.right > m.left for m in merged)
    texts = [fold(str(lower[c])) for c in sorted(inside)]
    beside = any(a == b and _filled(lower, a) for a, b in _spans(upper, lower, top, merged))
    return is_merged or (len(set(texts)) < len(texts) and not beside)


def _spans(
    upper: Sequence[Any], lower: Sequence[Any], top: int, merged: Sequence[Merged]
) -> list[tuple[int, int]]:
    """Give the columns over which each cell of the upper row stands, first and last."""
    own = {m.left: m.right for m in merged if m.top == top}
    # A cell merged over both rows names its one column alone.
    single = {m.left for m in merged if m.top == top < m.bottom and m.left == m.right}
    starts = [c for c in range(len(upper)) if _filled(upper, c)]
    found = []
    for place, left in enumerate(starts):
        if left in own or left in single:
            found.append((left, own.get(left, left)))
            continue
        limit = starts[place + 1] if place + 1 < len(starts) else max(len(upper), len(lower))
        right = left
        while right + 1 < limit and _filled(lower, right + 1) and _filled(lower, left):
            right += 1
        found.append((left, right))
    return found


def _filled(row: Sequence[Any], column: int) -> bool:
    return column < len(row) and row[column] is not None and row[column] != ""
