"""One patient, interactive: sizes of all lesions, when each is in which phase, and the place among all."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from lesionhet.analyses.trajectories import TOTAL
from lesionhet.charts import TrajectoryChart, WaterfallChart
from lesionhet.figures import style
from lesionhet.labels import label
from lesionhet.schema import PHASES
from streamlit_app.interactive_style import Look, legend, lines_at, phase_scale, titled

KINDS: Final = {
    "": "total burden",
    "Y": "lesion, phases of the total",
    "N": "lesion, other phases",
    "?": "lesion, no total to compare with",
}
"""What ``consistent`` of a series says, as the legend has it."""
DASHES: Final = ([1, 0], [1, 0], [6, 4], [2, 3])
WIDTHS: Final = (3.5, 1.4, 1.4, 1.4)
SHAPES: Final = ("circle", "square", "triangle-up")
LANE: Final = 34
EXTENT: Final = 30
TITLE: Final = 30
"""Pixels of the labels and of the title left of the sizes; the lanes leave both free, so that the days of
the two pictures stand below each other."""
NAMED_SHARE: Final = 0.2
"""A phase of at least this share of the time has room for its name."""


def sizes(points: pd.DataFrame, chart: TrajectoryChart, look: Look) -> Any:
    """Draw size over baseline of every series; colour and shape of a scan are its phase.

    Parameters
    ----------
    points
        From `lesionhet.explore.one_patient.patient_points`.
    chart
        The patient's trajectories: its reference lines.
    look
        Light or dark.
    """
    rows = points.assign(kind=_kinds(points), phase=points["phase"].replace("", "unknown"))
    near = alt.selection_point(
        name="near",
        fields=["series"],
        on="pointerover",
        nearest=True,
        empty=True,
        clear="pointerout",
    )
    x = alt.X("day:Q", title="Day", scale=_days(points, chart))
    y = alt.Y("ratio:Q", title="Size / baseline", scale=alt.Scale(zero=True), axis=_axis())
    base = alt.Chart(rows).encode(
        x=x, y=y, opacity=alt.condition(near, alt.value(1.0), alt.value(0.2))
    )
    order = [kind for kind in KINDS.values() if (rows["kind"] == kind).any()]
    place = [list(KINDS.values()).index(kind) for kind in order]
    dash = alt.Scale(domain=order, range=[DASHES[p] for p in place])
    width = alt.Scale(domain=order, range=[WIDTHS[p] for p in place])
    line = base.mark_line(color=look.ink).encode(
        detail="series:N",
        strokeDash=alt.StrokeDash("kind:N", scale=dash, sort=order, legend=None),
        strokeWidth=alt.StrokeWidth("kind:N", scale=width, legend=None),
    )
    layers = [*lines_at(chart.lines, look), *_line_names(chart, _days(points, chart), look)]
    return titled(alt.layer(*layers, line, _scans(base, look, near)), 340)


def _line_names(chart: TrajectoryChart, days: alt.Scale, look: Look) -> list[Any]:
    """Write what each reference line means above its left end."""
    named = [{"ratio": ratio, "text": f"{words} {ratio:g}"} for ratio, words in chart.lines.items()]
    rows = pd.DataFrame(named).assign(day=days.domain[0])
    mark = alt.Chart(rows).mark_text(align="left", dx=3, dy=-7, fontSize=10, color=look.muted)
    x = alt.X("day:Q", title="Day", scale=days)
    return [mark.encode(x=x, y="ratio:Q", text="text:N")]


def _scans(base: Any, look: Look, near: Any) -> Any:
    shapes = alt.Scale(domain=list(PHASES), range=list(SHAPES))
    shown = legend(3)
    return (
        base.mark_point(filled=True, size=75)
        .encode(
            color=alt.Color("phase:N", scale=phase_scale(look), sort=list(PHASES), legend=shown),
            shape=alt.Shape("phase:N", scale=shapes, sort=list(PHASES), legend=shown),
            tooltip=[
                alt.Tooltip("label:N", title="Series"),
                alt.Tooltip("day:Q", title="Day", format=",.0f"),
                alt.Tooltip("size_mm:Q", title="Size (mm)", format=",.1f"),
                alt.Tooltip("ratio:Q", title="Size / baseline", format=".2f"),
                alt.Tooltip("phase:N", title="Phase"),
                alt.Tooltip("kind:N", title="Kind"),
            ],
        )
        .add_params(near)
    )


def lanes(points: pd.DataFrame, chart: TrajectoryChart, look: Look) -> Any:
    """Draw one lane a series: the days in each phase, by colour and by name, and its scans.

    Parameters
    ----------
    points, chart, look
        As in `sizes`.
    """
    series = chart.series.assign(kind=_kinds(chart.series))
    series["head"] = [
        name if kind == KINDS[""] else f"{name}: {kind.partition(', ')[2]}"
        for name, kind in zip(series["label"], series["kind"], strict=True)
    ]
    days = _days(points, chart)
    series["first"] = days.domain[0]
    y = alt.Y("series:N", sort=list(series["series"]), title=None, axis=_axis(labels=False))
    x = alt.X("start_day:Q", title="Day", scale=days)
    bars = chart.phases.merge(series, on="series")
    bars["days"] = bars["end_day"] - bars["start_day"]
    layers = [
        _bars(bars, x, y, look),
        *_names(bars, y, days, look),
        _heads(series, y, days, look),
        _ticks(points, y, days, look),
    ]
    return titled(alt.layer(*layers), LANE * len(series) + 80)


def _bars(bars: pd.DataFrame, x: alt.X, y: alt.Y, look: Look) -> Any:
    return (
        alt.Chart(bars)
        .mark_bar(height=LANE * 0.44, yOffset=LANE * 0.2)
        .encode(
            x=x,
            x2="end_day:Q",
            y=y,
            color=alt.Color("phase:N", scale=phase_scale(look), sort=list(PHASES), legend=None),
            tooltip=[
                alt.Tooltip("head:N", title="Series"),
                alt.Tooltip("phase:N", title="Phase"),
                alt.Tooltip("start_day:Q", title="From day", format=",.0f"),
                alt.Tooltip("end_day:Q", title="To day", format=",.0f"),
                alt.Tooltip("days:Q", title="Days", format=",.0f"),
            ],
        )
    )


def _names(bars: pd.DataFrame, y: alt.Y, days: alt.Scale, look: Look) -> list[Any]:
    """Write the name into each phase that has room for it, black or white, whichever reads better."""
    first, last = days.domain
    wide = bars[bars["days"] >= NAMED_SHARE * (last - first)]
    found = []
    for phase in PHASES:
        rows = wide[wide["phase"] == phase]
        rows = rows.assign(middle=(rows["start_day"] + rows["end_day"]) / 2, text=label(phase))
        color = style.text_on(look.readable(style.PHASE_COLORS[phase]))
        mark = alt.Chart(rows).mark_text(fontSize=10, yOffset=LANE * 0.2, color=color)
        x = alt.X("middle:Q", title="Day", scale=days)
        if len(rows):
            found.append(mark.encode(x=x, y=y, text="text:N"))
    return found


def _heads(series: pd.DataFrame, y: alt.Y, days: alt.Scale, look: Look) -> Any:
    mark = alt.Chart(series).mark_text(
        align="left", fontSize=11, yOffset=-LANE * 0.22, color=look.ink, limit=290
    )
    return mark.encode(x=alt.X("first:Q", title="Day", scale=days), y=y, text="head:N")


def _ticks(points: pd.DataFrame, y: alt.Y, days: alt.Scale, look: Look) -> Any:
    mark = alt.Chart(points).mark_tick(
        color=look.ink, thickness=1, height=LANE * 0.2, yOffset=LANE * 0.5
    )
    return mark.encode(
        x=alt.X("day:Q", title="Day", scale=days),
        y=y,
        tooltip=[
            alt.Tooltip("label:N", title="Scan of"),
            alt.Tooltip("day:Q", title="Day", format=",.0f"),
            alt.Tooltip("size_mm:Q", title="Size (mm)", format=",.1f"),
            alt.Tooltip("ratio:Q", title="Size / baseline", format=".2f"),
        ],
    )


def _kinds(rows: pd.DataFrame) -> pd.Series:
    unknown = (rows["series"] != TOTAL) & (rows["consistent"] == "")
    return rows["consistent"].mask(unknown, "?").map(KINDS)


def _days(points: pd.DataFrame, chart: TrajectoryChart) -> alt.Scale:
    first = min(float(points["day"].min()), float(chart.phases["start_day"].min()))
    last = max(float(points["day"].max()), float(chart.phases["end_day"].max()))
    return alt.Scale(domain=[first, last], nice=False)


def _axis(*, labels: bool = True) -> alt.Axis:
    room = EXTENT if labels else EXTENT + TITLE
    return alt.Axis(
        labels=labels, ticks=labels, domain=labels, grid=labels, minExtent=room, maxExtent=room
    )


def mark(chart: WaterfallChart, patient: str, look: Look) -> Any:
    """Draw an arrow at one patient's place in a waterfall, to be laid over it.

    Parameters
    ----------
    chart
        The waterfall.
    patient
        Who is marked; without a bar nothing is drawn.
    look
        Light or dark.
    """
    bars = chart.bars.sort_values("change", ascending=False, kind="stable", ignore_index=True)
    at = bars[bars["patient_id"] == patient].assign(place=lambda rows: rows.index + 1)
    at = at.assign(text="patient " + at["patient_id"], up=np.maximum(at["change"], 0.0))
    color = look.readable(style.MARK)
    tooltip = [
        alt.Tooltip("patient_id:N", title="Patient"),
        alt.Tooltip("place:Q", title="Place", format=",.0f"),
        alt.Tooltip("change:Q", title="Change (%)", format="+.1f"),
    ]
    base = alt.Chart(at).encode(x="place:Q", tooltip=tooltip)
    arrow = base.mark_point(
        shape="triangle-down", size=110, filled=True, opacity=1, yOffset=-9, color=color
    )
    late = len(at) > 0 and float(at["place"].iloc[0]) > len(bars) / 2
    side: dict[str, Any] = {"align": "right", "dx": -9} if late else {"align": "left", "dx": 9}
    text = base.mark_text(dy=-11, fontWeight="bold", color=color, **side)
    return alt.layer(
        base.mark_rule(size=2, color=color).encode(y="change:Q", y2=alt.datum(0)),
        arrow.encode(y="up:Q"),
        text.encode(y="up:Q", text="text:N"),
    )
