"""What the simulations say, in sentences made from their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.timed.ways import NAIVE
from lesionhet.validity.rates import LEVEL
from lesionhet.validity.scenarios import SCENARIOS
from lesionhet.validity.trials import DISTANCE, ORGANS

RATE: Final = ("rate", "conf_low", "conf_high")


def percent(row: Any, names: tuple[str, str, str] = RATE) -> str:
    """Print a share with its interval; "-" where there is none.

    Examples
    --------
    >>> percent({"rate": 0.05, "conf_low": 0.0326, "conf_high": 0.073})
    '5.0% (3.3 to 7.3)'
    """
    share, low, high = (100 * row[name] for name in names)
    if np.isnan(share):
        return "-"
    return f"{share:.1f}% ({low:.1f} to {high:.1f})"


def outside(
    rows: Sequence[Any], level: float, names: tuple[str, str] = ("conf_low", "conf_high")
) -> list[Any]:
    """Give the rows whose interval does not hold a level."""
    return [row for row in rows if not row[names[0]] <= level <= row[names[1]]]


def nominal(missed: Sequence[Any], rows: Sequence[Any], level: str) -> str:
    """Say how many of the intervals hold the level.

    Examples
    --------
    >>> nominal([], [1, 2], "5%"), nominal([1], [1, 2], "5%")
    ('all 2 intervals hold 5%', '1 of 2 intervals holds 5%')
    """
    n = len(rows)
    if not missed:
        return f"all {n} intervals hold {level}"
    kept = n - len(missed)
    return f"{kept} of {n} intervals {'holds' if kept == 1 else 'hold'} {level}"


def null_sentences(rates: pd.DataFrame) -> list[str]:
    """Say how the models do where heterogeneity and response have nothing to do with survival.

    Parameters
    ----------
    rates
        From `lesionhet.validity.rates.simulated_trials`.

    Returns
    -------
    list of str
        One sentence on the naive distance, one on the other models, the same for organ response.
    """
    names = [world.name for world in SCENARIOS if world.is_null]
    null = rates[rates["scenario"].isin(names) & (rates["endpoint"] == "os")]
    lines = []
    for what, questions in (("distance", [DISTANCE]), ("organ response", list(ORGANS.values()))):
        rows = null[null["question"].isin(questions)]
        naive = rows[(rows["approach"] == NAIVE) & (rows["question"] == questions[0])]
        others = rows[rows["approach"] != NAIVE].to_dict("records")
        told = "; ".join(
            f"{row['scenario']}: {row['rate']:.1%}, mean hazard ratio {np.exp(row['mean']):.3f}"
            for row in naive.to_dict("records")
        )
        unit = "per 0.1" if what == "distance" else f"of '{questions[0]}' against no response"
        lines.append(f"Naive, {what} ({unit}), rejects with no effect there: {told}.")
        lines.append(_others(what, others))
    return lines


def _others(what: str, rows: list[Any]) -> str:
    missed = outside(rows, LEVEL)
    shares = [row["rate"] for row in rows]
    above = [row for row in missed if row["conf_low"] > LEVEL]
    text = (
        f"Landmark and time-dependent, {what}: {min(shares):.1%} to {max(shares):.1%} of the trials reject; "
        f"{nominal(missed, rows, '5%')}"
    )
    if missed:
        text += f", {len(above)} lie above and {len(missed) - len(above)} below"
    text += f" (by chance about {0.05 * len(rows):.0f} of {len(rows)} would miss it)."
    return f"{text} {_why(above)}" if above else text


def _why(above: list[Any]) -> str:
    """Say whether rates above the level come from bias or from standard errors."""
    ratios = [row["sd"] / row["mean_std_error"] for row in above]
    limits = [abs(row["limit"]) / row["limit_error"] for row in above]
    biased = sum(limit > 1.96 for limit in limits)
    return (
        f"Of the {len(above)} above, {biased} have a limit that differs from a hazard ratio of 1; "
        f"their estimates vary {min(ratios):.2f} to {max(ratios):.2f} times as much as their standard "
        "errors say."
    )


def lesion_sentences(table: pd.DataFrame) -> list[str]:
    """Say how tests do that take the lesions of a patient for independent, and those that do not.

    Parameters
    ----------
    table
        From `lesionhet.validity.lesions.lesion_tests`.

    Returns
    -------
    list of str
        One sentence where the number of lesions tells nothing, one where it tells something.
    """
    plain = table[~table["informative"]]
    naive = plain[plain["test"].str.endswith("naive")]
    worst = naive.loc[naive["rate"].idxmax()]
    others = plain[~plain["test"].str.endswith("naive")].to_dict("records")
    shares = [row["rate"] for row in others]
    held = nominal(outside(others, LEVEL), others, "5%")
    return [
        f"Tests that take lesions for independent reject in up to {worst['rate']:.0%} ({worst['test']}, "
        f"intraclass correlation {worst['icc']:g}); those that know the patient in {min(shares):.1%} to "
        f"{max(shares):.1%} ({held}), where the number of lesions tells nothing.",
        *_informative(table[table["informative"]]),
    ]


def _informative(rows: pd.DataFrame) -> list[str]:
    """Say which test that knows the patient does worst where the number of lesions tells something."""
    known = rows[~rows["test"].str.endswith("naive")]
    if known.empty:
        return []
    worst = known.loc[known["rate"].idxmax()]
    held = nominal(outside(known.to_dict("records"), LEVEL), known.to_dict("records"), "5%")
    return [
        "Where the number of lesions tells something, the worst of those that know the patient rejects in "
        f"{percent(worst)} ({worst['test']}, intraclass correlation {worst['icc']:g}); {held}."
    ]


def small_group_sentences(rates: pd.DataFrame) -> str:
    """Say where the mean hazard ratio of an organ group is above 1 by more than chance, and why.

    Parameters
    ----------
    rates
        From `lesionhet.validity.rates.simulated_trials`.

    Returns
    -------
    str
        The limits of all; then each such mean with the trials that were dropped, if there is any.
    """
    names = [world.name for world in SCENARIOS if world.is_null]
    of_organs = rates["scenario"].isin(names) & rates["question"].isin(ORGANS.values())
    rows = rates[of_organs & (rates["approach"] != NAIVE)].to_dict("records")
    off = sum(abs(row["limit"]) > 1.96 * row["limit_error"] for row in rows)
    text = f"Of {len(rows)} limits of landmark and time-dependent models {off} differ from 1 beyond chance."
    above = [row for row in rows if row["mean"] > 1.96 * row["mean_error"]]
    if not above:
        return text
    told = "; ".join(
        f"{row['question']}, {way(row)}, {row['scenario']}: {np.exp(row['mean']):.2f}, "
        f"{row['simulations'] - row['fitted']:.0f} dropped"
        for row in above
    )
    return (
        f"{text} The mean of the trials is above 1 by more than chance in {len(above)}: {told}. These "
        "groups are small. A trial in which the group has no death is dropped, which pushes the mean up; "
        "where few are dropped, that is not all: an estimate from few deaths is itself biased. In large "
        "trials neither is left."
    )


def way(row: Any) -> str:
    """Name a model, with its landmark.

    Examples
    --------
    >>> way({"approach": "landmark", "day": 56.0})
    'landmark day 56'
    """
    return str(row["approach"]) + (f" day {row['day']:g}" if row["day"] == row["day"] else "")
