"""Questions of the statistics of lesions in patients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.requests import Request
from lesionhet.validate.questions.question import Options, Question

BY_GROUP: Final = ("values", "group")


def _patients(n: int, options: Options) -> pd.Series:
    """Deal n rows out to about a third as many patients, of whom some have one row and others many."""
    draw = np.random.Generator(np.random.PCG64(options.seed))
    return pd.Series(draw.integers(0, max(2, n // 3), n)).map("P{}".format)


def _of_groups(ask: Callable[..., Request[Any]], **given: Any) -> Callable[..., Request[Any]]:
    def asked(rows: Any, options: Options) -> Request[Any]:
        return ask(rows.values, rows.group, _patients(len(rows.group), options), **given)

    return asked


def _mixed(rows: Any, options: Options) -> Request[Any]:
    """Leave out a covariate that is the values themselves, where there is another."""
    values: pd.Series = rows.values  # noqa: PD011  a field of these rows
    same = [np.array_equal(column, values, equal_nan=True) for _, column in rows.covariates.items()]
    covariates = rows.covariates.loc[:, np.logical_not(same)] if not all(same) else rows.covariates
    patients = _patients(len(covariates), options)
    return requests.mixed_model(values, covariates, patients, options.conf_level)


def _cox(rows: Any, options: Options) -> Request[Any]:
    return requests.clustered_cox(
        rows.time,
        rows.event,
        rows.covariates,
        _patients(len(rows.time), options),
        rows.strata if options.stratified else None,
        options.conf_level,
    )


QUESTIONS: Final = (
    Question("datta_satten by group", BY_GROUP, _of_groups(requests.datta_satten)),
    Question("rosner_glynn_lee by group", BY_GROUP, _of_groups(requests.rosner_glynn_lee)),
    Question(
        "permuted_within by group", BY_GROUP, _of_groups(requests.permuted_within, permutations=39)
    ),
    Question("mixed_model of values", ("values", "covariates"), _mixed),
    Question("clustered_cox", ("time", "event", "covariates"), _cox),
)
