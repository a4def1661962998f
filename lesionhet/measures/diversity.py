"""How evenly the lesions of a patient are spread over patterns of phases: entropy, Gini-Simpson."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.schema import PHASES

PATTERNS: Final = 7
"""Patterns that a lesion can have: each scan falls in a phase, so one of the three is present."""
DECIMALS: Final = 12


def diversity_measures(lesions: pd.DataFrame) -> pd.DataFrame:
    """Give entropy and Gini-Simpson index of the patterns of each patient's lesions.

    Parameters
    ----------
    lesions
        A row a lesion: ``patient_id`` and the flags ``response, stable, relapse`` (1, 0).

    Returns
    -------
    pandas.DataFrame
        Indexed by patient, sorted: ``entropy`` (-sum p ln p / ln min(n, 7), missing with one lesion) and
        ``gini_simpson`` (1 - sum p^2), p being the shares of the n lesions with each pattern.

    Source: ours; the formulas are those of Shannon (1948) and Simpson (1949).

    Examples
    --------
    >>> rows = pd.DataFrame({"patient_id": "P", "response": [1, 1, 0, 0], "stable": [0, 0, 1, 1],
    ...                      "relapse": 0})
    >>> diversity_measures(rows).values.tolist()
    [[0.5, 0.5]]
    """
    pattern = sum(lesions[phase].astype(int) * 2**k for k, phase in enumerate(PHASES))
    counts = lesions.assign(pattern=pattern).groupby(["patient_id", "pattern"]).size()
    n = counts.groupby("patient_id").sum()
    share = counts / n.reindex(counts.index.get_level_values("patient_id")).to_numpy()
    entropy = -(share * np.log(share)).groupby("patient_id").sum()
    most = np.log(n.clip(upper=PATTERNS))
    found = {
        "entropy": (entropy / most.where(most > 0)).round(DECIMALS) + 0.0,
        "gini_simpson": (1 - (share**2).groupby("patient_id").sum()).round(DECIMALS),
    }
    return pd.DataFrame(found)
