"""Interactive charts of groups: boxes, medians, shares, waterfall, histogram, heat map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from lesionhet.charts import (
    BoxChart,
    HistogramChart,
    MedianChart,
    ShareChart,
    WaterfallChart,
)
from lesionhet.figures import style
from streamlit_app.interactive_style import (
    LABEL_LIMIT,
    Look,
    group_scale,
    legend,
    lines_at,
    scale_of,
    titled,
    wrapped,
)

ROW_HEIGHT = 34
MOST_MARKS = 3000
"""Bars or points of one picture; of more, every n-th is drawn, and the picture says so."""
MOST_WRITTEN = 9
"""Names of a heat map up to which the numbers stand in its fields, also on a phone."""
CROWDED = 24
"""Letters of all names together from which they are turned, so that they fit a phone."""
NAMES_AXIS = alt.Axis(labelLimit=LABEL_LIMIT, labelOverlap=False)
WRAPPED = wrapped(14)
BOX = alt.RelativeBandSize(band=0.62)


def boxes(chart: BoxChart, look: Look) -> Any:
    """Draw boxes 25-75 %, whiskers 10-90 %, median line, mean cross, points beyond."""
    table = chart.boxes.dropna(subset=["median"])
    scale = alt.Scale(type="log") if chart.log_scale else alt.Scale(zero=False)
    y: dict[str, Any] = {"title": chart.y_label, "scale": scale}
    x = _names("group", chart.order, chart.x_label)
    color = alt.Color("group:N", scale=group_scale(chart, chart.order, look), legend=None)
    tooltip = _number_tips(("n", "mean", "q10", "q25", "median", "q75", "q90"))
    base = alt.Chart(table).encode(x=x, tooltip=tooltip)
    far = chart.outliers[chart.outliers["value"] > 0] if chart.log_scale else chart.outliers
    step = -(-len(far) // MOST_MARKS)
    thinned = f"Points: one of {step} of {len(far):,} drawn" if step > 1 else ""
    far = far.iloc[:: max(step, 1)]
    points = (
        alt.Chart(far)
        .mark_circle(size=9, opacity=0.35, color=look.muted)
        .encode(x=x, y=alt.Y("value:Q", **y), tooltip=_number_tips(("value",)))
    )
    layers = [
        points,
        base.mark_rule(size=1.5, color=look.ink).encode(y=alt.Y("q10:Q", **y), y2="q90:Q"),
        base.mark_bar(width=BOX).encode(y=alt.Y("q25:Q", **y), y2="q75:Q", color=color),
        base.mark_tick(width=BOX, thickness=5, color="white").encode(y=alt.Y("median:Q", **y)),
        base.mark_tick(width=BOX, thickness=2.5, color=style.INK).encode(y=alt.Y("median:Q", **y)),
        base.mark_point(
            shape="cross", size=55, fill=style.INK, stroke="white", strokeWidth=0.8, opacity=1
        ).encode(y=alt.Y("mean:Q", **y)),
    ]
    height = 450 if _is_crowded(chart.order) else 360
    drawn = titled(alt.layer(*layers, *lines_at(chart.lines, look)), height)
    if not thinned:
        return drawn
    return drawn.properties(title=alt.TitleParams(thinned, fontSize=11, anchor="start"))


def medians(chart: MedianChart, look: Look) -> Any:
    """Draw medians with their confidence intervals."""
    y: dict[str, Any] = {"title": chart.y_label, "scale": alt.Scale(zero=False)}
    x = _names("group", chart.order, "")
    color = alt.Color("group:N", scale=group_scale(chart, chart.order, look), legend=None)
    tooltip = _number_tips(("n", "estimate", "conf_low", "conf_high"))
    base = alt.Chart(chart.rows).encode(x=x, color=color, tooltip=tooltip)
    rule = base.mark_rule(size=2.5).encode(y=alt.Y("conf_low:Q", **y), y2="conf_high:Q")
    return titled(alt.layer(rule, base.mark_circle(size=130).encode(y=alt.Y("estimate:Q", **y))))


def shares(chart: ShareChart, look: Look) -> Any:
    """Draw stacked bars of shares."""
    color = alt.Color(
        "level:N",
        scale=group_scale(chart, chart.levels, look),
        sort=list(chart.levels),
        legend=legend(4, chart.legend_title),
    )
    rows = chart.rows.assign(
        place=chart.rows["level"].map({name: i for i, name in enumerate(chart.levels)})
    )
    tooltip = [
        alt.Tooltip("group:N", title="Group"),
        alt.Tooltip("level:N", title=chart.legend_title),
        alt.Tooltip("count:Q", title="Count", format=",.0f"),
        alt.Tooltip("n:Q", title="Of", format=",.0f"),
        alt.Tooltip("share:Q", title="Share", format=".1%"),
    ]
    drawn = (
        alt.Chart(rows)
        .mark_bar()
        .encode(
            x=alt.X("share:Q", title=chart.x_label, axis=alt.Axis(format="%"), stack="zero"),
            y=alt.Y(
                "group:N",
                sort=list(chart.order),
                title=None,
                axis=alt.Axis(labelLimit=LABEL_LIMIT, labelOverlap=False, labelExpr=wrapped(20)),
            ),
            color=color,
            order=alt.Order("place:Q"),
            tooltip=tooltip,
        )
    )
    return titled(drawn, ROW_HEIGHT * len(chart.order) + 150)


def waterfall(chart: WaterfallChart, look: Look) -> Any:
    """Draw one bar a patient, highest first; the chosen one is red."""
    bars = chart.bars.sort_values("change", ascending=False, kind="stable", ignore_index=True)
    low = max((at for at in chart.lines if at < 0), default=-np.inf)
    high = min((at for at in chart.lines if at > 0), default=np.inf)
    names = ["relapse", "stable", "response"]
    bars["place"] = np.arange(1, len(bars) + 1)
    bars["kind"] = np.select([bars["change"] >= high, bars["change"] <= low], names[::2], names[1])
    hues = {**style.PHASE_COLORS, "chosen": style.MARK}
    if chart.order:
        bars["kind"] = bars["group"]
        names = [name for name in chart.order if name in set(bars["kind"])]
        hues |= style.colors(chart.palette, chart.order, chart.colors)
    bars.loc[bars["patient_id"] == chart.marked, "kind"] = "chosen"
    order = [*names, *(["chosen"] if chart.marked else [])]
    scale = scale_of(hues, look, order)
    texts = {
        "relapse": f"{high:+g}% or more",
        "stable": "between",
        "response": f"{low:+g}% or less",
    }
    label = " : ".join(f"datum.value == '{name}' ? '{text}'" for name, text in texts.items())
    expression = alt.Undefined if chart.order else f"{label} : 'chosen'"
    shown = alt.Legend(orient="bottom", columns=2, title=None, labelExpr=expression)
    places = alt.Axis(labels=False, ticks=False, grid=False)
    along = alt.Scale(domain=[0, len(bars) + 1], nice=False)
    below = f"{len(bars):,} patients"
    if (step := -(-len(bars) // MOST_MARKS)) > 1:
        below += f", one of {step} drawn"
        bars = bars[(bars["place"] % step == 1) | (bars["kind"] == "chosen")]
    drawn = (
        alt.Chart(bars)
        .mark_bar(size=max(1.0, min(18.0, 700 / len(bars))))
        .encode(
            x=alt.X("place:Q", title=below, axis=places, scale=along),
            y=alt.Y("change:Q", title=chart.y_label),
            color=alt.Color("kind:N", scale=scale, legend=shown),
            tooltip=[
                alt.Tooltip("patient_id:N", title="Patient"),
                alt.Tooltip("change:Q", title="Change (%)", format="+.1f"),
            ],
        )
    )
    return titled(alt.layer(drawn, *lines_at(chart.lines, look)))


def histogram(chart: HistogramChart, look: Look) -> dict[str, Any]:
    """Draw one histogram a panel, each with its own axis and its marks."""
    color = look.readable("#7FA6C9")
    return {name: _panel(chart, name, color, look) for name in chart.panels}


def heat_map(table: pd.DataFrame, order: Sequence[str], title: str, *, dark: bool = False) -> Any:
    """Draw pairs as a square of colours.

    Parameters
    ----------
    table
        ``row, column, value``: names and a number in [0, 1]; missing values stay empty.
    order
        Names along both axes.
    title
        What the number is.
    dark
        Whether the page is dark.
    """
    look = Look(dark)
    ramp = [style.tint("#0072B2", share) for share in (0.06, 0.35, 0.7, 1.0)]
    scale = alt.Scale(domain=[0, 1], range=ramp[::-1] if dark else ramp)
    axis = alt.Axis(labelLimit=120, labelAngle=-45)
    base = alt.Chart(table).encode(
        x=alt.X("column:N", sort=list(order), title=None, axis=axis),
        y=alt.Y("row:N", sort=list(order), title=None, axis=alt.Axis(labelLimit=120)),
        tooltip=[
            alt.Tooltip("row:N", title="Lesion"),
            alt.Tooltip("column:N", title="and lesion"),
            alt.Tooltip("value:Q", title=title, format=".3f"),
        ],
    )
    shown = alt.Legend(orient="bottom", title=title)
    layers = [
        base.mark_rect(stroke=look.muted, strokeWidth=0.4).encode(
            color=alt.Color("value:Q", scale=scale, legend=shown)
        )
    ]
    if len(order) <= MOST_WRITTEN:
        pale = "datum.value > 0.45" if dark else "datum.value < 0.55"
        ink = alt.condition(pale, alt.value(style.INK), alt.value("#FFFFFF"))
        written = base.transform_filter("isValid(datum.value)").mark_text(fontSize=11)
        layers.append(written.encode(text=alt.Text("value:Q", format=".2f"), color=ink))
    return titled(alt.layer(*layers), 170 + ROW_HEIGHT * len(order))


def _panel(chart: HistogramChart, name: str, color: str, look: Look) -> Any:
    bins = chart.bins[chart.bins["panel"] == name]
    marks = chart.marks[chart.marks["panel"] == name]
    bars = (
        alt.Chart(bins)
        .mark_bar(color=color, stroke=look.muted, strokeWidth=0.5)
        .encode(
            x=alt.X("left:Q", bin="binned", title=name, scale=alt.Scale(zero=False)),
            x2="right:Q",
            y=alt.Y("count:Q", title=chart.y_label),
            tooltip=[
                alt.Tooltip("left:Q", title="From", format=".3g"),
                alt.Tooltip("right:Q", title="To", format=".3g"),
                alt.Tooltip("count:Q", title="Count", format=",.0f"),
            ],
        )
    )
    known = marks.dropna(subset=["value"])
    found = dict(zip(known["value"], known["label"], strict=True))
    return titled(alt.layer(bars, *lines_at(found, look, "x")), 240)


def _names(field: str, order: Sequence[str], title: str) -> alt.X:
    """Give an axis of names that are turned where they would run into each other."""
    crowded = _is_crowded(order)
    turned: dict[str, Any] = (
        {"labelAngle": -35, "labelExpr": WRAPPED} if crowded else {"labelAngle": 0}
    )
    axis = alt.Axis(labelLimit=190, labelOverlap=False, **turned)
    return alt.X(f"{field}:N", sort=list(order), title=title or None, axis=axis)


def _is_crowded(order: Sequence[str]) -> bool:
    return sum(len(name) for name in order) > CROWDED


def _number_tips(names: Sequence[str]) -> list[Any]:
    from lesionhet.labels import label

    whole = {"n"}
    numbers = [
        alt.Tooltip(f"{name}:Q", title=label(name), format=",.0f" if name in whole else ",.3~g")
        for name in names
    ]
    return [alt.Tooltip("group:N", title="Group"), *numbers]
