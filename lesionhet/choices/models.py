"""Cox models of the same patients that differ in the distance only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.covariates import terms_of
from lesionhet.errors import NotEstimableError
from lesionhet.groupwise import Flags, Floats
from lesionhet.rows import need_events
from lesionhet.statistics.counting import climb, climb_again
from lesionhet.statistics.newton import EfronModel, Peak

OUTCOME: Final = ("time", "event", "strata")


@dataclass(frozen=True, eq=False)
class Fit:
    """Model of one distance.

    Parameters
    ----------
    n, events
        Patients in the model and events among them.
    sd
        Of the distance among them.
    estimate, variance
        Log hazard ratio of the distance per SD, and its variance.
    reason
        Why there is no model; the numbers before are missing then.
    """

    n: int
    events: float
    sd: float = np.nan
    estimate: float = np.nan
    variance: float = np.nan
    reason: NotEstimableError | None = None


class Models:
    """Models of the same patients that differ in the distance; patients are sorted once for all.

    Parameters
    ----------
    data
        As in `lesionhet.choices.answers.cox_reading_tables`.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], "event": [1.0] * 7,
    ...                      "baseline_sum_mm": [9.0, 5.0, 7.0, 3.0, 8.0, 4.0, 6.0], "n_lesions": [2] * 7})
    >>> fit = Models(rows).fit(np.array([0.3, 0.1, 0.2, 0.4, 0.1, 0.3, 0.2]))
    >>> fit.n, round(fit.sd, 4), fit.reason
    (7, 0.1113, None)
    """

    def __init__(self, data: pd.DataFrame) -> None:
        self._outcome = {name: data[name].to_numpy() for name in OUTCOME if name in data}
        given = ("baseline_sum_mm", "n_lesions")
        self._given = {name: data[name].to_numpy(dtype=float) for name in given}
        self._sorted: dict[bytes, EfronModel] = {}

    def fit(self, gower: Floats) -> Fit:
        """Fit the model of one distance, in the order of the patients and NaN for who is not in it."""
        known = ~np.isnan(gower)
        own = gower[known]
        events = float(self._outcome["event"][known].sum())
        given = {name: values[known] for name, values in self._given.items()}
        try:
            columns = {"gower": own, **given}
            terms = np.column_stack(list(terms_of(columns, columns).values()))
            model, peak = self._climbed(terms, known)
        except NotEstimableError as error:
            return Fit(len(own), events, reason=error)
        of_distance = model.back[0]
        return Fit(
            len(own),
            events,
            float(np.std(own, ddof=1)),
            float(of_distance @ peak.coefficients),
            float(of_distance @ peak.covariance @ of_distance),
        )

    def _climbed(self, terms: Floats, known: Flags) -> tuple[EfronModel, Peak]:
        # Who is in the model is the same for many distances, and with them the order of the rows.
        who = known.tobytes()
        if who in self._sorted:
            return climb_again(self._sorted[who], terms)
        names = [f"x{i}" for i in range(1, terms.shape[1] + 1)]
        columns = {name: values[known] for name, values in self._outcome.items()}
        rows = pd.DataFrame({**columns, **dict(zip(names, terms.T, strict=True))})
        need_events(rows, len(names) + 1, "Cox model")
        self._sorted[who], peak = climb(rows, names)
        return self._sorted[who], peak
