"""The distance's P value when the Cox model of 2D is fitted again on drawn patients."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Analysis, Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import tried
from lesionhet.analyses.parts.endpoints import OS
from lesionhet.charts import HistogramChart
from lesionhet.covariates import SCALES, covariates
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_percent
from lesionhet.statistics.arrays import Integers
from lesionhet.statistics.resampling import bootstraps, subsamples
from lesionhet.study import Study

CHAPTER: Final = "Heterogeneity and survival"
DRAWS: Final = 500
SHARE: Final = 0.8
SEED: Final = 2021
BINS: Final = 30
SIGNIFICANT: Final = 0.05
TERM: Final = SCALES["per_sd"]
DESIGNS: Final = {
    "subsamples": f"{SHARE:.0%} of the patients",
    "bootstrap": "Bootstrap of the patients",
}


def _complete(study: Study) -> pd.DataFrame:
    """Give the patients that enter the model: the draws are made from these."""
    columns = [OS.time, OS.event, "gower", "baseline_sum_mm", "n_lesions"]
    if study.arms:
        columns.append("arm")
    return study.patients.dropna(subset=columns).reset_index(drop=True)


def draw_patients(design: str, n: int, draws: int, seed: int) -> Integers:
    """Draw patients: 80% without replacement, or as many as there are with replacement.

    Parameters
    ----------
    design
        ``"subsamples"`` or ``"bootstrap"``.
    n, draws, seed
        As in `lesionhet.statistics.resampling.subsamples`.
    """
    if design == "subsamples":
        return subsamples(n, draws, SHARE, seed)
    return bootstraps(n, draws, seed)


def ask_resampling(study: Study, *, draws: int | None = None, seed: int = SEED) -> Asked:
    """Ask for the model of all patients and for that of each draw, in both designs.

    Parameters
    ----------
    study
        With OS.
    draws
        How many draws a design; None for `DRAWS`.
    seed
        Seed of the draws, the same in both designs.
    """
    patients = _complete(study)
    terms = covariates(patients, patients, "per_sd")
    strata = patients["arm"] if study.arms else None
    time, event = patients[OS.time], patients[OS.event]
    level = study.definitions.conf_level
    asked: dict[str, Any] = {"whole": requests.cox(time, event, terms, strata, level)}
    for design in DESIGNS:
        drawn = draw_patients(design, len(patients), draws or DRAWS, seed)
        asked[design] = tried(
            requests.resampled_cox,
            time,
            event,
            terms,
            drawn,
            strata,
            of_interest=TERM,
            significance=SIGNIFICANT,
        )
    return asked


def show_resampling(study: Study, answers: Answers, *, seed: int = SEED) -> Shown:
    """Show the spread of the P values beside that of all patients."""
    whole = answers["whole"].to_frame()
    p_whole = float(whole.loc[whole["term"] == TERM, "p_value"].iloc[0])
    designs = [name for name in DESIGNS if name in answers]
    drawn = [name for name in designs if answers[name].value("fitted", "summary") > 0]
    if not drawn:
        raise NotEstimableError("None of the draws has a Cox model with a finite fit.")
    sentences = [_sentence(DESIGNS[name], answers[name].to_frame("summary")) for name in designs]
    stratified = "stratified by arm" if study.arms else "not stratified (no column arm)"
    chart = HistogramChart(
        "P value of the distance on resampled patients",
        f"log10 of the P value of the distance in Cox models of OS ({stratified}; burden and number of "
        f"lesions beside it). {' '.join(sentences)} All {answers['whole'].n:,} patients: "
        f"P = {p_whole:.2g}.",
        pd.concat([_bins(answers[name].to_frame(), DESIGNS[name]) for name in drawn]),
        pd.concat([_marks(p_whole, DESIGNS[name]) for name in drawn], ignore_index=True),
        tuple(f"{DESIGNS[name]}: log10 P" for name in drawn),
        "Draws",
    )
    left = len(study.patients) - answers["whole"].n
    lost = (
        f" {left:,} patients without all columns of the model are not drawn from." if left else ""
    )
    remarks = (
        *sentences,
        f"The legend of the figure draws {SHARE:.0%} at random, the text a bootstrap: both are shown. "
        f"Draws come from NumPy's PCG64 with seed {seed}; R gets the same draws. A patient drawn twice "
        f"counts as two.{lost}",
        "Draws share most of their patients: their P values lie around that of all patients and are no "
        "independent confirmation of it.",
    )
    tables = {
        "summary": _stacked(answers, designs, "summary"),
        "draws": _stacked(answers, designs, "draws"),
        "histogram": chart.bins,
        "all_patients": whole,
    }
    return Shown(tables, {"p_values": chart}, remarks)


def _sentence(design: str, summary: pd.DataFrame) -> str:
    row = summary.iloc[0]
    draws, fitted = int(row["draws"]), int(row["fitted"])
    failed = draws - fitted
    lost = f", {failed:,} of them without a finite fit and left out" if failed else ""
    text = f"{design}: {draws:,} draws{lost}"
    if not fitted:
        return f"{text}."
    return (
        f"{text}; P < {SIGNIFICANT} in {format_percent(row['share_significant'])}, median P "
        f"{row['p_median']:.2g} (2.5 to 97.5 percentile: {row['p_low']:.2g} to {row['p_high']:.2g})."
    )


def _log10(p: Any) -> Any:
    # A P value too small for a float would have no logarithm.
    return np.log10(np.maximum(p, np.finfo(float).tiny))


def _bins(draws: pd.DataFrame, design: str) -> pd.DataFrame:
    values = _log10(draws["p_value"].dropna().to_numpy(dtype=float))
    counts, edges = np.histogram(values, bins=BINS)
    columns = {"left": edges[:-1], "right": edges[1:], "count": counts}
    return pd.DataFrame({"panel": f"{design}: log10 P", **columns})


def _marks(p_whole: float, design: str) -> pd.DataFrame:
    values = [float(_log10(SIGNIFICANT)), float(_log10(p_whole))]
    labels = [f"P = {SIGNIFICANT}", f"all patients: P = {p_whole:.2g}"]
    return pd.DataFrame({"panel": f"{design}: log10 P", "value": values, "label": labels})


def _stacked(answers: Answers, designs: list[str], table: str) -> pd.DataFrame:
    parts = []
    for name in designs:
        found = answers[name].to_frame(table)
        found.insert(0, "design", DESIGNS[name])
        whole = [column for column in ("draw", "draws", "fitted") if column in found]
        found[whole] = found[whole].astype(int)
        parts.append(found)
    return pd.concat(parts, ignore_index=True)


def analyses(draws: int | None = None, seed: int = SEED) -> tuple[Analysis, ...]:
    """Give analysis 2E.

    Parameters
    ----------
    draws
        How many draws a design; None for `DRAWS`.
    seed
        Seed of the draws.
    """
    return (
        Analysis(
            "2E",
            "P value of the distance on resampled patients",
            "Does the result hang on a few patients?",
            (OS.time, OS.event),
            partial(ask_resampling, draws=draws, seed=seed),
            partial(show_resampling, seed=seed),
            CHAPTER,
        ),
    )
