"""Histograms side by side, with marked values."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.charts import HistogramChart
from lesionhet.figures import axis, check, style, text
from lesionhet.figures.page import MARGIN, Page

_HEIGHT: Final = 42.0
_ACROSS: Final = 3
_BAR_COLOR: Final = "#7FA6C9"
_MARK_COLORS: Final = (style.REFERENCE, style.INK, "#B35806", "#1B7837")
_SAMPLE: Final = 6.0


def draw(chart: HistogramChart) -> Any:
    """Draw up to three histograms a row, each with its own x axis, and vertical lines at the marks.

    Parameters
    ----------
    chart
        What is drawn. A mark beyond the bars widens the axis; one that is missing is named in its label.

    Returns
    -------
    matplotlib.figure.Figure
        85 to 175 mm wide.

    Raises
    ------
    LesionhetError
        ``bins`` is empty, lacks a column, has infinite edges, or a panel has no bins.
    """
    bins = check.table(chart, "bins", ("panel", "left", "right", "count"))
    marks = check.table(chart, "marks", ("panel", "value", "label"), may_be_empty=True)
    for frame in (bins, marks):
        check.order(chart, "panels", chart.panels, frame["panel"].unique())
    check.finite(chart, "bins", bins, ("left", "right", "count"))
    check.finite(chart, "marks", marks, ("value",))
    for panel in chart.panels:
        check.some(chart, "bins", f"panel '{panel}'", bins[bins["panel"] == panel])
    across = min(_ACROSS, len(chart.panels))
    page = Page(chart, min(style.WIDTH, max(85.0, 60.0 * across)))
    room = (page.width - 2 * MARGIN) / across
    for start in range(0, len(chart.panels), across):
        _draw_row(page, chart, chart.panels[start : start + across], (bins, marks), room)
    return page.finish()


def _draw_row(
    page: Page,
    chart: HistogramChart,
    panels: tuple[str, ...],
    tables: tuple[pd.DataFrame, pd.DataFrame],
    room: float,
) -> None:
    bins, marks = ([frame[frame["panel"] == panel] for panel in panels] for frame in tables)
    ticks = [axis.linear_ticks(0, float(rows["count"].max()), 4, whole=True) for rows in bins]
    labels = [axis.texts(values) for values in ticks]
    lefts = [axis.left_room(texts, chart.y_label, _HEIGHT) for texts in labels]
    top = page.y
    used = [
        _write_head(page, panel, marks[k], MARGIN + k * room + lefts[k], room - lefts[k] - 3.0)
        for k, panel in enumerate(panels)
    ]
    page.y = top = top + max(used)
    for k in range(len(panels)):
        left, width = MARGIN + k * room + lefts[k], room - lefts[k] - 3.0
        axes = page.axes(left, top, width, _HEIGHT)
        _draw_panel(axes, bins[k], marks[k], width)
        axes.set_ylim(0, ticks[k][-1])
        axis.set_ticks(axes.yaxis, ticks[k], labels[k])
        axis.write_y_label(page, chart.y_label, MARGIN + k * room, top, _HEIGHT)
    page.y += _HEIGHT + axis.TICK_PAD + text.height("0", style.SMALL_SIZE) + 2.0


def _write_head(page: Page, panel: str, marks: pd.DataFrame, left: float, width: float) -> float:
    """Write the panel's name and one line a mark; give the mm used."""
    y = page.y
    heading = text.wrap(panel, width, weight="bold")
    page.text(left, y, heading, weight="bold")
    y += text.height(heading) + 0.6
    for place, (value, label) in enumerate(zip(marks["value"], marks["label"], strict=True)):
        words = f"{label} (not available)" if np.isnan(value) else str(label)
        lines = text.wrap(words, width - _SAMPLE - 1.0, style.SMALL_SIZE)
        middle = y + text.height("x", style.SMALL_SIZE) / 2
        page.line([left, left + _SAMPLE], [middle, middle], **_mark_style(place))
        page.text(left + _SAMPLE + 1.0, y, lines, size=style.SMALL_SIZE)
        y += text.height(lines, style.SMALL_SIZE) + 0.3
    return y + 1.2 - page.y


def _mark_style(place: int) -> dict[str, Any]:
    line_style = style.LINE_STYLES[place % len(style.LINE_STYLES)]
    color = _MARK_COLORS[place % len(_MARK_COLORS)]
    return {"color": color, "linestyle": line_style, "linewidth": 1.2}


def _draw_panel(axes: Any, bins: pd.DataFrame, marks: pd.DataFrame, width: float) -> None:
    bins = bins.sort_values("left")
    size = (bins["right"] - bins["left"]).to_numpy(dtype=float)
    bar = {"align": "edge", "color": _BAR_COLOR, "edgecolor": "white", "linewidth": 0.3}
    axes.bar(bins["left"], bins["count"].fillna(0), width=size, **bar)
    values = marks["value"].dropna().to_numpy(dtype=float)
    low = min(bins["left"].min(), values.min(initial=np.inf))
    high = max(bins["right"].max(), values.max(initial=-np.inf))
    pad = 0.02 * ((high - low) or 1.0)
    axes.set_xlim(low - pad, high + pad)
    for place, value in enumerate(marks["value"]):
        if not np.isnan(value):
            axes.axvline(value, zorder=3, **_mark_style(place))
    axis.set_ticks(axes.xaxis, *axis.fitting_ticks(low, high, width))
