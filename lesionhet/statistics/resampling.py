"""A Cox model fitted again and again on drawn patients, and the draws themselves."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.special import ndtr

from lesionhet.errors import UsageError
from lesionhet.statistics.arrays import Integers
from lesionhet.statistics.batch import fit_all
from lesionhet.statistics.counting import climb

PERCENTILES: Final = (0.5, 0.025, 0.975)


def subsamples(n: int, draws: int, share: float, seed: int) -> Integers:
    """Draw rows without replacement.

    Parameters
    ----------
    n
        Number of rows to draw from.
    draws
        How many times.
    share
        Share of the rows in each draw, above 0 and at most 1; the size is rounded, a half upwards.
    seed
        Of ``numpy.random.Generator(PCG64(seed))``; 0 or more. The same seed gives the same draws.

    Returns
    -------
    numpy.ndarray
        n x draws: 1 where the row is in the draw, else 0.

    Raises
    ------
    UsageError
        A share or a number of draws that is not permitted.

    Examples
    --------
    >>> subsamples(5, 3, 0.8, seed=1).sum(axis=0).tolist()
    [4, 4, 4]
    """
    if not 0 < share <= 1:
        raise UsageError(f"share is {share!r}; permitted: above 0 and at most 1.")
    random = _generator(draws, seed)
    size = int(np.floor(share * n + 0.5))
    order = random.permuted(np.tile(np.arange(n), (draws, 1)), axis=1)
    found = np.zeros((draws, n), dtype=np.int64)
    np.put_along_axis(found, order[:, :size], 1, axis=1)
    return found.T


def bootstraps(n: int, draws: int, seed: int) -> Integers:
    """Draw n rows of n with replacement; parameters as in `subsamples`.

    Returns
    -------
    numpy.ndarray
        n x draws: how many times the row is in the draw.

    Examples
    --------
    >>> bootstraps(4, 3, seed=1).sum(axis=0).tolist()
    [4, 4, 4]
    """
    drawn = _generator(draws, seed).integers(0, n, (draws, n))
    return np.stack([np.bincount(rows, minlength=n) for rows in drawn], axis=1)


def _generator(draws: int, seed: int) -> np.random.Generator:
    if draws < 1:
        raise UsageError(f"draws is {draws!r}; permitted: 1 or more.")
    return np.random.Generator(np.random.PCG64(seed))


def resampled_cox(
    data: pd.DataFrame, ties: str, of_interest: int, significance: float
) -> dict[str, pd.DataFrame]:
    """Fit one Cox model a draw, on the rows that are in it as often as they were drawn.

    Parameters
    ----------
    data
        ``time`` (days, 0 or more), ``event`` (1 event, 0 censored), covariates ``x1`` to ``xp``,
        where wanted ``strata`` (codes), and ``d1`` to ``dB``: how many times each row is in draw b.
    ties
        ``"efron"``. A row drawn twice is two rows tied in time.
    of_interest
        Which covariate is reported, from 1.
    significance
        P value below which a draw counts as significant, in (0, 1).

    Returns
    -------
    dict
        ``draws``: rows and events of each draw, and the coefficient, its standard error and Wald P
        value; these three are missing where the draw has no finite fit or no more events than
        covariates. ``summary``: how many draws, how many with a fit, the share of these below
        ``significance``, median and 2.5 and 97.5 percentile (type 7) of coefficient and P value.

    Raises
    ------
    NotEstimableError
        All rows together have no fit; the message names the covariates at fault.

    Source: Cox (1972); Efron (1977). R: ``survival::coxph(ties = "efron")`` on replicated rows.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "event": [1, 1, 1, 1, 1, 0],
    ...                      "x1": [1.0, 0.0, 1.0, 1.0, 0.0, 0.0], "d1": 1, "d2": [2, 2, 1, 1, 0, 0]})
    >>> tables = resampled_cox(rows, ties="efron", of_interest=1, significance=0.05)
    >>> tables["draws"][["n", "events"]].values.tolist()
    [[6.0, 5.0], [6.0, 6.0]]
    """
    names = [f"x{i}" for i in range(1, data.columns.str.fullmatch(r"x\d+").sum() + 1)]
    columns = [f"d{b}" for b in range(1, data.columns.str.fullmatch(r"d\d+").sum() + 1)]
    # The fit of all rows: refuses what no draw could answer, and is where each draw starts from.
    model, whole = climb(data.drop(columns=columns), names)
    counts = data[columns].to_numpy(dtype=float)
    events = data["event"].to_numpy(dtype=float) @ counts
    fits = fit_all(model, counts, whole)
    direction = model.back[of_interest - 1]
    variance = np.einsum("a,bac,c->b", direction, fits.covariance, direction)
    answered = fits.fitted & (events > len(names))
    estimate = np.where(answered, np.einsum("bp,p->b", fits.coefficients, direction), np.nan)
    std_error = np.sqrt(np.where(answered, variance, np.nan))
    found = {
        "draw": np.arange(1, len(estimate) + 1),
        "n": counts.sum(axis=0),
        "events": events,
        "estimate": estimate,
        "std_error": std_error,
        "p_value": 2 * ndtr(-np.abs(estimate / std_error)),
    }
    draws = pd.DataFrame(found)
    return {"draws": draws, "summary": summarise_draws(draws, significance)}


def summarise_draws(draws: pd.DataFrame, significance: float) -> pd.DataFrame:
    """Give the ``summary`` table of `lesionhet.results.ResampledCox` from its ``draws`` table."""
    fitted = draws.dropna(subset=["p_value"])
    row: dict[str, float] = {"draws": len(draws), "fitted": len(fitted)}
    below = fitted["p_value"] < significance
    row["share_significant"] = float(below.mean()) if len(fitted) else np.nan
    for name, column in (("estimate", "estimate"), ("p", "p_value")):
        values = fitted[column].to_numpy(dtype=float)
        found = np.quantile(values, PERCENTILES) if len(values) else np.full(3, np.nan)
        parts = zip(("median", "low", "high"), found, strict=True)
        row |= {f"{name}_{part}": float(value) for part, value in parts}
    return pd.DataFrame([row])
