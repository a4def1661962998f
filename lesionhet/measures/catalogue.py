"""The measures by name: formula, unit, source, what each needs, and which of them are ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

MOMENTS: Final = ("best", "last")
"""Assessments at which lesions are compared: that of the smallest sum of diameters, and the last one."""
MOMENT_NAMES: Final = {"best": "best response", "last": "last scan"}

SCULLY: Final = "Scully et al., AAPM 2012, abstract WE-C-BRA-7"
OURS: Final = "ours"


@dataclass(frozen=True)
class Measure:
    """One measure of a patient with two lesions or more.

    Parameters
    ----------
    name
        Column; of a measure at an assessment with ``_best`` or ``_last`` behind it.
    label
        As it is printed.
    formula
        In words and symbols; c is the change of a lesion from its baseline in percent.
    unit
        ``"percentage points"``, ``"0 to 1"``, ``"0 or more"`` or ``"yes or no"``.
    source
        Where it was published; ``"ours"`` where it was not.
    needs
        What it needs beyond two lesions.
    at_assessment
        Whether it compares the lesions at one assessment; else it sums up their whole history.
    compared
        Whether it is correlated with the others and enters the models.
    """

    name: str
    label: str
    formula: str
    unit: str
    source: str
    needs: str = ""
    at_assessment: bool = True
    compared: bool = True

    @property
    def flag(self) -> bool:
        """Whether it is yes or no."""
        return self.unit == "yes or no"

    def column(self, moment: str) -> str:
        """Give its column at a moment, one of `MOMENTS`."""
        return f"{self.name}_{moment}" if self.at_assessment else self.name


MEASURES: Final = (
    Measure(
        "gower",
        "Gower distance",
        "mean over pairs of lesions of the mean difference in five variables of response",
        "0 to 1",
        "Cancer Research 2021;81:2522-33",
        at_assessment=False,
    ),
    Measure(
        "inconsistent_share",
        "Inconsistent lesions, share",
        "lesions whose phases are not those of the total burden / lesions",
        "0 to 1",
        "Cancer Research 2021;81:2522-33",
        "a total burden",
        at_assessment=False,
    ),
    Measure("range", "Range of change", "max c - min c", "percentage points", SCULLY),
    Measure(
        "sd", "SD of change", "SD of c, divisor n - 1", "percentage points", "standard statistic"
    ),
    Measure(
        "trh",
        "TRH score",
        "|SD of c / mean of c|",
        "0 or more",
        "ASCO abstract e21146: dispersion coefficient, 3 to 10 lesions, cut-off 0.46",
        "a mean change other than 0",
        compared=False,
    ),
    Measure(
        "dispersion",
        "Dispersion, bounded",
        "SD / (SD + |mean|) of c = TRH / (1 + TRH); 0 where no lesion changed",
        "0 to 1",
        f"{OURS}: the ranks of the TRH score, but 1 where its mean is 0",
    ),
    Measure(
        "opposite_share",
        "Opposite to the total, share",
        "lesions with c < 0 where the total grew, c > 0 where it shrank / lesions",
        "0 to 1",
        OURS,
    ),
    Measure(
        "opposite_trend",
        "Opposite trend, 20%",
        "one lesion with c <= -20 and one with c >= 20",
        "yes or no",
        SCULLY,
    ),
    Measure(
        "dissociated_change",
        "Dissociated: -30%, +20%",
        "one lesion with c < -30; others with c > 20 that grew by 5 mm or more together",
        "yes or no",
        "Bernard-Tessier et al. 2020, as tabulated in PMC9083034, table 1",
    ),
    Measure(
        "dissociated_new",
        "Dissociated: shrinking, and growing or new",
        "one lesion with c < 0; another with c > 0, or a new lesion up to then",
        "yes or no",
        "Tozuka et al. 2020, as tabulated in PMC9083034, table 1; no threshold is given there",
    ),
    Measure(
        "dissociated_organs",
        "Dissociated: organs",
        "one organ CR or PR, another PD: RECIST 1.1 applied to the sum of each organ",
        "yes or no",
        "Sato et al. 2021, as tabulated in PMC9083034, table 1",
        "site of every lesion",
    ),
    Measure(
        "dissociated_target",
        "Dissociated: target lesions",
        "one target lesion responding, one progressing",
        "yes or no",
        "Vaflard et al. 2021, doi 10.1007/s40268-021-00362-3; Humbert & Chardin 2020",
    ),
    Measure(
        "discordant",
        "Discordant categories",
        "lesions responding, stable or progressing: not all in one category",
        "yes or no",
        "Crusz et al. 2016, doi 10.1186/s12916-016-0729-9",
    ),
    Measure(
        "entropy",
        "Entropy of phase patterns",
        "-sum p ln p / ln min(n, 7), p: shares of the n lesions with each pattern of phases",
        "0 to 1",
        OURS,
        at_assessment=False,
    ),
    Measure(
        "gini_simpson",
        "Gini-Simpson of phase patterns",
        "1 - sum p^2: how often two lesions, drawn with replacement, have other patterns",
        "0 to 1",
        f"{OURS}: the expected pairwise disagreement",
        at_assessment=False,
    ),
)
"""Every measure, in the order of tables and figures."""

DISTANCE: Final = "gower"
COUNTS: Final = ("n_lesions", "best_day", "last_day", "best_lesions", "last_lesions")
"""Columns beside the measures: lesions, and day and lesions of the two assessments."""
HISTORY: Final = tuple(m.name for m in MEASURES if not m.at_assessment and m.name != DISTANCE)
COLUMNS: Final = (
    *HISTORY,
    *(m.column(moment) for moment in MOMENTS for m in MEASURES if m.at_assessment),
)
"""Columns that both languages compute from the measurements; the distance has requests of its own."""


def compared(moment: str) -> dict[str, str]:
    """Give column -> label of the measures that are set side by side at a moment.

    Examples
    --------
    >>> names = compared("best")
    >>> names["gower"], names["range_best"]
    ('Gower distance', 'Range of change')
    """
    return {m.column(moment): m.label for m in MEASURES if m.compared}


def label_of(column: str) -> str:
    """Give the printed name of a column, with its moment.

    Examples
    --------
    >>> label_of("sd_last"), label_of("entropy")
    ('SD of change, last scan', 'Entropy of phase patterns')
    """
    for measure in MEASURES:
        for moment in MOMENTS:
            if column == measure.column(moment):
                name = f", {MOMENT_NAMES[moment]}" if measure.at_assessment else ""
                return measure.label + name
    raise KeyError(column)


def catalogue() -> pd.DataFrame:
    """Give the measures as a table: name, formula, unit, source and what each needs.

    Examples
    --------
    >>> catalogue()["measure"].tolist()[:3]
    ['Gower distance', 'Inconsistent lesions, share', 'Range of change']
    """
    rows = [
        {
            "measure": m.label,
            "formula": m.formula,
            "unit": m.unit,
            "when": "best response and last scan" if m.at_assessment else "whole history",
            "source": m.source,
            "needs": m.needs or "two lesions",
        }
        for m in MEASURES
    ]
    return pd.DataFrame(rows)
