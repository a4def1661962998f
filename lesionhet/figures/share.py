"""Stacked horizontal bars of shares."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.charts import ShareChart
from lesionhet.figures import axis, check, style, text
from lesionhet.figures.page import MARGIN, Entry, Page
from lesionhet.labels import format_number, format_percent

_NAME_ROOM: Final = 38.0
_BAR: Final = 5.2
_GAP: Final = 1.6
_SHARE_SIZE: Final = 6.0


def draw(chart: ShareChart) -> Any:
    """Draw one stacked bar a group, the percentage in each segment that has room for it.

    Parameters
    ----------
    chart
        What is drawn; shares are in [0, 1]. A group without rows or with missing shares has no bar.

    Returns
    -------
    matplotlib.figure.Figure
        125 mm wide.

    Raises
    ------
    LesionhetError
        ``rows`` is empty, lacks a column, or has groups or levels that are not named.
    """
    rows = check.table(chart, "rows", ("group", "level", "count", "n", "share"))
    check.order(chart, "order", chart.order, rows["group"].unique())
    check.order(chart, "levels", chart.levels, rows["level"].unique())
    check.unique(chart, "rows", rows, ("group", "level"))
    check.finite(chart, "rows", rows, ("share",))
    shares = rows.pivot_table("share", index="group", columns="level", aggfunc="first")
    shares = shares.reindex(index=list(chart.order), columns=list(chart.levels))
    sizes = rows.groupby("group")["n"].max().reindex(list(chart.order))
    hues = style.colors(chart.palette, chart.levels, chart.colors)
    page = Page(chart, style.MEDIUM_WIDTH)
    page.legend([Entry(level, hues[level]) for level in chart.levels], MARGIN, chart.legend_title)
    names = [text.wrap(group, _NAME_ROOM) for group in chart.order]
    counts = [f"n = {format_number(n, 0, '0')}" for n in sizes]
    left = MARGIN + max(text.width(name) for name in names) + 1.5
    width = page.width - left - MARGIN - max(text.width(count) for count in counts) - 2.0
    edges = _write_rows(page, names, counts, (left, width))
    _draw_axes(page, (left, width), edges, shares, hues)
    page.y += axis.TICK_PAD + text.height("0", style.SMALL_SIZE) + 0.5
    axis.write_x_label(page, chart.x_label, left, width)
    return page.finish()


def _write_rows(
    page: Page, names: list[str], counts: list[str], place: tuple[float, float]
) -> list[tuple[float, float]]:
    """Write names and sizes; give top and height of each row in mm."""
    left, width = place
    rows = []
    for name, count in zip(names, counts, strict=True):
        high = max(text.height(name), _BAR) + _GAP
        page.text(left - 1.5, page.y + high / 2, name, ha="right", va="center")
        page.text(left + width + 2.0, page.y + high / 2, count, va="center", color=style.MUTED)
        rows.append((page.y, high))
        page.y += high
    return rows


def _draw_axes(
    page: Page,
    place: tuple[float, float],
    edges: list[tuple[float, float]],
    shares: pd.DataFrame,
    hues: dict[str, str],
) -> None:
    left, width = place
    top, height = edges[0][0], page.y - edges[0][0]
    axes = page.axes(left, top, width, height)
    axes.set_xlim(0, 1)
    axes.set_ylim(height, 0)
    axis.set_ticks(axes.xaxis, [0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    axis.set_ticks(axes.yaxis, [], [])
    middles = np.array([row_top - top + high / 2 for row_top, high in edges])
    values = shares.to_numpy(dtype=float)
    starts = np.nancumsum(values, axis=1) - np.nan_to_num(values)
    for k, level in enumerate(shares.columns):
        bar = {"height": _BAR, "left": starts[:, k], "edgecolor": "white", "linewidth": 0.4}
        axes.barh(middles, np.nan_to_num(values[:, k]), color=hues[level], **bar)
        for share, start, middle in zip(values[:, k], starts[:, k], middles, strict=True):
            _write_share(axes, share, start, middle, hues[level], width)
    for middle in middles[np.isnan(values).all(axis=1)]:
        axes.text(0.01, middle, "no data", va="center", color=style.MUTED, size=style.SMALL_SIZE)


def _write_share(
    axes: Any, share: float, start: float, middle: float, color: str, width: float
) -> None:
    label = format_percent(share)
    if not np.isnan(share) and text.width(label, _SHARE_SIZE) + 0.8 <= share * width:
        how = {"ha": "center", "va": "center", "size": _SHARE_SIZE, "color": style.text_on(color)}
        axes.text(start + share / 2, middle, label, **how)
