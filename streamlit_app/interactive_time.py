"""Interactive charts over time: survival curves and trajectories of single patients."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from lesionhet.charts import SurvivalChart, TrajectoryChart
from lesionhet.figures import style
from lesionhet.labels import NOT_REACHED, format_number
from streamlit_app.interactive_style import Look, group_scale, legend, lines_at, phase_scale, titled

PANEL_HEIGHT: Final = 260
LINE: Final = "\n"
"""Long names of groups must not push the median out of a legend."""
HEIGHTS: Final = ("survival", "conf_low", "conf_high")
SENT: Final = ("group", "time", *HEIGHTS, "line")
DASHES: Final = ([1, 0], [7, 3], [7, 2, 2, 2], [2, 2], [11, 3], [4, 2, 1, 2, 1, 2])


def survival(chart: SurvivalChart, look: Look) -> Any:
    """Draw curves with bands and censor ticks; a group's line can be read off at any time."""
    named = {group: _with_median(chart, group) for group in chart.order}
    curves = [_from_start(chart.curve, group) for group in chart.order]
    rows = pd.concat(curves, ignore_index=True)
    rows["line"] = rows["group"].map(named)
    colors = group_scale(chart, chart.order, look, lines=True)
    scale = alt.Scale(domain=list(named.values()), range=colors.range)
    dashes = [DASHES[i % len(DASHES)] for i in range(len(named))]
    x = alt.X("time:Q", title=chart.x_label, scale=alt.Scale(nice=False, domainMin=0))
    y = alt.Y(
        "survival:Q",
        title=chart.y_label,
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(format="%"),
    )
    base = alt.Chart(_corners(rows))
    color = alt.Color("line:N", scale=scale, sort=list(named.values()), legend=_line_legend())
    band = base.mark_area(interpolate="step-after", opacity=0.15).encode(
        x=x, y=alt.Y("conf_low:Q", title=chart.y_label), y2="conf_high:Q", color=color
    )
    dash = alt.StrokeDash(
        "line:N", scale=alt.Scale(domain=list(named.values()), range=dashes), legend=None
    )
    tooltip = _survival_tooltip()
    line = base.mark_line(interpolate="step-after", strokeWidth=2).encode(
        x=x, y=y, color=color, strokeDash=dash, tooltip=tooltip
    )
    ticks = (
        alt.Chart(rows.loc[rows["n_censor"] > 0, list(SENT)])
        .mark_tick(orient="vertical", thickness=1, size=9)
        .encode(x=x, y=y, color=color, tooltip=tooltip)
    )
    drawn = titled(alt.layer(band, line, ticks, *_mark(chart)), 400 + 34 * len(named))
    # A name read aloud for each of a thousand steps helps nobody, and costs as much as the drawing.
    return drawn.configure_mark(aria=False)


def trajectories(chart: TrajectoryChart, look: Look) -> dict[str, Any]:
    """Draw one panel a series on common axes, phases coloured; hover gives day, size and ratio."""
    ends = pd.concat([chart.points["day"], chart.phases["start_day"], chart.phases["end_day"]])
    days = alt.Scale(domain=[float(ends.min()), float(ends.max())], nice=False)
    highest = max(float(chart.points["ratio"].max()), *chart.lines, 1.0)
    ratios = alt.Scale(domain=[0, 1.05 * highest], nice=False)
    found = {}
    for row in chart.series.itertuples():
        keys = {"patient_id": row.patient_id, "series": row.series}
        points, phases = (_of(table, keys) for table in (chart.points, chart.phases))
        name = f"{row.patient_id} · {row.label}"
        consistent = {"Y": ", consistent", "N": ", inconsistent"}.get(str(row.consistent), "")
        layers = [
            _phase_bands(phases, days, look),
            *lines_at(chart.lines, look),
            *_sizes(points, (days, ratios), look),
        ]
        found[name + consistent] = titled(alt.layer(*layers), PANEL_HEIGHT)
    return found


def _of(table: pd.DataFrame, keys: dict[str, Any]) -> pd.DataFrame:
    chosen = table
    for name, value in keys.items():
        chosen = chosen[chosen[name] == value]
    return chosen


def _phase_bands(phases: pd.DataFrame, days: alt.Scale, look: Look) -> Any:
    color = alt.Color("phase:N", scale=phase_scale(look), legend=legend(2))
    tooltip = [
        alt.Tooltip("phase:N", title="Phase"),
        alt.Tooltip("start_day:Q", title="From day", format=",.0f"),
        alt.Tooltip("end_day:Q", title="To day", format=",.0f"),
    ]
    x = alt.X("start_day:Q", title="Day", scale=days)
    bands = alt.Chart(phases).mark_rect(opacity=0.35)
    return bands.encode(x=x, x2="end_day:Q", color=color, tooltip=tooltip)


def _sizes(points: pd.DataFrame, scales: tuple[alt.Scale, alt.Scale], look: Look) -> list[Any]:
    tooltip = [
        alt.Tooltip("day:Q", title="Day", format=",.0f"),
        alt.Tooltip("ratio:Q", title="Size / baseline", format=".2f"),
    ]
    if "size_mm" in points:
        tooltip.append(alt.Tooltip("size_mm:Q", title="Size (mm)", format=",.1f"))
    x = alt.X("day:Q", title="Day", scale=scales[0])
    y = alt.Y("ratio:Q", title="Size / baseline", scale=scales[1])
    base = alt.Chart(points).encode(x=x, y=y, tooltip=tooltip)
    return [base.mark_line(color=look.ink), base.mark_circle(size=45, color=look.ink, opacity=1)]


def _with_median(chart: SurvivalChart, group: str) -> str:
    found = chart.medians[chart.medians["group"] == group]
    if found.empty:
        return group
    row = found.iloc[0]
    median = format_number(row["median"], 0, NOT_REACHED)
    return f"{group}{LINE}n = {format_number(row['n'], 0)}, median {median}"


def _corners(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows at which a curve or its band steps, and the last of each group: the same drawing."""
    heights = rows[list(HEIGHTS)]
    steps = (heights != heights.shift()) & ~(heights.isna() & heights.shift().isna())
    first = rows["group"] != rows["group"].shift()
    last = rows["group"] != rows["group"].shift(-1)
    return rows.loc[steps.any(axis=1) | first | last, list(SENT)]


def _from_start(curve: pd.DataFrame, group: str) -> pd.DataFrame:
    rows = curve[curve["group"] == group].sort_values("time")
    if rows.empty or rows["time"].iloc[0] <= 0:
        return rows
    start = {"group": group, "time": 0.0, "survival": 1.0, "conf_low": 1.0, "conf_high": 1.0}
    return pd.concat([pd.DataFrame([{**start, "n_censor": 0}]), rows], ignore_index=True)


def _survival_tooltip() -> list[Any]:
    return [
        alt.Tooltip("group:N", title="Group"),
        alt.Tooltip("time:Q", title="Day", format=",.0f"),
        alt.Tooltip("survival:Q", title="Survival", format=".1%"),
        alt.Tooltip("conf_low:Q", title="Lower limit", format=".1%"),
        alt.Tooltip("conf_high:Q", title="Upper limit", format=".1%"),
    ]


def _line_legend() -> alt.Legend:
    shown = legend(1)
    shown.symbolType, shown.symbolOpacity, shown.symbolStrokeWidth = "stroke", 1, 3
    shown.labelExpr = f"split(datum.label, {LINE!r})"
    return shown


def _mark(chart: SurvivalChart) -> list[Any]:
    if chart.mark is None:
        return []
    at = pd.DataFrame([{"x": chart.mark.x, "y": chart.mark.y, "label": chart.mark.label}])
    how = alt.Chart(at).mark_point(color=style.MARK, filled=True, size=90, opacity=1)
    return [how.encode(x="x:Q", y="y:Q", tooltip=[alt.Tooltip("label:N", title="Patient")])]
