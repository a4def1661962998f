"""How sizes are written down: to which precision, and what is too small to be measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lesionhet.statistics.arrays import Floats

PRECISIONS: Final = (1.0, 0.5, 0.1, 0.01)
"""In mm, the coarsest first."""
TOO_SMALL_MM: Final = 5.0
"""RECIST 1.1 lets a reader write 5 mm for a lesion that is there but too small to measure."""
_SLACK: Final = 1e-6


@dataclass(frozen=True)
class Recording:
    """How a cohort writes sizes down.

    Parameters
    ----------
    precision_mm
        All sizes are whole multiples of this; 0 where they are not rounded.
    floor_mm
        Smaller sizes are recorded as this.
    zero_below_mm
        Smaller sizes than this are recorded as 0; 0 where no lesion vanishes.
    """

    precision_mm: float
    floor_mm: float
    zero_below_mm: float

    def record(self, size: Floats, *, may_vanish: bool = True) -> Floats:
        """Give sizes as they would be written down; ``size`` in mm, above 0, any shape.

        Parameters
        ----------
        size
            Changed in place, and returned.
        may_vanish
            Whether a size below ``zero_below_mm`` becomes 0.

        Examples
        --------
        >>> Recording(1.0, 5.0, 2.5).record(np.array([12.4, 3.9, 1.0])).tolist()
        [12.0, 5.0, 0.0]
        """
        gone = size < self.zero_below_mm if may_vanish and self.zero_below_mm > 0 else None
        if self.precision_mm == 1:
            np.rint(size, out=size)
        elif self.precision_mm > 0:
            np.divide(size, self.precision_mm, out=size)
            np.rint(size, out=size)
            np.multiply(size, self.precision_mm, out=size)
        np.maximum(size, self.floor_mm, out=size)
        if gone is not None:
            size[gone] = 0.0
        return size


def recording_of(size: Floats) -> Recording:
    """Read from recorded sizes how they were written down.

    Parameters
    ----------
    size
        n sizes in mm, 0 or more, one above 0.

    Returns
    -------
    Recording
        ``precision_mm``: the largest of 1, 0.5, 0.1 and 0.01 mm of which all sizes are multiples, else 0.
        ``floor_mm``: 5 mm (RECIST 1.1), or the smallest size above 0 where that is smaller.
        ``zero_below_mm``: half the floor where a size of 0 is recorded, else 0.

    Examples
    --------
    >>> recording_of(np.array([20.0, 13.0, 0.0, 5.0]))
    Recording(precision_mm=1.0, floor_mm=5.0, zero_below_mm=2.5)
    """
    fits = [p for p in PRECISIONS if (np.abs(size / p - np.rint(size / p)) < _SLACK).all()]
    floor = min(TOO_SMALL_MM, float(size[size > 0].min()))
    return Recording(fits[0] if fits else 0.0, floor, floor / 2 if (size == 0).any() else 0.0)
