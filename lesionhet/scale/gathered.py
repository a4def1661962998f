"""What is gathered of the parts: a few numbers a lesion and a patient, labels as codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.schema import PHASES

GROUPS: Final = ("arm", "trial", "kras")
"""Columns of the patients table by which there are tables, where the input has them."""
SITE: Final = "site_group"
LESION_NUMBERS: Final = ("gower", "nadir_ratio", "last_ratio", *PHASES, "inconsistent")
PATIENT_NUMBERS: Final = (
    "gower",
    "nadir_ratio",
    "last_ratio",
    *PHASES,
    "n_lesions",
    "baseline_sum_mm",
    "n_inconsistent",
)
LARGEST: Final = 2.0**31
"""Above, and where any is missing, numbers stay as they are."""
Labels = tuple[npt.NDArray[np.int32], tuple[str, ...]]
"""Codes from 0, -1 where missing, and what they stand for."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of some lesions or patients, row by row.

    Parameters
    ----------
    numbers
        Name -> n numbers.
    labels
        Name -> n labels as codes.
    """

    numbers: Mapping[str, npt.NDArray[Any]]
    labels: Mapping[str, Labels]


def columns_of(table: pd.DataFrame, numbers: Sequence[str], labels: Sequence[str]) -> Columns:
    """Take the columns that are gathered of a table; labels that it does not have are left away."""
    return Columns(
        {name: _smallest(table[name].to_numpy()) for name in numbers},
        {name: _coded(table[name]) for name in labels if name in table},
    )


def together(parts: Sequence[Columns]) -> pd.DataFrame:
    """Put the columns of all parts below each other.

    Parameters
    ----------
    parts
        Of the parts, in order.

    Returns
    -------
    pandas.DataFrame
        The numbers as floats, the labels as texts with None.

    Examples
    --------
    >>> one = columns_of(pd.DataFrame({"n": [1, 2], "arm": ["A", None]}), ["n"], ["arm"])
    >>> two = columns_of(pd.DataFrame({"n": [3], "arm": ["B"]}), ["n"], ["arm"])
    >>> together([one, two]).values.tolist()
    [[1.0, 'A'], [2.0, None], [3.0, 'B']]
    """
    names, labels = parts[0].numbers, parts[0].labels
    found: dict[str, Any] = {
        name: np.concatenate([one.numbers[name] for one in parts]).astype(float) for name in names
    }
    for name in labels:
        found[name] = np.concatenate([_texts(one.labels[name]) for one in parts])
    return pd.DataFrame(found)


def _smallest(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Give numbers in the fewest bytes that hold them all exactly."""
    if not (np.abs(values) < LARGEST).all():
        return values
    whole = values.astype(np.int32)
    return whole if np.array_equal(values, whole) else values


def _coded(column: pd.Series) -> Labels:
    codes, names = pd.factorize(column)
    return codes.astype(np.int32), tuple(map(str, names))


def _texts(labels: Labels) -> npt.NDArray[np.object_]:
    codes, names = labels
    # The code -1 of a missing label takes the None at the end.
    return np.array([*names, None], dtype=object)[codes]
