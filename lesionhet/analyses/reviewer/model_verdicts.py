"""What the checks of the model say, each in one sentence made from its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.analyses.parts.endpoints import OS
from lesionhet.analyses.reviewer.model_rows import MainModel
from lesionhet.labels import format_interval, format_p

SIGNIFICANT: Final = 0.05
NO_ERROR: Final = "a group has too few events for the standard error of its mean"
EARLY, LATE = 0.1, 0.9
"""Shares of the events at whose days a changing hazard ratio is told."""


def main_one(names: Iterable[str]) -> str:
    """Give the endpoint that a sentence is about: overall survival where it has an answer."""
    found = list(names)
    return OS.name if OS.name in found else found[0]


def proportional_verdict(
    models: Mapping[str, MainModel],
    tests: Mapping[str, Mapping[str, Any]],
    curves: Mapping[str, Any],
) -> str:
    """Say for each endpoint whether the hazard ratio of the distance changes with time.

    Parameters
    ----------
    models
        By endpoint.
    tests
        Scale of time in words, that of the main test first -> endpoint -> score test.
    curves
        Endpoint -> coefficient over time.
    """
    p_values = {
        name: {
            words: float(test[name].to_frame("terms")["p_value"].iloc[0])
            for words, test in tests.items()
            if name in test and np.isfinite(test[name].to_frame("terms")["p_value"].iloc[0])
        }
        for name in models
    }
    answered = [name for name, found in p_values.items() if found]
    if not answered:
        return "Cannot be said here: the test has no answer."
    main = next(iter(tests))
    parts = [
        _proportional(models[name], p_values[name], main, curves.get(name)) for name in answered
    ]
    told = "; ".join([parts[0], *map(_lower, parts[1:])])
    return f"{told}."


def _proportional(
    model: MainModel, p_values: Mapping[str, float], main: str, curve: Any | None
) -> str:
    label = _lower(model.endpoint.label)
    changed = [w for w, p in p_values.items() if p < SIGNIFICANT]
    if not changed:
        scale, p = min(p_values.items(), key=lambda item: item[1])
        where = f"any of the {len(p_values)} scales" if len(p_values) > 1 else f"the scale {scale}"
        smallest = f"smallest {format_p(p)}, {scale}" if len(p_values) > 1 else format_p(p)
        return f"No sign that it changes for {label} on {where} of time ({smallest})"
    if main not in changed:
        found = ", ".join(f"{format_p(p_values[w])} by {w}" for w in changed)
        first = f"{format_p(p_values[main])} by {main}, but " if main in p_values else ""
        return f"Not for sure for {label}: {first}{found}"
    told = ""
    if curve is not None:
        rows = curve.to_frame("curve")
        early, late = (rows.iloc[round(share * (len(rows) - 1))] for share in (EARLY, LATE))
        told = (
            f", from about {np.exp(early['estimate']):.2f} per SD around day {early['time']:,.0f} to "
            f"{np.exp(late['estimate']):.2f} around day {late['time']:,.0f}"
        )
    return (
        f"It changes for {label}{told} ({format_p(p_values[main])} by {main}), so that the one hazard "
        "ratio of 2D is an average"
    )


def shape_verdict(given: Mapping[str, tuple[MainModel, Any]]) -> str:
    """Say whether the hazard rises other than evenly, with the hazard at the ends of the curve.

    Parameters
    ----------
    given
        Endpoint -> model and answer of the spline.
    """
    name = main_one(given)
    model, answer = given[name]
    p_value = answer.value("p_value")
    curve = answer.to_frame("curve")
    spread = float(model.complete["gower"].std())
    low, high = curve.iloc[0], curve.iloc[-1]
    ends = (
        f"against the median distance the hazard of {_event(model)} is {low['hazard_ratio']:.2f} times at "
        f"{low['value'] * spread:.2f} and {high['hazard_ratio']:.2f} times at "
        f"{high['value'] * spread:.2f}"
    )
    test = f"spline against straight line {format_p(p_value)}"
    if p_value < SIGNIFICANT:
        return f"Not evenly: {ends} ({test})."
    return f"No clear sign that it bends ({test}): {ends}."


def influence_verdict(given: Mapping[str, tuple[MainModel, Any]]) -> str:
    """Say how far the hazard ratio of the distance moves without one patient.

    Parameters
    ----------
    given
        Endpoint -> model and answer.
    """
    name = main_one(given)
    model, answer = given[name]
    whole, patients = answer.to_frame("summary").iloc[0], answer.to_frame("patients")
    ratios = patients["hazard_ratio"].dropna()
    if ratios.empty:
        return "Cannot be said here: without any of the most influential patients there is no fit."
    ratio = whole["hazard_ratio"]
    turns = ((patients["p_value"] < SIGNIFICANT) != (whole["p_value"] < SIGNIFICANT)).any()
    clear = whole["conf_low"] > 1 or whole["conf_high"] < 1
    calm = "No" if clear else "There is no clear result that could hang on one patient"
    head = "Yes" if turns or whole["largest"] >= 1 else calm
    tail = "; without one of them it is on the other side of P = 0.05" if turns else ""
    return (
        f"{head}: for {_lower(model.endpoint.label)} the hazard ratio per SD is {ratio:.3f} with all "
        f"{int(whole['n']):,} patients and {ratios.min():.3f} to {ratios.max():.3f} without one of the "
        f"{len(patients)} most influential; the largest moves it by {whole['largest']:.2f} standard "
        f"errors{tail}."
    )


def mean_verdict(
    label: str, answer: Any | None, later: Any | None, since: float, ends: tuple[str, str]
) -> str:
    """Say how many days of mean survival lie between low and high distance.

    Parameters
    ----------
    label
        Of the endpoint.
    answer
        Restricted means of low and high from day 0, the distance of the whole follow-up; None where it has
        no answer.
    later
        The same from a landmark on, split at the median of the distance known then; None where it has none.
    since
        The landmark.
    ends
        What the high and the low group of the first are called.
    """
    parts = []
    if later is not None:
        over = f"over the next {later.options['tau']:,.0f} days of {_lower(label)}"
        parts.append(
            f"from day {since:g} on, by the distance known then, "
            f"{_mean(later, over, ('above', 'below the median'))}"
        )
    if answer is not None:
        over = f"up to day {answer.options['tau']:,.0f} of {_lower(label)}"
        parts.append(f"naively, from day 0, {_mean(answer, over, ends)}")
    if not parts:
        return "Cannot be said here: the restricted means have no answer."
    if not any(_tested(found) for found in (answer, later) if found is not None):
        return f"Cannot be said here: {NO_ERROR}."
    told = "; ".join(parts)
    return f"{told[:1].upper()}{told[1:]}."


def _mean(answer: Any, over: str, ends: tuple[str, str]) -> str:
    pair, groups = answer.to_frame("pairs").iloc[0], answer.to_frame("groups").set_index("group")
    high, low = ends
    if not _tested(answer):
        return f"{high} against {low}: cannot be said here, {NO_ERROR}"
    p_value = pair["p_value"]
    difference, low_limit, high_limit = (
        float(pair[c]) for c in ("difference", "conf_low", "conf_high")
    )
    means = groups["mean"]
    numbers = f"{means['high']:,.0f} against {means['low']:,.0f} days on average {over}, {format_p(p_value)}"
    if not p_value < SIGNIFICANT or low_limit <= 0 <= high_limit:
        days = format_interval(difference, low_limit, high_limit, 0)
        return f"{high} against {low}: no clear difference, {days} days ({numbers})"
    word = "fewer" if difference < 0 else "more"
    days = format_interval(*turned(difference, low_limit, high_limit), 0)
    return f"{high} against {low}: {days} days {word} ({numbers})"


def _tested(answer: Any) -> bool:
    """Say whether both means have a standard error above 0 and the difference a P value."""
    errors, p_values = answer.to_frame("groups")["std_error"], answer.to_frame("pairs")["p_value"]
    return bool((errors > 0).all() and np.isfinite(p_values).all())


def turned(estimate: float, low: float, high: float) -> tuple[float, float, float]:
    """Give the size of a difference whose direction is told in words, with its interval.

    Examples
    --------
    >>> turned(-3.0, -5.0, 1.0)
    (3.0, -1.0, 5.0)
    """
    return (-estimate, -high, -low) if estimate < 0 else (estimate, low, high)


def trial_verdict(table: pd.DataFrame, label: str, *, stratified: bool) -> str:
    """Say whether the hazard ratio of the distance hangs on one trial.

    Parameters
    ----------
    table
        Rows of one endpoint: ``kind`` (``"all"``, ``"trial and arm"``, ``"without"``), ``hazard_ratio``,
        ``conf_low``, ``conf_high``.
    label
        Of the endpoint.
    stratified
        Whether the model has strata of arms.
    """
    by_kind = dict(iter(table.groupby("kind", sort=False)))
    if "all" not in by_kind or "without" not in by_kind:
        return "Cannot be said here: too few models have an answer."
    whole, without = by_kind["all"].iloc[0], by_kind["without"]
    sides = [_side(row) for _, row in without.iterrows()]
    same = sum(side == _side(whole) for side in sides)
    strata = ""
    if "trial and arm" in by_kind:
        found = by_kind["trial and arm"].iloc[0]
        by = "trial and arm" if stratified else "trial"
        strata = f"; with strata of {by} {_printed(found)}"
    low, high = without["hazard_ratio"].min(), without["hazard_ratio"].max()
    calm = "No" if _side(whole) else "There is no clear result that could hang on one trial"
    head = calm if same == len(sides) else "In part"
    side = {1: "is above 1", -1: "is below 1", 0: "includes 1"}[_side(whole)]
    return (
        f"{head}: the hazard ratio per SD of the naive distance for {_lower(label)} is "
        f"{_printed(whole)} with all trials and {low:.2f} to {high:.2f} without one of them; "
        f"the interval {side} in {same} of these {len(sides)}{strata}."
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _printed(row: pd.Series) -> str:
    return format_interval(row["hazard_ratio"], row["conf_low"], row["conf_high"])


def _side(row: pd.Series) -> int:
    return int(row["conf_low"] > 1) - int(row["conf_high"] < 1)


def _event(model: MainModel) -> str:
    return "death" if model.endpoint.name == OS.name else "progression or death"
