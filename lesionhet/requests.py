"""Questions to an engine: checked rows under fixed names, with every option explicit.

A request is made once and can be answered by Python, by R, or by a script written from it: all get the
same rows. Rows with a missing value are dropped here, and counted. Labels never travel to an engine:
groups go as whole numbers from 1, and `Result` tables get the labels back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.gower import encode
from lesionhet.rows import (
    check_level,
    check_survival,
    complete_rows,
    need_events,
    need_groups,
    need_spread,
    with_ties,
)
from lesionhet.schema import PHASES, RESPONSE_VARIABLES

ResultT = TypeVar("ResultT", bound=results.Result)
Values = Any
"""A one-dimensional array, list or Series."""


@dataclass(frozen=True, eq=False)
class Request(Generic[ResultT]):
    """One question.

    Parameters
    ----------
    statistic
        Name of the statistic: the Python function's and the R function's.
    result
        Type of the answer.
    data
        Rows as the engines get them: numbers, and group columns as codes from 1.
    labels
        Kind of label (``"group"``, ``"level"``, ``"term"``, ``"patient"``, ``"row"``) -> label by code.
    options
        Option -> value: text, number, flag or a list of these.
    left_out
        Reason -> number of rows dropped.
    """

    statistic: str
    result: type[ResultT]
    data: pd.DataFrame
    labels: Mapping[str, tuple[str, ...]]
    options: Mapping[str, Any]
    left_out: Mapping[str, int]


def describe(
    values: Values, group: Values | None = None, order: Sequence[str] | None = None
) -> Request[results.Summary]:
    """Ask for mean, SD and quantiles of ``values``, by ``group``.

    Parameters
    ----------
    values
        n numbers; missing ones are left out and counted.
    group
        n labels; None for one group.
    order
        Labels in the order wanted; default: sorted. Rows with other labels are left out and counted.

    Raises
    ------
    NotEstimableError
        No row is left, or a group of ``order`` is empty.

    Examples
    --------
    >>> describe([1.0, 2.0, None]).left_out
    {'values missing': 1}
    """
    data, labels, left_out = complete_rows({"values": values}, {"group": (group, order)})
    return Request("describe", results.Summary, data, labels, {}, left_out)


def count(
    level: Values,
    group: Values | None = None,
    level_order: Sequence[str] | None = None,
    order: Sequence[str] | None = None,
) -> Request[results.Counts]:
    """Ask how many rows of each ``group`` have each ``level``; levels without rows count 0."""
    if level_order is None:
        level_order = sorted({str(v) for v in pd.Series(level).dropna()})
    data, labels, left_out = complete_rows(
        {}, {"group": (group, order), "level": (level, level_order)}, may_be_empty=("level",)
    )
    options = {"n_levels": len(labels["level"]), "n_groups": len(labels["group"])}
    return Request("count", results.Counts, data, labels, options, left_out)


def mann_whitney(
    values: Values, group: Values, order: Sequence[str] | None = None
) -> Request[results.MannWhitney]:
    """Ask for the Mann-Whitney test: two-sided, normal approximation, continuity and tie correction."""
    data, labels, left_out = complete_rows({"values": values}, {"group": (group, order)})
    data["values"] = with_ties(data["values"])
    need_groups(labels["group"], 2, 2)
    need_spread(data["values"], "Mann-Whitney test")
    return Request("mann_whitney", results.MannWhitney, data, labels, {}, left_out)


def kruskal_wallis(
    values: Values, group: Values, order: Sequence[str] | None = None
) -> Request[results.KruskalWallis]:
    """Ask for the Kruskal-Wallis test of two or more groups, with tie correction."""
    data, labels, left_out = complete_rows({"values": values}, {"group": (group, order)})
    data["values"] = with_ties(data["values"])
    need_groups(labels["group"], 2)
    need_spread(data["values"], "Kruskal-Wallis test")
    return Request("kruskal_wallis", results.KruskalWallis, data, labels, {}, left_out)


def dunn(
    values: Values, group: Values, order: Sequence[str] | None = None
) -> Request[results.Dunn]:
    """Ask for Dunn's test of every pair of groups, with tie correction, Bonferroni corrected."""
    data, labels, left_out = complete_rows({"values": values}, {"group": (group, order)})
    data["values"] = with_ties(data["values"])
    need_groups(labels["group"], 2)
    need_spread(data["values"], "Dunn test")
    return Request("dunn", results.Dunn, data, labels, {}, left_out)


def kendall(x: Values, y: Values) -> Request[results.Kendall]:
    """Ask for Kendall's tau-b and its two-sided asymptotic test (no continuity correction)."""
    data, labels, left_out = complete_rows({"x": x, "y": y}, {})
    if len(data) < 3:
        raise NotEstimableError(f"Kendall correlation needs 3 rows or more, found {len(data)}.")
    for column in ("x", "y"):
        data[column] = with_ties(data[column])
        need_spread(data[column], "Kendall correlation")
    return Request("kendall", results.Kendall, data, labels, {}, left_out)


def median_interval(
    values: Values,
    group: Values | None = None,
    order: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> Request[results.MedianInterval]:
    """Ask for each group's median with its confidence interval from order statistics."""
    data, labels, left_out = complete_rows({"values": values}, {"group": (group, order)})
    options = {"conf_level": check_level(conf_level)}
    return Request("median_interval", results.MedianInterval, data, labels, options, left_out)


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


def gower(
    table: pd.DataFrame,
    kinds: Mapping[str, str] | None = None,
    weights: Mapping[str, float] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> Request[results.Gower]:
    """Ask for the Gower distance of every pair of rows of a mixed table.

    Parameters
    ----------
    table
        n rows; missing values are permitted and take their variable out of that pair.
    kinds
        Column -> ``"numeric"``, ``"nominal"`` (equal or not), ``"ordinal"`` (ordered categories, by
        their position) or ``"asymmetric"`` (0/1 where two zeros do not count). Default: ordered
        categoricals are ordinal, other numbers numeric, text, flags and categoricals nominal.
    weights
        Column -> weight >= 0, default 1.
    ranges
        Numeric column -> (lowest, highest) that its range is taken from; default: the table's own.

    Raises
    ------
    UsageError
        An unknown kind or column, an infinite value, or an asymmetric column with other values than 0/1.
    """
    data, kind_list, labels = encode(table, kinds or {}, ranges or {})
    for what, given in (("weights", weights), ("ranges", ranges)):
        if unknown := sorted(set(given or {}) - set(map(str, table.columns))):
            raise UsageError(f"{what} names unknown columns {unknown}.")
    names = [str(c) for c in table.columns]
    bounds = [(ranges or {}).get(name, (np.nan, np.nan)) for name in names]
    options = {
        "kinds": kind_list,
        "weights": [float((weights or {}).get(name, 1.0)) for name in names],
        "lowest": [float(low) for low, _ in bounds],
        "highest": [float(high) for _, high in bounds],
    }
    return Request("gower", results.Gower, data, labels, options, {})


def heterogeneity(
    lesions: pd.DataFrame, definitions: Definitions
) -> Request[results.Heterogeneity]:
    """Ask for the lesion-level and patient-level Gower distance of response patterns.

    Parameters
    ----------
    lesions
        One row a lesion: ``patient_id``, ``lesion_id``, the flags ``response``, ``stable``,
        ``relapse`` (0/1) and the ratios ``nadir_ratio``, ``last_ratio``; missing values permitted.
        Lesions with all five missing are left out and counted.
    definitions
        ``gower_range``, ``gower_bounds``, ``gower_weights``, ``gower_self``, ``single_lesion``.

    Source: paper, "Gower distance"; R: ``cluster::daisy(metric = "gower")`` within each patient.
    """
    numbers = lesions[list(RESPONSE_VARIABLES)].astype(float).reset_index(drop=True)
    keep = numbers.notna().any(axis=1)
    ids = lesions[["patient_id", "lesion_id"]].astype(str).reset_index(drop=True)[keep]
    codes, patients = pd.factorize(ids["patient_id"], sort=True)
    data = numbers[keep].reset_index(drop=True)
    lowest, highest = [float("nan")] * 2, [float("nan")] * 2
    if definitions.gower_range == "fixed":
        bounds = [definitions.gower_bounds[name] for name in RESPONSE_VARIABLES[len(PHASES) :]]
        lowest, highest = [float(low) for low, _ in bounds], [float(high) for _, high in bounds]
        for name, low, high in zip(RESPONSE_VARIABLES[len(PHASES) :], lowest, highest, strict=True):
            data[name] = data[name].clip(low, high)
    data.insert(0, "row", np.arange(1, len(data) + 1))
    data.insert(1, "patient", codes.astype("int64") + 1)
    labels = {
        "row": tuple(ids["patient_id"] + " / " + ids["lesion_id"]),
        "patient": tuple(map(str, patients)),
    }
    options = {
        "weights": [float(definitions.gower_weights.get(v, 1.0)) for v in RESPONSE_VARIABLES],
        "range": definitions.gower_range,
        "lowest": lowest,
        "highest": highest,
        "self": definitions.gower_self,
        "single": definitions.single_lesion,
    }
    dropped = int((~keep).sum())
    left_out = {"all five variables missing": dropped} if dropped else {}
    return Request("heterogeneity", results.Heterogeneity, data, labels, options, left_out)


def phases(
    series: pd.DataFrame, names: Sequence[str], definitions: Definitions
) -> Request[results.PhaseTable]:
    """Ask for the response phases of each series of sizes.

    Parameters
    ----------
    series
        ``unit`` (0 to u - 1), ``day``, ``size_mm``; see `lesionhet.phases.response_phases`.
    names
        u labels of the units.
    definitions
        Thresholds and rules.
    """
    data = pd.DataFrame(
        {
            "row": series["unit"].to_numpy() + 1,
            "day": series["day"].to_numpy(dtype=float),
            "size_mm": series["size_mm"].to_numpy(dtype=float),
        }
    )
    fields = (
        "response_threshold",
        "relapse_threshold",
        "relapse_reference",
        "relapse_min_increase_mm",
        "stable_rule",
        "crossing",
    )
    options = {name: getattr(definitions, name) for name in fields}
    return Request("phases", results.PhaseTable, data, {"row": tuple(names)}, options, {})
