"""The raw tables of a simulated trial, in the columns of `lesionhet.schema`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.simulation import published
from lesionhet.simulation.enrolment import Enrolment, Integers
from lesionhet.simulation.growth import FASTEST_KGE
from lesionhet.simulation.parameters import SimulationParameters
from lesionhet.simulation.scans import Scans

PATIENT_ORDER: Final = (
    "patient_id",
    "arm",
    "trial",
    "os_days",
    "os_event",
    "pfs_days",
    "pfs_event",
    "progressed",
    "kras",
    "sex",
    "age",
    "race",
    "bsa",
    "ldh_high",
    "ecog",
    "primary_site",
    "prior_surgery",
    "prior_radiotherapy",
    "prior_adjuvant",
    "recist_response",
)
LESION_ORDER: Final = (
    "patient_id",
    "lesion_id",
    "day",
    "diameter_mm",
    "site",
    "visit",
    "lesion_type",
)
NEW_LESION_MM: Final = 10.0
NEW_LESION_ID: Final = "N01"
NEW_LESION_SITES: Final[Mapping[str, float]] = {
    published.LIVER: 0.5,
    published.LYMPH_NODE: 0.23,
    published.LUNG: 0.14,
    **{site: 0.13 * share for site, share in published.RARER_SITES.items()},
}
"""Site -> share of the first new lesions (assumed)."""


def patient_ids(n: int) -> Any:
    """Give n patient ids of equal width.

    Examples
    --------
    >>> patient_ids(2).tolist()
    ['P0001', 'P0002']
    """
    width = max(4, len(str(n)))
    return np.array([f"P{number:0{width}d}" for number in range(1, n + 1)], dtype=object)


def lesion_ids(enrolment: Enrolment) -> Any:
    """Give the id of every lesion, L01, L02 .. within its patient.

    Examples
    --------
    >>> from lesionhet.simulation.enrolment import enrol
    >>> lesion_ids(enrol(np.random.default_rng(1), 1)).tolist()
    ['L01', 'L02', 'L03', 'L04']
    """
    position = np.arange(len(enrolment.owner)) - enrolment.start[enrolment.owner]
    names = np.array([f"L{k:02d}" for k in range(1, int(position.max()) + 2)], dtype=object)
    return names[position]


def lesion_table(
    rng: np.random.Generator,
    enrolment: Enrolment,
    truth: pd.DataFrame,
    scans: Scans,
    ends: pd.DataFrame,
    parameters: SimulationParameters,
) -> pd.DataFrame:
    """Put the measurements of target and new lesions into one table.

    Parameters
    ----------
    rng
        Random generator, for the sites and sizes of new lesions; moved on.
    enrolment, truth, scans, ends, parameters
        What was simulated.

    Returns
    -------
    pandas.DataFrame
        One row a measurement, sorted by patient, lesion and day.

    Examples
    --------
    >>> from lesionhet.simulate import simulate_trial
    >>> simulate_trial(2, seed=1).lesions["lesion_id"].iloc[0]
    'L01'
    """
    lesion, column = np.nonzero(scans.kept_lesions)
    owner = enrolment.owner[lesion]
    target = pd.DataFrame(
        {
            "owner": owner,
            "lesion_id": lesion_ids(enrolment)[lesion],
            "day": scans.day[owner, column],
            "diameter_mm": scans.size_mm[lesion, column],
            "site": enrolment.site[lesion],
            "visit": _visit_names(scans, owner, column, parameters),
            "lesion_type": "target",
        }
    )
    new = _new_lesions(rng, enrolment, truth, scans, ends, parameters)
    rows = pd.concat([target, new], ignore_index=True)
    rows = rows.sort_values(["owner", "lesion_id", "day"], kind="stable", ignore_index=True)
    rows["patient_id"] = patient_ids(len(enrolment.patients))[rows["owner"].to_numpy()]
    return rows[list(LESION_ORDER)]


def _visit_names(
    scans: Scans, owner: Integers, column: Integers, parameters: SimulationParameters
) -> Any:
    weeks = parameters.scan_interval_days * np.arange(scans.day.shape[1]) // 7
    names = np.array(["baseline", *(f"week {week}" for week in weeks[1:])], dtype=object)
    return np.where(scans.unscheduled[owner] & (column == 1), "unscheduled", names[column])


def _new_lesions(
    rng: np.random.Generator,
    enrolment: Enrolment,
    truth: pd.DataFrame,
    scans: Scans,
    ends: pd.DataFrame,
    parameters: SimulationParameters,
) -> pd.DataFrame:
    """Measure each patient's first new lesion at the scans that were kept after it appeared."""
    n = len(enrolment.patients)
    sites = np.array(list(NEW_LESION_SITES), dtype=object)
    shares = np.array(list(NEW_LESION_SITES.values()))
    site = sites[rng.choice(len(sites), size=n, p=shares / shares.sum())]
    first_size = NEW_LESION_MM * np.exp(0.3 * np.abs(rng.normal(size=n)))
    seen = scans.kept & (scans.day >= ends["new_lesion_day"].to_numpy()[:, None])
    seen[:, 0] = False
    owner, column = np.nonzero(seen)
    first_column = seen.argmax(axis=1)[owner]
    since = scans.day[owner, column] - scans.day[owner, first_column]
    kge = np.minimum(enrolment.sum(truth["kge"].to_numpy()) / enrolment.n_lesions, FASTEST_KGE)
    size = first_size[owner] * np.exp(kge[owner] * since)
    step = parameters.rounding_mm
    return pd.DataFrame(
        {
            "owner": owner,
            "lesion_id": NEW_LESION_ID,
            "day": scans.day[owner, column],
            "diameter_mm": np.rint(size / step) * step if step > 0 else size,
            "site": site[owner],
            "visit": _visit_names(scans, owner, column, parameters),
            "lesion_type": "new",
        }
    )


def patient_table(
    rng: np.random.Generator, enrolment: Enrolment, scans: Scans, ends: pd.DataFrame
) -> pd.DataFrame:
    """Put survival and covariates into one table, one row a patient.

    PFS ends with progression; else with death, unless the scans had ended before by dropout,
    censoring or a schedule that was over: then it is censored at the last scan. PFS is emptied for the
    published number of FOLFOX patients.

    Parameters
    ----------
    rng
        Random generator; moved on.
    enrolment, scans, ends
        What was simulated.

    Returns
    -------
    pandas.DataFrame
        n rows. ``progressed`` is 1 where the PFS event was a progression, 0 elsewhere.

    Examples
    --------
    >>> from lesionhet.simulate import simulate_trial
    >>> patients = simulate_trial(40, seed=1).patients
    >>> bool((patients["pfs_days"].dropna() <= patients["os_days"]).all())
    True
    """
    patients = enrolment.patients.copy()
    n = len(patients)
    patients["patient_id"] = patient_ids(n)
    death, censor = ends["death_day"].to_numpy(), ends["censor_day"].to_numpy()
    died = death <= censor
    patients["os_days"] = np.minimum(death, censor)
    patients["os_event"] = died.astype(np.int64)
    progressed = ~np.isnan(scans.progression_day)
    died_first = ~progressed & died & (death <= ends["dropout_day"].to_numpy())
    died_first &= ~scans.schedule_over
    end = np.where(died_first, patients["os_days"], scans.last_day)
    patients["pfs_days"] = np.where(progressed, scans.progression_day, end).astype(float)
    patients["pfs_event"] = (progressed | died_first).astype(float)
    patients["progressed"] = progressed.astype(float)
    without = _without_pfs(rng, patients)
    patients.loc[without, ["pfs_days", "pfs_event", "progressed"]] = np.nan
    patients["recist_response"] = _recist_response(rng, scans.response_rank)
    return patients[list(PATIENT_ORDER)]


def _without_pfs(rng: np.random.Generator, patients: pd.DataFrame) -> Integers:
    """Choose FOLFOX patients without PFS, those of two trials first."""
    n_without = published.share(published.N_WITHOUT_PFS, len(patients))
    first = ~patients["trial"].isin(published.TRIALS_WITHOUT_PFS).to_numpy()
    key = first + rng.random(len(patients))
    key[(patients["arm"] != "FOLFOX").to_numpy()] = np.inf
    n_without = min(n_without, int(np.isfinite(key).sum()))
    return np.asarray(np.argsort(key, kind="stable")[:n_without], dtype=np.int64)


def _recist_response(rng: np.random.Generator, rank: Any) -> Any:
    """Record the published number of each response, the best-ranked patients first.

    Those that were not evaluated are drawn at random from all.
    """
    n = len(rank)
    evaluated = sum(published.RECIST.values())
    counts = {"evaluated": evaluated, **published.NOT_EVALUATED}
    label = np.array(list(counts), dtype=object)[rng.permutation(published.spread(counts, n))]
    order = np.argsort(np.where(label == "evaluated", rank, np.inf), kind="stable")
    seen = order[: int((label == "evaluated").sum())]
    names = np.array(list(published.RECIST), dtype=object)
    label[seen] = names[published.spread(published.RECIST, len(seen))]
    return label
