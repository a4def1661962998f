"""Hazard ratios with their intervals on a log axis, with the numbers beside them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.charts import ForestChart
from lesionhet.figures import axis, check, style, text
from lesionhet.figures.page import MARGIN, Page
from lesionhet.labels import format_number, format_p

_COLUMNS: Final = ("panel", "label", "estimate", "conf_low", "conf_high", "p_value")
_LABEL_ROOM: Final = 56.0
_WIDEST: Final = (0.1, 10.0)
_ROW_GAP: Final = 1.9
_ON_WHITE: Final = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


def draw(chart: ForestChart) -> Any:
    """Draw a forest plot: panels below each other on one log axis, ratio, interval and P in columns.

    Parameters
    ----------
    chart
        What is drawn. A ratio that is missing is named so; an interval beyond 0.1 to 10 ends in an
        arrow, its numbers stand beside it.

    Returns
    -------
    matplotlib.figure.Figure
        175 mm wide.

    Raises
    ------
    LesionhetError
        ``rows`` is empty, lacks a column, or has a ratio that is not above 0.
    """
    rows = check.table(chart, "rows", _COLUMNS)
    check.positive(chart, "rows", rows, ("estimate",))
    page = Page(chart, style.WIDTH)
    numbers = [_ratio(*values) for values in rows[list(_COLUMNS[2:5])].to_numpy(dtype=float)]
    tested = rows["p_value"].notna().any()
    p_values = [format_p(p) if tested else "" for p in rows["p_value"]]
    labels = [text.wrap(label, _LABEL_ROOM) for label in rows["label"]]
    heading = f"{chart.heading} ({_level(chart):g}% CI)"
    label_room = max(text.width(label) for label in labels) + 5.0
    number_room = max(text.width(item) for item in [*numbers, heading]) + 4.0
    p_room = max(text.width(item) for item in p_values)
    left = MARGIN + label_room
    width = page.width - left - number_room - p_room - MARGIN - 3.0
    columns = (left + width + 4.0, page.width - MARGIN - p_room)
    page.text(columns[0], page.y, heading, weight="bold")
    page.y += text.height("x") + 1.0
    top = page.y
    middles = _write_rows(page, rows["panel"], labels, numbers, p_values, columns)
    axes = page.axes(left, top, width, page.y - top)
    _draw_rows(axes, rows, np.array(middles) - top, page.y - top, width)
    page.y += axis.TICK_PAD + text.height("0", style.SMALL_SIZE) + 0.5
    axis.write_x_label(page, chart.x_label, left, width)
    return page.finish()


def _level(chart: ForestChart) -> float:
    return 100 * float(chart.conf_level)


def _ratio(estimate: float, low: float, high: float) -> str:
    if np.isnan(estimate):
        return "not estimable"
    if np.isnan(low) or np.isnan(high):
        return f"{_compact(estimate)} (no interval)"
    parts = [_compact(value) for value in (estimate, low, high)]
    return f"{parts[0]} ({parts[1]}–{parts[2]})"


def _compact(value: float) -> str:
    if 0 <= value < 0.005:
        return "<0.01" if value > 0 else "0.00"
    if value >= 1e5:
        return ">99,999"
    # "1.00" must not hide on which side of no effect a limit lies.
    beside_one = value != 1 and 0.995 <= value < 1.005
    return format_number(value, 3 if beside_one else (2 if value < 100 else 0))


def _write_rows(
    page: Page,
    panels: pd.Series,
    labels: list[str],
    numbers: list[str],
    p_values: list[str],
    columns: tuple[float, float],
) -> list[float]:
    """Write the text of every row below its panel's heading; give the middles of the rows in mm."""
    middles: list[float] = []
    before = None
    for panel, label, number, p_value in zip(panels, labels, numbers, p_values, strict=True):
        if panel != before and str(panel):
            heading = text.wrap(panel, page.width - 2 * MARGIN, weight="bold")
            page.y += 1.6 if before is not None else 0.0
            # A long heading crosses the line at 1.
            page.text(MARGIN, page.y, heading, weight="bold", bbox=_ON_WHITE)
            page.y += text.height(heading) + 0.8
        before = panel
        high = text.height(label) + _ROW_GAP
        middle = page.y + high / 2
        page.text(MARGIN + 2.5, middle, label, va="center")
        page.text(columns[0], middle, number, va="center")
        page.text(columns[1], middle, p_value, va="center")
        middles.append(middle)
        page.y += high
    return middles


def _draw_rows(axes: Any, rows: pd.DataFrame, middles: Any, height: float, width: float) -> None:
    low, high = _limits(rows)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(height, 0)
    ticks = axis.ratio_ticks(low, high, width)
    axis.set_ticks(axes.xaxis, ticks, axis.log_texts(ticks))
    axis.set_ticks(axes.yaxis, [], [])
    axes.spines["left"].set_visible(False)
    axes.axvline(1, color=style.MUTED, linewidth=0.7, zorder=1)
    estimate, conf_low, conf_high = (
        rows[name].to_numpy(dtype=float) for name in ("estimate", "conf_low", "conf_high")
    )
    drawn = ~np.isnan(conf_low) & ~np.isnan(conf_high) & ~np.isnan(estimate)
    ends = [np.clip(limit[drawn], low, high) for limit in (conf_low, conf_high)]
    axes.hlines(middles[drawn], *ends, color=style.INK, linewidth=1.0, zorder=2)
    for limit, end, marker, beyond in (
        (conf_low, low, "<", conf_low < low),
        (conf_high, high, ">", conf_high > high),
    ):
        at = middles[drawn & beyond & ~np.isnan(limit)]
        arrow = {"color": style.INK, "markersize": 3.5, "clip_on": False, "zorder": 3}
        axes.plot(np.full(len(at), end), at, marker, **arrow)
    visible = ~np.isnan(estimate) & (estimate >= low) & (estimate <= high)
    square = {"color": style.PHASE_COLORS["relapse"], "markersize": 4.5, "zorder": 4}
    axes.plot(estimate[visible], middles[visible], "s", **square)


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    values = rows[["estimate", "conf_low", "conf_high"]].to_numpy(dtype=float)
    values = values[np.isfinite(values) & (values > 0)]
    low = max(min(values.min(initial=1.0), 1 / 1.1), _WIDEST[0])
    high = min(max(values.max(initial=1.0), 1.1), _WIDEST[1])
    pad = (high / low) ** 0.04
    return float(low / pad), float(high * pad)
