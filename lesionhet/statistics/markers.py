"""Cox models of several markers on the same rows: each alone beside the others, C and its optimism."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.groupwise import Flags
from lesionhet.statistics.arrays import Floats
from lesionhet.statistics.batch import fit_all
from lesionhet.statistics.concordance import ComparablePairs
from lesionhet.statistics.counting import SameRows
from lesionhet.statistics.cox import wald
from lesionhet.statistics.newton import EfronModel, Peak

NOTHING: Final = np.nan


def compare_markers(
    data: pd.DataFrame, reference: int, ties: str, conf_level: float
) -> dict[str, pd.DataFrame]:
    """Answer a ``compare_markers`` request: one Cox model a marker, and pairs of models with a reference.

    Parameters
    ----------
    data
        ``time`` (days), ``event`` (1, 0), markers ``m1`` to ``mk``, other covariates ``x1`` to ``xp`` and,
        where wanted, ``strata`` (codes); complete.
    reference
        Which marker the others are set against, from 1.
    ties
        ``"efron"``.
    conf_level
        Level of the Wald intervals, in (0, 1).

    Returns
    -------
    dict
        The tables of `lesionhet.results.CompareMarkers`.

    Raises
    ------
    NotEstimableError
        A marker has no finite coefficient beside the other covariates.

    Source: Cox (1972); Efron (1977). R: ``survival::coxph`` and the difference of its ``loglik``.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": np.arange(1.0, 9.0), "event": 1, "x1": [1, 0, 0, 1, 1, 0, 1, 0.0],
    ...                      "m1": [3, 1, 4, 1, 2, 0, 1, 2.0], "m2": [1, 2, 3, 1, 0, 2, 0, 1.0]})
    >>> found = compare_markers(rows, 1, "efron", 0.95)
    >>> [found[name]["statistic"].round(3).tolist() for name in ("added", "beyond", "reference")]
    [[0.821, 6.269], [nan, 5.559], [nan, 0.111]]
    """
    if ties != "efron":
        raise UsageError(f"ties is {ties!r}; permitted: 'efron'.")
    markers, others = columns_of(data)
    rows = SameRows(data)
    base = _log_likelihood(rows, others)
    alone = {name: rows.climb([name, *others]) for name in markers}
    fixed = markers[reference - 1]
    terms, gains = [], []
    for name in markers:
        model, peak = alone[name]
        direction, sd = model.back[:1], float(data[name].std())
        variance = sd**2 * direction @ peak.covariance @ direction.T
        row = wald(sd * direction @ peak.coefficients, variance, conf_level)
        row.insert(1, "sd", sd)
        terms.append(row)
        both = NOTHING if name == fixed else _log_likelihood(rows, [name, fixed, *others])
        own, of_fixed = peak.log_likelihood, alone[fixed][1].log_likelihood
        gains.append((own - base, both - of_fixed, both - own))
    counts = {"n": len(data), "events": float(data["event"].sum()), "log_likelihood": base}
    number = np.arange(1, len(markers) + 1)
    tests = zip(("added", "beyond", "reference"), np.array(gains).T, strict=True)
    return {
        "terms": pd.concat(terms, ignore_index=True).assign(term=number),
        **{name: _ratio_tests(gain) for name, gain in tests},
        "model": pd.DataFrame([counts]),
    }


def columns_of(data: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Give the columns of the markers, ``m1`` to ``mk``, and of the other covariates, ``x1`` to ``xp``."""
    markers, others = (data.columns.str.fullmatch(rf"{c}\d+").sum() for c in "mx")
    return [f"m{i}" for i in range(1, markers + 1)], [f"x{i}" for i in range(1, others + 1)]


def _log_likelihood(rows: SameRows, names: list[str]) -> float:
    """Give the largest log partial likelihood; missing where there is no finite one."""
    try:
        return rows.climb(names)[1].log_likelihood
    except NotEstimableError:
        return NOTHING


def _ratio_tests(gain: Floats) -> pd.DataFrame:
    """Give likelihood ratio tests with 1 degree of freedom from gains of log likelihood."""
    statistic = np.maximum(2 * gain, 0.0)
    return pd.DataFrame(
        {
            "term": np.arange(1, len(gain) + 1),
            "statistic": statistic,
            "df": 1,
            "p_value": chdtrc(1, statistic),
        }
    )


def marker_concordance(data: pd.DataFrame, ties: str) -> dict[str, pd.DataFrame]:
    """Answer a ``marker_concordance`` request: Harrell's C of each marker's model, corrected for optimism.

    In each draw the model is fitted again; its optimism is the C that it has in the draw less the C that it
    has in all rows. A draw without a finite fit says nothing.

    Parameters
    ----------
    data
        As in `compare_markers`, with ``d1`` to ``dB``: how many times each row is in draw b.
    ties
        ``"efron"``.

    Returns
    -------
    dict
        The table of `lesionhet.results.MarkerConcordance`; its last row is the model without a marker.

    Raises
    ------
    NotEstimableError
        A marker has no finite coefficient beside the other covariates, or no two rows can be compared.

    Source: Harrell, Lee & Mark (1996) Stat Med 15:361. R: ``survival::concordance`` of
    ``survival::coxph`` on the rows of each draw.

    Examples
    --------
    >>> rows = pd.DataFrame({"time": np.arange(1.0, 9.0), "event": 1, "x1": [1, 0, 0, 1, 1, 0, 1, 0.0],
    ...                      "m1": [3, 1, 4, 1, 2, 0, 1, 2.0], "d1": [2, 1, 1, 1, 1, 1, 1, 0]})
    >>> found = marker_concordance(rows, "efron")["models"]
    >>> found[["pairs", "concordance"]].round(3).values.tolist()
    [[28.0, 0.696], [28.0, 0.536]]
    """
    if ties != "efron":
        raise UsageError(f"ties is {ties!r}; permitted: 'efron'.")
    markers, others = columns_of(data)
    drawn = data[[f"d{b}" for b in range(1, data.columns.str.fullmatch(r"d\d+").sum() + 1)]]
    time, event = (data[name].to_numpy(dtype=float) for name in ("time", "event"))
    strata = data["strata"].to_numpy() if "strata" in data else None
    pairs = ComparablePairs(time, event, strata)
    draws = np.ascontiguousarray(drawn.to_numpy(dtype=float).T)
    # Each model counts the pairs of a draw, and those of all rows.
    times = np.stack([draws, np.ones_like(draws)], axis=1)
    sets = [[name, *others] for name in markers] + [others]
    rows = SameRows(data)
    table = pd.DataFrame([_validated(rows, names, pairs, times) for names in sets])
    table.insert(0, "term", np.arange(1, len(table) + 1))
    return {"models": table}


def _validated(
    rows: SameRows, names: list[str], pairs: ComparablePairs, times: Floats
) -> dict[str, float]:
    """Give C of one model, and its optimism over the draws.

    ``times`` is B x 2 x n: how many times each row is in each draw, then once.
    """
    model, peak = rows.climb(names)
    x = rows.covariates(names)
    concordant, comparable = pairs.count(x @ (model.back @ peak.coefficients))[0]
    if comparable == 0:
        raise NotEstimableError(
            "Concordance: no two rows can be compared; longer follow-up is needed."
        )
    kept, again = _fitted_draws(model, peak, times[:, 0])
    # einsum, not a product of matrices: rows that are alike get the same score to the last bit.
    scores = np.einsum("np,bp->bn", x, again @ model.back.T)
    counts = pairs.count_each(scores, times if kept.all() else times[kept])
    counts = counts[counts[:, 0, 1] > 0]
    found = counts[:, 0, 0] / counts[:, 0, 1] - counts[:, 1, 0] / counts[:, 1, 1]
    n, apparent = len(found), concordant / comparable
    optimism = float(np.mean(found)) if n else np.nan
    error = float(np.std(found, ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    return {
        "pairs": comparable,
        "concordance": apparent,
        "fitted": n,
        "optimism": optimism,
        "optimism_error": error,
        "corrected": apparent - optimism,
    }


def _fitted_draws(model: EfronModel, peak: Peak, draws: Floats) -> tuple[Flags, Floats]:
    """Fit a model to the rows of each draw.

    Says which draws have a finite fit and more events than covariates, and gives their coefficients.
    """
    fits = fit_all(model, draws.T, peak)
    kept = fits.fitted & (draws @ model.events > len(peak.coefficients))
    return kept, fits.coefficients[kept]
