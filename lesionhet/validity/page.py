"""The page docs/validity.md: what was simulated, and how often each method erred."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.timed.ways import NAIVE
from lesionhet.validity import texts
from lesionhet.validity.rates import LARGE_PATIENTS, LARGE_TRIALS
from lesionhet.validity.scenarios import KNOWN_LOG_HR, SCENARIOS, Scenario, scenario
from lesionhet.validity.sentences import (
    lesion_sentences,
    nominal,
    null_sentences,
    outside,
    percent,
    small_group_sentences,
    way,
)
from lesionhet.validity.trials import DISTANCE, ORGANS, TRUTH

PICTURE: Final = "validity-hazard-ratios.png"
WIDTH: Final = 105


@dataclass(frozen=True, eq=False)
class Found:
    """Everything that the page tells.

    Parameters
    ----------
    rates
        From `lesionhet.validity.rates.simulated_trials`.
    attenuation
        From `lesionhet.validity.attenuation.attenuation`.
    lesions
        From `lesionhet.validity.lesions.lesion_tests`.
    command, minutes, seed, patients
        How it was run, the processor time, the seed, and the patients of each trial.
    """

    rates: pd.DataFrame
    attenuation: pd.DataFrame
    lesions: pd.DataFrame
    command: str
    minutes: float
    seed: int
    patients: int


def page(found: Found, picture: bool = True) -> str:
    """Give docs/validity.md.

    Parameters
    ----------
    found
        What was simulated.
    picture
        Whether the figure stands beside the page.

    Returns
    -------
    str
        Markdown.
    """
    rates = found.rates
    simulations = int(rates["simulations"].max())
    short = [*null_sentences(rates), *_effect_sentences(found), *lesion_sentences(found.lesions)]
    numbers = {"large": LARGE_TRIALS, "large_patients": LARGE_PATIENTS}
    parts = [
        texts.HEAD.format(
            command=found.command,
            minutes=found.minutes,
            simulations=simulations,
            patients=found.patients,
            short="\n".join(f"- {line}" for line in short),
            **numbers,
        ),
        f"![Hazard ratios of the distance by scenario and model](images/{PICTURE})\n"
        if picture
        else "",
        texts.NULL,
        *(_null_part(rates, world) for world in SCENARIOS if world.is_null),
        texts.ORGANS.format(**_organ_numbers(rates)),
        *(_organ_part(rates, world) for world in SCENARIOS if world.is_null),
        texts.KNOWN.format(effect=KNOWN_LOG_HR),
        _known_part(rates),
        texts.ATTENUATION.format(**numbers),
        _attenuation_table(found.attenuation),
        _confounded_part(rates),
        texts.PFS,
        _pfs_part(rates),
        _lesion_part(found.lesions),
        texts.AGAIN.format(simulations=simulations, seed=found.seed),
    ]
    return "\n".join(part for part in parts if part)


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a table.

    Examples
    --------
    >>> print(markdown(["a"], [["1"]]))
    | a |
    | --- |
    | 1 |
    <BLANKLINE>
    """
    lines = [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"


def part_of(rates: pd.DataFrame, name: str, question: str, endpoint: str = "os") -> list[Any]:
    """Give the rows of one scenario, question and endpoint."""
    same = (
        (rates["scenario"] == name)
        & (rates["question"] == question)
        & (rates["endpoint"] == endpoint)
    )
    return list(rates[same].to_dict("records"))


def _ratio(row: Any) -> str:
    low, high = (row["mean"] + side * 1.96 * row["mean_error"] for side in (-1, 1))
    return f"{np.exp(row['mean']):.3f} ({np.exp(low):.3f} to {np.exp(high):.3f})"


def _limit(row: Any) -> str:
    reach = 1.96 * row["limit_error"]
    low, high = np.exp(row["limit"] - reach), np.exp(row["limit"] + reach)
    return f"{np.exp(row['limit']):.3f} ({low:.3f} to {high:.3f})"


def _null_part(rates: pd.DataFrame, world: Scenario) -> str:
    rows = [
        [
            way(row),
            f"{row['patients']:.0f}",
            f"{row['events']:.0f}",
            percent(row),
            _ratio(row),
            _limit(row),
        ]
        for row in part_of(rates, world.name, DISTANCE)
    ]
    head = ["model", "patients", "deaths", "rejects", "mean hazard ratio per 0.1", "limit"]
    return f"### {world.name.capitalize()}\n\n{world.text}\n\n{markdown(head, rows)}"


def _mean(row: Any) -> str:
    return "-" if np.isnan(row["mean"]) else f"{np.exp(row['mean']):.2f}"


def _organ_part(rates: pd.DataFrame, world: Scenario) -> str:
    parts = [part_of(rates, world.name, group) for group in ORGANS.values()]
    rows = []
    for of_way in zip(*parts, strict=True):
        cells = [text for row in of_way for text in (percent(row), _mean(row))]
        rows.append([way(of_way[0]), *cells])
    fitted = [row["fitted"] for part in parts for row in part]
    known = (
        f"A group without a death has no hazard ratio: each rate is of {min(fitted):,.0f} to "
        f"{max(fitted):,.0f} trials."
    )
    head = [
        "model",
        *(text for group in ORGANS.values() for text in (f"{group}: rejects", "mean HR")),
    ]
    return f"{world.name.capitalize()}. {known}\n\n{markdown(head, rows)}"


def _known_part(rates: pd.DataFrame) -> str:
    name = "known effect"
    found = [*part_of(rates, name, TRUTH), *part_of(rates, name, DISTANCE)]
    rows = [
        [
            "truth itself, per unit" if row["question"] == TRUTH else f"{way(row)}, per 0.1",
            f"{row['limit']:.3f} ± {1.96 * row['limit_error']:.3f}",
            f"{row['mean']:.3f} ± {1.96 * row['mean_error']:.3f}",
            percent(row, ("coverage", "coverage_low", "coverage_high")),
            f"{row['sd']:.3f}",
            f"{row['mean_std_error']:.3f}",
            percent(row),
        ]
        for row in found
    ]
    head = ["model", "limit, log HR", "mean, log HR", "coverage", "SD", "mean SE", "power"]
    return f"{scenario(name).text}\n\n{markdown(head, rows)}"


def _effect_sentences(found: Found) -> list[str]:
    rows = part_of(found.rates, "known effect", DISTANCE)
    valid = [row for row in rows if row["approach"] != NAIVE]
    covers = [row["coverage"] for row in valid]
    worst = max(valid, key=lambda row: abs(row["mean"] - row["limit"]))
    truth = part_of(found.rates, "known effect", TRUTH)[0]
    missed = outside(valid, 0.95, ("coverage_low", "coverage_high"))
    first, exact = (row for row in found.attenuation.to_dict("records"))
    gap = abs(worst["mean"] - worst["limit"])
    error = 1.96 * np.hypot(worst["mean_error"], worst["limit_error"])
    return [
        f"A known effect of {KNOWN_LOG_HR:g} per unit of true heterogeneity is recovered by the model that "
        f"knows the truth: {truth['mean']:.3f} ± {1.96 * truth['mean_error']:.3f}. Of the distance on "
        f"day 112 regression calibration foretells a log hazard ratio of {first['foretold']:.3f} per 0.1; "
        f"large trials show {first['landmark']:.3f}.",
        f"Landmark and time-dependent models of the distance come within {gap:.3f} (± {error:.3f}) of their "
        f"limits in log hazard ratio, their 95% intervals hold the limit in {min(covers):.1%} to "
        f"{max(covers):.1%} of the trials ({nominal(missed, valid, '95%')}). The limit is the model's own: "
        "this is no evidence that there is no bias.",
        f"Measurement error hides {1 - first['landmark'] / exact['landmark']:.0%} of the log hazard ratio on "
        f"day 112: {first['landmark']:.3f} instead of {exact['landmark']:.3f} per 0.1.",
    ]


def _organ_numbers(rates: pd.DataFrame) -> dict[str, Any]:
    """Give the events in the models of organ response, the fewest and the most, and what is off 1."""
    names = [world.name for world in SCENARIOS if world.is_null]
    rows = rates[rates["scenario"].isin(names) & rates["question"].isin(ORGANS.values())]
    return {
        "smallest": rows["events"].min(),
        "largest": rows["events"].max(),
        "off": textwrap.fill(small_group_sentences(rates), WIDTH),
    }


def _attenuation_table(table: pd.DataFrame) -> str:
    rows = [
        [
            row["measured"],
            f"{row['correlation']:.3f}",
            f"{row['slope']:.4f}",
            f"{row['foretold']:.3f}",
            f"{row['landmark']:.3f} ± {1.96 * row['landmark_error']:.3f}",
            f"{row['time_dependent']:.3f} ± {1.96 * row['time_dependent_error']:.3f}",
        ]
        for row in table.to_dict("records")
    ]
    head = ["sizes", "correlation with the truth", "slope per 0.1", "foretold log HR"]
    return markdown([*head, "landmark day 112", "time-dependent"], rows)


def _confounded_part(rates: pd.DataFrame) -> str:
    world = scenario("no effect, confounded")
    found = part_of(rates, world.name, DISTANCE)
    rows = [[way(row), percent(row), _ratio(row), _limit(row)] for row in found]
    table = markdown(["model", "rejects", "mean hazard ratio per 0.1", "limit"], rows)
    return f"{texts.CONFOUNDED.format(text=world.text)}\n{table}"


def _pfs_part(rates: pd.DataFrame) -> str:
    rows = [
        [way(row), percent(row), _ratio(row)]
        for row in part_of(rates, SCENARIOS[0].name, DISTANCE, "pfs")
    ]
    head = ["model", "rejects", "mean hazard ratio per 0.1"]
    return markdown(head, rows)


def _lesion_part(table: pd.DataFrame) -> str:
    n = int(table["simulations"].max())
    parts = [texts.LESIONS.format(n=n)]
    for informative, name in (
        (False, "number of lesions uninformative"),
        (True, "number of lesions informative"),
    ):
        rows = table[table["informative"] == informative]
        levels = sorted(rows["icc"].unique())
        cells = []
        for test in rows["test"].drop_duplicates():
            of_test = rows[rows["test"] == test].set_index("icc")
            cells.append([test, *(percent(of_test.loc[level]) for level in levels)])
        head = [name, *(f"correlation {level:g}" for level in levels)]
        parts.append(markdown(head, cells))
    return "\n".join(parts)
