"""The columns of a patient that can make groups or enter a model."""

from __future__ import annotations

from typing import Final, Literal

import pandas as pd

from lesionhet.analyses.parts.endpoints import OS, PFS
from lesionhet.schema import PHASES
from lesionhet.study import Study

Kind = Literal["number", "category"]

COMPUTED: Final = (
    "gower",
    "baseline_sum_mm",
    "n_lesions",
    "n_inconsistent",
    *PHASES,
    "mixed",
    "nadir_ratio",
    "last_ratio",
)
"""Columns of `Study.patients` that the program computes and that may group patients."""
FROM_SCANS_AFTER_START: Final = frozenset(COMPUTED) - {"baseline_sum_mm", "n_lesions"}
"""Patients must live to have these: curves by them describe, and do not predict."""
MOST_CATEGORIES: Final = 12
MOST_FLAG_VALUES: Final = 2
_NEVER: Final = frozenset(
    {"patient_id", OS.time, OS.event, PFS.time, PFS.event, "progressed", "pps_days", "pps_event"}
)


def usable_columns(study: Study) -> dict[str, Kind]:
    """Give the columns of the patients that can make groups or enter a model.

    Parameters
    ----------
    study
        Whose ``patients`` are looked at.

    Returns
    -------
    dict
        Column -> ``"number"`` (three values or more) or ``"category"`` (texts, or a number of two
        values); what the program computes comes first. Columns of one value, of more than 12 texts, and
        the survival columns are absent.
    """
    given = [
        name
        for name in study.patients.columns
        if name.removesuffix("_given") in study.cohort.columns
    ]
    found: dict[str, Kind] = {}
    for name in dict.fromkeys((*COMPUTED, *given)):
        if name in _NEVER or name not in study.patients:
            continue
        kind = _kind(study.patients[name])
        if kind is not None:
            found[name] = kind
    return found


def category_texts(values: pd.Series) -> pd.Series:
    """Give categories as text, missing ones as None.

    Examples
    --------
    >>> category_texts(pd.Series([1.0, 0.0, None])).tolist()
    ['1', '0', None]
    """
    if pd.api.types.is_numeric_dtype(values):
        texts = values.astype(float).map("{:g}".format, na_action="ignore")
    else:
        texts = values.map(str, na_action="ignore")
    return texts.astype(object).where(values.notna(), None)


def category_order(texts: pd.Series) -> tuple[str, ...]:
    """Give categories by falling number of patients; those of equal number by name.

    Examples
    --------
    >>> category_order(pd.Series(["b", "a", "c", "c", None]))
    ('c', 'a', 'b')
    """
    counts = texts.dropna().value_counts()
    return tuple(sorted(counts.index, key=lambda name: (-counts[name], name)))


def _kind(values: pd.Series) -> Kind | None:
    different = int(values.nunique())
    if different < 2:
        return None
    if pd.api.types.is_numeric_dtype(values):
        return "number" if different > MOST_FLAG_VALUES else "category"
    return "category" if different <= MOST_CATEGORIES else None
