"""Questions about markers of survival: the same Cox model for each, and its C."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.errors import UsageError
from lesionhet.requests.base import Request, Values
from lesionhet.requests.columns import column_names, need_variation
from lesionhet.rows import check_level, check_survival, complete_rows, need_events

NO_MARKER: Final = "without a marker"


def compare_markers(
    time: Values,
    event: Values,
    markers: pd.DataFrame,
    others: pd.DataFrame,
    strata: Values | None = None,
    *,
    reference: str | None = None,
    conf_level: float = 0.95,
) -> Request[results.CompareMarkers]:
    """Ask for one Cox model a marker, all on the same rows, and what each adds to a reference.

    Parameters
    ----------
    time, event
        n times in days and n flags, 1 for an event.
    markers
        n rows of numbers; hazard ratios are per SD of a marker in the rows used.
    others
        n rows of the covariates that every model has, one column or more.
    strata
        n labels; each stratum has its own baseline hazard.
    reference
        Marker that the others are set against; default: the first.
    conf_level
        Level of the Wald intervals.

    Raises
    ------
    NotEstimableError
        Here or from an engine: fewer events than the largest model has terms plus one, a column that does
        not vary, or no finite coefficient.
    UsageError
        No marker or no other covariate, an unknown reference, other events than 0 and 1.

    Source: Cox (1972); R: ``survival::coxph(ties = "efron")``.

    Examples
    --------
    >>> markers = pd.DataFrame({"a": [3, 1, 4, 1, 2, 0, 1, 2], "b": [1, 2, 3, 1, 0, 2, 0, 1]})
    >>> others = pd.DataFrame({"size": [1, 0, 0, 1, 1, 0, 1, 0]})
    >>> request = compare_markers(range(1, 9), [1] * 8, markers, others)
    >>> request.options["reference"], request.labels["term"]
    (1, ('a', 'b'))
    """
    data, names, left_out, labels = _marker_rows(time, event, markers, others, strata)
    if reference is not None and reference not in names:
        raise UsageError(f"reference is {reference!r}; permitted: {', '.join(names)}.")
    need_events(data, others.shape[1] + min(len(names), 2) + 1, "Cox models of the markers")
    options = {
        "reference": 1 if reference is None else names.index(reference) + 1,
        "ties": "efron",
        "conf_level": check_level(conf_level),
    }
    labels["term"] = tuple(names)
    return Request("compare_markers", results.CompareMarkers, data, labels, options, left_out)


def marker_concordance(
    time: Values,
    event: Values,
    markers: pd.DataFrame,
    others: pd.DataFrame,
    draws: Any,
    strata: Values | None = None,
) -> Request[results.MarkerConcordance]:
    """Ask for Harrell's C of the Cox model of each marker, corrected for optimism.

    Parameters
    ----------
    time, event, markers, others, strata
        As in `compare_markers`. Pairs are compared within a stratum.
    draws
        n x B whole numbers, 0 or more: how many times each row is in each draw, such as
        `lesionhet.statistics.resampling.bootstraps` gives. Both engines get the same draws.

    Raises
    ------
    NotEstimableError, UsageError
        As `compare_markers`; draws of another shape, or counts that are no whole numbers.

    Source: Harrell, Lee & Mark (1996) Stat Med 15:361; R: ``survival::concordance``.

    Examples
    --------
    >>> markers = pd.DataFrame({"a": [3, 1, 4, 1, 2, 0, 1, 2]})
    >>> others = pd.DataFrame({"size": [1, 0, 0, 1, 1, 0, 1, 0]})
    >>> request = marker_concordance(range(1, 9), [1] * 8, markers, others, [[1]] * 8)
    >>> request.labels["term"]
    ('a', 'without a marker')
    """
    counts = np.asarray(draws)
    if counts.ndim != 2 or counts.shape[0] != len(markers) or counts.shape[1] == 0:
        raise UsageError(f"draws have shape {counts.shape}; needed: {len(markers)} x B, B >= 1.")
    if not (np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts))).all():
        raise UsageError("draws have values that are no whole numbers of 0 or more.")
    drawn = {f"d{b}": counts[:, b - 1] for b in range(1, counts.shape[1] + 1)}
    data, names, left_out, labels = _marker_rows(time, event, markers, others, strata, drawn)
    need_events(data, others.shape[1] + 2, "Cox models of the markers")
    labels["term"] = (*names, NO_MARKER)
    return Request(
        "marker_concordance", results.MarkerConcordance, data, labels, {"ties": "efron"}, left_out
    )


def _marker_rows(
    time: Values,
    event: Values,
    markers: pd.DataFrame,
    others: pd.DataFrame,
    strata: Values | None,
    drawn: Mapping[str, Any] | None = None,
) -> tuple[pd.DataFrame, list[str], dict[str, int], dict[str, tuple[str, ...]]]:
    names, beside = (
        column_names(markers, 1, "A comparison"),
        column_names(others, 1, "A comparison"),
    )
    shown: dict[str, str] = {}
    columns: dict[str, Any] = {"time": time, "event": event}
    for letter, table, given in (("m", markers, names), ("x", others, beside)):
        for place, name in enumerate(given, start=1):
            columns[f"{letter}{place}"] = table.iloc[:, place - 1].to_numpy()
            shown[f"{letter}{place}"] = name
    data, labels, left_out = complete_rows(
        {**columns, **(drawn or {})}, {"strata": (strata, None)}, shown=shown
    )
    check_survival(data)
    need_variation(data, shown, "Cox models of the markers")
    return data, names, left_out, labels
