"""Labels that would be code, a missing value, a number or a break of the line, if anybody let them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.plan import Contrast, Plan
from lesionhet.simulate import simulate_trial

CODE: Final = 'x\'); system("touch hacked"); #'
LONG: Final = "é" * 10_000
PLAIN: Final = (
    CODE,
    "..1",
    "TRUE",
    "NA",
    "NULL",
    "日本",
    LONG,
    "a\"b'c`d",
    "back\\slash\\n\\x41",
    "🧬 👩‍🔬 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "e\u0301 n\u0303",
    "é",
    "$(touch hacked)",
    "`touch hacked`",
    '{{ 7 * 7 }} {% include "hacked" %}',
    "%s %d %n",
    "=1+1",
    "<img src=x onerror=alert(1)>",
    "$\\frac{1}{0}$ ^_{",
    "1e5",
    "0x1F",
    "-0",
    "Inf",
    "if (TRUE) system('touch hacked')",
    "strata(x)",
    "a, b",
    "x1",
    ".Random.seed",
)
"""Labels that a table may hold as they are."""
NASTY: Final = (
    *PLAIN,
    "",
    " ",
    " spaces around ",
    "new\nline",
    "\r\n",
    "\ttab",
    "\u2028",
    "\x01\x1b[31m",
)
"""With those that the reader of a cohort trims."""


def tall(rows_each: int, labels: tuple[str, ...] = NASTY, seed: int = 3) -> pd.DataFrame:
    """Give survival rows, ``rows_each`` for each label, in random order."""
    rng = np.random.default_rng(seed)
    label = rng.permutation(np.repeat(np.array(labels, dtype=object), rows_each))
    n = len(label)
    columns = {
        "label": label,
        "time": rng.integers(1, 400, n) / 1.0,
        "event": (np.arange(n) % 3 > 0).astype(int),
        "values": rng.integers(0, 40, n) / 8,
    }
    return pd.DataFrame(columns)


def nasty_cohort() -> tuple[Cohort, Plan]:
    """Simulate 60 patients whose ids, lesions, sites, arms and headings are such labels."""
    trial = simulate_trial(n_patients=60, seed=7)
    lesions, patients = trial.lesions.copy(), trial.patients.copy()
    ids = dict(zip(patients["patient_id"], PLAIN, strict=False))
    for table in (lesions, patients):
        table["patient_id"] = table["patient_id"].replace(ids)
    lesions["lesion_id"] = lesions["lesion_id"] + " " + lesions["lesion_id"].map(_one_of(PLAIN))
    site = _one_of(PLAIN[:8])
    lesions["site"] = lesions["site"].map(site)
    patients["arm"] = patients["arm"].map(_one_of(PLAIN[:8][::-1]))
    for position, label in enumerate(PLAIN[:10]):
        patients[label] = np.where(patients.index % 2 == 0, PLAIN[position - 1], label)
    arms = tuple(dict.fromkeys(patients["arm"]))
    plan = Plan(
        organs=tuple(lesions["site"].value_counts().index[:2]),
        contrasts=(Contrast("3", CODE, arms[:1], "NA", arms[1:]),),
    )
    return cohort_from_frames(lesions, patients), plan


def _one_of(labels: tuple[str, ...]) -> object:
    """Give a function that puts a label in the place of each distinct text, in turn."""
    given: dict[str, str] = {}

    def place(text: str) -> str:
        return given.setdefault(text, labels[len(given) % len(labels)])

    return place
