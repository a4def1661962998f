"""Patients for RECIST 1.1: written by hand as one line, or random with everything that can be wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.recist.data import RecistData
from lesionhet.recist.rules import RESPONSES

STATES = {"P": "present", "A": "absent", "G": "progression", "-": None}
TARGETS = ["patient_id", "lesion_id", "day", "visit", "diameter_mm", "node"]
OTHERS = ["patient_id", "lesion_id", "day", "visit", "state"]
NEW = ["patient_id", "lesion_id", "day", "visit", "certain"]


@dataclass(frozen=True)
class Case:
    """One patient, and what RECIST 1.1 says.

    Sizes are in mm, the first at the baseline, None where not assessed. ``others``: a letter an
    assessment (P present, A absent, G progression, - not assessed). ``new``: number of the
    assessment -> whether certain. Expected responses: a word an assessment; "." is none.
    """

    name: str
    overall: str
    best: str
    confirmed: str
    lesions: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    nodes: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    new: Mapping[int, bool] = field(default_factory=dict)
    days: Sequence[float] = (0, 56, 112, 168, 224, 280)
    target: str = ""
    nontarget: str = ""


def data_of(case: Case, patient: str = "P") -> RecistData:
    """Give the rows of one case."""
    targets = [
        (patient, name, day, None, size, node)
        for node, lesions in ((False, case.lesions), (True, case.nodes))
        for name, sizes in lesions.items()
        for day, size in zip(case.days, sizes, strict=False)
    ]
    others = [
        (patient, name, day, None, STATES[letter])
        for name, letters in case.others.items()
        for day, letter in zip(case.days, letters, strict=False)
    ]
    new = [
        (patient, f"new {number}", case.days[number], None, certain)
        for number, certain in case.new.items()
    ]
    return RecistData(
        pd.DataFrame(targets, columns=TARGETS),
        pd.DataFrame(others, columns=OTHERS),
        pd.DataFrame(new, columns=NEW),
    )


def words(codes: Any) -> str:
    """Write response codes as words, "." for none."""
    return " ".join("." if code == 0 else RESPONSES[int(code) - 1] for code in codes)


def random_data(seed: int, n_patients: int = 60) -> RecistData:
    """Make patients whose lesions shrink, vanish, come back, are missed, are nodes; visits of every kind."""
    rng = np.random.default_rng(seed)
    targets: list[tuple[Any, ...]] = []
    others: list[tuple[Any, ...]] = []
    new: list[tuple[Any, ...]] = []
    for number in range(n_patients):
        patient = f"P{number:02d}"
        late = rng.uniform() < 0.1
        before = [] if late else sorted(-rng.choice(50, rng.integers(1, 3), replace=False))
        after = np.cumsum(rng.choice([3, 8, 20, 28, 42, 56], rng.integers(0, 7)))
        days = [float(day) for day in (*before, *after)]
        style = ("none", "named", "some")[int(rng.integers(3))]
        visits = {d: _visit(rng, k, style) for k, d in enumerate(days)}
        for lesion in range(rng.integers(0, 4)):
            targets += _target(rng, patient, f"T{lesion}", days, visits)
        for lesion in range(rng.choice([0, 0, 1, 2])):
            others += _other(rng, patient, f"N{lesion}", days, visits)
        for day in days:
            if rng.uniform() < 0.06:
                new.append((patient, f"W{day:g}", day, visits[day], bool(rng.uniform() < 0.6)))
    tables = (
        pd.DataFrame(targets, columns=TARGETS),
        pd.DataFrame(others, columns=OTHERS),
        pd.DataFrame(new, columns=NEW),
    )
    return RecistData(*(table.sample(frac=1, random_state=seed) for table in tables))


def _visit(rng: np.random.Generator, number: int, style: str) -> str | None:
    if style == "none" or (style == "some" and rng.uniform() < 0.5):
        return None
    # Now and then two scans have one name.
    return f"V{number - int(rng.uniform() < 0.1)}"


def _target(
    rng: np.random.Generator, patient: str, lesion: str, days: list[float], visits: dict[float, Any]
) -> list[tuple[Any, ...]]:
    node = rng.choice([True, False, None], p=[0.3, 0.6, 0.1])
    size = float(rng.choice([10, 15, 20, 30, 0], p=[0.3, 0.3, 0.2, 0.18, 0.02]))
    factors = [0.0, 0.5, 0.7, 0.9, 1.0, 1.2]
    rows: list[tuple[Any, ...]] = []
    for day in days:
        if rng.uniform() < 0.08:
            continue
        missed = rng.uniform() < 0.08
        rows.append((patient, lesion, day, visits[day], None if missed else size, node))
        if rng.uniform() < 0.05:
            # Once more, some days on: the same visit with or without a size.
            again = None if rng.uniform() < 0.5 else size
            rows.append((patient, lesion, day + 2, visits[day], again, node))
        size *= float(rng.choice(factors, p=[0.08, 0.17, 0.2, 0.2, 0.15, 0.2]))
        size = size or float(rng.choice([0, 0, 0, 4, 12]))
    return rows


def _other(
    rng: np.random.Generator, patient: str, lesion: str, days: list[float], visits: dict[float, Any]
) -> list[tuple[Any, ...]]:
    chosen = days[int(rng.uniform() < 0.1) * len(days) // 2 :]
    states = rng.choice(
        ["present", "absent", "progression", None], len(chosen), p=[0.4, 0.45, 0.05, 0.1]
    )
    return [
        (patient, lesion, day, visits[day], state)
        for day, state in zip(chosen, states, strict=True)
        if rng.uniform() > 0.05
    ]
