"""Size over time of single patients: the total burden and each lesion, phases coloured."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.analyses.base import Answers, Shown
from lesionhet.charts import TrajectoryChart
from lesionhet.errors import NotEstimableError
from lesionhet.schema import PHASES
from lesionhet.study import Study

PICKED: Final = 3
FEWEST_LESIONS, MOST_LESIONS = 3, 6
FEWEST_SCANS: Final = 5
"""Assessments of the total burden, baseline included: fewer show little."""
TOTAL: Final = "total"


def shown_patients(study: Study) -> tuple[str, ...]:
    """Give the patients shown one by one: those chosen by the user, or picked by a stated rule.

    The rule: for each pattern of the total burden (responded; relapsed without response; neither)
    the patient with the highest distance among those with 3 to 6 lesions and 5 or more assessments
    of the total burden, or among all where nobody has; ties by id.
    """
    if study.chosen:
        return study.chosen
    known = study.patients.dropna(subset=["nadir_ratio", "gower"])
    scans = known["patient_id"].map(study.burden.groupby("patient_id").size())
    several = known[
        known["n_lesions"].between(FEWEST_LESIONS, MOST_LESIONS) & (scans >= FEWEST_SCANS)
    ]
    pool = several if len(several) else known
    pattern = np.select(
        [pool["response"] == 1, pool["relapse"] == 1], ["responded", "relapsed"], "neither"
    )
    ranked = pool.assign(pattern=pattern).sort_values(
        ["gower", "patient_id"], ascending=[False, True]
    )
    first = ranked.drop_duplicates("pattern").set_index("pattern")["patient_id"]
    return tuple(first[p] for p in ("responded", "neither", "relapsed") if p in first.index)


def show_trajectories(study: Study, answers: Answers) -> Shown:
    """Show the trajectories of a few patients."""
    patients = shown_patients(study)
    if not patients:
        raise NotEstimableError("No patient has a total burden and lesions to show beside it.")
    chart = trajectory_chart(study, patients, "The total burden and each lesion")
    rule = (
        "Patients were chosen by the user."
        if study.chosen
        else "Patients picked: the highest distance for each pattern of the total burden, among "
        f"those with {FEWEST_LESIONS} to {MOST_LESIONS} lesions and {FEWEST_SCANS} or more "
        "assessments where there are any."
    )
    table = lesions_shown(study, patients)
    return Shown({"lesions_shown": table}, {"trajectories": chart}, remarks=(rule,))


def trajectory_chart(
    study: Study, patients: tuple[str, ...], title: str, remark: str = ""
) -> TrajectoryChart:
    """Draw the total burden and each lesion of the given patients, in their order."""
    return TrajectoryChart(
        title,
        f"Size divided by baseline for patients {', '.join(patients)}. Y: the lesion's phases are "
        "those of the total burden; N: they are not." + (f" {remark}" if remark else ""),
        points=_points(study, patients),
        phases=_phases(study, patients),
        series=_series(study, patients),
        lines={
            study.definitions.response_threshold: "response",
            study.definitions.relapse_threshold: "growth",
        },
    )


def lesions_shown(study: Study, patients: tuple[str, ...]) -> pd.DataFrame:
    """Give the lesions of the given patients with their phases, ratios and distance."""
    columns = [*PHASES, *(f"{p}_days" for p in PHASES), "nadir_ratio", "last_ratio"]
    shown = study.lesions[study.lesions["patient_id"].isin(patients)]
    site = ["site"] if "site" in shown else []
    return shown[["patient_id", "lesion_id", *site, *columns, "inconsistent", "gower"]]


def _series(study: Study, patients: tuple[str, ...]) -> pd.DataFrame:
    lesions = study.lesions[study.lesions["patient_id"].isin(patients)]
    label = lesions["lesion_id"]
    if "site" in lesions:
        label = label.where(lesions["site"].isna(), label + ", " + lesions["site"].astype(str))
    totals = pd.DataFrame({"patient_id": list(patients)})
    own = pd.DataFrame(
        {
            "patient_id": lesions["patient_id"],
            "series": "lesion " + lesions["lesion_id"],
            "label": label,
            "consistent": lesions["inconsistent"].map({0.0: "Y", 1.0: "N"}).fillna(""),
        }
    )
    total = totals.assign(series=TOTAL, label="Total burden", consistent="")
    both = pd.concat([total, own], ignore_index=True)
    rank = both["patient_id"].map({p: i for i, p in enumerate(patients)})
    return both.iloc[rank.argsort(kind="stable")].reset_index(drop=True)


def _points(study: Study, patients: tuple[str, ...]) -> pd.DataFrame:
    rows = study.cohort.measurements
    rows = rows[rows["patient_id"].isin(patients)].merge(
        study.lesions[["patient_id", "lesion_id", "baseline_mm"]], on=["patient_id", "lesion_id"]
    )
    own = rows.assign(
        series="lesion " + rows["lesion_id"], ratio=rows["diameter_mm"] / rows["baseline_mm"]
    )
    burden = study.burden[study.burden["patient_id"].isin(patients)]
    first = burden.groupby("patient_id")["size_mm"].transform("first")
    total = burden.assign(series=TOTAL, ratio=burden["size_mm"] / first)
    columns = ["patient_id", "series", "day", "ratio"]
    return pd.concat([total[columns], own[columns]], ignore_index=True)


def _phases(study: Study, patients: tuple[str, ...]) -> pd.DataFrame:
    """Give the days between which each series is in each phase; phases of no length are absent."""
    columns = ["baseline_day", *(f"{phase}_days" for phase in PHASES)]
    lesions = study.lesions[study.lesions["patient_id"].isin(patients)]
    totals = study.patients[study.patients["patient_id"].isin(patients)]
    both = pd.concat(
        [
            totals[["patient_id", *columns]].assign(series=TOTAL),
            lesions[["patient_id", *columns]].assign(series="lesion " + lesions["lesion_id"]),
        ],
        ignore_index=True,
    ).dropna()
    edges = both[columns].cumsum(axis=1).to_numpy()
    parts = [
        both[["patient_id", "series"]].assign(
            phase=phase, start_day=edges[:, number], end_day=edges[:, number + 1]
        )
        for number, phase in enumerate(PHASES)
    ]
    found = pd.concat(parts, ignore_index=True)
    return found[found["end_day"] > found["start_day"]].reset_index(drop=True)
