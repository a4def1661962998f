"""The two tables of a cohort, as they can be read again."""

from __future__ import annotations

import pandas as pd

from lesionhet.cohort import Cohort
from lesionhet.schema import LESION_COLUMNS


def lesion_rows(cohort: Cohort) -> pd.DataFrame:
    """Give the lesions table, every row that was read.

    Parameters
    ----------
    cohort
        A cohort; of one that was put together by hand, the measurements of its followed lesions.

    Returns
    -------
    pandas.DataFrame
        The columns of `lesionhet.schema.LESION_COLUMNS` that hold any value; ``diameter_mm`` always.
    """
    source = cohort.measurements if cohort.rows.empty else cohort.rows
    if cohort.rows.empty and "site" in cohort.lesions:
        site = cohort.lesions[["patient_id", "lesion_id", "site"]]
        source = source.merge(site, on=["patient_id", "lesion_id"], validate="many_to_one")
    names = [
        column.name
        for column in LESION_COLUMNS
        if column.name in source and (column.required or column.name in cohort.columns)
    ]
    return source[names].reset_index(drop=True)


def patient_rows(cohort: Cohort) -> pd.DataFrame:
    """Give the patients table, everybody in it.

    Parameters
    ----------
    cohort
        A cohort; of one without a patients table, or put together by hand, the patients of its lesions.

    Returns
    -------
    pandas.DataFrame
        ``patient_id`` and the columns that hold any value, in the order of the table.
    """
    table = cohort.patients if cohort.described.empty else cohort.described
    names = [name for name in table.columns if name == "patient_id" or name in cohort.columns]
    if not cohort.described.empty:
        return table[names]
    ids = pd.DataFrame({"patient_id": sorted(set(lesion_rows(cohort)["patient_id"]))}, dtype=object)
    return ids.merge(table[names], how="left", on="patient_id")


def has_patients_table(cohort: Cohort) -> bool:
    """Say whether anything but the ids of the patients is known."""
    return len(patient_rows(cohort).columns) > 1
