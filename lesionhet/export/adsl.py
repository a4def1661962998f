"""ADSL and ADTTE: the patients, and their survival."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import pandas as pd

from lesionhet.export.common import (
    AVAL,
    STUDYID,
    USUBJID,
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
)
from lesionhet.export.two_tables import patient_rows
from lesionhet.study import Study

TIMES: Final = {
    "OS": ("os_days", "os_event", "Overall Survival (Days)"),
    "PFS": ("pfs_days", "pfs_event", "Progression-Free Survival (Days)"),
}
_NO_COVARIATES: Final = frozenset(
    {"patient_id", "arm", "trial", "progressed"}
    | {name for time, event, _ in TIMES.values() for name in (time, event)}
)
_LONGEST_NAME: Final = 8


def adsl(study: Study, study_id: str) -> DataSet:
    """Make ADSL of a study: arm and covariates, one record a patient of the lesions table.

    Parameters
    ----------
    study
        Its cohort's patients.
    study_id
        STUDYID of patients without a trial.
    """
    table = patient_rows(study.cohort)
    covariates = [str(name) for name in table.columns if name not in _NO_COVARIATES]
    names = variable_names(covariates, ("STUDYID", "USUBJID", "TRT01P", "ANL01FL"))
    variables = [STUDYID, USUBJID]
    columns = {
        "USUBJID": table["patient_id"],
        "STUDYID": study_ids(study, table["patient_id"], study_id),
    }
    if "arm" in table:
        source = "patients.csv, arm"
        variables.append(
            Variable("TRT01P", "Planned Treatment for Period 01", "text", PREDECESSOR, source)
        )
        columns["TRT01P"] = table["arm"]
    for heading, name in zip(covariates, names, strict=True):
        number = pd.api.types.is_numeric_dtype(table[heading])
        kind = "float" if number else "text"
        source = f"patients.csv, {heading}"
        variables.append(Variable(name, heading, kind, PREDECESSOR, source))  # type: ignore[arg-type]
        columns[name] = table[heading]
    analysed = table["patient_id"].isin(study.cohort.patients["patient_id"])
    source = "Y for patients with a followed lesion"
    variables.append(Variable("ANL01FL", "Analysis Flag 01: Analysed", "text", DERIVED, source))
    columns["ANL01FL"] = analysed.map({True: "Y"})
    return DataSet(
        "ADSL",
        "Subject-Level Analysis Dataset",
        "One record per subject",
        True,
        ("STUDYID", "USUBJID"),
        tuple(variables),
        arranged(pd.DataFrame(columns), variables),
    )


def adtte(study: Study, study_id: str) -> DataSet | None:
    """Make ADTTE of a study: OS and PFS where the patients table has them; None where it has neither."""
    table = patient_rows(study.cohort)
    parts = []
    for code, (time, event, _) in TIMES.items():
        if not study.has(time, event):
            continue
        known = table[table[time].notna() & table[event].notna()]
        parts.append(
            pd.DataFrame(
                {
                    "USUBJID": known["patient_id"],
                    "PARAMCD": code,
                    "AVAL": known[time],
                    "CNSR": 1 - known[event],
                    "EVNTDESC": _event_texts(code, known, event),
                }
            )
        )
    if not parts:
        return None
    frame = pd.concat(parts, ignore_index=True)
    codes = list(dict.fromkeys(frame["PARAMCD"]))
    parameters = tuple(
        Parameter(code, TIMES[code][2], "DAYS", f"{TIMES[code][0]} of patients.csv, in days.")
        for code in codes
    )
    frame["STUDYID"] = study_ids(study, frame["USUBJID"], study_id)
    frame = with_parameters(frame, parameters)
    frame = frame.sort_values(["USUBJID", "PARAMCD"], kind="stable", ignore_index=True)
    variables = _time_variables(parameters)
    return DataSet(
        "ADTTE",
        "Time to Event Analysis",
        "One record per subject per parameter",
        False,
        ("STUDYID", "USUBJID", "PARAMCD"),
        variables,
        arranged(frame, variables),
        parameters,
    )


def variable_names(headings: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Make names of 8 capitals, digits and ``_`` at most, no two alike.

    Parameters
    ----------
    headings
        Column names of any kind.
    taken
        Names that are not free.

    Examples
    --------
    >>> variable_names(["age", "ldh_high_at_start", "ldh high at end", "日本", "1st"])
    ['AGE', 'LDH_HIGH', 'LDHHIGHA', 'C', 'C1ST']
    >>> variable_names(["a.b", "A B"])
    ['AB', 'AB2']
    """
    used, names = set(taken), []
    for heading in headings:
        plain = re.sub(r"[^A-Z0-9_]", "", heading.upper())
        stem = (plain if re.match(r"[A-Z]", plain) else f"C{plain}")[:_LONGEST_NAME]
        name, number = stem, 2
        while name in used:
            name = f"{stem[: _LONGEST_NAME - len(str(number))]}{number}"
            number += 1
        used.add(name)
        names.append(name)
    return names


def _event_texts(code: str, known: pd.DataFrame, event: str) -> pd.Series:
    """Say in words what happened: a death, a progression, an event of either kind, or none."""
    happened = known[event].eq(1)
    if code == "OS":
        return happened.map({True: "DEATH", False: "CENSORED"})
    words = happened.map({True: "PROGRESSION OR DEATH", False: "CENSORED"})
    if "progressed" in known:
        words = words.mask(happened & known["progressed"].eq(1), "DISEASE PROGRESSION")
        words = words.mask(happened & known["progressed"].eq(0), "DEATH")
    return words


def _time_variables(parameters: tuple[Parameter, ...]) -> tuple[Variable, ...]:
    param, paramcd, unit = parameter_variables(parameters)
    source = "1 - os_event or pfs_event of patients.csv"
    words = "By CNSR; of PFS by progressed of patients.csv"
    texts = ("DEATH", "DISEASE PROGRESSION", "PROGRESSION OR DEATH", "CENSORED")
    codes = {"0": "Event", "1": "Censored"}
    return (
        STUDYID,
        USUBJID,
        param,
        paramcd,
        AVAL,
        unit,
        Variable("CNSR", "Censor", "integer", DERIVED, source, codes),
        Variable(
            "EVNTDESC", "Event or Censoring Description", "text", DERIVED, words,
            {text: text.capitalize() for text in texts},
        ),
    )  # fmt: skip
