"""Survival by lifelines: Kaplan-Meier, log-rank, Cox."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.exceptions import ConvergenceError, ConvergenceWarning
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import group_survival_table_from_events

from lesionhet.errors import NotEstimableError
from lesionhet.statistics.arrays import Floats, by_group, term_columns
from lesionhet.statistics.distributions import normal_quantile
from lesionhet.statistics.registry import Tables
from lesionhet.statistics.survival import Columns, stacked, tables_of, with_limits

TO_THE_LAST_DIGIT: Final = {
    "step_size": 1.0,
    "precision": 1e-22,
    "r_precision": 0.0,
    "max_steps": 100,
}
"""Fit options: by itself lifelines stops at a Newton decrement of 1e-7."""

NOT_CONVERGED: Final = "Newton-Rap"
"""How the warning begins under which lifelines gives a number that is no maximum."""


def kaplan_meier(
    data: pd.DataFrame, conf_type: str, conf_level: float, times: Sequence[float]
) -> Tables:
    """Answer as `lesionhet.statistics.survival.kaplan_meier`, by lifelines.KaplanMeierFitter.

    Counts, survival and intervals on the log-log scale are lifelines'; it has none on the log scale and
    no median of a flat curve, which are those of this package.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [2.0, 4.0, 4.0, 7.0], "event": [1, 1, 0, 1], "group": 1})
    >>> tables = kaplan_meier(rows, conf_type="log-log", conf_level=0.95, times=[5.0])
    >>> tables["curve"]["survival"].round(12).tolist()
    [0.75, 0.5, 0.0]
    """
    parts: dict[str, list[Columns]] = {"medians": [], "curve": [], "at": []}
    groups = zip(by_group(data, "time"), by_group(data, "event"), strict=True)
    for code, (time, event) in enumerate(groups, start=1):
        curve = _curve(time, event, conf_type, conf_level)
        for name, columns in tables_of(curve, np.asarray(times, dtype=float)).items():
            parts[name].append({"group": np.full(len(columns["conf_low"]), code), **columns})
    return {name: stacked(name, columns) for name, columns in parts.items()}


def _curve(time: Floats, event: Floats, conf_type: str, conf_level: float) -> Columns:
    fitter = KaplanMeierFitter(alpha=1 - conf_level).fit(time, event)
    counts = fitter.event_table
    n, died = counts["at_risk"].to_numpy(dtype=float), counts["observed"].to_numpy(dtype=float)
    left = counts["censored"].to_numpy(dtype=float)
    survival = fitter.survival_function_.iloc[:, 0].to_numpy(dtype=float)
    variance = np.divide(died, n * (n - died), out=np.full(len(n), np.inf), where=n > died).cumsum()
    limits = fitter.confidence_interval_.to_numpy(dtype=float)
    # lifelines opens every curve at time 0, survfit only where someone leaves then.
    kept = died + left > 0
    curve = {
        "time": counts.index.to_numpy(dtype=float)[kept],
        "n_risk": n[kept],
        "n_event": died[kept],
        "n_censor": left[kept],
        "survival": survival[kept],
        "log_error": np.sqrt(variance[kept]),
    }
    curve = with_limits(curve, conf_type, normal_quantile(conf_level))
    if conf_type == "log":
        return curve
    # Where survival is 0 or 1 the log-log scale has no interval; lifelines gives that number itself.
    inner = (curve["survival"] > 0) & (curve["survival"] < 1)
    low, high = (np.where(inner, side[kept], np.nan) for side in limits.T)
    return {**curve, "conf_low": low, "conf_high": high}


def log_rank(data: pd.DataFrame) -> Tables:
    """Answer as `lesionhet.statistics.logrank.log_rank` without strata, by lifelines.

    Statistic and P value are those of ``multivariate_logrank_test``; expected events are counted from the
    tables that it makes.

    Raises
    ------
    NotEstimableError
        A group has nobody at risk at any event time: lifelines counts a degree of freedom for it.
    """
    codes, removed, observed, _ = group_survival_table_from_events(
        data["group"], data["time"], data["event"]
    )
    by_code = np.argsort(codes)
    left, died = (table.to_numpy(dtype=float)[:, by_code] for table in (removed, observed))
    at_risk = left[::-1].cumsum(axis=0)[::-1]
    deaths = died.sum(axis=1, keepdims=True)
    expected = (deaths * at_risk / at_risk.sum(axis=1, keepdims=True)).sum(axis=0)
    if (expected == 0).any():
        raise NotEstimableError(
            "Log-rank test: lifelines counts a group that nobody is at risk in."
        )
    test = multivariate_logrank_test(data["time"], data["group"], data["event"])
    row = {"statistic": [test.test_statistic], "df": [len(expected) - 1], "p_value": [test.p_value]}
    groups = {
        "group": np.arange(1, len(expected) + 1),
        "n": left.sum(axis=0),
        "observed": died.sum(axis=0),
        "expected": expected,
    }
    return {"test": pd.DataFrame(row), "groups": pd.DataFrame(groups)}


def cox(data: pd.DataFrame, ties: str, conf_level: float) -> Tables:
    """Answer as `lesionhet.statistics.cox.cox`, by lifelines.CoxPHFitter; ``ties`` is ``"efron"``.

    Raises
    ------
    NotEstimableError
        lifelines finds no maximum; the message is its own.
    """
    names, strata = term_columns(data), ["strata"] if "strata" in data else None
    fitter = CoxPHFitter(alpha=1 - conf_level)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", NOT_CONVERGED, ConvergenceWarning)
            fitter.fit(data, "time", "event", strata=strata, fit_options=dict(TO_THE_LAST_DIGIT))
    except (ConvergenceError, ConvergenceWarning) as error:
        raise NotEstimableError(f"Cox model ({ties}): lifelines: {error}") from error
    found = fitter.summary.loc[names]
    # lifelines multiplies ratios, which has no number where one is 0 and the other infinite.
    with np.errstate(over="ignore"):
        low, high = np.exp(fitter.confidence_intervals_.loc[names].to_numpy(dtype=float).T)
    terms = {
        "term": np.arange(1, len(names) + 1),
        "estimate": found["coef"],
        "std_error": found["se(coef)"],
        "hazard_ratio": found["exp(coef)"],
        "conf_low": low,
        "conf_high": high,
        "statistic": found["z"],
        "p_value": found["p"],
    }
    ratio = fitter.log_likelihood_ratio_test()
    model: dict[str, Any] = {
        "n": len(data),
        "events": float(data["event"].sum()),
        "log_likelihood_null": fitter.log_likelihood_ - ratio.test_statistic / 2,
        "log_likelihood": fitter.log_likelihood_,
        "statistic": ratio.test_statistic,
        "df": len(names),
        "p_value": ratio.p_value,
    }
    return {
        "terms": pd.DataFrame(terms).reset_index(drop=True),
        "model": pd.DataFrame([model]),
    }
