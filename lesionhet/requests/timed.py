"""Questions over time: states at a day, landmark models, Cox models of start-stop rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.cohort import Cohort
from lesionhet.covariates import BURDEN, NUMBER, SCALES
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.groupwise import Floats
from lesionhet.requests.base import Request, Values
from lesionhet.requests.measurements import (
    cox_from_measurements,
    located_rows,
    organ_response,
    patterns,
)
from lesionhet.rows import check_level, check_survival, complete_rows, need_events
from lesionhet.timed.days import KEPT, check_day, fates

UNITS: Final = {"per_sd": float("nan"), "per_0.1": 0.1, "raw": 1.0}
"""Scale of the distance -> its unit; missing where it is the SD of the patients in the model."""


def landmark_patterns(
    cohort: Cohort, definitions: Definitions, day: float
) -> Request[results.LandmarkPatterns]:
    """Ask what is known of each patient at a day: distance, lesions, ratios of the total burden.

    Parameters
    ----------
    cohort, definitions
        As in `patterns`.
    day
        Days from the start of treatment, 0 or more; scans on the day count.

    Raises
    ------
    UsageError
        As `patterns`, or a day below 0.
    NotEstimableError
        From an engine: no lesion has a scan after its baseline up to the day.

    Source: docs/methods.md, "Time".
    """
    asked = patterns(cohort, definitions)
    options = {"day": check_day(day), **asked.options}
    return Request(
        "landmark_patterns", results.LandmarkPatterns, asked.data, asked.labels, options, {}
    )


def landmark_organ_response(
    cohort: Cohort, definitions: Definitions, organ: str, day: float, other: str | None = None
) -> Request[results.LandmarkOrganResponse]:
    """Ask which patients respond in one organ and in all others together, up to a day.

    Parameters
    ----------
    cohort, definitions, organ, other
        As in `organ_response`. A lesion's site may stand in any of its rows.
    day
        As in `landmark_patterns`.

    Raises
    ------
    UsageError, NotEstimableError
        As `organ_response`; a day below 0.
    """
    asked = organ_response(cohort, definitions, organ, other)
    data, _ = located_rows(cohort)
    options = {"day": check_day(day), **asked.options}
    return Request(
        "landmark_organ_response", results.LandmarkOrganResponse, data, asked.labels, options, {}
    )


def landmark_cox(
    time: Values,
    event: Values,
    covariates: pd.DataFrame,
    day: float,
    strata: Values | None = None,
    *,
    per_sd: Sequence[str] = (),
    conf_level: float = 0.95,
) -> Request[results.LandmarkCox]:
    """Ask for a Cox model from a landmark on, of the patients who are still at risk there.

    Parameters
    ----------
    time, event
        n times in days from the start of treatment and n flags, 1 for an event; may be missing.
    covariates
        n rows of numbers as they are known at the landmark, all missing for a patient of whom nothing is
        known then; the column names become the terms.
    day
        Of the landmark, 0 or more.
    strata
        n labels; each stratum has its own baseline hazard.
    per_sd
        Covariates that are divided by their SD among the patients in the model.
    conf_level
        Level of the Wald intervals.

    Raises
    ------
    NotEstimableError
        Fewer events after the landmark than terms plus one, or a covariate that does not vary.
    UsageError
        No covariate, an unknown name in ``per_sd``, a negative day or time, other events than 0 and 1.

    Source: Anderson, Cain & Gelber (1983).

    Examples
    --------
    >>> request = landmark_cox([9, 3, 6, 5, 7], [1, 1, 1, 1, 1], pd.DataFrame({"x": [1, 4, 0, 1, 0]}), 4)
    >>> from lesionhet import engine
    >>> engine("python").answer(request).value("event_before", "patients")
    1.0
    """
    names = [str(name) for name in covariates.columns]
    if not names:
        raise UsageError("A landmark model needs one covariate or more, found none.")
    if unknown := sorted(set(per_sd) - set(names)):
        raise UsageError(f"per_sd has {', '.join(map(repr, unknown))}; permitted: {names}.")
    data, labels = _landmark_rows(time, event, covariates, strata)
    kept = data[fates(data, check_day(day)) == KEPT]
    need_events(kept, len(names) + 1, f"Cox model from day {day:g}")
    for code, name in enumerate(names, start=1):
        values = kept[f"x{code}"].to_numpy()
        if (values == values[0]).all():
            raise NotEstimableError(
                f"Cox model from day {day:g}: covariate '{name}' has the same value in every row."
            )
    options = {
        "day": float(day),
        "per_sd": [int(name in per_sd) for name in names],
        "ties": "efron",
        "conf_level": check_level(conf_level),
    }
    labels["term"] = tuple(names)
    return Request("landmark_cox", results.LandmarkCox, data, labels, options, {})


def cox_counting(
    start: Values,
    stop: Values,
    event: Values,
    covariates: pd.DataFrame,
    cluster: Values,
    strata: Values | None = None,
    conf_level: float = 0.95,
) -> Request[results.CoxCounting]:
    """Ask for a Cox model of start-stop rows with a variance that adds up the rows of a patient.

    Parameters
    ----------
    start, stop
        n days; a row is at risk after its start, up to and including its stop.
    event
        n flags, 1 for an event at the stop.
    covariates
        n rows of numbers; the column names become the terms.
    cluster
        n labels of patients; rows of one may not overlap.
    strata
        n labels; each stratum has its own baseline hazard.
    conf_level
        Level of the Wald intervals.

    Raises
    ------
    NotEstimableError
        Fewer events, or fewer patients, than terms plus one.
    UsageError
        A row that does not start before it stops, overlapping rows of a patient, other events than 0
        and 1.

    Source: Andersen & Gill (1982); Lin & Wei (1989).

    Examples
    --------
    >>> x = pd.DataFrame({"x": [1, 0, 1, 0, 0]})
    >>> request = cox_counting([0, 3, 0, 0, 0], [5, 7, 2, 6, 1], [1, 0, 1, 1, 1], x, list("abcde"))
    >>> from lesionhet import engine
    >>> round(engine("python").answer(request).value("hazard_ratio", "terms"), 4)
    2.1091
    """
    names = [str(name) for name in covariates.columns]
    if not names:
        raise UsageError("A Cox model needs one covariate or more, found none.")
    numbers = {f"x{i}": covariates.iloc[:, i - 1].to_numpy() for i in range(1, len(names) + 1)}
    shown = {f"x{i}": name for i, name in enumerate(names, start=1)}
    data, labels, left_out = complete_rows(
        {"start": start, "stop": stop, "event": event, **numbers},
        {"cluster": (cluster, None), "strata": (strata, None)},
        shown=shown,
        may_be_empty=("cluster",),
    )
    _check_start_stop(data)
    need_events(data, len(names) + 1, "Cox model")
    if (patients := data["cluster"].nunique()) <= len(names):
        raise NotEstimableError(
            f"Cox model: {patients} patient(s), needs {len(names) + 1} for the robust variance."
        )
    labels = {**labels, "term": tuple(names)}
    options = {"ties": "efron", "conf_level": check_level(conf_level)}
    return Request("cox_counting", results.CoxCounting, data, labels, options, left_out)


def cox_over_time(
    cohort: Cohort,
    definitions: Definitions,
    time: str = "os_days",
    event: str = "os_event",
    strata: str | None = None,
    *,
    scale: str = "per_0.1",
) -> Request[results.CoxOverTime]:
    """Ask for the Cox model of the distance as it changes from scan to scan.

    A patient enters with the first scan after baseline; what a scan on day d shows holds after day d. The
    terms are the distance, the baseline sum of diameters per SD and the number of the lesions with a
    scan so far; SDs are those of the patients in the model, each at the last of its states there.

    Parameters
    ----------
    cohort, definitions, time, event, strata
        As in `cox_from_measurements`.
    scale
        Unit of the distance: ``"per_0.1"``, ``"per_sd"`` or ``"raw"``.

    Raises
    ------
    UsageError
        The cohort has no rows, or not these columns; an unknown scale.
    NotEstimableError
        Here or from an engine: too few patients or events, a term that does not vary, or coefficients
        that are not finite.

    Source: Andersen & Gill (1982); R: ``survival::tmerge`` and ``coxph``.
    """
    if scale not in SCALES:
        raise UsageError(f"scale is {scale!r}; permitted: {', '.join(SCALES)}.")
    asked = cox_from_measurements(cohort, definitions, time, event, strata)
    labels = {**asked.labels, "term": (SCALES[scale], BURDEN, NUMBER)}
    options = {"unit": UNITS[scale], **asked.options}
    return Request(
        "cox_over_time", results.CoxOverTime, asked.data, labels, options, asked.left_out
    )


def organ_cox_over_time(
    cohort: Cohort,
    definitions: Definitions,
    organ: str,
    time: str = "os_days",
    event: str = "os_event",
    strata: str | None = None,
    *,
    other: str | None = None,
) -> Request[results.OrganCoxOverTime]:
    """Ask for the Cox model of organ response as it changes from scan to scan.

    The terms are the response groups but the last, none respond, which they are compared with. States
    and entry as in `cox_over_time`.

    Parameters
    ----------
    cohort, definitions, organ, other
        As in `organ_response`.
    time, event, strata
        As in `cox_from_measurements`.

    Raises
    ------
    UsageError
        The cohort has no rows, not these columns, no such site.
    NotEstimableError
        Here or from an engine: no events in the last group or in all others, too few events.
    """
    # Here rather than at the top: the names stand where organs are found, which needs the requests.
    from lesionhet.organs import group_names

    asked = organ_response(cohort, definitions, organ, other)
    outcome = cox_from_measurements(cohort, definitions, time, event, strata)
    given = ["time", "event", *(["strata"] if strata is not None else [])]
    options: dict[str, Any] = {
        **asked.options,
        "ties": "efron",
        "conf_level": check_level(definitions.conf_level),
    }
    labels = {**outcome.labels, "term": group_names(definitions, organ, other or "others")[:-1]}
    data = asked.data.assign(**{name: outcome.data[name] for name in given})
    return Request(
        "organ_cox_over_time", results.OrganCoxOverTime, data, labels, options, outcome.left_out
    )


def _landmark_rows(
    time: Values, event: Values, covariates: pd.DataFrame, strata: Values | None
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Put the columns side by side as floats; nothing is dropped, since the engines count."""
    columns = {name: _numbers(values) for name, values in (("time", time), ("event", event))}
    for name, column in columns.items():
        if len(column) != len(covariates):
            raise UsageError(
                f"{name} has {len(column)} rows, the covariates have {len(covariates)}; give one each."
            )
    for code in range(1, covariates.shape[1] + 1):
        columns[f"x{code}"] = _numbers(covariates.iloc[:, code - 1])
    labels: dict[str, tuple[str, ...]] = {}
    if strata is not None:
        codes, found = pd.factorize(pd.Series(strata, dtype=object).to_numpy())
        texts = [str(name) for name in found]
        labels["strata"] = tuple(sorted(set(texts)))
        place = {name: float(code) for code, name in enumerate(labels["strata"], start=1)}
        # The last one is that of code -1, a missing label.
        columns["strata"] = np.array([*(place[text] for text in texts), np.nan])[codes]
    known = ~(np.isnan(columns["time"]) | np.isnan(columns["event"]))
    table = pd.DataFrame(columns)
    check_survival(table[known])
    return table, labels


def _numbers(values: Values) -> Floats:
    found: Floats = pd.Series(values).to_numpy(dtype=float, na_value=np.nan)
    return found


def _check_start_stop(data: pd.DataFrame) -> None:
    """Refuse rows that end before they begin, and patients who are there twice at once."""
    if n := int((data["start"] >= data["stop"]).sum()):
        raise UsageError(f"{n} row(s) do not start before they stop; needed: start < stop.")
    if not data["event"].isin((0, 1)).all():
        raise UsageError("event has values other than 0 and 1.")
    ordered = data.sort_values(["cluster", "start"])
    before = ordered.groupby("cluster")["stop"].shift()
    if n := int((ordered["start"] < before).sum()):
        raise UsageError(f"{n} row(s) begin before the row before of the same patient has ended.")
