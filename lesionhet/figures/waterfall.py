"""One bar a patient, highest first."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection

from lesionhet.charts import WaterfallChart
from lesionhet.errors import LesionhetError
from lesionhet.figures import axis, check, style, text
from lesionhet.figures.page import HALO, MARGIN, Entry, Page

_HEIGHT: Final = 62.0
_TALLEST: Final = 100.0
_DENSE: Final = 300


def draw(chart: WaterfallChart) -> Any:
    """Draw a waterfall of changes from baseline, coloured by group or by the reference lines they reach.

    Parameters
    ----------
    chart
        What is drawn; changes in percent. Bars beyond 100 % are cut there and patients without a
        change left out; a note counts both.

    Returns
    -------
    matplotlib.figure.Figure
        175 mm wide.

    Raises
    ------
    LesionhetError
        ``bars`` is empty, lacks a column, has no change at all, or lacks the marked patient; or it has
        groups that ``order`` does not name.
    """
    needed = ("patient_id", "change", *(["group"] if chart.order else []))
    bars = check.table(chart, "bars", needed)
    check.finite(chart, "bars", bars, ("change",))
    shown = bars[bars["change"].notna()].sort_values("change", ascending=False, kind="stable")
    if shown.empty:
        raise LesionhetError(f"{check.name_of(chart)}: no patient has a change, nothing to draw.")
    changes = shown["change"].to_numpy(dtype=float)
    page = Page(chart, style.WIDTH)
    entries, kinds = _grouped(chart, shown) if chart.order else _by_lines(chart, changes)
    low, high = _limits(chart, changes)
    ticks = [tick for tick in axis.linear_ticks(low, high, 7) if low <= tick <= high]
    labels = [f"{label}%" for label in axis.texts(ticks)]
    left = MARGIN + axis.left_room(labels, chart.y_label, _HEIGHT)
    page.legend(entries, left)
    top, width = page.y + 2.0, page.width - left - MARGIN - axis.side_room(chart.lines)
    axes = page.axes(left, top, width, _HEIGHT)
    axes.set_xlim(-0.5, len(changes) - 0.5)
    axes.set_ylim(low, high)
    axes.spines["bottom"].set_visible(False)
    axis.set_ticks(axes.yaxis, ticks, labels)
    axis.set_ticks(axes.xaxis, [], [])
    _draw_bars(axes, changes, kinds)
    axes.axhline(0, color=style.INK, linewidth=0.6, zorder=3)
    axis.reference_lines(page, axes, chart.lines, left + width, top, _HEIGHT)
    axis.write_y_label(page, chart.y_label, MARGIN, top, _HEIGHT)
    _draw_mark(axes, chart, shown, width)
    page.y = top + _HEIGHT + 1.0
    axis.write_x_label(page, f"{len(shown):,} patients", left, width)
    page.notes(_notes(len(bars) - len(shown), int((changes > high).sum()), high))
    return page.finish()


def _grouped(chart: WaterfallChart, shown: pd.DataFrame) -> tuple[list[Entry], dict[str, Any]]:
    """Give the legend of the groups that are there, and colour -> bars."""
    group = shown["group"].to_numpy(dtype=object)
    check.order(chart, "order", chart.order, set(group))
    hues = style.colors(chart.palette, chart.order, chart.colors)
    present = [name for name in chart.order if name in set(group)]
    return [Entry(name, hues[name]) for name in present], {
        hues[name]: group == name for name in present
    }


def _by_lines(chart: WaterfallChart, changes: Any) -> tuple[list[Entry], dict[str, Any]]:
    """Give the legend of the reference lines, and colour -> bars that reach them."""
    upper, lower = _bounds(chart)
    response, stable, relapse = style.PHASE_COLORS.values()
    kinds = {relapse: changes >= upper, response: changes <= lower}
    kinds[stable] = ~(kinds[relapse] | kinds[response])
    return _entries(chart, upper, lower), kinds


def _bounds(chart: WaterfallChart) -> tuple[float, float]:
    """Give the reference lines nearest to 0 above and below it; infinite where there is none."""
    above = [at for at in chart.lines if at > 0]
    below = [at for at in chart.lines if at < 0]
    return min(above, default=np.inf), max(below, default=-np.inf)


def _entries(chart: WaterfallChart, upper: float, lower: float) -> list[Entry]:
    response, stable, relapse = style.PHASE_COLORS.values()
    entries = []
    if np.isfinite(upper):
        entries.append(Entry(f"{upper:+g}% or more".replace("-", "−"), relapse))
    entries.append(
        Entry("between the lines" if entries and np.isfinite(lower) else "other", stable)
    )
    if np.isfinite(lower):
        entries.append(Entry(f"{lower:+g}% or less".replace("-", "−"), response))
    if len(entries) == 1:
        entries = [Entry("change from baseline", stable)]
    return entries


def _limits(chart: WaterfallChart, changes: Any) -> tuple[float, float]:
    low = min(changes.min(), 0.0, *chart.lines) if chart.lines else min(changes.min(), 0.0)
    high = max(changes.max(), 0.0, *chart.lines) if chart.lines else max(changes.max(), 0.0)
    pad = 0.04 * ((high - low) or 1.0)
    return float(low - pad), float(min(high + pad, max(_TALLEST, *chart.lines, 0.0)))


def _draw_bars(axes: Any, changes: Any, kinds: dict[str, Any]) -> None:
    place = np.arange(len(changes))
    half = 0.4 if len(changes) <= _DENSE else 0.5
    zero = np.zeros(len(changes))
    x = np.stack([place - half, place + half, place + half, place - half], axis=1)
    corners = np.stack([x, np.stack([zero, zero, changes, changes], axis=1)], axis=2)
    for color, chosen in kinds.items():
        how: dict[str, Any] = {"facecolors": color, "linewidths": 0, "zorder": 2}
        dense = len(changes) > _DENSE
        bars = PolyCollection(corners[chosen], rasterized=dense, antialiased=not dense, **how)
        axes.add_collection(bars, autolim=False)


def _draw_mark(axes: Any, chart: WaterfallChart, shown: pd.DataFrame, width: float) -> None:
    if chart.marked is None:
        return
    found = np.flatnonzero((shown["patient_id"] == chart.marked).to_numpy())
    if not len(found):
        raise LesionhetError(
            f"{check.name_of(chart)}: marked patient {chart.marked!r} has no bar; mark one that has."
        )
    place = int(found[0])
    change = float(shown["change"].iloc[place])
    # Among thousands a true bar is thinner than a pixel: the mark has a width of its own.
    points = max(1.2, 0.8 * width / len(shown) / style.MM_PER_POINT)
    axes.plot([place, place], [0, change], color=style.MARK, linewidth=points, zorder=4)
    upwards = change >= 0
    arrow = {"color": style.MARK, "markersize": 4, "zorder": 5, "clip_on": False}
    axes.plot([place], [0], "^" if upwards else "v", **arrow)
    label = text.wrap(chart.marked, 45.0, style.SMALL_SIZE)
    before = place > len(shown) / 2
    how = {"xytext": (4 if not before else -4, -6 if upwards else 6), "textcoords": "offset points"}
    side = {"ha": "right" if before else "left", "va": "top" if upwards else "bottom"}
    bold = {"color": style.MARK, "size": style.SMALL_SIZE, "zorder": 6} | text.font(label, "bold")
    axes.annotate(label, (place, 0), path_effects=HALO, **how, **side, **bold)


def _notes(missing: int, cut: int, high: float) -> list[str]:
    notes = [f"Bars cut at {high:.0f}%: {cut:,}."] if cut else []
    return [*notes, f"Patients without a change, not drawn: {missing:,}."] if missing else notes
