"""Python's answer to a question about RECIST 1.1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lesionhet.once_for_rows import once
from lesionhet.recist.assess import assess
from lesionhet.recist.best import best_responses
from lesionhet.recist.responses import respond
from lesionhet.recist.rules import RecistRules
from lesionhet.results import Recist

Tables = dict[str, pd.DataFrame]


@once
def recist_tables(data: pd.DataFrame, **options: Any) -> Tables:
    """Answer a ``recist`` request.

    Parameters
    ----------
    data
        Coded rows as in `lesionhet.recist.assess.assess`.
    options
        The fields of `lesionhet.recist.rules.RecistRules`.

    Returns
    -------
    dict
        The tables of `lesionhet.results.Recist`.

    Source: RECIST 1.1 (Eisenhauer 2009); docs/methods.md, "RECIST 1.1".
    """
    visits, best, counts = responses(data, RecistRules(**options))
    tables = {"visits": visits, "best": best, "left_out": pd.DataFrame([counts])}
    shapes = Recist.SHAPES
    return {
        name: table[[*shapes[name].keys, *shapes[name].numbers]] for name, table in tables.items()
    }


def responses(
    data: pd.DataFrame, rules: RecistRules
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    """Give the responses of every assessment, the best responses, and what was left out.

    Parameters
    ----------
    data
        Coded rows as in `lesionhet.recist.assess.assess`.
    rules
        Thresholds and minimum times.
    """
    assessed = assess(data, rules)
    visits = respond(assessed, rules)
    best = best_responses(visits, assessed.baselines, rules)
    none = ~np.isfinite(best["baseline_day"])
    counts = {**assessed.counts, "patients_without_baseline": int(none.sum())}
    return visits, best, counts
