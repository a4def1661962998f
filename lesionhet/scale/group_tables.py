"""Tables by group: the questions of the ordinary analyses, asked of numbers that were gathered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.definitions import Definitions
from lesionhet.engines import Engine
from lesionhet.groups import site_order
from lesionhet.scale.gathered import GROUPS, SITE
from lesionhet.schema import PHASES

TOTAL: Final = "all"
MEASURES: Final = {
    "lesions": ("gower", "nadir_ratio", "last_ratio"),
    "patients": ("gower", "nadir_ratio", "last_ratio", "n_lesions", "baseline_sum_mm"),
}
"""Table -> what is described of it."""
FLAGS: Final = {"lesions": (*PHASES, "inconsistent"), "patients": PHASES}
PRESENT: Final = ("present", "absent")
Order = tuple[str, ...]


def group_tables(
    lesions: pd.DataFrame, patients: pd.DataFrame, definitions: Definitions, engine: Engine
) -> dict[str, pd.DataFrame]:
    """Describe lesions and patients, all of them and by group.

    Parameters
    ----------
    lesions
        A row a lesion: ``gower``, ratios, flags, ``inconsistent``; ``site_group, arm, trial, kras`` where
        the input has them.
    patients
        A row a patient: ``gower``, ratios and flags of the total burden, ``n_lesions``,
        ``baseline_sum_mm``; ``arm, trial, kras``.
    definitions
        ``conf_level`` of the intervals.
    engine
        Answers the questions.

    Returns
    -------
    dict
        ``spread`` (n, mean, SD, quantiles), ``medians`` (with intervals), ``flags`` (how many lesions
        and patients have each phase, how many lesions are inconsistent) and, where there are sites,
        ``sites`` (lesions a site group). Each row says of which ``table``, ``measure``, ``by`` what and
        which ``group``; groups without a known value are absent.

    Examples
    --------
    >>> from lesionhet import build_study, cohort_from_frames, engine
    >>> rows = pd.DataFrame({"patient_id": "P1", "lesion_id": ["L1", "L1", "L2", "L2"],
    ...                      "day": [0, 56, 0, 56], "diameter_mm": [20.0, 12, 30, 29]})
    >>> study = build_study(cohort_from_frames(rows))
    >>> found = group_tables(study.lesions, study.patients, study.definitions, engine("python"))
    >>> found["flags"]["measure"].iloc[0], found["flags"]["count"].tolist()[:2]
    ('response', [1, 1])
    """
    tables = {"lesions": lesions, "patients": patients}
    median = partial(requests.median_interval, conf_level=definitions.conf_level)
    spread, medians, flags = [], [], []
    for name, table in tables.items():
        for by, order in _groupings(table).items():
            for measure in MEASURES[name]:
                heads = {"table": name, "measure": measure, "by": by}
                spread.append(_described(table, heads, order, requests.describe, engine))
                medians.append(_described(table, heads, order, median, engine))
            for flag in FLAGS[name]:
                heads = {"table": name, "measure": flag, "by": by}
                flags.append(_described(table, heads, order, _present, engine))
    found = {
        "spread": pd.concat(spread, ignore_index=True),
        "medians": pd.concat(medians, ignore_index=True),
        "flags": pd.concat(flags, ignore_index=True),
    }
    if SITE in lesions and (order := site_order(lesions[SITE])):
        found["sites"] = engine.answer(requests.count(lesions[SITE], level_order=order)).to_frame()
    return found


def _groupings(table: pd.DataFrame) -> dict[str, Order | None]:
    """Give the ways to group and the order of the groups: sites as in the analyses, else by their size."""
    found: dict[str, Order | None] = {TOTAL: None}
    for name in (SITE, *GROUPS):
        if name not in table:
            continue
        counts = table[name].dropna().value_counts()
        by_size = tuple(sorted(counts.index, key=lambda label: (-counts[label], label)))
        if order := site_order(table[name]) if name == SITE else by_size:
            found[name] = order
    return found


def _described(
    table: pd.DataFrame,
    heads: dict[str, str],
    order: Order | None,
    ask: Callable[..., Any],
    engine: Engine,
) -> pd.DataFrame:
    values, by = table[heads["measure"]], heads["by"]
    if not values.notna().any():
        return pd.DataFrame()
    if order is None:
        return _headed(engine.answer(ask(values, None, None)).to_frame(), heads)
    known = set(table.loc[values.notna(), by].dropna())
    kept = tuple(label for label in order if label in known)
    if not kept:
        return pd.DataFrame()
    return _headed(engine.answer(ask(values, table[by], kept)).to_frame(), heads)


def _present(
    flags: pd.Series, group: pd.Series | None, order: Order | None
) -> requests.Request[Any]:
    """Ask how many rows have a flag; rows where it is missing are left out."""
    level = flags.map({1.0: PRESENT[0], 0.0: PRESENT[1]})
    return requests.count(level, group, PRESENT, order)


def _headed(table: pd.DataFrame, heads: dict[str, str]) -> pd.DataFrame:
    return table.assign(**heads)[[*heads, *table.columns]]
