"""Tests of lesions that count each as independent, beside those that keep a patient's together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown, Tried
from lesionhet.analyses.parts.comparison import (
    contrast_groups,
    marker_groups,
    need_patients,
    of_lesions,
    tried,
)
from lesionhet.analyses.parts.lesion_comparisons import (
    CLUSTERED,
    SIGNIFICANT,
    Comparison,
    compare,
    left_out,
)
from lesionhet.analyses.parts.measures import DISTANCE, LAST, NADIR, Measure
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_p
from lesionhet.study import Study

SITES: Final = "sites"
ARMS: Final = "arms"
RGL: Final = "rosner_glynn_lee"
PERMUTED: Final = "permuted_within"
P_OF: Final = {
    CLUSTERED: "p_clustered",
    RGL: "p_rosner_glynn_lee",
    PERMUTED: "p_permuted",
}
"""End of the name of a clustered test's request -> column of its P value."""
REMARKS: Final = (
    "P: Mann-Whitney of two groups, Kruskal-Wallis of more; each lesion counts as independent.",
    "P, clustered: Datta & Satten (2005), one lesion drawn from each patient, in the mean over all draws. It "
    "holds where patients with many lesions differ from those with few; each patient weighs the same. With "
    "few patients it is rough, as the next one is.",
    "P, Rosner-Glynn-Lee (2003, 2006): ranks of all lesions, compared with what permutations give, between "
    "patients with equally many lesions and within patients.",
    "P, permuted within patients: the sites are dealt out anew among the lesions of each patient, so that "
    "only differences within patients count. Arms and markers are the same for all lesions of a patient.",
    "Mean rank of a group: of one of its lesions among one lesion from each patient, from 0 to 1; 0.5 where "
    "the groups do not differ.",
)


@dataclass(frozen=True, eq=False)
class Compared:
    """What is compared, and a sentence for each grouping that the cohort does not allow."""

    comparisons: tuple[Comparison, ...]
    texts: tuple[str, ...]


def compared(study: Study) -> Compared:
    """Give the comparisons: sites, the targeted arms against control, the states of the marker.

    Raises
    ------
    NotEstimableError
        The cohort has none of the three.
    """
    found: list[Comparison] = []
    texts: list[str] = []
    for make in (_sites, _arms, _marker):
        try:
            found += make(study)
        except NotEstimableError as error:
            texts.append(str(error))
    if not found:
        raise NotEstimableError(" ".join(texts))
    return Compared(tuple(found), tuple(texts))


def _sites(study: Study) -> list[Comparison]:
    if not study.has("site"):
        raise NotEstimableError("Sites are not compared: the column site is missing.")
    if len(study.sites) < 2:
        raise NotEstimableError(
            f"Sites are not compared: lesions fall into {len(study.sites)} site group(s)."
        )
    group = study.lesions["site_group"]
    return _each(study, SITES, group, study.sites, (NADIR, LAST, DISTANCE))


def _arms(study: Study) -> list[Comparison]:
    targeted = study.plan.targeted
    if targeted is None or not study.has("arm"):
        what = (
            "the plan has no targeted contrast" if targeted is None else "the column arm is missing"
        )
        raise NotEstimableError(f"Arms are not compared: {what}.")
    group, order = contrast_groups(study, targeted)
    return _each(study, ARMS, of_lesions(study, group), order, (NADIR, DISTANCE))


def _marker(study: Study) -> list[Comparison]:
    marker = study.plan.marker
    if marker is None:
        raise NotEstimableError("No marker is compared: the plan has none.")
    group, order = marker_groups(study, marker)
    return _each(study, marker.name, of_lesions(study, group), order, (NADIR,))


def _each(
    study: Study, what: str, group: pd.Series, order: Sequence[str], measures: Sequence[Measure]
) -> list[Comparison]:
    return [compare(study, measure, group, order, within=what) for measure in measures]


def ask_tests(study: Study) -> Asked:
    """Ask for the naive and the clustered tests of every comparison; sites also permuted in patients."""
    asked: dict[str, Tried] = {}
    patient = study.lesions["patient_id"]
    for c in compared(study).comparisons:
        values = study.lesions[c.measure.column]
        known = values.notna()
        try:
            need_patients(c.group[known], patient[known], c.order)
        except NotEstimableError as error:
            asked[c.name] = Tried(None, str(error))
            continue
        plain = getattr(requests, _plain(c))
        asked[f"{c.name}_{_plain(c)}"] = tried(plain, values, c.group, c.order)
        tests: dict[str, Callable[..., Any]] = {
            CLUSTERED: requests.datta_satten,
            RGL: requests.rosner_glynn_lee,
        }
        if c.within == SITES:
            tests[PERMUTED] = requests.permuted_within
        for name, ask in tests.items():
            asked[f"{c.name}_{name}"] = tried(ask, values, c.group, patient, c.order)
    return asked


def show_tests(study: Study, answers: Answers) -> Shown:
    """Show one row a comparison with the P values of all tests, then the mean ranks of the groups."""
    found = compared(study)
    rows, ranks = [], []
    for c in found.comparisons:
        if f"{c.name}_{_plain(c)}" not in answers:
            continue
        rows.append(_row(study, c, answers))
        if clustered := answers.get(f"{c.name}_{CLUSTERED}"):
            heads = {"compared": c.within, "measure": c.measure.label}
            table = clustered.to_frame("groups")[["group", "n", "patients", "mean_rank"]]
            ranks.append(table.assign(**heads)[[*heads, *table.columns]])
    if not rows:
        raise NotEstimableError("No comparison of lesions has an answer.")
    table = pd.DataFrame(rows)
    tables = {"tests": table}
    if ranks:
        tables["mean_ranks"] = pd.concat(ranks, ignore_index=True).astype({"patients": int})
    texts = (*left_out(found.comparisons), *found.texts)
    return Shown(tables, {}, REMARKS, texts, verdict(table))


def _plain(c: Comparison) -> str:
    """Name the test that takes each lesion as independent."""
    return "kruskal_wallis" if len(c.order) > 2 else "mann_whitney"


def _row(study: Study, c: Comparison, answers: Answers) -> dict[str, Any]:
    used = study.lesions[c.measure.column].notna() & c.group.isin(c.order)
    ends = {_plain(c): "p_value", **P_OF}
    p_values = {
        column: answers[f"{c.name}_{end}"].value("p_value")
        if f"{c.name}_{end}" in answers
        else float("nan")
        for end, column in ends.items()
    }
    return {
        "compared": c.within,
        "measure": c.measure.label,
        "groups": len(c.order),
        "lesions": int(used.sum()),
        "patients": study.lesions["patient_id"][used].nunique(),
        **p_values,
    }


def verdict(table: pd.DataFrame) -> str:
    """Say how many differences between lesions remain with the patient taken into account.

    Parameters
    ----------
    table
        ``tests`` of `show_tests`.

    Examples
    --------
    >>> verdict(pd.DataFrame({"compared": ["sites"], "measure": ["Distance"], "p_value": [0.01],
    ...                       "p_clustered": [0.4]}))
    'The one comparison ... loses it ...; lost: sites, distance (P = 0.010 naive, P = 0.400 clustered).'
    """
    both = table.dropna(subset=["p_value", "p_clustered"])
    if both.empty:
        return "Cannot be said here: no comparison has a clustered P."
    naive, kept = both["p_value"] < SIGNIFICANT, both["p_clustered"] < SIGNIFICANT
    if not naive.any():
        told = (
            f"; {int(kept.sum())} with the lesions of a patient kept together" if kept.any() else ""
        )
        return (
            f"There is none to lose: of {len(both)} comparisons of lesions none has P < {SIGNIFICANT} even "
            f"where each lesion counts as independent{told}."
        )
    remain, before = int((naive & kept).sum()), int(naive.sum())
    lost = both[naive & ~kept]
    counted = f"with P < {SIGNIFICANT} where each lesion counts as independent"
    together = "with the lesions of a patient kept together"
    if before == 1:
        text = f"The one comparison {counted} {'keeps' if remain else 'loses'} it {together}"
    else:
        head = "All" if remain == before else str(remain or "Not one")
        keeps = "keeps" if remain <= 1 else "keep"
        text = f"{head} of the {before} comparisons {counted} {keeps} it {together}"
    gained = int((~naive & kept).sum())
    told = f"; {gained} more {'have' if gained > 1 else 'has'} it only so" if gained else ""
    if lost.empty:
        closest = both[naive].sort_values("p_clustered", kind="stable").iloc[[-1]]
        return f"{text}{told}; closest to losing it: {_told(next(closest.itertuples()))}."
    return f"{text}{told}; lost: {', '.join(_told(row) for row in lost.itertuples())}."


def _told(row: Any) -> str:
    name = f"{row.measure[:1].lower()}{row.measure[1:]}"
    return f"{row.compared}, {name} ({format_p(row.p_value)} naive, {format_p(row.p_clustered)} clustered)"
