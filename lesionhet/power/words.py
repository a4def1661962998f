"""What was simulated and what came out, in plain sentences, and as a chart."""

from __future__ import annotations

import textwrap
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.charts import PowerChart
from lesionhet.power.calibrate import MOST_STEPS, NEAR, near
from lesionhet.power.plan import DESIGN, PowerPlan
from lesionhet.power.question import WHOLE, Difference, HazardRatio
from lesionhet.timed.ways import LANDMARK, NAIVE

WIDTH: Final = 100
ENDPOINT: Final = {"os": "overall survival", "pfs": "progression-free survival"}
NAIVE_WARNING: Final = (
    "The naive analysis compares from day 0 what the whole follow-up shows. It is biased, so that its power "
    "is not the chance to see a real association (docs/validity.md); plan with the time-dependent or the "
    "landmark analysis."
)


def to_text(plan: PowerPlan) -> str:
    """Give the question, the result, what was simulated and what to keep in mind.

    Parameters
    ----------
    plan
        From `lesionhet.power.plan`.

    Returns
    -------
    str
        Paragraphs and a table, lines up to 100 characters.
    """
    blocks = [
        textwrap.fill(question_text(plan), WIDTH),
        "\n".join(textwrap.fill(line, WIDTH) for line in answers(plan)),
        _table(plan),
        "\n".join(["What was simulated", *map(_bullet, simulated(plan))]),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _bullet(line: str) -> str:
    return textwrap.fill(line, WIDTH, initial_indent="- ", subsequent_indent="  ")


def question_text(plan: PowerPlan) -> str:
    """Say what is to be seen, by which analysis."""
    question, alpha = plan.question, f"two-sided {100 * plan.alpha:g}% level"
    if isinstance(question, Difference):
        how = (
            "of all scans"
            if question.by == WHOLE
            else f"of the scans up to day {question.landmark:g}"
        )
        return (
            f"A difference of {question.difference:+g} in the mean distance ({how}) between two arms of "
            f"equal size, by the Mann-Whitney test at the {alpha}."
        )
    how = {
        LANDMARK: f"landmark analysis on day {question.landmark:g}",
        NAIVE: "naive analysis from day 0",
    }.get(question.by, "time-dependent Cox model")
    return (
        f"A hazard ratio of {question.ratio:g} per {question.unit} for {ENDPOINT[question.endpoint]}, by the "
        f"{how} with baseline burden and number of lesions, at the {alpha}."
    )


def answers(plan: PowerPlan) -> list[str]:
    """Say how many patients are needed, or how much power the numbers asked for have."""
    lines = [NAIVE_WARNING] if plan.question.by == NAIVE else []
    for row in plan.found.to_dict("records"):
        at = plan.table[same_design(plan.table, row) & (plan.table["patients"] == row["patients"])]
        reached = at.iloc[0]
        lines.append(
            f"{design_text(row)}: {row['patients']:,} patients for a power of {100 * row['power']:g}% "
            f"(95% interval of the simulations {row['patients_low']:,} to {row['patients_high']:,}; by "
            f"formula {row['by_formula']:,}). Simulated with that number: {_percent(reached, 'power')}, "
            f"{_percent(reached, 'type_1')} where there is no effect."
        )
    if plan.found.empty:
        for row in plan.table.to_dict("records"):
            lines.append(
                f"{design_text(row)}, {row['patients']:,} patients: power {_percent(row, 'power')}."
            )
    lost = int(plan.table["no_answer"].sum())
    if lost:
        lines.append(
            f"{lost:,} of {int(plan.table['simulations'].sum()):,} trials had no answer (too few events or "
            "patients left); they count as not seeing the effect."
        )
    return lines


def simulated(plan: PowerPlan) -> list[str]:
    """Say how the trials were made."""
    design, first = plan.designs[0], plan.calibration.iloc[0]
    n = int(plan.table["simulations"].iloc[0])
    return [
        f"{n:,} trials a line with the effect and {n:,} without, seed {plan.seed}. Intervals are exact "
        "(Clopper-Pearson) and cover the chance of the simulation only.",
        f"Median survival {design.median_os:g} days; follow-up between {design.follow_up:g} and "
        f"{design.follow_up + design.accrual:g} days; scans until progression"
        + (" or the number given" if any(d.scans for d in plan.designs) else "")
        + f", measured with an error of {100 * design.measurement_sd:g}%; growth as in the demo's cohort "
        "under chemotherapy alone. One stratum.",
        *_effect_lines(plan, first),
        "Nothing else acts on survival: neither burden, number of lesions, growth, response nor any "
        "covariate. Where they do, the number needed is another.",
        f"Definitions: {_changed(plan)}.",
    ]


def _effect_lines(plan: PowerPlan, first: pd.Series) -> list[str]:
    """Say what was put into the simulator, and what large trials show of it."""
    if isinstance(plan.question, HazardRatio):
        put = (
            f"The hazard of death changes by a factor of {np.exp(first['effect'] / 10):.3g} per 0.1 of true "
            "heterogeneity (SD over a patient's lesions of ln(size at day 168 / size at day 0))"
        )
        what = f"a hazard ratio per {plan.question.unit} of"
    else:
        put = (
            "In the experimental arm everything by which the lesions of one patient differ, measurement "
            f"error aside, is multiplied by {np.exp(first['effect']):.3g}"
        )
        what = "a difference of"
    lines = []
    for row in plan.calibration.to_dict("records"):
        lines.append(
            f"{design_text(row)}: large trials show {what} {row['reached']:.4g} (Monte-Carlo interval "
            f"{row['reached_low']:.4g} to {row['reached_high']:.4g})."
        )
    asked = f"the first design shows {what} {_asked(plan):g}"
    if near(_reached(plan, first), plan.question.target):
        return [f"{put}, set so that {asked}.", *lines]
    missed = (
        f"The effect was sought so that {asked}; after {MOST_STEPS} steps what it shows is still more than "
        f"{NEAR:.0%} off: the numbers below are for what it shows."
    )
    return [f"{put}.", missed, *lines]


def _reached(plan: PowerPlan, first: pd.Series) -> float:
    """Give what the large trials show on the scale of the target."""
    value = float(first["reached"])
    return float(np.log(value)) if isinstance(plan.question, HazardRatio) else value


def _asked(plan: PowerPlan) -> float:
    question = plan.question
    return question.ratio if isinstance(question, HazardRatio) else question.difference


def design_text(row: Any) -> str:
    """Say in a few words how a trial is run."""
    scans = f", {row['scans']:g} at most" if row["scans"] else ""
    return (
        f"{row['lesions']:.3g} lesions a patient, scans every {row['scan_interval']:g} days{scans}"
    )


def same_design(table: pd.DataFrame, row: Any) -> pd.Series:
    """Say which rows of a table are of the design of a row."""
    return (table[DESIGN] == [row[name] for name in DESIGN]).all(axis=1)


def _table(plan: PowerPlan) -> str:
    """Give the table as aligned text."""
    table = plan.table
    shown = pd.DataFrame(
        {
            "lesions": table["lesions"].map("{:.3g}".format),
            "scan every": table["scan_interval"].map("{:g} d".format),
            "scans": table["scans"].map(lambda n: f"{n:g}" if n else "-"),
            "patients": table["patients"].map("{:,}".format),
            "events": table["events"].map(lambda n: "-" if np.isnan(n) else f"{n:.0f}"),
            "power": [_percent(row, "power") for row in table.to_dict("records")],
            "by formula": table["by_formula"].map("{:.0%}".format),
            "false alarms": [_percent(row, "type_1") for row in table.to_dict("records")],
        }
    )
    return str(shown.to_string(index=False))


def _percent(row: Any, name: str) -> str:
    return f"{row[name]:.1%} ({row[f'{name}_low']:.1%}-{row[f'{name}_high']:.1%})"


def _changed(plan: PowerPlan) -> str:
    from lesionhet.definitions import Definitions

    usual, given = Definitions().to_dict(), plan.definitions.to_dict()
    changed = [f"{name}={value}" for name, value in given.items() if value != usual[name]]
    return ", ".join(changed) or "as in the paper (paper2021)"


def to_chart(plan: PowerPlan) -> PowerChart:
    """Give the power curves.

    Parameters
    ----------
    plan
        From `lesionhet.power.plan`.

    Returns
    -------
    lesionhet.charts.PowerChart
        One curve a design.
    """
    table = plan.table
    groups = [design_text(row) for row in table.to_dict("records")]
    points = pd.DataFrame(
        {
            "group": groups,
            "patients": table["patients"],
            "power": table["power"],
            "conf_low": table["power_low"],
            "conf_high": table["power_high"],
        }
    )
    rows = plan.found.to_dict("records")
    needed = pd.DataFrame(
        [(design_text(row), row["patients"]) for row in rows], columns=["group", "patients"]
    )
    target = float(rows[0]["power"]) if rows else 0.8
    n = int(table["simulations"].iloc[0])
    return PowerChart(
        "Power by number of patients",
        f"{question_text(plan)} {n:,} simulated trials a point; bands: 95% Monte-Carlo intervals.",
        points,
        tuple(dict.fromkeys(groups)),
        {target: f"{100 * target:g}%", plan.alpha: f"alpha, {100 * plan.alpha:g}%"},
        needed,
        target,
    )
