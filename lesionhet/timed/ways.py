"""The same hazard ratio three ways: naive from day 0, from landmarks, and time-dependent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.covariates import BURDEN, NUMBER, SCALES, covariates
from lesionhet.errors import NotEstimableError
from lesionhet.organs import group_names
from lesionhet.requests import Request
from lesionhet.timed.looks import Looks, at_risk, check_endpoint

NAIVE: Final = "naive"
LANDMARK: Final = "landmark"
TIME_DEPENDENT: Final = "time-dependent"


@dataclass(frozen=True, eq=False)
class Way:
    """One model of several that answer the same question.

    Parameters
    ----------
    approach
        ``"naive"``, ``"landmark"`` or ``"time-dependent"``.
    day
        Of the landmark; missing for the others.
    terms
        Terms whose hazard ratios are compared.
    ask
        Makes the request; refuses where these data have no answer.
    """

    approach: str
    day: float
    terms: tuple[str, ...]
    ask: Callable[[], Request[Any]]

    @property
    def name(self) -> str:
        """Give a short name, fit for a request."""
        return f"landmark_{self.day:g}" if self.approach == LANDMARK else self.approach


def distance_ways(looks: Looks, endpoint: str, scale: str = "per_0.1") -> tuple[Way, ...]:
    """Give the models of the distance: naive, one a landmark, time-dependent.

    Parameters
    ----------
    looks
        A cohort at its landmarks.
    endpoint
        ``"os"`` or ``"pfs"``.
    scale
        Unit of the distance, a key of `lesionhet.covariates.SCALES`; ``"per_0.1"`` is the same unit in
        all models.
    """
    check_endpoint(looks.cohort, endpoint)
    terms = (SCALES[scale],)
    time_dependent = partial(
        requests.cox_over_time,
        looks.cohort,
        looks.definitions,
        f"{endpoint}_days",
        f"{endpoint}_event",
        looks.strata,
        scale=scale,
    )
    return (
        Way(NAIVE, np.nan, terms, partial(_naive_distance, looks, endpoint, scale)),
        *(
            Way(LANDMARK, day, terms, partial(_landmark_distance, looks, endpoint, scale, day))
            for day in looks.days
        ),
        Way(TIME_DEPENDENT, np.nan, terms, time_dependent),
    )


def organ_ways(looks: Looks, endpoint: str, organ: str) -> tuple[Way, ...]:
    """Give the models of organ response: each group against the patients without any response.

    Parameters
    ----------
    looks, endpoint
        As in `distance_ways`.
    organ
        A site of the cohort.
    """
    check_endpoint(looks.cohort, endpoint)
    terms = group_names(looks.definitions, organ, "others")[:-1]
    time_dependent = partial(
        requests.organ_cox_over_time,
        looks.cohort,
        looks.definitions,
        organ,
        f"{endpoint}_days",
        f"{endpoint}_event",
        looks.strata,
    )
    end = float("inf")
    return (
        Way(NAIVE, np.nan, terms, partial(_organ_model, looks, endpoint, organ, end)),
        *(
            Way(LANDMARK, day, terms, partial(_organ_model, looks, endpoint, organ, day))
            for day in looks.days
        ),
        Way(TIME_DEPENDENT, np.nan, terms, time_dependent),
    )


def window_ways(looks: Looks, endpoint: str, ratio: str) -> tuple[Way, ...]:
    """Give the models of a ratio of the total burden: naive at the end, and within each window.

    Parameters
    ----------
    looks, endpoint
        As in `distance_ways`; a window ends at its landmark.
    ratio
        ``"nadir_ratio"`` or ``"last_ratio"``; the hazard ratio is per 0.1.
    """
    check_endpoint(looks.cohort, endpoint)
    term = f"{ratio.replace('_', ' ').capitalize()}, per 0.1"

    def ask(day: float) -> Request[Any]:
        table = (looks.known(day, [ratio]) / 0.1).set_axis([term], axis=1)
        return _model(looks, endpoint, table, day)

    return (
        Way(NAIVE, np.nan, (term,), partial(ask, float("inf"))),
        *(Way(LANDMARK, day, (term,), partial(ask, day)) for day in looks.days),
    )


def way_rows(way: Way, answer: Any) -> list[dict[str, Any]]:
    """Give one row a compared term of an answer: patients, events, hazard ratio, interval and P value.

    ``std_error`` is the one of the interval: robust in the time-dependent model. A term without an
    estimate has a ``reason``.
    """
    model, found = answer.to_frame("model").iloc[0], answer.to_frame("terms").set_index("term")
    patients = int(model["patients"] if "patients" in model else model["n"])
    head = {"approach": way.approach, "day": way.day, "n": patients, "events": int(model["events"])}
    rows = []
    for term in way.terms:
        row = {**head, "term": term, "reason": ""}
        if term not in found.index:
            rows.append({**row, "reason": "no event in this group"})
            continue
        numbers = found.loc[term]
        kept = ("estimate", "hazard_ratio", "conf_low", "conf_high", "p_value")
        error = numbers["robust_error" if "robust_error" in found else "std_error"]
        rows.append({**row, **numbers[list(kept)].to_dict(), "std_error": error})
    return rows


def _naive_distance(looks: Looks, endpoint: str, scale: str) -> Request[Any]:
    outcome = looks.outcome(endpoint)
    known = looks.known(float("inf"), ("gower", "baseline_sum_mm", "n_lesions"))
    given = pd.DataFrame({name: v for name, v in outcome.items() if v is not None})
    complete = known[known.notna().all(axis=1) & given.notna().all(axis=1)]
    level = looks.definitions.conf_level
    terms = covariates(known, complete, scale)
    return requests.cox(
        outcome["time"], outcome["event"], terms, outcome["strata"], conf_level=level
    )


def _landmark_distance(looks: Looks, endpoint: str, scale: str, day: float) -> Request[Any]:
    known = looks.known(day, ("gower", "baseline_sum_mm", "n_lesions"))
    term = SCALES[scale]
    table = pd.DataFrame(
        {
            term: known["gower"] / (0.1 if scale == "per_0.1" else 1.0),
            BURDEN: known["baseline_sum_mm"],
            NUMBER: known["n_lesions"],
        }
    )
    kept = at_risk(looks, endpoint, table, day)
    if table.loc[kept, NUMBER].nunique() < 2:
        table = table.drop(columns=NUMBER)
    per_sd = (BURDEN, term) if scale == "per_sd" else (BURDEN,)
    return _model(looks, endpoint, table, day, per_sd)


def _model(
    looks: Looks, endpoint: str, table: pd.DataFrame, day: float, per_sd: Sequence[str] = ()
) -> Request[Any]:
    """Ask for the landmark model of a day or, at infinity, the naive one from day 0."""
    given = looks.outcome(endpoint)
    rows = {name: None if v is None else v.loc[table.index] for name, v in given.items()}
    time, event, strata = rows["time"], rows["event"], rows["strata"]
    level = looks.definitions.conf_level
    if not np.isfinite(day):
        return requests.cox(time, event, table, strata, conf_level=level)
    return requests.landmark_cox(time, event, table, day, strata, per_sd=per_sd, conf_level=level)


def _organ_model(looks: Looks, endpoint: str, organ: str, day: float) -> Request[Any]:
    groups = looks.groups(day, organ)
    labels = looks.cohort.patients["patient_id"].map(
        groups.patients.set_index("patient_id")["group"]
    )
    *compared, nowhere = groups.order
    kept = at_risk(looks, endpoint, labels.to_frame(), day)
    died = set(labels[kept & (looks.outcome(endpoint)["event"] == 1)])
    if nowhere not in died or len(died) < 2:
        raise NotEstimableError(
            f"Cox model: the groups with events are {sorted(died)}; needed: {nowhere!r} and another."
        )
    # Without an event a group has no finite hazard ratio; the others are what they would be with it.
    empty = kept & ~labels.isin(died)
    lesions = looks.cohort.lesions
    with_organ = set(lesions.loc[lesions["site"] == organ, "patient_id"])
    elsewhere = ~looks.cohort.patients["patient_id"].isin(with_organ)
    table = pd.DataFrame(
        {
            name: (labels == name).astype(float).where(labels.notna())
            for name in compared
            if name in died
        }
    )
    request = _model(looks, endpoint, table[~(empty | elsewhere)], day)
    left_out = {
        **request.left_out,
        f"without lesions in {organ}": int(elsewhere.sum()),
        "in a group without events": int(empty.sum()),
    }
    return replace(request, left_out={why: n for why, n in left_out.items() if n})
