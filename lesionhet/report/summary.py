"""The box on top of the page: what a reader takes away in ten seconds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from lesionhet.analyses.base import AnalysisResult
from lesionhet.labels import NOT_REACHED, format_number, format_p, format_percent
from lesionhet.outcome import Outcome
from lesionhet.study import Study

OS_BY_DISTANCE: Final = "2C"
Level = Literal["good", "note", "bad"]


@dataclass(frozen=True)
class Fact:
    """One number of the summary: what it is, the number, and what to know about it."""

    what: str
    value: str
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """What R says: in one sentence, with what to do or where to look."""

    level: Level
    text: str
    detail: str = ""


def facts(outcome: Outcome) -> tuple[Fact, ...]:
    """Give the main numbers of a run."""
    study = outcome.study
    found = [
        Fact("Patients", f"{len(study.patients):,}", _baseline(study)),
        Fact("Followed lesions", f"{len(study.lesions):,}", _per_patient(study)),
        _inconsistent(study.patients["n_inconsistent"].dropna()),
        _distance(study.patients["gower"].dropna()),
    ]
    done = (r for r in outcome.results if r.id == OS_BY_DISTANCE and r.status == "done")
    return (*found, *(_survival(study, result) for result in done))


def verdict(outcome: Outcome) -> Verdict:
    """Say whether R agrees, or why it was not used."""
    if outcome.r_state == "off":
        return Verdict(
            "note",
            "R was not used: it was not asked for.",
            "Every number here is Python's alone. Run again with --r auto, or run "
            "Rscript reproduce.R in this folder.",
        )
    if outcome.r_state == "unusable":
        return Verdict("note", "R was not used: it is not usable here.", outcome.r_reason)
    return _agreement(outcome)


def _agreement(outcome: Outcome) -> Verdict:
    table = outcome.agreement
    n = len(table)
    differ, known = (int((table["verdict"] == v).sum()) for v in ("differ", "known"))
    largest = float(np.nanmax(table["relative"].to_numpy(dtype=float))) if n else 0.0
    size = f"largest relative difference {largest:.1g}" if largest else "no difference at all"
    silent = ""
    if outcome.r_failures:
        noun = "request" if len(outcome.r_failures) == 1 else "requests"
        silent = f"R gave no answer to {len(outcome.r_failures):,} {noun}: "
        silent += f"{_some(outcome.r_failures)}."
    if differ:
        names = table.loc[table["verdict"] == "differ", "name"].unique()
        text = f"R differs on {differ:,} of {n:,} numbers; {size}."
        return Verdict("bad", text, f"In {_some(names)}; see agreement.csv. {silent}".strip())
    if known:
        text = f"R agrees on {n - known:,} of {n:,} numbers; {known:,} part for a known reason; {size}."
        return Verdict("bad" if silent else "note", text, silent)
    return Verdict("bad" if silent else "good", f"R agrees on all {n:,} numbers; {size}.", silent)


def _some(names: Any, most: int = 5) -> str:
    listed = list(names)
    more = f" and {len(listed) - most:,} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def _baseline(study: Study) -> str:
    median = study.patients["baseline_sum_mm"].median()
    return f"median baseline burden {format_number(float(median), 0)} mm"


def _per_patient(study: Study) -> str:
    n = study.patients["n_lesions"]
    return f"median {n.median():g} a patient, {n.min():g} to {n.max():g}"


def _inconsistent(counts: pd.Series) -> Fact:
    what = "With an inconsistent lesion"
    if counts.empty:
        return Fact(what, "–", "no patient has a total burden to compare with")
    several = int((counts > 0).sum())
    return Fact(
        what,
        format_percent(several / len(counts)),
        f"{several:,} of {len(counts):,} patients have a lesion whose phases are not those of the "
        "total burden",
    )


def _distance(distance: pd.Series) -> Fact:
    what = "Median distance"
    if distance.empty:
        return Fact(what, "–", "no patient has a distance")
    low, median, high = (format_number(float(q)) for q in np.quantile(distance, [0.25, 0.5, 0.75]))
    text = f"Gower distance, patient level; quartiles {low} and {high}, {len(distance):,} patients"
    return Fact(what, median, text)


def _survival(study: Study, result: AnalysisResult) -> Fact:
    answer = result.answers[f"kaplan_meier_{study.definitions.km_conf_type.replace('-', '_')}"]
    medians = answer.to_frame("medians")
    value = " · ".join(format_number(m, 0, NOT_REACHED) for m in medians["median"])
    p = format_p(result.answers["log_rank"].value("p_value"))
    groups = ", ".join(medians["group"])
    return Fact("Median survival by distance", value, f"days; {groups} distance; log-rank {p}")
