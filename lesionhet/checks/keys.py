"""Which lesion and patient a row belongs to, as whole numbers: found once, used by every rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.groupwise import Flags, Integers, ordered_codes, pair_codes

KEY: Final = ["patient_id", "lesion_id"]


def lesion_codes(columns: pd.DataFrame | Mapping[str, pd.Series]) -> Integers:
    """Give the lesion of each row a number, in the order of patient and lesion.

    Parameters
    ----------
    columns
        ``patient_id, lesion_id``, texts or whole numbers, or missing.

    Returns
    -------
    numpy.ndarray
        n whole numbers from 0, not all of them used; -1 where either name is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": ["P2", "P1", "P2", None], "lesion_id": ["A", "A", "B", "A"]})
    >>> lesion_codes(rows).tolist()
    [2, 0, 3, -1]
    """
    patient, lesion = (ordered_codes(columns[name]) for name in KEY)
    return pair_codes(patient, lesion)


def same_as_before(*keys: npt.NDArray[Any]) -> Flags:
    """Say of each row whether it has the same keys as the row before; False for the first.

    Examples
    --------
    >>> same_as_before(np.array([1, 1, 1, 2]), np.array([5.0, 5.0, 6.0, 6.0])).tolist()
    [False, True, False, False]
    """
    same = np.ones(len(keys[0]), dtype=bool)
    same[:1] = False
    for key in keys:
        same[1:] &= key[1:] == key[:-1]
    return same


def sorted_places(keys: Sequence[npt.NDArray[Any]]) -> Integers:
    """Give the order that sorts rows by the first key, then by the next; equal rows stay as they are.

    Examples
    --------
    >>> sorted_places([np.array([2, 1, 1]), np.array([0.0, 9.0, 3.0])]).tolist()
    [2, 1, 0]
    """
    if _is_sorted(keys):
        return np.arange(len(keys[0]))
    return np.asarray(np.lexsort(tuple(reversed(keys))))


def _is_sorted(keys: Sequence[npt.NDArray[Any]]) -> bool:
    equal = np.ones(max(len(keys[0]) - 1, 0), dtype=bool)
    for key in keys:
        if (equal & (key[1:] < key[:-1])).any():
            return False
        equal &= key[1:] == key[:-1]
    return True
