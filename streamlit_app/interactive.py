"""A chart of an analysis as an interactive one: the same numbers and colours as the journal figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pyarrow as pa

from lesionhet import charts
from streamlit_app import interactive_forest, interactive_groups, interactive_time
from streamlit_app.interactive_style import Look

_DRAWN_BY: Final[Mapping[type[charts.Chart], Callable[[Any, Look], Any]]] = {
    charts.SurvivalChart: interactive_time.survival,
    charts.TrajectoryChart: interactive_time.trajectories,
    charts.ForestChart: interactive_forest.forest,
    charts.BoxChart: interactive_groups.boxes,
    charts.MedianChart: interactive_groups.medians,
    charts.ShareChart: interactive_groups.shares,
    charts.WaterfallChart: interactive_groups.waterfall,
    charts.HistogramChart: interactive_groups.histogram,
}


def has_interactive(chart: charts.Chart) -> bool:
    """Say whether a chart has an interactive form; the others are shown as journal figures."""
    return type(chart) in _DRAWN_BY


def panels(chart: charts.Chart, *, dark: bool = False) -> dict[str, Any]:
    """Give the interactive form of a chart.

    Parameters
    ----------
    chart
        With its colours (`lesionhet.figures.with_study_colors`). Nothing is computed: what it shows are
        the numbers in it.
    dark
        Whether the page is dark; colours too dark for it are lightened.

    Returns
    -------
    dict
        Heading, as it stands -> Altair chart, as wide as its container. Trajectories and histograms
        have several, the others one, under an empty heading. Text from data is literal.

    Raises
    ------
    KeyError
        The chart has no interactive form (see `has_interactive`).

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"panel": "OS", "label": ["distance"], "estimate": [1.2],
    ...                      "conf_low": [1.1], "conf_high": [1.3], "p_value": [0.001]})
    >>> list(panels(charts.ForestChart("Hazard ratios", "", rows)))
    ['']
    """
    drawn = _DRAWN_BY[type(chart)](chart, Look(dark))
    return drawn if isinstance(drawn, dict) else {"": drawn}


def packed(drawn: Any) -> dict[str, Any]:
    """Give an Altair chart as the page sends it.

    Parameters
    ----------
    drawn
        Any Altair chart. Its form is not checked: that takes longer than drawing it; the tests check it.

    Returns
    -------
    dict
        Vega-Lite, its rows as Arrow tables: made once here, not with each run of the page.

    Examples
    --------
    >>> import altair as alt
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"day": [0, 7], "ratio": [1.0, None]})
    >>> (found,) = packed(alt.Chart(rows).mark_line().encode(x="day"))["datasets"].values()
    >>> found.to_pylist()
    [{'day': 0, 'ratio': 1.0}, {'day': 7, 'ratio': None}]
    """
    found: dict[str, Any] = drawn.to_dict(validate=False)
    tables = {name: pa.Table.from_pylist(rows) for name, rows in found.get("datasets", {}).items()}
    return {**found, "datasets": tables}
