"""ADHET and ADHETL: how differently the lesions respond, by patient and by lesion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from lesionhet.definitions import Definitions
from lesionhet.export import methods
from lesionhet.export.common import (
    AVAL,
    STUDYID,
    TRLNKID,
    TULOC,
    USUBJID,
    parameter_variables,
    study_ids,
    with_parameters,
)
from lesionhet.export.dataset import DataSet, Parameter, Variable, arranged
from lesionhet.schema import PHASES
from lesionhet.study import Study

PATIENT_COLUMNS: Final = {
    "GOWER": "gower",
    "NLESION": "n_lesions",
    "NINCONS": "n_inconsistent",
    "SDIAMBL": "baseline_sum_mm",
    "RESP": "response",
    "STABLE": "stable",
    "RELAPSE": "relapse",
    "RESPD": "response_days",
    "STABLED": "stable_days",
    "RELAPSED": "relapse_days",
    "NADIR": "nadir_ratio",
    "LASTR": "last_ratio",
}
"""PARAMCD of ADHET -> column of the patients of a study."""
LESION_COLUMNS: Final = {
    "GOWER": "gower",
    "INCONS": "inconsistent",
    "LDIAMBL": "baseline_mm",
    **{code: name for code, name in PATIENT_COLUMNS.items() if name.split("_")[0] in PHASES},
    "NADIR": "nadir_ratio",
    "LASTR": "last_ratio",
}
"""PARAMCD of ADHETL -> column of the lesions of a study."""


def adhet(study: Study, study_id: str) -> DataSet:
    """Make ADHET of a study: one record a patient and parameter.

    Parameters
    ----------
    study
        Patients with their distance and the phases of their total burden.
    study_id
        STUDYID of patients without a trial.

    Source: docs/methods.md, sections 2 to 4.
    """
    parameters = patient_parameters(study.definitions)
    long = _long(study.patients, PATIENT_COLUMNS, ["patient_id"])
    variables = (STUDYID, USUBJID, *_values(parameters))
    return DataSet(
        "ADHET",
        "Heterogeneity of Response by Subject",
        "One record per subject per parameter",
        False,
        ("STUDYID", "USUBJID", "PARAMCD"),
        variables,
        _finish(study, long, parameters, variables, study_id),
        parameters,
    )


def adhetl(study: Study, study_id: str) -> DataSet:
    """Make ADHETL of a study: one record a followed lesion and parameter; as `adhet`."""
    parameters = lesion_parameters(study.definitions)
    long = _long(study.lesions, LESION_COLUMNS, ["patient_id", "lesion_id"])
    key = ["patient_id", "lesion_id"]
    if "site" in study.lesions:
        long = long.merge(study.lesions[[*key, "site"]], on=key, validate="many_to_one")
    variables = (STUDYID, USUBJID, TRLNKID, TULOC, *_values(parameters))
    return DataSet(
        "ADHETL",
        "Heterogeneity of Response by Lesion",
        "One record per subject per followed lesion per parameter",
        False,
        ("STUDYID", "USUBJID", "TRLNKID", "PARAMCD"),
        variables,
        _finish(study, long, parameters, variables, study_id),
        parameters,
    )


def patient_parameters(d: Definitions) -> tuple[Parameter, ...]:
    """Give the parameters of ADHET with their methods."""
    own = (
        Parameter("GOWER", "Mean Gower Distance", "", methods.patient_distance_text(d)),
        Parameter("NLESION", "Number of Followed Lesions", "", methods.baseline_text()),
        Parameter(
            "NINCONS",
            "Number of Inconsistent Lesions",
            "",
            f"Sum over the followed lesions of INCONS of ADHETL. {methods.inconsistent_text()}",
        ),
        Parameter(
            "SDIAMBL",
            "Baseline Sum of Diameters (mm)",
            "mm",
            "Sum of s_0 over the followed lesions.",
        ),
    )
    return (*own, *_phases(d, " of Total Burden", f" s_k here: {methods.burden_text(d)}"))


def lesion_parameters(d: Definitions) -> tuple[Parameter, ...]:
    """Give the parameters of ADHETL with their methods."""
    own = (
        Parameter("GOWER", "Mean Gower Distance to Lesions", "", methods.lesion_distance_text(d)),
        Parameter("INCONS", "Inconsistent Lesion", "", methods.inconsistent_text()),
        Parameter("LDIAMBL", "Baseline Diameter (mm)", "mm", methods.baseline_text()),
    )
    return (*own, *_phases(d, "", ""))


def _phases(d: Definitions, of_what: str, remark: str) -> tuple[Parameter, ...]:
    """Give the parameters of the phases and ratios, of a lesion or of the total burden."""
    rows = (
        ("RESP", "Response", "", methods.response_text(d)),
        ("STABLE", "Stable Phase", "", methods.stable_text(d)),
        ("RELAPSE", "Relapse", "", methods.relapse_text(d)),
        ("RESPD", "Days in Response Phase", "days", methods.days_text("response", d)),
        ("STABLED", "Days in Stable Phase", "days", methods.days_text("stable", d)),
        ("RELAPSED", "Days in Relapse Phase", "days", methods.days_text("relapse", d)),
        ("NADIR", "Nadir Ratio", "", methods.nadir_text()),
        ("LASTR", "Last Ratio", "", methods.last_text()),
    )
    return tuple(
        Parameter(code, label + of_what, unit, method + remark)
        for code, label, unit, method in rows
    )


def _values(parameters: tuple[Parameter, ...]) -> tuple[Variable, ...]:
    param, paramcd, unit = parameter_variables(parameters)
    return param, paramcd, AVAL, unit


def _long(table: pd.DataFrame, columns: Mapping[str, str], key: list[str]) -> pd.DataFrame:
    """Give one row a unit and parameter, parameters in their order within a unit."""
    wide = table[key].assign(**{code: table[name].astype(float) for code, name in columns.items()})
    wide["unit"] = range(len(wide))
    long = wide.melt([*key, "unit"], list(columns), "PARAMCD", "AVAL")
    return long.sort_values("unit", kind="stable", ignore_index=True)


def _finish(
    study: Study,
    long: pd.DataFrame,
    parameters: tuple[Parameter, ...],
    variables: tuple[Variable, ...],
    study_id: str,
) -> pd.DataFrame:
    frame = with_parameters(long, parameters).assign(
        STUDYID=study_ids(study, long["patient_id"], study_id),
        USUBJID=long["patient_id"],
        TRLNKID=long.get("lesion_id"),
        TULOC=long.get("site"),
    )
    return arranged(frame, variables)
