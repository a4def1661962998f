"""Means of one group against those of another, with half an SD each way and the line y = x."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.charts import PairChart
from lesionhet.figures import axis, check, style, text
from lesionhet.figures.page import MARGIN, Entry, Page

_ACROSS: Final = 3
_WIDEST_PANEL: Final = 62.0
_PAGE: Final = {1: 85.0, 2: style.MEDIUM_WIDTH}
_NUMBERS: Final = ("x_mean", "x_sd", "y_mean", "y_sd")
_LINE_STYLE: Final[Any] = (0, (4, 2))


def draw(chart: PairChart) -> Any:
    """Draw up to three square panels a row, both axes of a panel on the same scale.

    Parameters
    ----------
    chart
        What is drawn. A point without an SD has no bar in that direction and one without a mean is not
        drawn; notes count both.

    Returns
    -------
    matplotlib.figure.Figure
        85, 125 or 175 mm wide for one, two or more panels.

    Raises
    ------
    LesionhetError
        ``points`` is empty, lacks a column, names a point twice, has infinite numbers or labels or
        panels that are not named, or a panel has no points.
    """
    points = _points(chart)
    across = min(_ACROSS, len(chart.panels))
    page = Page(chart, _PAGE.get(across, style.WIDTH))
    look = _look(chart)
    entries = [Entry(label, color, "point", marker=mark) for label, (color, mark) in look.items()]
    page.legend([*entries, Entry("y = x", style.POINT, "line", _LINE_STYLE)], MARGIN)
    room = (page.width - 2 * MARGIN) / across
    for start in range(0, len(chart.panels), across):
        _draw_row(page, chart, chart.panels[start : start + across], (points, look), room)
    page.notes(_notes(points))
    return page.finish()


def _points(chart: PairChart) -> pd.DataFrame:
    points = check.table(chart, "points", ("panel", "label", *_NUMBERS))
    check.order(chart, "panels", chart.panels, points["panel"].unique())
    check.order(chart, "order", chart.order, points["label"].unique())
    check.unique(chart, "points", points, ("panel", "label"))
    check.finite(chart, "points", points, _NUMBERS)
    known = points.dropna(subset=["x_mean", "y_mean"])
    for panel in chart.panels:
        check.some(chart, "points", f"panel '{panel}'", known[known["panel"] == panel])
    return points


def _look(chart: PairChart) -> dict[str, tuple[str, str]]:
    """Give the colour and the marker of each label; both go by its place in the palette."""
    hues = style.colors(chart.palette, chart.order, chart.colors)
    places = style.palette_places(chart.order, chart.colors)
    marks = {name: style.MARKERS[place % len(style.MARKERS)] for name, place in places.items()}
    if len(set(marks.values())) < len(marks):
        marks = {name: style.MARKERS[i % len(style.MARKERS)] for i, name in enumerate(chart.order)}
    return {name: (style.readable(hues[name]), marks[name]) for name in chart.order}


def _draw_row(
    page: Page,
    chart: PairChart,
    panels: tuple[str, ...],
    drawn: tuple[pd.DataFrame, Mapping[str, tuple[str, str]]],
    room: float,
) -> None:
    points, look = drawn
    rows = [points[points["panel"] == panel] for panel in panels]
    limits = [_limits(part) for part in rows]
    ticks = [axis.fitting_ticks(low, high, 40.0) for low, high in limits]
    left, side = _sizes(chart.y_label, [labels for _, labels in ticks], room)
    headings = [text.wrap(panel, side, weight="bold") for panel in panels]
    for k, heading in enumerate(headings):
        page.text(MARGIN + k * room + left, page.y, heading, weight="bold")
    top = page.y + max(text.height(heading) for heading in headings) + 1.2
    bottom = top + side + axis.TICK_PAD + text.height("0", style.SMALL_SIZE) + 0.5
    lowest = bottom
    for k, part in enumerate(rows):
        start = MARGIN + k * room
        axes = page.axes(start + left, top, side, side)
        _set_axes(axes, limits[k], ticks[k])
        _draw_points(axes, part, look)
        axis.write_y_label(page, chart.y_label, start, top, side)
        page.y = bottom
        axis.write_x_label(page, chart.x_label, start + left, side)
        lowest = max(lowest, page.y)
    page.y = lowest + 1.0


def _sizes(y_label: str, labels: list[list[str]], room: float) -> tuple[float, float]:
    """Give the mm left of the panels of a row and their side."""
    left, side = 0.0, _WIDEST_PANEL
    # A smaller panel breaks the title of the y axis into more lines, which take more room.
    for _ in range(5):
        left = max(axis.left_room(texts, y_label, side) for texts in labels)
        side = max(min(room - left - 3.0, _WIDEST_PANEL), 10.0)
    return left, side


def _limits(rows: pd.DataFrame) -> tuple[float, float]:
    """Give the limits of both axes: every bar of the panel lies within."""
    ends = []
    for side in ("x", "y"):
        mean = rows[f"{side}_mean"].to_numpy(dtype=float)
        half = np.nan_to_num(rows[f"{side}_sd"].to_numpy(dtype=float)) / 2
        ends += [mean - half, mean + half]
    low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
    pad = 0.06 * ((high - low) or abs(high) or 1.0)
    return low - pad, high + pad


def _set_axes(axes: Any, limits: tuple[float, float], ticks: tuple[list[float], list[str]]) -> None:
    axes.set_xlim(*limits)
    axes.set_ylim(*limits)
    axis.set_ticks(axes.xaxis, *ticks)
    axis.set_ticks(axes.yaxis, *ticks)
    axes.plot(limits, limits, color=style.POINT, linewidth=0.9, linestyle=_LINE_STYLE, zorder=1)


def _draw_points(axes: Any, rows: pd.DataFrame, look: Mapping[str, tuple[str, str]]) -> None:
    for label, *numbers in rows[["label", *_NUMBERS]].itertuples(index=False, name=None):
        x, x_sd, y, y_sd = (float(number) for number in numbers)
        if np.isnan(x) or np.isnan(y):
            continue
        color, marker = look[str(label)]
        bar = {"color": color, "linewidth": 1.0, "zorder": 2, "alpha": 0.75}
        # A missing SD makes both ends missing, and nothing is drawn.
        axes.plot([x - x_sd / 2, x + x_sd / 2], [y, y], **bar)
        axes.plot([x, x], [y - y_sd / 2, y + y_sd / 2], **bar)
        face = {"markeredgecolor": "white", "markeredgewidth": 0.5, "markersize": 6, "zorder": 4}
        axes.plot([x], [y], marker, color=color, **face)


def _notes(points: pd.DataFrame) -> list[str]:
    absent = points[["x_mean", "y_mean"]].isna().any(axis=1)
    alone = points[["x_sd", "y_sd"]].isna().any(axis=1) & ~absent
    notes = []
    if alone.any():
        notes.append(f"Points without an SD, drawn without its bar: {int(alone.sum()):,}.")
    if absent.any():
        notes.append(f"Points without a mean in both groups, not drawn: {int(absent.sum()):,}.")
    return notes
