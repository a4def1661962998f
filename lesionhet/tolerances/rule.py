"""One tolerance: how far two engines may part in one number, and by which rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

Rule = Literal["own", "tail", "z", "chi_square", "exponential"]
ROWS: Final = "rows"
"""Stands in ``Tolerance.scale`` for the number of rows of the request."""


@dataclass(frozen=True)
class Tolerance:
    """How far two engines may part in one number.

    Parameters
    ----------
    relative
        Permitted difference as a share of the larger of the two numbers.
    floor
        Permitted difference as a share of ``scale``: for numbers that are 0 but for rounding.
    scale
        Columns of the same row whose largest size is what ``floor`` is a share of; ``"table.column"``
        is the largest size in a column of another table, ``"rows"`` the number of rows of the request;
        empty for 1.
    rule
        ``"own"``: by ``relative`` and ``floor``. ``"z"`` and ``"chi_square"``: a P value, which may
        differ as far as the statistic of its row may. ``"tail"``: a P value of a normal statistic
        that is not in the row; ln p moves by at most 1 + 2 |ln p| times the share by which z moves.
        ``"exponential"``: e to the power of a number that may differ by ``relative`` of its own
        size, which is at most that of the larger log limit of the row's interval.
    of_statistic
        For ``"z"`` and ``"chi_square"``: how far the statistic is taken to move; None for its own
        tolerance.
    """

    relative: float
    floor: float = 0.0
    scale: tuple[str, ...] = ()
    rule: Rule = "own"
    of_statistic: Tolerance | None = None

    def changed(self, relative: float) -> Tolerance:
        """Give the same rule with another relative tolerance; ``floor`` changes in proportion.

        Examples
        --------
        >>> Tolerance(1e-10, 1e-12).changed(1e-8)
        Tolerance(relative=1e-08, floor=1e-10, scale=(), rule='own', of_statistic=None)
        """
        times = relative / self.relative if self.relative else 0.0
        moved = self.of_statistic
        if moved is not None:
            moved = replace(moved, relative=moved.relative * times, floor=moved.floor * times)
        return replace(self, relative=relative, floor=self.floor * times, of_statistic=moved)


EXACT: Final = Tolerance(0.0)

Tolerances = Mapping[str, Mapping[str, Tolerance]]
