"""The five variables, the distance, and whether it depends on the number of lesions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Requests, Shown
from lesionhet.analyses.parts.comparison import outliers
from lesionhet.charts import BoxChart, HistogramChart, ShareChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_p
from lesionhet.schema import PHASES
from lesionhet.study import Study

BINS: Final = 30
FEWEST_PATIENTS: Final = 3
PANELS: Final = {
    "nadir_ratio": "Nadir ratio (lesions)",
    "last_ratio": "Last ratio (lesions)",
    "gower": "Distance (lesions)",
    "patient_gower": "Distance (patients)",
}


def _measures(study: Study) -> dict[str, pd.Series]:
    lesions = study.lesions
    return {
        "nadir_ratio": lesions["nadir_ratio"],
        "last_ratio": lesions["last_ratio"],
        "gower": lesions["gower"],
        "patient_gower": study.patients["gower"],
    }


def ask_distances(study: Study) -> Requests:
    """Ask for every pattern from the measurements on, and for the spread of what they show."""
    asked: dict[str, Any] = {"patterns": requests.patterns(study.cohort, study.definitions)}
    for phase in PHASES:
        present = study.lesions[phase].map({1: "present", 0: "absent"})
        asked[phase] = requests.count(present, level_order=("present", "absent"))
    for name, values in _measures(study).items():
        asked[name] = requests.describe(values)
    return asked


def show_distances(study: Study, answers: Answers) -> Shown:
    """Show the flags as shares, the ratios and the distances as histograms."""
    flags = pd.concat([answers[p].to_frame().assign(group=p) for p in PHASES], ignore_index=True)
    spread = pd.concat(
        [answers[name].to_frame().assign(measure=name) for name in PANELS], ignore_index=True
    )
    bins, marks = [], []
    for name, values in _measures(study).items():
        known = values.dropna().to_numpy()
        counts, edges = np.histogram(known, bins=BINS)
        panel = pd.DataFrame({"left": edges[:-1], "right": edges[1:], "count": counts})
        bins.append(panel.assign(panel=PANELS[name]))
        median = answers[name].value("median", "summary")
        marks.append({"panel": PANELS[name], "value": median, "label": f"median {median:.2f}"})
    share = ShareChart(
        "The three phase variables",
        f"Share of {len(study.lesions):,} lesions in which each phase is present.",
        flags,
        PHASES,
        ("present", "absent"),
        "Phase",
        "Lesions (%)",
    )
    histogram = HistogramChart(
        "The ratios and the distances",
        f"Ratios and lesion-level distance of {len(study.lesions):,} lesions, patient-level distance "
        f"of {int(study.patients['gower'].notna().sum()):,} patients.",
        pd.concat(bins, ignore_index=True),
        pd.DataFrame(marks),
        tuple(PANELS.values()),
        "Count",
    )
    singles = int((study.patients["n_lesions"] == 1).sum())
    rule = "0" if study.definitions.single_lesion == "zero" else "missing"
    remark = f"{singles:,} patients have a single followed lesion: their distance is {rule}."
    tables = {
        "measures": spread[["measure", *spread.columns.drop(["measure", "group"])]],
        "phase_presence": flags.rename(columns={"group": "phase"}),
    }
    return Shown(tables, {"phases": share, "distances": histogram}, (remark,) if singles else ())


def ask_tau(study: Study) -> Requests:
    """Ask for the correlation of the distance with the number of lesions, above two lesions."""
    several = study.patients[study.patients["n_lesions"] > 2]
    if len(several) < FEWEST_PATIENTS:
        raise NotEstimableError(
            f"{len(several)} patient(s) have more than two lesions, needs {FEWEST_PATIENTS}."
        )
    by_number = several["n_lesions"].astype(str)
    order = tuple(
        str(n) for n in sorted(several.loc[several["gower"].notna(), "n_lesions"].unique())
    )
    return {
        "kendall": requests.kendall(several["gower"], several["n_lesions"]),
        "spread": requests.describe(several["gower"], by_number, order),
    }


def show_tau(study: Study, answers: Answers) -> Shown:
    """Show the distance by number of lesions."""
    test, spread = answers["kendall"], answers["spread"].to_frame()
    several = study.patients[study.patients["n_lesions"] > 2]
    groups = several["n_lesions"].astype(str)
    chart = BoxChart(
        "Distance by number of lesions",
        f"Patient-level distance, {test.n:,} patients with more than two lesions. Kendall's tau "
        f"{test.value('estimate'):.3f}, {format_p(test.value('p_value'))}.",
        spread,
        outliers(several["gower"], groups, spread),
        tuple(spread["group"]),
        "Gower distance (patient)",
        "Followed lesions",
        palette="count",
    )
    tables = {"kendall": test.to_frame(), "by_number": spread}
    return Shown(tables, {"distance_by_number": chart})
