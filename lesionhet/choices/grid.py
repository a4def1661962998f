"""The open choices, and all readings of the text that they make together."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.definitions import PRESETS, Definitions
from lesionhet.statistics.arrays import Integers


@dataclass(frozen=True)
class Choice:
    """One choice that the published text leaves open.

    Parameters
    ----------
    name
        Field of `Definitions`.
    label
        What it decides, in print.
    tried
        Permitted values that are tried, that of the preset ``paper2021`` first.
    words
        The values in print.
    """

    name: str
    label: str
    tried: tuple[Any, ...]
    words: tuple[str, ...]


CHOICES: Final = (
    Choice(
        "relapse_reference",
        "Relapse is measured from",
        ("nadir", "baseline"),
        ("the nadir", "the baseline"),
    ),
    Choice(
        "relapse_min_increase_mm", "Relapse needs", (0.0, 5.0), ("no minimum in mm", "5 mm or more")
    ),
    Choice(
        "stable_rule",
        "A scan is stable",
        ("after_response", "outside_response"),
        ("after response too", "outside response only"),
    ),
    Choice(
        "burden",
        "Total burden adds up",
        ("complete", "available"),
        ("only whole assessments", "whatever was measured"),
    ),
    Choice(
        "gower_range",
        "Range of the ratios",
        ("patient", "cohort"),
        ("within the patient", "over the cohort"),
    ),
    Choice(
        "gower_self",
        "The lesion itself",
        (True, False),
        ("counts in its mean", "is left out"),
    ),
    Choice(
        "single_lesion",
        "A patient's only lesion",
        ("zero", "missing"),
        ("has distance 0", "has no distance"),
    ),
)
"""The choices that are tried. ``crossing`` is not: it changes durations, but no flag and no ratio, so
neither inconsistency nor distance."""

OF_PHASES: Final = ("relapse_reference", "relapse_min_increase_mm", "stable_rule")
"""Choices on which the phases of a series depend."""
OF_DISTANCE: Final = ("gower_range", "gower_self", "single_lesion")
"""Choices on which, beside the phases, the distance depends."""
PUBLISHED: Final = "paper2021"
"""Preset that is the published reading."""


@dataclass(frozen=True, eq=False)
class Grid:
    """All readings of the text: every combination of some choices.

    Parameters
    ----------
    choices
        With the values that were tried.
    readings
        The definitions of each reading.
    codes
        Readings x choices: place of the reading's value among those of the choice, from 1.
    chosen
        Place of the reading in force, from 0.
    published
        Place of the preset ``paper2021``; None where another definition of it was changed.
    """

    choices: tuple[Choice, ...]
    readings: tuple[Definitions, ...]
    codes: Integers
    chosen: int
    published: int | None

    def words(self) -> pd.DataFrame:
        """Give one row a reading: its value of each choice in print, columns named by field."""
        columns = {
            choice.name: np.array(choice.words, dtype=object)[self.codes[:, place] - 1]
            for place, choice in enumerate(self.choices)
        }
        return pd.DataFrame(columns)


def every_reading(definitions: Definitions, names: tuple[str, ...] = ()) -> Grid:
    """Give all combinations of the open choices.

    Parameters
    ----------
    definitions
        Those in force: what is not tried stays as it is there, and a value of a choice that is neither of
        the two tried, such as a fixed range, is tried beside them.
    names
        Choices that are tried, fields of `Definitions`; default: all of `CHOICES`.

    Returns
    -------
    Grid
        2 to the power of the number of choices, or more; the last choice changes fastest.

    Examples
    --------
    >>> grid = every_reading(Definitions())
    >>> len(grid.readings), grid.chosen, grid.published
    (128, 0, 0)
    >>> len(every_reading(Definitions(relapse_min_increase_mm=3.0)).readings)
    192
    """
    choices = tuple(
        _with_own(choice, getattr(definitions, choice.name))
        for choice in CHOICES
        if not names or choice.name in names
    )
    combinations = list(itertools.product(*(choice.tried for choice in choices)))
    codes = np.array(list(itertools.product(*(range(1, len(c.tried) + 1) for c in choices))))
    fields = [choice.name for choice in choices]
    readings = tuple(
        replace(definitions, **dict(zip(fields, values, strict=True))) for values in combinations
    )
    published = PRESETS[PUBLISHED]
    return Grid(
        choices,
        readings,
        codes,
        readings.index(definitions),
        readings.index(published) if published in readings else None,
    )


def _with_own(choice: Choice, value: Any) -> Choice:
    """Put the value in force beside those that are tried."""
    if value in choice.tried:
        return choice
    word = "fixed bounds" if value == "fixed" else f"{value:g} mm or more"
    return replace(choice, tried=(*choice.tried, value), words=(*choice.words, word))
