"""What a reader of one cohort's numbers must keep in mind: only what applies, the heaviest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.analyses.base import AnalysisResult
from lesionhet.analyses.reviewer.noise_null import NOT_MORE
from lesionhet.labels import format_percent
from lesionhet.noise.extent import extent
from lesionhet.outcome import Outcome
from lesionhet.results import Cox
from lesionhet.study import Study

MANY: Final = 0.05
"""A share of patients or lesions from which on a weakness touches the main results."""
MANY_LEFT_OUT: Final = 0.10
STUDY_NUMBER: Final = "looks like a study number"
"""Words of the notice on a column day whose intervals are too short for days."""
EVENTS_WANTED: Final = 10.0
"""Peduzzi et al. (1995) J Clin Epidemiol 48:1503: events a term below which a Cox model is doubtful."""
LESION_LEVEL: Final = ("2G", "S6", "S7", "5A", "5B")
BY_DISTANCE: Final = ("2B", "2C", "2D", "2E", "2F")
BY_RESPONSE: Final = ("6A", "6B", "S8")


@dataclass(frozen=True)
class Caveat:
    """One thing to keep in mind.

    Parameters
    ----------
    key
        Its name in addresses of the page.
    name
        A few words.
    text
        Why and how much, with this cohort's numbers.
    analyses
        Ids of the analyses that were done and that it touches; empty where it touches all.
    heavy
        Whether it can change how the main results are read; light ones come last.
    """

    key: str
    name: str
    text: str
    analyses: tuple[str, ...] = ()
    heavy: bool = True


def caveats(outcome: Outcome) -> tuple[Caveat, ...]:
    """Give what applies to a run, the heaviest first."""
    study, done = outcome.study, [r for r in outcome.results if r.status == "done"]
    found = (
        _synthetic(outcome),
        _study_number(study),
        _late_baseline(study),
        _guarantee_time(study, done),
        _left_out_of_burden(study),
        _no_strata(study, done),
        _single_lesions(study),
        _two_lesions(study),
        _one_scan(study),
        _noise(done),
        _organ_groups(done),
        _independence(study, done),
        _few_events(done),
        _many_tests(done),
        _range_of_cohort(study),
        _itself_included(study),
    )
    applying = [caveat for caveat in found if caveat is not None]
    return tuple(sorted(applying, key=lambda caveat: not caveat.heavy))


def _synthetic(outcome: Outcome) -> Caveat | None:
    if not outcome.synthetic:
        return None
    text = (
        "Every patient is simulated. The numbers show what the program does and prove nothing else."
    )
    return Caveat("synthetic", "Synthetic cohort", text)


def _study_number(study: Study) -> Caveat | None:
    if not any(STUDY_NUMBER in notice.text for notice in study.cohort.notices):
        return None
    text = (
        "The column day looks like a study number. Durations are in its unit, and what is called days "
        "here is not."
    )
    return Caveat("day", "Days may be none", text)


def _late_baseline(study: Study) -> Caveat | None:
    late = study.cohort.lesions["baseline_after_start"]
    share = float(late.mean())
    if not late.any():
        return None
    text = (
        f"Lesions without a measurement at day 0 or before ({_of(late)}): the first one served as "
        "baseline, so that shrinkage before it is not seen."
    )
    name = "First measurement served as baseline"
    return Caveat("baseline", name, text, heavy=share >= MANY)


def _guarantee_time(study: Study, done: Iterable[AnalysisResult]) -> Caveat | None:
    by_contrast = tuple(f"{contrast.key}B" for contrast in study.plan.contrasts)
    touched = _ids(done, (*BY_DISTANCE, *by_contrast))
    if not touched:
        return None
    text = (
        "The distance knows the future: it uses scans made during follow-up, and a patient must live "
        "to be scanned. Survival by distance describes, it does not predict."
    )
    if "TIME-1" in _ids(done, ("TIME-1",)):
        text += " TIME-1 to TIME-4 use only what was known at the time."
    return Caveat("guarantee-time", "Guarantee time", text, touched)


def _organ_groups(done: Iterable[AnalysisResult]) -> Caveat | None:
    touched = _ids(done, BY_RESPONSE)
    if not touched:
        return None
    text = (
        "Groups by organ response are known only after scans made during follow-up, but their "
        "survival is counted from day 0: whoever died early had less time to respond."
    )
    return Caveat("organ-groups", "Groups formed during follow-up", text, touched)


def _left_out_of_burden(study: Study) -> Caveat | None:
    without = study.patients["nadir_ratio"].isna()
    share = float(without.mean())
    if not without.any():
        return None
    text = (
        f"Patients without a total burden ({_of(without)}) are in none of its analyses, and their "
        "lesions count neither as consistent nor as inconsistent."
    )
    name = "Patients without a total burden"
    return Caveat("burden", name, text, heavy=share >= MANY_LEFT_OUT)


def _single_lesions(study: Study) -> Caveat | None:
    singles = study.patients["n_lesions"] == 1
    if not singles.any():
        return None
    head = f"Patients with a single lesion ({_of(singles)}) have"
    if study.definitions.single_lesion == "zero":
        text = f"{head} distance 0 and fill the low group: low distance in part means few lesions."
    else:
        text = f"{head} no distance and are in none of the groups by distance."
    name = "Patients with a single lesion"
    return Caveat("single-lesion", name, text, heavy=singles.mean() >= MANY)


def _two_lesions(study: Study) -> Caveat | None:
    pairs = study.patients["n_lesions"] == 2
    if study.definitions.gower_range != "patient" or not pairs.any():
        return None
    text = (
        "The range of a ratio is taken within the patient. With two lesions each ratio term is "
        "therefore 0 or 1, however small the difference between the two lesions "
        f"(patients: {_of(pairs)})."
    )
    name = "Patients with two lesions"
    return Caveat("two-lesions", name, text, heavy=pairs.mean() >= MANY)


def _one_scan(study: Study) -> Caveat | None:
    found = extent(study.cohort, study.definitions)
    once = found.loc[found["n_lesions"] > 1, "n_scans"] == 1
    if not once.any():
        return None
    text = (
        "With one scan after baseline the nadir is the last size, and no lesion can both respond and "
        f"relapse: the distance rests on little (patients with two lesions or more: {_of(once)})."
    )
    return Caveat("one-scan", "Patients with one scan", text, heavy=once.mean() >= MANY)


def _noise(done: Sequence[AnalysisResult]) -> Caveat | None:
    result = next((r for r in done if r.id == "NOISE-1"), None)
    if result is None:
        return None
    null = result.answers["null"].to_frame("cohort").iloc[0]
    beyond = not result.shown.verdict.startswith(NOT_MORE)
    text = (
        f"Measurement error alone would give a mean distance of {null['expected_distance']:.3f}, observed is "
        f"{null['distance']:.3f}; {int(null['above']):,} of {int(null['n']):,} patients lie above what error "
        "gives them in 95% of draws (NOISE-1). The distance of a single patient may be noise."
    )
    name = "Distance and measurement error" if beyond else NOT_MORE
    return Caveat("noise", name, text, _ids(done, ("NOISE-1", *BY_DISTANCE)))


def _no_strata(study: Study, done: Iterable[AnalysisResult]) -> Caveat | None:
    touched = _ids(done, ("2D", "2E"))
    if study.arms or not touched:
        return None
    text = "There is no column arm: Cox models are not stratified, and treatments may differ by distance."
    return Caveat("no-strata", "No strata", text, touched)


def _independence(study: Study, done: Iterable[AnalysisResult]) -> Caveat | None:
    plan = study.plan
    keys = [f"{contrast.key}{letter}" for contrast in plan.contrasts for letter in "DE"]
    supplements = [contrast.supplement for contrast in plan.contrasts]
    touched = _ids(done, (*LESION_LEVEL, *keys, *supplements))
    if not touched:
        return None
    text = (
        "Lesions of one patient are not independent; tests of lesions take them as such, so that "
        "their P values are too small. The clustered P beside each keeps the lesions of a patient together."
    )
    return Caveat("independence", "Lesions taken as independent", text, touched)


def _few_events(done: Iterable[AnalysisResult]) -> Caveat | None:
    """Name the analyses with a Cox model of fewer events a term than reviewers ask for."""
    touched: dict[str, float] = {}
    for result in done:
        for answer in result.answers.values():
            if isinstance(answer, Cox):
                share = answer.value("events", "model") / len(answer.tables["terms"])
                if share < EVENTS_WANTED:
                    touched[result.id] = min(share, touched.get(result.id, share))
    if not touched:
        return None
    least = min(touched, key=lambda name: touched[name])
    text = (
        f"Cox models with fewer than {EVENTS_WANTED:g} events a term (fewest in {least}: "
        f"{touched[least]:.1f}): hazard ratios tend to be too far from 1, and their intervals too narrow."
    )
    return Caveat("few-events", "Few events a term", text, tuple(touched), heavy=False)


def _many_tests(done: Iterable[AnalysisResult]) -> Caveat | None:
    tests = sum(
        "test" in answer.tables or "terms" in answer.tables
        for result in done
        for answer in result.answers.values()
    )
    if tests < 2:
        return None
    text = (
        f"{tests:,} tests and models are reported; Dunn's pairs are corrected within their test, "
        "nothing is corrected across analyses. Each P value with those of Holm and Benjamini-Hochberg stands "
        "under Every P value."
    )
    return Caveat("many-tests", "Many tests", text, heavy=False)


def _range_of_cohort(study: Study) -> Caveat | None:
    if study.definitions.gower_range != "cohort":
        return None
    text = (
        "The range of a ratio is taken over the cohort: one extreme lesion makes every other "
        "difference of that ratio smaller."
    )
    return Caveat("cohort-range", "Range over the cohort", text, heavy=False)


def _itself_included(study: Study) -> Caveat | None:
    if not study.definitions.gower_self:
        return None
    text = (
        "A lesion's mean distance includes the lesion itself at distance 0, so that the same "
        "differences give a lower mean in patients with few lesions."
    )
    return Caveat("itself", "The lesion itself is included", text, heavy=False)


def _of(flags: pd.Series) -> str:
    """Print how many of all these are."""
    return f"{int(flags.sum()):,} of {len(flags):,}, {format_percent(float(flags.mean()))}"


def _ids(done: Iterable[AnalysisResult], touched: Iterable[str]) -> tuple[str, ...]:
    wanted = set(touched)
    return tuple(result.id for result in done if result.id in wanted)
