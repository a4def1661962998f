"""Rows of a Cox model that enter late: who is not at risk yet at each time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from lesionhet.statistics.arrays import Floats, Integers


class Entries:
    """Rows that are not at risk yet: they entered at or after a cell's time.

    Parameters
    ----------
    data
        n rows, with or without ``start``.
    codes
        Their strata.
    cell_stratum, cell_time
        Stratum and time of each cell, sorted by stratum, latest first.
    """

    def __init__(
        self, data: pd.DataFrame, codes: pd.Series, cell_stratum: Integers, cell_time: Floats
    ) -> None:
        self._order: Integers | None = None
        if "start" not in data:
            return
        stratum, start = codes.to_numpy(), data["start"].to_numpy(dtype=float)
        order = np.lexsort((-start, stratum))
        self._order = order
        self._places = np.empty(len(order), dtype=np.int64)
        stratum, start = stratum[order], start[order]
        edges = np.r_[np.flatnonzero(np.r_[True, stratum[1:] != stratum[:-1]]), len(stratum)]
        self._spans = list(pairwise(edges))
        self._late = np.zeros(len(cell_time), dtype=np.int64)
        for first, last in self._spans:
            cells = np.flatnonzero(cell_stratum == stratum[first])
            times, starts = cell_time[cells], start[first:last]
            self._late[cells] = np.searchsorted(-starts, -times, side="right")
            # The first cell, in falling time, that a row is too late for.
            self._places[order[first:last]] = cells[0] + np.searchsorted(-times, -starts, "left")
        self._first = np.repeat([first for first, _ in self._spans], self._cells_per(cell_stratum))

    @staticmethod
    def _cells_per(cell_stratum: Integers) -> Integers:
        changes = np.flatnonzero(np.r_[True, cell_stratum[1:] != cell_stratum[:-1]])
        return np.asarray(np.diff(np.r_[changes, len(cell_stratum)]))

    def late_rows(self, order: Integers) -> tuple[Integers | None, Integers | None]:
        """Give for each cell how many rows have not entered, and the rows, by their place in ``order``."""
        if self._order is None:
            return None, None
        place = np.empty(len(order), dtype=np.int64)
        place[order] = np.arange(len(order))
        return self._late, place[self._order]

    def leave_out(self, risk: Floats, sums: Floats, order: Integers) -> None:
        """Take from the running sums of each cell the rows that have not entered by its time."""
        if self._order is None:
            return
        given = np.empty_like(sums)
        given[order] = sums
        late = given[self._order]
        for first, last in self._spans:
            np.cumsum(late[first:last], axis=0, out=late[first:last])
        some = self._late > 0
        risk[some] -= late[self._first[some] + self._late[some] - 1]

    def hazards(
        self, steps: Floats, spans: list[tuple[int, int]], order: Integers, cell_of_row: Integers
    ) -> Floats:
        """Add up the steps of the cells in which each row is at risk, rows by ``order``."""
        until = np.zeros((len(steps) + 1, steps.shape[1]))
        for first, last in spans:
            until[first:last] = np.cumsum(steps[first:last][::-1], axis=0)[::-1]
        found = until[cell_of_row]
        if self._order is None:
            return found
        last_cell = np.repeat([last for _, last in spans], [last - first for first, last in spans])
        before = self._places[order]
        entered_first = before >= last_cell[cell_of_row]
        found[~entered_first] -= until[before[~entered_first]]
        return found
