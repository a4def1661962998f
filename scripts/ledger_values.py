"""One line a row of the ledger: what the demo's results.json found, for print beside the paper's number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from lesionhet.labels import (
    NOT_REACHED,
    format_interval,
    format_number,
    format_p,
    format_percent,
)
from lesionhet.report.cells import plain_number, table_title
from lesionhet.report.p_values import short_name

Cells = Mapping[tuple[str, str], float]
MOST: Final = 3
"""Tests of one row that are printed; the others are counted."""


class Demo:
    """The numbers of a results.json by name.

    Parameters
    ----------
    content
        What the file holds.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.requests = {entry["name"]: entry for entry in content["numbers"]}

    def names(self, analysis: str, statistic: str) -> list[str]:
        """Give the requests of one analysis that asked for a statistic."""
        start = f"{analysis}."
        return [
            name
            for name, entry in self.requests.items()
            if name.startswith(start) and entry["statistic"] == statistic
        ]

    def cells(self, name: str, table: str) -> Cells:
        """Give the numbers of one table by row and column, missing ones as NaN."""
        for found in self.requests[name]["tables"]:
            if found["table"] == table:
                return {
                    (cell["row"], cell["column"]): float("nan")
                    if cell["python"] is None
                    else float(cell["python"])
                    for cell in found["numbers"] or ()
                }
        raise KeyError(f"{name} has no table {table}")


def column(cells: Cells, name: str) -> dict[str, float]:
    """Give one column of a table by row.

    Examples
    --------
    >>> column({("low", "n"): 3.0, ("low", "median"): 9.0}, "n")
    {'low': 3.0}
    """
    return {row: value for (row, of), value in cells.items() if of == name}


def p_values(demo: Demo, analysis: str, *statistics: str) -> str:
    """Print the first tests of an analysis with what they compare."""
    names = [name for statistic in statistics for name in demo.names(analysis, statistic)]
    parts = []
    for name in names[:MOST]:
        statistic = demo.requests[name]["statistic"]
        what = short_name(name.partition(".")[2], statistic)
        p = format_p(demo.cells(name, "test")["", "p_value"])
        parts.append(f"{what} {p}" if what else p)
    return "; ".join([*parts, *_more(len(names))])


def survival(demo: Demo, analysis: str) -> str:
    """Print the medians of each Kaplan-Meier estimate on the log scale, and the log-rank tests."""
    parts = []
    for name in demo.names(analysis, "kaplan_meier"):
        short = name.partition(".")[2]
        if not short.endswith("_log") or short.endswith("_log_log"):
            continue
        what = short_name(short.removesuffix("_log"), "kaplan_meier")
        cells = demo.cells(name, "medians")
        sizes = column(cells, "n")
        groups = [
            f"{row} {format_number(days, 0, NOT_REACHED)} (n {sizes[row]:,.0f})"
            for row, days in column(cells, "median").items()
        ]
        head = f"{what}, medians" if what else "Medians"
        parts.append(f"{head} in days: {', '.join(groups)}")
    return "; ".join([*parts, p_values(demo, analysis, "log_rank")])


def groups(demo: Demo, analysis: str) -> str:
    """Print the medians of the groups of each two-group test, and its P value."""
    parts = []
    names = demo.names(analysis, "mann_whitney")
    for name in names[:MOST]:
        medians = column(demo.cells(name, "groups"), "median")
        what = short_name(name.partition(".")[2], "mann_whitney")
        sides = " against ".join(f"{row} {plain_number(v, 3)}" for row, v in medians.items())
        p = format_p(demo.cells(name, "test")["", "p_value"])
        parts.append(f"{what}: {sides}, {p}" if what else f"{sides}, {p}")
    return "; ".join([*parts, *_more(len(names))])


def _more(n: int) -> list[str]:
    more = n - MOST
    return [f"{more} more test{'s' if more > 1 else ''}"] if more > 0 else []


def extremes(demo: Demo, analysis: str, name: str) -> str:
    """Print the lowest and the highest median of the groups of one summary."""
    found = column(demo.cells(f"{analysis}.{name}", "summary"), "median")
    low, high = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    return (
        f"medians from {format_number(found[low])} ({low}) to {format_number(found[high])} ({high})"
    )


def _patients(demo: Demo, analysis: str) -> str:
    return f"{demo.content['patients']:,} patients, {demo.content['lesions']:,} lesions"


def _arms(demo: Demo, analysis: str) -> str:
    first = demo.names(analysis, "count")[0]
    found = column(demo.cells(first, "counts"), "count")
    return ", ".join(f"{row.removeprefix('all, ')} {n:,.0f}" for row, n in found.items())


def _organs(demo: Demo, analysis: str) -> str:
    by_organ: dict[str, dict[str, float]] = {}
    for name in demo.names(analysis, "count"):
        for row, n in column(demo.cells(name, "counts"), "count").items():
            side, _, organ = row.rpartition(", ")
            by_organ.setdefault(organ, {})[side] = n
    return "; ".join(
        f"{organ}: {', '.join(f'{side} {n:,.0f}' for side, n in sides.items())}"
        for organ, sides in by_organ.items()
    )


def _lesions_per_patient(demo: Demo, analysis: str) -> str:
    cells = demo.cells(f"{analysis}.per_patient", "summary")
    median, low, high = (cells["all", name] for name in ("median", "minimum", "maximum"))
    return f"median {median:g}, range {low:g}–{high:g}"


def _best_change(demo: Demo, analysis: str) -> str:
    cells = demo.cells(f"{analysis}.change", "summary")
    median = format_number(cells["all", "median"], 0)
    return f"median best change {median}%; {survival_medians(demo, f'{analysis}.pfs_log')}"


def survival_medians(demo: Demo, name: str) -> str:
    """Print the median survival of one Kaplan-Meier estimate without groups."""
    days = next(iter(column(demo.cells(name, "medians"), "median").values()))
    return f"median PFS {format_number(days, 0, NOT_REACHED)} days"


def _inconsistent(demo: Demo, analysis: str) -> str:
    cells = demo.cells(f"{analysis}.overall", "counts")
    found = column(cells, "count")
    n = sum(found.values())
    some = n - found["all, 0"]
    return f"at least one inconsistent lesion: {some:,.0f} of {n:,.0f} patients ({some / n:.0%})"


def _by_site(demo: Demo, analysis: str) -> str:
    found = {
        row.removesuffix(", inconsistent"): share
        for row, share in column(demo.cells(f"{analysis}.by_site", "counts"), "share").items()
        if row.endswith(", inconsistent")
    }
    low, high = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    return (
        f"lowest {low} {format_percent(found[low])}, highest {high} {format_percent(found[high])}"
    )


def _durations(demo: Demo, analysis: str) -> str:
    parts = [
        f"{phase} {demo.cells(f'{analysis}.{phase}_days', 'summary')['all', 'median']:,.0f}"
        for phase in ("response", "stable", "relapse")
    ]
    return f"median days: {', '.join(parts)}"


def _distances(demo: Demo, analysis: str) -> str:
    lesion = demo.cells(f"{analysis}.gower", "summary")["all", "median"]
    patient = demo.cells(f"{analysis}.patient_gower", "summary")["all", "median"]
    return f"median of lesions {lesion:.3f}, of patients {patient:.3f}"


def _tau(demo: Demo, analysis: str) -> str:
    cells = demo.cells(f"{analysis}.kendall", "test")
    return f"tau {format_number(cells['', 'estimate'], 3)}, {format_p(cells['', 'p_value'])}"


def _hazard(demo: Demo, analysis: str) -> str:
    parts = []
    for name in demo.names(analysis, "cox"):
        if name.endswith("_per_sd"):
            cells = demo.cells(name, "terms")
            row = next(iter(cells))[0]
            ratio = format_interval(
                *(cells[row, c] for c in ("hazard_ratio", "conf_low", "conf_high"))
            )
            endpoint = name.partition(".")[2].removesuffix("_per_sd").upper()
            parts.append(f"HR per SD {ratio} ({endpoint}), {format_p(cells[row, 'p_value'])}")
    return "; ".join(parts)


def _resampled(demo: Demo, analysis: str) -> str:
    parts = []
    for name in demo.names(analysis, "resampled_cox"):
        cells = demo.cells(name, "summary")
        share = format_percent(cells["", "share_significant"])
        what = table_title(name.partition(".")[2])
        parts.append(f"{what}: {share} of {cells['', 'fitted']:,.0f} models with P < 0.05")
    return "; ".join(parts)


def _sites(demo: Demo, analysis: str) -> str:
    return f"{extremes(demo, analysis, 'spread')}; {p_values(demo, analysis, 'kruskal_wallis')}"


def _nadir_by_site(demo: Demo, analysis: str) -> str:
    tests = p_values(demo, analysis, "kruskal_wallis")
    return f"nadir: {extremes(demo, analysis, 'nadir_ratio_spread')}; {tests}"


def _kruskal(demo: Demo, analysis: str) -> str:
    return p_values(demo, analysis, "kruskal_wallis")


def _states(demo: Demo, analysis: str) -> str:
    """Print how far the medians of the organs are apart, as the analysis itself remarks."""
    found = next(a for a in demo.content["analyses"] if a["id"] == analysis)
    apart = [text.rstrip(".") for text in found["remarks"] if "median" in text]
    return "; ".join([*apart[:1], _kruskal(demo, analysis)])


def _means(demo: Demo, analysis: str) -> str:
    cells = [
        column(demo.cells(f"{analysis}.nadir_ratio_{side}", "summary"), "mean") for side in "xy"
    ]
    parts = [
        f"{row} {y:.2f} against {cells[0][row]:.2f}"
        for row, y in cells[1].items()
        if row in cells[0]
    ]
    return f"mean nadir, y against x: {', '.join(parts)}"


def _response(demo: Demo, analysis: str) -> str:
    parts = []
    for what in ("unconfirmed", "confirmed"):
        cells = demo.cells(f"{analysis}.rate_{what}", "proportions")
        names = ("estimate", "conf_low", "conf_high")
        rate, low, high = (
            format_percent(next(iter(column(cells, name).values()))) for name in names
        )
        parts.append(f"objective response, {what}: {rate} ({low} to {high})")
    return "; ".join(parts)


def _three_ways(demo: Demo, analysis: str) -> str:
    """Print the first hazard ratio of OS of each model, naive, landmarks and time-dependent."""
    kinds = ("cox", "landmark_cox", "cox_over_time", "organ_cox_over_time")
    parts = []
    for name in (name for kind in kinds for name in demo.names(analysis, kind)):
        what = name.partition(".")[2]
        if what.startswith("os_"):
            cells = demo.cells(name, "terms")
            row = next(iter(cells))[0]
            numbers = (cells[row, c] for c in ("hazard_ratio", "conf_low", "conf_high"))
            parts.append(f"{table_title(what)}: {row} {format_interval(*numbers)}")
    return "; ".join(parts)


def _readings(demo: Demo, analysis: str) -> str:
    """Print the range of the hazard ratio of OS per SD over all readings."""
    cells = demo.cells(f"{analysis}.os_cox", "models")
    found = [ratio for ratio in column(cells, "hazard_ratio").values() if ratio == ratio]
    above = sum(low > 1 for low in column(cells, "conf_low").values())
    return (
        f"OS per SD over {len(found)} models: {format_number(min(found))} to {format_number(max(found))}, "
        f"interval above 1 in {above}"
    )


def _pairs(demo: Demo, analysis: str) -> str:
    return p_values(demo, analysis, "sign_test")


def _clustered(demo: Demo, analysis: str) -> str:
    """Print the naive tests, then those that keep the lesions of a patient together."""
    naive = p_values(demo, analysis, "kruskal_wallis", "mann_whitney")
    return f"{naive}; clustered: {p_values(demo, analysis, 'datta_satten')}"


def _mixed(demo: Demo, analysis: str) -> str:
    """Print the intraclass correlation of each mixed model."""
    parts = []
    for name in demo.names(analysis, "mixed_model"):
        share = demo.cells(name, "model")["", "intraclass_correlation"]
        what = table_title(name.partition(".")[2])
        parts.append(f"{what}: intraclass correlation {format_number(share)}")
    return "; ".join(parts)


def _relapse(demo: Demo, analysis: str) -> str:
    """Print each hazard ratio of relapse with its clustered interval."""
    parts = []
    for name in demo.names(analysis, "clustered_cox"):
        cells = demo.cells(name, "terms")
        for row in dict.fromkeys(row for row, _ in cells):
            numbers = (cells[row, c] for c in ("hazard_ratio", "conf_low", "conf_high"))
            parts.append(f"{row} {format_interval(*numbers)}")
    return "; ".join(parts)


def _said(demo: Demo, analysis: str) -> str:
    """Print the sentence in which an analysis answers its question."""
    entry = next(entry for entry in demo.content["analyses"] if entry["id"] == analysis)
    return str(entry["verdict"])


def _shown(demo: Demo, analysis: str) -> str:
    return "figure"


def _tables(demo: Demo, analysis: str) -> str:
    return f"{len(demo.names(analysis, 'describe'))} comparisons"


Value = Callable[[Demo, str], str]

VALUES: Final[Mapping[str, Value]] = {
    **{"T1": _patients, "T1b": _arms, "T1c": _lesions_per_patient, "T1d": _organs},
    **{"1A": _best_change, "1B": _shown, "1C": _inconsistent, "1D": _by_site},
    **{"S2": _durations, "S3": _shown},
    **{"2A": _distances, "2A-tau": _tau, "2B": groups, "2C": survival, "2D": _hazard},
    **{"2E": _resampled, "2F": survival, "2G": _sites, "2H": groups},
    **dict.fromkeys(("3A", "3B", "4A", "4B", "K-OS", "6A", "6B", "S8"), survival),
    **dict.fromkeys(("3C", "4C", "S4", "S5", "S6", "S7"), groups),
    **dict.fromkeys(("3D", "4D"), _nadir_by_site),
    **dict.fromkeys(("3E", "4E", "6-G"), _kruskal),
    **dict.fromkeys(("5A", "5B"), _states),
    **dict.fromkeys(("3F", "4F", "5C"), _means),
    "RECIST": _response,
    "S-T": _tables,
    **dict.fromkeys(("TIME-1", "TIME-3", "TIME-4"), _three_ways),
    "TIME-2": survival,
    **dict.fromkeys(("MODEL-1", "MODEL-2", "MODEL-3", "MODEL-4", "MODEL-5"), _said),
    **dict.fromkeys(("NOISE-1", "NOISE-2", "NOISE-3", "NOISE-4"), _said),
    **dict.fromkeys(("MEASURE-1", "MEASURE-2", "MEASURE-3", "MEASURE-4"), _said),
    **{"CLUSTER-1": _clustered, "CLUSTER-2": _mixed, "CLUSTER-3": _relapse},
    **{"CHOICE-1": _readings, "ORDER-1": _pairs, "ORDER-2": survival, "ORDER-3": survival},
}
"""Id -> what makes its line from the results and the id."""
