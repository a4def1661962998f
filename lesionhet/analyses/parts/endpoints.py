"""Pieces that every survival analysis shares: the two endpoints, times at risk, the chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.charts import Mark, Palette, SurvivalChart
from lesionhet.results import KaplanMeier

TICKS_WANTED: Final = 6
STEPS: Final = (1, 2, 5, 7, 10, 14, 30, 60, 90, 120, 180, 365, 730, 1460, 2920)


@dataclass(frozen=True)
class Endpoint:
    """A time-to-event endpoint of the patients table."""

    name: str
    label: str
    time: str
    event: str


OS: Final = Endpoint("os", "Overall survival", "os_days", "os_event")
PFS: Final = Endpoint("pfs", "Progression-free survival", "pfs_days", "pfs_event")


def ticks(times: pd.Series) -> tuple[float, ...]:
    """Give the times, in days, at which numbers at risk are printed: multiples of a plain step.

    Examples
    --------
    >>> ticks(pd.Series([20.0, 1100.0]))
    (0.0, 180.0, 360.0, 540.0, 720.0, 900.0, 1080.0)
    """
    longest = float(times.max()) if times.notna().any() else 1.0
    step = next((s for s in STEPS if longest / s <= TICKS_WANTED + 1), STEPS[-1])
    return tuple(float(t) for t in np.arange(0, longest + 1e-9, step))


def survival_chart(
    title: str,
    caption: str,
    answer: KaplanMeier,
    order: Sequence[str],
    endpoint: Endpoint,
    *,
    p_text: str = "",
    palette: Palette = "group",
    mark: Mark | None = None,
) -> SurvivalChart:
    """Make the chart of one Kaplan-Meier answer."""
    return SurvivalChart(
        title,
        caption,
        curve=answer.to_frame("curve"),
        at_risk=answer.to_frame("at")[["group", "time", "n_risk"]],
        medians=answer.to_frame("medians"),
        order=tuple(order),
        y_label=endpoint.label,
        p_text=p_text,
        palette=palette,
        mark=mark,
    )
