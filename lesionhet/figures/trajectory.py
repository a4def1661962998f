"""Size over time of the total burden and of each lesion, patient by patient."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.charts import TrajectoryChart
from lesionhet.figures import axis, check, style, text
from lesionhet.figures.page import MARGIN, Entry, Page
from lesionhet.labels import label
from lesionhet.schema import PHASES

Limits = tuple[tuple[float, float], tuple[float, float]]
"""Lowest and highest day, lowest and highest ratio."""

_HEIGHT: Final = 24.0
_ACROSS: Final = 5
_GAP: Final = 3.0
_STRIP: Final = 0.045


def draw(chart: TrajectoryChart) -> Any:
    """Draw one row of panels a patient: total burden first, then the lesions; more rows beyond five.

    Parameters
    ----------
    chart
        What is drawn. The panels of a patient share both axes.

    Returns
    -------
    matplotlib.figure.Figure
        175 mm wide.

    Raises
    ------
    LesionhetError
        ``series`` or ``points`` is empty or lacks a column, or a phase has an unknown name.
    """
    series = check.table(chart, "series", ("patient_id", "series", "label", "consistent"))
    points = check.table(chart, "points", ("patient_id", "series", "day", "ratio"))
    columns = ("patient_id", "series", "phase", "start_day", "end_day")
    phases = check.table(chart, "phases", columns, may_be_empty=True)
    check.order(chart, "phase names", PHASES, phases["phase"].unique())
    check.finite(chart, "points", points, ("day", "ratio"))
    check.finite(chart, "phases", phases, ("start_day", "end_day"))
    page = Page(chart, style.WIDTH)
    page.legend(_entries(chart), MARGIN)
    ratios = [f"{ratio:.1f}" for ratio in (0, 10)]
    left = MARGIN + axis.left_room(ratios, "y", _HEIGHT)
    across = int(min(_ACROSS, series.groupby("patient_id", sort=False).size().max()))
    width = min((page.width - left - MARGIN - 1.0 - (across - 1) * _GAP) / across, 50.0)
    for patient, rows in series.groupby("patient_id", sort=False):
        own = (points[points["patient_id"] == patient], phases[phases["patient_id"] == patient])
        _draw_patient(page, chart, str(patient), rows, own, (left, width, across))
    axis.write_x_label(page, "Days from the start of treatment", left, page.width - left - MARGIN)
    return page.finish()


def _entries(chart: TrajectoryChart) -> list[Entry]:
    phases = [Entry(label(phase), _band_color(phase)) for phase in PHASES]
    lines = [
        Entry(words, style.REFERENCE, "line", _line_style(place))
        for place, words in enumerate(chart.lines.values())
    ]
    return [*phases, *lines]


def _band_color(phase: str) -> str:
    return style.tint(style.PHASE_COLORS[phase], 0.75)


def _line_style(place: int) -> Any:
    return style.LINE_STYLES[1:][place % (len(style.LINE_STYLES) - 1)]


def _draw_patient(
    page: Page,
    chart: TrajectoryChart,
    patient: str,
    series: pd.DataFrame,
    own: tuple[pd.DataFrame, pd.DataFrame],
    place: tuple[float, float, int],
) -> None:
    left, width, across = place
    heading = text.wrap(patient, page.width - 2 * MARGIN, weight="bold")
    page.text(MARGIN, page.y, heading, weight="bold")
    page.y += text.height(heading) + 0.8
    limits = _limits(chart, own)
    for start in range(0, len(series), across):
        _write_heads(page, series.iloc[start : start + across], left, width)
        for column, name in enumerate(series["series"].iloc[start : start + across]):
            axes = page.axes(left + column * (width + _GAP), page.y, width, _HEIGHT)
            points, phases = (frame[frame["series"] == name] for frame in own)
            _draw_panel(axes, chart, points.sort_values("day"), phases, limits)
            _set_ticks(axes, limits, width, column == 0)
        axis.write_y_label(page, "Size / baseline", MARGIN, page.y, _HEIGHT)
        page.y += _HEIGHT + axis.TICK_PAD + text.height("0", style.SMALL_SIZE) + 1.6
    page.y += 1.2


def _limits(chart: TrajectoryChart, own: tuple[pd.DataFrame, pd.DataFrame]) -> Limits:
    points, phases = own
    days = np.concatenate([points["day"], phases["start_day"], phases["end_day"]]).astype(float)
    days = days[~np.isnan(days)]
    low, high = (float(days.min()), float(days.max())) if len(days) else (0.0, 1.0)
    tallest = max([float(np.nan_to_num(points["ratio"].max())), *chart.lines, 1.0])
    pad = 0.03 * ((high - low) or 1.0)
    return (low - pad, high + pad), (0.0, 1.08 * tallest)


def _write_heads(page: Page, series: pd.DataFrame, left: float, width: float) -> None:
    """Write what each panel shows and whether the lesion is consistent; move below the tallest."""
    heads = []
    for words, consistent in zip(series["label"], series["consistent"], strict=True):
        lines, size = text.fit(words, width, 2, style.SMALL_SIZE)
        flag = "" if pd.isna(consistent) or not str(consistent) else f"Consistent: {consistent}"
        heads.append((lines, size, flag))
    flag_height = text.height("x", style.SMALL_SIZE) if any(flag for _, _, flag in heads) else 0.0
    tallest = max(text.height(lines, size) for lines, size, _ in heads)
    for column, (lines, size, flag) in enumerate(heads):
        x = left + column * (width + _GAP)
        page.text(x, page.y + tallest - text.height(lines, size), lines, size=size)
        page.text(x, page.y + tallest, flag, size=style.SMALL_SIZE, color=style.MUTED)
    page.y += tallest + flag_height + 0.8


def _draw_panel(
    axes: Any, chart: TrajectoryChart, points: pd.DataFrame, phases: pd.DataFrame, limits: Limits
) -> None:
    axes.set_xlim(*limits[0])
    axes.set_ylim(*limits[1])
    for phase, start, end in phases[["phase", "start_day", "end_day"]].itertuples(index=False):
        color = style.PHASE_COLORS[phase]
        axes.axvspan(start, end, color=color, alpha=0.25, linewidth=0, zorder=1)
        axes.axvspan(start, end, ymax=_STRIP, color=color, linewidth=0, zorder=2)
    for place, ratio in enumerate(chart.lines):
        how = {"color": style.REFERENCE, "linewidth": 0.7, "linestyle": _line_style(place)}
        axes.axhline(ratio, zorder=3, **how)
    line = {"color": style.INK, "linewidth": 1.0, "markersize": 2.6, "zorder": 4, "clip_on": False}
    axes.plot(points["day"], points["ratio"], "-o", **line)


def _set_ticks(axes: Any, limits: Limits, width: float, is_first: bool) -> None:
    axis.set_ticks(axes.xaxis, *axis.fitting_ticks(*limits[0], width))
    ticks = [tick for tick in axis.linear_ticks(*limits[1], 4) if tick <= limits[1][1]]
    axis.set_ticks(axes.yaxis, ticks, axis.texts(ticks) if is_first else [""] * len(ticks))
