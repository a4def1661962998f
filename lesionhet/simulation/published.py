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

TRIALS_WITHOUT_KRAS: Final = ("NCT00364013", "NCT00272051", "NCT00305188")
"""Trials whose KRAS status is unknown: the FOLFOX trials, 1,210 of the 1,414 patients without it.

Assumed; the paper compares KRAS in the arms of the two other trials only (legend of Figure 5)."""

N_WITHOUT_PFS: Final = 28
TRIALS_WITHOUT_PFS: Final = ("NCT00272051", "NCT00305188")
"""Where the FOLFOX patients without PFS are drawn from (assumed)."""

ARM_GROUPS: Final[Mapping[str, str]] = {
    "Bevacizumab + chemotherapy": "bevacizumab",
    "Panitumumab + FOLFIRI": "panitumumab",
    "Panitumumab + FOLFOX": "panitumumab",
    "FOLFOX": "chemotherapy",
    "FOLFIRI": "chemotherapy",
    "Bevacizumab + panitumumab + chemotherapy": "both agents",
}
"""Arm -> group in which the paper counts lesions."""

LESIONS_PER_PATIENT: Final[Mapping[str, tuple[int, ...]]] = {
    "bevacizumab": (44, 54, 66, 58, 49, 34, 25, 16, 11, 11, 2, 2, 1, 1, 1, 0, 0, 0, 1, 1),
    "panitumumab": (118, 139, 161, 136, 108, 73, 49, 31, 20, 18, 4, 3, 2, 1, 1, 1, 1, 0, 0, 0),
    "chemotherapy": (172, 198, 225, 187, 146, 96, 64, 39, 25, 22, 4, 3, 2, 2, 1, 1, 0, 1, 0, 0),
    "both agents": (48, 58, 68, 59, 47, 32, 22, 14, 9, 9, 2, 1, 1, 1, 0, 0, 0, 0, 0, 0),
}
"""Arm group -> patients with 1, 2 .. 20 lesions. Published over all groups: 382, 449 and 1,971 with 3 or
more, median 4, range 1-20, sum 11,404; the rest is assumed."""

PATTERNS: Final = ("liver", "liver, lung", "liver, lymph node", "liver, mixed", "no liver")
PATIENTS_BY_PATTERN: Final[Mapping[str, tuple[int, ...]]] = {
    "bevacizumab": (162, 22, 58, 58, 77),
    "panitumumab": (432, 49, 89, 120, 176),
    "chemotherapy": (580, 72, 128, 163, 245),
    "both agents": (173, 21, 54, 48, 75),
}
"""Arm group -> patients by the sites of their lesions. Published over all groups: 1,347 liver only, 164
liver and lung, 329 liver and lymph node only, 2,229 with liver; the split over groups is assumed."""

LESIONS_BY_SITE: Final[Mapping[str, tuple[int, int, int]]] = {
    "bevacizumab": (1031, 146, 353),
    "panitumumab": (2422, 266, 534),
    "chemotherapy": (3128, 513, 646),
    "both agents": (1000, 125, 250),
}
"""Arm group -> lesions in liver, lung and lymph node. Published (legends of Figures 3 and 4), except
those of the group with both agents, which are assumed."""

LIVER: Final = "liver"

LUNG: Final = "lung"
LYMPH_NODE: Final = "lymph node"

RARER_SITES: Final[Mapping[str, float]] = {
    "abdomen": 0.34,
    "GI tract": 0.22,
    "pelvis": 0.18,
    "bone": 0.12,
    "chest": 0.0175,
    "peritoneum": 0.0175,
    "adrenal gland": 0.0175,
    "kidney": 0.0175,
    "pancreas": 0.0175,
    "skin": 0.0175,
    "spleen": 0.0175,
    "genitourinary": 0.0175,
}
"""Site -> share of the lesions outside liver, lung and lymph node (assumed); the last eight stay below
50 lesions, as published."""

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

RECIST: Final[Mapping[str, int]] = {"CR": 77, "PR": 1069, "SD": 1173, "PD": 401}
"""Recorded best responses, from the best to the worst."""
NOT_EVALUATED: Final[Mapping[str, int]] = {
    "not detected": 31,
    "unable to evaluate": 39,
    "unknown": 12,
}
"""Recorded responses that no measurement gives."""


def spread(counts: Mapping[Any, float], n: int) -> npt.NDArray[np.int64]:
    """Scale published counts to n patients: the position of each patient's value in ``counts``.

    Patients stand at evenly spaced places of the published, ordered cohort. With n the sum of the
    counts every count is exact; else each is within 1 of its share.

    Parameters
    ----------
    counts
        Value -> number of patients.
    n
        Patients wanted, >= 0.

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
    place = (np.arange(n) + 0.5) * (ends[-1] / max(n, 1))
    return np.asarray(np.searchsorted(ends, place, side="right"), dtype=np.int64)


def share(count: int, n: int) -> int:
    """Scale one published count to n patients, rounded to the nearest.

    Examples
    --------
    >>> share(1347, 2802), share(28, 100)
    (1347, 1)
    """
    return round(count * n / N_PATIENTS)
