"""One thin lane a patient: days in response, stable and relapse."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.collections import PolyCollection

from lesionhet.charts import PhaseLanesChart
from lesionhet.errors import LesionhetError
from lesionhet.figures import axis, check, style, text
from lesionhet.figures.page import MARGIN, Entry, Page
from lesionhet.labels import label
from lesionhet.schema import PHASES

_HEIGHT: Final = 95.0
_DENSE: Final = 200
_DAYS: Final = tuple(f"{phase}_days" for phase in PHASES)


def draw(chart: PhaseLanesChart) -> Any:
    """Draw the phases of all patients as stacked lanes, sorted by their sum, the longest below.

    Parameters
    ----------
    chart
        What is drawn; patients of whom a duration is missing have no lane, a note counts them.

    Returns
    -------
    matplotlib.figure.Figure
        125 mm wide.

    Raises
    ------
    LesionhetError
        ``lanes`` is empty, lacks a column, has negative or infinite days, or no complete row.
    """
    lanes = check.table(chart, "lanes", ("patient_id", *_DAYS))
    check.finite(chart, "lanes", lanes, _DAYS)
    days = lanes[list(_DAYS)].to_numpy(dtype=float)
    complete = ~np.isnan(days).any(axis=1)
    if not complete.any():
        raise LesionhetError(f"{check.name_of(chart)}: no patient has all three durations.")
    if (days < 0).any():
        raise LesionhetError(f"{check.name_of(chart)}: negative durations; 0 or more is needed.")
    shown = days[complete]
    shown = shown[np.lexsort((shown[:, 1], shown[:, 0], shown.sum(axis=1)))]
    page = Page(chart, style.MEDIUM_WIDTH)
    left = MARGIN + text.height("x") + 2.0
    width = page.width - left - MARGIN - 3.0
    page.legend([Entry(label(phase), style.PHASE_COLORS[phase]) for phase in PHASES], left)
    top = page.y
    axes = page.axes(left, top, width, _HEIGHT)
    high = float(shown.sum(axis=1).max()) or 1.0
    axes.set_xlim(0, high)
    axes.set_ylim(len(shown), 0)
    axis.set_ticks(axes.xaxis, *axis.fitting_ticks(0, high, width))
    axis.set_ticks(axes.yaxis, [], [])
    _draw_lanes(axes, shown)
    axis.write_y_label(page, f"{len(shown):,} patients", MARGIN, top, _HEIGHT)
    page.y += _HEIGHT + axis.TICK_PAD + text.height("0", style.SMALL_SIZE) + 0.5
    axis.write_x_label(page, chart.x_label, left, width)
    missing = len(lanes) - len(shown)
    page.notes([f"Patients without durations, not drawn: {missing:,}."] if missing else [])
    return page.finish()


def _draw_lanes(axes: Any, days: Any) -> None:
    ends = np.cumsum(days, axis=1)
    starts = ends - days
    dense = len(days) > _DENSE
    top = np.arange(len(days), dtype=float)
    bottom = top + (1.0 if dense else 0.85)
    y = np.stack([top, top, bottom, bottom], axis=1)
    for k, phase in enumerate(PHASES):
        x = np.stack([starts[:, k], ends[:, k], ends[:, k], starts[:, k]], axis=1)
        how: dict[str, Any] = {"facecolors": style.PHASE_COLORS[phase], "linewidths": 0}
        corners = np.stack([x, y], axis=2)[days[:, k] > 0]
        lanes = PolyCollection(corners, rasterized=dense, antialiased=not dense, **how)
        axes.add_collection(lanes, autolim=False)
