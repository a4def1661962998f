"""The lesions table of SDTM, and what RECIST needs, from the assessments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.sdtm.assessments import Assessments
from lesionhet.cdisc.sdtm.lesions import LESION, NEW, TARGET, link_column
from lesionhet.cdisc.sdtm.responses import new_lesions, nontargets
from lesionhet.readers import Notice, RawTable
from lesionhet.recist.data import RecistData

MADE_OF: Final = {
    "patient_id": "USUBJID",
    "day": "TRDTC",
    "diameter_mm": "TRSTRESN",
    "visit": "VISIT",
    "lesion_type": "TRGRPID",
}
"""Column of the lesions table -> column of TR."""
_NAMES: Final = {"patient": "patient_id", "link": "lesion_id", "size": "diameter_mm"}


def never_measured(tumours: pd.DataFrame, assessments: Assessments) -> pd.DataFrame:
    """Find the lesions of TU that no row of TR with a day concerns.

    Parameters
    ----------
    tumours
        Rows of TU that are used: ``patient, link, kind, day, visit``.
    assessments
        Of TR.

    Returns
    -------
    One row a lesion, index of the row of TU: ``patient, link, kind, day, visit``. A day that TU does not
    say is that of the patient's first assessment, else 0: without a size it enters no number.
    """
    columns = [*LESION, "day"]
    measured = pd.concat([assessments.targets[columns], assessments.states[columns]])
    known = tumours.dropna(subset=["kind"])
    seen = pd.MultiIndex.from_frame(measured[LESION])
    found = known[~pd.MultiIndex.from_frame(known[LESION]).isin(seen)].drop_duplicates(LESION)
    first = measured.groupby("patient")["day"].min()
    day = found["day"].fillna(found["patient"].map(first)).fillna(0.0)
    return found[[*LESION, "kind", "visit"]].assign(day=day)


def lesions_table(
    tr: Domain,
    tu: Domain,
    targets: pd.DataFrame,
    states: pd.DataFrame,
    never: pd.DataFrame,
    sites: pd.Series,
    notices: Sequence[Notice],
) -> RawTable:
    """Make the lesions table.

    Parameters
    ----------
    tr, tu
        The data sets that the rows come from.
    targets, states
        Of `lesionhet.cdisc.sdtm.assessments.Assessments`, index of the row of TR.
    never
        Of `never_measured`, index of the row of TU.
    sites
        Site by ``patient, link``.
    notices
        What was noticed on the way.
    """
    parts = [
        targets.assign(kind=TARGET, row=tr.rows[targets.index]),
        states.assign(size=np.nan, row=tr.rows[states.index]),
    ]
    in_tr = pd.concat(parts).sort_index()
    table = pd.concat([in_tr, never.assign(size=np.nan, row=tu.rows[never.index])])
    site = sites.reindex(pd.MultiIndex.from_frame(table[LESION])).to_numpy(dtype=object)
    table = table.rename(columns=_NAMES).assign(site=site, lesion_type=table["kind"])
    names = ["patient_id", "lesion_id", "day", "diameter_mm", "site", "visit", "lesion_type"]
    frame = table[names].astype(object).reset_index(drop=True)
    frame = frame.where(frame.notna(), None)
    frame = frame[[n for n in names if n not in ("site", "visit") or frame[n].notna().any()]]
    # Parts of one data set have the same row numbers: then rows are counted through all parts.
    rows = table["row"].to_numpy(dtype=np.int64)
    if tr.parts is not None:
        rows = np.concatenate([in_tr.index.to_numpy() + 2, rows[len(in_tr) :]])
    link = link_column(tr)
    made_of = {**MADE_OF, "lesion_id": link, "site": f"TULOC of {tu.file}"}
    said = tuple(dict.fromkeys(notices))
    return RawTable(frame, tr.file, tr.sha256, rows, said, made_of=made_of)


def recist_data(
    tr: Domain,
    targets: pd.DataFrame,
    states: pd.DataFrame,
    never: pd.DataFrame,
    sites: pd.Series,
    reported: pd.DataFrame,
    node_site: str,
) -> tuple[RecistData, list[Notice]]:
    """Give what RECIST needs.

    Parameters
    ----------
    tr, targets, states, never, sites
        As in `lesions_table`.
    reported
        Of `lesionhet.cdisc.sdtm.responses.recorded_responses`.
    node_site
        Analysis site of lymph nodes.
    """
    site = sites.reindex(pd.MultiIndex.from_frame(targets[LESION])).to_numpy(dtype=object)
    node = np.array([None if s is None or s != s else s == node_site for s in site], dtype=object)
    table = targets[[*LESION, "day", "visit", "recist"]].assign(node=node)
    table = table.rename(columns={**_NAMES, "recist": "diameter_mm"}).reset_index(drop=True)
    table["visit"] = table["visit"].astype(object).where(table["visit"].notna(), None)
    others, notices = nontargets(states, tr.file)
    new = new_lesions(states, never[never["kind"].eq(NEW)])
    return RecistData(table, others, new, reported), notices
