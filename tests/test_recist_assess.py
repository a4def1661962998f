"""What RECIST counts at each assessment, against a loop over patients and lesions."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from recist_helpers import random_data

from lesionhet import requests
from lesionhet.assessments import number_assessments
from lesionhet.recist.assess import assess
from lesionhet.recist.rules import RecistRules

WINDOW = 7.0
TARGET, OTHER, NEW = 1, 2, 3
ABSENT, PROGRESSION = 2, 3


def _worst(row: Any) -> float:
    """Give what makes a row worse than another one of its lesion and day; NaN where not assessed."""
    state = 0.0 if row.state == ABSENT else row.state
    return float({TARGET: row.diameter_mm, OTHER: state, NEW: row.certain}[row.type])


def _assessed(row: Any) -> bool:
    return bool(row.type == NEW or not math.isnan(_worst(row)))


def _superseded(row: Any, others: list[Any]) -> bool:
    """Say whether the same assessment shows a lesion after all."""
    for one in others:
        if _assessed(row) or not _assessed(one) or one.lesion != row.lesion:
            continue
        unnamed = math.isnan(row.visit) and math.isnan(one.visit)
        same = row.visit == one.visit or (unnamed and abs(row.day - one.day) <= WINDOW)
        if (row.day <= 0 and one.day <= 0) or (same and (row.day > 0) == (one.day > 0)):
            return True
    return False


def _kept(patient: pd.DataFrame) -> list[Any]:
    by_day: dict[Any, list[Any]] = defaultdict(list)
    for row in patient.itertuples():
        by_day[row.lesion, row.day].append(row)

    def first(row: Any) -> tuple[float, float]:
        worst, visit = _worst(row), row.visit
        return (1.0 if math.isnan(worst) else -worst, math.inf if math.isnan(visit) else visit)

    rows = [min(same, key=first) for _, same in sorted(by_day.items())]
    return [row for row in rows if not _superseded(row, rows)]


def _numbers(rows: list[Any]) -> list[int]:
    table = pd.DataFrame(rows)
    visit = table["visit"].fillna(-1).to_numpy(dtype=np.int64)
    day, lesion = table["day"].to_numpy(dtype=float), pd.factorize(table["lesion"])[0]
    nobody = np.zeros(len(table), dtype=np.int64)
    return [int(n) for n in number_assessments(nobody, lesion, day, visit, day <= 0, WINDOW)]


def _by_loop(data: pd.DataFrame, rules: RecistRules) -> tuple[list[Any], list[Any], dict[str, int]]:
    visits, baselines = [], []
    counts = dict.fromkeys(
        ["without_baseline", "zero_baseline", "after_baseline", "new_at_baseline"], 0
    )
    for patient, own in data.groupby("patient"):
        rows = _kept(own)
        number = dict(zip(rows, _numbers(rows), strict=True))
        base = min((number[r] for r in rows if _assessed(r) and r.type != NEW), default=math.inf)
        at_base = [r for r in rows if number[r] == base and _assessed(r)]
        size = {r.lesion: r.diameter_mm for r in at_base if r.type == TARGET}
        known = {lesion: mm for lesion, mm in size.items() if mm > 0}
        seen = [r.day for r in at_base if r.type != NEW]
        total = sum(known.values()) if known else math.nan
        baselines.append((patient, len(known), max(seen, default=math.nan), total))
        counts["without_baseline"] += len({r.lesion for r in rows if r.type == TARGET} - set(size))
        counts["zero_baseline"] += len(size) - len(known)
        counts["new_at_baseline"] += sum(r.type == NEW and not number[r] > base for r in rows)
        others_of: dict[Any, list[int]] = defaultdict(list)
        for row in rows:
            if row.type == OTHER:
                others_of[row.lesion].append(number[row])
        counts["after_baseline"] += sum(
            base < min(ns) for ns in others_of.values() if base < math.inf
        )
        since = [[n for n in ns if n >= base] for ns in others_of.values()]
        begins = [min(ns) for ns in since if ns]
        for place, n in enumerate(sorted({k for k in number.values() if k > base}), start=1):
            now = [r for r in rows if number[r] == n]
            measured = [r for r in now if r.lesion in known and _assessed(r)]
            gone = [
                r
                for r in measured
                if r.diameter_mm == 0 or (r.node == 1 and r.diameter_mm < rules.node_normal_mm)
            ]
            others = [r for r in now if r.type == OTHER and _assessed(r)]
            new = [2 if r.certain == 1 else 1 for r in now if r.type == NEW]
            visits.append(
                (
                    patient,
                    place,
                    max(r.day for r in now),
                    min((r.visit for r in now if not math.isnan(r.visit)), default=math.nan),
                    sum(r.diameter_mm for r in measured) if measured else math.nan,
                    len(measured),
                    len(gone),
                    sum(begin <= n for begin in begins),
                    len(others),
                    sum(r.state == ABSENT for r in others),
                    sum(r.state == PROGRESSION for r in others),
                    max(new, default=0),
                )
            )
    return visits, baselines, counts


@pytest.mark.parametrize("seed", range(6))
def test_every_assessment_counts_what_a_loop_counts(seed: int) -> None:
    rules = RecistRules(visit_window_days=WINDOW)
    asked = requests.recist(random_data(seed, 25), rules)
    order = np.random.default_rng(seed).permutation(len(asked.data))

    found = assess(asked.data.iloc[order].reset_index(drop=True), rules)

    visits, baselines, counts = _by_loop(asked.data, rules)
    assert len(visits) > 20
    np.testing.assert_allclose(found.visits.to_numpy(dtype=float), np.array(visits, dtype=float))
    np.testing.assert_allclose(
        found.baselines.to_numpy(dtype=float), np.array(baselines, dtype=float)
    )
    assert list(found.counts.values()) == list(counts.values())
