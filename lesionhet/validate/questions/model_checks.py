"""Questions that check models, compare restricted means, and adjust P values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pandas as pd
from scipy import stats

from lesionhet import requests
from lesionhet.requests import Request
from lesionhet.requests.model_checks import TRANSFORMS
from lesionhet.validate.questions.question import Options, Question

MODEL: Final = ("time", "event", "covariates")


def _of_model(ask: Callable[..., Request[Any]], **given: Any) -> Callable[..., Request[Any]]:
    """Ask about the Cox model of a cohort; functions among ``given`` get rows and options."""

    def asked(rows: Any, options: Options) -> Request[Any]:
        chosen = {n: v(rows, options) if callable(v) else v for n, v in given.items()}
        strata = rows.strata if options.stratified else None
        return ask(rows.time, rows.event, rows.covariates, strata=strata, **chosen)

    return asked


def _level(_: Any, options: Options) -> float:
    return options.conf_level


def _patients(rows: Any, _: Options) -> list[str]:
    return [f"P{number}" for number in range(len(rows.time))]


def _restricted(rows: Any, options: Options) -> Request[Any]:
    return requests.restricted_mean(
        rows.time, rows.event, rows.group, conf_level=options.conf_level
    )


def _adjusted(values: pd.Series, group: pd.Series) -> Request[Any]:
    """Take standardised values for normal statistics."""
    z = (values - values.mean()) / values.std()
    return requests.adjust_p(2 * stats.norm.sf(z.abs().to_numpy(dtype=float)), group)


QUESTIONS: Final = (
    Question(
        "cox_zph",
        MODEL,
        _of_model(requests.cox_zph, transform=lambda _, o: TRANSFORMS[o.seed % 4]),
    ),
    Question(
        "schoenfeld_curve",
        MODEL,
        _of_model(requests.schoenfeld_curve, df=lambda _, o: 2 + o.seed % 4, conf_level=_level),
    ),
    Question(
        "cox_spline",
        MODEL,
        _of_model(requests.cox_spline, knots=lambda _, o: 3 + o.seed % 3, conf_level=_level),
    ),
    Question(
        "cox_influence",
        MODEL,
        _of_model(requests.cox_influence, patient=_patients, most=3, conf_level=_level),
    ),
    Question("restricted_mean by group", ("time", "event", "group"), _restricted),
    Question("adjust_p by group", ("values", "group"), lambda r, _: _adjusted(r.values, r.group)),
)
