"""Groups of rows by whole numbers: codes, places, sums and running extremes, without a loop over groups."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]

LARGEST_CODE: Final = 2**62


def ordered_codes(values: pd.Series) -> Integers:
    """Give each value a whole number from 0, in the order of the values; -1 where it is missing.

    Whole numbers of 0 or more are their own codes.

    Examples
    --------
    >>> ordered_codes(pd.Series(["b", None, "a", "b"])).tolist()
    [1, -1, 0, 1]
    """
    if pd.api.types.is_integer_dtype(values.dtype) and not values.isna().any():
        numbers: Integers = values.to_numpy(dtype=np.int64)
        if not len(numbers) or numbers.min() >= 0:
            return numbers
    return np.asarray(pd.factorize(values, sort=True)[0], dtype=np.int64)


def pair_codes(one: Integers, other: Integers) -> Integers:
    """Give each pair of codes one, in their order; -1 where either is.

    Codes too large for their pairs to be told apart in 64 bits are counted anew first, in their order.

    Examples
    --------
    >>> pair_codes(np.array([0, 0, 1, -1]), np.array([0, 2, 0, 1])).tolist()
    [0, 2, 3, -1]
    """
    wide = int(other.max(initial=0)) + 1
    if (int(one.max(initial=0)) + 1) * wide > LARGEST_CODE:
        one, other = (
            np.unique(code, return_inverse=True)[1] + min(code.min(), 0) for code in (one, other)
        )
        wide = int(other.max()) + 1
    both = one * wide + other
    return np.where((one < 0) | (other < 0), -1, both)


def starts(code: Any) -> Integers:
    """Give the first row of each run of equal codes, or other values.

    Examples
    --------
    >>> starts(np.array([4, 4, 7, 9, 9])).tolist()
    [0, 2, 3]
    """
    return np.flatnonzero(np.r_[True, code[1:] != code[:-1]][: len(code)])


def places(start: Integers, n: int) -> Integers:
    """Give each of n rows its place, from 0, in its run.

    Examples
    --------
    >>> places(np.array([0, 2, 3]), 5).tolist()
    [0, 1, 0, 0, 1]
    """
    sizes = np.diff(np.append(start, n))
    return np.arange(n) - np.repeat(start, sizes)


def occurrences(code: Integers) -> Integers:
    """Give each row how many rows with its code come before it.

    Examples
    --------
    >>> occurrences(np.array([3, 1, 3, 3])).tolist()
    [0, 0, 1, 2]
    """
    order = np.argsort(code, kind="stable")
    found = np.empty(len(code), dtype=np.int64)
    found[order] = places(starts(code[order]), len(code))
    return found


def sums(values: Floats, code: Integers, n: int) -> Floats:
    """Add up the values of each of n groups; 0 where there are none.

    Added up by pandas, which carries the rounding error along, so that errors do not add up.

    Examples
    --------
    >>> sums(np.array([1.0, 2.0, 4.0]), np.array([1, 1, 0]), 3).tolist()
    [4.0, 3.0, 0.0]
    """
    total = pd.Series(values).groupby(code).sum()
    found: Floats = np.zeros(n)
    found[total.index.to_numpy(dtype=np.int64)] = total.to_numpy()
    return found


def lowest(values: Floats, code: Integers, n: int) -> Floats:
    """Give the smallest value of each of n groups; infinite where there are none."""
    found = np.full(n, np.inf)
    np.minimum.at(found, code, values)
    return found


def highest(values: Floats, code: Integers, n: int) -> Floats:
    """Give the largest value of each of n groups; minus infinity where there are none.

    Examples
    --------
    >>> highest(np.array([1.0, 2.0, 4.0]), np.array([1, 1, 0]), 3).tolist()
    [4.0, 2.0, -inf]
    """
    return -lowest(-values, code, n)


def running(extreme: Any, values: Floats, place: Integers) -> Floats:
    """Give the extreme of each row and all before it in its run.

    Parameters
    ----------
    extreme
        ``np.minimum`` or ``np.maximum``.
    values
        n numbers, run after run.
    place
        Of `places`.

    Examples
    --------
    >>> running(np.minimum, np.array([5.0, 3.0, 4.0, 9.0, 1.0]), np.array([0, 1, 2, 0, 1])).tolist()
    [5.0, 3.0, 3.0, 9.0, 1.0]
    """
    found, step, longest = values.copy(), 1, int(place.max(initial=0))
    # After a pass with step s each row knows the extreme of 2 s rows; so passes double.
    while step <= longest:
        earlier = extreme(found[step:], found[:-step])
        found[step:] = np.where(place[step:] >= step, earlier, found[step:])
        step *= 2
    return found
