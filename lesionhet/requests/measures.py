"""Questions about other measures of heterogeneity: their values, rank correlations, likeness of lesions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError
from lesionhet.measures.catalogue import COLUMNS, COUNTS, label_of
from lesionhet.requests.base import Request, Values
from lesionhet.requests.columns import column_names, need_variation
from lesionhet.requests.measurements import patterns
from lesionhet.requests.patterns import PHASE_OPTIONS
from lesionhet.rows import check_level, complete_rows
from lesionhet.timed.days import check_day

TARGET: Final = 1
"""Code of a target lesion's rows."""
FEWEST_ROWS: Final = 3


def patient_measures(
    cohort: Cohort, definitions: Definitions, day: float = np.inf
) -> Request[results.PatientMeasures]:
    """Ask for every measure but the distance, patient by patient, from the measurements.

    Parameters
    ----------
    cohort
        Its ``rows``: every row of the lesions table as it was read. A lesion's site may stand in any of
        them.
    definitions
        Rules of the phases, ``burden`` and ``visit_window_days``.
    day
        Days from the start of treatment, 0 or more; scans on the day count. Default: all scans.

    Raises
    ------
    UsageError
        The cohort has no rows, or the day is below 0.
    NotEstimableError
        From an engine: no lesion has a scan after its baseline up to the day.

    Source: docs/methods.md, "Other measures"; `lesionhet.measures.catalogue.MEASURES` by name.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames, engine
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> request = patient_measures(cohort_from_frames(rows), Definitions())
    >>> engine("python").answer(request).to_frame()[["range_best", "discordant_last"]].values.tolist()
    [[70.0, 1.0]]
    """
    data, labels, options = _from_rows(cohort, definitions, day)
    return Request("patient_measures", results.PatientMeasures, data, labels, options, {})


def measure_summary(
    cohort: Cohort, definitions: Definitions, day: float = np.inf
) -> Request[results.MeasureSummary]:
    """Ask for mean, SD and quantiles of every measure but the distance, from the measurements.

    Parameters
    ----------
    cohort, definitions, day
        As in `patient_measures`.

    Raises
    ------
    UsageError, NotEstimableError
        As `patient_measures`.

    Source: docs/methods.md, "Other measures".
    """
    data, labels, options = _from_rows(cohort, definitions, day)
    names = [*(name.replace("_", " ") for name in COUNTS), *(label_of(name) for name in COLUMNS)]
    labels = {**labels, "term": tuple(names)}
    return Request("measure_summary", results.MeasureSummary, data, labels, options, {})


def rank_correlations(table: pd.DataFrame) -> Request[results.RankCorrelations]:
    """Ask for Spearman's rank correlation of every pair of columns.

    Parameters
    ----------
    table
        n rows and two columns or more of numbers; rows with a missing value are left out of all pairs.

    Raises
    ------
    UsageError
        Fewer than two columns, two of one name, or an infinite value.
    NotEstimableError
        Fewer than 3 complete rows, or a column that has the same value in all of them.

    Source: Spearman (1904); R: ``cor(method = "spearman")``.

    Examples
    --------
    >>> from lesionhet import engine
    >>> request = rank_correlations(pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 3, 2, 9]}))
    >>> engine("python").answer(request).to_frame().round(4).values.tolist()
    [['a', 'b', 0.8, 4]]
    """
    names = column_names(table, 2, "A correlation")
    columns = {f"x{i}": table.iloc[:, i - 1].to_numpy() for i in range(1, len(names) + 1)}
    shown = {f"x{i}": name for i, name in enumerate(names, start=1)}
    data, _, left_out = complete_rows(columns, {}, shown=shown)
    if len(data) < FEWEST_ROWS:
        raise NotEstimableError(
            f"Rank correlation: {len(data)} complete row(s), needs {FEWEST_ROWS}."
        )
    need_variation(data, shown, "Rank correlation")
    labels = {"row": tuple(names)}
    return Request("rank_correlations", results.RankCorrelations, data, labels, {}, left_out)


def intraclass(
    values: Values,
    cluster: Values,
    group: Values | None = None,
    group_order: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> Request[results.Intraclass]:
    """Ask how alike the values of one cluster are, by group.

    Parameters
    ----------
    values
        n numbers, such as the log ratios of lesions.
    cluster
        n labels, such as those of the patients.
    group
        n labels; None for one group.
    group_order
        Groups wanted, in that order; default: all, sorted.
    conf_level
        Level of the interval.

    Raises
    ------
    NotEstimableError
        Here or from an engine: no row is left, or there is no group with two clusters and a cluster of two.

    Source: Donner (1986) Int Stat Rev 54:67; R: ``ICC::ICCest`` has the same formulas.

    Examples
    --------
    >>> from lesionhet import engine
    >>> request = intraclass([1, 2, 4, 5, 8, 9], list("aabbcc"))
    >>> round(engine("python").answer(request).value("estimate", "groups"), 4)
    0.9603
    """
    data, labels, left_out = complete_rows(
        {"values": values},
        {"cluster": (cluster, None), "group": (group, group_order)},
        may_be_empty=("cluster",),
    )
    options = {"n_groups": len(labels["group"]), "conf_level": check_level(conf_level)}
    return Request("intraclass", results.Intraclass, data, labels, options, left_out)


def _from_rows(
    cohort: Cohort, definitions: Definitions, day: float
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]], dict[str, Any]]:
    """Give the coded rows of the lesions table, the site of a lesion in each of its rows, and the rules."""
    asked = patterns(cohort, definitions)
    data = asked.data
    site = data["site"].where(data["type"] == TARGET).groupby(data["lesion"]).transform("first")
    data = data.assign(site=data["site"].fillna(site))
    options = {
        "day": check_day(day) if np.isfinite(day) else float("nan"),
        **{name: getattr(definitions, name) for name in PHASE_OPTIONS},
        "burden": definitions.burden,
        "visit_window_days": float(definitions.visit_window_days),
    }
    return data, dict(asked.labels), options
