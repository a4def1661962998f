"""Who is in the trial: patients with arm and covariates, and where their lesions sit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.simulation import published
from lesionhet.simulation.published import spread
from lesionhet.simulation.sites import Flags, Floats, Integers, draw_sites, lesions_per_patient

__all__ = ["Enrolment", "Flags", "Floats", "Integers", "enrol"]


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


def enrol(rng: np.random.Generator, n: int, lesion_numbers: Sequence[float] = ()) -> Enrolment:
    """Draw patients and their lesions' sites.

    Parameters
    ----------
    rng
        Random generator; moved on.
    n
        Patients, >= 1. With 2,802 the published counts are exact.
    lesion_numbers
        Shares of the patients with 1, 2, .. lesions; empty: as published.

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
    group = patients["arm"].map(dict(published.ARM_GROUPS)).to_numpy(dtype=object)
    count = lesions_per_patient(rng, group, lesion_numbers)
    start = np.cumsum(count) - count
    owner = np.repeat(np.arange(n), count)
    return Enrolment(
        patients, draw_sites(rng, group, count, as_published=not lesion_numbers), owner, start
    )


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
