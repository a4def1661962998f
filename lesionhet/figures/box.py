"""Box plots: box 25-75 %, whiskers 10-90 %, median line, mean "+", points beyond the whiskers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.charts import BoxChart
from lesionhet.figures import axis, categories, check, style, text
from lesionhet.figures.categories import Slots
from lesionhet.figures.page import MARGIN, Page
from lesionhet.labels import format_number, format_p

_HEIGHT: Final = 62.0
_MOST_BRACKETS: Final = 6
_NUMBERS: Final = ("mean", "q10", "q25", "median", "q75", "q90")
_MEDIAN_SIZE: Final = 5.8
_WIDEST_BOX: Final = 7.0
_GOLDEN: Final = 0.6180339887498949


def draw(chart: BoxChart) -> Any:
    """Draw box plots with outliers, reference lines and brackets over significant pairs.

    Parameters
    ----------
    chart
        What is drawn; of its pairs the six with the smallest P, a note counts the others. On a log
        axis a note counts the points at or below 0.

    Returns
    -------
    matplotlib.figure.Figure
        85 to 175 mm wide.

    Raises
    ------
    LesionhetError
        A table is empty, lacks a column, has groups that ``order`` does not name or infinite numbers.
    """
    boxes, outliers = _tables(chart)
    points, left_out = _on_axis(chart, outliers)
    page = Page(chart, categories.page_width(len(chart.order)))
    low, high = _limits(chart, boxes, points)
    ticks = _ticks(chart, low, high)
    labels = axis.log_texts(ticks) if chart.log_scale else axis.texts(ticks)
    left = MARGIN + axis.left_room(labels, chart.y_label, _HEIGHT)
    side = max(axis.side_room(chart.lines), 1.0)
    slots = Slots(chart.order, left, (page.width - left - MARGIN - side) / len(chart.order))
    pairs, more = _pairs(chart)
    categories.brackets(page, slots, pairs)
    page.y += 1.0
    top, width = page.y, slots.width * len(chart.order)
    axes = page.axes(left, top, width, _HEIGHT)
    _set_axes(axes, chart, (low, high), (ticks, labels))
    _draw_points(axes, points, chart.order, slots.width)
    _draw_boxes(axes, boxes, chart, slots.width)
    axis.reference_lines(page, axes, chart.lines, left + width, top, _HEIGHT)
    axis.write_y_label(page, chart.y_label, MARGIN, top, _HEIGHT)
    page.y += _HEIGHT
    categories.write_names(page, slots)
    sizes = boxes.set_index("group")["n"].reindex(list(chart.order))
    categories.write_counts(page, slots, [format_number(n, 0, "0") for n in sizes])
    axis.write_x_label(page, chart.x_label, left, width)
    page.notes([*left_out, *more])
    return page.finish()


def _tables(chart: BoxChart) -> tuple[pd.DataFrame, pd.DataFrame]:
    boxes = check.table(chart, "boxes", ("group", "n", *_NUMBERS))
    outliers = check.table(chart, "outliers", ("group", "value"), may_be_empty=True)
    pairs = check.table(chart, "pairs", ("group_1", "group_2", "p_value"), may_be_empty=True)
    for groups in (boxes["group"], outliers["group"], pairs["group_1"], pairs["group_2"]):
        check.order(chart, "order", chart.order, groups.unique())
    check.finite(chart, "boxes", boxes, _NUMBERS)
    check.finite(chart, "outliers", outliers, ("value",))
    return boxes, outliers


def _on_axis(chart: BoxChart, outliers: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    if not chart.log_scale:
        return outliers, []
    below = outliers["value"] <= 0
    if not below.any():
        return outliers, []
    note = f"Points at or below 0, which have no place on the log axis: {int(below.sum()):,}."
    return outliers[~below], [note]


def _limits(chart: BoxChart, boxes: pd.DataFrame, points: pd.DataFrame) -> tuple[float, float]:
    numbers = boxes[list(_NUMBERS)].to_numpy(dtype=float).ravel()
    values = np.concatenate([numbers, points["value"].to_numpy(dtype=float), list(chart.lines)])
    values = values[~np.isnan(values)]
    if chart.log_scale:
        values = values[values > 0]
        low, high = (values.min(), values.max()) if len(values) else (1.0, 10.0)
        return float(low / 1.15), float(max(high, low * 1.01) * 1.15)
    low, high = (values.min(), values.max()) if len(values) else (0.0, 1.0)
    pad = 0.03 * ((high - low) or abs(high) or 1.0)
    return float(0 if 0 <= low < 0.5 * high else low - pad), float(high + pad)


def _ticks(chart: BoxChart, low: float, high: float) -> list[float]:
    if chart.log_scale:
        return axis.log_ticks(low, high)
    return [tick for tick in axis.linear_ticks(low, high) if low <= tick <= high]


def _set_axes(
    axes: Any, chart: BoxChart, limits: tuple[float, float], ticks: tuple[list[float], list[str]]
) -> None:
    if chart.log_scale:
        axes.set_yscale("log")
    axes.set_ylim(*limits)
    axes.set_xlim(-0.5, len(chart.order) - 0.5)
    axis.set_ticks(axes.yaxis, *ticks)
    axis.set_ticks(axes.xaxis, [], [])


def _draw_points(axes: Any, points: pd.DataFrame, order: tuple[str, ...], slot: float) -> None:
    places = {group: place for place, group in enumerate(order)}
    # An even, repeatable scatter to the sides: random jitter would change the file at every run.
    jitter = (np.arange(len(points)) * _GOLDEN % 1 - 0.5) * min(0.28, _WIDEST_BOX / slot)
    x = points["group"].map(places).to_numpy(dtype=float) + jitter
    how = {"color": style.POINT, "markersize": 1.3, "alpha": 0.6, "markeredgewidth": 0}
    axes.plot(x, points["value"], "o", rasterized=len(points) > 200, zorder=1, **how)


def _draw_boxes(axes: Any, boxes: pd.DataFrame, chart: BoxChart, slot: float) -> None:
    hues = style.colors(chart.palette, chart.order, chart.colors)
    table = boxes.set_index("group")
    medians = [_median_text(value) for value in table["median"]]
    room = max(text.width(label, _MEDIAN_SIZE) for label in medians) + 1.2
    half = min(0.28, max(0.1, 0.5 - room / slot), _WIDEST_BOX / slot)
    for place, group in enumerate(chart.order):
        if group in table.index and not np.isnan(table.loc[group, "median"]):
            _draw_box(axes, place, table.loc[group], hues[group], half)


def _draw_box(axes: Any, x: float, row: pd.Series, color: str, half: float) -> None:
    edge = {"color": style.readable(color), "linewidth": 0.9, "zorder": 4}
    low = axes.get_ylim()[0]
    q10, q25, median, q75, q90 = (
        max(float(row[name]), low) for name in ("q10", "q25", "median", "q75", "q90")
    )
    sides = [x - half, x + half, x + half, x - half, x - half]
    axes.fill(sides, [q25, q25, q75, q75, q25], facecolor=style.tint(color, 0.45), zorder=3)
    axes.plot(sides, [q25, q25, q75, q75, q25], **edge)
    axes.plot([x, x, np.nan, x, x], [q10, q25, np.nan, q75, q90], **edge)
    cap = half / 2
    axes.plot([x - cap, x + cap, np.nan, x - cap, x + cap], [q10, q10, np.nan, q90, q90], **edge)
    axes.plot([x - half, x + half], [median, median], color=style.INK, linewidth=1.5, zorder=5)
    axes.plot([x], [row["mean"]], "+", color=style.INK, markersize=4, markeredgewidth=0.8, zorder=6)
    at = {"xytext": (1.5, 0), "textcoords": "offset points", "va": "center", "zorder": 7}
    paper = {"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 0.6}
    label = _median_text(row["median"])
    axes.annotate(label, (x + half, median), size=_MEDIAN_SIZE, bbox=paper, **at)


def _median_text(value: float) -> str:
    digits = 2 if abs(value) < 10 else (1 if abs(value) < 100 else 0)
    return format_number(value, digits, "")


def _pairs(chart: BoxChart) -> tuple[Mapping[tuple[int, int], str], list[str]]:
    """Give the brackets that are drawn, and the note on those that are not."""
    pairs = chart.pairs.sort_values("p_value", kind="stable")
    places = {group: place for place, group in enumerate(chart.order)}
    shown = pairs.head(_MOST_BRACKETS)
    drawn = {
        (places[first], places[second]): format_p(p)
        for first, second, p in shown[["group_1", "group_2", "p_value"]].itertuples(index=False)
    }
    more = len(pairs) - len(shown)
    note = f"Brackets: the {len(shown)} smallest of {len(pairs)} significant P values."
    return drawn, [note] if more else []
