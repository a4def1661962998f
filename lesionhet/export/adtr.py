"""ADTR: a record a measurement of a lesion, and the sums over time."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lesionhet.errors import InputError, Problem
from lesionhet.export import methods
from lesionhet.export.common import (
    AVAL,
    STUDYID,
    TRLNKID,
    TULOC,
    USUBJID,
    YES,
    numbered_lesions,
    parameter_variables,
    study_ids,
    with_parameters,
)
from lesionhet.export.dataset import (
    DERIVED,
    PREDECESSOR,
    DataSet,
    Parameter,
    Variable,
    arranged,
    study_day,
)
from lesionhet.export.two_tables import lesion_rows
from lesionhet.study import Study

MOST_LESIONS: Final = 999
"""LDIAM and the number of the lesion are a PARAMCD of 8 characters at most."""
GROUPS: Final = {"target": "TARGET", "non-target": "NON-TARGET", "new": "NEW"}
_KEY: Final = ["patient_id", "lesion_id"]
_IDENTITY: Final = [*_KEY, "day", "diameter_mm"]
_GROUP: Final = Variable(
    "TRGRPID",
    "Lesion Group",
    "text",
    PREDECESSOR,
    "lesions.csv, lesion_type; target where it is not there",
    {"TARGET": "Target lesion", "NON-TARGET": "Non-target lesion", "NEW": "New lesion"},
)
_OF_RECORD: Final = (
    Variable(
        "ADY",
        "Analysis Relative Day",
        "float",
        DERIVED,
        "day + 1 where day >= 0, else day, with day of lesions.csv: 1 is the start of treatment",
    ),
    Variable("AVISIT", "Analysis Visit", "text", PREDECESSOR, "lesions.csv, visit"),
    TULOC,
    Variable("ABLFL", "Baseline Record Flag", "text", DERIVED, methods.baseline_text(), YES),
    Variable(
        "BASE",
        "Baseline Value",
        "float",
        DERIVED,
        "AVAL of the record with ABLFL = Y of the lesion",
    ),
    Variable("CHG", "Change from Baseline", "float", DERIVED, "AVAL - BASE after baseline"),
    Variable("PCHG", "Percent Change from Baseline", "float", DERIVED, "100 x CHG / BASE"),
    Variable(
        "ANL01FL",
        "Analysis Flag 01: Followed Lesion",
        "text",
        DERIVED,
        "Y where the record is analysed: measured, of a followed target lesion, at or after its "
        "baseline, the first of identical records",
        YES,
    ),
)
"""Variables of a record beside its identity and value."""


def adtr(study: Study, study_id: str) -> DataSet:
    """Make ADTR of a study.

    Parameters
    ----------
    study
        Measurements and total burden.
    study_id
        STUDYID of patients without a trial.

    Returns
    -------
    DataSet
        A record for every row of the lesions table, measured or not, under PARAMCD LDIAM1, LDIAM2 .. by
        patient; and SDIAM, the total burden.

    Raises
    ------
    InputError
        A patient with more than 999 lesions.
    """
    lesions = _measurements(study)
    sums = _sums(study)
    parameters = _parameters(study, int(lesions["number"].max()))
    frame = pd.concat([lesions.drop(columns="number"), sums], ignore_index=True)
    frame["STUDYID"] = study_ids(study, frame["USUBJID"], study_id)
    frame["CHG"] = (frame["AVAL"] - frame["BASE"]).where(frame["after"])
    frame["PCHG"] = 100 * frame["CHG"] / frame["BASE"]
    frame = with_parameters(frame, parameters)
    variables = _variables(parameters)
    frame = frame.sort_values(["USUBJID", "place", "ADY"], kind="stable", ignore_index=True)
    return DataSet(
        "ADTR",
        "Tumor Results Analysis",
        "One record per subject per lesion or sum per visit",
        False,
        ("STUDYID", "USUBJID", "PARAMCD", "ADY", "AVISIT"),
        variables,
        arranged(frame, variables),
        parameters,
    )


def _measurements(study: Study) -> pd.DataFrame:
    rows = lesion_rows(study.cohort)
    number = numbered_lesions(study, rows)
    if (number > MOST_LESIONS).any():
        patient = rows.loc[number.idxmax(), "patient_id"]
        message = (
            f"patient '{patient}' has {int(number.max())} lesions; up to {MOST_LESIONS} fit ADTR."
        )
        raise InputError([Problem("adtr.xpt", "PARAMCD", message, "Leave lesions out.")])
    rows = rows.reindex(columns=[*rows.columns, *{"site", "visit"} - set(rows.columns)])
    kinds = rows["lesion_type"] if "lesion_type" in rows else pd.Series("target", index=rows.index)
    followed = _followed(study, rows)
    base = rows[_KEY].merge(study.lesions[[*_KEY, "baseline_mm"]], on=_KEY, how="left")
    first = followed.eq(1.0)
    return pd.DataFrame(
        {
            "USUBJID": rows["patient_id"],
            "TRLNKID": rows["lesion_id"],
            "TRGRPID": kinds.map(GROUPS),
            "PARAMCD": [f"LDIAM{n}" for n in number],
            "AVAL": rows["diameter_mm"],
            "ADY": study_day(rows["day"]),
            "AVISIT": rows["visit"],
            "TULOC": rows["site"],
            "ABLFL": first.map({True: "Y"}),
            "BASE": base["baseline_mm"].to_numpy(),
            "ANL01FL": followed.notna().map({True: "Y"}),
            "after": followed.eq(0.0),
            "place": number,
            "number": number,
        }
    )


def _followed(study: Study, rows: pd.DataFrame) -> pd.Series:
    """Say of each row whether it is analysed: 1 a baseline, 0 after it, missing where not analysed."""
    kept = study.cohort.measurements
    visit = pd.DataFrame({"visit": rows["visit"].fillna(""), **{n: rows[n] for n in _IDENTITY}})
    visit["again"] = visit.groupby([*_IDENTITY, "visit"], dropna=False).cumcount()
    own = kept[_IDENTITY].assign(
        visit=kept["visit"].fillna(""), again=0, is_baseline=kept["is_baseline"].astype(float)
    )
    found = visit.merge(own, how="left", on=[*_IDENTITY, "visit", "again"])
    return found["is_baseline"].set_axis(rows.index)


def _sums(study: Study) -> pd.DataFrame:
    burden = study.burden
    first = ~burden["patient_id"].duplicated()
    base = burden.groupby("patient_id")["size_mm"].transform("first")
    return pd.DataFrame(
        {
            "USUBJID": burden["patient_id"],
            "TRLNKID": None,
            "TRGRPID": "TARGET",
            "PARAMCD": "SDIAM",
            "AVAL": burden["size_mm"],
            "ADY": study_day(burden["day"]),
            "AVISIT": None,
            "TULOC": None,
            "ABLFL": first.map({True: "Y"}),
            "BASE": base,
            "ANL01FL": "Y",
            "after": ~first,
            "place": MOST_LESIONS + 1,
        }
    )


def _parameters(study: Study, lesions: int) -> tuple[Parameter, ...]:
    size = (
        "diameter_mm of lesions.csv, the diameter in mm as measured; the number counts the lesions of a "
        f"patient by their id. {methods.baseline_text()}"
    )
    numbered = [
        Parameter(f"LDIAM{n}", f"Lesion {n} Diameter (mm)", "mm", size)
        for n in range(1, lesions + 1)
    ]
    total = methods.burden_text(study.definitions)
    return (*numbered, Parameter("SDIAM", "Sum of Diameters (mm)", "mm", total))


def _variables(parameters: tuple[Parameter, ...]) -> tuple[Variable, ...]:
    param, paramcd, unit = parameter_variables(parameters)
    return (STUDYID, USUBJID, TRLNKID, _GROUP, param, paramcd, AVAL, unit, *_OF_RECORD)
