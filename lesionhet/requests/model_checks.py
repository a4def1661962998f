"""Questions that check a Cox model: proportional hazards, shape, influence."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.requests.base import Request, Values
from lesionhet.requests.survival import cox
from lesionhet.rows import (
    check_level,
    need_events,
)

TRANSFORMS: Final = ("km", "rank", "identity", "log")
KNOTS: Final = (3, 4, 5)


def cox_zph(
    time: Values,
    event: Values,
    covariates: pd.DataFrame,
    strata: Values | None = None,
    *,
    transform: Literal["km", "rank", "identity", "log"] = "km",
) -> Request[results.CoxZph]:
    """Ask whether the hazards of a Cox model are proportional: one test a term, one of all.

    Parameters
    ----------
    time, event, covariates, strata
        As in `cox`.
    transform
        Of time: 1 minus the Kaplan-Meier estimate (``"km"``), ``"rank"``, ``"identity"``, ``"log"``.

    Raises
    ------
    NotEstimableError
        As `cox`; with ``"log"`` an event at time 0.
    UsageError
        An unknown transform.

    Source: Grambsch & Therneau (1994); R: ``survival::cox.zph``, version 3.

    Examples
    --------
    >>> request = cox_zph([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 0], pd.DataFrame({"x": [1, 0, 1, 1, 0, 0]}))
    >>> from lesionhet import engine
    >>> round(engine("python").answer(request).value("p_value"), 4)
    0.4937
    """
    if transform not in TRANSFORMS:
        raise UsageError(f"transform is {transform!r}; permitted: {', '.join(TRANSFORMS)}.")
    whole = cox(time, event, covariates, strata)
    data = whole.data
    if transform == "log" and (data.loc[data["event"] == 1, "time"] == 0).any():
        raise NotEstimableError(
            "Test of proportional hazards: an event at time 0 has no log; use another transform."
        )
    options = {"ties": "efron", "transform": transform}
    return Request("cox_zph", results.CoxZph, data, whole.labels, options, whole.left_out)


def schoenfeld_curve(
    time: Values,
    event: Values,
    covariates: pd.DataFrame,
    strata: Values | None = None,
    *,
    of_interest: str | None = None,
    df: int = 4,
    conf_level: float = 0.95,
) -> Request[results.SchoenfeldCurve]:
    """Ask for one coefficient of a Cox model over time: scaled Schoenfeld residuals and their smooth.

    Parameters
    ----------
    time, event, covariates, strata
        As in `cox`.
    of_interest
        Name of the covariate; default: the first.
    df
        Of the natural spline in the rank of time, 2 to 10.
    conf_level
        Level of the pointwise intervals.

    Raises
    ------
    NotEstimableError
        As `cox`, or from an engine: too few different event times.
    UsageError
        An unknown covariate, or ``df`` out of range.

    Source: Grambsch & Therneau (1994); R: ``survival:::plot.cox.zph``.
    """
    if not 2 <= df <= 10:
        raise UsageError(f"df is {df!r}; permitted: 2 to 10.")
    whole = cox(time, event, covariates, strata)
    options = {
        "ties": "efron",
        "of_interest": _place(whole, of_interest),
        "df": int(df),
        "conf_level": check_level(conf_level),
    }
    return Request(
        "schoenfeld_curve",
        results.SchoenfeldCurve,
        whole.data,
        whole.labels,
        options,
        whole.left_out,
    )


def cox_spline(
    time: Values,
    event: Values,
    covariates: pd.DataFrame,
    strata: Values | None = None,
    *,
    of_interest: str | None = None,
    knots: int = 4,
    conf_level: float = 0.95,
) -> Request[results.CoxSpline]:
    """Ask whether a straight line is enough for one covariate: restricted cubic spline beside it.

    Parameters
    ----------
    time, event, covariates, strata
        As in `cox`.
    of_interest
        Name of the covariate; default: the first.
    knots
        3, 4 or 5, at Harrell's quantiles of the covariate.
    conf_level
        Level of the pointwise intervals.

    Raises
    ------
    NotEstimableError
        As `cox`; fewer events than terms plus one, those of the spline included; here or from an engine,
        knots that are not all different.
    UsageError
        An unknown covariate or number of knots.

    Source: Harrell (2015) Regression Modeling Strategies, section 2.4.5; R: ``splines::ns``.

    Examples
    --------
    >>> x = pd.DataFrame({"x": [3.0, 1, 2, 6, 5, 4, 9, 7]})
    >>> request = cox_spline([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 1, 0, 1, 1], x, knots=3)
    >>> from lesionhet import engine
    >>> engine("python").answer(request).value("df")
    1.0
    """
    if knots not in KNOTS:
        raise UsageError(f"knots is {knots!r}; permitted: {', '.join(map(str, KNOTS))}.")
    whole = cox(time, event, covariates, strata)
    need_events(whole.data, covariates.shape[1] + knots - 1, "Cox model with a spline")
    options = {
        "ties": "efron",
        "of_interest": _place(whole, of_interest),
        "knots": int(knots),
        "conf_level": check_level(conf_level),
    }
    return Request(
        "cox_spline", results.CoxSpline, whole.data, whole.labels, options, whole.left_out
    )


def cox_influence(
    time: Values,
    event: Values,
    covariates: pd.DataFrame,
    patient: Values,
    strata: Values | None = None,
    *,
    of_interest: str | None = None,
    most: int = 5,
    conf_level: float = 0.95,
) -> Request[results.CoxInfluence]:
    """Ask which patients a coefficient of a Cox model hangs on, and what it is without each.

    Parameters
    ----------
    time, event, covariates, strata
        As in `cox`; one row a patient.
    patient
        n labels, each once.
    of_interest
        Name of the covariate; default: the first.
    most
        How many patients are shown, 1 or more.
    conf_level
        Level of the Wald intervals.

    Raises
    ------
    NotEstimableError
        As `cox`.
    UsageError
        An unknown covariate, a patient who is there twice, ``most`` below 1.

    Source: Cain & Lange (1984) Biometrics 40:493; R: ``residuals(fit, "dfbetas")`` and ``coxph``.
    """
    if most < 1:
        raise UsageError(f"most is {most!r}; permitted: 1 or more.")
    names = [str(name) for name in pd.Series(patient)]
    if len(names) != len(covariates) or len(set(names)) < len(names):
        raise UsageError(
            f"patient has {len(names)} labels, {len(set(names))} different; needed: one of each of the "
            f"{len(covariates)} rows, all different."
        )
    whole = cox(time, event, covariates, strata)
    given = [time, event, *([] if strata is None else [strata])]
    known = np.logical_and.reduce([pd.notna(np.asarray(values, dtype=object)) for values in given])
    kept = known & covariates.notna().all(axis=1).to_numpy()
    options = {
        "ties": "efron",
        "of_interest": _place(whole, of_interest),
        "most": int(most),
        "conf_level": check_level(conf_level),
    }
    labels = {**whole.labels, "patient": tuple(np.asarray(names, dtype=object)[kept])}
    return Request(
        "cox_influence", results.CoxInfluence, whole.data, labels, options, whole.left_out
    )


def _place(whole: Request[Any], name: str | None) -> int:
    """Give the number of a term of a Cox request, from 1."""
    terms = whole.labels["term"]
    if name is None:
        return 1
    if name not in terms:
        raise UsageError(f"of_interest is {name!r}; permitted: {list(terms)}.")
    return terms.index(name) + 1
