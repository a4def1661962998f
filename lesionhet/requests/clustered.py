"""Questions about lesions, asked with the patient that each of them belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.requests.base import Request, Values
from lesionhet.rows import (
    check_level,
    check_survival,
    complete_rows,
    need_events,
    need_groups,
    need_spread,
    with_ties,
)

KEYS_BELOW: Final = 2_147_483_647
"""2^31 - 1, a prime: times any number below it, keys that differ go on to differ."""
MULTIPLIER: Final = 48_271
"""Next key of a row: this times its key, modulo `KEYS_BELOW` (Park & Miller 1993)."""


def datta_satten(
    values: Values, group: Values, cluster: Values, order: Sequence[str] | None = None
) -> Request[results.DattaSatten]:
    """Ask for the rank-sum test of Datta & Satten of two or more groups of lesions.

    It holds whatever the number of lesions says about their values, and where lesions of one patient are
    in different groups. Of three or more groups every pair is tested too, Bonferroni corrected.

    Parameters
    ----------
    values, group, cluster
        n numbers, n labels of groups and n labels of patients; rows missing one are left out and counted.
    order
        Groups that are compared; default: all, sorted.

    Raises
    ------
    NotEstimableError
        One group, values that are all equal, fewer patients than groups; from an engine: too few
        patients for a variance.

    Source: Datta & Satten (2005) J Am Stat Assoc 100:908.

    Examples
    --------
    >>> request = datta_satten([1, 4, 2, 4, 6, 7, 4, 7, 8], [0, 1, 0, 0, 1, 1, 1, 0, 1], list("aabbbbccc"))
    >>> from lesionhet import engine
    >>> round(engine("python").answer(request).value("p_value"), 7)
    0.2379586
    """
    data, labels, left_out = _grouped(values, group, cluster, order, "Datta-Satten test")
    return Request("datta_satten", results.DattaSatten, data, labels, {}, left_out)


def rosner_glynn_lee(
    values: Values, group: Values, cluster: Values, order: Sequence[str] | None = None
) -> Request[results.RosnerGlynnLee]:
    """Ask for the rank-sum test of Rosner, Glynn & Lee of two or more groups of lesions.

    Groups may be those of patients, of lesions within patients, or both.

    Parameters
    ----------
    values, group, cluster, order
        As in `datta_satten`.

    Raises
    ------
    NotEstimableError
        As `datta_satten`.

    Source: Rosner, Glynn & Lee (2003) Biometrics 59:1089; (2006) Biometrics 62:1251.
    """
    data, labels, left_out = _grouped(values, group, cluster, order, "Rosner-Glynn-Lee test")
    return Request("rosner_glynn_lee", results.RosnerGlynnLee, data, labels, {}, left_out)


def mixed_model(
    values: Values, covariates: pd.DataFrame, cluster: Values, conf_level: float = 0.95
) -> Request[results.MixedModel]:
    """Ask for a linear mixed model of lesions with one random intercept a patient.

    Parameters
    ----------
    values
        n numbers.
    covariates
        n rows of numbers; the column names become the terms, after the intercept.
    cluster
        n labels of patients.
    conf_level
        Level of the Wald intervals.

    Raises
    ------
    UsageError
        No covariate.
    NotEstimableError
        No patient has two rows, no more patients than terms; from an engine: collinear covariates, or
        values that do not vary within patients.

    Source: Laird & Ware (1982) Biometrics 38:963; R: ``nlme::lme``.

    Examples
    --------
    >>> request = mixed_model([1, 2, 3, 5, 6, 4], pd.DataFrame({"lung": [0, 1, 0, 1, 0, 1]}), list("aabbcc"))
    >>> from lesionhet import engine
    >>> engine("python").answer(request).to_frame()["term"].tolist()
    ['(intercept)', 'lung']
    """
    names = _names(covariates, "A mixed model")
    data, labels, left_out = complete_rows(
        {"values": values, **_numbered(covariates)},
        {"cluster": (cluster, None)},
        shown={f"x{i}": name for i, name in enumerate(names, start=1)},
        may_be_empty=("cluster",),
    )
    need_spread(data["values"], "Mixed model")
    rows = data["cluster"].value_counts()
    if rows.max() < 2:
        raise NotEstimableError("Mixed model: no patient has two rows or more.")
    if len(rows) <= len(names) + 1:
        raise NotEstimableError(
            f"Mixed model: {len(rows)} patients, needs {len(names) + 2} for its {len(names) + 1} terms."
        )
    labels = {**labels, "term": ("(intercept)", *names)}
    options = {"conf_level": check_level(conf_level)}
    return Request("mixed_model", results.MixedModel, data, labels, options, left_out)


def permuted_within(
    values: Values,
    group: Values,
    cluster: Values,
    order: Sequence[str] | None = None,
    *,
    permutations: int = 999,
    seed: int = 2021,
) -> Request[results.PermutedWithin]:
    """Ask for the Kruskal-Wallis test whose P value comes from permutations within patients.

    Each permutation deals the groups of a patient's lesions out anew among them; what differs between
    patients stays. Both engines get the same permutations: ``key`` is a random whole number a row, and the
    keys of a permutation, 48271 times those of the one before modulo 2^31 - 1, say in which order the
    groups of a patient go to its lesions.

    Parameters
    ----------
    values, group, cluster, order
        As in `datta_satten`.
    permutations
        How many, 19 or more: below, P cannot fall to 0.05.
    seed
        Of ``numpy.random.Generator(PCG64)``, which draws the first keys.

    Raises
    ------
    UsageError
        Fewer permutations.
    NotEstimableError
        As `datta_satten`; no patient has lesions in two groups.

    Source: permutation test, P = (1 + as large) / (1 + permutations): Davison & Hinkley (1997),
    section 4.2; Park, Miller & Stockmeyer (1993) Commun ACM 36:105 for the multiplier.

    Examples
    --------
    >>> request = permuted_within([1, 2, 3, 4], list("xyxy"), list("aabb"), permutations=99)
    >>> from lesionhet import engine
    >>> engine("python").answer(request).value("permutations")
    99.0
    """
    if permutations < 19:
        raise UsageError(f"permutations is {permutations!r}; permitted: 19 or more.")
    data, labels, left_out = _grouped(values, group, cluster, order, "Permutation test")
    cluster, dealt = data["cluster"].to_numpy(), data["group"].to_numpy()
    lowest, highest = np.full(cluster.max() + 1, dealt.max()), np.zeros(cluster.max() + 1)
    np.minimum.at(lowest, cluster, dealt)
    np.maximum.at(highest, cluster, dealt)
    if not (lowest < highest).any():
        raise NotEstimableError(
            "Permutation test: no patient has lesions in two groups, so there is nothing to permute."
        )
    draw = np.random.Generator(np.random.PCG64(seed))
    data["key"] = 1.0 + draw.choice(KEYS_BELOW - 1, len(data), replace=False, shuffle=False)
    options = {"permutations": int(permutations), "multiplier": MULTIPLIER, "modulus": KEYS_BELOW}
    return Request("permuted_within", results.PermutedWithin, data, labels, options, left_out)


def clustered_cox(
    time: Values,
    event: Values,
    covariates: pd.DataFrame,
    cluster: Values,
    strata: Values | None = None,
    conf_level: float = 0.95,
) -> Request[results.ClusteredCox]:
    """Ask for a Cox model of lesions whose standard errors add up the lesions of a patient.

    Parameters
    ----------
    time, event
        n times in days, 0 or more, and n flags, 1 for an event.
    covariates
        n rows of numbers; the column names become the terms.
    cluster
        n labels of patients.
    strata
        n labels; each stratum has its own baseline hazard.
    conf_level
        Level of the Wald intervals.

    Raises
    ------
    UsageError
        No covariate, negative times, events other than 0 and 1.
    NotEstimableError
        Fewer events, or fewer patients, than terms plus one; from an engine: no finite coefficient.

    Source: Lin & Wei (1989) J Am Stat Assoc 84:1074; R: ``survival::coxph(cluster =)``.

    Examples
    --------
    >>> x = pd.DataFrame({"x": [1, 0, 1, 0, 0]})
    >>> request = clustered_cox([5, 7, 2, 6, 1], [1, 0, 1, 1, 1], x, list("aabbc"))
    >>> from lesionhet import engine
    >>> round(engine("python").answer(request).value("robust_error", "terms"), 4)
    1.1002
    """
    names = _names(covariates, "A Cox model")
    data, labels, left_out = complete_rows(
        {"time": time, "event": event, **_numbered(covariates)},
        {"cluster": (cluster, None), "strata": (strata, None)},
        shown={f"x{i}": name for i, name in enumerate(names, start=1)},
        may_be_empty=("cluster",),
    )
    check_survival(data)
    need_events(data, len(names) + 1, "Cox model")
    if (patients := data["cluster"].nunique()) <= len(names):
        raise NotEstimableError(
            f"Cox model: {patients} patient(s), needs {len(names) + 1} for the robust variance."
        )
    labels = {**labels, "term": names}
    options: dict[str, Any] = {"ties": "efron", "conf_level": check_level(conf_level)}
    return Request("clustered_cox", results.ClusteredCox, data, labels, options, left_out)


def _grouped(
    values: Values, group: Values, cluster: Values, order: Sequence[str] | None, what: str
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]], dict[str, int]]:
    data, labels, left_out = complete_rows(
        {"values": values},
        {"group": (group, order), "cluster": (cluster, None)},
        may_be_empty=("cluster",),
    )
    data["values"] = with_ties(data["values"])
    need_groups(labels["group"], 2)
    need_spread(data["values"], what)
    patients = np.count_nonzero(np.bincount(data["cluster"].to_numpy()))
    groups = len(labels["group"])
    if patients < groups:
        raise NotEstimableError(f"{what}: {patients} patient(s) for {groups} groups.")
    return data, labels, left_out


def _names(covariates: pd.DataFrame, what: str) -> tuple[str, ...]:
    if not len(covariates.columns):
        raise UsageError(f"{what} needs one covariate or more, found none.")
    return tuple(str(name) for name in covariates.columns)


def _numbered(covariates: pd.DataFrame) -> dict[str, Any]:
    return {f"x{i + 1}": covariates.iloc[:, i].to_numpy() for i in range(covariates.shape[1])}
