"""Curves of a ratio with their bands on a log axis, panels side by side."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.charts import RatioCurveChart
from lesionhet.figures import axis, check, style, text
from lesionhet.figures.page import MARGIN, Page

_HEIGHT: Final = 52.0
_CURVES: Final = ("panel", "x", "estimate", "conf_low", "conf_high")
_WIDEST: Final = (0.02, 50.0)
_GAP: Final = 7.0
_LINE: Final = style.PHASE_COLORS["relapse"]


def draw(chart: RatioCurveChart) -> Any:
    """Draw one panel beside the other on one log axis, each with the line of no effect.

    Parameters
    ----------
    chart
        What is drawn. What lies beyond 0.02 to 50 is cut; points beyond the axis are counted below.

    Returns
    -------
    matplotlib.figure.Figure
        90 mm wide with one panel, 175 mm with more.

    Raises
    ------
    LesionhetError
        ``curves`` is empty, lacks a column, has a ratio that is not above 0, or a panel has no curve.
    """
    curves = check.table(chart, "curves", _CURVES)
    points = check.table(chart, "points", ("panel", "x", "ratio"), may_be_empty=True)
    marks = check.table(chart, "ticks", ("panel", "x", "label"), may_be_empty=True)
    for frame in (curves, points, marks):
        check.order(chart, "panels", chart.panels, frame["panel"].unique())
    check.positive(chart, "curves", curves, _CURVES[2:])
    for panel in chart.panels:
        check.some(chart, "curves", f"panel '{panel}'", curves[curves["panel"] == panel])
    page = Page(chart, 90.0 if len(chart.panels) == 1 else style.WIDTH)
    low, high = _limits(curves, points)
    ticks = axis.ratio_ticks(low, high, _HEIGHT)
    labels = axis.log_texts(ticks)
    room = axis.left_room(labels, chart.y_label, _HEIGHT)
    width = (page.width - 2 * MARGIN - room - 3.0) / len(chart.panels) - _GAP
    headings = [text.wrap(panel, width, weight="bold") for panel in chart.panels]
    top = page.y + max(map(text.height, headings)) + 1.5
    for place, panel in enumerate(chart.panels):
        left = MARGIN + room + place * (width + _GAP)
        page.text(left, page.y, headings[place], weight="bold")
        axes = page.axes(left, top, width, _HEIGHT)
        own = [frame[frame["panel"] == panel] for frame in (curves, points, marks)]
        axes.set_yscale("log")
        _draw_panel(axes, own[0], own[1], own[2], width)
        axes.set_ylim(low, high)
        axis.set_ticks(axes.yaxis, ticks, labels if place == 0 else [""] * len(ticks))
    axis.write_y_label(page, chart.y_label, MARGIN, top, _HEIGHT)
    page.y = top + _HEIGHT + axis.TICK_PAD + text.height("0", style.SMALL_SIZE) + 0.5
    axis.write_x_label(page, chart.x_label, MARGIN + room, page.width - 2 * MARGIN - room)
    beyond = int((~points["ratio"].between(low, high)).sum())
    page.notes([f"{beyond:,} points lie beyond the axis."] if beyond else [])
    return page.finish()


def _limits(curves: pd.DataFrame, points: pd.DataFrame) -> tuple[float, float]:
    values = curves[["conf_low", "conf_high", "estimate"]].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    found = points["ratio"].dropna().to_numpy(dtype=float)
    middle = np.quantile(found, [0.1, 0.9]) if len(found) else np.array([1.0])
    low = max(min(values.min(initial=1 / 1.1), middle[0]), _WIDEST[0])
    high = min(max(values.max(initial=1.1), middle[-1]), _WIDEST[1])
    pad = (high / low) ** 0.04
    return float(low / pad), float(high * pad)


def _draw_panel(
    axes: Any, curve: pd.DataFrame, points: pd.DataFrame, marks: pd.DataFrame, width: float
) -> None:
    x = np.r_[curve["x"].to_numpy(dtype=float), points["x"].to_numpy(dtype=float)]
    first, last = float(x.min()), float(x.max())
    pad = 0.02 * ((last - first) or 1.0)
    axes.set_xlim(first - pad, last + pad)
    if marks.empty:
        axis.set_ticks(axes.xaxis, *axis.fitting_ticks(first - pad, last + pad, width))
    else:
        axis.set_ticks(axes.xaxis, marks["x"].tolist(), [str(label) for label in marks["label"]])
    axes.axhline(1, color=style.MUTED, linewidth=0.7, zorder=1)
    if not points.empty:
        dots = {"color": style.POINT, "markersize": 1.0, "alpha": 0.35, "zorder": 0}
        axes.plot(points["x"], points["ratio"], ".", rasterized=True, **dots)
    band = {"color": _LINE, "alpha": 0.16, "linewidth": 0, "zorder": 2}
    axes.fill_between(curve["x"], curve["conf_low"], curve["conf_high"], **band)
    axes.plot(curve["x"], curve["estimate"], color=_LINE, linewidth=1.4, zorder=3)
