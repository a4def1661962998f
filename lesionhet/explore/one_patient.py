"""One patient: sizes and phases of every lesion and of the total, and the distances between the lesions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Analysis, AnalysisResult, Shown
from lesionhet.analyses.trajectories import TOTAL, trajectory_chart
from lesionhet.charts import TrajectoryChart
from lesionhet.errors import NotEstimableError
from lesionhet.requests import Request
from lesionhet.requests.patterns import RATIOS
from lesionhet.results import Gower
from lesionhet.schema import PHASES, RESPONSE_VARIABLES
from lesionhet.study import Study

Order = Literal["id", "distance", "lesions", "inconsistent"]
ORDERS: Final[dict[Order, str]] = {
    "id": "patient id",
    "distance": "highest distance first",
    "lesions": "most lesions first",
    "inconsistent": "most inconsistent lesions first",
}
_ORDERED_BY: Final = {"distance": "gower", "lesions": "n_lesions", "inconsistent": "n_inconsistent"}
YES_NO: Final = {1.0: "yes", 0.0: "no"}
FLAGS: Final = (*PHASES, "mixed", "inconsistent")


def patients_in_order(study: Study, order: Order = "id") -> tuple[str, ...]:
    """Give the ids of all patients in the order in which a reader pages through them.

    Parameters
    ----------
    study
        Whose patients.
    order
        One of `ORDERS`; ties go by id, patients without the number come last.
    """
    if order == "id":
        return tuple(study.patients["patient_id"])
    columns = [_ORDERED_BY[order], "patient_id"]
    ranked = study.patients.sort_values(columns, ascending=[False, True], kind="stable")
    return tuple(ranked["patient_id"])


def patient_chart(study: Study, patient: str) -> TrajectoryChart:
    """Give the journal figure of one patient."""
    return trajectory_chart(study, (patient,), f"Patient {patient}")


def patient_points(
    study: Study, patient: str, chart: TrajectoryChart | None = None
) -> pd.DataFrame:
    """Give every measurement of one patient with the phase in which it falls.

    Parameters
    ----------
    study, patient
        Whose.
    chart
        What `patient_chart` gave of the same; default: made here.

    Returns
    -------
    pandas.DataFrame
        ``series`` ("total" or a lesion's), ``label``, ``site`` (empty where unknown), ``consistent``
        ("Y", "N", empty for the total and where it is unknown), ``day``, ``size_mm``, ``ratio`` (size /
        baseline), ``phase``: response up to the scan that reaches it, relapse from the scan that reaches
        it, stable else; empty for a total without phases. The total first, then by lesion and day.
    """
    chart = chart or patient_chart(study, patient)
    lesions = study.lesions[study.lesions["patient_id"] == patient]
    own = lesions.assign(series="lesion " + lesions["lesion_id"])
    total = study.patients[study.patients["patient_id"] == patient].assign(series=TOTAL)
    columns = ["series", "response_day", "relapse_day", "nadir_ratio", "baseline_mm"]
    total = total.assign(baseline_mm=_first_total(study, patient))
    reached = pd.concat([total[columns], own[columns]], ignore_index=True)
    sites = own.set_index("series")["site"] if "site" in own else pd.Series(dtype=object)
    points = chart.series[["series", "label", "consistent"]].merge(chart.points, on="series")
    points = points.merge(reached, on="series", validate="many_to_one")
    points["site"] = points["series"].map(sites).fillna("")
    points["size_mm"] = points["ratio"] * points["baseline_mm"]
    points["phase"] = _phase_of_scans(points)
    names = ["series", "label", "site", "consistent", "day", "size_mm", "ratio", "phase"]
    return points[names]


def _first_total(study: Study, patient: str) -> float:
    sizes = study.burden.loc[study.burden["patient_id"] == patient, "size_mm"]
    return float(sizes.iloc[0]) if len(sizes) else np.nan


def _phase_of_scans(points: pd.DataFrame) -> Any:
    """Name the phase of each scan; a threshold crossed between two scans is shown by the second."""
    before = points.groupby("series")["day"].shift()
    responding = points["response_day"].notna() & ~(before >= points["response_day"])
    relapsed = points["relapse_day"].notna() & (points["day"] >= points["relapse_day"])
    response, stable, relapse = PHASES
    found = np.select([relapsed, responding], [relapse, response], stable)
    return np.where(points["nadir_ratio"].notna(), found, "")


def lesion_table(study: Study, patient: str) -> pd.DataFrame:
    """Give one row a series of one patient: the total burden, then the lesions, with flags as words.

    Parameters
    ----------
    study, patient
        Whose.

    Returns
    -------
    pandas.DataFrame
        ``lesion_id``, ``site`` where the input has it, ``gower`` (the total's: the patient's),
        ``inconsistent``, phases present, ratios, days of the phases, ``mixed``, baseline (day, mm),
        ``n_scans``.
    """
    lesions = study.lesions[study.lesions["patient_id"] == patient]
    total = study.patients[study.patients["patient_id"] == patient].assign(
        lesion_id="Total burden", baseline_mm=_first_total(study, patient), inconsistent=np.nan
    )
    if "site" in total:
        total = total.drop(columns="site")
    columns = [
        *("lesion_id", "site", "gower", "inconsistent", *PHASES, "nadir_ratio", "last_ratio"),
        *(*(f"{phase}_days" for phase in PHASES), "mixed"),
        *("baseline_day", "baseline_mm", "n_scans"),
    ]
    shown = [c for c in columns if c in lesions]
    table = pd.concat([total.reindex(columns=shown), lesions[shown]], ignore_index=True)
    if "site" in table:
        table["site"] = table["site"].fillna("")
    for flag in FLAGS:
        table[flag] = table[flag].astype(float).map(YES_NO).fillna("")
    return table


def pair_distances(study: Study, patient: str) -> Request[Gower]:
    """Ask for the distance between every two lesions of one patient, under the definitions in force.

    The mean of a lesion's distances, with itself at 0 or without (``gower_self``), is its ``gower``.

    Parameters
    ----------
    study, patient
        Whose.

    Raises
    ------
    NotEstimableError
        The patient has a single followed lesion.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames, engine
    >>> from lesionhet.study import build_study
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> study = build_study(cohort_from_frames(rows))
    >>> engine("python").answer(pair_distances(study, "P")).to_frame().values.tolist()
    [['A', 'B', 0.8]]
    """
    lesions = study.lesions[study.lesions["patient_id"] == patient]
    if len(lesions) < 2:
        raise NotEstimableError(
            f"Patient {patient} has {len(lesions)} followed lesion: distances need two or more."
        )
    variables = list(RESPONSE_VARIABLES)
    table = lesions.set_index("lesion_id")[variables].astype(float)
    return requests.gower(
        table,
        kinds={**dict.fromkeys(PHASES, "nominal"), **dict.fromkeys(RATIOS, "numeric")},
        weights={v: float(study.definitions.gower_weights.get(v, 1.0)) for v in variables},
        ranges=_ranges(study),
    )


def _ranges(study: Study) -> dict[str, tuple[float, float]]:
    """Give the range of each ratio; none where it is the patient's own, or 0 over the cohort."""
    d = study.definitions
    if d.gower_range == "fixed":
        return {name: (float(low), float(high)) for name, (low, high) in d.gower_bounds.items()}
    if d.gower_range == "patient":
        return {}
    spans = {
        name: (float(study.lesions[name].min()), float(study.lesions[name].max()))
        for name in RATIOS
    }
    return {name: span for name, span in spans.items() if span[0] < span[1]}


def distance_square(study: Study, answer: Gower) -> pd.DataFrame:
    """Lay the distances out as a square.

    Parameters
    ----------
    study
        Whose definitions say whether a lesion counts with itself.
    answer
        Answer to `pair_distances`.

    Returns
    -------
    pandas.DataFrame
        ``row, column, value``: each pair both ways, and each lesion with itself: 0 where that counts,
        missing where not.
    """
    pairs = answer.to_frame()[["row_1", "row_2", "distance"]]
    names = list(dict.fromkeys([*pairs["row_1"], *pairs["row_2"]]))
    own = 0.0 if study.definitions.gower_self else np.nan
    there = pairs.set_axis(["row", "column", "value"], axis=1)
    back = pairs.set_axis(["column", "row", "value"], axis=1)
    diagonal = pd.DataFrame({"row": names, "column": names, "value": own})
    return pd.concat([there, back, diagonal], ignore_index=True)


def with_patient(
    analysis: Analysis, result: AnalysisResult, study: Study, patient: str
) -> AnalysisResult:
    """Give a result with one patient marked in its charts; its numbers stay as they are.

    Parameters
    ----------
    analysis
        One that marks ``study.chosen``, such as 1A.
    result
        What it gave for the same study.
    study, patient
        Whose, and who is marked.
    """
    if result.status != "done":
        return result
    marked = analysis.show(replace(study, chosen=(patient,)), result.answers)
    shown = Shown(result.shown.tables, marked.charts, result.shown.remarks, result.shown.left_out)
    return replace(result, shown=shown)
