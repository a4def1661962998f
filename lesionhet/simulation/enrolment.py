"""Who is in the trial: patients with arm and covariates, and where their lesions sit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.simulation import published
from lesionhet.simulation.published import share, spread

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

EXTRA_LIVER_SHARE: Final = 0.45
"""With liver and other sites: share of liver among the lesions beyond the first of each."""
SAME_SITE_SHARE: Final = 0.75
"""Share of a patient's lesions outside the liver that sit in the patient's main other site."""


@dataclass(frozen=True, eq=False)
class Enrolment:
    """Patients and lesions before treatment.

    Parameters
    ----------
    patients
        n rows: ``arm``, ``trial``, covariates, ``kras`` as recorded and ``kras_true``.
    site
        L sites, lesions of one patient side by side.
    owner
        L patient numbers from 0.
    start
        n positions of each patient's first lesion.
    """

    patients: pd.DataFrame
    site: npt.NDArray[np.object_]
    owner: Integers
    start: Integers

    def sum(self, values: Any) -> Any:
        """Add up over the lesions of each patient: L rows become n."""
        return np.add.reduceat(values, self.start, axis=0)

    @property
    def n_lesions(self) -> Integers:
        """Number of lesions of each patient."""
        return np.diff(np.append(self.start, len(self.owner)))


def enrol(rng: np.random.Generator, n: int) -> Enrolment:
    """Draw patients and their lesions' sites.

    Parameters
    ----------
    rng
        Random generator; moved on.
    n
        Patients, >= 1. With 2,802 the published counts are exact.

    Returns
    -------
    Enrolment
        n patients and their lesions.

    Source: paper, Table 1.

    Examples
    --------
    >>> len(enrol(np.random.default_rng(1), 2802).owner)
    11404
    """
    patients = _patients(rng, n)
    lesions = np.array(list(published.LESIONS_PER_PATIENT))
    count = rng.permutation(lesions[spread(published.LESIONS_PER_PATIENT, n)])
    start = np.cumsum(count) - count
    owner = np.repeat(np.arange(n), count)
    has_liver, has_others = _site_patterns(rng, count)
    position = np.arange(len(owner)) - start[owner]
    site = _sites(rng, owner, position, has_liver[owner], has_others[owner])
    return Enrolment(patients, site, owner, start)


def _shuffled(rng: np.random.Generator, counts: Mapping[Any, int], n: int) -> pd.Series:
    values = pd.Series(list(counts))
    return values.iloc[rng.permutation(spread(counts, n))].reset_index(drop=True)


def _patients(rng: np.random.Generator, n: int) -> pd.DataFrame:
    arms = list(published.ARMS)
    arm = rng.permutation(spread(published.ARMS, n))
    columns: dict[str, Any] = {
        "arm": np.array([name for name, _ in arms], dtype=object)[arm],
        "trial": np.array([trial for _, trial in arms], dtype=object)[arm],
    }
    for name, counts in published.COVARIATES.items():
        columns[name] = _shuffled(rng, counts, n)
    patients = pd.DataFrame(columns)
    mean, sd = published.AGE_YEARS
    patients["age"] = np.clip(np.rint(rng.normal(mean, sd, n)), 18, 90).astype(np.int64)
    noise = rng.normal(size=n)
    bsa = patients["sex"].map(dict(published.BSA_M2))
    patients["bsa"] = np.round(bsa.str[0] + bsa.str[1] * noise, 2).clip(1.2, 2.8)
    _add_kras(rng, patients)
    return patients


def _add_kras(rng: np.random.Generator, patients: pd.DataFrame) -> None:
    """Add the recorded KRAS, unknown first where it was not tested, and the true one."""
    n = len(patients)
    tested = ~patients["trial"].isin(published.TRIALS_WITHOUT_KRAS).to_numpy()
    order = np.argsort(tested + rng.random(n), kind="stable")
    recorded = np.empty(n, dtype=object)
    recorded[order] = np.array(list(published.KRAS), dtype=object)[spread(published.KRAS, n)]
    known = {status: count for status, count in published.KRAS.items() if status != "unknown"}
    hidden = rng.random(n) < known["mutant"] / sum(known.values())
    guess = np.where(hidden, "mutant", "wild-type")
    patients["kras"] = recorded
    patients["kras_true"] = np.where(recorded == "unknown", guess, recorded)


def _site_patterns(rng: np.random.Generator, count: Integers) -> tuple[Flags, Flags]:
    """Choose who has liver lesions and who has others; many lesions make both more likely."""
    n = len(count)
    several = int((count >= 2).sum())
    n_both = min(share(published.N_LIVER_AND_OTHERS, n), several)
    n_liver_only = min(share(published.N_LIVER_ONLY, n), n - n_both)
    # Gumbel noise on log weights, the largest taken: draws without replacement by weight.
    noise = rng.gumbel(size=(2, n))
    both = np.zeros(n, dtype=bool)
    weight = np.where(count >= 2, 0.5 * np.log(count), -np.inf)
    both[np.argsort(-(weight + noise[0]), kind="stable")[:n_both]] = True
    liver_only = np.zeros(n, dtype=bool)
    weight = np.where(both, -np.inf, 0.6 * np.log(count))
    liver_only[np.argsort(-(weight + noise[1]), kind="stable")[:n_liver_only]] = True
    return both | liver_only, ~liver_only


def _sites(
    rng: np.random.Generator,
    owner: Integers,
    position: Integers,
    has_liver: Flags,
    has_others: Flags,
) -> npt.NDArray[np.object_]:
    n_patients, n_lesions = int(owner[-1]) + 1, len(owner)
    both = has_liver & has_others
    extra = rng.random(n_lesions) < EXTRA_LIVER_SHARE
    liver = np.where(both, (position == 0) | ((position >= 2) & extra), has_liver)
    names = np.array(list(published.OTHER_SITES), dtype=object)
    shares = np.array(list(published.OTHER_SITES.values()))
    shares = shares / shares.sum()
    main = rng.choice(len(names), size=n_patients, p=shares)[owner]
    single = rng.choice(len(names), size=n_lesions, p=shares)
    same = rng.random(n_lesions) < SAME_SITE_SHARE
    return np.where(liver, published.LIVER, names[np.where(same, main, single)])
