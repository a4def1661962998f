"""Interactive forest plot: hazard ratios with intervals on a log axis, panels below each other."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd

from lesionhet.charts import ForestChart
from lesionhet.labels import label
from streamlit_app.interactive_style import LABEL_LIMIT, Look, lines_at, titled, wrapped

ROW_HEIGHT: Final = 34
HEADING: Final = "\u2063"
"""Ends the names of headings. It has no width; the rule that prints them bold looks for it."""
JOINER: Final = "\u2060"
"""Tells rows of one name in several panels apart; it has no width."""
NUMBERS: Final = ("estimate", "conf_low", "conf_high")
STEPS: Final = (
    (0.01, 0.1, 1.0, 10.0, 100.0),
    (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0),
    (0.25, 0.33, 0.5, 0.67, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0),
    (0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6),
)
"""Ticks of the axis, from a wide one to a narrow one."""
ENOUGH: Final = 4
LINE: Final = 26
"""Letters of a name after which it goes on in a new line."""


def forest(chart: ForestChart, look: Look) -> Any:
    """Draw hazard ratios with intervals on a log axis, one panel below the other."""
    rows, names = _named(chart.rows.reset_index(drop=True))
    finite = rows[np.isfinite(rows[list(NUMBERS)]).all(axis=1)]
    x: dict[str, Any] = {
        "title": chart.x_label,
        "scale": alt.Scale(type="log", nice=False, padding=14),
        "axis": alt.Axis(values=_ticks(finite), format="~g"),
    }
    bold = {"test": f"indexof(datum.value, '{HEADING}') >= 0", "value": "bold"}
    y = alt.Y(
        "place:N",
        title=None,
        scale=alt.Scale(domain=names),
        axis=alt.Axis(
            labelLimit=LABEL_LIMIT,
            labelOverlap=False,
            labelExpr=wrapped(LINE),
            labelFontWeight={"condition": bold, "value": "normal"},
            ticks=False,
        ),
    )
    tooltip = [
        alt.Tooltip("name:N", title="Term"),
        *(alt.Tooltip(f"{n}:Q", title=label(n), format=",.3~g") for n in (*NUMBERS, "p_value")),
    ]
    base = alt.Chart(finite).encode(y=y, tooltip=tooltip)
    color = look.readable("#0072B2")
    layers = [
        base.mark_rule(size=2, color=color).encode(x=alt.X("conf_low:Q", **x), x2="conf_high:Q"),
        base.mark_square(size=90, color=color, opacity=1).encode(x=alt.X("estimate:Q", **x)),
        *lines_at({1.0: "no difference"}, look, "x"),
    ]
    return titled(alt.layer(*layers), ROW_HEIGHT * len(names) + 90)


def _named(rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Give the rows with their place on the axis, and all places with the panels' headings."""
    panels = list(dict.fromkeys(rows["panel"].astype(str)))
    places: list[str] = []
    found = []
    before = ""
    for panel, name in zip(rows["panel"].astype(str), rows["label"].astype(str), strict=True):
        number = panels.index(panel)
        if panel and panel != before:
            places.append(f"{panel}{HEADING}{JOINER * len(places)}")
            if len(panel) > LINE:
                # Room for the second line of a heading.
                places.append(f"{HEADING}{JOINER * len(places)}")
        before = panel
        found.append(f"{name}{JOINER * number}")
        places.append(found[-1])
    whole = [
        f"{p}: {n}" if p else str(n) for p, n in zip(rows["panel"], rows["label"], strict=True)
    ]
    return rows.assign(place=found, name=whole), list(dict.fromkeys(places))


def _ticks(rows: pd.DataFrame) -> list[float]:
    """Give round numbers in the range of the intervals, 1 among them."""
    values = rows[list(NUMBERS)].to_numpy(dtype=float)
    values = values[values > 0]
    low, high = values.min(initial=1.0), values.max(initial=1.0)
    found = ([s for s in steps if low <= s <= high] for steps in STEPS)
    return next((ticks for ticks in found if len(ticks) >= ENOUGH), list(STEPS[-1]))
