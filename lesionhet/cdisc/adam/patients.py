"""Patients from ADSL: arm, baseline characteristics, populations; without ADSL from ADTTE and ADTR."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.errors import InputError
from lesionhet.intake import ReadingTable
from lesionhet.readers import Notice, RawTable
from lesionhet.readers.table import counted, listed
from lesionhet.schema import LESION_COLUMNS, PATIENT_COLUMNS

ARMS: Final = ("TRT01P", "ARM", "TRTP", "ACTARM")
"""Variables that name the planned arm, the first one that is filled counts."""
DEMOGRAPHY: Final = ("AGE", "SEX", "RACE", "ETHNIC", "COUNTRY")
_BASELINE: Final = (
    (re.compile(r"[A-Z]+GR[0-9]+|REGION[0-9]*"), "a grouping of ADaM"),
    (re.compile(r"[A-Z0-9]+BL"), "a value at baseline (..BL)"),
    (re.compile(r"STRAT[0-9]+[RV]?"), "a stratum of randomisation"),
    (re.compile(r"(?:K|N|H)RAS[A-Z]*|BRAF[A-Z]*|MSI[A-Z]*"), "a tumour marker"),
)
_OF_PATIENT: Final = re.compile(r"(?:AGE|RACE)GR[0-9]+")
_AFTER: Final = re.compile(r"(?:L?DTH|LDD|EOS|DEATH).*")
_FLAG: Final = re.compile(r"[A-Z0-9]+FL")
RULE: Final = (
    "Read: the arm (the first that is filled of TRT01P, ARM, TRTP, ACTARM), STUDYID of several studies, "
    "AGE, SEX, RACE, ETHNIC, COUNTRY, groupings (..GRn, REGIONn), values at baseline (..BL), "
    "strata and tumour markers. Names become lower case. Everything else is not read."
)


@dataclass(frozen=True, eq=False)
class Patients:
    """The patients table before survival.

    Parameters
    ----------
    frame
        One row a patient: ``patient_id, arm, trial`` and covariates where they hold any value.
    file, sha256
        Of the data set that it came from.
    rows
        n row numbers there.
    tables
        ``patient_columns``, and ``populations`` where there are population flags.
    notices
        What the user should know.
    """

    frame: pd.DataFrame
    file: str
    sha256: str
    rows: npt.NDArray[np.int64]
    tables: tuple[ReadingTable, ...]
    notices: tuple[Notice, ...]


def patients_of(adsl: Domain | None, others: Sequence[Domain]) -> Patients:
    """Read the patients.

    Parameters
    ----------
    adsl
        The subject-level data set; None where it is not there.
    others
        Data sets that carry variables of ADSL, the first counts; used without ADSL only.

    Raises
    ------
    InputError
        No column USUBJID.

    Notes
    -----
    Population flags (ITTFL, SAFFL ..) are counted; nobody is left out by them.

    Examples
    --------
    >>> rows = pd.DataFrame({"USUBJID": ["P1", "P2"], "TRT01P": ["A", "B"], "AGE": [60.0, 71.0],
    ...                      "ITTFL": ["Y", "Y"], "DTHFL": ["Y", None]}, dtype=object)
    >>> found = patients_of(Domain("ADSL", rows, "adsl.xpt", "", np.arange(2, 4)), [])
    >>> list(found.frame), found.tables[1].frame[["flag", "patients"]].values.tolist()
    (['patient_id', 'arm', 'age'], [['ITTFL', 2]])
    """
    if adsl is not None:
        adsl.require("USUBJID")
        return _read(adsl)
    taken = [_first_rows(domain, others[:i]) for i, domain in enumerate(others)]
    parts = [_read(part) for part in taken if len(part)]
    frame = pd.concat([part.frame for part in parts], ignore_index=True).astype(object)
    named = " and ".join(part.file for part in parts)
    text = f"ADSL is not there: patients, arms and covariates come from {named}."
    return Patients(
        frame.where(frame.notna(), None),
        " + ".join(part.file for part in parts),
        "+".join(part.sha256 for part in parts),
        np.concatenate([part.rows for part in parts]),
        parts[0].tables,
        (Notice("note", text),),
    )


def with_survival(
    patients: Patients, survival: pd.DataFrame, file: str
) -> tuple[RawTable, tuple[Notice, ...]]:
    """Put survival beside the patients.

    Parameters
    ----------
    patients
        As `patients_of` gives them.
    survival
        Index: patients; columns of the schema.
    file
        Name of ADTTE, for the notice.

    Returns
    -------
    tuple
        The patients table, and a warning where ADTTE has patients that are not among them.
    """
    frame = patients.frame.copy()
    notices = list(patients.notices)
    for name in survival.columns:
        values = frame["patient_id"].map(survival[name]).astype(object)
        frame[name] = values.where(values.notna(), None)
    strangers = sorted(set(survival.index) - set(frame["patient_id"].dropna()))
    if strangers:
        text = f"{file}: {counted(len(strangers), 'patient')} not in {patients.file}, left out"
        notices.append(Notice("warning", f"{text}: {listed(strangers)}."))
    made_of = {"patient_id": "USUBJID"}
    table = RawTable(frame, patients.file, patients.sha256, patients.rows, made_of=made_of)
    return table, tuple(notices)


def _first_rows(domain: Domain, before: Sequence[Domain]) -> Domain:
    """Give the first row of each patient who is in none of the data sets before."""
    domain.require("USUBJID")
    known: set[Any] = set()
    for other in before:
        known |= set(other.text("USUBJID"))
    patient = domain.text("USUBJID")
    return domain.take(patient.notna() & ~patient.duplicated() & ~patient.isin(known))


def _read(domain: Domain) -> Patients:
    patient = domain.text("USUBJID")
    message = "the cell is empty; every row needs a patient."
    if problems := domain.problems("USUBJID", patient.isna(), message, "Fill in USUBJID."):
        raise InputError(problems)
    columns: dict[str, pd.Series] = {"patient_id": patient}
    rows = []
    arm = next((name for name in ARMS if domain.filled(name)), None)
    for name in domain.frame.columns:
        taken, why = _use(domain, str(name), arm)
        if taken:
            columns[taken] = (
                domain.text(str(name)) if taken in ("arm", "trial") else domain.frame[name]
            )
        rows.append((name, taken or "not read", why, int(domain.frame[name].notna().sum())))
    first = [name for name in ("patient_id", "arm", "trial") if name in columns]
    names = [*first, *(name for name in columns if name not in first)]
    table = pd.DataFrame(rows, columns=["variable", "read_as", "why", "filled_cells"])
    tables = [ReadingTable("patient_columns", f"Variables of {domain.name}", RULE, table)]
    return Patients(
        pd.DataFrame({name: columns[name] for name in names}).astype(object),
        domain.file,
        domain.sha256,
        domain.rows,
        (*tables, *_populations(domain)),
        (),
    )


def _use(domain: Domain, name: str, arm: str | None) -> tuple[str, str]:
    """Say what a variable is read as (empty where it is not), and why."""
    if name == "USUBJID":
        return "patient_id", "the patient"
    if not domain.filled(name):
        return "", "empty in every row"
    if name == arm:
        return "arm", "the arm"
    if name == "STUDYID":
        several = len(set(domain.text(name).dropna())) > 1
        return ("trial", "the study") if several else ("", "one study only")
    reserved = {column.name for column in (*LESION_COLUMNS, *PATIENT_COLUMNS)} - {"kras"}
    if name in ARMS:
        return "", "another arm variable"
    if _AFTER.fullmatch(name) or name.lower() in reserved:
        return "", "known only after treatment" if _AFTER.fullmatch(
            name
        ) else "another variable of that name"
    if name in DEMOGRAPHY or (domain.name != "ADSL" and _OF_PATIENT.fullmatch(name)):
        return name.lower(), "demography"
    if _FLAG.fullmatch(name):
        return "", "a flag"
    if domain.name != "ADSL":
        return "", "may not be of the patient"
    why = next((why for pattern, why in _BASELINE if pattern.fullmatch(name)), "")
    return (name.lower(), why) if why else ("", "not a baseline characteristic by its name")


def _populations(domain: Domain) -> list[ReadingTable]:
    flags = [
        str(name)
        for name in domain.frame.columns
        if _FLAG.fullmatch(str(name))
        and not _AFTER.fullmatch(str(name))
        and domain.filled(str(name))
    ]
    values = {name: domain.text(name) for name in flags}
    rows = [
        (name, int(cells.str.upper().eq("Y").sum()), len(domain))
        for name, cells in values.items()
        if set(cells.dropna().str.upper()) <= {"Y", "N"}
    ]
    if not rows:
        return []
    note = "Patients with the flag Y. Nobody is left out by a flag; choose the rows before if you want that."
    frame = pd.DataFrame(rows, columns=["flag", "patients", "of"])
    return [ReadingTable("populations", f"Population flags of {domain.name}", note, frame)]
