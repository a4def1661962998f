"""Many comparisons of groups of lesions: asked together, laid out as four tables and box plots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Tried
from lesionhet.analyses.parts.comparison import (
    compare_groups,
    enough_patients,
    group_table,
    outliers,
    patient_codes,
    tried,
)
from lesionhet.analyses.parts.measures import Measure
from lesionhet.charts import BoxChart, Palette
from lesionhet.labels import format_p
from lesionhet.results import DattaSatten
from lesionhet.study import Study

SIGNIFICANT: Final = 0.05
INDEPENDENT: Final = (
    "Mann-Whitney, Kruskal-Wallis and Dunn: lesions of one patient are taken as independent, as published. "
    "The clustered P beside them is that of Datta & Satten (2005), which keeps the lesions of a patient "
    "together; of pairs, times their number."
)
CLUSTERED: Final = "datta_satten"
"""Ends the name of the request for the clustered test of a comparison."""
TESTS: Final = {"mann_whitney": "Mann-Whitney", "kruskal_wallis": "Kruskal-Wallis"}


@dataclass(frozen=True, eq=False)
class Comparison:
    """One measure of lesions, compared between groups.

    Parameters
    ----------
    measure
        What is compared.
    group
        Label of each lesion, on the index of the study's lesions; missing where in no group.
    order
        Groups that are compared.
    within
        Which lesions these are, such as an organ or an arm; empty for all that have a group.
    shown_as
        Group -> its label in a box plot; default the group itself.
    left_out
        Groups that are too small, one sentence each.
    """

    measure: Measure
    group: pd.Series
    order: tuple[str, ...]
    within: str = ""
    shown_as: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name of its requests."""
        return f"{self.measure.column}, {self.within}" if self.within else self.measure.column


def compare(
    study: Study,
    measure: Measure,
    group: pd.Series,
    order: Sequence[str],
    *,
    within: str = "",
    shown_as: Mapping[str, str] | None = None,
) -> Comparison:
    """Make one comparison; groups with fewer than two patients are left out and told."""
    known = study.lesions[measure.column].notna()
    kept, texts = enough_patients(group[known], patient_codes(study)[known], order)
    prefix = f"{within}: " if within else ""
    return Comparison(
        measure, group, kept, within, shown_as or {}, tuple(prefix + text for text in texts)
    )


def ask_comparisons(study: Study, comparisons: Iterable[Comparison]) -> dict[str, Tried]:
    """Ask for the spread, the tests and the clustered test of every comparison; each may fail alone."""
    asked: dict[str, Tried] = {}
    patient = study.lesions["patient_id"]
    for c in comparisons:
        values = study.lesions[c.measure.column]
        own = compare_groups(c.name, values, c.group, patient_codes(study), c.order)
        if c.name not in own:
            own |= ask_clustered(c.name, values, c.group, patient, c.order)
        asked |= own
    return asked


def ask_clustered(
    name: str, values: pd.Series, group: pd.Series, patient: pd.Series, order: Sequence[str]
) -> dict[str, Tried]:
    """Ask for the test that keeps the lesions of a patient together, as ``<name>_datta_satten``.

    Parameters
    ----------
    name, values, group, patient, order
        As in `lesionhet.analyses.parts.comparison.compare_groups`; ``name`` may be empty.
    """
    key = f"{name}_{CLUSTERED}" if name else CLUSTERED
    return {key: tried(requests.datta_satten, values, group, patient, order)}


def with_clustered(table: pd.DataFrame, answer: DattaSatten | None) -> pd.DataFrame:
    """Put the clustered P beside that of a test, or beside those of its pairs.

    Parameters
    ----------
    table
        One row of a test, or one row a pair with ``group_1`` and ``group_2``.
    answer
        Answer of ``datta_satten`` on the same groups; None where it has none, which leaves the column
        ``p_clustered`` missing.
    """
    if answer is None:
        return table.assign(p_clustered=np.nan)
    if "group_1" not in table:
        return table.assign(p_clustered=answer.value("p_value"))
    pairs = answer.tables["pairs"]
    of_pair = dict(zip(_both(pairs), pairs["p_adjusted"], strict=True))
    clustered = np.array([of_pair.get(both, np.nan) for both in _both(table)], dtype=float)
    return table.assign(p_clustered=clustered)


def _both(pairs: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(pairs["group_1"], pairs["group_2"], strict=True))


def left_out(comparisons: Iterable[Comparison]) -> tuple[str, ...]:
    """Say which groups were too small to be compared, each once."""
    return tuple(dict.fromkeys(text for c in comparisons for text in c.left_out))


def comparison_tables(
    comparisons: Sequence[Comparison], answers: Answers
) -> dict[str, pd.DataFrame]:
    """Lay out comparisons as tables.

    Parameters
    ----------
    comparisons, answers
        What was asked, and what was answered.

    Returns
    -------
    dict
        ``groups``: n, mean (SD), median (IQR) as printed. ``spread``: the same and more as numbers.
        ``tests``: one row a Mann-Whitney or Kruskal-Wallis test. ``pairs``: Dunn's tests. Both with
        ``p_clustered``. Tables without rows are absent.
    """
    parts: dict[str, list[pd.DataFrame]] = {"groups": [], "tests": [], "pairs": [], "spread": []}
    for c in comparisons:
        heads = {"measure": c.measure.label, "within": c.within}
        if spread := answers.get(f"{c.name}_spread"):
            parts["groups"].append(group_table(spread, **heads))
            parts["spread"].append(_headed(spread.tables["summary"], heads))
        clustered = answers.get(f"{c.name}_{CLUSTERED}")
        for test, printed in TESTS.items():
            if answer := answers.get(f"{c.name}_{test}"):
                row = _headed(answer.tables["test"], heads | {"test": printed})
                parts["tests"].append(with_clustered(row, clustered).assign(n=answer.n))
        if dunn := answers.get(f"{c.name}_dunn"):
            parts["pairs"].append(with_clustered(_headed(dunn.tables["pairs"], heads), clustered))
    tables = {name: pd.concat(rows, ignore_index=True) for name, rows in parts.items() if rows}
    for name, table in tables.items():
        if (table["within"] == "").all():
            tables[name] = table.drop(columns="within")
    return tables


def _headed(table: pd.DataFrame, heads: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame({**heads, **table})


def box_chart(
    study: Study,
    title: str,
    head: str,
    comparisons: Sequence[Comparison],
    answers: Answers,
    *,
    lines: Mapping[float, str] | None = None,
    palette: Palette = "group",
) -> BoxChart | None:
    """Put the groups of one or more comparisons of the same measure side by side.

    Parameters
    ----------
    study
        Its lesions are the points.
    title, head
        Title; first sentence of the caption. Group sizes and tests follow it.
    comparisons, answers
        What was asked, and what was answered; comparisons without an answer have no boxes.
    lines
        Value -> label of horizontal lines.
    palette
        Colours of the boxes.

    Returns
    -------
    BoxChart or None
        None where nothing was answered. Pairs that differ at P < 0.05 are bracketed.
    """
    shown = [c for c in comparisons if f"{c.name}_spread" in answers]
    if not shown:
        return None
    boxes, points, pairs = zip(*(_drawn(study, c, answers) for c in shown), strict=True)
    table = pd.concat(boxes, ignore_index=True)
    return BoxChart(
        title,
        " ".join([head, *(sentence(c, answers) for c in shown)]),
        table,
        _stacked(points),
        tuple(table["group"]),
        shown[0].measure.axis,
        palette=palette,
        pairs=_stacked(pairs),
        lines=dict(lines or {}),
        log_scale=shown[0].measure.log_scale,
    )


def _drawn(
    study: Study, c: Comparison, answers: Answers
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Give boxes, points beyond the whiskers and significant pairs of one comparison, as drawn."""
    plus = 1.0 if c.measure.log_scale else 0.0
    labels = {name: c.shown_as.get(name, name) for name in c.order}
    spread = answers[f"{c.name}_spread"].tables["summary"]
    points = outliers(study.lesions[c.measure.column], c.group, spread)
    points = pd.DataFrame(
        {"group": _shown(points["group"], labels), "value": points["value"].to_numpy() + plus}
    )
    columns = {name: column.to_numpy() for name, column in spread.items()}
    moved = {name: columns[name] + plus for name in columns if name not in ("group", "n", "sd")}
    boxes = pd.DataFrame({**columns, **moved, "group": _shown(spread["group"], labels)})
    pairs = _significant(c, answers)
    for name in ("group_1", "group_2"):
        pairs[name] = _shown(pairs[name], labels)
    return boxes, points, pairs


def _shown(groups: pd.Series, labels: Mapping[str, str]) -> npt.NDArray[np.object_]:
    return np.array([labels[name] for name in groups], dtype=object)


def _stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put tables with the same columns below each other; empty ones must not decide the types."""
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def _significant(c: Comparison, answers: Answers) -> pd.DataFrame:
    columns = ["group_1", "group_2", "p_value"]
    if dunn := answers.get(f"{c.name}_dunn"):
        found = dunn.tables["pairs"]
        pairs = pd.DataFrame(
            {
                "group_1": found["group_1"],
                "group_2": found["group_2"],
                "p_value": found["p_adjusted"],
            }
        )
    elif test := answers.get(f"{c.name}_mann_whitney"):
        pairs = pd.DataFrame([[*c.order, test.value("p_value")]], columns=columns)
    else:
        return pd.DataFrame(columns=columns)
    return pairs[pairs["p_value"] < SIGNIFICANT].copy()


def sentence(c: Comparison, answers: Answers) -> str:
    """Say the sizes of the groups of one comparison, its test and what differs."""
    spread = answers[f"{c.name}_spread"].tables["summary"]
    sizes = ", ".join(
        f"{group} n = {n:,}" for group, n in zip(spread["group"], spread["n"], strict=True)
    )
    texts = [f"{c.within}: {sizes}" if c.within else sizes]
    for test, printed in TESTS.items():
        if answer := answers.get(f"{c.name}_{test}"):
            texts.append(f"{printed} {format_p(answer.value('p_value'))}")
    if clustered := answers.get(f"{c.name}_{CLUSTERED}"):
        texts.append(f"clustered {format_p(clustered.value('p_value'))}")
    if dunn := answers.get(f"{c.name}_dunn"):
        pairs = dunn.tables["pairs"]
        differ = int((pairs["p_adjusted"] < SIGNIFICANT).sum())
        texts.append(f"{differ} of {len(pairs)} pairs differ (Dunn, Bonferroni, P < {SIGNIFICANT})")
    return "; ".join(texts) + "."
