"""Hazard ratios three ways side by side: naive from day 0, from landmarks, time-dependent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown, Tried
from lesionhet.analyses.parts.comparison import main_organs, tried
from lesionhet.analyses.parts.endpoints import OS, PFS, Endpoint
from lesionhet.analyses.reviewer import time_verdicts
from lesionhet.charts import ForestChart
from lesionhet.errors import NotEstimableError
from lesionhet.once import once_per_object
from lesionhet.study import Study
from lesionhet.timed.looks import Looks, look
from lesionhet.timed.state import LANDMARKS
from lesionhet.timed.ways import (
    LANDMARK,
    NAIVE,
    TIME_DEPENDENT,
    Way,
    distance_ways,
    organ_ways,
    way_rows,
    window_ways,
)

RATIOS: Final = "hazard_ratios"
NAIVE_TEXT: Final = (
    "Naive: what the whole follow-up shows is compared from day 0. Whoever lives longer is scanned "
    "more often and has had more time to respond, so this hazard ratio is biased."
)
LANDMARK_TEXT: Final = (
    "Landmark: patients still at risk on that day, by what the scans up to it show. Time counts from "
    "there, and who had the event before is not in the model."
)
TIME_TEXT: Final = (
    "Time-dependent: a patient enters with the first scan; what a scan shows holds from the next day "
    "until the next scan, the last one until the end. Standard errors are robust, by patient."
)


@dataclass(frozen=True, eq=False)
class Compared:
    """Ways to show in one forest plot under one heading."""

    heading: str
    endpoint: Endpoint
    ways: tuple[Way, ...]

    def key(self, way: Way) -> str:
        """Give the name of a way's request."""
        words = f"{self.endpoint.name} {self.heading} {way.name}".replace("-", "_")
        return "_".join(words.split()).strip("_")


@once_per_object
def looks_of(study: Study) -> Looks:
    """Give a study at the landmarks; the analyses of the chapter share it while the study is there."""
    return look(study.cohort, study.definitions)


def given(study: Study) -> tuple[Endpoint, ...]:
    """Give the endpoints whose columns the input had."""
    return tuple(e for e in (OS, PFS) if study.has(e.time, e.event))


def _distances(looks: Looks, study: Study) -> tuple[Compared, ...]:
    return tuple(Compared("", e, distance_ways(looks, e.name)) for e in given(study))


def _organs(looks: Looks, study: Study) -> tuple[Compared, ...]:
    organ = main_organs(study)[0]
    return tuple(Compared("", e, organ_ways(looks, e.name, organ)) for e in given(study))


def _windows(looks: Looks, study: Study) -> tuple[Compared, ...]:
    return tuple(
        Compared(name, e, window_ways(looks, e.name, f"{name}_ratio"))
        for e in given(study)
        for name in ("nadir", "last")
    )


def _ask(compared: Iterable[Compared]) -> dict[str, Tried]:
    return {part.key(way): tried(way.ask) for part in compared for way in part.ways}


def ask_distance(study: Study) -> Asked:
    """Ask for the distance three ways, and for the states at the landmarks it rests on."""
    looks = looks_of(study)
    return {**_ask_states(study), **_ask(_distances(looks, study))}


def ask_organs(study: Study) -> Asked:
    """Ask for the response of the first organ three ways, and for what was known at the landmarks."""
    organ = main_organs(study)[0]
    looks = looks_of(study)
    asked = {
        f"response_{day:g}": tried(
            requests.landmark_organ_response, study.cohort, study.definitions, organ, day
        )
        for day in LANDMARKS
    }
    return {**asked, **_ask(_organs(looks, study))}


def ask_windows(study: Study) -> Asked:
    """Ask for nadir and last ratio of the total burden, at the end and within fixed windows."""
    looks = looks_of(study)
    return _ask(_windows(looks, study))


def _ask_states(study: Study) -> dict[str, Tried]:
    return {
        f"patterns_{day:g}": tried(requests.landmark_patterns, study.cohort, study.definitions, day)
        for day in LANDMARKS
    }


def show_distance(study: Study, answers: Answers) -> Shown:
    """Show the hazard ratios of the distance side by side."""
    looks = looks_of(study)
    remarks = (
        NAIVE_TEXT,
        LANDMARK_TEXT,
        TIME_TEXT,
        "All models hold baseline burden and number of lesions as well, as they are known then"
        f"{_stratified(study)}. The hazard ratio is per 0.1 of the distance in each, so that they compare.",
    )
    shown = _show(
        study,
        _distances(looks, study),
        answers,
        "Hazard ratio of the distance, three ways",
        remarks,
    )
    level = study.definitions.conf_level
    return replace(shown, verdict=time_verdicts.distance_verdict(shown.tables[RATIOS], level))


def show_organs(study: Study, answers: Answers) -> Shown:
    """Show the hazard ratios of the organ-response groups side by side."""
    organ = main_organs(study)[0]
    looks = looks_of(study)
    limit = f"{100 * (1 - study.definitions.response_threshold):g}%"
    remarks = (
        f"Patients with {organ} lesions. Each group is compared with the patients in whom neither {organ} "
        f"nor the others have shrunk by more than {limit} (so far){_stratified(study)}. The ratio of two "
        "groups has the interval of independent estimates, which is rather too wide.",
        NAIVE_TEXT,
        LANDMARK_TEXT,
        TIME_TEXT,
    )
    title = f"Response of {organ} and of the others, three ways"
    compared = _organs(looks, study)
    shown = _show(study, compared, answers, title, remarks)
    # The two mixed groups: the organ alone, the others alone.
    terms = compared[0].ways[0].terms[1:]
    level = study.definitions.conf_level
    verdict = time_verdicts.organs_verdict(shown.tables[RATIOS], level, organ, terms)
    return replace(shown, verdict=verdict)


def show_windows(study: Study, answers: Answers) -> Shown:
    """Show the hazard ratios of nadir and last ratio within fixed windows."""
    looks = looks_of(study)
    days = ", ".join(f"{day:g}" for day in LANDMARKS)
    remarks = (
        "The nadir over the whole follow-up is the lower the longer a patient is followed. Within a "
        f"window (scans up to day {days}) all have had the same time for it; patients at risk on its last "
        "day are compared from there on.",
        f"Ratios of the total burden; hazard ratio per 0.1{_stratified(study)}.",
    )
    compared = _windows(looks, study)
    shown = _show(study, compared, answers, "Nadir and last ratio within windows", remarks)
    names = {part.ways[0].terms[0]: f"{part.heading} ratio" for part in compared}
    level = study.definitions.conf_level
    return replace(shown, verdict=time_verdicts.windows_verdict(shown.tables[RATIOS], level, names))


def _stratified(study: Study) -> str:
    return "; stratified by arm" if study.arms else "; not stratified (no column arm)"


def _show(
    study: Study,
    compared: Sequence[Compared],
    answers: Answers,
    title: str,
    remarks: tuple[str, ...],
) -> Shown:
    rows, drawn = [], []
    for part in compared:
        found = [
            row
            for way in part.ways
            if (answer := answers.get(part.key(way))) is not None
            for row in way_rows(way, answer)
        ]
        rows += [{"endpoint": part.endpoint.label, **row} for row in found]
        drawn += _forest_rows(part, found)
    if not rows:
        raise NotEstimableError("No model has an answer.")
    table = pd.DataFrame(rows)
    table = table[["endpoint", "approach", "day", "term", *table.columns.drop(_KEYS)]]
    if not table["reason"].any():
        table = table.drop(columns="reason")
    chart = ForestChart(
        title,
        f"Hazard ratios with {study.definitions.conf_level:.0%} intervals from Cox models, Efron ties"
        f"{_stratified(study)}. n: patients, with events in brackets.",
        pd.DataFrame(drawn),
        conf_level=study.definitions.conf_level,
    )
    tables = {RATIOS: table} | _counts(compared, answers)
    missing = study.missing([PFS.time, PFS.event])
    left_out = (f"PFS left out: {', '.join(missing)} missing.",) if missing else ()
    return Shown(tables, {"forest": chart}, (*remarks, *_unscanned(tables)), left_out)


_KEYS: Final = ["endpoint", "approach", "day", "term"]


def _forest_rows(part: Compared, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the rows of one heading: one panel a term, the ways below each other."""
    drawn = []
    for term in dict.fromkeys(row["term"] for row in found):
        for row in found:
            if row["term"] == term and "hazard_ratio" in row:
                head = {
                    "panel": f"{part.endpoint.label}: {term[:1].lower()}{term[1:]}",
                    "label": _label(row),
                }
                numbers = {name: row[name] for name in ("conf_low", "conf_high", "p_value")}
                drawn.append({**head, "estimate": row["hazard_ratio"], **numbers})
    return drawn


def _label(row: dict[str, Any]) -> str:
    names = {
        NAIVE: "Naive, from day 0",
        LANDMARK: f"Landmark, day {row['day']:g}",
        TIME_DEPENDENT: "Time-dependent",
    }
    return f"{names[row['approach']]}, n = {row['n']:,} ({row['events']:,})"


def _counts(compared: Sequence[Compared], answers: Answers) -> dict[str, pd.DataFrame]:
    """Table who is in each landmark model and each time-dependent one, and why others are not."""
    kinds: dict[str, Callable[[Way], bool]] = {
        "landmark_patients": lambda way: way.approach == LANDMARK,
        "time_dependent_patients": lambda way: way.approach == TIME_DEPENDENT,
    }
    tables = {}
    for name, belongs in kinds.items():
        parts = [
            answers[part.key(way)]
            .to_frame("patients")
            .assign(endpoint=part.endpoint.label, day=way.day)
            for part in compared
            for way in part.ways
            if belongs(way) and part.key(way) in answers
        ]
        if parts:
            table = pd.concat(parts, ignore_index=True).drop_duplicates()
            keys = ["endpoint", "day"] if name == "landmark_patients" else ["endpoint"]
            numbers = table.columns.drop(["endpoint", "day"])
            table[numbers] = table[numbers].astype(int)
            tables[name] = table[[*keys, *numbers]].reset_index(drop=True)
    return tables


def _unscanned(tables: dict[str, pd.DataFrame]) -> tuple[str, ...]:
    """Say where a landmark comes before many patients' first scan."""
    if "landmark_patients" not in tables:
        return ()
    found = tables["landmark_patients"]
    first = found[found["endpoint"] == found["endpoint"].iloc[0]]
    texts = [
        f"day {row.day:g}: {row.no_scan:,} of {row.no_scan + row.incomplete + row.in_model:,}"
        for row in first.itertuples()
        if row.no_scan
    ]
    if not texts:
        return ()
    return (
        f"At risk but without a usable scan by the landmark, and so left out ({'; '.join(texts)}). A scan "
        "planned for week 8 often comes a few days later.",
    )
