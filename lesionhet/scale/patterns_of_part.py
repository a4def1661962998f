"""Phases and distances of one part, written; the numbers that the group tables need, given back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from lesionhet.definitions import Definitions
from lesionhet.report.tables import lesion_table, patient_table
from lesionhet.scale.files import write_parquet
from lesionhet.scale.gathered import (
    GROUPS,
    LESION_NUMBERS,
    PATIENT_NUMBERS,
    SITE,
    Columns,
    columns_of,
)
from lesionhet.scale.part import followed_folder, read_followed, respelled
from lesionhet.study import build_study

LESIONS: Final = "lesions"
PATIENTS: Final = "patients"
"""Folders of the written tables."""


@dataclass(frozen=True)
class Whole:
    """What every part must know of the whole cohort.

    Parameters
    ----------
    definitions
        With the cohort's range as fixed bounds.
    columns
        Columns with any value in any part.
    kinds
        Column of the patients table -> what it holds.
    chosen
        Column -> label in `str.casefold` -> its spelling, where there are several.
    site_groups
        Site -> its group, rare ones pooled.
    scratch, target
        Folders of the followed parts and of what is written.
    """

    definitions: Definitions
    columns: frozenset[str]
    kinds: Mapping[str, str]
    chosen: Mapping[str, Mapping[str, str]]
    site_groups: Mapping[str, str]
    scratch: str
    target: str


@dataclass(frozen=True, eq=False)
class Found:
    """What is gathered of a part: its lesions and its patients."""

    lesions: Columns
    patients: Columns


def find_patterns(whole: Whole, number: int) -> Found:
    """Compute phases and distances of a part with followed lesions and write its two tables.

    Parameters
    ----------
    whole
        What is known of all parts.
    number
        Of the part.

    Returns
    -------
    Found
        What the group tables need of it.
    """
    folder = followed_folder(whole.scratch, number)
    cohort = read_followed(folder, whole.columns, whole.kinds)
    for table, names in (
        (cohort.measurements, ("visit",)),
        (cohort.lesions, ("site",)),
        (cohort.patients, tuple(whole.kinds)),
    ):
        for name in set(names) & set(whole.chosen):
            table[name] = respelled(table[name], whole.chosen[name])
    study = build_study(cohort, whole.definitions)
    if SITE in study.lesions:
        groups = study.lesions["site"].map(whole.site_groups).astype(object)
        study.lesions[SITE] = groups.where(groups.notna(), None)
    file = f"part-{number:05d}.parquet"
    write_parquet(lesion_table(study), Path(whole.target, LESIONS, file))
    write_parquet(patient_table(study), Path(whole.target, PATIENTS, file))
    labels = [name for name in GROUPS if name in whole.columns and name in study.patients]
    of_patient = study.patients.set_index("patient_id")[labels]
    lesions: pd.DataFrame = study.lesions.join(of_patient, on="patient_id")
    return Found(
        columns_of(lesions, LESION_NUMBERS, [SITE, *labels]),
        columns_of(study.patients, PATIENT_NUMBERS, labels),
    )
