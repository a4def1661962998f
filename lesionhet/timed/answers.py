"""Python's answers to the questions over time, each from the rows of the lesions table."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.burden import total_burden
from lesionhet.coded import coded
from lesionhet.covariates import covariates
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError
from lesionhet.measured import NAMES, definitions_of, followed_of, organ_response_tables
from lesionhet.patterns import patient_distances, total_phases
from lesionhet.requests.measurements import ANY_OTHER
from lesionhet.requests.timed import UNITS
from lesionhet.results import LandmarkPatterns
from lesionhet.rows import need_events
from lesionhet.statistics.counting import cox_counting
from lesionhet.timed.once import once_for_same_rows
from lesionhet.timed.over_time import (
    StartStop,
    distances_over_time,
    organ_responses_over_time,
    start_stop,
)

Tables = dict[str, pd.DataFrame]

WHAT: Final = "Cox model"
NO_RESPONSE: Final = 4
"""Group that the hazard ratios of organ response compare with: nothing responds."""


def landmark_pattern_tables(data: pd.DataFrame, day: float, **options: Any) -> Tables:
    """Answer a ``landmark_patterns`` request: the patients' patterns of the rows up to a day.

    Rows and options as in `lesionhet.measured.pattern_tables`.
    """
    followed, definitions = followed_of(data[data["day"] <= day]), definitions_of(options)
    totals = total_phases(
        total_burden(followed, definitions), definitions, coded(followed).patients
    )
    ratios = {name: totals[name] for name in ("nadir_ratio", "last_ratio")}
    patients = patient_distances(followed, definitions).assign(**ratios).rename(columns=NAMES)
    shape = LandmarkPatterns.SHAPES["patients"]
    return {"patients": patients[[*shape.keys, *shape.numbers]]}


def landmark_organ_tables(data: pd.DataFrame, day: float, **options: Any) -> Tables:
    """Answer a ``landmark_organ_response`` request: the organ responses of the rows up to a day.

    Rows and options as in `lesionhet.measured.organ_response_tables`.
    """
    return organ_response_tables(data[data["day"] <= day], **options)


def cox_over_time_tables(
    data: pd.DataFrame, unit: float, ties: str, conf_level: float, **options: Any
) -> Tables:
    """Answer a ``cox_over_time`` request.

    Parameters
    ----------
    data
        As in `lesionhet.measured.cox_measurement_tables`.
    unit
        Of the distance, 0.1 or 1; missing: its SD.
    ties, conf_level
        As in `lesionhet.statistics.counting.cox_counting`.
    options
        Every rule from the baseline to the distance.

    Raises
    ------
    NotEstimableError
        Too few patients or events, a term that does not vary, or coefficients that are not finite.
    """
    states = _distances(data, **options)
    found = start_stop(states, _outcome(data), "gower")
    rows = found.rows
    scale = next(name for name, size in UNITS.items() if np.array_equal(size, unit, equal_nan=True))
    terms = covariates(rows, rows.drop_duplicates("patient_id", keep="last"), scale)
    return _fitted(found, terms, ties, conf_level)


def organ_cox_over_time_tables(
    data: pd.DataFrame, organ: int, other: int, ties: str, conf_level: float, **options: Any
) -> Tables:
    """Answer an ``organ_cox_over_time`` request.

    A group in which nobody has the event while in it has no finite hazard ratio: its rows are left out,
    which changes no other hazard ratio.

    Parameters
    ----------
    data
        As in `lesionhet.measured.cox_measurement_tables`.
    organ, other
        Codes of sites.
    ties, conf_level
        As in `lesionhet.statistics.counting.cox_counting`.
    options
        ``organ_rule, response_threshold, burden, visit_window_days``.

    Raises
    ------
    NotEstimableError
        No event without any response, or none with one; too few events.
    """
    states = _organ_responses(data, organ=organ, other=other, **options)
    found = start_stop(states, _outcome(data), "response_group")
    rows = found.rows
    groups = sorted(rows.loc[rows["event"] == 1, "response_group"].unique())
    if len(groups) < 2 or groups[-1] != NO_RESPONSE:
        raise NotEstimableError(
            f"{WHAT}: the groups with events are {[int(g) for g in groups]}; needed: {NO_RESPONSE} "
            "(no response) and another."
        )
    rows = rows[rows["response_group"].isin(groups)].reset_index(drop=True)
    terms = pd.DataFrame({int(g): (rows["response_group"] == g).astype(float) for g in groups[:-1]})
    tables = _fitted(StartStop(rows, found.counts), terms, ties, conf_level)
    tables["terms"]["term"] = [int(g) for g in groups[:-1]]
    return tables


@once_for_same_rows
def _distances(rows: pd.DataFrame, **options: Any) -> pd.DataFrame:
    return distances_over_time(followed_of(rows), definitions_of(options))


@once_for_same_rows
def _organ_responses(rows: pd.DataFrame, organ: int, other: int, **options: Any) -> pd.DataFrame:
    second = None if other == ANY_OTHER else other
    return organ_responses_over_time(followed_of(rows), Definitions(**options), organ, second)


def _outcome(data: pd.DataFrame) -> pd.DataFrame:
    """Give time, event and, where wanted, stratum by patient."""
    columns = ["time", "event", *(["strata"] if "strata" in data else [])]
    return data.drop_duplicates("patient").set_index("patient")[columns]


def _fitted(found: StartStop, terms: pd.DataFrame, ties: str, conf_level: float) -> Tables:
    rows = found.rows
    need_events(rows, terms.shape[1] + 1, WHAT)
    names = [f"x{i}" for i in range(1, terms.shape[1] + 1)]
    kept = rows[["start", "stop", "event"]].assign(cluster=rows["patient_id"])
    if "strata" in rows:
        kept["strata"] = rows["strata"].astype(np.int64)
    kept[names] = terms.to_numpy()
    return {**cox_counting(kept, ties, conf_level), "patients": found.counts}
