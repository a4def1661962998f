"""Supplemental qualifiers (SUPP--): rows that belong to rows of another data set become its columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.errors import Problem
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

_NEEDED: Final = ("USUBJID", "QNAM", "QVAL")
_WHOLE: Final = re.compile(r"([0-9]+)\.0*", re.ASCII)


@dataclass(frozen=True, eq=False)
class Merged:
    """A data set with the columns of its supplement.

    Parameters
    ----------
    domain
        The data set, with a column for each ``QNAM``.
    added
        Names of these columns.
    notices, problems
        What was found on the way.
    """

    domain: Domain
    added: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    problems: tuple[Problem, ...] = ()


def merge(domain: Domain, supp: Domain | None) -> Merged:
    """Add the supplemental qualifiers of a data set as columns.

    A row of the supplement belongs to the rows of the same ``USUBJID`` (and ``STUDYID`` where both have
    it) whose column ``IDVAR`` has the value ``IDVARVAL``; without ``IDVAR``, to all rows of the patient.

    Parameters
    ----------
    domain
        The parent data set.
    supp
        Its supplement; None where there is none.

    Returns
    -------
    Merged
        With a problem where a ``QNAM`` is a column already or has two values for one row, and a warning
        for rows without a parent.

    Source: SDTM Implementation Guide 3.4, 8.4, Supplemental Qualifiers.

    Examples
    --------
    >>> import numpy as np
    >>> dm = pd.DataFrame({"USUBJID": ["P1", "P2"]}, dtype=object)
    >>> supp = pd.DataFrame({"USUBJID": ["P2"], "QNAM": ["ECOG"], "QVAL": ["1"]}, dtype=object)
    >>> parts = Domain("DM", dm, "", "", np.array([2, 3])), Domain("SUPPDM", supp, "", "", np.array([2]))
    >>> merge(*parts).domain.frame["ECOG"].tolist()
    [None, '1']
    """
    if supp is None:
        return Merged(domain)
    if problems := [supp.missing(name) for name in _NEEDED if not supp.has(name)]:
        return Merged(domain, problems=tuple(problems))
    own = supp.text("RDOMAIN").str.upper().isin([domain.name]) | supp.text("RDOMAIN").isna()
    supp = supp.take(own & supp.text("QVAL").notna())
    found = _faults_of_names(domain, supp)
    pairs = _pairs(domain, supp)
    found += _contradictions(supp, pairs)
    if found:
        return Merged(domain, problems=tuple(found))
    frame = domain.frame.copy()
    added = [str(name) for name in pairs["name"].drop_duplicates()]
    for name in added:
        of = pairs[pairs["name"].eq(name)].drop_duplicates("parent").set_index("parent")["value"]
        cells = of.reindex(frame.index).astype(object)
        frame[name] = cells.where(cells.notna(), None)
    notices = tuple(_orphans(domain, supp, pairs))
    return Merged(replace(domain, frame=frame), tuple(added), notices)


def _faults_of_names(domain: Domain, supp: Domain) -> list[Problem]:
    names = supp.text("QNAM").str.upper()
    taken = names.isin(list(domain.frame.columns))
    found = listed(list(dict.fromkeys(names[taken])))
    message = f"{found}: a column of {domain.name} has this name already."
    return [
        *supp.problems(
            "QNAM", names.isna(), "empty where a name is expected.", "Name the qualifier."
        ),
        *supp.problems("QNAM", taken, message, "Rename the qualifier or leave its rows out."),
    ]


def _pairs(domain: Domain, supp: Domain) -> pd.DataFrame:
    """Give the parent rows of each row of the supplement: ``child, parent, name, value``."""
    children = pd.DataFrame(
        {
            "child": supp.frame.index,
            "patient": supp.text("USUBJID"),
            "study": supp.text("STUDYID") if domain.has("STUDYID") else None,
            "by": supp.text("IDVAR").str.upper().fillna(""),
            "key": supp.text("IDVARVAL"),
            "name": supp.text("QNAM").str.upper(),
            "value": supp.text("QVAL"),
        }
    )
    parents = pd.DataFrame(
        {
            "parent": domain.frame.index,
            "patient": domain.text("USUBJID"),
            "study": domain.text("STUDYID") if supp.has("STUDYID") else None,
        }
    )
    found = []
    for by, group in children.groupby("by"):
        keys = ["patient", "study"]
        left, right = group, parents
        if by:
            keys = [*keys, "key"]
            left = group.assign(key=_folded(group["key"], str(by)))
            right = parents.assign(key=_folded(domain.text(str(by)), str(by)))
            right = right[right["key"].notna()]
        found.append(left.drop(columns=set(left) & {"key"} - set(keys)).merge(right, on=keys))
    columns = ["child", "parent", "name", "value"]
    if not found:
        return pd.DataFrame(columns=columns)
    return pd.concat(found)[columns].sort_values("child", kind="stable")


def _folded(cells: pd.Series, by: str) -> pd.Series:
    """Write whole numbers alike (1.0 is 1), without leading zeros where they number rows (--SEQ)."""
    whole = cells.str.strip().str.replace(_WHOLE, r"\1", regex=True)
    return whole.str.replace(r"^0+(?=[0-9])", "", regex=True) if by.endswith("SEQ") else whole


def _contradictions(supp: Domain, pairs: pd.DataFrame) -> list[Problem]:
    values = pairs.groupby(["parent", "name"])["value"].transform("nunique")
    wrong = supp.frame.index.isin(pairs.loc[values.gt(1), "child"])
    found = listed(list(dict.fromkeys(pairs.loc[values.gt(1), "name"])))
    message = f"two values of one qualifier for one row: {found}."
    return supp.problems("QVAL", wrong, message, "Keep one of them.")


def _orphans(domain: Domain, supp: Domain, pairs: pd.DataFrame) -> list[Notice]:
    alone = ~supp.frame.index.isin(pairs["child"])
    if not alone.any():
        return []
    text = (
        f"{supp.file}: {counted(int(alone.sum()), 'row')} without a row of {domain.file}, left out"
    )
    return [Notice("warning", f"{text}: {supp.rows_text(alone)}.")]
