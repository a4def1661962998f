"""Overall and progression-free survival from ADTTE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from lesionhet.cdisc.adam.doubts import DEATH, unlikely_times
from lesionhet.cdisc.adam.time import times_in_days
from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.errors import InputError, Problem
from lesionhet.intake import ReadingTable
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

PROGRESSION: Final = r"\b(?:progress\w*|pd|relapse\w*|recurren\w*)\b"
_NO_PROGRESSION: Final = r"\b(?:without|no|before)\s+(?:\w+\s+){0,2}progress\w*"
_TUMOUR_DATA: Final = ("RS", "TR", "TU", "ADTR")
_DEATH_DATA: Final = ("DD", "AE")
RULE: Final = (
    "CNSR 0 is an event, any other whole number above 0 a censored time. A PFS event is a progression or a "
    "death by the words of EVNTDESC; without them by SRCVAR (DTH..: death) and SRCDOM (RS, TR, TU, ADTR: "
    "progression; DD, AE: death); else it is not known which."
)


@dataclass(frozen=True, eq=False)
class Survival:
    """Times and events by patient.

    Parameters
    ----------
    frame
        Index: patients; columns among ``os_days, os_event, pfs_days, pfs_event, progressed``, numbers or
        None.
    tables
        ``time_to_event``, and ``pfs_after_os`` where PFS is longer than OS.
    notices
        What the user should know.
    """

    frame: pd.DataFrame
    tables: tuple[ReadingTable, ...]
    notices: tuple[Notice, ...]


def survival_of(adtte: Domain, options: CdiscOptions) -> Survival:
    """Read overall and progression-free survival.

    Parameters
    ----------
    adtte
        The data set, with ``USUBJID, PARAMCD, AVAL, CNSR``.
    options
        ``os_param``, ``pfs_param``: the two parameters.

    Raises
    ------
    InputError
        A missing column; a parameter that was named and is not there; CNSR that is no whole number of 0 or
        more; two records of one patient; a unit that is not known or contradicts the dates.

    Notes
    -----
    A parameter under its usual name that is not there is left out, which the table shows.

    Examples
    --------
    >>> import numpy as np
    >>> rows = pd.DataFrame({"USUBJID": ["P1", "P2"], "PARAMCD": ["OS", "OS"], "AVAL": [90, 400],
    ...                      "AVALU": ["DAYS", "DAYS"], "CNSR": [0, 1]}, dtype=object)
    >>> survival_of(Domain("ADTTE", rows, "adtte.xpt", "", np.arange(2, 4)), CdiscOptions()).frame
             os_days  os_event
    patient_id
    P1          90.0       1.0
    P2         400.0       0.0
    """
    adtte.require("USUBJID", "PARAMCD", "AVAL", "CNSR")
    frame = pd.DataFrame(index=pd.Index([], name="patient_id", dtype=object))
    problems: list[Problem] = []
    notices: list[Notice] = []
    rows: list[dict[str, Any]] = []
    codes = adtte.text("PARAMCD")
    for name, wanted in (("os", options.os_param), ("pfs", options.pfs_param)):
        records = adtte.take(codes.str.upper().eq(wanted.upper()))
        try:
            if not len(records):
                rows.append(_absent(adtte, name, wanted, codes))
                continue
            found, row = _read(records, name, wanted)
        except InputError as error:
            problems += error.problems
            continue
        rows.append(row)
        frame = frame.join(found, how="outer")
        in_order = [found[f"{name}_{what}"].reset_index(drop=True) for what in ("days", "event")]
        notices += unlikely_times(records, wanted, *in_order)
        if not found[f"{name}_event"].any():
            text = f"{adtte.where('CNSR')}: no record of {wanted} is an event (CNSR 0)."
            notices.append(
                Notice("warning", f"{text} CNSR is 1 where censored, the inverse of a flag.")
            )
    if problems:
        raise InputError(problems)
    frame, conflicts = _without_conflicts(frame)
    notices += [Notice("warning", f"{adtte.file}: {t.note}") for t in conflicts]
    table = ReadingTable("time_to_event", "Times to events", RULE, pd.DataFrame(rows))
    return Survival(frame, (table, *conflicts), tuple(notices))


def _absent(adtte: Domain, name: str, wanted: str, codes: pd.Series) -> dict[str, Any]:
    """Give the row of a parameter that is not there, or refuse one that was named."""
    found = listed(sorted(codes.dropna().unique()), 12)
    if wanted.upper() != name.upper():
        message = f"there is no parameter {wanted!r}; found: {found}."
        mend = f"Name one with --{name}-param."
        raise InputError([Problem(adtte.file, "PARAMCD", message, mend)])
    return {"what": name.upper(), "parameter": wanted, "records": 0, "remark": f"found: {found}"}


def _read(records: Domain, name: str, wanted: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read one parameter: its columns by patient, and its row in the table."""
    patient, event = records.text("USUBJID"), _events(records)
    twice = patient.duplicated(keep=False) & patient.notna()
    message = f"several records of {wanted} for one patient: {listed(patient[twice].unique(), 3)}."
    problems = records.problems("USUBJID", twice, message, "Keep one record for each patient.")
    problems += records.problems(
        "USUBJID", patient.isna(), "the cell is empty; a patient is expected.", "Fill in USUBJID."
    )
    if problems:
        raise InputError(problems)
    days, unit, source = times_in_days(records)
    found = pd.DataFrame({f"{name}_days": days, f"{name}_event": event})
    row: dict[str, Any] = {
        "what": name.upper(),
        "parameter": wanted,
        "records": len(records),
        "events": int(event.sum()),
        "censored": int(event.eq(0).sum()),
        "censor_codes": _reasons(records.number("CNSR")),
        "unit": unit,
        "unit_found_in": source,
    }
    if name == "pfs":
        found["progressed"] = _progressed(records).where(event.eq(1))
        row["progressions"] = int(found["progressed"].eq(1).sum())
        row["deaths"] = int(found["progressed"].eq(0).sum())
        row["not_known_which"] = int((event.eq(1) & found["progressed"].isna()).sum())
    return found.set_index(pd.Index(patient, name="patient_id", dtype=object)), row


def _events(records: Domain) -> pd.Series:
    """Turn CNSR round: 0 is an event."""
    censored = records.number("CNSR")
    missing = records.problems(
        "CNSR", censored.isna(), "the cell is empty; 0 (event) or 1 and more (censored) is expected.",
        "Fill in CNSR, or leave the record out.",
    )  # fmt: skip
    wrong = censored.notna() & (censored.lt(0) | censored.mod(1).ne(0))
    found = listed(censored[wrong].map("{:g}".format).unique(), 3)
    message = f"found {found}; 0 (event) or a whole number above 0 (censored) is expected."
    problems = missing + records.problems("CNSR", wrong, message, "Correct CNSR.")
    if problems:
        raise InputError(problems)
    return censored.eq(0).astype(float)


def _reasons(censored: pd.Series) -> str:
    """Count the codes of censoring, such as ``1: 240, 2: 3``."""
    counts = censored[censored.gt(0)].value_counts().sort_index()
    return ", ".join(f"{code:g}: {n}" for code, n in counts.items()) or "none"


def _progressed(records: Domain) -> pd.Series:
    """Say of each record whether it is a progression (1), a death (0), or not known (missing)."""
    words = records.text("EVNTDESC").astype(object).where(lambda text: text.notna(), "")
    died = words.str.contains(DEATH, case=False, regex=True)
    without = words.str.replace(_NO_PROGRESSION, "", case=False, regex=True)
    grew = without.str.contains(PROGRESSION, case=False, regex=True)
    silent = ~died & ~grew
    variable = (
        records.text("SRCVAR").astype(object).where(lambda text: text.notna(), "").str.upper()
    )
    data = records.text("SRCDOM").astype(object).where(lambda text: text.notna(), "").str.upper()
    died |= silent & (variable.str.startswith("DTH") | data.isin(_DEATH_DATA))
    grew |= silent & ~died & data.isin(_TUMOUR_DATA)
    known = died ^ grew
    return grew.astype(float).where(known)


def _without_conflicts(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[ReadingTable, ...]]:
    """Leave times out that contradict each other: a PFS that is longer than the OS."""
    if not {"os_days", "pfs_days"} <= set(frame.columns):
        return frame, ()
    late = frame["pfs_days"].gt(frame["os_days"])
    if not late.any():
        return frame, ()
    listing = frame.loc[late, ["os_days", "os_event", "pfs_days", "pfs_event"]].reset_index()
    died = late & frame["os_event"].eq(1)
    listing["left_out"] = ["OS and PFS" if d else "PFS" for d in died[late]]
    frame = frame.copy()
    frame.loc[late, ["pfs_days", "pfs_event", "progressed"]] = None
    frame.loc[died, ["os_days", "os_event"]] = None
    note = (
        f"{counted(int(late.sum()), 'patient')}: PFS is longer than OS. Where OS is censored, the PFS is "
        "left out; where the patient died before, both are."
    )
    return frame, (ReadingTable("pfs_after_os", "PFS longer than OS", note, listing),)
