"""The rows of TR under names of our own, and the keys that every data set must have."""

from __future__ import annotations

import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.evaluator import readers_of
from lesionhet.cdisc.sdtm.baseline import FLAG_COLUMNS
from lesionhet.cdisc.sdtm.lesions import link_column, visit_labels
from lesionhet.cdisc.sdtm.study_days import StudyDays
from lesionhet.errors import Problem


def result_rows(tr: Domain, days: StudyDays) -> pd.DataFrame:
    """Give the rows of TR.

    Parameters
    ----------
    tr
        With ``USUBJID``, ``TRLNKID`` and ``TRTESTCD``.
    days
        Of `lesionhet.cdisc.sdtm.study_days.study_days`.

    Returns
    -------
    n rows, index of the domain: ``patient, evaluator, evaluator_id, accepted, link, group, test, visit``
    (label or None), ``visitnum``, ``day, imputed``, ``slot`` (the visit, else the day as text) and
    ``flagged`` (a baseline flag is Y).

    Raises
    ------
    InputError
        A column is missing.
    """
    link = link_column(tr)
    tr.require("USUBJID", link, "TRTESTCD")
    rows = readers_of(tr)
    rows["link"] = tr.text(link)
    rows["group"] = tr.text("TRGRPID")
    rows["test"] = tr.upper("TRTESTCD")
    rows["visit"] = visit_labels(tr)
    rows["visitnum"] = tr.number("VISITNUM")
    rows["day"], rows["imputed"] = days.day, days.imputed
    rows["slot"] = rows["visit"].where(rows["visit"].notna(), "day " + rows["day"].astype(str))
    flags = [tr.upper(name).eq("Y") for name in FLAG_COLUMNS]
    rows["flagged"] = pd.concat(flags, axis=1).any(axis=1)
    return rows


def check_keys(domain: Domain) -> list[Problem]:
    """Find rows without a patient, rows with the key of another, and a study without a name.

    Parameters
    ----------
    domain
        A data set with one row a USUBJID and --SEQ; DM has one row a USUBJID.

    Examples
    --------
    >>> import numpy as np
    >>> frame = pd.DataFrame({"USUBJID": ["P1", "P1", None], "TRSEQ": [1, 1, 2]}, dtype=object)
    >>> [p.column for p in check_keys(Domain("TR", frame, "tr.csv", "", np.array([2, 3, 4])))]
    ['USUBJID', 'TRSEQ']
    """
    if not domain.has("USUBJID"):
        return [domain.missing("USUBJID")]
    patient = domain.text("USUBJID")
    problems = domain.problems(
        "USUBJID",
        patient.isna(),
        f"the cell is empty; every row of {domain.name} needs its patient.",
        "Fill in USUBJID.",
    )
    sequence = f"{domain.name[:2]}SEQ"
    if domain.name == "DM":
        key, column = patient.to_frame(), "USUBJID"
    elif domain.filled(sequence):
        key, column = pd.DataFrame({"p": patient, "n": domain.text(sequence)}), sequence
    else:
        return problems
    again = key.duplicated(keep=False) & key.notna().all(axis=1)
    keys = "USUBJID" if domain.name == "DM" else f"USUBJID and {sequence}"
    return problems + domain.problems(
        column,
        again,
        f"several rows have the same {keys}; each row of {domain.name} has its own.",
        "Remove the rows that stand twice, or number them anew.",
    )
