"""Questions about survival: Kaplan-Meier, log-rank, Cox, resampled Cox."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.requests.base import Request, Values
from lesionhet.rows import (
    check_level,
    check_survival,
    complete_rows,
    need_events,
    need_groups,
)


def kaplan_meier(
    time: Values,
    event: Values,
    group: Values | None = None,
    order: Sequence[str] | None = None,
    *,
    conf_type: Literal["log", "log-log"] = "log",
    conf_level: float = 0.95,
    times: Sequence[float] = (),
) -> Request[results.KaplanMeier]:
    """Ask for Kaplan-Meier curves, medians and numbers at risk.

    Parameters
    ----------
    time, event
        n times in days (>= 0) and n flags, 1 for an event.
    group, order
        As in `describe`.
    conf_type
        Interval of the survival probability on the ``"log"`` or the ``"log-log"`` scale.
    conf_level
        Level of the intervals.
    times
        Times, in days, at which the numbers at risk and the survival are asked for; ascending.

    Raises
    ------
    NotEstimableError
        No row is left or a group is empty.
    UsageError
        An unknown ``conf_type``, a negative time, or an event that is neither 0 nor 1.
    """
    if conf_type not in ("log", "log-log"):
        raise UsageError(f"conf_type is {conf_type!r}; permitted: 'log', 'log-log'.")
    if any(not 0 <= t < float("inf") for t in times):
        raise UsageError(f"times are {list(times)}; permitted: 0 or more.")
    data, labels, left_out = complete_rows(
        {"time": time, "event": event}, {"group": (group, order)}
    )
    check_survival(data)
    options = {
        "conf_type": conf_type,
        "conf_level": check_level(conf_level),
        "times": [float(t) for t in sorted(set(times))],
    }
    return Request("kaplan_meier", results.KaplanMeier, data, labels, options, left_out)


def log_rank(
    time: Values,
    event: Values,
    group: Values,
    order: Sequence[str] | None = None,
    strata: Values | None = None,
) -> Request[results.LogRank]:
    """Ask for the log-rank test of two or more groups, within strata where given."""
    data, labels, left_out = complete_rows(
        {"time": time, "event": event}, {"group": (group, order), "strata": (strata, None)}
    )
    check_survival(data)
    need_groups(labels["group"], 2)
    need_events(data, 1, "log-rank test")
    return Request("log_rank", results.LogRank, data, labels, {}, left_out)


def cox(
    time: Values,
    event: Values,
    covariates: pd.DataFrame,
    strata: Values | None = None,
    conf_level: float = 0.95,
) -> Request[results.Cox]:
    """Ask for a Cox model with Efron ties.

    Parameters
    ----------
    time, event
        n times in days and n flags, 1 for an event.
    covariates
        n rows of numbers; the column names become the terms.
    strata
        n labels; each stratum has its own baseline hazard.
    conf_level
        Level of the Wald intervals.

    Raises
    ------
    NotEstimableError
        Fewer events than terms plus one, or a covariate that does not vary among the rows left.
    """
    names = [str(name) for name in covariates.columns]
    if not names:
        raise UsageError("A Cox model needs one covariate or more, found none.")
    numbers = {f"x{i}": covariates.iloc[:, i - 1].to_numpy() for i in range(1, len(names) + 1)}
    shown = {f"x{i}": name for i, name in enumerate(names, start=1)}
    data, labels, left_out = complete_rows(
        {"time": time, "event": event, **numbers}, {"strata": (strata, None)}, shown=shown
    )
    check_survival(data)
    need_events(data, len(names) + 1, "Cox model")
    for code, name in shown.items():
        if data[code].nunique() < 2:
            raise NotEstimableError(
                f"Cox model: covariate '{name}' has the same value in every row."
            )
    labels = {**labels, "term": tuple(names)}
    options = {"ties": "efron", "conf_level": check_level(conf_level)}
    return Request("cox", results.Cox, data, labels, options, left_out)


def resampled_cox(
    time: Values,
    event: Values,
    covariates: pd.DataFrame,
    draws: Any,
    strata: Values | None = None,
    *,
    of_interest: str | None = None,
    significance: float = 0.05,
) -> Request[results.ResampledCox]:
    """Ask for a Cox model with Efron ties on each of many draws of the rows.

    Parameters
    ----------
    time, event, covariates, strata
        As in `cox`.
    draws
        n x B whole numbers, 0 or more: how many times each row is in each draw, such as
        `lesionhet.statistics.resampling.subsamples` gives. Both engines get the same draws.
    of_interest
        Name of the covariate that is reported; default: the first.
    significance
        P value below which a draw counts as significant, in (0, 1).

    Raises
    ------
    NotEstimableError
        As in `cox`, for all rows together.
    UsageError
        Draws of another shape, counts that are no whole numbers, or an unknown covariate.

    Examples
    --------
    >>> request = resampled_cox([1, 2, 3, 4], [1, 1, 1, 0], pd.DataFrame({"dose": [1, 0, 2, 1]}),
    ...                         [[1, 2], [1, 0], [1, 1], [0, 1]])
    >>> request.data["d2"].tolist()
    [2, 0, 1, 1]
    """
    counts = np.asarray(draws)
    if counts.ndim != 2 or counts.shape[0] != len(covariates) or counts.shape[1] == 0:
        raise UsageError(f"draws have shape {counts.shape}; needed: {len(covariates)} x B, B >= 1.")
    if not (np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts))).all():
        raise UsageError("draws have values that are no whole numbers of 0 or more.")
    names = [str(name) for name in covariates.columns]
    if of_interest is not None and of_interest not in names:
        raise UsageError(f"of_interest is {of_interest!r}; permitted: {names}.")
    whole = cox(time, event, covariates, strata)
    given = [time, event, *([] if strata is None else [strata])]
    known = np.logical_and.reduce([pd.notna(np.asarray(values, dtype=object)) for values in given])
    kept = known & covariates.notna().all(axis=1).to_numpy()
    columns = [f"d{b}" for b in range(1, counts.shape[1] + 1)]
    chosen = pd.DataFrame(counts[kept].astype(np.int64), columns=columns)
    data = pd.concat([whole.data, chosen], axis=1)
    options = {
        "ties": "efron",
        "of_interest": names.index(of_interest) + 1 if of_interest is not None else 1,
        "significance": check_level(significance),
    }
    labels = {**whole.labels, "term": tuple(names)}
    return Request("resampled_cox", results.ResampledCox, data, labels, options, whole.left_out)
