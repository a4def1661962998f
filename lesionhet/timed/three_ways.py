"""The hazard ratio of the distance three ways, fast enough to be asked for hundreds of simulated trials."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from lesionhet.cohort import Cohort
from lesionhet.covariates import SCALES, covariates
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.rows import need_events
from lesionhet.statistics.counting import climb, cox_counting
from lesionhet.timed.looks import check_endpoint
from lesionhet.timed.over_time import distances_over_time, start_stop
from lesionhet.timed.state import LANDMARKS, state_at
from lesionhet.timed.ways import LANDMARK, NAIVE, TIME_DEPENDENT

COLUMNS: Final = (
    "approach",
    "day",
    "n",
    "events",
    "estimate",
    "std_error",
    "hazard_ratio",
    "conf_low",
    "conf_high",
    "p_value",
    "reason",
)
APPROACHES: Final = (NAIVE, LANDMARK, TIME_DEPENDENT)
KNOWN: Final = ["n_lesions", "baseline_sum_mm", "gower"]


def three_ways(
    cohort: Cohort,
    definitions: Definitions,
    endpoint: str = "os",
    days: Sequence[float] = LANDMARKS,
    *,
    scale: str = "per_0.1",
    approaches: Collection[str] = APPROACHES,
) -> pd.DataFrame:
    """Estimate the hazard ratio of the distance naively, from landmarks and time-dependent, in Python.

    The models are those of `lesionhet.timed.ways.distance_ways`, climbed by own Newton steps.

    Parameters
    ----------
    cohort
        With the columns of the endpoint; stratified by arm where there is one.
    definitions
        Every rule from the baseline to the distance.
    endpoint
        ``"os"`` or ``"pfs"``.
    days
        Landmarks, in days from the start of treatment.
    scale
        Unit of the distance: ``"per_0.1"``, the same in all models, ``"raw"``, or ``"per_sd"``, that of
        the patients in each model.
    approaches
        Which of ``"naive"``, ``"landmark"`` and ``"time-dependent"``.

    Returns
    -------
    pandas.DataFrame
        A row a model: ``approach``, ``day`` of the landmark, ``n`` patients, ``events``, ``estimate`` (log
        hazard ratio), ``std_error`` (time-dependent: robust), ``hazard_ratio``, ``conf_low``,
        ``conf_high``, ``p_value``; ``reason`` where there is no estimate, else empty.

    Raises
    ------
    UsageError
        An unknown endpoint, scale or approach, or missing columns.

    Source: Anderson, Cain & Gelber (1983); Andersen & Gill (1982); docs/methods.md, "Time".

    Examples
    --------
    >>> from lesionhet import cohort_from_frames, simulate_trial
    >>> trial = simulate_trial(n_patients=80, seed=1)
    >>> found = three_ways(cohort_from_frames(trial.lesions, trial.patients), Definitions(), days=(112,))
    >>> found["approach"].tolist()
    ['naive', 'landmark', 'time-dependent']
    """
    check_endpoint(cohort, endpoint)
    if scale not in SCALES:
        raise UsageError(f"scale is {scale!r}; permitted: {', '.join(SCALES)}.")
    if unknown := set(approaches) - set(APPROACHES):
        raise UsageError(
            f"approaches has {', '.join(map(repr, sorted(unknown)))}; "
            f"permitted: {', '.join(APPROACHES)}."
        )
    states = distances_over_time(cohort, definitions)
    outcome = outcome_of(cohort, endpoint)
    known = partial(_known, cohort, definitions, states)
    fits: list[tuple[str, float, Callable[[], dict[str, Any]]]] = [
        (NAIVE, np.nan, lambda: _from_day(known(np.inf), outcome, -np.inf, scale)),
        *((LANDMARK, day, partial(_landmark, known, outcome, day, scale)) for day in days),
        (TIME_DEPENDENT, np.nan, lambda: _over_time(states, outcome, scale)),
    ]
    rows = []
    for approach, day, fit in fits:
        if approach not in approaches:
            continue
        try:
            found = {**fit(), "reason": ""}
        except NotEstimableError as error:
            found = {"reason": str(error)}
        rows.append({"approach": approach, "day": day, **found})
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return with_intervals(table, definitions.conf_level)


def outcome_of(cohort: Cohort, endpoint: str) -> pd.DataFrame:
    """Give ``time``, ``event`` and, where there are arms, ``strata`` by patient."""
    patients = cohort.patients.set_index("patient_id")
    columns = {"time": patients[f"{endpoint}_days"], "event": patients[f"{endpoint}_event"]}
    table = pd.DataFrame(columns).astype(float)
    if "arm" in cohort.columns:
        codes = pd.Series(pd.factorize(patients["arm"], sort=True)[0], index=patients.index)
        table["strata"] = codes.where(codes >= 0)
    return table


def _known(
    cohort: Cohort, definitions: Definitions, states: pd.DataFrame, day: float
) -> pd.DataFrame:
    """Give the last state up to a day by patient; a range over the cohort is that of the day."""
    if definitions.gower_range == "cohort":
        return state_at(cohort, definitions, day).patients.set_index("patient_id")[KNOWN]
    return (
        states[states["day"] <= day]
        .drop_duplicates("patient_id", keep="last")
        .set_index("patient_id")[KNOWN]
    )


def _landmark(
    known: Callable[[float], pd.DataFrame], outcome: pd.DataFrame, day: float, scale: str
) -> dict[str, Any]:
    return _from_day(known(day), outcome, day, scale)


def _from_day(known: pd.DataFrame, outcome: pd.DataFrame, day: float, scale: str) -> dict[str, Any]:
    both = known.join(outcome, how="inner").dropna()
    kept = both[both["time"] > day].reset_index(drop=True)
    rows, names = _with_terms(kept, covariates(kept, kept, scale))
    model, peak = climb(rows, names)
    direction = model.back[0]
    return {
        "n": len(rows),
        "events": int(rows["event"].sum()),
        "estimate": float(direction @ peak.coefficients),
        "std_error": float(np.sqrt(direction @ peak.covariance @ direction)),
    }


def _over_time(states: pd.DataFrame, outcome: pd.DataFrame, scale: str) -> dict[str, Any]:
    rows = start_stop(states, outcome, "gower").rows
    terms = covariates(rows, rows.drop_duplicates("patient_id", keep="last"), scale)
    given, _ = _with_terms(rows, terms)
    tables = cox_counting(given.assign(cluster=rows["patient_id"]), "efron", 0.95)
    model, distance = tables["model"].iloc[0], tables["terms"].iloc[0]
    return {
        "n": int(model["patients"]),
        "events": int(model["events"]),
        "estimate": float(distance["estimate"]),
        "std_error": float(distance["robust_error"]),
    }


def _with_terms(rows: pd.DataFrame, terms: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    need_events(rows, terms.shape[1] + 1, "Cox model")
    names = [f"x{i}" for i in range(1, terms.shape[1] + 1)]
    kept = rows[rows.columns.intersection(["time", "event", "start", "stop", "strata"])]
    return kept.assign(**dict(zip(names, terms.to_numpy().T, strict=True))), names


def with_intervals(table: pd.DataFrame, conf_level: float) -> pd.DataFrame:
    """Fill in hazard ratios, their Wald intervals and P values."""
    estimate, error = (table[name].to_numpy(dtype=float) for name in ("estimate", "std_error"))
    z = float(ndtri(1 - (1 - conf_level) / 2))
    with np.errstate(over="ignore"):
        return table.assign(
            hazard_ratio=np.exp(estimate),
            conf_low=np.exp(estimate - z * error),
            conf_high=np.exp(estimate + z * error),
            p_value=2 * ndtr(-np.abs(estimate / error)),
        )
