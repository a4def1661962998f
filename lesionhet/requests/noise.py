"""Questions about measurement noise: what it alone would give, and what another measurement would."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.burden import assessments
from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.noise.recording import recording_of
from lesionhet.noise.repeats import error_in_force
from lesionhet.noise.uniform import start_values
from lesionhet.requests.base import Request, Values
from lesionhet.requests.patterns import PHASE_OPTIONS, distance_options
from lesionhet.rows import check_level, complete_rows
from lesionhet.schema import RESPONSE_VARIABLES

DRAWS: Final = 200
SEED: Final = 2021
LEVELS: Final = (0.25, 0.5, 1.5, 2.0, 3.0)
"""Multiples of the error for which the expected mean is computed as well."""
LEVEL_DRAWS: Final = 10
"""The mean of a cohort varies little from draw to draw."""
VARIANCES: Final = (0.5, 1.0, 1.5, 2.0)
"""Of added error, for the extrapolation; 1 is one more measurement."""
FEWEST_PATIENTS: Final = 5
"""In a class whose lesions are dealt out anew."""
SCAN_CLASSES: Final = ((1, 1), (2, 2), (3, 4), (5, 8), (9, None))
"""Classes of similar follow-up: number of scans after baseline, from and to."""
MOST_LESIONS: Final = 6
"""From this number of lesions on patients are tabled together."""
NUMBER_CLASSES: Final = (
    *(f"{n} lesions" for n in range(2, MOST_LESIONS)),
    f"{MOST_LESIONS} lesions or more",
)


def noise_null(
    cohort: Cohort,
    definitions: Definitions,
    draws: int = DRAWS,
    seed: int = SEED,
    levels: Sequence[float] = LEVELS,
) -> Request[results.NoiseNull]:
    """Ask for the distances expected where the lesions of a patient are alike but for noise.

    Every lesion follows the common course of its patient and is measured with error, baseline included,
    ``draws`` times; phases and distances are those of the definitions each time.

    Parameters
    ----------
    cohort
        Its followed measurements. Patients with a single lesion are counted, not tested.
    definitions
        Every rule of phases and distance, and the error of one measurement.
    draws
        2 or more; the smallest P value is 1 / (draws + 1).
    seed
        Of the random numbers, 0 or more.
    levels
        Multiples of the error, each above 0, for which the expected mean is given as well.

    Raises
    ------
    UsageError
        A number that is not permitted.
    NotEstimableError
        No patient has two followed lesions, or the error is to be estimated and cannot be.

    Source: docs/methods.md, "Is the distance more than noise?".

    Examples
    --------
    >>> from lesionhet import cohort_from_frames, engine
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> asked = noise_null(cohort_from_frames(rows), Definitions(), draws=50)
    >>> engine("python").answer(asked).value("distance", "cohort")
    0.4
    """
    _check_draws(draws)
    if not all(0 < level < float("inf") for level in levels):
        raise UsageError(f"levels are {list(levels)}; permitted: numbers above 0.")
    data, labels = _measured_rows(cohort, definitions)
    options = {
        "draws": int(draws),
        **_error(cohort, definitions),
        "seeds": start_values(seed),
        "levels": [float(level) for level in levels],
        "level_draws": LEVEL_DRAWS,
        **_rules(cohort, definitions),
    }
    return Request("noise_null", results.NoiseNull, data, labels, options, {})


def remeasured(
    cohort: Cohort,
    definitions: Definitions,
    draws: int = 100,
    seed: int = SEED + 1,
    variances: Sequence[float] = VARIANCES,
) -> Request[results.Remeasured]:
    """Ask what the distances would be, had every size been measured once more.

    Parameters
    ----------
    cohort, definitions, seed
        As in `noise_null`. Sizes of 0 and sizes too small to be measured stay as recorded.
    draws
        At variance 1, 2 or more; a quarter of it, 10 at least, at the others.
    variances
        Of the error that is added, in units of that of one measurement: above 0, with 1, and three or
        more for the extrapolation.

    Raises
    ------
    UsageError
        A number that is not permitted.
    NotEstimableError
        As `noise_null`.

    Source: Cook & Stefanski (1994), J Am Stat Assoc 89:1314-1328.
    """
    _check_draws(draws)
    if 1.0 not in variances or len(set(variances)) < 3 or not all(v > 0 for v in variances):
        raise UsageError(
            f"variances are {list(variances)}; permitted: three numbers above 0 or more, with 1."
        )
    data, labels = _measured_rows(cohort, definitions)
    fewer = max(draws // 4, 10)
    options = {
        "levels": [float(v) for v in variances],
        "draws": [int(draws) if v == 1 else fewer for v in variances],
        **_error(cohort, definitions),
        "seeds": start_values(seed),
        "conf_level": check_level(definitions.conf_level),
        **_rules(cohort, definitions),
    }
    return Request("remeasured", results.Remeasured, data, labels, options, {})


def reassembled(
    lesions: pd.DataFrame,
    n_scans: pd.Series,
    definitions: Definitions,
    draws: int = DRAWS,
    seed: int = SEED + 2,
) -> Request[results.Reassembled]:
    """Ask for the distances of patients whose lesions are dealt out anew among similar patients.

    Parameters
    ----------
    lesions
        One row a lesion: ``patient_id`` and the five response variables, none missing.
    n_scans
        Number of scans after baseline by patient id, 1 or more.
    definitions
        Rules of the distance.
    draws, seed
        As in `noise_null`.

    Returns
    -------
    Request
        Patients are similar that have the same number of lesions and a number of scans in the same class
        of `SCAN_CLASSES`. Classes of fewer than 5 patients are not compared, and counted.

    Raises
    ------
    UsageError
        A number that is not permitted.
    NotEstimableError
        No class has 5 patients with two lesions or more.
    """
    _check_draws(draws)
    patient, patients = pd.factorize(lesions["patient_id"], sort=True)
    order = np.argsort(patient, kind="stable")
    number = np.bincount(patient)
    scans = n_scans.reindex(patients).to_numpy(dtype=float)
    scan_class = np.searchsorted([low for low, _ in SCAN_CLASSES], scans, side="right")
    key = pd.DataFrame({"lesions": number, "scans": scan_class})
    sizes = key.groupby(["lesions", "scans"]).size()
    compared = sizes[(sizes >= FEWEST_PATIENTS) & (sizes.index.get_level_values("lesions") > 1)]
    if compared.empty:
        raise NotEstimableError(
            f"No {FEWEST_PATIENTS} patients have the same number of lesions, two or more, and a similar "
            "number of scans."
        )
    code = pd.Series(np.arange(1, len(compared) + 1), index=compared.index)
    level = code.reindex(pd.MultiIndex.from_frame(key)).fillna(0).to_numpy(dtype=np.int64)
    values = lesions[list(RESPONSE_VARIABLES)].to_numpy(dtype=float)[order]
    data = pd.DataFrame(values, columns=list(RESPONSE_VARIABLES))
    data.insert(0, "patient", patient[order] + 1)
    data.insert(1, "level", level[patient[order]])
    data.insert(2, "group", np.clip(number, 2, MOST_LESIONS)[patient[order]] - 1)
    labels = {
        "patient": tuple(map(str, patients)),
        "group": NUMBER_CLASSES,
    }
    options = {
        "draws": int(draws),
        "seeds": start_values(seed),
        **_without_single(distance_options(definitions)),
    }
    return Request("reassembled", results.Reassembled, data, labels, options, {})


def measurement_error(
    unit: Values, size_mm: Values, conf_level: float = 0.95
) -> Request[results.MeasurementError]:
    """Ask for the SD of the natural log of one measurement, from things measured more than once.

    Parameters
    ----------
    unit
        n labels of what was measured; one that was measured once says nothing and is left out, counted.
    size_mm
        n sizes above 0; missing ones are left out, counted.
    conf_level
        Of the chi-square interval.

    Raises
    ------
    UsageError
        A size is not above 0.
    NotEstimableError
        Nothing was measured twice, or all repeats are equal (from an engine).

    Source: Bland & Altman (1996), BMJ 313:744.

    Examples
    --------
    >>> from lesionhet import engine
    >>> asked = measurement_error(["A", "A", "B"], [20.0, 22.0, 9.0])
    >>> round(engine("python").answer(asked).value("log_sd", "error"), 4), dict(asked.left_out)
    (0.0674, {'measured once': 1})
    """
    data, _, left_out = complete_rows(
        {"size_mm": size_mm}, {"unit": (unit, None)}, may_be_empty=("unit",)
    )
    if not (data["size_mm"] > 0).all():
        raise UsageError("size_mm has values that are not above 0; a log needs sizes above 0.")
    several = data.groupby("unit")["unit"].transform("size") > 1
    if once := int((~several).sum()):
        left_out = {**left_out, "measured once": once}
    data = data[several].sort_values("unit", kind="stable", ignore_index=True)
    if data.empty:
        raise NotEstimableError("Measurement error: nothing was measured more than once.")
    data["unit"] = pd.factorize(data["unit"])[0] + 1
    options = {"conf_level": check_level(conf_level)}
    return Request(
        "measurement_error",
        results.MeasurementError,
        data[["unit", "size_mm"]],
        {},
        options,
        left_out,
    )


def _check_draws(draws: int) -> None:
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 2:
        raise UsageError(f"draws is {draws!r}; permitted: whole numbers from 2 on.")


def _measured_rows(
    cohort: Cohort, definitions: Definitions
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Give the followed measurements with codes for patients and lesions and their assessments."""
    rows = cohort.measurements
    patient, patients = pd.factorize(rows["patient_id"], sort=True)
    number = cohort.lesions.groupby("patient_id").size()
    if not (number > 1).any():
        raise NotEstimableError(
            "No patient has two followed lesions or more; there is no distance."
        )
    lesion = rows.groupby(["patient_id", "lesion_id"], sort=True).ngroup()
    data = pd.DataFrame(
        {
            "patient": patient + 1,
            "lesion": lesion.to_numpy() + 1,
            "assessment": assessments(cohort, definitions.visit_window_days).to_numpy(),
            "size_mm": rows["diameter_mm"].to_numpy(dtype=float),
        }
    )
    return data, {"patient": tuple(map(str, patients))}


def _error(cohort: Cohort, definitions: Definitions) -> dict[str, float]:
    error = error_in_force(cohort, definitions)
    return {"log_sd": float(error.log_sd), "sd_mm": float(error.sd_mm)}


def _rules(cohort: Cohort, definitions: Definitions) -> dict[str, Any]:
    """Give how sizes are written down, and the rules of phases and distance."""
    written = recording_of(cohort.measurements["diameter_mm"].to_numpy(dtype=float))
    phases = {name: getattr(definitions, name) for name in PHASE_OPTIONS if name != "crossing"}
    return {
        "recording": [written.precision_mm, written.floor_mm, written.zero_below_mm],
        **phases,
        **_without_single(distance_options(definitions)),
    }


def _without_single(options: dict[str, Any]) -> dict[str, Any]:
    """Leave out the rule of single lesions: such patients are not tested."""
    return {name: value for name, value in options.items() if name != "single"}
