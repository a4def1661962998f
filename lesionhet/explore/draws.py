"""A resampled Cox model draw by draw: it can be stopped, and what was found so far is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.resampling import DESIGNS, SIGNIFICANT, draw_patients
from lesionhet.charts import HistogramChart
from lesionhet.errors import NotEstimableError
from lesionhet.explore.hazard import Model, design
from lesionhet.labels import format_percent
from lesionhet.requests import Request
from lesionhet.results import ResampledCox
from lesionhet.statistics.resampling import summarise_draws
from lesionhet.study import Study

BINS: Final = 30


@dataclass(frozen=True)
class Resampling:
    """What is drawn.

    Parameters
    ----------
    model
        Fitted on each draw.
    design
        A key of `lesionhet.analyses.resampling.DESIGNS`.
    draws, seed
        How many, and the seed of ``numpy.random.PCG64``.
    """

    model: Model
    design: str
    draws: int
    seed: int


def ask_draws(study: Study, wanted: Resampling) -> Request[ResampledCox]:
    """Ask for the model on every draw; the first term is the one reported.

    Parameters
    ----------
    study, wanted
        Whose patients, and what is drawn. With the model of 2D, its draws and its seed this is the
        question of 2E.

    Raises
    ------
    NotEstimableError, UsageError
        As `lesionhet.explore.hazard.design` and `lesionhet.requests.resampled_cox`.
    """
    rows = design(study, wanted.model)
    endpoint = wanted.model.endpoint
    return requests.resampled_cox(
        rows.patients[endpoint.time],
        rows.patients[endpoint.event],
        rows.terms,
        draw_patients(wanted.design, len(rows.patients), wanted.draws, wanted.seed),
        rows.strata,
        of_interest=str(rows.terms.columns[0]),
        significance=SIGNIFICANT,
    )


def n_draws(request: Request[ResampledCox]) -> int:
    """Give the number of draws of a request."""
    return len(_draw_columns(request))


def chunk(request: Request[ResampledCox], first: int, last: int) -> Request[ResampledCox]:
    """Give the same question about some of its draws.

    Parameters
    ----------
    request
        From `lesionhet.requests.resampled_cox`.
    first, last
        The draws after ``first`` up to ``last``, counted from 1: ``chunk(request, 0, 20)`` are the first
        20.

    Examples
    --------
    >>> import pandas as pd
    >>> whole = requests.resampled_cox([1, 2, 3, 4], [1, 1, 1, 0], pd.DataFrame({"dose": [1, 0, 2, 1]}),
    ...                                [[1, 2], [1, 0], [1, 1], [0, 1]])
    >>> chunk(whole, 1, 2).data["d1"].tolist()
    [2, 0, 1, 1]
    """
    columns = _draw_columns(request)
    wanted = {name: f"d{place}" for place, name in enumerate(columns[first:last], start=1)}
    rest = [name for name in request.data.columns if name not in set(columns)]
    return replace(request, data=request.data[[*rest, *wanted]].rename(columns=wanted))


def joined(
    request: Request[ResampledCox], parts: Sequence[ResampledCox]
) -> tuple[Request[ResampledCox], ResampledCox]:
    """Join the answers about the first draws of a request.

    Parameters
    ----------
    request
        About all draws.
    parts
        Answers to its chunks, from the first on without a gap; one or more.

    Returns
    -------
    tuple
        The question about the draws that were answered, and its answer: the same as if it had been asked
        at once.
    """
    tables = [part.to_frame("draws") for part in parts]
    draws = pd.concat(tables, ignore_index=True)
    draws["draw"] = np.arange(1, len(draws) + 1, dtype=draws["draw"].dtype)
    significance = float(request.options["significance"])
    warnings = tuple(dict.fromkeys(text for part in parts for text in part.warnings))
    summary = summarise_draws(draws, significance).astype(float)
    found = {"draws": draws, "summary": summary}
    answer = replace(parts[0], tables=found, warnings=warnings)
    return chunk(request, 0, len(draws)), answer


def sentence(answer: ResampledCox, wanted: Resampling) -> str:
    """Say what the draws found, and whether these are all that were wanted."""
    row = answer.to_frame("summary").iloc[0]
    done, fitted = int(row["draws"]), int(row["fitted"])
    head = f"{DESIGNS[wanted.design]}, seed {wanted.seed}: "
    head += (
        f"{done:,} draws"
        if done == wanted.draws
        else f"the first {done:,} of {wanted.draws:,} draws"
    )
    if done > fitted:
        head += f", {done - fitted:,} of them without a finite fit and left out"
    if not fitted:
        return f"{head}."
    return (
        f"{head}; P < {SIGNIFICANT} in {format_percent(row['share_significant'])}, median P "
        f"{row['p_median']:.2g} (2.5 to 97.5 percentile: {row['p_low']:.2g} to {row['p_high']:.2g})."
    )


def p_values_chart(
    answer: ResampledCox, wanted: Resampling, term: str, p_whole: float
) -> HistogramChart:
    """Show the P values of the draws beside that of all patients.

    Parameters
    ----------
    answer, wanted
        What was found and what was wanted.
    term
        The term that is reported.
    p_whole
        Its P value in all patients.

    Raises
    ------
    NotEstimableError
        No draw has a finite fit.
    """
    p = answer.to_frame("draws")["p_value"].dropna().to_numpy(dtype=float)
    if not len(p):
        raise NotEstimableError("None of the draws has a Cox model with a finite fit.")
    tiny = np.finfo(float).tiny  # a P value too small for a float has no logarithm
    counts, edges = np.histogram(np.log10(np.maximum(p, tiny)), bins=BINS)
    panel = f"{DESIGNS[wanted.design]}: log10 P"
    bins = pd.DataFrame({"panel": panel, "left": edges[:-1], "right": edges[1:], "count": counts})
    marks = pd.DataFrame(
        {
            "panel": panel,
            "value": np.log10([SIGNIFICANT, max(p_whole, tiny)]),
            "label": [f"P = {SIGNIFICANT}", f"all patients: P = {p_whole:.2g}"],
        }
    )
    partial = int(answer.value("draws", "summary")) < wanted.draws
    return HistogramChart(
        f"P value of “{term}” on resampled patients{' (partial)' if partial else ''}",
        f"log10 of the P value in Cox models of {wanted.model.endpoint.label.lower()}. "
        f"{sentence(answer, wanted)} All patients: P = {p_whole:.2g}.",
        bins,
        marks,
        (panel,),
        "Draws",
    )


def _draw_columns(request: Request[ResampledCox]) -> list[str]:
    given = request.data.columns
    return [f"d{b}" for b in range(1, given.str.fullmatch(r"d\d+").sum() + 1)]
