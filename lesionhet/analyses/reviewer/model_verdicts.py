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
EARLY, LATE = 0.1, 0.9
"""Shares of the events at whose days a changing hazard ratio is told."""


def main_one(names: Iterable[str]) -> str:
    """Give the endpoint that a sentence is about: overall survival where it has an answer."""
    found = list(names)
    return OS.name if OS.name in found else found[0]


def proportional_verdict(
    models: Mapping[str, MainModel],
    tests: Mapping[str, Any],
    curves: Mapping[str, Any],
    others: Mapping[str, Mapping[str, Any]],
) -> str:
    """Say whether the hazard ratio of the distance changes with time.

    Parameters
    ----------
    models
        By endpoint.
    tests
        Endpoint -> score test, or None where it has no answer.
    curves
        Endpoint -> coefficient over time.
    others
        Other scale of time in words -> endpoint -> score test.
    """
    answered = [name for name, test in tests.items() if test is not None]
    if not answered:
        return "Cannot be said here: the test has no answer."
    name = main_one(answered)
    label = _lower(models[name].endpoint.label)
    found = tests[name].to_frame("terms").iloc[0]
    beside = [f"{_lower(models[o].endpoint.label)} {_p(tests[o])}" for o in answered if o != name]
    p_text = "; ".join([f"score test {_p(tests[name])}", *beside])
    if not found["p_value"] < SIGNIFICANT:
        changed = [
            f"{words} {_p(test[name])}"
            for words, test in others.items()
            if name in test and test[name].to_frame("terms")["p_value"].iloc[0] < SIGNIFICANT
        ]
        if changed:
            return (
                f"Not for sure: {label}, {p_text}; but on another scale of time it changes "
                f"({', '.join(changed)})."
            )
        return f"No sign that it changes, on any of the {len(others) + 1} scales of time: {label}, {p_text}."
    told = ""
    if name in curves:
        curve = curves[name].to_frame("curve")
        early, late = (curve.iloc[round(share * (len(curve) - 1))] for share in (EARLY, LATE))
        told = (
            f", from about {np.exp(early['estimate']):.2f} per SD around day {early['time']:,.0f} to "
            f"{np.exp(late['estimate']):.2f} around day {late['time']:,.0f}"
        )
    return (
        f"It changes: for {label} the hazard ratio moves with time{told} ({p_text}), so the one "
        "number of 2D is an average."
    )


def shape_verdict(given: Mapping[str, tuple[MainModel, Any]]) -> str:
    """Say whether a straight line is enough, with the hazard at the ends of the curve.

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
    return f"A straight line is enough ({test}): {ends}."


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
    head = "Yes" if turns or whole["largest"] >= 1 else "No"
    tail = "; without one of them it is on the other side of P = 0.05" if turns else ""
    return (
        f"{head}: for {_lower(model.endpoint.label)} the hazard ratio per SD is {ratio:.3f} with all "
        f"{int(whole['n']):,} patients and {ratios.min():.3f} to {ratios.max():.3f} without one of the "
        f"{len(patients)} most influential; the largest moves it by {whole['largest']:.2f} standard "
        f"errors{tail}."
    )


def mean_verdict(label: str, answer: Any, later: Any | None, since: float) -> str:
    """Say how many days of mean survival lie between low and high distance.

    Parameters
    ----------
    label
        Of the endpoint.
    answer
        Restricted means of low and high from day 0.
    later
        The same from a landmark on; None where it has no answer.
    since
        The landmark.
    """
    told = _mean(answer, f"{_lower(label)} up to day {answer.options['tau']:,.0f}")
    if later is None:
        return f"{told}."
    over = f"the next {later.options['tau']:,.0f} days"
    return (
        f"{told}; from day {since:g} on, by the distance known then, {_lower(_mean(later, over))}."
    )


def _mean(answer: Any, what: str) -> str:
    pair = answer.to_frame("pairs").iloc[0]
    difference, low, high = (float(pair[c]) for c in ("difference", "conf_low", "conf_high"))
    means = answer.to_frame("groups").set_index("group")["mean"]
    numbers = f"{means['high']:,.0f} against {means['low']:,.0f} days of {what}, {format_p(pair['p_value'])}"
    if not pair["p_value"] < SIGNIFICANT:
        days = format_interval(difference, low, high, 0)
        return f"No clear difference: {days} days with a high distance ({numbers})"
    word = "fewer" if difference < 0 else "more"
    size = sorted(abs(limit) for limit in (low, high))
    days = format_interval(abs(difference), size[0], size[1], 0)
    return f"{days} days {word} with a high distance ({numbers})"


def trial_verdict(table: pd.DataFrame, label: str) -> str:
    """Say whether the hazard ratio of the distance hangs on one trial.

    Parameters
    ----------
    table
        Rows of one endpoint: ``kind`` (``"all"``, ``"trial and arm"``, ``"without"``), ``hazard_ratio``,
        ``conf_low``, ``conf_high``.
    label
        Of the endpoint.
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
        strata = f"; with strata of trial and arm {_printed(found)}"
    low, high = without["hazard_ratio"].min(), without["hazard_ratio"].max()
    head = "No" if same == len(sides) else "In part"
    side = {1: "is above 1", -1: "is below 1", 0: "includes 1"}[_side(whole)]
    return (
        f"{head}: the hazard ratio per SD for {_lower(label)} is {_printed(whole)} with all trials and "
        f"{low:.2f} to {high:.2f} without one of them; the interval {side} in {same} of these "
        f"{len(sides)}{strata}."
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _p(test: Any) -> str:
    return format_p(test.to_frame("terms")["p_value"].iloc[0])


def _printed(row: pd.Series) -> str:
    return format_interval(row["hazard_ratio"], row["conf_low"], row["conf_high"])


def _side(row: pd.Series) -> int:
    return int(row["conf_low"] > 1) - int(row["conf_high"] < 1)


def _event(model: MainModel) -> str:
    return "death" if model.endpoint.name == OS.name else "progression or death"
