"""What RECIST needs of SDTM: the diameters of its sum, states, new lesions, recorded responses."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.evaluator import READER, readers_of
from lesionhet.cdisc.options import ACCEPTED
from lesionhet.cdisc.sdtm.lesions import NEW, NON_TARGET, visit_labels
from lesionhet.cdisc.sdtm.states import state_of
from lesionhet.cdisc.sdtm.study_days import StudyDays
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

RESPONSES: Final = {"TRGRESP": "target", "NTRGRESP": "non-target", "OVRLRESP": "overall"}
"""RSTESTCD -> what it is the response of."""
_OVERALL: Final = frozenset(
    {
        *("CR", "PR", "SD", "PD", "NE", "ND", "NA", "NED", "NON-CR/NON-PD", "NOT DONE"),
        *("COMPLETE RESPONSE", "PARTIAL RESPONSE", "STABLE DISEASE", "PROGRESSIVE DISEASE"),
        *("NOT EVALUABLE", "INEVALUABLE", "UNEVALUABLE", "NOT ASSESSABLE", "NOT ALL EVALUATED"),
        *("NO EVIDENCE OF DISEASE", "NON-PD", "INCOMPLETE RESPONSE/STABLE DISEASE"),
    }
)
_DOUBTFUL: Final = r"^EQUIVOCAL|UNCERTAIN|POSSIBLE|SUSPECT|PROBABLE"


def nontargets(states: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Notice]]:
    """Give the non-target lesions of `lesionhet.recist.data.RecistData`.

    Parameters
    ----------
    states
        Of `lesionhet.cdisc.sdtm.assessments.Assessments`.
    file
        File of TR, for the warning about states that mean nothing to the program (read as not assessed).
    """
    own = states[states["kind"].eq(NON_TARGET)]
    found = state_of(own["state"])
    unknown = found.eq("?")
    notices = []
    if unknown.any():
        texts = listed(list(own.loc[unknown, "state"].unique()))
        text = f"{file}: {counted(int(unknown.sum()), 'state')} of non-target lesions read as not assessed:"
        notices.append(Notice("warning", f"{text} {texts}."))
    table = _keys(own).assign(state=found.where(~unknown, None))
    return table.reset_index(drop=True), notices


def new_lesions(states: pd.DataFrame, never_recorded: pd.DataFrame) -> pd.DataFrame:
    """Give the new lesions of `lesionhet.recist.data.RecistData`.

    Parameters
    ----------
    states
        As in `nontargets`. A state of not assessed or absent is no new lesion at that assessment.
    never_recorded
        New lesions of TU without a row in TR: ``patient, link, visit, day``.
    """
    own = states[states["kind"].eq(NEW)]
    state = state_of(own["state"])
    own = own[state.notna() & state.ne("absent")]
    text = own["state"].astype(str).str.upper()
    recorded = _keys(own).assign(certain=~text.str.contains(_DOUBTFUL).astype(bool))
    identified = _keys(never_recorded).assign(certain=True)
    parts = [part for part in (recorded, identified) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else recorded


def _keys(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "patient_id": rows["patient"],
            "lesion_id": rows["link"],
            "day": rows["day"].astype(float),
            "visit": rows["visit"].astype(object).where(rows["visit"].notna(), None),
        }
    )


def recorded_responses(
    rs: Domain, days: StudyDays, used: pd.DataFrame, rule: str
) -> tuple[pd.DataFrame, list[Notice]]:
    """Give the responses that the trial recorded, of the same reader as the measurements.

    Parameters
    ----------
    rs
        With ``USUBJID`` and ``RSTESTCD``; the response is ``RSSTRESC``, else ``RSORRES``. Where RSCAT names
        several criteria, RECIST 1.1 counts, else any RECIST.
    days
        Of RS.
    used
        Rows of TR that are used: ``patient, visit, evaluator, evaluator_id``.
    rule
        ``reader`` of the options. ``"accepted"``: flagged rows of a patient who has any. Otherwise, the
        reader of the patient's measurements; of several of them, the one of the same visit.

    Returns
    -------
    ``patient_id, day, visit, what, response``; responses without a day are left out, with a warning.

    Raises
    ------
    InputError
        A column is missing.
    """
    rs.require("USUBJID", "RSTESTCD")
    rows = readers_of(rs)
    rows["visit"], rows["day"] = visit_labels(rs), days.day
    rows["what"] = rs.upper("RSTESTCD").map(RESPONSES)
    response = rs.text("RSSTRESC")
    rows["response"] = response.where(response.notna(), rs.text("RSORRES"))
    criteria, notices = _criteria(rs)
    rows = rows[criteria & rows["what"].notna() & rows["response"].notna()]
    mine = _same_reader(rows, used)
    if rule == ACCEPTED:
        flagged = rows.groupby("patient")["accepted"].transform("any")
        mine = mine.where(~flagged, rows["accepted"])
    rows = rows[mine]
    if n := int(rows["day"].isna().sum()):
        text = f"{rs.file}: {counted(n, 'response')} left out, without a date and a study day."
        notices.append(Notice("warning", text))
    rows = rows[rows["day"].notna()].rename(columns={"patient": "patient_id"})
    rows["visit"] = rows["visit"].where(rows["visit"].notna(), None)
    notices += _unknown(rs, rows)
    names = ["patient_id", "day", "visit", "what", "response"]
    return rows[names].drop_duplicates().reset_index(drop=True), notices


def _unknown(rs: Domain, rows: pd.DataFrame) -> list[Notice]:
    """Say which overall responses are no words of RECIST: they count as neither progression nor NE."""
    said = rows["response"].str.upper().str.strip()
    wrong = rows["what"].eq("overall") & ~said.isin(_OVERALL)
    if not wrong.any():
        return []
    found = listed(sorted(set(rows.loc[wrong, "response"])))
    where = rs.rows_text(rs.frame.index.isin(rows.index[wrong]))
    text = f"{rs.where('RSSTRESC')}: overall responses that RECIST 1.1 does not have: {found} ({where});"
    return [Notice("warning", f"{text} read as assessed, without progression.")]


def _criteria(rs: Domain) -> tuple[pd.Series, list[Notice]]:
    category = rs.upper("RSCAT")
    exact = category.str.fullmatch(r"RECIST (?:VERSION )?1\.1")
    recist = category.str.contains("RECIST")
    chosen = exact if exact.any() else recist if recist.any() else category.eq(category)
    others = sorted(set(category[~chosen]))
    notices = []
    if others:
        text = f"{rs.where('RSCAT')}: {counted(int((~chosen).sum()), 'row')} of other criteria not read:"
        notices.append(Notice("note", f"{text} {listed(others)}."))
    return chosen, notices


def _same_reader(rows: pd.DataFrame, used: pd.DataFrame) -> pd.Series:
    """Say which responses are of the reader whose measurements are used; an empty cell fits any."""
    readers = used[["patient", *READER]].drop_duplicates()
    several = set(readers["patient"][readers["patient"].duplicated()])
    by_visit = rows["patient"].isin(several)
    found = pd.Series(False, index=rows.index)
    for keys in (READER, READER[:1], []):
        fits = pd.Series(True, index=rows.index)
        for column in set(READER) - set(keys):
            fits &= rows[column].eq("")
        for columns, mask in (
            (["patient", *keys], ~by_visit),
            (["patient", "visit", *keys], by_visit),
        ):
            known = pd.MultiIndex.from_frame(used[columns].drop_duplicates())
            wanted = pd.MultiIndex.from_frame(rows[columns])
            found |= fits & mask & wanted.isin(known)
    return found
