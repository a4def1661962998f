"""A small cohort with every oddity, and the same in parts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lesionhet import simulate_trial
from lesionhet.scale.files import read_parquet

Tables = tuple[pd.DataFrame, pd.DataFrame]

# patient, lesion, day, mm, site, type
ODD = [
    ("Z1", "A", 0, 20.0, "LIVER", None),  # one lesion
    ("Z1", "A", 56, 12.0, "LIVER", None),
    ("Z2", "A", -5, 0.0, "lung", "target"),  # baseline of 0
    ("Z2", "A", 50, 3.0, "lung", "target"),
    ("Z2", "B", -5, 30.0, None, "target"),  # no site; zero afterwards
    ("Z2", "B", 50, 0.0, None, "target"),
    ("Z2", "B", 50, 0.0, None, "target"),  # twice the same
    ("Z3", "A", -5, 10.0, "Liver", "target"),  # nobody to follow in Z3
    ("Z3", "B", -5, None, "bone", "target"),
    ("Z4", "A", 90, 9.0, "liver ", "target"),  # unsorted, tied, no baseline before day 0
    ("Z4", "A", 30, 10.0, "liver ", "target"),
    ("Z4", "A", 60, 10.0, "liver ", "target"),
    ("Z4", "B", 60, 10.0, "LIVER", "target"),
    ("Z4", "B", 30, 10.0, "LIVER", "target"),
    ("Z4", "C", 30, 10.0, "liver", "non-target"),
    ("Z4", "D", 90, 5.0, "brain", "new"),
]


def odd_tables(patients: int = 30) -> Tables:
    """Give a simulated trial with odd patients; one of them has no row in the lesions table."""
    trial = simulate_trial(patients, seed=8)
    names = ["patient_id", "lesion_id", "day", "diameter_mm", "site", "lesion_type"]
    odd = pd.DataFrame(ODD, columns=names)
    lesions = pd.concat([trial.lesions, odd], ignore_index=True)
    rng = np.random.default_rng(4)
    missing = rng.random(len(lesions)) < 0.05
    missing &= lesions["patient_id"].str.startswith("Z").ne(True)
    lesions.loc[missing, "diameter_mm"] = np.nan
    lesions = lesions.sample(frac=1, random_state=3, ignore_index=True)
    ids = ["Z1", "Z2", "Z3", "Z4", "Z5"]
    described = pd.DataFrame({"patient_id": ids, "arm": ["folfox", None, None, "FOLFOX", None]})
    table = pd.concat([trial.patients, described], ignore_index=True)
    table["age"] = np.where(table.index % 7, table.index + 40.0, np.nan)
    # Empty but for one patient.
    table["note"] = np.where(table["patient_id"] == "Z4", "seen", None)
    return lesions, table


def write_folder(folder: Path, tables: Tables, parts: int) -> Path:
    """Write raw tables in parts, patients dealt in turn, so that no part is a range of ids."""
    lesions, patients = tables
    ids = sorted(patients["patient_id"])
    for name in ("lesions", "patients"):
        (folder / name).mkdir(parents=True)
    for number in range(parts):
        own = ids[number::parts]
        for name, table in (("lesions", lesions), ("patients", patients)):
            rows = table[table["patient_id"].isin(own)]
            rows.to_parquet(folder / name / f"{number}.parquet", index=False)
    return folder


def written(folder: Path, name: str) -> pd.DataFrame:
    """Read a table that was written in parts, sorted by its ids."""
    frame = pd.concat([read_parquet(path) for path in sorted((folder / name).iterdir())])
    keys = ["patient_id", "lesion_id"] if "lesion_id" in frame else ["patient_id"]
    return frame.sort_values(keys, ignore_index=True)
