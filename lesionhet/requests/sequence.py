"""Questions about the order in which organs progress."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.requests.base import Request, Values
from lesionhet.requests.measurements import located_rows
from lesionhet.rows import check_level


def progression_order(
    cohort: Cohort, definitions: Definitions, day: float = float("inf")
) -> Request[results.ProgressionOrder]:
    """Ask when each organ of each patient progresses, all the way from the measurements.

    Parameters
    ----------
    cohort
        Its ``rows``, with a column site.
    definitions
        ``relapse_threshold``, ``relapse_reference``, ``relapse_min_increase_mm``, ``burden``,
        ``visit_window_days``.
    day
        Scans up to and with this day count, 0 or more; infinite: all.

    Raises
    ------
    UsageError
        The cohort has no rows or no sites, or the day is below 0.
    NotEstimableError
        From an engine: no lesion can be followed, or no organ was ever measured as a whole.

    Source: docs/methods.md, "Order of progression".

    Examples
    --------
    >>> from lesionhet import cohort_from_frames, engine
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "A", "B", "B", "B"],
    ...                      "site": ["liver"] * 3 + ["lung"] * 3, "day": [0, 50, 100] * 2,
    ...                      "diameter_mm": [50.0, 40.0, 49.0, 20.0, 30.0, 20.0]})
    >>> answer = engine("python").answer(progression_order(cohort_from_frames(rows), Definitions()))
    >>> answer.to_frame()[["organ", "day"]].to_numpy().tolist()
    [['liver', 100.0], ['lung', 50.0]]
    """
    if not day >= 0:
        raise UsageError(f"day is {day!r}; permitted: 0 or more, or infinite for all scans.")
    data, labels = located_rows(cohort)
    if not labels["site"]:
        raise UsageError("The cohort has no sites; the order of organs needs a column site.")
    options: dict[str, Any] = {
        "day": float(day),
        "relapse_threshold": float(definitions.relapse_threshold),
        "relapse_reference": definitions.relapse_reference,
        "relapse_min_increase_mm": float(definitions.relapse_min_increase_mm),
        "burden": definitions.burden,
        "visit_window_days": float(definitions.visit_window_days),
    }
    labels["organ"] = labels["site"]
    return Request("progression_order", results.ProgressionOrder, data, labels, options, {})


def sign_test(sign: Values, *, conf_level: float = 0.95) -> Request[results.SignTest]:
    """Ask for the exact sign test: how often the first of two comes before the second, ties left out.

    Parameters
    ----------
    sign
        n numbers, one a patient: above 0 where the first comes before the second, below 0 where the second
        does, 0 for a tie; missing where it is not known.
    conf_level
        Level of the exact (Clopper-Pearson) interval of the share.

    Raises
    ------
    NotEstimableError
        Nothing but ties.

    Source: Dixon & Mood (1946) J Am Stat Assoc 41:557; Clopper & Pearson (1934) Biometrika 26:404. R:
    ``binom.test``.

    Examples
    --------
    >>> from lesionhet import engine
    >>> answer = engine("python").answer(sign_test([1, 1, 1, -1, 0, 1]))
    >>> answer.value("estimate"), answer.value("p_value"), answer.value("ties", "counts")
    (0.8, 0.375, 1.0)
    """
    values = pd.to_numeric(pd.Series(np.asarray(sign))).astype(float)
    known = values.dropna().reset_index(drop=True)
    dropped = len(values) - len(known)
    if not (known != 0).any():
        raise NotEstimableError(
            f"Sign test: {len(known)} row(s) that are all ties; none to compare."
        )
    return Request(
        "sign_test",
        results.SignTest,
        pd.DataFrame({"sign": np.sign(known)}),
        {},
        {"conf_level": check_level(conf_level)},
        {"sign missing": dropped} if dropped else {},
    )
