"""The published make-up of the cohort: the counts that the simulated one repeats.

Source: paper, Table 1 and "Response dynamics"; trial registrations for which arm is from which trial.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

N_PATIENTS: Final = 2802

ARMS: Final[Mapping[tuple[str, str], int]] = {
    ("Bevacizumab + chemotherapy", "NCT00115765"): 377,
    ("Bevacizumab + panitumumab + chemotherapy", "NCT00115765"): 371,
    ("FOLFIRI", "NCT00339183"): 419,
    ("Panitumumab + FOLFIRI", "NCT00339183"): 425,
    ("FOLFOX", "NCT00364013"): 441,
    ("FOLFOX", "NCT00272051"): 164,
    ("FOLFOX", "NCT00305188"): 164,
    ("Panitumumab + FOLFOX", "NCT00364013"): 441,
}
"""Arm and trial -> patients. The arm sizes are published; how FOLFOX divides over trials is assumed."""

TRIALS_WITHOUT_KRAS: Final = ("NCT00272051", "NCT00305188")
"""Trials that did not test KRAS (assumed); the 28 patients without PFS are drawn from these."""

N_WITHOUT_PFS: Final = 28

LESIONS_PER_PATIENT: Final[Mapping[int, int]] = {
    **{1: 382, 2: 449, 3: 520, 4: 440, 5: 350, 6: 235, 7: 160, 8: 100, 9: 65, 10: 60},
    **{11: 12, 12: 9, 13: 6, 14: 5, 15: 3, 16: 2, 17: 1, 18: 1, 19: 1, 20: 1},
}
"""Lesions -> patients. Published: 382, 449 and 1,971 with 3 or more, median 4, range 1-20, sum 11,404."""

N_LIVER_ONLY: Final = 1347
N_LIVER_AND_OTHERS: Final = 882
"""2,229 patients with liver metastases (Figure 6A), less those with no other site."""

LIVER: Final = "liver"

OTHER_SITES: Final[Mapping[str, float]] = {
    "lymph node": 0.467,
    "lung": 0.280,
    "abdomen": 0.085,
    "GI tract": 0.055,
    "pelvis": 0.045,
    "bone": 0.030,
    "chest": 0.005,
    "peritoneum": 0.005,
    "adrenal gland": 0.005,
    "kidney": 0.005,
    "pancreas": 0.005,
    "skin": 0.004,
    "spleen": 0.005,
    "genitourinary": 0.004,
}
"""Site -> share of the lesions outside the liver; the last eight stay below 50 lesions."""

COVARIATES: Final[Mapping[str, Mapping[Any, int]]] = {
    "sex": {"male": 1688, "female": 1114},
    "race": {"White": 2611, "Black": 75, "Asian": 61, "other": 55},
    "ldh_high": {1: 836, 0: 1966},
    "ecog": {0.0: 1536, 1.0: 1178, 2.0: 87, np.nan: 1},
    "primary_site": {"colon": 1910, "rectum": 892},
    "prior_surgery": {1: 2535, 0: 267},
    "prior_radiotherapy": {1: 367, 0: 2435},
    "prior_adjuvant": {1: 505, 0: 2297},
}
"""Covariate -> value -> patients. Published, except the split of races other than White."""

KRAS: Final[Mapping[str, int]] = {"unknown": 1414, "wild-type": 795, "mutant": 593}

AGE_YEARS: Final = (60.74, 10.91)
BSA_M2: Final[Mapping[str, tuple[float, float]]] = {"male": (1.96, 0.21), "female": (1.73, 0.21)}
"""Mean and SD; together 1.87 (0.24) as published, the split by sex is assumed."""

NOT_EVALUATED: Final[Mapping[str, int]] = {
    "not detected": 31,
    "unable to evaluate": 39,
    "unknown": 12,
}
"""RECIST responses that no measurement gives; CR, PR, SD and PD come from the simulated sizes."""


def spread(counts: Mapping[Any, int], n: int) -> npt.NDArray[np.int64]:
    """Scale published counts to n patients: the position of each patient's value in ``counts``.

    Patients stand at evenly spaced places of the published, ordered cohort. With n the sum of the
    counts every count is exact; else each is within 1 of its share.

    Parameters
    ----------
    counts
        Value -> number of patients.
    n
        Patients wanted, >= 1.

    Returns
    -------
    numpy.ndarray
        n positions, ascending.

    Examples
    --------
    >>> spread({"colon": 1910, "rectum": 892}, 6).tolist()
    [0, 0, 0, 0, 1, 1]
    """
    ends = np.cumsum(list(counts.values()))
    place = (np.arange(n) + 0.5) * (ends[-1] / n)
    return np.asarray(np.searchsorted(ends, place, side="right"), dtype=np.int64)


def share(count: int, n: int) -> int:
    """Scale one published count to n patients, rounded to the nearest.

    Examples
    --------
    >>> share(1347, 2802), share(28, 100)
    (1347, 1)
    """
    return round(count * n / N_PATIENTS)
