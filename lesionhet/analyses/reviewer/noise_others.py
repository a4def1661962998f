"""NOISE-2: the distance beside that of lesions of different patients."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.reviewer.noise_tables import with_distance
from lesionhet.charts import ForestChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_p
from lesionhet.noise.extent import extent
from lesionhet.requests.noise import FEWEST_PATIENTS
from lesionhet.results import Reassembled
from lesionhet.study import Study

DRAWS = 200
ALL: Final = "all"
SIGNIFICANT: Final = 0.05


def ask_others(study: Study) -> Asked:
    """Ask for the distances of patients put together at random."""
    scans = extent(study.cohort, study.definitions)["n_scans"]
    return {"reassembled": requests.reassembled(study.lesions, scans, study.definitions, DRAWS)}


def show_others(study: Study, answers: Answers) -> Shown:
    """Show the observed distances over those of lesions of different patients."""
    found: Reassembled = answers["reassembled"]
    cohort = found.to_frame("cohort")
    whole = cohort.iloc[0]
    groups = pd.concat(
        [cohort.drop(columns="not_compared").assign(group=ALL), found.to_frame("groups")],
        ignore_index=True,
    )
    groups = groups.assign(ratio=groups["distance"] / groups["expected_distance"])
    names = ["distance", "expected_distance", "null_low", "null_high", "ratio", "p_value"]
    table = groups.rename(columns={"group": "patients_with"})[["patients_with", "n", *names]]
    patients = with_distance(study, found.to_frame("patients"))
    remarks = [
        "All lesions of the patients with the same number of lesions and a similar number of scans (1, 2, "
        f"3-4, 5-8, 9 or more) were dealt out among them anew, {found.options['draws']} times: patients put "
        "together at random, with as many lesions and as long a follow-up. A ratio below 1 means that the "
        "lesions of one patient are more alike than lesions of different patients.",
    ]
    if left := int(whole["not_compared"]):
        remarks.append(
            f"Patients not compared, because fewer than {FEWEST_PATIENTS} are like them: {left:,}."
        )
    if (groups["expected_distance"] <= 0).any():
        raise NotEstimableError("Lesions of different patients do not differ either.")
    return Shown(
        {"by_number": table, "noise_patients": patients},
        {"ratios": _chart(groups)},
        tuple(remarks),
        verdict=others_verdict(whole),
    )


def others_verdict(whole: pd.Series) -> str:
    """Say whether the lesions of one patient are more alike than those of different patients."""
    ratio = whole["distance"] / whole["expected_distance"]
    random = (
        f"patients put together at random ({whole['expected_distance']:.3f}; {whole['null_low']:.3f} to "
        f"{whole['null_high']:.3f} in 95% of draws)"
    )
    mean = f"the mean distance is {whole['distance']:.3f}"
    if whole["p_value"] >= SIGNIFICANT:
        return f"Not shown: {mean}, as that of {random}, {format_p(whole['p_value'])}."
    if ratio < 1:
        return f"Yes: {mean}, {1 - ratio:.0%} below that of {random}."
    return f"No, they differ more: {mean}, {ratio - 1:.0%} above that of {random}."


def _chart(groups: pd.DataFrame) -> ForestChart:
    rows = pd.DataFrame(
        {
            "panel": "Lesions of one patient over lesions of different patients",
            "label": [
                f"{group}, n = {n:,}" for group, n in zip(groups["group"], groups["n"], strict=True)
            ],
            "estimate": groups["ratio"],
            "conf_low": groups["distance"] / groups["null_high"],
            "conf_high": groups["distance"] / groups["null_low"],
            "p_value": groups["p_value"],
        }
    )
    return ForestChart(
        "Distance within patients over that of patients put together at random",
        "Mean patient-level distance over the mean of patients put together at random from lesions of "
        "patients with as many lesions and a similar number of scans; bars: central 95% of the draws.",
        rows,
        x_label="Observed / put together at random (log scale)",
        heading="Ratio",
    )
