"""What is compared between groups of lesions: names of the measures, their axes and their scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Measure:
    """A number that every lesion has.

    Parameters
    ----------
    column
        Column of the lesions.
    label
        Name in tables and titles.
    axis
        Title of its axis.
    log_scale
        Whether it is drawn as value + 1 on a log axis, as the durations are in the paper; tables and
        tests have the value itself.
    """

    column: str
    label: str
    axis: str
    log_scale: bool = False


NADIR: Final = Measure("nadir_ratio", "Nadir ratio", "Nadir / baseline")
LAST: Final = Measure("last_ratio", "Last ratio", "Last / baseline")
DISTANCE: Final = Measure("gower", "Distance", "Gower distance (lesion)")
RESPONSE: Final = Measure(
    "response_days", "Response duration", "Response duration + 1 (days, log scale)", True
)
STABLE: Final = Measure(
    "stable_days", "Stable duration", "Stable duration + 1 (days, log scale)", True
)
RELAPSE: Final = Measure(
    "relapse_days", "Relapse duration", "Relapse duration + 1 (days, log scale)", True
)
RATIOS: Final = (NADIR, LAST)
DURATIONS: Final = (RESPONSE, STABLE, RELAPSE)
