"""The hazard ratios of organ response three ways, fast enough for hundreds of simulated trials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError
from lesionhet.rows import need_events
from lesionhet.statistics.counting import climb, cox_counting
from lesionhet.timed.answers import NO_RESPONSE
from lesionhet.timed.looks import check_endpoint
from lesionhet.timed.over_time import organ_responses_over_time, start_stop
from lesionhet.timed.state import LANDMARKS
from lesionhet.timed.three_ways import COLUMNS, outcome_of, with_intervals
from lesionhet.timed.ways import LANDMARK, NAIVE, TIME_DEPENDENT

GROUPS: Final = (1, 2, 3)
"""All respond, the organ only, the others only; each against the patients in whom nothing responds."""


def organs_three_ways(
    cohort: Cohort,
    definitions: Definitions,
    organ: str,
    endpoint: str = "os",
    days: Sequence[float] = LANDMARKS,
) -> pd.DataFrame:
    """Estimate the hazard ratios of organ response naively, from landmarks and time-dependent, in Python.

    The models are those of `lesionhet.timed.ways.organ_ways`, climbed by own Newton steps.

    Parameters
    ----------
    cohort
        With a column site and the columns of the endpoint; stratified by arm where there is one.
    definitions
        ``organ_rule``, ``response_threshold``, ``burden``, ``visit_window_days``.
    organ
        A site of the cohort.
    endpoint
        ``"os"`` or ``"pfs"``.
    days
        Landmarks, in days from the start of treatment.

    Returns
    -------
    pandas.DataFrame
        As `lesionhet.timed.three_ways.three_ways`, three rows a model: ``group`` is 1 (all respond), 2
        (the organ only) or 3 (the others only), against no response.

    Raises
    ------
    UsageError
        An unknown endpoint, or missing columns.

    Source: paper, Fig. 6; Anderson, Cain & Gelber (1983); docs/methods.md, "Time".

    Examples
    --------
    >>> from lesionhet import cohort_from_frames, simulate_trial
    >>> trial = simulate_trial(n_patients=200, seed=1)
    >>> cohort = cohort_from_frames(trial.lesions, trial.patients)
    >>> found = organs_three_ways(cohort, Definitions(), "liver", days=())
    >>> found[["approach", "group"]].values.tolist()[:2]
    [['naive', 1], ['naive', 2]]
    """
    check_endpoint(cohort, endpoint)
    states = organ_responses_over_time(cohort, definitions, organ)
    outcome = outcome_of(cohort, endpoint)
    models = [(NAIVE, np.inf), *((LANDMARK, day) for day in days), (TIME_DEPENDENT, np.nan)]
    tables = []
    for approach, day in models:
        try:
            if approach == TIME_DEPENDENT:
                found = _over_time(states, outcome)
            else:
                found = _from_day(states, outcome, day)
        except NotEstimableError as error:
            found = [{"group": group, "reason": str(error)} for group in GROUPS]
        shown = day if approach == LANDMARK else np.nan
        tables += [{"approach": approach, "day": shown, **row} for row in found]
    table = pd.DataFrame(tables, columns=["group", *COLUMNS])
    return with_intervals(table, definitions.conf_level)


def _from_day(states: pd.DataFrame, outcome: pd.DataFrame, day: float) -> list[dict[str, Any]]:
    known = states[states["day"] <= day].drop_duplicates("patient_id", keep="last")
    both = known.set_index("patient_id")[["response_group"]].join(outcome, how="inner").dropna()
    after = day if np.isfinite(day) else -np.inf
    rows, groups = _with_groups(both[both["time"] > after])
    names = [f"x{group:g}" for group in groups]
    model, peak = climb(rows, names)
    errors = np.sqrt(np.diag(model.back @ peak.covariance @ model.back.T))
    counts = {"n": len(rows), "events": int(rows["event"].sum())}
    return _rows(groups, model.back @ peak.coefficients, errors, counts)


def _over_time(states: pd.DataFrame, outcome: pd.DataFrame) -> list[dict[str, Any]]:
    rows, groups = _with_groups(start_stop(states, outcome, "response_group").rows)
    kept = rows.rename(columns={f"x{g:g}": f"x{i}" for i, g in enumerate(groups, start=1)})
    tables = cox_counting(kept.assign(cluster=kept["patient_id"]), "efron", 0.95)
    model, terms = tables["model"].iloc[0], tables["terms"]
    counts = {"n": int(model["patients"]), "events": int(model["events"])}
    return _rows(groups, terms["estimate"], terms["robust_error"], counts)


def _with_groups(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[int]]:
    """Give the rows of groups with events, and an indicator a group but the last."""
    died = sorted(int(g) for g in rows.loc[rows["event"] == 1, "response_group"].unique())
    if len(died) < 2 or died[-1] != NO_RESPONSE:
        raise NotEstimableError(
            f"Cox model: the groups with events are {died}; needed: {NO_RESPONSE} (no response) and "
            "another."
        )
    kept = rows[rows["response_group"].isin(died)].reset_index(drop=True)
    need_events(kept, len(died), "Cox model")
    compared = died[:-1]
    marks = {f"x{g}": (kept["response_group"] == g).astype(float) for g in compared}
    return kept.assign(**marks), compared


def _rows(groups: Sequence[int], estimate: Any, error: Any, counts: Any) -> list[dict[str, Any]]:
    numbers = dict(zip(groups, zip(estimate, error, strict=True), strict=True))
    found = []
    for group in GROUPS:
        row = {"group": group, **counts, "reason": ""}
        if group in numbers:
            row |= {"estimate": numbers[group][0], "std_error": numbers[group][1]}
        else:
            row["reason"] = "no event in this group"
        found.append(row)
    return found
