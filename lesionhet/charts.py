"""What a figure shows, as data: analyses make charts, `figures` draws them, nothing is computed twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

Palette = Literal["group", "site", "arm", "phase", "count"]
"""Which fixed set of colours the categories of a chart get."""


@dataclass(frozen=True, eq=False)
class Chart:
    """Base of every chart.

    Parameters
    ----------
    title
        Short title above the figure.
    caption
        One or two sentences below it: what is drawn, group sizes, test and P value.
    colors
        Category -> its place in the palette, from 0. Several may share one: "liver, treated" and "liver,
        control" that of the liver. Categories that are not named get the first places that are free.
        `lesionhet.figures.with_study_colors` fills it, so that a thing has one colour in all figures.
    """

    title: str
    caption: str
    colors: Mapping[str, int] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True, eq=False)
class Mark:
    """One point to be marked and named, such as a chosen patient."""

    label: str
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class SurvivalChart(Chart):
    """Kaplan-Meier curves with numbers at risk.

    Parameters
    ----------
    curve
        ``group, time, survival, conf_low, conf_high, n_censor``; time in days.
    at_risk
        ``group, time, n_risk``: the same times for each group.
    medians
        ``group, n, events, median, conf_low, conf_high``.
    order
        Groups in the order of legend and risk table.
    p_text
        Test and P value as printed in the plot; empty for none.
    mark
        A chosen patient, or None.
    """

    curve: pd.DataFrame
    at_risk: pd.DataFrame
    medians: pd.DataFrame
    order: tuple[str, ...]
    y_label: str
    x_label: str = "Days from the start of treatment"
    p_text: str = ""
    palette: Palette = "group"
    mark: Mark | None = None


@dataclass(frozen=True, eq=False)
class ForestChart(Chart):
    """Hazard ratios with intervals on a log axis.

    ``rows``: ``panel, label, estimate, conf_low, conf_high, p_value`` in the order drawn. ``heading``: what
    a ratio is called above the column of numbers.
    """

    rows: pd.DataFrame
    conf_level: float = 0.95
    x_label: str = "Hazard ratio (log scale)"
    heading: str = "HR"


@dataclass(frozen=True, eq=False)
class BoxChart(Chart):
    """Box plots: box 25-75 %, whiskers 10-90 %, median line, mean "+", points beyond the whiskers.

    ``boxes``: ``group, n, mean, q10, q25, median, q75, q90``; ``outliers``: ``group, value``;
    ``pairs``: ``group_1, group_2, p_value``, significant pairs to bracket, may be empty.
    ``lines``: value -> label of horizontal reference lines.
    """

    boxes: pd.DataFrame
    outliers: pd.DataFrame
    order: tuple[str, ...]
    y_label: str
    x_label: str = ""
    palette: Palette = "group"
    pairs: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["group_1", "group_2", "p_value"])
    )
    lines: dict[float, str] = field(default_factory=dict)
    log_scale: bool = False


@dataclass(frozen=True, eq=False)
class MedianChart(Chart):
    """Medians with their confidence intervals. ``rows``: ``group, n, estimate, conf_low, conf_high``.

    ``digits``: decimals of the numbers beside the dots; None for few, by their size.
    """

    rows: pd.DataFrame
    order: tuple[str, ...]
    y_label: str
    p_text: str = ""
    palette: Palette = "group"
    digits: int | None = None


@dataclass(frozen=True, eq=False)
class ShareChart(Chart):
    """Stacked horizontal bars of shares. ``rows``: ``group, level, count, n, share``."""

    rows: pd.DataFrame
    order: tuple[str, ...]
    levels: tuple[str, ...]
    legend_title: str
    x_label: str
    palette: Palette = "count"


@dataclass(frozen=True, eq=False)
class WaterfallChart(Chart):
    """One bar a patient, highest first. ``bars``: ``patient_id, change`` (percent from baseline).

    With ``order`` the bars have the colours of their ``group``, another column of ``bars``; else those of
    the reference lines that they reach.
    """

    bars: pd.DataFrame
    y_label: str
    lines: dict[float, str]
    marked: str | None = None
    order: tuple[str, ...] = ()
    palette: Palette = "phase"


@dataclass(frozen=True, eq=False)
class TrajectoryChart(Chart):
    """Size over time of the total burden and of each lesion, one row of panels a patient.

    Parameters
    ----------
    points
        ``patient_id, series, day, ratio``; ratio is size / baseline.
    phases
        ``patient_id, series, phase, start_day, end_day``; phase is response, stable or relapse.
    series
        ``patient_id, series, label, consistent``: in the order drawn; ``series`` "total" first, its
        ``consistent`` is empty, a lesion's is "Y" or "N". ``label`` is what the panel is headed with.
    lines
        Ratio -> label of horizontal reference lines.
    """

    points: pd.DataFrame
    phases: pd.DataFrame
    series: pd.DataFrame
    lines: dict[float, str]


@dataclass(frozen=True, eq=False)
class HistogramChart(Chart):
    """Histograms side by side.

    ``bins``: ``panel, left, right, count``; ``marks``: ``panel, value, label``, vertical lines.
    """

    bins: pd.DataFrame
    marks: pd.DataFrame
    panels: tuple[str, ...]
    y_label: str


@dataclass(frozen=True, eq=False)
class PhaseLanesChart(Chart):
    """One thin horizontal lane a patient: days in response, stable and relapse, longest below.

    ``lanes``: ``patient_id, response_days, stable_days, relapse_days``.
    """

    lanes: pd.DataFrame
    x_label: str = "Days from baseline"


@dataclass(frozen=True, eq=False)
class RatioCurveChart(Chart):
    """Curves of a ratio with their bands on a log axis, panels side by side.

    Parameters
    ----------
    curves
        ``panel, x, estimate, conf_low, conf_high``: ratios above 0, by rising x.
    points
        ``panel, x, ratio``: drawn behind the curves; may be empty. The axis holds the middle 80% of them.
    ticks
        ``panel, x, label``: what the x axis is labelled with; empty for round numbers.
    """

    curves: pd.DataFrame
    panels: tuple[str, ...]
    x_label: str
    y_label: str
    points: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["panel", "x", "ratio"])
    )
    ticks: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["panel", "x", "label"])
    )


@dataclass(frozen=True, eq=False)
class SpecificationChart(Chart):
    """One estimate for each way to analyse, above a grid that says which choices each way has.

    Parameters
    ----------
    rows
        In the order drawn: ``estimate``, ``conf_low``, ``conf_high`` (missing for no interval), ``mark``
        (what a marked way is called, else empty), and the columns named by ``choices``.
    choices
        Column -> its values, in the order of the grid.
    names
        Column -> heading of its part of the grid.
    reference
        Value of no effect: intervals that hold it are grey. None for no such line.
    """

    rows: pd.DataFrame
    choices: Mapping[str, tuple[str, ...]]
    names: Mapping[str, str]
    y_label: str
    reference: float | None = None
    log_scale: bool = False


@dataclass(frozen=True, eq=False)
class MatrixChart(Chart):
    """Correlations of every pair, as the lower half of a square of coloured cells with their numbers.

    ``cells``: ``row, column, value`` (-1 to 1), a row a pair in any order; ``order``: what is correlated,
    from the top and from the left.
    """

    cells: pd.DataFrame
    order: tuple[str, ...]
    legend: str = "Correlation"


@dataclass(frozen=True, eq=False)
class PowerChart(Chart):
    """Power by number of patients, a curve a design.

    ``points``: ``group, patients, power, conf_low, conf_high``, shares; ``order``: the groups; ``lines``:
    share -> label of horizontal reference lines; ``needed``: ``group, patients``, may be empty: where a
    curve is to be marked with the number of patients that it needs, at the share ``target``.
    """

    points: pd.DataFrame
    order: tuple[str, ...]
    lines: Mapping[float, str]
    needed: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(columns=["group", "patients"])
    )
    target: float = 0.8
    x_label: str = "Patients"
    y_label: str = "Power"


@dataclass(frozen=True, eq=False)
class PairChart(Chart):
    """Means of one group against those of another, with half an SD each way and the line y = x.

    ``points``: ``panel, label, x_mean, x_sd, y_mean, y_sd``; one panel a measure, one point a label (an
    organ, say). Error bars are drawn from mean - SD / 2 to mean + SD / 2.
    """

    points: pd.DataFrame
    panels: tuple[str, ...]
    order: tuple[str, ...]
    x_label: str
    y_label: str
    palette: Palette = "site"
