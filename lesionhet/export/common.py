"""Variables that several data sets share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from lesionhet.export.dataset import ASSIGNED, DERIVED, PREDECESSOR, Parameter, Variable
from lesionhet.export.two_tables import patient_rows
from lesionhet.study import Study

YES: Final = {"Y": "Yes"}
STUDYID: Final = Variable(
    "STUDYID",
    "Study Identifier",
    "text",
    PREDECESSOR,
    "patients.csv, trial; else what was given as --study",
)
USUBJID: Final = Variable(
    "USUBJID", "Unique Subject Identifier", "text", PREDECESSOR, "lesions.csv, patient_id"
)
TRLNKID: Final = Variable(
    "TRLNKID", "Link ID of the Lesion", "text", PREDECESSOR, "lesions.csv, lesion_id"
)
TULOC: Final = Variable(
    "TULOC", "Location of the Lesion (Analysis Site)", "text", PREDECESSOR, "lesions.csv, site"
)
AVAL: Final = Variable("AVAL", "Analysis Value", "float", DERIVED)


def parameter_variables(parameters: Sequence[Parameter]) -> tuple[Variable, ...]:
    """Give PARAM, PARAMCD and AVALU with their codes."""
    units = {p.unit: p.unit for p in parameters if p.unit}
    return (
        Variable("PARAM", "Parameter", "text", ASSIGNED, "One text for each PARAMCD"),
        Variable(
            "PARAMCD", "Parameter Code", "text", ASSIGNED, "", {p.code: p.label for p in parameters}
        ),
        Variable("AVALU", "Analysis Value Unit", "text", ASSIGNED, "One unit a PARAMCD", units),
    )


def with_parameters(frame: pd.DataFrame, parameters: Sequence[Parameter]) -> pd.DataFrame:
    """Put label and unit beside PARAMCD."""
    labels = {p.code: p.label for p in parameters}
    units = {p.code: p.unit or None for p in parameters}
    return frame.assign(
        PARAM=frame["PARAMCD"].map(labels), AVALU=frame["PARAMCD"].map(units).astype(object)
    )


def study_ids(study: Study, patients: pd.Series, given: str) -> pd.Series:
    """Give the study of each patient: the trial of the patients table, else the name that was given."""
    table = patient_rows(study.cohort)
    if "trial" not in table:
        return pd.Series(given, index=patients.index, dtype=object)
    trial = patients.map(table.set_index("patient_id")["trial"])
    return trial.astype(object).where(trial.notna(), given)


def numbered_lesions(study: Study, rows: pd.DataFrame) -> pd.Series:
    """Give each row the number of its lesion, counted from 1 within the patient by id."""
    key = ["patient_id", "lesion_id"]
    lesions = rows[key].drop_duplicates().sort_values(key, ignore_index=True)
    lesions["number"] = lesions.groupby("patient_id").cumcount() + 1
    return rows[key].merge(lesions, on=key, how="left")["number"].set_axis(rows.index)
