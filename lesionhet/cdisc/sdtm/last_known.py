"""Who died when, and the last day on which the others were known to be alive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from lesionhet.cdisc.dates import Dates, read_dates
from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.sdtm.start import PATIENT, Starts
from lesionhet.errors import Problem
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

ALIVE: Final = (
    ("DM", "RFENDTC"),
    ("DM", "RFPENDTC"),
    ("DS", "DSSTDTC"),
    ("EX", "EXSTDTC"),
    ("EX", "EXENDTC"),
    ("TR", "TRDTC"),
    ("RS", "RSDTC"),
)
"""Where a patient is seen alive, apart from the start of treatment itself."""
SCANS: Final = ("TR", "RS")
NOT_DONE: Final = "NOT DONE"
START: Final = "start of treatment"


@dataclass(eq=False)
class Found:
    """What is known of life and death, gathered column by column.

    Parameters
    ----------
    seen
        One row a date on which a patient was alive: ``patient_id, value, source``.
    deaths
        One row a patient who died, indexed by ``patient_id``: ``value`` (missing where the day is not
        known), ``earliest, latest``, ``source``, ``moved`` (whether a completed date was moved).
    columns
        Every column of dates that was read.
    notices, problems
        What was found on the way.
    """

    seen: pd.DataFrame = field(default_factory=pd.DataFrame)
    deaths: pd.DataFrame = field(default_factory=pd.DataFrame)
    columns: list[tuple[Domain, str, Dates]] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def life_and_death(domains: Mapping[str, Domain], starts: Starts, rule: str) -> Found:
    """Read every date that says whether a patient was alive.

    A date of death is ``DTHDTC`` of DM, else ``DSSTDTC`` of the DS record ``DEATH``. Assessments that were
    not done prove nothing. A date of death known in part, completed to a day before the patient was last
    seen by dose, scan or assessment, is moved to that day as far as the part that is known permits.

    Parameters
    ----------
    domains
        Data sets by name, DM among them.
    starts
        Start of treatment of each patient.
    rule
        What stands for the missing part of a date.

    Returns
    -------
    Found
        With a problem where no reading of the dates agrees: a death before the start, or before a scan.
    """
    found = Found()
    started = starts.dates.dropna()
    rows = [
        pd.DataFrame({"patient_id": started.index, "value": started.to_numpy(), "source": START})
    ]
    for name, column in ALIVE:
        if name in domains and domains[name].has(PATIENT, column):
            rows.append(_seen(found, domains[name], column, rule))
    found.seen = pd.concat(rows, ignore_index=True)
    found.deaths = _deaths(found, domains, rule)
    _conflicts(found, domains, starts, rule)
    _move_deaths(found)
    _overtaken(found, domains["DM"], starts)
    return found


def last_seen(seen: pd.DataFrame) -> pd.DataFrame:
    """Give the last date of each patient, indexed by ``patient_id``: ``value, source``."""
    last = seen.sort_values("value", kind="stable", ascending=False).drop_duplicates("patient_id")
    return last.set_index("patient_id")[["value", "source"]]


def is_death(ds: Domain) -> pd.Series:
    """Say which rows of DS record a death."""
    said: pd.Series = ds.text("DSDECOD").str.upper().eq("DEATH")
    return said | ds.text("DSTERM").str.upper().eq("DEATH")


def _seen(found: Found, domain: Domain, column: str, rule: str) -> pd.DataFrame:
    dates, problems = read_dates(domain, column, rule)
    found.columns.append((domain, column, dates))
    if domain.name not in SCANS:
        # What is wrong with the dates of scans is said where the lesions are read.
        found.problems += problems
    use = dates.value.notna() & domain.text(PATIENT).notna() & _happened(domain)
    table = pd.DataFrame({"patient_id": domain.text(PATIENT), "value": dates.value})
    return table[use].assign(source=column)


def _happened(domain: Domain) -> pd.Series:
    if domain.name == "DS":
        return ~is_death(domain)
    return ~domain.text(f"{domain.name}STAT").str.upper().eq(NOT_DONE)


def _deaths(found: Found, domains: Mapping[str, Domain], rule: str) -> pd.DataFrame:
    dm = domains["DM"]
    parts = [_death_dates(found, dm, "DTHDTC", rule, pd.Series(True, index=dm.frame.index))]
    if "DS" in domains and domains["DS"].has(PATIENT):
        ds = domains["DS"]
        parts.append(_death_dates(found, ds, "DSSTDTC", rule, is_death(ds)))
    dead = dm.text("DTHFL").str.upper().eq("Y")
    flagged = pd.DataFrame(
        {"patient_id": dm.text(PATIENT)[dead], "value": pd.NaT, "source": "DTHFL"}
    )
    table = pd.concat([*parts, flagged.assign(earliest=pd.NaT, latest=pd.NaT)], ignore_index=True)
    # A date of death beats the bare flag; the first source beats the second.
    table = table.astype(dict.fromkeys(("value", "earliest", "latest"), "datetime64[ns]"))
    table["undated"] = table["value"].isna()
    table = table.sort_values("undated", kind="stable").drop_duplicates("patient_id")
    _death_notices(found, table, dm)
    return table.set_index("patient_id").drop(columns="undated").assign(moved=False)


def _death_dates(
    found: Found, domain: Domain, column: str, rule: str, use: pd.Series
) -> pd.DataFrame:
    dates, problems = read_dates(domain, column, rule)
    found.problems += problems
    if domain.name == "DM":
        found.columns.append((domain, column, dates))
    table = pd.DataFrame(
        {
            "patient_id": domain.text(PATIENT),
            "value": dates.value,
            "earliest": dates.earliest,
            "latest": dates.latest,
            "source": column,
        }
    )
    return table[use & domain.text(column).notna() & ~dates.invalid]


def _death_notices(found: Found, deaths: pd.DataFrame, dm: Domain) -> None:
    undated = deaths.loc[deaths["value"].isna(), "patient_id"]
    if len(undated):
        text = f"{counted(len(undated), 'patient')} died on a day that is not known: "
        text += f"{listed(list(undated))}. They have no overall survival."
        found.notices.append(Notice("warning", f"{dm.file}: {text}"))
    alive = dm.text(PATIENT)[~dm.text("DTHFL").str.upper().eq("Y")]
    unflagged = deaths.loc[
        deaths["source"].ne("DTHFL") & deaths["patient_id"].isin(alive), "patient_id"
    ]
    if len(unflagged) and dm.has("DTHFL"):
        text = f"{counted(len(unflagged), 'patient')} with a date of death and no DTHFL of Y: "
        text += f"{listed(list(unflagged))}. They count as died."
        found.notices.append(Notice("warning", f"{dm.file}: {text}"))


def _conflicts(found: Found, domains: Mapping[str, Domain], starts: Starts, rule: str) -> None:
    """Find deaths that come before what a living patient does, however partial dates are read."""
    latest = found.deaths["latest"].dropna()
    before = latest.index[latest < starts.earliest.reindex(latest.index)]
    dm = domains["DM"]
    mend = "Correct the date of death or of the start."
    found.problems += _early_deaths(dm, before, "the start of treatment", mend)
    for domain, column, dates in found.columns:
        if domain.name not in SCANS:
            continue
        died = pd.to_datetime(domain.text(PATIENT).map(latest))
        late = (dates.earliest > died) & _happened(domain)
        names = listed(list(domain.text(PATIENT)[late].unique()))
        message = f"assessments after the patient's death: {names}."
        mend = "Correct this date or the date of death (DTHDTC), or give --survival none."
        found.problems += domain.problems(column, late, message, mend)


def _overtaken(found: Found, dm: Domain, starts: Starts) -> None:
    """Find deaths that come before the start only because the start was filled in."""
    died, started = found.deaths, starts.dates.reindex(found.deaths.index)
    sure = died["latest"] < starts.earliest.reindex(died.index)
    early = died.index[died["value"].lt(started) & ~sure]
    mend = "Complete the date of the start, or choose another rule with --dates."
    what = "the start of treatment, which is known in part, as it was filled in"
    found.problems += _early_deaths(dm, early, what, mend)


def _early_deaths(dm: Domain, patients: pd.Index, what: str, mend: str) -> list[Problem]:
    wrong = dm.text(PATIENT).isin(patients)
    names = listed(list(dict.fromkeys(dm.text(PATIENT)[wrong])))
    message = f"{counted(len(patients), 'patient')} died before {what}: {names}."
    return dm.problems("DTHDTC" if dm.has("DTHDTC") else PATIENT, wrong, message, mend)


def _move_deaths(found: Found) -> None:
    """Move completed dates of death to when the patient was last seen, within what the part permits."""
    sure = found.seen[~found.seen["source"].isin(["RFENDTC", "RFPENDTC", "DSSTDTC"])]
    seen = last_seen(sure)["value"].reindex(found.deaths.index)
    partial = found.deaths["earliest"] < found.deaths["latest"]
    to = seen.where(seen <= found.deaths["latest"], found.deaths["latest"])
    move = partial & found.deaths["value"].lt(to)
    found.deaths["value"] = found.deaths["value"].mask(move, to)
    found.deaths["moved"] = move
