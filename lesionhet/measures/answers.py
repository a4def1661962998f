"""Python's answers to the questions about other measures, each from the rows of the lesions table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lesionhet.definitions import Definitions
from lesionhet.measured import followed_of
from lesionhet.measures.catalogue import COLUMNS, COUNTS
from lesionhet.measures.of_patients import new_lesions, patient_measures
from lesionhet.patterns import response_patterns
from lesionhet.schema import LESION_TYPES

Tables = dict[str, pd.DataFrame]


def patient_measure_tables(data: pd.DataFrame, day: float, **options: Any) -> Tables:
    """Answer a ``patient_measures`` request.

    Parameters
    ----------
    data
        As in `lesionhet.measured.pattern_tables`; every row of a lesion has its site.
    day
        The last whose scans count; missing: all do.
    options
        Rules of the phases, ``burden`` and ``visit_window_days``.

    Raises
    ------
    NotEstimableError
        No lesion can be followed.
    """
    last = np.inf if np.isnan(day) else day
    rows = data[data["day"] <= last]
    definitions = Definitions(**options)
    followed = followed_of(rows)
    kinds = dict(enumerate(LESION_TYPES, start=1))
    named = rows.rename(columns={"patient": "patient_id"}).assign(
        lesion_type=rows["type"].map(kinds)
    )
    lesions = response_patterns(followed, definitions).lesions
    found = patient_measures(followed, lesions, new_lesions(named), definitions)
    return {"patients": found.rename(columns={"patient_id": "patient"})}


def measure_summary_tables(data: pd.DataFrame, day: float, **options: Any) -> Tables:
    """Answer a ``measure_summary`` request; rows and options as in `patient_measure_tables`."""
    values = patient_measure_tables(data, day, **options)["patients"][[*COUNTS, *COLUMNS]]
    known = values.notna().sum()
    cuts = values.astype(float).quantile([0, 0.25, 0.5, 0.75, 1]).T
    columns = {
        "term": np.arange(1, values.shape[1] + 1),
        "n": known.to_numpy(),
        "without": len(values) - known.to_numpy(),
        "mean": values.mean().to_numpy(),
        "sd": values.std().to_numpy(),
    }
    names = ("minimum", "q25", "median", "q75", "maximum")
    return {
        "measures": pd.DataFrame({**columns, **dict(zip(names, cuts.to_numpy().T, strict=True))})
    }
