"""Estimates of many ways to analyse, sorted, above a grid of the choices that each way has."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.charts import SpecificationChart
from lesionhet.errors import LesionhetError
from lesionhet.figures import axis, check, style, text
from lesionhet.figures.page import MARGIN, Entry, Page

_HEIGHT: Final = 52.0
_ROW: Final = 3.0
_GAP: Final = 1.2
_NUMBERS: Final = ("estimate", "conf_low", "conf_high")
_ABOVE, _BELOW, _EITHER, _PLAIN = "#0072B2", "#D55E00", "#9A9A9A", "#0072B2"
_BAND: Final = "#E4D8EC"


def draw(chart: SpecificationChart) -> Any:
    """Draw a specification curve: one column a way to analyse, its estimate above, its choices below.

    Parameters
    ----------
    chart
        What is drawn. A way without an estimate has no point, and its choices are drawn all the same.

    Returns
    -------
    matplotlib.figure.Figure
        175 mm wide.

    Raises
    ------
    LesionhetError
        ``rows`` is empty, lacks a column, or has a value that ``choices`` does not name.
    """
    rows = check.table(chart, "rows", (*_NUMBERS, "mark", *chart.choices))
    check.finite(chart, "rows", rows, _NUMBERS)
    if chart.log_scale:
        check.positive(chart, "rows", rows, _NUMBERS)
    for column, values in chart.choices.items():
        check.order(chart, f"choices['{column}']", values, rows[column].unique())
    if rows["estimate"].isna().all():
        raise LesionhetError(
            f"{check.name_of(chart)}: no row has an estimate; there is nothing to draw."
        )
    page = Page(chart, style.WIDTH)
    if entries := _entries(chart, rows):
        page.legend(entries, MARGIN)
    low, high = _limits(chart, rows)
    ticks, labels = _ticks(chart, low, high)
    names = [value for values in chart.choices.values() for value in values]
    left = MARGIN + max(
        axis.left_room(labels, chart.y_label, _HEIGHT),
        max(text.width(value, style.SMALL_SIZE) for value in names) + 5.0,
    )
    width = page.width - left - MARGIN
    page.y += _write_marks(page, rows, left, width)
    top = page.y
    axes = page.axes(left, top, width, _HEIGHT)
    _draw_estimates(axes, chart, rows, (low, high), width)
    axis.set_ticks(axes.yaxis, ticks, labels)
    axis.write_y_label(
        page, chart.y_label, left - axis.left_room(labels, chart.y_label, _HEIGHT), top, _HEIGHT
    )
    page.y += _HEIGHT + 1.5
    _draw_grid(page, chart, rows, left, width)
    return page.finish()


def _effects(chart: SpecificationChart, rows: pd.DataFrame) -> pd.Series:
    """Say of each row on which side of the reference its interval lies."""
    if chart.reference is None:
        return pd.Series("", index=rows.index)
    above = rows["conf_low"] > chart.reference
    below = rows["conf_high"] < chart.reference
    return pd.Series(np.select([above, below], ["above", "below"], "either"), index=rows.index)


def _entries(chart: SpecificationChart, rows: pd.DataFrame) -> list[Entry]:
    if chart.reference is None:
        return []
    found = _effects(chart, rows).value_counts()
    at = f"{chart.reference:g}"
    words = {
        "above": (f"interval above {at}", _ABOVE),
        "either": (f"interval holds {at}", _EITHER),
        "below": (f"interval below {at}", _BELOW),
    }
    return [
        Entry(f"{label} ({found[name]:,})", color, "point", marker="o")
        for name, (label, color) in words.items()
        if name in found
    ]


def _limits(chart: SpecificationChart, rows: pd.DataFrame) -> tuple[float, float]:
    values = rows[list(_NUMBERS)].to_numpy(dtype=float)
    values = values[~np.isnan(values)]
    low, high = float(values.min()), float(values.max())
    if chart.reference is not None:
        low, high = min(low, chart.reference), max(high, chart.reference)
    if chart.log_scale:
        pad = (high / low) ** 0.05 if high > low else 1.1
        return low / pad, high * pad
    pad = 0.05 * (high - low) or 0.5 * abs(high) or 1.0
    return (low if low == 0 else low - pad), high + pad


def _ticks(chart: SpecificationChart, low: float, high: float) -> tuple[list[float], list[str]]:
    if chart.log_scale:
        ticks = axis.ratio_ticks(low, high, _HEIGHT)
        return ticks, axis.log_texts(ticks)
    ticks = [tick for tick in axis.linear_ticks(low, high, 6) if low <= tick <= high]
    return ticks, axis.texts(ticks)


def _write_marks(page: Page, rows: pd.DataFrame, left: float, width: float) -> float:
    """Name the marked columns above the axes, on as many lines as keep them apart; give their height."""
    step = width / len(rows)
    line = text.height("x", style.SMALL_SIZE)
    ends: list[float] = []
    for place in np.flatnonzero(rows["mark"].astype(str) != ""):
        label = text.clean(rows["mark"].iloc[place])
        half = text.width(label, style.SMALL_SIZE) / 2 + 1.0
        middle = min(max(left + (place + 0.5) * step, left + half), left + width - half)
        level = next((i for i, end in enumerate(ends) if middle - half > end), len(ends))
        if level == len(ends):
            ends.append(0.0)
        ends[level] = middle + half
        how = {"size": style.SMALL_SIZE, "ha": "center", "color": style.REFERENCE}
        page.text(middle, page.y + level * line, label, **how)
    return len(ends) * line + 0.8


def _bands(axes: Any, rows: pd.DataFrame) -> None:
    for place in np.flatnonzero(rows["mark"].astype(str) != ""):
        axes.axvspan(place - 0.5, place + 0.5, color=_BAND, linewidth=0, zorder=0)


def _draw_estimates(
    axes: Any,
    chart: SpecificationChart,
    rows: pd.DataFrame,
    limits: tuple[float, float],
    width: float,
) -> None:
    if chart.log_scale:
        axes.set_yscale("log")
    axes.set_ylim(*limits)
    axes.set_xlim(-0.5, len(rows) - 0.5)
    axis.set_ticks(axes.xaxis, [], [])
    axes.spines["bottom"].set_visible(False)
    _bands(axes, rows)
    if chart.reference is not None:
        axes.axhline(chart.reference, color=style.MUTED, linewidth=0.7, zorder=1)
    place = np.arange(len(rows))
    step = width / len(rows)
    colors = {"above": _ABOVE, "below": _BELOW, "either": _EITHER, "": _PLAIN}
    for effect, part in rows.groupby(_effects(chart, rows)):
        at, color = place[part.index], colors[str(effect)]
        interval = part[["conf_low", "conf_high"]].to_numpy(dtype=float)
        known = ~np.isnan(interval).any(axis=1)
        line = {"color": color, "linewidth": min(1.4, 0.9 * step), "zorder": 2}
        axes.vlines(at[known], interval[known, 0], interval[known, 1], **line)
        size = min(3.4, 1.9 * step)
        axes.plot(at, part["estimate"], "o", color=color, markersize=size, zorder=3)


def _draw_grid(
    page: Page, chart: SpecificationChart, rows: pd.DataFrame, left: float, width: float
) -> None:
    """Draw a row for each value of each choice, a mark where a way has it."""
    top, y = page.y, 0.0
    lines: list[tuple[float, Any]] = []
    for column, values in chart.choices.items():
        heading = text.wrap(chart.names[column], page.width - 2 * MARGIN, style.SMALL_SIZE, "bold")
        page.text(MARGIN, top + y, heading, size=style.SMALL_SIZE, weight="bold")
        y += text.height(heading, style.SMALL_SIZE)
        for value in values:
            lines.append((y + _ROW / 2, (rows[column] == value).to_numpy()))
            page.text(
                left - 1.5,
                top + y + _ROW / 2,
                value,
                size=style.SMALL_SIZE,
                ha="right",
                va="center",
            )
            y += _ROW
        y += _GAP
    axes = page.axes(left, top, width, y)
    axes.set_xlim(-0.5, len(rows) - 0.5)
    axes.set_ylim(y, 0)
    for which in (axes.xaxis, axes.yaxis):
        axis.set_ticks(which, [], [])
    axes.spines[["left", "bottom"]].set_visible(False)
    _bands(axes, rows)
    step = width / len(rows)
    for middle, has in lines:
        axes.axhline(middle, color="#DDDDDD", linewidth=0.4, zorder=1)
        at = np.flatnonzero(has)
        wide = min(0.7, 2.2 / step)
        axes.bar(
            at,
            0.62 * _ROW,
            wide,
            bottom=middle - 0.31 * _ROW,
            color=style.INK,
            linewidth=0,
            zorder=2,
        )
    page.y = top + y
