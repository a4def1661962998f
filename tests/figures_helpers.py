"""Charts of every kind for the tests, and what is measured on a drawn figure."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from lesionhet import charts

LEVELS = ("none", "some", "all")
LINES = {-30.0: "−30%", 20.0: "+20%"}


def survival(groups=("low", "medium", "high"), n=40, **more):
    curve, at_risk, medians = [], [], []
    for k, group in enumerate(groups):
        time = np.linspace(10, 900 + 20 * k, n)
        alive = np.linspace(0.98, 0.2, n) ** (1 + k / 4)
        band = {"conf_low": alive * 0.9, "conf_high": np.minimum(alive * 1.1, 1)}
        curve.append(
            pd.DataFrame(
                {
                    "group": group,
                    "time": time,
                    "survival": alive,
                    **band,
                    "n_censor": np.arange(n) % 2,
                }
            )
        )
        times = np.arange(0, 1001, 250)
        at_risk.append(pd.DataFrame({"group": group, "time": times, "n_risk": 2802 - times * 2}))
        medians.append(
            {
                "group": group,
                "n": 701,
                "events": 500,
                "median": 630.0 + k,
                "conf_low": 1,
                "conf_high": 2,
            }
        )
    tables = (pd.concat(curve), pd.concat(at_risk), pd.DataFrame(medians))
    settings = {"p_text": "Log-rank P < 0.001", "y_label": "Overall survival"} | more
    return charts.SurvivalChart("Survival", "", *tables, tuple(groups), **settings)


def forest(labels=("Gower distance", "Burden"), panels=("OS", "PFS")):
    rows = [
        {
            "panel": panel,
            "label": label,
            "estimate": 1.2,
            "conf_low": 1.1,
            "conf_high": 1.31,
            "p_value": 0.01,
        }
        for panel in panels
        for label in labels
    ]
    return charts.ForestChart("Hazard ratios", "", pd.DataFrame(rows))


def box(groups=("low", "medium", "high"), **more):
    k = np.arange(len(groups)) / 50
    quantiles = {"q10": 0.1 + k, "q25": 0.2 + k, "median": 0.3 + k, "q75": 0.4 + k, "q90": 0.5 + k}
    boxes = pd.DataFrame({"group": groups, "n": 1234, "mean": 0.33 + k, **quantiles})
    outliers = pd.DataFrame(
        {"group": np.repeat(groups, 3), "value": [0.02, 0.9, 0.95] * len(groups)}
    )
    pairs = pd.DataFrame(combinations(groups, 2), columns=["group_1", "group_2"]).assign(
        p_value=0.0123
    )
    settings = {
        "pairs": pairs,
        "lines": {0.25: "cohort median"},
        "y_label": "Gower distance",
    } | more
    return charts.BoxChart("Distance", "", boxes, outliers, tuple(groups), **settings)


def median(groups=("low", "medium", "high")):
    k = np.arange(len(groups)) / 50
    numbers = {"estimate": 0.3 + k, "conf_low": 0.2 + k, "conf_high": 0.4 + k}
    rows = pd.DataFrame({"group": groups, "n": 1234, **numbers})
    return charts.MedianChart(
        "Medians", "", rows, tuple(groups), "Gower distance", "P = 0.012", "site"
    )


def share(groups=("liver", "lung"), levels=LEVELS):
    shares = np.linspace(1, 2, len(levels))
    rows = [
        {"group": g, "level": level, "count": 10, "n": 1234, "share": s}
        for g in groups
        for level, s in zip(levels, shares / shares.sum(), strict=True)
    ]
    order = (tuple(groups), tuple(levels))
    return charts.ShareChart(
        "Shares", "", pd.DataFrame(rows), *order, "Lesions", "Share of patients"
    )


def waterfall(n=2802, marked="P7", **more):
    change = np.random.default_rng(1).normal(-20, 35, n).clip(-100, 90)
    bars = pd.DataFrame({"patient_id": [f"P{k}" for k in range(n)], "change": change})
    return charts.WaterfallChart("Waterfall", "", bars, "Change (%)", LINES, marked, **more)


def trajectory(lesions=(2, 6), label="Lesion {}, liver"):
    points, phases, series = [], [], []
    for p, n in enumerate(lesions):
        for k in range(n + 1):
            own = {"patient_id": f"P{p}", "series": "total" if k == 0 else f"L{k}"}
            ratio = [1.0, 0.6, 0.5 + k / 10, 1.1]
            points.append(pd.DataFrame({**own, "day": [0, 60, 120, 180], "ratio": ratio}))
            for phase, (start, end) in zip(
                ("response", "stable", "relapse"), pairwise([0, 60, 120, 180]), strict=True
            ):
                phases.append({**own, "phase": phase, "start_day": start, "end_day": end})
            words, flag = (
                ("Total burden", None) if k == 0 else (label.replace("{}", str(k)), "YN"[k % 2])
            )
            series.append({**own, "label": words, "consistent": flag})
    tables = (pd.concat(points), pd.DataFrame(phases), pd.DataFrame(series))
    return charts.TrajectoryChart("Trajectories", "", *tables, {0.7: "response", 1.2: "relapse"})


def histogram(panels=("distance", "lesions"), label="observed"):
    edges = np.arange(11.0)
    bins = [
        pd.DataFrame(
            {"panel": p, "left": edges[:-1], "right": edges[1:], "count": np.arange(10) * 300}
        )
        for p in panels
    ]
    marks = pd.DataFrame({"panel": panels, "value": 4.5, "label": label})
    return charts.HistogramChart(
        "Histograms", "", pd.concat(bins), marks, tuple(panels), "Patients"
    )


def lanes(n=2802):
    days = np.random.default_rng(2).exponential(90, (n, 3)).round()
    frame = pd.DataFrame(days, columns=["response_days", "stable_days", "relapse_days"])
    return charts.PhaseLanesChart("Lanes", "", frame.assign(patient_id=range(n)))


def pair(labels=("liver", "lung", "lymph node"), panels=("Nadir ratio", "Last ratio")):
    k = np.arange(len(labels)) / 20
    points = [
        pd.DataFrame(
            {
                "panel": panel,
                "label": labels,
                "x_mean": 0.7 + k,
                "x_sd": 0.2,
                "y_mean": 0.6 + k,
                "y_sd": 0.3,
            }
        )
        for panel in panels
    ]
    names = ("Chemotherapy alone", "Bevacizumab + chemotherapy")
    return charts.PairChart("Means", "", pd.concat(points), tuple(panels), tuple(labels), *names)


def ratio_curve(panels=("OS (P = 0.5)", "PFS (P = 0.01)"), points=60):
    x = np.linspace(0, 1, 41)
    ratio = np.exp(0.3 * np.sin(4 * x))
    band = {"conf_low": ratio / 1.2, "conf_high": ratio * 1.2}
    curves = [pd.DataFrame({"panel": p, "x": x, "estimate": ratio, **band}) for p in panels]
    rng = np.random.default_rng(4)
    dots = {"x": rng.uniform(size=points), "ratio": np.exp(rng.normal(size=points))}
    ticks = {"x": [0.0, 0.5, 1.0], "label": ["20", "310", "1,290"]}
    return charts.RatioCurveChart(
        "Hazard ratio over time",
        "",
        pd.concat(curves, ignore_index=True),
        tuple(panels),
        "Days from the start of treatment",
        "Hazard ratio per SD (log scale)",
        pd.concat([pd.DataFrame({"panel": p, **dots}) for p in panels], ignore_index=True),
        pd.concat([pd.DataFrame({"panel": p, **ticks}) for p in panels], ignore_index=True),
    )


def matrix(names=("distance", "range", "share of opposite lesions"), seed=3):
    rng = np.random.default_rng(seed)
    pairs = [(a, b) for k, a in enumerate(names) for b in names[:k]]
    cells = pd.DataFrame(pairs, columns=["row", "column"])
    cells["value"] = np.round(rng.uniform(-1, 1, len(cells)), 3)
    return charts.MatrixChart("Correlations", "", cells, tuple(names), "Spearman's rho")


def specification(n=24, reference=1.0, log_scale=True):
    rng = np.random.default_rng(6)
    estimate = np.sort(np.exp(rng.normal(0.1, 0.2, n)))
    rows = pd.DataFrame(
        {
            "estimate": estimate,
            "conf_low": estimate / 1.15,
            "conf_high": estimate * 1.15,
            "mark": ["published" if i == n // 2 else "" for i in range(n)],
            "reference": rng.choice(["the nadir", "the baseline"], n),
            "self": rng.choice(["counts", "is left out"], n),
        }
    )
    return charts.SpecificationChart(
        "Every reading",
        "",
        rows,
        {"reference": ("the nadir", "the baseline"), "self": ("counts", "is left out")},
        {"reference": "Relapse is measured from", "self": "The lesion itself"},
        "Hazard ratio per SD (log scale)",
        reference,
        log_scale,
    )


KINDS = {
    f.__name__: f
    for f in (
        survival,
        forest,
        box,
        median,
        share,
        waterfall,
        trajectory,
        histogram,
        lanes,
        pair,
        specification,
        ratio_curve,
        matrix,
    )
}


def texts(figure):
    """All text that is seen, in the order drawn."""
    FigureCanvasAgg(figure).draw()
    found = figure.findobj(
        lambda a: isinstance(a, Text) and a.get_visible() and a.get_text().strip()
    )
    hidden = {
        text
        for axes in figure.axes
        if not axes.axison
        for text in axes.findobj(Text)
        if text not in axes.texts
    }
    return [text for text in found if text not in hidden]


def words(figure):
    """Everything that can be read, lines joined."""
    return " ".join(text.get_text() for text in texts(figure)).replace("\n", " ")


def panels(figure):
    """The axes that show data."""
    return [axes for axes in figure.axes if axes.axison]


def cut(figure):
    """Texts that leave the canvas."""
    canvas = figure.bbox
    boxes = {text.get_text(): text.get_window_extent() for text in texts(figure)}
    return [
        name
        for name, box in boxes.items()
        if box.x0 < 0 or box.y0 < 0 or box.x1 > canvas.width or box.y1 > canvas.height
    ]


def overlapping(figure):
    """Pairs of texts that touch, with half a point of grace for the blank rim of letters."""
    grace = figure.dpi / 72 / 2
    items = [(text.get_text(), text.get_window_extent()) for text in texts(figure)]
    return [
        (a, b)
        for (a, first), (b, second) in combinations(items, 2)
        if min(first.x1, second.x1) - max(first.x0, second.x0) > grace
        and min(first.y1, second.y1) - max(first.y0, second.y0) > grace
    ]
