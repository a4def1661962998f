"""Random numbers that Python and R draw alike: Wichmann and Hill's generator, as R has it.

R's `RNGkind("Wichmann-Hill")` and this module give the same numbers bit by bit, so that R can repeat every
draw without getting it sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from lesionhet.errors import UsageError
from lesionhet.statistics.arrays import Floats, Integers

MULTIPLIERS: Final = (171, 172, 170)
MODULI: Final = (30269, 30307, 30323)
PIECE: Final = 1 << 15
"""Numbers that are worked on together: few enough to stay near the processor."""


def start_values(seed: int) -> list[int]:
    """Turn a seed into the three start values of the generator.

    Parameters
    ----------
    seed
        Whole number, 0 or more.

    Returns
    -------
    list
        Three whole numbers from 1 to the moduli less 1.

    Raises
    ------
    UsageError
        The seed is below 0 or no whole number.

    Examples
    --------
    >>> len(start_values(2021))
    3
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise UsageError(f"seed is {seed!r}; permitted: whole numbers, 0 or more.")
    drawn = np.random.default_rng(seed).integers(1, MODULI)
    return [int(value) for value in drawn]


class Stream:
    """The numbers of one start, taken piece by piece.

    Parameters
    ----------
    seeds
        The three start values, each from 1 to its modulus less 1.

    Raises
    ------
    UsageError
        A start value is out of its bounds.

    Source: Wichmann & Hill (1982), Applied Statistics 31:188-190, algorithm AS 183. R: ``RNGkind``.

    Examples
    --------
    >>> Stream((1, 2, 3)).take(2).round(6).tolist()
    [0.033819, 0.777542]
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        if len(seeds) != len(MODULI) or not all(
            1 <= s < m for s, m in zip(seeds, MODULI, strict=True)
        ):
            raise UsageError(
                f"seeds are {list(seeds)}; permitted: three whole numbers, each from 1 to "
                f"{', '.join(str(m - 1) for m in MODULI)}."
            )
        self._cycles = [
            _cycle(int(s), a, m) for s, a, m in zip(seeds, MULTIPLIERS, MODULI, strict=True)
        ]
        self._used = 0

    def take(self, n: int) -> Floats:
        """Give the next n numbers, each above 0 and below 1."""
        total = np.zeros(n)
        # In the order of R's own sum, so that the last bit is the same.
        for cycle in self._cycles:
            _add_run(total, cycle, self._used)
        self._used += n
        for start in range(0, n, PIECE):
            piece = total[start : start + PIECE]
            piece -= np.floor(piece)
        return total


def _cycle(seed: int, multiplier: int, modulus: int) -> Floats:
    """Give a whole period of one of the three generators, from its first number on, as fractions."""
    values = np.ones(modulus - 1, dtype=np.int64)
    known = 1
    while known < len(values):
        more = min(known, len(values) - known)
        step = pow(multiplier, known, modulus)
        values[known : known + more] = values[:more] * step % modulus
        known += more
    numbers: Integers = values * (seed * multiplier % modulus) % modulus
    return np.asarray(numbers / float(modulus))


def _add_run(total: Floats, cycle: Floats, used: int) -> None:
    """Add the numbers of a period from the one after ``used`` on, again and again, to ``total``."""
    start, at = 0, used % len(cycle)
    while start < len(total):
        part = cycle[at : at + len(total) - start]
        total[start : start + len(part)] += part
        start, at = start + len(part), 0
