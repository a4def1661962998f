"""The summary in words: sentences made from the numbers of a run, none for what was not done."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.parts.endpoints import OS, PFS, Endpoint
from lesionhet.analyses.reviewer.critiques import CRITIQUES, critique_key
from lesionhet.labels import (
    NOT_REACHED,
    format_interval,
    format_number,
    format_p,
    format_percent,
)
from lesionhet.outcome import Outcome
from lesionhet.plan import Contrast
from lesionhet.results import MannWhitney

SIGNIFICANT: Final = 0.05
ANSWERED: Final = ("TIME-1", "NOISE-1")
"""Analyses of the chapter of objections whose answers change how the rest is read."""
EVENT_WORDS: Final = {OS.name: "death", PFS.name: "progression or death"}


@dataclass(frozen=True)
class Point:
    """One point of the summary: what it is about, one or two sentences, and where they come from."""

    about: str
    text: str
    analyses: tuple[str, ...] = ()


class Numbers:
    """The analyses of a run that were done, by id."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.study = outcome.study
        self.done = {r.id: r for r in outcome.results if r.status == "done"}

    def answer(self, analysis: str, name: str) -> Any | None:
        """Give one answer of an analysis; None where either was not done."""
        result = self.done.get(analysis)
        return None if result is None else result.answers.get(name)

    def first(self, analysis: str, ending: str) -> Any | None:
        """Give the first answer of an analysis whose name ends so; None where there is none."""
        answers = self.done[analysis].answers if analysis in self.done else {}
        return next((answers[name] for name in answers if name.endswith(ending)), None)

    def medians(self, analysis: str, prefix: str) -> pd.DataFrame | None:
        """Give the first median survivals of an analysis by group, with the interval that is shown."""
        scale = self.study.definitions.km_conf_type.replace("-", "_")
        answer = self.first(analysis, f"{prefix}kaplan_meier_{scale}")
        return None if answer is None else answer.to_frame("medians").set_index("group")


def story(outcome: Outcome) -> tuple[Point, ...]:
    """Give the points of the summary in the order of the page."""
    numbers = Numbers(outcome)
    makers: tuple[Callable[[Numbers], Point | None], ...] = (
        _cohort,
        _discordance,
        _heterogeneity,
        _survival,
        _hazard,
    )
    points = [make(numbers) for make in makers]
    points += [_treatment(numbers, contrast) for contrast in outcome.study.plan.contrasts]
    points.append(_organs(numbers))
    points += [_answered(numbers, name) for name in ANSWERED]
    return tuple(point for point in points if point is not None)


def _cohort(numbers: Numbers) -> Point:
    study = numbers.study
    n = study.patients["n_lesions"]
    text = (
        f"{counted(len(study.patients), 'patient')} with {counted(len(study.lesions), 'followed lesion')}"
        f" (median {n.median():g} a patient, {n.min():g} to {n.max():g})"
    )
    parts = []
    if study.sites:
        parts.append(f"at {counted(study.lesions['site'].nunique(), 'site')}")
    if study.arms:
        parts.append(f"in {counted(len(study.arms), 'arm')}")
    return Point("Cohort", f"{', '.join([text, *parts])}.")


def counted(n: int, noun: str) -> str:
    """Print a number with its noun.

    Examples
    --------
    >>> counted(1, "arm"), counted(2802, "patient")
    ('1 arm', '2,802 patients')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _discordance(numbers: Numbers) -> Point | None:
    counts = numbers.study.patients["n_inconsistent"].dropna()
    if counts.empty:
        return None
    some = int((counts > 0).sum())
    text = (
        f"{format_percent(some / len(counts))} of the patients ({some:,} of {len(counts):,}) have a "
        "lesion whose phases of response are not those of their total burden."
    )
    shares = _site_shares(numbers)
    if len(shares) > 1 and shares.max() > shares.min():
        text += (
            f" By site the share of such lesions goes from {format_percent(shares.min())} "
            f"({_all_at(shares, shares.min())}) to {format_percent(shares.max())} "
            f"({_all_at(shares, shares.max())})."
        )
    return Point("Discordance", text, tuple(i for i in ("1C", "1D") if i in numbers.done))


def _site_shares(numbers: Numbers) -> pd.Series:
    answer = numbers.answer("1D", "by_site")
    if answer is None:
        return pd.Series(dtype=float)
    rows = answer.to_frame()
    return rows[rows["level"] == "inconsistent"].set_index("group")["share"]


def _all_at(values: pd.Series, at: float) -> str:
    return ", ".join(map(str, values.index[values == at]))


def _heterogeneity(numbers: Numbers) -> Point | None:
    distance = numbers.study.patients["gower"].dropna()
    if distance.empty:
        return None
    low, median, high = (format_number(float(q)) for q in np.quantile(distance, [0.25, 0.5, 0.75]))
    text = (
        f"The median distance between the lesions of one patient is {median} (quartiles {low} and "
        f"{high}; 0: all lesions respond alike)."
    )
    spread = numbers.answer("2G", "spread")
    if spread is not None:
        medians = spread.to_frame().set_index("group")["median"]
        p = numbers.done["2G"].answers["kruskal_wallis"].value("p_value")
        if medians.max() > medians.min():
            text += (
                f" By site the median of the lesions goes from {format_number(medians.min())} "
                f"({_all_at(medians, medians.min())}) to {format_number(medians.max())} "
                f"({_all_at(medians, medians.max())}); Kruskal-Wallis {format_p(p)}."
            )
    return Point("Heterogeneity", text, tuple(i for i in ("2A", "2G") if i in numbers.done))


def _survival(numbers: Numbers) -> Point | None:
    medians, test = numbers.medians("2C", ""), numbers.answer("2C", "log_rank")
    if medians is None or test is None:
        return None
    p = test.value("p_value")
    text = (
        f"{_direction(medians['median'], p)}: median overall survival "
        f"{median_list(medians, 'distance')}; log-rank {format_p(p)}."
    )
    return Point("Survival", text, ("2C",))


def _direction(medians: pd.Series, p: float) -> str:
    """Say in words what the curves of low to high distance show."""
    if not p < SIGNIFICANT:
        return "Survival does not clearly differ by distance"
    reached = medians.fillna(math.inf)
    if reached.iloc[-1] < reached.iloc[0]:
        return "Patients with heterogeneous lesions lived shorter"
    if reached.iloc[-1] > reached.iloc[0]:
        return "Patients with heterogeneous lesions lived longer"
    return "Survival differs by distance"


def median_list(medians: pd.DataFrame, what: str = "") -> str:
    """Print median survivals of groups in days with the groups' sizes.

    Examples
    --------
    >>> rows = pd.DataFrame({"n": [701, 9], "median": [630.0, None]}, index=["low", "high"])
    >>> median_list(rows, "distance")
    '630 days with low (n = 701) and not reached with high distance (n = 9)'
    """
    parts = []
    last = len(medians) - 1
    for place, row in enumerate(medians.itertuples()):
        days = format_number(row.median, 0, NOT_REACHED)
        unit = " days" if place == 0 and days != NOT_REACHED else ""
        tail = f" {what}" if what and place == last else ""
        parts.append(f"{days}{unit} with {row.Index}{tail} (n = {row.n:,.0f})")
    return joined(parts)


def joined(parts: list[str]) -> str:
    """Join parts of a sentence with commas and a last "and"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]


def _hazard(numbers: Numbers) -> Point | None:
    parts = []
    for endpoint in (OS, PFS):
        answer = numbers.answer("2D", f"{endpoint.name}_per_sd")
        if answer is not None:
            parts.append(_ratio(endpoint, answer))
            others = answer.to_frame()["term"].iloc[1:]
    if not parts:
        return None
    beside = [term.partition(",")[0].lower() for term in others]
    text = f"One SD more of distance, beside {joined(beside)}, goes with a hazard ratio of {joined(parts)}."
    return Point("Hazard", text, ("2D",))


def _ratio(endpoint: Endpoint, answer: Any) -> str:
    first = answer.to_frame().iloc[0]
    level = answer.options["conf_level"]
    interval = format_interval(first["hazard_ratio"], first["conf_low"], first["conf_high"])
    interval = interval.replace("(", f"({level:.0%} interval ")
    return f"{interval}, {format_p(first['p_value'])}, for {EVENT_WORDS[endpoint.name]}"


def _treatment(numbers: Numbers, contrast: Contrast) -> Point | None:
    parts, used = [], []
    for endpoint in (OS, PFS):
        medians = numbers.medians(f"{contrast.key}A", f"{endpoint.name}_")
        test = numbers.first(f"{contrast.key}A", f"{endpoint.name}_log_rank")
        if medians is not None and test is not None:
            parts.append(
                f"Median {_lower(endpoint.label)} is {median_list(medians)}; log-rank {_p(test)}."
            )
            used.append(f"{contrast.key}A")
    distance = _two_medians(numbers.done.get(f"{contrast.key}C"))
    if distance:
        parts.append(f"The median distance is {distance}.")
        used.append(f"{contrast.key}C")
    if not parts:
        return None
    return Point(contrast.name, " ".join(parts), tuple(dict.fromkeys(used)))


def _p(test: Any) -> str:
    return format_p(test.value("p_value"))


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def _two_medians(result: AnalysisResult | None) -> str:
    """Print the medians of the first Mann-Whitney test of an analysis; empty where there is none."""
    answers = result.answers.values() if result else ()
    test = next((answer for answer in answers if isinstance(answer, MannWhitney)), None)
    if test is None:
        return ""
    groups = [
        f"{format_number(row.median)} with {row.group} (n = {row.n:,.0f})"
        for row in test.to_frame("groups").itertuples()
    ]
    return f"{joined(groups)}; Mann-Whitney {_p(test)}"


def _organs(numbers: Numbers) -> Point | None:
    medians = numbers.medians("6A", f"{OS.name}_")
    test = numbers.first("6A", f"{OS.name}_log_rank")
    if medians is None or test is None:
        return None
    groups = "; ".join(
        f"{row.Index} {format_number(row.median, 0, NOT_REACHED)} (n = {row.n:,.0f})"
        for row in medians.itertuples()
    )
    text = f"Median overall survival in days by which organ shrank: {groups}. Log-rank {_p(test)}"
    mixed = numbers.first("6A", f"{OS.name}_log_rank_mixed")
    text += f"; the two mixed groups alone {_p(mixed)}." if mixed is not None else "."
    return Point("Organ response", text, ("6A",))


def _answered(numbers: Numbers, analysis: str) -> Point | None:
    """Repeat what an analysis of the chapter of objections says."""
    result = numbers.done.get(analysis)
    if result is None or not result.shown.verdict:
        return None
    about = CRITIQUES[critique_key(analysis)].name
    return Point(about, f"{result.question} {result.shown.verdict}", (analysis,))
