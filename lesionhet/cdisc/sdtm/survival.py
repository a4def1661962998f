"""Overall and progression-free survival from DM, DS and the recorded responses, where ADTTE is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lesionhet.cdisc.dates import Dates
from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.sdtm.last_known import Found, last_seen, life_and_death
from lesionhet.cdisc.sdtm.start import Starts
from lesionhet.errors import Problem
from lesionhet.intake import ReadingTable
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

PROGRESSED: Final = frozenset({"PD", "PROGRESSIVE DISEASE"})
NOT_EVALUABLE: Final = frozenset(
    {"NE", "NOT EVALUABLE", "INEVALUABLE", "UNEVALUABLE", "NOT ASSESSABLE", "NOT DONE", "ND", "NA"}
)
EVENT: Final = "event"
CENSORED: Final = "censored"
MISSING: Final = "missing"
_NOTE: Final = (
    "Days count from the start of treatment, which is day 1: date - start + 1. Overall survival: death, "
    "else censored when last known alive. Progression-free survival: the first overall response PD of the "
    "reader chosen, or death, else censored at the last assessment that could be evaluated, at day 1 "
    "without one. Deaths after missed visits are events; no other treatment ends the observation."
)


@dataclass(frozen=True, eq=False)
class Survival:
    """Survival of each patient.

    Parameters
    ----------
    frame
        One row a patient, indexed by ``patient_id``: ``os_days, os_event`` and, where overall responses
        were recorded, ``pfs_days, pfs_event, progressed``; times in days, missing where not known.
    reading
        How many events, censored and missing there are, and from which source.
    columns
        Every column of dates that was read.
    notices, problems
        What was found on the way.
    """

    frame: pd.DataFrame
    reading: ReadingTable
    columns: tuple[tuple[Domain, str, Dates], ...]
    notices: tuple[Notice, ...]
    problems: tuple[Problem, ...]


def derive_survival(
    domains: Mapping[str, Domain], starts: Starts, reported: pd.DataFrame, rule: str
) -> Survival:
    """Derive overall and progression-free survival.

    Parameters
    ----------
    domains
        Data sets by name; DM is needed, DS, EX, TR and RS are used where they are there.
    starts
        Start of treatment of each patient.
    reported
        Responses of the reader chosen, as ``reported`` of `lesionhet.recist.data.RecistData`.
    rule
        What stands for the missing part of a date.

    Returns
    -------
    Survival
        Of every patient of ``starts``; those without a start have no times.

    Source: CDISC ADaM Basic Data Structure for Time-to-Event Analyses, ADT - STARTDT + 1; RECIST 1.1.

    Examples
    --------
    >>> import numpy as np
    >>> from lesionhet.cdisc.sdtm.start import start_dates
    >>> cells = {"USUBJID": ["P1", "P2"], "RFSTDTC": ["2014-01-01"] * 2, "DTHFL": ["Y", None],
    ...          "DTHDTC": ["2014-01-31", None], "RFENDTC": [None, "2014-02-28"]}
    >>> dm = Domain("DM", pd.DataFrame(cells, dtype=object), "dm.csv", "", np.array([2, 3]))
    >>> rs = pd.DataFrame({"patient_id": ["P1", "P2"], "day": [19.0, 19.0], "visit": None,
    ...                    "what": "overall", "response": ["PD", "SD"]})
    >>> starts = start_dates({"DM": dm}, "auto", "first")
    >>> found = derive_survival({"DM": dm}, starts, rs, "first").frame
    >>> found.loc["P1"].tolist(), found.loc["P2"].tolist()
    ([31.0, 1.0, 20.0, 1.0, 1.0], [59.0, 0.0, 20.0, 0.0, nan])
    """
    known = life_and_death(domains, starts, rule)
    overall = reported[reported["what"].eq("overall") & reported["day"].notna()]
    alive = _alive(known, starts, overall)
    # One row a patient and endpoint: time, event, progressed, how, source.
    rows = {"os": _overall(starts, known.deaths, alive)}
    notices = list(known.notices)
    if overall.empty:
        reader = " of the reader chosen" if "RS" in domains else ""
        text = f"No overall response{reader} is recorded (RS): progression-free survival was not derived."
        notices.append(Notice("warning", text))
    else:
        rows["pfs"], more = _progression_free(starts, known.deaths, overall)
        notices += more
    if moved := list(known.deaths.index[known.deaths["moved"]]):
        text = f"{counted(len(moved), 'date')} of death known in part, completed and then moved to when "
        notices.append(Notice("warning", f"{text}the patient was last seen: {listed(moved)}."))
    frame = pd.DataFrame(index=starts.dates.index)
    for endpoint, table in rows.items():
        frame[f"{endpoint}_days"] = table["days"]
        frame[f"{endpoint}_event"] = table["event"]
    if "pfs" in rows:
        frame["progressed"] = rows["pfs"]["progressed"]
    reading = ReadingTable("survival", "Survival as derived", _NOTE, _counts(rows))
    return Survival(
        frame,
        reading,
        tuple(known.columns),
        tuple(notices),
        tuple(dict.fromkeys(known.problems)),
    )


def _alive(known: Found, starts: Starts, overall: pd.DataFrame) -> pd.DataFrame:
    """Give when each patient was last known alive, the responses of the reader included."""
    day = pd.to_timedelta(overall["day"], unit="D")
    seen = pd.DataFrame(
        {
            "patient_id": overall["patient_id"],
            "value": overall["patient_id"].map(starts.dates) + day,
            "source": "RSDTC",
        }
    ).dropna(subset=["value"])
    return last_seen(pd.concat([known.seen, seen], ignore_index=True))


def _overall(starts: Starts, deaths: pd.DataFrame, alive: pd.DataFrame) -> pd.DataFrame:
    patients = starts.dates.index
    died = patients.isin(deaths.index)
    end = deaths["value"].reindex(patients).where(died, alive["value"].reindex(patients))
    source = deaths["source"].reindex(patients).where(died, alive["source"].reindex(patients))
    table = pd.DataFrame({"days": _days(starts, end), "source": source}, index=patients)
    table["event"] = pd.Series(died, index=patients).astype(float).where(table["days"].notna())
    return _labelled(table, starts, "died, day not known")


def _progression_free(
    starts: Starts, deaths: pd.DataFrame, overall: pd.DataFrame
) -> tuple[pd.DataFrame, list[Notice]]:
    """Give the first of progression and death; who has neither is censored at the last assessment."""
    patients = starts.dates.index
    said = overall["response"].astype(object).str.strip().str.upper()
    after = overall["day"].ge(0)
    progression = overall[said.isin(PROGRESSED) & after].groupby("patient_id")["day"].min()
    evaluable = said.notna() & ~said.isin(NOT_EVALUABLE) & after
    last = overall[evaluable].groupby("patient_id")["day"].max().reindex(patients)
    death = _days(starts, deaths["value"].reindex(patients))
    progressed = progression.reindex(patients) + 1
    late = progressed > death
    died = pd.Series(patients.isin(deaths.index), index=patients)
    has_progressed = progressed.notna()
    days = progressed.mask(late, death).where(
        has_progressed, death.where(died, last.fillna(0.0) + 1)
    )
    table = pd.DataFrame({"days": days.where(starts.dates.notna())}, index=patients)
    table["event"] = (has_progressed | died).astype(float).where(table["days"].notna())
    table["progressed"] = has_progressed.astype(float).where(table["event"].eq(1))
    table["source"] = "no assessment: day 1"
    for source, of in (("last assessment", last.notna()), ("death", died)):
        table["source"] = table["source"].mask(of, source)
    table["source"] = table["source"].mask(has_progressed, "progression")
    notices = list(_progression_notices(overall, said, progressed.index[late]))
    return _labelled(table, starts, "died, day not known"), notices


def _progression_notices(
    overall: pd.DataFrame, said: pd.Series, late: pd.Index
) -> Iterator[Notice]:
    early = overall.loc[said.isin(PROGRESSED) & overall["day"].lt(0), "patient_id"]
    if len(early):
        names = listed(list(early.unique()))
        text = f"Not counted: {counted(len(early), 'overall response')} PD before the start of treatment: "
        yield Notice("warning", f"{text}{names}.")
    if len(late):
        text = (
            f"{counted(len(late), 'progression')} on a completed date after death, taken at death: "
        )
        yield Notice("warning", f"{text}{listed(list(late))}.")


def _days(starts: Starts, end: pd.Series) -> pd.Series:
    """Count days with the start as day 1."""
    return (end - starts.dates.reindex(end.index)).dt.days.astype(float) + 1


def _labelled(table: pd.DataFrame, starts: Starts, undated: str) -> pd.DataFrame:
    """Name what became of each patient and why."""
    how = table["event"].map({1.0: EVENT, 0.0: CENSORED}).fillna(MISSING)
    no_start = starts.dates.isna()
    source = table["source"].mask(how.eq(MISSING), undated).mask(no_start, "no start of treatment")
    return table.assign(how=how, source=source)


def _counts(rows: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    names = {"os": "overall survival", "pfs": "progression-free survival"}
    order = [EVENT, CENSORED, MISSING]
    tables = []
    for endpoint, table in rows.items():
        counts = table.groupby(["how", "source"]).size().rename("patients").reset_index()
        counts["how"] = pd.Categorical(counts["how"], order)
        counts = counts.sort_values(["how", "patients"], ascending=[True, False])
        counts.insert(0, "endpoint", names[endpoint])
        tables.append(counts.astype({"how": object}))
    return pd.concat(tables, ignore_index=True)
