"""Which measure goes with survival: the same Cox model a measure, C with its optimism, what each adds."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import tried
from lesionhet.analyses.reviewer.measures_found import LANDMARK
from lesionhet.analyses.reviewer.measures_rows import FEWEST, NAME, WAYS, Way, rows_of
from lesionhet.charts import ForestChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_interval, format_number
from lesionhet.requests.markers import NO_MARKER
from lesionhet.statistics.resampling import bootstraps
from lesionhet.study import Study

DRAWS: Final = 50
SEED: Final = 2021
SIGNIFICANT: Final = 0.05
MOST: Final = 4
"""Measures that the answer names as clear of 1; the others are counted."""


DRAWN: Final = {
    "landmark": ("landmark", "landmark_beside_change"),
    "naive": ("naive", "landmark_last"),
}


def ask_survival(study: Study) -> Asked:
    """Ask for the models of each way, and for C with its optimism at the landmark."""
    asked: dict[str, Any] = {}
    for way in WAYS:
        asked[way.name] = tried(_models, study, way)
    asked["concordance"] = tried(_concordance, study, WAYS[0])
    return asked


def _models(study: Study, way: Way) -> Any:
    rows = rows_of(study, way)
    return requests.compare_markers(
        rows.time,
        rows.event,
        rows.markers,
        rows.others,
        rows.strata,
        reference=NAME,
        conf_level=study.definitions.conf_level,
    )


def _concordance(study: Study, way: Way) -> Any:
    rows = rows_of(study, way)
    draws = bootstraps(len(rows.markers), DRAWS, SEED)
    return requests.marker_concordance(
        rows.time, rows.event, rows.markers, rows.others, draws, rows.strata
    )


def show_survival(study: Study, answers: Answers) -> Shown:
    """Show the hazard ratios of all measures, C, and what each adds to the distance."""
    found = [way for way in WAYS if way.name in answers]
    if not found:
        raise NotEstimableError("No model of any measure has an answer.")
    tables: dict[str, pd.DataFrame] = {}
    if "landmark" in answers:
        tables["from_landmark"] = _ranking(answers["landmark"], answers.get("concordance"))
    for way in found:
        tables[f"models_{way.name}"] = _models_table(answers[way.name])
    if "concordance" in answers:
        tables["concordance"] = (
            answers["concordance"].to_frame().rename(columns={"term": "measure"})
        )
    return Shown(
        tables,
        _charts(study, answers),
        _remarks(study, answers),
        _left_out(study, found),
        _verdict(answers, study.definitions.conf_level),
    )


def _models_table(answer: Any) -> pd.DataFrame:
    """Give the models of one way: hazard ratio per SD, and the three likelihood ratio tests."""
    table = answer.to_frame("terms").rename(columns={"term": "measure"})
    table = table.drop(columns=["estimate", "std_error", "statistic"])
    for name, column in _TESTS.items():
        test = answer.to_frame(name)
        table[f"chi_square_{column}"] = test["statistic"]
        table[f"p_{column}"] = test["p_value"]
    model = answer.to_frame("model").iloc[0]
    table.insert(1, "n", int(model["n"]))
    table.insert(2, "events", int(model["events"]))
    return table


_TESTS: Final = {
    "added": "alone",
    "beyond": "added",
    "reference": "distance_added",
}


def _ranking(answer: Any, concordance: Any | None) -> pd.DataFrame:
    """Give one short row a measure, the one that says most of survival first."""
    table = _models_table(answer)
    kept = ["measure", "hazard_ratio", "conf_low", "conf_high", "chi_square_alone"]
    table = table[[*kept, "p_added", "p_distance_added"]]
    if concordance is not None:
        c = concordance.to_frame().set_index("term")
        base = float(c.loc[NO_MARKER, "corrected"])
        table["corrected_c"] = table["measure"].map(c["corrected"])
        table["c_gained"] = table["corrected_c"] - base
    return table.sort_values("chi_square_alone", ascending=False, ignore_index=True)


def _charts(study: Study, answers: Answers) -> dict[str, ForestChart]:
    level = study.definitions.conf_level
    titles = {
        "landmark": f"Measures and survival from day {LANDMARK:g}",
        "naive": "Measures and survival: naive, and at the last scan before the landmark",
    }
    charts = {}
    for name, ways in DRAWN.items():
        parts = [
            _forest_rows(way, answers[way.name])
            for way in WAYS
            if way.name in ways and way.name in answers
        ]
        if parts:
            strata = ", stratified by arm" if study.arms else ""
            charts[name] = ForestChart(
                titles[name],
                f"Hazard ratio of death per SD with its {level:.0%} interval; Cox models with baseline "
                f"burden and number of lesions{strata}, the same patients in all models of a panel.",
                pd.concat(parts, ignore_index=True),
                conf_level=level,
                heading="HR per SD",
            )
    return charts


def _forest_rows(way: Way, answer: Any) -> pd.DataFrame:
    terms, model = answer.to_frame("terms"), answer.to_frame("model").iloc[0]
    head = f"{way.heading}; {int(model['n']):,} patients, {int(model['events']):,} deaths"
    kept = terms[["term", "hazard_ratio", "conf_low", "conf_high", "p_value"]]
    return kept.rename(columns={"term": "label", "hazard_ratio": "estimate"}).assign(panel=head)


def _remarks(study: Study, answers: Answers) -> tuple[str, ...]:
    texts = [
        f"From day {LANDMARK:g}: patients with two lesions or more who are still at risk then; each measure "
        "as the scans up to that day show it. A scan made later has no part in it. The naive models use the "
        "whole follow-up from day 0 and are biased: whoever lives longer has more scans.",
        "Each model holds one measure with baseline burden and number of lesions"
        f"{'; stratified by arm' if study.arms else ''}. Chi-square alone: likelihood ratio of the measure "
        "beside these two, 1 degree of freedom. The last two P values ask what a measure adds to the "
        "distance, and the distance to it.",
        "Several measures hold how far the lesions have shrunk as well as how differently: the dispersion "
        "is large where the mean change is small. The second panel holds the change of the sum of diameters "
        "too, and asks what is left. Of the models at the last scan, only the distance and what depends on "
        "the assessment.",
    ]
    if "concordance" in answers:
        fitted = int(answers["concordance"].to_frame()["fitted"].min())
        largest = answers["concordance"].to_frame()["optimism_error"].max()
        texts.append(
            f"C: Harrell's concordance{' within arms' if study.arms else ''}, corrected for the optimism of "
            f"{fitted} bootstrap draws (seed {SEED}; the mean optimism is known to about {largest:.4f}). 0.5 "
            "is chance."
        )
    return tuple(texts)


def _left_out(study: Study, ways: list[Way]) -> tuple[str, ...]:
    """Name the measures without a model, once for the ways that lack the same ones."""
    found: dict[str, list[str]] = {}
    for way in ways:
        lost = rows_of(study, way).left_out
        if lost:
            text = "; ".join(f"{name} ({why})" for name, why in lost.items())
            found.setdefault(text, []).append(way.name.replace("_", " "))
    needed = f"{FEWEST} patients or more on each side are needed"
    return tuple(
        f"No model, {' and '.join(names)}, {needed}: {text}." for text, names in found.items()
    )


def _verdict(answers: Answers, level: float) -> str:
    """Say which measure goes with survival most, and what is left beside the shrinkage."""
    if "landmark" not in answers:
        return f"Cannot be said here: no model from day {LANDMARK:g} has an answer."
    answer = answers["landmark"]
    terms = answer.to_frame("terms").set_index("term")
    added = answer.to_frame("added").set_index("term")["statistic"].sort_values(ascending=False)
    best, place = str(added.index[0]), list(added.index).index(NAME) + 1
    head = "goes with survival most"
    if not answer.to_frame("added")["p_value"].min() < SIGNIFICANT:
        head = "goes with survival most, but none does clearly"
    beside = _beside_change(answers)
    told = "The distance" if best == NAME else f"'{best}'"
    told += f" {head} from day {LANDMARK:g}: hazard ratio per SD ({level:.0%} interval) "
    told += _ratio(terms, best)
    told += _left(beside, best, " beside the change of the sum of diameters")
    if best != NAME:
        told += (
            f"; the distance is number {place} of {len(added)}: {_ratio(terms, NAME)}"
            f"{_left(beside, NAME, ' beside the change')}"
        )
    return f"{told}{_still_clear(beside)}."


def _ratio(terms: pd.DataFrame, name: str) -> str:
    row = terms.loc[name]
    return format_interval(row["hazard_ratio"], row["conf_low"], row["conf_high"])


def _beside_change(answers: Answers) -> pd.DataFrame | None:
    """Give the ratios beside the change of the sum of diameters; None where there is no such model."""
    if "landmark_beside_change" not in answers:
        return None
    terms: pd.DataFrame = answers["landmark_beside_change"].to_frame("terms")
    return terms.set_index("term")


def _left(beside: pd.DataFrame | None, name: str, words: str) -> str:
    """Say what is left of a measure beside the change."""
    if beside is None or name not in beside.index:
        return ""
    return f",{words} {_ratio(beside, name)}"


def _still_clear(beside: pd.DataFrame | None) -> str:
    """Name the measures whose interval beside the change leaves 1 out, the farthest from it first."""
    if beside is None:
        return ""
    clear = beside[(beside["conf_low"] > 1) | (beside["conf_high"] < 1)]
    if clear.empty:
        return "; beside that change no interval stays clear of 1"
    names = clear["estimate"].abs().sort_values(ascending=False).index
    told = [f"'{name}' {format_number(clear.loc[name, 'hazard_ratio'])}" for name in names[:MOST]]
    rest = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return f"; beside that change clear of 1: {', '.join(told)}{rest}"
