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
    code, patients = pd.factorize(lesions["patient_id"], sort=True)
    flags = lesions[list(PHASES)].to_numpy(dtype=np.int64)
    pattern = flags @ (1 << np.arange(len(PHASES)))
    kinds = 1 << len(PHASES)
    counts = np.bincount(code * kinds + pattern, minlength=len(patients) * kinds)
    counts = counts.reshape(-1, kinds)
    n = counts.sum(axis=1)
    share = counts / n[:, None]
    # A pattern that no lesion has adds nothing: p ln p goes to 0.
    entropy = -(share * np.log(np.where(counts > 0, share, 1.0))).sum(axis=1)
    most = np.log(np.minimum(n, PATTERNS))
    found = {
        "entropy": (entropy / np.where(most > 0, most, np.nan)).round(DECIMALS) + 0.0,
        "gini_simpson": (1 - (share**2).sum(axis=1)).round(DECIMALS),
    }
    return pd.DataFrame(found, index=pd.Index(patients, name="patient_id"))
