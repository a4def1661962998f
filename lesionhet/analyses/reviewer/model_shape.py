"""Whether the hazard rises evenly with the distance: a restricted cubic spline beside the straight line."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import tried
from lesionhet.analyses.reviewer.model_rows import (
    NAIVE,
    MainModel,
    first,
    main_models,
    single_lesions,
    stratified_by,
)
from lesionhet.analyses.reviewer.model_verdicts import shape_verdict
from lesionhet.charts import RatioCurveChart
from lesionhet.labels import format_p
from lesionhet.requests import Request
from lesionhet.statistics.spline import APART, QUANTILES
from lesionhet.study import Study

KNOTS: Final = 4
FEWER_KNOTS: Final = 3
HYPOTHESES: Final = {"test": "A straight line is enough", "overall": "The distance has no effect"}


def ask_shape(study: Study) -> Asked:
    """Ask for a spline of the distance beside the straight line."""
    models, _ = main_models(study)
    return {name: tried(_ask, study, model) for name, model in models.items()}


def _ask(study: Study, model: MainModel) -> Request[Any]:
    knots = _knots(model)
    terms = model.terms.shape[1] + knots - 2
    model.need_events(study.plan.events_per_term, terms)
    level = study.definitions.conf_level
    return requests.cox_spline(**model.rows, knots=knots, conf_level=level)


def _knots(model: MainModel) -> int:
    """Give how many knots the distance can have: where many patients have one value, quantiles are one."""
    at = np.quantile(model.terms[model.distance], QUANTILES[KNOTS])
    apart = (np.diff(at) > APART * (at[-1] - at[0])).all()
    return KNOTS if apart else FEWER_KNOTS


def show_shape(study: Study, answers: Answers) -> Shown:
    """Show the tests of the shape and the curves."""
    models, refused = main_models(study)
    given = {name: (models[name], answer) for name, answer in answers.items()}
    tests, curves, lines = [], [], []
    for model, answer in given.values():
        label = model.endpoint.label
        row = {"endpoint": label, "n": len(model.complete), "events": model.events}
        row["knots"] = len(answer.to_frame("knots"))
        for table, what in HYPOTHESES.items():
            tests.append({**row, "hypothesis": what, **answer.to_frame(table).iloc[0].to_dict()})
        curve = in_units(model, answer)
        curves.append(first(curve.assign(endpoint=label), "endpoint"))
        line = curve[["hazard_ratio", "conf_low", "conf_high"]]
        line = line.rename(columns={"hazard_ratio": "estimate"})
        panel = f"{label} (against a straight line: {format_p(answer.value('p_value'))})"
        lines.append(line.assign(panel=panel, x=curve["value"]))
    chart = RatioCurveChart(
        "Hazard by the distance, without assuming a straight line",
        "Hazard against that at the median distance: restricted cubic spline with "
        f"{study.definitions.conf_level:.0%} band, from the 2.5 to the 97.5 percentile of the distance; "
        f"burden and number of lesions held, {stratified_by(study)}.",
        pd.concat(lines, ignore_index=True),
        tuple(line["panel"].iloc[0] for line in lines),
        "Gower distance (patient)",
        "Hazard ratio against the median (log scale)",
    )
    tables = {"tests": pd.DataFrame(tests), "curve": pd.concat(curves, ignore_index=True)}
    remarks = (
        "The model of 2D takes the log hazard to rise evenly with the distance. Here it may bend: a small P "
        "against the straight line says that it does.",
        NAIVE,
        *single_lesions(study),
    )
    return Shown(tables, {"shape": chart}, remarks, tuple(refused.values()), shape_verdict(given))


def in_units(model: MainModel, answer: Any) -> pd.DataFrame:
    """Give the curve of a spline with the distance as it is, not per SD."""
    curve: pd.DataFrame = answer.to_frame("curve")
    return curve.assign(value=curve["value"] * float(model.complete["gower"].std()))
