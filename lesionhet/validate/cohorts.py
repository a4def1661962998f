"""Random cohorts of the battery: seeded, the same on every machine, each with a kind of trouble."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.study import Study
from lesionhet.validate.case import Case
from lesionhet.validate.cohort_draft import Draft, draw
from lesionhet.validate.cohort_kinds import KINDS, OF_SIZE, SIZES, USUAL_SIZE
from lesionhet.validate.cohort_lesions import draw_study
from lesionhet.validate.questions import make_case, needed
from lesionhet.validate.questions.question import Options, Rows

GOWER_ROWS: Final = 40
"""Rows of the mixed table; its pairs grow with the square."""

SHARE_WITH_LESIONS: Final = 3
"""Every third cohort has measurements of lesions as well."""


def random_cases(n: int, seed: int, only: Collection[str] | None = None) -> Iterator[Case]:
    """Draw cohorts one by one.

    Parameters
    ----------
    n
        How many. The first ``len(KINDS)`` show every kind of trouble once; each cohort can have
        one or two others beside.
    seed
        Whole number, 0 or more. A cohort depends on it and on its own number alone.
    only
        Statistics wanted; default all.

    Yields
    ------
    Case
        Named by its number and its kinds.

    Examples
    --------
    >>> case = next(random_cases(1, seed=1))
    >>> case.name, case.origin
    ('random 1: plain', 'seed 1, cohort 1')
    """
    for number in range(1, n + 1):
        yield random_case(number, seed, only)


def random_case(number: int, seed: int, only: Collection[str] | None = None) -> Case:
    """Draw one cohort by its number, from 1."""
    rng = np.random.default_rng([seed, number])
    kinds = _kinds(rng, number)
    draft = draw(rng, SIZES.get(kinds[0], USUAL_SIZE))
    for kind in kinds:
        KINDS[kind](rng, draft)
    study = None
    if number % SHARE_WITH_LESIONS == 0 and needed("study", only):
        study = draw_study(np.random.default_rng([seed, number, 1]))
    rows = _rows(rng, draft, study)
    name = f"random {number}: {', '.join(kinds)}"
    return make_case(name, f"seed {seed}, cohort {number}", rows, _options(rng), only)


def _kinds(rng: np.random.Generator, number: int) -> list[str]:
    names = list(KINDS)
    first = names[(number - 1) % len(names)]
    extra = int(rng.choice(3, p=[0.5, 0.35, 0.15])) if number > len(names) else 0
    others = [name for name in names[1:] if name != first and name not in OF_SIZE]
    return [first, *sorted(rng.choice(others, extra, replace=False).tolist(), key=names.index)]


def _rows(rng: np.random.Generator, draft: Draft, study: Study | None) -> Rows:
    return Rows(
        time=draft.time,
        event=draft.event,
        group=draft.group,
        strata=draft.strata,
        values=draft.measure,
        other=draft.other,
        covariates=draft.covariates,
        mixed=_mixed(rng, draft),
        study=study,
    )


def _mixed(rng: np.random.Generator, draft: Draft) -> pd.DataFrame:
    """Give a table with a column of every kind, and gaps in half of the cohorts."""
    n = min(len(draft.time), GOWER_ROWS)
    grades = pd.Categorical.from_codes(rng.integers(0, 4, n), ["I", "II", "III", "IV"], True)
    table = pd.DataFrame(
        {
            "values": draft.measure.to_numpy()[:n],
            "other": draft.other.to_numpy()[:n],
            "group": draft.group.to_numpy()[:n],
            "grade": grades,
            "flag": rng.random(n) < 0.5,
            "spread": (rng.random(n) < 0.3).astype(float),
        }
    )
    table["flag"] = table["flag"].astype(object)
    gaps = rng.random(table.shape) < (0.2 if rng.random() < 0.5 else 0.0)
    return table.mask(gaps)


def _options(rng: np.random.Generator) -> Options:
    names = ["values", "other", "group", "grade", "flag", "spread"]
    weights = [float(f"{w:.3g}") for w in rng.random(len(names)) * 3]
    weights[int(rng.integers(len(names)))] = 0.0
    return Options(
        conf_type="log" if rng.random() < 0.5 else "log-log",
        conf_level=float(rng.choice([0.5, 0.8, 0.9, 0.95, 0.99])),
        times=tuple(sorted(float(f"{t:.3g}") for t in [0.0, *(rng.random(4) * 1.2)])),
        draws=int(rng.integers(1, 5)),
        significance=float(rng.choice([0.01, 0.05, 0.2])),
        stratified=bool(rng.random() < 0.5),
        low=float(rng.choice([0.1, 0.25, 1 / 3])),
        high=float(rng.choice([0.5, 2 / 3, 0.75])),
        pooled=bool(rng.random() < 0.3),
        kinds=(("spread", "asymmetric"),) if rng.random() < 0.5 else (),
        weights=tuple(zip(names, weights, strict=True)) if rng.random() < 0.5 else (),
        ranges=(("other", (-1.0, 2.0)),) if rng.random() < 0.3 else (),
        seed=int(rng.integers(2**31)),
    )
