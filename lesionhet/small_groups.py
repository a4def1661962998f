"""The compiled part of the mean distances, where it was compiled: small groups, pair by pair."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from lesionhet.compiled_parts import NUMBERS as POINTER
from lesionhet.compiled_parts import WHOLE, address, beside, load
from lesionhet.gower import NUMBERS, Floats, Integers

VERSION: Final = 1
"""Of the functions in gower_pairs.c; a library compiled from another one is not used."""
LIBRARY: Final = beside(__file__, "gower_pairs")
LARGEST: Final = 64
"""Rows of a group whose pairs are gone through no slower than they would be sorted."""


@functools.cache
def library() -> ctypes.CDLL | None:
    """Load the library; None where it was not compiled, is of another version, or is switched off."""
    found = load(LIBRARY, VERSION)
    if found is not None:
        parts: list[Any] = [*[WHOLE] * 2, *[POINTER] * 5, *[WHOLE] * 2, *[POINTER] * 2]
        found.gower_pairs.argtypes, found.gower_pairs.restype = parts, None
    return found


def small_group_means(
    found: ctypes.CDLL,
    values: Floats,
    size: Integers,
    kinds: Sequence[str],
    weights: Sequence[float],
    spans: Floats,
    *,
    itself: bool,
) -> Floats:
    """Give each row's mean distance to the rows of its group; of no meaning in groups above `LARGEST`.

    Parameters
    ----------
    found
        From `library`.
    values, size, kinds, weights, spans, itself
        As in `lesionhet.mean_gower.group_means`.
    """
    number = np.array([kind in NUMBERS for kind in kinds], dtype=np.int64)
    weight = np.array(weights, dtype=float)
    whole = np.ascontiguousarray(size, dtype=np.int64)
    values, spans = (np.ascontiguousarray(part, dtype=float) for part in (values, spans))
    counts, means = np.empty(len(values)), np.empty(len(values))
    found.gower_pairs(
        len(whole),
        values.shape[1],
        *map(address, (whole, number, weight, values, spans)),
        int(itself),
        LARGEST,
        *map(address, (counts, means)),
    )
    return means
