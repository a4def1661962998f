"""Power by number of patients, with the band that the simulations leave."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from lesionhet.charts import PowerChart
from lesionhet.figures import axis, check, style, text
from lesionhet.figures.page import HALO, MARGIN, Entry, Page
from lesionhet.labels import format_number

_HEIGHT: Final = 62.0
_SHARES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def draw(chart: PowerChart) -> Any:
    """Draw power curves with Monte-Carlo bands, reference lines and the numbers that are needed.

    Parameters
    ----------
    chart
        What is drawn.

    Returns
    -------
    matplotlib.figure.Figure
        125 mm wide.

    Raises
    ------
    LesionhetError
        The table is empty, lacks a column, or has groups that ``order`` does not name.
    """
    columns = ("group", "patients", "power", "conf_low", "conf_high")
    points = check.table(chart, "points", columns)
    check.order(chart, "order", chart.order, points["group"].unique())
    check.finite(chart, "points", points, columns[1:])
    hues = style.colors("group", chart.order, chart.colors)
    page = Page(chart, style.MEDIUM_WIDTH)
    left = MARGIN + axis.left_room(["100%"], chart.y_label, _HEIGHT)
    width = page.width - left - MARGIN - axis.side_room(chart.lines)
    if len(chart.order) > 1:
        page.legend(_entries(chart, hues), MARGIN)
    top = page.y + 1.5
    axes = page.axes(left, top, width, _HEIGHT)
    most = float(points["patients"].max())
    axes.set_xlim(0, 1.04 * most)
    axes.set_ylim(0, 1.02)
    axis.set_ticks(axes.xaxis, *axis.fitting_ticks(0, 1.04 * most, width))
    axis.set_ticks(axes.yaxis, _SHARES, [f"{100 * share:.0f}%" for share in _SHARES])
    alpha = min(0.16, 0.4 / len(chart.order))
    for place, group in enumerate(chart.order):
        _draw_group(axes, points[points["group"] == group], hues[group], place, alpha)
    _mark_needed(axes, chart, hues, most)
    axis.reference_lines(page, axes, chart.lines, left + width, top, _HEIGHT)
    axis.write_y_label(page, chart.y_label, MARGIN, top, _HEIGHT)
    page.y = top + _HEIGHT + axis.TICK_PAD + text.height("0", style.SMALL_SIZE) + 0.5
    axis.write_x_label(page, chart.x_label, left, width)
    return page.finish()


def _entries(chart: PowerChart, hues: dict[str, str]) -> list[Entry]:
    return [
        Entry(group, hues[group], "line", _line_style(place), _marker(place))
        for place, group in enumerate(chart.order)
    ]


def _line_style(place: int) -> Any:
    return style.LINE_STYLES[place % len(style.LINE_STYLES)]


def _marker(place: int) -> str:
    return style.MARKERS[place % len(style.MARKERS)]


def _draw_group(axes: Any, rows: pd.DataFrame, color: str, place: int, alpha: float) -> None:
    rows = rows.sort_values("patients")
    x = rows["patients"].to_numpy(dtype=float)
    band = {"color": color, "alpha": alpha, "linewidth": 0, "zorder": 1}
    if len(rows) > 1:
        axes.fill_between(x, rows["conf_low"], rows["conf_high"], **band)
    else:
        axes.vlines(x, rows["conf_low"], rows["conf_high"], color=color, linewidth=1.0)
    how = {"color": color, "linewidth": 1.3, "markersize": 3.5, "zorder": 4, "clip_on": False}
    axes.plot(x, rows["power"], marker=_marker(place), linestyle=_line_style(place), **how)


def _mark_needed(axes: Any, chart: PowerChart, hues: dict[str, str], most: float) -> None:
    """Drop a line from each curve's target to the axis, with the number of patients."""
    for place, row in enumerate(chart.needed.itertuples(index=False)):
        color = style.readable(hues[row.group])
        line = {"color": color, "linewidth": 0.8, "linestyle": (0, (1.2, 1.2)), "zorder": 2}
        axes.vlines(row.patients, 0, chart.target, **line)
        right = row.patients > 0.85 * most
        axes.annotate(
            format_number(row.patients, 0),
            (row.patients, 0.09 + 0.06 * (place % 6)),
            xytext=(-2.5 if right else 2.5, 0),
            textcoords="offset points",
            ha="right" if right else "left",
            color=color,
            size=style.SMALL_SIZE,
            path_effects=HALO,
            zorder=6,
        )
