"""Kaplan-Meier curves with numbers at risk."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.charts import Mark, SurvivalChart
from lesionhet.figures import axis, check, style, text
from lesionhet.figures.page import HALO, MARGIN, Entry, Page
from lesionhet.labels import NOT_REACHED, format_number

_HEIGHT: Final = 62.0
_NAME_ROOM: Final = 34.0
_CENSOR_TICK: Final = 0.013
_CURVE: Final = ("group", "time", "survival", "conf_low", "conf_high", "n_censor")


def draw(chart: SurvivalChart) -> Any:
    """Draw survival curves with bands, censor ticks, medians in the legend and numbers at risk.

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
        A table is empty, lacks a column, or has groups that ``order`` does not name.
    """
    curve, at_risk = _tables(chart)
    hues = style.colors(chart.palette, chart.order, chart.colors)
    page = Page(chart, style.MEDIUM_WIDTH)
    names = {group: text.fit(group, _NAME_ROOM, 3, style.SMALL_SIZE) for group in chart.order}
    cells = [format_number(n, 0, "") for n in at_risk["n_risk"]]
    half_cell = max(text.width(cell, style.SMALL_SIZE) for cell in cells) / 2
    left = _left(names, half_cell)
    width = page.width - left - MARGIN - max(half_cell, 4.0)
    entries = _entries(chart, hues)
    widest = max(text.width(entry.label) for entry in entries)
    page.legend(entries, left if widest < width - 10.0 else MARGIN)
    top = page.y
    axes = page.axes(left, top, width, _HEIGHT)
    last = max(curve["time"].max(), at_risk["time"].max())
    times = _times(at_risk, width / last if last > 0 else width, 2 * half_cell)
    _set_axes(axes, last, times)
    # Many bands on top of each other would hide the curves.
    alpha = min(0.14, 0.4 / len(chart.order))
    for place, group in enumerate(chart.order):
        _draw_group(axes, curve[curve["group"] == group], (hues[group], alpha), place)
    _write_in_plot(chart, axes, curve, last, width)
    axis.write_y_label(page, chart.y_label, _y_label_left(left), top, _HEIGHT)
    page.y += _HEIGHT + axis.TICK_PAD + text.height("0", style.SMALL_SIZE) + 0.5
    axis.write_x_label(page, chart.x_label, left, width)
    _write_at_risk(page, at_risk[at_risk["time"].isin(times)], names, hues, (left, width, last))
    return page.finish()


def _tables(chart: SurvivalChart) -> tuple[pd.DataFrame, pd.DataFrame]:
    curve = check.table(chart, "curve", _CURVE)
    at_risk = check.table(chart, "at_risk", ("group", "time", "n_risk"))
    medians = check.table(chart, "medians", ("group", "n", "median"))
    for frame in (curve, at_risk, medians):
        check.order(chart, "order", chart.order, frame["group"].unique())
    check.finite(chart, "curve", curve, _CURVE[1:])
    return curve, at_risk


def _entries(chart: SurvivalChart, hues: dict[str, str]) -> list[Entry]:
    medians = chart.medians.set_index("group")
    entries = []
    for place, group in enumerate(chart.order):
        label = group
        if group in medians.index:
            row = medians.loc[group]
            median = format_number(row["median"], 0, NOT_REACHED)
            label = f"{group} (n = {format_number(row['n'], 0)}), median {median}"
        entries.append(Entry(label, hues[group], "line", _line_style(place)))
    return entries


def _line_style(place: int) -> Any:
    return style.LINE_STYLES[place % len(style.LINE_STYLES)]


def _left(names: dict[str, tuple[str, float]], half_cell: float) -> float:
    table = max(text.width(lines, size) for lines, size in names.values()) + half_cell + 1.5
    return MARGIN + max(table, _axis_room())


def _axis_room() -> float:
    return axis.left_room(["100%"], "y", _HEIGHT)


def _y_label_left(left: float) -> float:
    return left - _axis_room()


def _times(at_risk: pd.DataFrame, mm_per_day: float, cell: float) -> list[float]:
    """Thin the times of the table until neither its numbers nor the tick labels touch."""
    times = np.sort(at_risk["time"].unique().astype(float))
    widest = max(text.width(label, style.SMALL_SIZE) for label in axis.texts(list(times)))
    room = max(cell, widest) + 1.5
    stride = 1
    while stride < len(times) and (np.diff(times[::stride]) * mm_per_day < room).any():
        stride += 1
    return [float(time) for time in times[::stride]]


def _set_axes(axes: Any, last: float, times: list[float]) -> None:
    axes.set_xlim(0, last if last > 0 else 1)
    axes.set_ylim(0, 1.02)
    axis.set_ticks(axes.xaxis, times, axis.texts(times))
    axis.set_ticks(
        axes.yaxis, [0, 0.2, 0.4, 0.6, 0.8, 1], ["0%", "20%", "40%", "60%", "80%", "100%"]
    )


def _draw_group(axes: Any, rows: pd.DataFrame, hue: tuple[str, float], place: int) -> None:
    if rows.empty:
        return
    color, alpha = hue
    steps = _from_start(rows.sort_values("time"))
    time = steps["time"].to_numpy(dtype=float)
    band = {"step": "post", "color": color, "alpha": alpha, "linewidth": 0, "zorder": 1}
    axes.fill_between(time, steps["conf_low"], steps["conf_high"], **band)
    line = {
        "color": color,
        "linewidth": 1.3,
        "linestyle": _line_style(place),
        "zorder": 3 + place / 100,
    }
    axes.step(time, steps["survival"], where="post", **line)
    censored = steps[steps["n_censor"] > 0]
    # One path for all ticks: thousands of markers would make the SVG large.
    x = np.repeat(censored["time"].to_numpy(dtype=float), 3)
    y = np.repeat(censored["survival"].to_numpy(dtype=float), 3)
    y += np.tile([-_CENSOR_TICK, _CENSOR_TICK, np.nan], len(censored))
    axes.plot(x, y, color=color, linewidth=0.5, zorder=2, clip_on=False)


def _from_start(rows: pd.DataFrame) -> pd.DataFrame:
    """Begin the curve at time 0 with everybody alive, unless it has a row there."""
    if rows["time"].iloc[0] <= 0:
        return rows
    start = {"time": 0.0, "survival": 1.0, "conf_low": 1.0, "conf_high": 1.0, "n_censor": 0}
    return pd.concat([pd.DataFrame([start]), rows[list(start)]], ignore_index=True)


def _write_in_plot(
    chart: SurvivalChart, axes: Any, curve: pd.DataFrame, last: float, width: float
) -> None:
    p_text = text.wrap(chart.p_text, 0.6 * width)
    if p_text:
        box = (text.width(p_text) / width + 0.03, text.height(p_text) / _HEIGHT + 0.03)
        x, y = _free_corner(curve, last, box, chart.mark)
        place = {"ha": "left" if x < 0.5 else "right", "va": "bottom" if y < 0.5 else "top"}
        axes.text(x, y, p_text, transform=axes.transAxes, path_effects=HALO, zorder=6, **place)
    if chart.mark is not None:
        _write_mark(axes, chart.mark, text.wrap(chart.mark.label, 0.45 * width), last)


def _write_mark(axes: Any, mark: Mark, label: str, last: float) -> None:
    axes.plot([mark.x], [mark.y], "o", color=style.MARK, markersize=5, zorder=7, clip_on=False)
    before, low = mark.x > last / 2, mark.y < 0.85
    side = {"ha": "right" if before else "left", "va": "bottom" if low else "top"}
    offset = {"xytext": (-5 if before else 5, 4 if low else -4), "textcoords": "offset points"}
    how = {"color": style.MARK, "path_effects": HALO, "zorder": 7} | text.font(label, "bold")
    axes.annotate(label, (mark.x, mark.y), **side, **offset, **how)


def _free_corner(
    curve: pd.DataFrame, last: float, box: tuple[float, float], mark: Mark | None
) -> Any:
    """Give the corner of the axes, as fractions, where a box of this size covers least of the curves."""
    x, low, high = _covered_by_curves(curve, last)
    if mark is not None:
        x = np.append(x, np.repeat(mark.x / (last or 1.0), len(x)))
        low, high = (np.append(side, np.repeat(mark.y, len(low))) for side in (low, high))

    def covered(corner: tuple[float, float]) -> int:
        across = x < box[0] if corner[0] < 0.5 else x > 1 - box[0]
        along = low < box[1] if corner[1] < 0.5 else high > 1 - box[1]
        return int((across & along).sum())

    return min([(0.02, 0.03), (0.99, 0.97), (0.99, 0.03), (0.02, 0.97)], key=covered)


def _covered_by_curves(curve: pd.DataFrame, last: float) -> tuple[Any, Any, Any]:
    """Give x and the lower and upper edge of every band on an even grid, as fractions of the axes."""
    grid = np.linspace(0, 1, 201)
    parts = []
    for _, rows in curve.groupby("group", sort=False):
        steps = _from_start(rows.sort_values("time"))
        at = np.searchsorted(steps["time"].to_numpy(dtype=float), grid * last, side="right") - 1
        survival = steps["survival"]
        edges = [
            steps[name].fillna(survival).to_numpy(dtype=float) for name in ("conf_low", "conf_high")
        ]
        inside = (at >= 0) & (grid * last <= steps["time"].max())
        parts.append(np.stack([grid, *(edge[np.maximum(at, 0)] for edge in edges)])[:, inside])
    x, low, high = np.concatenate(parts, axis=1)
    return x, low, high


def _write_at_risk(
    page: Page,
    at_risk: pd.DataFrame,
    names: dict[str, tuple[str, float]],
    hues: dict[str, str],
    place: tuple[float, float, float],
) -> None:
    left, width, last = place
    small: dict[str, Any] = {"size": style.SMALL_SIZE}
    page.text(MARGIN, page.y, "Number at risk", weight="bold", **small)
    page.y += text.height("x", style.SMALL_SIZE) + 0.6
    scale = width / (last if last > 0 else 1)
    for group, (lines, size) in names.items():
        color, line = style.readable(hues[group]), text.height("x", style.SMALL_SIZE)
        page.text(MARGIN, page.y, lines, size=size, color=color)
        rows = at_risk[at_risk["group"] == group]
        for time, n in zip(rows["time"], rows["n_risk"], strict=True):
            page.text(left + time * scale, page.y, format_number(n, 0, ""), ha="center", **small)
        page.y += max(text.height(lines, size), line) + 0.3
