"""Medians with their confidence intervals."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.charts import MedianChart
from lesionhet.figures import axis, categories, check, style, text
from lesionhet.figures.categories import Slots
from lesionhet.figures.page import MARGIN, Page
from lesionhet.labels import NOT_REACHED, format_number

_HEIGHT: Final = 55.0
_NUMBERS: Final = ("estimate", "conf_low", "conf_high")


def draw(chart: MedianChart) -> Any:
    """Draw a dot and an interval a group, with one bracket and the P value over all of them.

    Parameters
    ----------
    chart
        What is drawn. A missing median is printed "not reached"; a limit that is missing beside one
        that is not becomes an arrow.

    Returns
    -------
    matplotlib.figure.Figure
        85 to 175 mm wide.

    Raises
    ------
    LesionhetError
        ``rows`` is empty, lacks a column, has groups that ``order`` does not name or infinite numbers.
    """
    rows = check.table(chart, "rows", ("group", "n", *_NUMBERS))
    check.order(chart, "order", chart.order, rows["group"].unique())
    check.finite(chart, "rows", rows, _NUMBERS)
    table = rows.set_index("group").reindex(list(chart.order))
    page = Page(chart, categories.page_width(len(chart.order)))
    low, high = _limits(table)
    ticks = [tick for tick in axis.linear_ticks(low, high) if low <= tick <= high]
    labels = axis.texts(ticks)
    left = MARGIN + axis.left_room(labels, chart.y_label, _HEIGHT)
    slots = Slots(chart.order, left, (page.width - left - MARGIN - 1.0) / len(chart.order))
    _write_p(page, slots, chart.p_text)
    top, width = page.y, slots.width * len(chart.order)
    axes = page.axes(left, top, width, _HEIGHT)
    axes.set_ylim(low, high)
    axes.set_xlim(-0.5, len(chart.order) - 0.5)
    axis.set_ticks(axes.yaxis, ticks, labels)
    axis.set_ticks(axes.xaxis, [], [])
    open_ended = _draw_rows(axes, table, chart, slots.width)
    axis.write_y_label(page, chart.y_label, MARGIN, top, _HEIGHT)
    page.y += _HEIGHT
    categories.write_names(page, slots)
    categories.write_counts(page, slots, [format_number(n, 0, "0") for n in table["n"]])
    page.notes(["Arrow: the limit of the interval is not reached."] if open_ended else [])
    return page.finish()


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    values = table[list(_NUMBERS)].to_numpy(dtype=float)
    values = values[~np.isnan(values)]
    low, high = (values.min(), values.max()) if len(values) else (0.0, 1.0)
    pad = 0.06 * ((high - low) or abs(high) or 1.0)
    return float(0 if 0 <= low < 0.6 * high else low - pad), float(high + pad)


def _write_p(page: Page, slots: Slots, p_text: str) -> None:
    lines = text.wrap(p_text, slots.width * len(slots.order))
    if lines:
        left, right = slots.middle(0), slots.middle(len(slots.order) - 1)
        page.text(slots.left + slots.width * len(slots.order) / 2, page.y, lines, ha="center")
        page.y += text.height(lines) + 0.8
        if len(slots.order) > 1:
            tops = [page.y + 1.0, page.y, page.y, page.y + 1.0]
            page.line([left, left, right, right], tops, linewidth=0.6)
    page.y += 2.0


def _draw_rows(axes: Any, table: pd.DataFrame, chart: MedianChart, slot: float) -> bool:
    """Draw every group; tell whether any interval is open at one end."""
    hues = style.colors(chart.palette, chart.order, chart.colors)
    low, high = axes.get_ylim()
    open_ended = False
    for place, (group, row) in enumerate(table.iterrows()):
        color = style.readable(hues[str(group)])
        estimate, conf_low, conf_high = (float(row[name]) for name in _NUMBERS)
        missing = [np.isnan(conf_low), np.isnan(conf_high)]
        if not all(missing):
            ends = [low if missing[0] else conf_low, high if missing[1] else conf_high]
            _draw_interval(axes, place, ends, missing, color)
            open_ended |= any(missing)
        if np.isnan(estimate):
            where = (low + high) / 2 if all(missing) else float(np.nanmean([conf_low, conf_high]))
            _write_beside(
                axes, place, where, NOT_REACHED if not np.isnan(row["n"]) else "no data", slot
            )
            continue
        marker = style.MARKERS[place % len(style.MARKERS)]
        axes.plot([place], [estimate], marker, color=color, markersize=5.5, zorder=4)
        usual = 2 if abs(high) < 10 else (1 if abs(high) < 100 else 0)
        digits = usual if chart.digits is None else chart.digits
        _write_beside(axes, place, estimate, format_number(estimate, digits), slot)
    return open_ended


def _draw_interval(axes: Any, x: float, ends: list[float], missing: list[Any], color: str) -> None:
    axes.plot([x, x], ends, color=color, linewidth=1.3, zorder=3)
    for end, is_open, arrow in zip(ends, missing, ("v", "^"), strict=True):
        marker = arrow if is_open else "_"
        axes.plot([x], [end], marker, color=color, markersize=5, zorder=3, clip_on=False)


def _write_beside(axes: Any, x: float, y: float, words: str, slot: float) -> None:
    lines, size = text.fit(words, slot / 2 - 1.6, 2, style.SMALL_SIZE)
    how = {"xytext": (4, 0), "textcoords": "offset points", "va": "center", "size": size}
    axes.annotate(lines, (x, y), **how)
