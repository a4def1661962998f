"""Synthetic trials with known truth: the published cohort's make-up, simulated lesions and survival.

The real trials cannot be shipped. Counts repeat the published ones; growth and survival were fitted to
published summaries (`lesionhet.calibration`, docs/calibration.md). Agreement with the paper is therefore
no evidence, and no number says anything about a drug.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.errors import UsageError
from lesionhet.simulation.enrolment import enrol
from lesionhet.simulation.growth import draw_growth
from lesionhet.simulation.outcomes import draw_ends, log_hazards
from lesionhet.simulation.parameters import SimulationParameters
from lesionhet.simulation.published import N_PATIENTS
from lesionhet.simulation.scans import scan
from lesionhet.simulation.tables import lesion_ids, lesion_table, patient_ids, patient_table

__all__ = ["SimulatedTrial", "SimulationParameters", "simulate_trial", "write_trial"]

MOST_PATIENTS: Final = 100_000
"""Bounds the memory: every lesion times every scan is held at once."""


@dataclass(frozen=True, eq=False)
class SimulatedTrial:
    """A simulated trial.

    Parameters
    ----------
    lesions
        Raw table, one row a measurement, columns of ``LESION_COLUMNS``; an empty diameter was not
        assessed. Target lesions, and new lesions where they appeared.
    patients
        Raw table, one row a patient, columns of ``PATIENT_COLUMNS`` and covariates.
    truth
        One row a target lesion: ``patient_id``, ``lesion_id``, ``site``; growth parameters
        ``d0_mm``, ``kge``, ``kkill``, ``fx``; ``ratio_168``; the effects of patient and organ on growth;
        ``lesion_sd_factor``; and of its patient ``heterogeneity``, the contributions ``log_hr_..`` with
        their sum ``log_hr``, ``kras_true``, the days ``death_day``, ``censor_day``, ``dropout_day``,
        ``new_lesion_day``, and ``response_by_size``, the best response that the measured sums give.
    parameters
        What it was simulated with.
    seed
        Seed of the random generator.
    """

    lesions: pd.DataFrame
    patients: pd.DataFrame
    truth: pd.DataFrame
    parameters: SimulationParameters
    seed: int


def simulate_trial(
    n_patients: int = N_PATIENTS, seed: int = 2021, parameters: SimulationParameters | None = None
) -> SimulatedTrial:
    """Simulate a trial of metastatic colorectal cancer.

    With 2,802 patients the published counts are exact: 11,404 target lesions, by organ and arm group,
    arm sizes, KRAS, covariates, RECIST responses. Other sizes keep the proportions. Each lesion grows by
    D(t) = D0 (Fx exp(kge t) + (1 - Fx) exp(-kkill t)) with effects of patient, organ and treatment,
    and is measured with error every 8 weeks until progression. Death has a Weibull hazard
    proportional to burden, growth, response and true heterogeneity.

    Parameters
    ----------
    n_patients
        1 to 100,000.
    seed
        0 or more. The same seed, size and parameters give the same bytes.
    parameters
        Rates, effects and spreads; None for the defaults.

    Returns
    -------
    SimulatedTrial
        The two raw tables and the truth behind them.

    Raises
    ------
    UsageError
        A size or seed that is not permitted.

    Source: paper, Table 1 and legends of Figures 3 to 6; growth model of Dilley et al. 2026
    (doi 10.1002/cpt.70260).

    Examples
    --------
    >>> trial = simulate_trial(n_patients=40, seed=1)
    >>> len(trial.patients), trial.truth.groupby("patient_id").ngroups
    (40, 40)
    """
    _check_whole("n_patients", n_patients, 1, MOST_PATIENTS)
    _check_whole("seed", seed, 0, 2**63 - 1)
    chosen = parameters if parameters is not None else SimulationParameters()
    rng = np.random.default_rng(seed)
    enrolment = enrol(rng, n_patients, chosen.lesion_numbers)
    growth = draw_growth(rng, enrolment, chosen)
    hazards = log_hazards(enrolment, growth, chosen)
    ends = draw_ends(rng, enrolment, growth, hazards, chosen)
    scans = scan(rng, enrolment, growth, ends, chosen)
    lesions = lesion_table(rng, enrolment, growth, scans, ends, chosen)
    patients = patient_table(rng, enrolment, scans, ends)
    of_patient = pd.concat([hazards, ends, enrolment.patients[["kras_true"]]], axis=1)
    of_patient["response_by_size"] = scans.response
    truth = pd.concat(
        [growth, of_patient.iloc[enrolment.owner].reset_index(drop=True)],
        axis=1,
    )
    truth.insert(0, "patient_id", patient_ids(n_patients)[enrolment.owner])
    truth.insert(1, "lesion_id", lesion_ids(enrolment))
    truth.insert(2, "site", enrolment.site)
    return SimulatedTrial(lesions, patients, truth, chosen, seed)


def write_trial(
    trial: SimulatedTrial, folder: str | Path, *, truth: bool = False
) -> tuple[Path, ...]:
    """Write the tables of a simulated trial as CSV files.

    Parameters
    ----------
    trial
        From `simulate_trial`.
    folder
        Made where it does not exist; files of the same names in it are replaced.
    truth
        Whether truth.csv is written too.

    Returns
    -------
    tuple of pathlib.Path
        lesions.csv, patients.csv, and truth.csv on request. UTF-8, commas, empty where missing.

    Raises
    ------
    UsageError
        The folder cannot be made or written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_trial(simulate_trial(2, seed=1), folder)]
    ['lesions.csv', 'patients.csv']
    """
    target = Path(folder)
    tables = {"lesions": trial.lesions, "patients": trial.patients}
    if truth:
        tables["truth"] = trial.truth
    paths = []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            path = target / f"{name}.csv"
            # Whole numbers without ".0", also in columns with empty cells.
            table.convert_dtypes().to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
            paths.append(path)
    except OSError as error:
        raise UsageError(
            f"{target}: the simulated trial cannot be written there: {error}."
        ) from error
    return tuple(paths)


def _check_whole(name: str, value: Any, low: int, high: int) -> None:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        raise UsageError(f"{name} is {value!r}; permitted: whole numbers from {low} to {high}.")
