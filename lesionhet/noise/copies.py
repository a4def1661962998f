"""The compiled part of the sizes and distances of many copies of a cohort, where it was compiled."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from lesionhet.compiled_parts import NUMBERS, WHOLE, beside, load
from lesionhet.phases import TOLERANCE, Floats, Integers

VERSION: Final = 1
"""Of the functions in many_copies.c; a library compiled from another one is not used."""
LIBRARY: Final = beside(__file__, "many_copies")


@functools.cache
def library() -> ctypes.CDLL | None:
    """Load the library; None where it was not compiled, is of another version, or is switched off."""
    found = load(LIBRARY, VERSION)
    if found is None:
        return None
    limits = [ctypes.c_double] * 4
    found.many_copies_patterns.argtypes = [
        *[WHOLE] * 2,
        *[NUMBERS] * 3,
        *limits,
        *[WHOLE] * 2,
        *[NUMBERS] * 5,
    ]
    found.many_copies_patterns.restype = None
    found.many_copies_distances.argtypes = [*[WHOLE] * 3, *[NUMBERS] * 9, WHOLE, NUMBERS]
    found.many_copies_distances.restype = None
    found.many_copies_normal.argtypes, found.many_copies_normal.restype = [WHOLE, NUMBERS], None
    return found


def to_normal(numbers: Floats) -> None:
    """Turn probabilities, above 0 and below 1, into quantiles of the standard normal distribution.

    Parameters
    ----------
    numbers
        n probabilities, changed in place; the two ways part by 1e-15 at most.

    Examples
    --------
    >>> numbers = np.array([0.5, 0.975])
    >>> to_normal(numbers)
    >>> numbers.round(3).tolist()
    [0.0, 1.96]
    """
    found = library()
    if found is None or not numbers.flags.c_contiguous:
        ndtri(numbers, out=numbers)
    else:
        found.many_copies_normal(numbers.size, numbers.ctypes.data)


def patterns(
    found: ctypes.CDLL, sizes: Floats, first: Integers, place: Integers, rules: Mapping[str, Any]
) -> tuple[npt.NDArray[Any], ...]:
    """Compute what `lesionhet.noise.batch.patterns` does.

    Parameters
    ----------
    found
        From `library`.
    sizes
        c copies x n rows.
    first, place
        First row of each of l lesions, then n; place of its variables.
    rules
        As in `lesionhet.noise.batch.patterns`.
    """
    shape = (len(sizes), len(place))
    flags = [np.empty(shape, dtype=bool) for _ in range(3)]
    ratios = [np.empty(shape) for _ in range(2)]
    given = np.ascontiguousarray(sizes, dtype=float)
    found.many_copies_patterns(
        *shape,
        *(values.ctypes.data for values in (first, place, given)),
        rules["response_threshold"] * (1 + TOLERANCE),
        rules["relapse_threshold"],
        rules["relapse_min_increase_mm"],
        1 - TOLERANCE,
        rules["relapse_reference"] == "nadir",
        rules["stable_rule"] == "after_response",
        *(values.ctypes.data for values in (*flags, *ratios)),
    )
    return (*flags, *ratios)


def distances(
    found: ctypes.CDLL,
    variables: Sequence[npt.NDArray[Any]],
    begin: Integers,
    lesion: Integers,
    rules: Mapping[str, Any],
    spans: Floats,
) -> Floats:
    """Compute what `lesionhet.noise.batch.distances` does, not rounded.

    Parameters
    ----------
    found
        From `library`.
    variables
        Three arrays of flags and two of ratios, c copies x l lesions.
    begin, lesion
        Where each patient's lesions begin in ``lesion``, then how many there are; their places.
    rules
        ``weights`` and ``self``.
    spans
        c x 2 ranges of the ratios; missing for that within the patient.
    """
    copies, lesions = variables[0].shape
    given = [np.ascontiguousarray(v, dtype=t) for v, t in zip(variables, _TYPES, strict=True)]
    weights = np.array(rules["weights"], dtype=float)
    result = np.empty((copies, len(begin) - 1))
    spans = np.ascontiguousarray(spans, dtype=float)
    found.many_copies_distances(
        *(copies, lesions, len(begin) - 1),
        *(values.ctypes.data for values in (begin, lesion, *given, weights, spans)),
        bool(rules["self"]),
        result.ctypes.data,
    )
    return result


_TYPES: Final = (bool, bool, bool, float, float)
