"""Means of one group against those of another, organ by organ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Shown, Tried
from lesionhet.analyses.parts.comparison import FEWEST_PATIENTS, tried
from lesionhet.analyses.parts.measures import Measure
from lesionhet.charts import PairChart
from lesionhet.errors import NotEstimableError
from lesionhet.study import Study


@dataclass(frozen=True, eq=False)
class TwoSides:
    """Two groups of lesions whose means are put against each other.

    Parameters
    ----------
    side
        Group of each lesion, on the index of the study's lesions; missing where in neither.
    x, y
        The group on the horizontal and on the vertical axis.
    organs
        Organs that are compared.
    """

    side: pd.Series
    x: str
    y: str
    organs: tuple[str, ...]


def _enough(study: Study, sides: TwoSides) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the organs with two patients or more on each side, and a sentence for each other."""
    lesions = study.lesions.assign(side=sides.side)
    sizes = lesions.groupby(["site", "side"])["patient_id"].nunique()
    kept, texts = [], []
    for organ in sides.organs:
        found = {side: int(sizes.get((organ, side), 0)) for side in (sides.x, sides.y)}
        if min(found.values()) >= FEWEST_PATIENTS:
            kept.append(organ)
        else:
            text = ", ".join(f"'{side}' has {n}" for side, n in found.items())
            texts.append(
                f"'{organ}' is left out: {FEWEST_PATIENTS} patients or more are needed on each side, "
                f"{text}."
            )
    return tuple(kept), tuple(texts)


def ask_means(study: Study, sides: TwoSides, measures: Sequence[Measure]) -> dict[str, Tried]:
    """Ask for mean and SD of each measure, side and organ.

    Raises
    ------
    NotEstimableError
        No organ has two patients or more on each side.
    """
    organs, texts = _enough(study, sides)
    if not organs:
        raise NotEstimableError(" ".join(texts))
    asked = {}
    for measure in measures:
        for axis, side in (("x", sides.x), ("y", sides.y)):
            site = study.lesions["site"].where(sides.side == side)
            values = study.lesions[measure.column]
            asked[f"{measure.column}_{axis}"] = tried(requests.describe, values, site, organs)
    return asked


def show_means(
    study: Study,
    sides: TwoSides,
    charts: Mapping[str, tuple[str, Sequence[Measure]]],
    answers: Answers,
) -> Shown:
    """Show one chart of means for each set of measures.

    Parameters
    ----------
    study, sides, answers
        What was asked, and what was answered.
    charts
        Name of a chart -> its title and measures, one panel each.
    """
    organs, left_out = _enough(study, sides)
    made, rows = {}, []
    for name, (title, measures) in charts.items():
        points = [_points(sides, m, answers) for m in measures if _answered(m, answers)]
        if not points:
            continue
        table = pd.concat(points, ignore_index=True)
        rows.append(table)
        sizes = table.drop_duplicates("label")
        text = "; ".join(f"{r.label} n = {r.y_n:,} and {r.x_n:,}" for r in sizes.itertuples())
        made[name] = PairChart(
            title,
            f"Mean and half an SD each way, {sides.y} (vertical) against {sides.x} (horizontal); "
            f"lesions: {text}. On the line both are equal.",
            table[["panel", "label", "x_mean", "x_sd", "y_mean", "y_sd"]],
            tuple(dict.fromkeys(table["panel"])),
            organs,
            sides.x,
            sides.y,
        )
    tables = {"means": _long(pd.concat(rows, ignore_index=True), sides)} if rows else {}
    return Shown(tables, made, (), left_out)


def _answered(measure: Measure, answers: Answers) -> bool:
    return all(f"{measure.column}_{axis}" in answers for axis in "xy")


def _points(sides: TwoSides, measure: Measure, answers: Answers) -> pd.DataFrame:
    x, y = (
        answers[f"{measure.column}_{axis}"]
        .to_frame()[["group", "n", "mean", "sd"]]
        .set_index("group")
        .add_prefix(f"{axis}_")
        for axis in "xy"
    )
    both = x.join(y).rename_axis("label").reset_index()
    return both.assign(panel=measure.label)


def _long(points: pd.DataFrame, sides: TwoSides) -> pd.DataFrame:
    """Give one row a measure, organ and side."""
    parts = []
    for axis, side in (("y", sides.y), ("x", sides.x)):
        numbers = points[[f"{axis}_n", f"{axis}_mean", f"{axis}_sd"]]
        numbers.columns = pd.Index(["n", "mean", "sd"])
        parts.append(
            points[["panel", "label"]]
            .set_axis(["measure", "organ"], axis=1)
            .assign(group=side)
            .join(numbers)
        )
    return pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
