"""NOISE-1: the distance beside the one that measurement error alone would give."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import tried
from lesionhet.analyses.reviewer.noise_tables import (
    SOURCES,
    by_number_table,
    cohort_table,
    error_needed,
    errors_table,
    levels_table,
    number_class,
    patient_table,
    told_error,
)
from lesionhet.charts import HistogramChart
from lesionhet.labels import format_number, format_p, format_percent
from lesionhet.noise.extent import extent
from lesionhet.noise.null import LIMIT, SLACK, null_tables
from lesionhet.noise.repeats import ErrorInForce, error_in_force, repeats
from lesionhet.once import once_per_object
from lesionhet.requests import Request
from lesionhet.requests.noise import NUMBER_CLASSES
from lesionhet.results import NoiseNull
from lesionhet.study import Study

DRAWS = 200
BY_CHANCE: Final = 1 - LIMIT
"""Share of patients above their limit where noise is all there is."""
NO_SHARE: Final = (
    "The mean under noise is no share of the mean that was observed. Each ratio is divided by its range "
    "within the patient, so that small differences give nearly as much distance as large ones: of lesions "
    "that are alike, noise makes a high distance; to lesions that differ it adds little. NOISE-3 asks what "
    "would be left without error: its mean may be as high as the one under noise, and both stand."
)
NOT_MORE: Final = "No heterogeneity beyond measurement error"


def ask_null(study: Study) -> Asked:
    """Ask for the distances under noise, for who is above, and for the error that repeats show."""
    asked: dict[str, Any] = {"null": noise_request(study)}
    found = under_noise(study)
    asked["above"] = requests.proportion(found["above"], conf_level=study.definitions.conf_level)
    groups = number_class(found["n_lesions"])
    order = [name for name in NUMBER_CLASSES if (groups == name).any()]
    asked["above_by_number"] = requests.proportion(
        found["above"], groups, order, study.definitions.conf_level
    )
    for source, rows in repeats(study.cohort).items():
        asked[source] = tried(
            requests.measurement_error, rows["unit"], rows["size_mm"], study.definitions.conf_level
        )
    return asked


@once_per_object
def noise_request(study: Study) -> Request[NoiseNull]:
    """Give the question that the analyses of noise share; its answer is kept while the study is there."""
    return requests.noise_null(study.cohort, study.definitions, DRAWS)


def under_noise(study: Study) -> pd.DataFrame:
    """Give what noise alone gives of each patient, a table of one's own; see `beside_noise`."""
    return _under_noise(study).copy()


@once_per_object
def _under_noise(study: Study) -> pd.DataFrame:
    request = noise_request(study)
    patients = null_tables(request.data, **request.options)["patients"]
    names = np.asarray(request.labels["patient"], dtype=object)
    patients["patient"] = names[patients["patient"].to_numpy() - 1]
    return beside_noise(study, patients)


def beside_noise(study: Study, patients: pd.DataFrame) -> pd.DataFrame:
    """Put each patient's distance, and what it rests on, beside what noise gives.

    Parameters
    ----------
    study
        Of the same patients.
    patients
        Table ``patients`` of `lesionhet.results.NoiseNull`.

    Returns
    -------
    pandas.DataFrame
        ``patient_id``, the columns of `lesionhet.noise.extent.extent`, ``distance, expected_distance,
        excess, limit, noise_p, above``; one row a patient with two lesions or more.
    """
    known = extent(study.cohort, study.definitions)
    known["distance"] = study.patients.set_index("patient_id")["gower"]
    known.index = known.index.astype(str)
    table = patients.rename(columns={"patient": "patient_id"}).join(known, on="patient_id")
    return table.assign(
        excess=table["distance"] - table["expected_distance"],
        above=(table["distance"] > table["limit"] + SLACK).astype(int),
    )


def show_null(study: Study, answers: Answers) -> Shown:
    """Show observed and expected distances, who is above, and what error would explain all."""
    null, error = answers["null"], error_in_force(study.cohort, study.definitions)
    cohort = null.to_frame("cohort").iloc[0]
    patients = beside_noise(study, null.to_frame("patients"))
    share = answers["above"].to_frame().iloc[0]
    levels = levels_table(null, error)
    tables = {
        "by_number": by_number_table(patients, answers),
        "cohort": cohort_table(cohort),
        "other_errors": levels,
        "measurement_error": errors_table(study, error, answers),
        "noise_patients": patient_table(patients),
    }
    within = null.options["range"] == "patient"
    remarks = (
        *_model_remarks(null, error),
        _needed(levels, cohort, error),
        *((NO_SHARE,) if within else ()),
        *_cautions(patients, cohort, within),
    )
    verdict = null_verdict(cohort, share, error)
    return Shown(tables, {"null": _chart(null, error)}, remarks, verdict=verdict)


def null_verdict(cohort: pd.Series, share: pd.Series, error: ErrorInForce) -> str:
    """Say whether there is heterogeneity beyond noise.

    There is where the mean distance is above the 95th percentile of what noise gives, and the whole
    interval of the share of patients above their own is above 5%.
    """
    noise = f"measurement error alone ({told_error(error)}) would give {cohort['expected_distance']:.3f}"
    above = (
        f"{format_percent(share['estimate'])} of {int(cohort['n']):,} patients "
        f"({format_percent(share['conf_low'])} to {format_percent(share['conf_high'])}) lie above what "
        f"it gives in {LIMIT:.0%} of draws"
    )
    mean = f"the mean distance is {cohort['distance']:.3f}"
    if cohort["distance"] > cohort["limit"] and share["conf_low"] > BY_CHANCE:
        head = f"Yes, by a mean of {cohort['excess']:.3f}"
    else:
        head = f"{NOT_MORE} is shown"
    return f"{head}: {mean}, {noise}; {above}, where {BY_CHANCE:.0%} would by chance."


def _model_remarks(null: NoiseNull, error: ErrorInForce) -> tuple[str, ...]:
    draws = null.options["draws"]
    source = SOURCES[error.source]
    if not error.estimated:
        source += (
            "; published: 6.2% for one observer, 8.6% for several (Yoon 2016), 1.2 mm on repeat scans "
            "(Oxnard 2011)"
        )
    return (
        "Noise alone: all lesions of a patient follow its common course, the geometric mean of size / "
        f"baseline at each scan, and every size, baseline included, is measured with error {draws} times. "
        "Phases and distance are computed anew each time by the same definitions.",
        f"Error of one measurement: {told_error(error)}, {source}. Sizes are rounded as in the data.",
        "Heterogeneity beyond noise is reported where the mean distance is above the 95th percentile of "
        "the mean under noise and the whole interval of the share of patients above their own 95th "
        f"percentile is above {BY_CHANCE:.0%}.",
    )


def _needed(levels: pd.DataFrame, cohort: pd.Series, error: ErrorInForce) -> str:
    """Say how large the error would have to be for noise to give the mean that was observed."""
    least, most = levels["level_of_error"].iloc[0], levels["level_of_error"].iloc[-1]
    times = error_needed(levels, float(cohort["distance"]))
    if times == np.inf:
        return f"Even {most:g} times this error would not give the mean distance that was observed."
    if times == 0:
        return f"Even {least:g} times this error would give the mean distance that was observed."
    scaled = ErrorInForce(error.log_sd * times, error.sd_mm * times)
    return (
        f"Noise alone would give the mean distance that was observed with an error {times:.1f} times as "
        f"large ({told_error(scaled)}); {least:g} times the error would give {_least(levels):.3f}."
    )


def _least(levels: pd.DataFrame) -> float:
    return float(levels["expected_distance"].iloc[0])


def _cautions(patients: pd.DataFrame, cohort: pd.Series, within: bool) -> tuple[str, ...]:
    """Say whose distance means little; ``within``: the range of a ratio is the patient's own."""
    counts = patients["caution"].value_counts()
    told = "; ".join(f"{name}: {n:,}" for name, n in counts.items() if name)
    two = "each ratio differs by its whole range" if within else "there is a single pair"
    remarks = []
    if told:
        remarks.append(
            f"Patients whose distance hardly means anything by itself ({told}): with two lesions {two}, with "
            "one scan the nadir is the last size."
        )
    if within and (patients["n_lesions"] < 4).any():
        remarks.append(
            "With two or three lesions the distance has few values, and noise alone often gives the highest "
            "of them: few such patients can lie above their limit, whatever their lesions do."
        )
    if singles := int(cohort["single"]):
        remarks.append(f"Patients with a single lesion, who are not tested: {singles:,}.")
    return tuple(remarks)


def _chart(null: NoiseNull, error: ErrorInForce) -> HistogramChart:
    """Draw the patients' distances beside those of a mean draw of noise."""
    bins = null.to_frame("histogram").rename(
        columns={"patients": "distance", "expected_patients": "expected_distance"}
    )
    panels = {"distance": "Observed", "expected_distance": "Alike but for noise"}
    cohort = null.to_frame("cohort").iloc[0]
    parts = [
        bins[["left", "right"]].assign(count=bins[name], panel=panel)
        for name, panel in panels.items()
    ]
    marks = pd.DataFrame(
        [
            {"panel": panel, "value": cohort[name], "label": f"mean {cohort[name]:.3f}"}
            for name, panel in panels.items()
        ]
    )
    return HistogramChart(
        "Distances of patients, and what measurement error alone gives",
        f"Patient-level distance of {int(cohort['n']):,} patients with two lesions or more, observed and "
        f"in a mean draw of lesions that are alike but for measurement error ({told_error(error)}). Mean "
        f"under noise: {format_p(cohort['p_value'])} (one-sided), central 95% "
        f"{format_number(cohort['null_low'], 3)} to {format_number(cohort['null_high'], 3)}.",
        pd.concat(parts, ignore_index=True),
        marks,
        tuple(panels.values()),
        "Patients",
    )
