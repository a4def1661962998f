"""The patients table of SDTM data sets: one row a patient of DM, with arm, covariates and survival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from lesionhet.cdisc.dates import Dates, date_counts
from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.cdisc.sdtm.arms import ARMLESS, arms
from lesionhet.cdisc.sdtm.birth import dates_before_birth
from lesionhet.cdisc.sdtm.kras import kras_status
from lesionhet.cdisc.sdtm.start import PATIENT, Starts
from lesionhet.cdisc.sdtm.supplement import merge
from lesionhet.cdisc.sdtm.survival import derive_survival
from lesionhet.errors import InputError, Problem
from lesionhet.intake import ReadingTable
from lesionhet.readers import Notice, RawTable
from lesionhet.readers.table import counted, listed
from lesionhet.schema import LESION_COLUMNS, PATIENT_COLUMNS

COVARIATES: Final = {
    "SEX": "sex",
    "RACE": "race",
    "ETHNIC": "ethnicity",
    "COUNTRY": "country",
}
"""Column of DM -> covariate."""
YEARS: Final = {
    "YEARS": 1.0,
    "MONTHS": 1 / 12,
    "WEEKS": 7 / 365.25,
    "DAYS": 1 / 365.25,
    "HOURS": 1 / 24 / 365.25,
}
"""Unit of ``AGE`` -> years."""
OLDEST: Final = 120
"""Years; an age above is taken for a mistake."""
_TAKEN: Final = frozenset(
    {column.name for column in (*LESION_COLUMNS, *PATIENT_COLUMNS)} | {"age", *COVARIATES.values()}
)


@dataclass(eq=False)
class _Draft:
    """The table so far."""

    frame: pd.DataFrame
    tables: list[ReadingTable] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    columns: list[tuple[Domain, str, Dates]] = field(default_factory=list)


def patients_table(
    domains: Mapping[str, Domain], starts: Starts, reported: pd.DataFrame, cdisc: CdiscOptions
) -> tuple[RawTable, tuple[ReadingTable, ...]]:
    """Make the patients table.

    Every patient of DM has a row, screen failures included: who has no lesion is counted as left out
    later. The arm is the planned one (``ARM``); screen failures and patients who were not assigned have
    none.

    Parameters
    ----------
    domains
        Data sets by name; DM is needed, SUPPDM, DS, EX, TR, RS, GF, MI and LB are used where there.
    starts
        Start of treatment, as `lesionhet.cdisc.sdtm.start.start_dates` gives it.
    reported
        Responses of the reader chosen, as ``reported`` of `lesionhet.recist.data.RecistData`.
    cdisc
        ``survival`` and ``dates`` are used.

    Returns
    -------
    tuple
        The table, with columns ``patient_id``; where there is any: ``arm``, ``trial`` (for more than one
        STUDYID), ``age`` (years), ``sex, race, ethnicity, country, kras``, every qualifier of SUPPDM in
        lower case; ``os_days, os_event, pfs_days, pfs_event, progressed`` where survival is derived. And
        what was decided on the way.

    Raises
    ------
    InputError
        Everything that is wrong with DM, its supplement and the dates of survival, together; what
        ``starts`` tells already is left out.

    Examples
    --------
    >>> import numpy as np
    >>> from lesionhet.cdisc.sdtm.start import start_dates
    >>> cells = {"USUBJID": ["P1"], "ARM": ["A"], "AGE": [63.0], "SEX": ["F"], "RFSTDTC": ["2014-01-01"]}
    >>> dm = {"DM": Domain("DM", pd.DataFrame(cells, dtype=object), "dm.csv", "", np.array([2]))}
    >>> none = pd.DataFrame(columns=["patient_id", "day", "visit", "what", "response"])
    >>> starts = start_dates(dm, "auto", "first")
    >>> table, _ = patients_table(dm, starts, none, CdiscOptions(survival="none"))
    >>> table.frame.to_dict("records")
    [{'patient_id': 'P1', 'arm': 'A', 'age': 63.0, 'sex': 'F'}]
    """
    dm = domains["DM"]
    dm.require(PATIENT)
    merged = merge(dm, domains.get("SUPPDM"))
    draft = _Draft(pd.DataFrame({"patient_id": dm.text(PATIENT)}))
    draft.tables.append(starts.reading)
    draft.problems += [*merged.problems, *dates_before_birth(domains)]
    draft.notices += merged.notices
    _arms(draft, dm)
    _covariates(draft, merged.domain)
    _qualifiers(draft, merged.domain, merged.added)
    _kras(draft, domains, merged.domain)
    if cdisc.survival == "derive":
        _survival(draft, domains, starts, reported, cdisc)
    if fresh := [p for p in dict.fromkeys(draft.problems) if p not in starts.problems]:
        raise InputError(fresh)
    if draft.columns:
        draft.tables.append(_dates_table(draft, cdisc))
    frame = draft.frame.astype(object)
    frame = frame.where(frame.notna(), None)
    frame = frame[[name for name in frame if name == "patient_id" or frame[name].notna().any()]]
    table = RawTable(
        frame, dm.file, dm.sha256, dm.rows, tuple(draft.notices), made_of={"patient_id": PATIENT}
    )
    return table, tuple(draft.tables)


def _arms(draft: _Draft, dm: Domain) -> None:
    found = arms(dm)
    draft.frame["arm"] = found["planned"]
    studies = dm.text("STUDYID")
    if len(set(studies.dropna())) > 1:
        draft.frame["trial"] = studies
    counts = found.fillna("").groupby(["planned", "actual", "reason"]).size().rename("patients")
    note = "The planned arm (ARM) is used. A patient without one keeps a row; who has no lesion is left out."
    draft.tables.append(ReadingTable("arms", "Planned and actual arm", note, counts.reset_index()))
    both = found["planned"].notna() & found["actual"].notna()
    if n := int((both & found["planned"].ne(found["actual"])).sum()):
        text = f"{dm.file}: {counted(n, 'patient')} with an actual arm (ACTARM) other than the planned one"
        draft.notices.append(Notice("warning", f"{text} (ARM), which is used."))
    for reason, group in found[found["reason"].ne("")].groupby("reason"):
        arm = " They have no arm." if reason in ARMLESS else ""
        text = f"{dm.file}: {counted(len(group), 'patient')} marked as {reason}.{arm}"
        draft.notices.append(Notice("note", text))


def _covariates(draft: _Draft, dm: Domain) -> None:
    if dm.has("AGE"):
        try:
            draft.frame["age"] = _age(draft, dm)
        except InputError as error:
            draft.problems += error.problems
    for column, name in COVARIATES.items():
        if dm.has(column):
            draft.frame[name] = dm.text(column)


def _age(draft: _Draft, dm: Domain) -> pd.Series:
    age, unit = dm.number("AGE"), dm.text("AGEU").str.upper()
    unit = unit.where(unit.notna(), "YEARS")
    unknown = age.notna() & ~unit.isin(list(YEARS))
    message = f"found {listed(list(unit[unknown].unique()))}; permitted: {', '.join(YEARS)}."
    draft.problems += dm.problems("AGEU", unknown, message, "Correct the unit.")
    wrong = (age * unit.map(YEARS)).pipe(lambda years: years.lt(0) | years.gt(OLDEST))
    message = f"found an age below 0 or above {OLDEST} years."
    draft.problems += dm.problems("AGE", wrong, message, "Correct AGE or AGEU, or empty the cell.")
    other = age.notna() & unit.ne("YEARS") & ~unknown
    if other.any():
        text = f"{dm.where('AGE')}: {counted(int(other.sum()), 'age')} converted to years from "
        draft.notices.append(Notice("warning", text + listed(list(unit[other].unique())) + "."))
    return age * unit.map(YEARS)


def _qualifiers(draft: _Draft, dm: Domain, added: tuple[str, ...]) -> None:
    """Add what SUPPDM says of a patient, under names that mean nothing else."""
    for column in added:
        name = column.lower()
        if name == "kras":
            continue
        draft.frame[f"suppdm_{name}" if name in _TAKEN else name] = dm.text(column)


def _kras(draft: _Draft, domains: Mapping[str, Domain], dm: Domain) -> None:
    found = kras_status(domains, dm)
    if found is None:
        return
    draft.frame["kras"] = draft.frame["patient_id"].map(found.status)
    draft.tables.append(found.reading)
    draft.notices += found.notices


def _survival(
    draft: _Draft,
    domains: Mapping[str, Domain],
    starts: Starts,
    reported: pd.DataFrame,
    cdisc: CdiscOptions,
) -> None:
    found = derive_survival(domains, starts, reported, cdisc.dates)
    for name in found.frame.columns:
        draft.frame[name] = draft.frame["patient_id"].map(found.frame[name])
    draft.tables.append(found.reading)
    draft.notices += found.notices
    draft.problems += found.problems
    draft.columns += found.columns


def _dates_table(draft: _Draft, cdisc: CdiscOptions) -> ReadingTable:
    counts: Any = date_counts(draft.columns)
    note = f"Missing parts of dates: {cdisc.dates}. A date without a year is refused by every rule."
    return ReadingTable("dates_of_patients", "Dates known in part", note, counts)
