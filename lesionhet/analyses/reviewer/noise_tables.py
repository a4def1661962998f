"""Tables of NOISE-1: means by number of lesions, other errors, the error itself, and every patient."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.analyses.base import Answers
from lesionhet.noise.repeats import BASELINES, READERS, ErrorInForce
from lesionhet.requests.noise import MOST_LESIONS, NUMBER_CLASSES
from lesionhet.results import NoiseNull
from lesionhet.study import Study

ALL: Final = "all"
SOURCES: Final = {
    "given": "given in the definitions",
    BASELINES: "repeated baselines in the data",
    READERS: "two readers in the data",
}
"""Where an error comes from, in words."""


def number_class(n_lesions: pd.Series) -> pd.Series:
    """Name the class of each number of lesions, 2 or more.

    Examples
    --------
    >>> number_class(pd.Series([2, 9])).tolist()
    ['2 lesions', '6 lesions or more']
    """
    return n_lesions.clip(upper=MOST_LESIONS).map(lambda n: NUMBER_CLASSES[n - 2])


def told_error(error: ErrorInForce) -> str:
    """Print an error.

    Examples
    --------
    >>> told_error(ErrorInForce(0.086, 0.0)), told_error(ErrorInForce(0.0, 1.5))
    ('SD 8.6% of the size', 'SD 1.5 mm')
    """
    parts = [f"{100 * error.log_sd:.1f}% of the size"] if error.log_sd else []
    parts += [f"{error.sd_mm:.1f} mm"] if error.sd_mm else []
    return f"SD {' and '.join(parts)}{', estimated' if error.estimated else ''}"


def by_number_table(patients: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    """Table observed and expected means and who is above, all patients first."""
    groups = number_class(patients["n_lesions"])
    columns = ["distance", "expected_distance"]
    means = pd.concat(
        [
            patients[columns].mean().to_frame(ALL).T,
            patients[columns].groupby(groups).mean(),
        ]
    )
    shares = pd.concat(
        [answers["above"].to_frame().assign(group=ALL), answers["above_by_number"].to_frame()]
    ).set_index("group")
    table = means.loc[shares.index].assign(excess=lambda t: t["distance"] - t["expected_distance"])
    table.insert(0, "n", shares["n"])
    table["above"] = shares["count"]
    table = table.assign(
        share=shares["estimate"], conf_low=shares["conf_low"], conf_high=shares["conf_high"]
    )
    return table.rename_axis("patients_with").reset_index()


def cohort_table(cohort: pd.Series) -> pd.DataFrame:
    """Give the numbers of the cohort as one row."""
    names = ["n", "distance", "expected_distance", "excess", "null_low", "null_high", "p_value"]
    table = cohort[names].to_frame().T.reset_index(drop=True)
    return table.astype({"n": int})


def levels_table(null: NoiseNull, error: ErrorInForce) -> pd.DataFrame:
    """Table the expected mean by size of the error, the one in force among them."""
    own = pd.DataFrame(
        {"level_of_error": [1.0], "expected_distance": [null.value("expected_distance", "cohort")]}
    )
    table = pd.concat([null.to_frame("levels"), own]).sort_values(
        "level_of_error", ignore_index=True
    )
    table.insert(1, "log_sd", table["level_of_error"] * error.log_sd)
    table.insert(2, "sd_mm", table["level_of_error"] * error.sd_mm)
    return table.assign(distance=null.value("distance", "cohort"))


def errors_table(study: Study, error: ErrorInForce, answers: Answers) -> pd.DataFrame:
    """Table the error that is given beside those that repeated measurements show."""
    d = study.definitions
    used = {source: "yes" if source == error.source else "no" for source in SOURCES}
    rows = [
        {
            "source": SOURCES["given"],
            "used": used["given"],
            "log_sd": d.measurement_log_sd,
            "sd_mm": d.measurement_sd_mm,
        }
    ]
    for source in (BASELINES, READERS):
        if source in answers:
            found = answers[source].to_frame("error").iloc[0]
            head = {"source": SOURCES[source], "used": used[source], "log_sd": found["log_sd"]}
            limits = {name: found[name] for name in ("conf_low", "conf_high")}
            rows.append({**head, **limits, "measurements": found["n"], "df": found["df"]})
    return pd.DataFrame(rows)


def patient_table(patients: pd.DataFrame) -> pd.DataFrame:
    """Give the numbers of each patient, as a reader wants them."""
    shown = patients.assign(above=np.where(patients["above"] == 1, "yes", "no"))
    names = ["patient_id", "n_lesions", "n_scans", "followed_days", "distance", "expected_distance"]
    return shown[[*names, "excess", "limit", "noise_p", "above", "caution"]]


def error_needed(levels: pd.DataFrame, distance: float) -> float:
    """Give the multiple of the error at which noise alone gives a mean distance, by interpolation.

    Parameters
    ----------
    levels
        ``level_of_error`` and ``expected_distance``, both ascending.
    distance
        Mean distance that was observed.

    Returns
    -------
    float
        0 where the smallest error gives it already, infinite where the largest does not.

    Examples
    --------
    >>> levels = pd.DataFrame({"level_of_error": [1.0, 2.0], "expected_distance": [0.2, 0.3]})
    >>> error_needed(levels, 0.25), error_needed(levels, 0.1), error_needed(levels, 0.4)
    (1.5, 0.0, inf)
    """
    expected = np.maximum.accumulate(levels["expected_distance"].to_numpy(dtype=float))
    if distance < expected[0]:
        return 0.0
    if distance > expected[-1]:
        return float("inf")
    return float(np.interp(distance, expected, levels["level_of_error"].to_numpy(dtype=float)))


def with_distance(study: Study, patients: pd.DataFrame) -> pd.DataFrame:
    """Put the distance of each patient first, after its id."""
    distance = study.patients.set_index("patient_id")["gower"]
    distance.index = distance.index.astype(str)
    table = patients.rename(columns={"patient": "patient_id"})
    table.insert(1, "distance", table["patient_id"].map(distance))
    return table
