"""The error of one measurement, estimated where lesions were measured more than once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.checks.keys import KEY
from lesionhet.checks.lesions import TARGET
from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError

BASELINE_WINDOW_DAYS: Final = 28.0
"""RECIST 1.1: baselines are as close as possible to the beginning and never more than 4 weeks before."""
ALL_EQUAL: Final = 1e-20
"""Sum of squares that is 0 but for rounding."""
BASELINES: Final = "repeated_baselines"
READERS: Final = "two_readers"
FEWEST_REPEATS: Final = 10
"""Degrees of freedom without which an estimated error is not used."""


def repeated_baselines(cohort: Cohort) -> pd.DataFrame:
    """Give the lesions that were measured on several days of the baseline window.

    Parameters
    ----------
    cohort
        Its ``rows``.

    Returns
    -------
    pandas.DataFrame
        ``patient_id, lesion_id, day, size_mm``: measurements above 0 of target lesions at day <= 0, not
        more than 28 days before the lesion's last one there; lesions with one such measurement are
        absent. A lesion grows between two of them, so the error comes out too large rather than too
        small.
    """
    names = [*KEY, "day", "size_mm"]
    if cohort.rows.empty:
        return pd.DataFrame(columns=names)
    rows = cohort.rows.rename(columns={"diameter_mm": "size_mm"})
    rows = rows[rows["lesion_type"].eq(TARGET) & rows["day"].le(0) & rows["size_mm"].gt(0)]
    rows = rows.drop_duplicates([*KEY, "day", "size_mm"])
    last = rows.groupby(KEY)["day"].transform("max")
    rows = rows[rows["day"] >= last - BASELINE_WINDOW_DAYS]
    several = rows.groupby(KEY)["day"].transform("size") > 1
    return rows.loc[several, names].sort_values([*KEY, "day"], ignore_index=True)


def repeats(cohort: Cohort) -> dict[str, pd.DataFrame]:
    """Give everything in a cohort that was measured more than once.

    Parameters
    ----------
    cohort
        Its ``rows`` and ``reader_pairs``.

    Returns
    -------
    dict
        `BASELINES` and `READERS`, each only where there is any -> ``unit`` (text) and ``size_mm``, above 0.
        Two readers' sizes of one lesion at one visit are a unit; a lasting difference between readers is
        part of the error then.
    """
    found = {}
    again = repeated_baselines(cohort)
    if len(again):
        unit = again["patient_id"] + " / " + again["lesion_id"]
        found[BASELINES] = pd.DataFrame({"unit": unit, "size_mm": again["size_mm"]})
    pairs = cohort.reader_pairs
    if len(pairs):
        pairs = pairs[(pairs["size_mm"] > 0) & (pairs["other_mm"] > 0)].reset_index(drop=True)
        sizes = pairs[["size_mm", "other_mm"]].to_numpy(dtype=float)
        unit = pd.Series(np.repeat(np.arange(1, len(pairs) + 1), 2)).astype(str)
        found[READERS] = pd.DataFrame({"unit": unit, "size_mm": sizes.ravel()})
    return {name: rows for name, rows in found.items() if len(rows)}


def error_tables(data: pd.DataFrame, conf_level: float) -> dict[str, pd.DataFrame]:
    """Answer a ``measurement_error`` request.

    Parameters
    ----------
    data
        ``unit`` (what was measured, whole numbers from 1, each twice or more) and ``size_mm``, above 0.
    conf_level
        Of the interval.

    Returns
    -------
    dict
        ``error``: the pooled SD of ln(size) within units, with its chi-square interval.

    Raises
    ------
    NotEstimableError
        All measurements of each unit are equal.

    Source: Bland & Altman (1996), BMJ 313:744 (within-subject SD).

    Examples
    --------
    >>> rows = pd.DataFrame({"unit": [1, 1, 2, 2], "size_mm": [20.0, 22.0, 30.0, 27.0]})
    >>> error_tables(rows, 0.95)["error"].round(4).to_numpy().tolist()
    [[4.0, 2.0, 2.0, 0.071, 0.037, 0.4464]]
    """
    from scipy.special import gammaincinv

    unit, log_size = data["unit"].to_numpy(), np.log(data["size_mm"].to_numpy(dtype=float))
    centred = log_size - pd.Series(log_size).groupby(unit).transform("mean").to_numpy()
    units = len(np.unique(unit))
    df, squares = len(unit) - units, float((centred**2).sum())
    if squares <= ALL_EQUAL:
        raise NotEstimableError(
            f"Measurement error: the measurements of each of {units} lesions are equal."
        )
    # Quantiles of chi-square with df degrees of freedom.
    low, high = 2 * gammaincinv(df / 2, ((1 + conf_level) / 2, (1 - conf_level) / 2))
    row = {
        "n": len(unit),
        "units": units,
        "df": df,
        "log_sd": np.sqrt(squares / df),
        "conf_low": np.sqrt(squares / low),
        "conf_high": np.sqrt(squares / high),
    }
    return {"error": pd.DataFrame([row])}


@dataclass(frozen=True)
class ErrorInForce:
    """The error of one measured size that an analysis uses.

    Parameters
    ----------
    log_sd, sd_mm
        As in `lesionhet.noise.model.error_of`.
    source
        ``"given"``, `BASELINES` or `READERS`.
    """

    log_sd: float
    sd_mm: float
    source: str = "given"

    @property
    def estimated(self) -> bool:
        """Whether it was estimated from the cohort."""
        return self.source != "given"


def error_in_force(cohort: Cohort, definitions: Definitions) -> ErrorInForce:
    """Give the error that the definitions choose.

    Parameters
    ----------
    cohort
        What was measured more than once, where the error is to be estimated.
    definitions
        ``measurement_error, measurement_log_sd, measurement_sd_mm``.

    Raises
    ------
    NotEstimableError
        The error is to be estimated and fewer than 10 measurements were repeated, or all repeats are
        equal.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": "A", "day": [0, 50],
    ...                      "diameter_mm": [50.0, 30.0]})
    >>> error_in_force(cohort_from_frames(rows), Definitions()).log_sd
    0.086
    """
    source = definitions.measurement_error
    if source == "given":
        return ErrorInForce(definitions.measurement_log_sd, definitions.measurement_sd_mm)
    rows = repeats(cohort).get(source, pd.DataFrame({"unit": [], "size_mm": []}))
    df = len(rows) - rows["unit"].nunique()
    if df < FEWEST_REPEATS:
        raise NotEstimableError(
            f"measurement_error is '{source}', but {df} measurements were repeated so; "
            f"{FEWEST_REPEATS} are needed. Give measurement_log_sd instead."
        )
    found = error_tables(rows, definitions.conf_level)
    return ErrorInForce(float(found["error"]["log_sd"].iloc[0]), 0.0, source)
