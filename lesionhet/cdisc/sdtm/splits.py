"""Lesions that split or merge: parts are added up, merged ones are set aside, all of it is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.sdtm.lesions import LESION, MERGED, SPLIT, link_column
from lesionhet.errors import Problem

SPLIT_COLUMNS: Final = ["patient_id", "lesion_id", "what", "of", "visits", "done"]
_DOTTED: Final = re.compile(r"(?P<parent>.*\d)\.(?P<part>\d+|[A-Za-z])")
_LETTERED: Final = re.compile(r"(?P<parent>.*\d)(?P<part>[A-Za-z])")
_JOINT: Final = re.compile(r"\s*[/,+&]\s*")


@dataclass(frozen=True, eq=False)
class Relations:
    """Which lesion is a part of which, and which are merged of several.

    Parameters
    ----------
    parent
        Lesion (patient, link) -> link of the lesion that it is a part of.
    merged
        Lesion (patient, link) -> links that it is merged of, or an empty text where TU does not say.
    since
        Merged lesion that goes on under the link of one of its parents -> its row in TU.
    """

    parent: dict[tuple[str, str], str]
    merged: dict[tuple[str, str], str]
    since: dict[tuple[str, str], int]


def find_relations(tumours: pd.DataFrame, lesions: pd.DataFrame) -> Relations:
    """Find parts and merged lesions.

    Parameters
    ----------
    tumours
        Frame of `lesionhet.cdisc.sdtm.lesions.Tumours`: the rows of the readers that are used.
    lesions
        ``patient, link``: target lesions, each once.

    Returns
    -------
    A part is ``T01.1`` (or ``T01.a``) where the patient has a lesion ``T01``, or ``T01A`` where TU says
    that it was split too. Merged is ``T01/T02`` (also with a comma, ``+`` or ``&``) where the patient
    has at least one of these lesions, or any lesion that TU calls merged.

    Examples
    --------
    >>> lesions = pd.DataFrame({"patient": "P", "link": ["T01", "T02", "T01.1", "T01/T02"]})
    >>> none = pd.DataFrame({"patient": [], "link": [], "event": []})
    >>> found = find_relations(none, lesions)
    >>> found.parent, found.merged
    ({('P', 'T01.1'): 'T01'}, {('P', 'T01/T02'): 'T01, T02'})
    """
    known = set(lesions[LESION].itertuples(index=False, name=None))
    events = tumours[tumours["event"].isin([SPLIT, MERGED])]
    of_event = {
        event: dict(
            zip(
                events.loc[events["event"].eq(event), LESION].itertuples(index=False, name=None),
                events.index[events["event"].eq(event)],
                strict=True,
            )
        )
        for event in (SPLIT, MERGED)
    }
    alone = set(
        tumours.loc[~tumours.index.isin(events.index), LESION].itertuples(index=False, name=None)
    )
    parent, merged, since = {}, {}, {}
    for patient, link in sorted(known):
        lesion = (patient, link)
        found = _DOTTED.fullmatch(link)
        if found is None and lesion in of_event[SPLIT]:
            found = _LETTERED.fullmatch(link)
        if found and (patient, found["parent"]) in known:
            parent[lesion] = found["parent"]
        links = [part for part in _JOINT.split(link) if part]
        if len(links) > 1 and any((patient, part) in known for part in links):
            merged[lesion] = ", ".join(links)
        elif lesion in of_event[MERGED]:
            merged[lesion] = ""
            if lesion in alone:
                since[lesion] = int(of_event[MERGED][lesion])
    return Relations(parent, merged, since)


@dataclass(frozen=True, eq=False)
class Resolved:
    """Assessments after splits and merges.

    Parameters
    ----------
    frame
        Assessments of whole lesions.
    table
        One row a part or merged lesion: ``patient_id, lesion_id, what, of, visits, done``.
    parts, set_aside
        Index of the assessments that became part of another, and of those that were set aside.
    both
        Index of the assessments where both a lesion and parts of it have a size.
    """

    frame: pd.DataFrame
    table: pd.DataFrame
    parts: pd.Index
    set_aside: pd.Index
    both: pd.Index


def resolve(
    assessments: pd.DataFrame, relations: Relations, days: pd.Series, columns: list[str]
) -> Resolved:
    """Add the parts of a split lesion up and set merged lesions aside.

    RECIST 1.1 (4.3.2): when a lesion fragments, the longest diameters of its parts are added up; when
    lesions merge so that they cannot be told apart, the merged lesion has one diameter, which belongs to
    neither of them.

    Parameters
    ----------
    assessments
        ``patient, link, slot`` (the visit, else the day as text), ``day`` and ``columns``, one row an
        assessment of a lesion.
    relations
        Of `find_relations`.
    days
        Row of TU -> day, for lesions that go on as merged ones.
    columns
        Columns with a size in mm; the sum is missing where any part's is.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient": "P", "link": ["T01", "T01.1", "T01.2"], "slot": ["1", "2", "2"],
    ...                      "day": [0.0, 42.0, 42.0], "size": [30.0, 12.0, 9.0]})
    >>> parts = Relations({("P", "T01.1"): "T01", ("P", "T01.2"): "T01"}, {}, {})
    >>> whole = resolve(rows, parts, pd.Series(dtype=float), ["size"]).frame
    >>> whole[["link", "slot", "size"]].values.tolist()
    [['T01', '1', 30.0], ['T01', '2', 21.0]]
    """
    lesion = pd.MultiIndex.from_frame(assessments[LESION])
    is_part = lesion.isin(list(relations.parent)) if relations.parent else _none(assessments)
    is_merged = lesion.isin(list(relations.merged)) if relations.merged else _none(assessments)
    first_day = {key: days.get(row, np.nan) for key, row in relations.since.items()}
    since = pd.Series([first_day.get(key, -np.inf) for key in lesion], index=assessments.index)
    aside = is_merged & (assessments["day"] >= since).to_numpy()
    table = _table(assessments[is_part | aside], relations)
    whole = assessments[~is_part & ~aside]
    parts = assessments[is_part]
    if parts.empty:
        empty = parts.index
        return Resolved(whole, table, empty, assessments.index[aside], empty)
    owner = [relations.parent[key] for key in parts[LESION].itertuples(index=False, name=None)]
    # A part that stands twice in a visit was measured on two days: each is a sum of its own.
    twice = parts.duplicated([*LESION, "slot"], keep=False)
    slot = parts["slot"].where(~twice, parts["slot"] + " day " + parts["day"].astype(str))
    summed = _sum(parts.assign(link=owner, slot=slot), columns)
    keys = [*LESION, "slot"]
    own = pd.MultiIndex.from_frame(whole[keys]).isin(pd.MultiIndex.from_frame(summed[keys]))
    sized = whole[columns].notna().any(axis=1).to_numpy()
    frame = pd.concat([whole[~(own & ~sized)], summed]).sort_index()
    replaced = whole.index[own & ~sized]
    return Resolved(
        frame,
        table,
        parts.index.difference(summed.index).union(replaced),
        assessments.index[aside],
        whole.index[own & sized],
    )


def _none(assessments: pd.DataFrame) -> np.ndarray:
    return np.zeros(len(assessments), dtype=bool)


def _sum(parts: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Add up the parts of each lesion and visit; the row is the first part's."""
    keys = [*LESION, "slot"]
    groups = parts.groupby(keys, dropna=False, sort=False)
    sums = groups[columns].transform(lambda sizes: sizes.sum(skipna=False))
    last = groups["day"].transform("max")
    return parts.assign(**{c: sums[c] for c in columns}, day=last).drop_duplicates(keys)


def _table(rows: pd.DataFrame, relations: Relations) -> pd.DataFrame:
    found = []
    for (patient, link), group in rows.groupby(LESION):
        owner = relations.parent.get((patient, link))
        if owner is not None:
            what, of = "part of a split lesion", owner
            done = f"its diameter is added to the other parts' as {owner}"
        else:
            what, of = "merged lesion", relations.merged[patient, link] or "(not said)"
            done = "set aside; the lesions are followed up to the merge"
        found.append([patient, link, what, of, group["slot"].nunique(), done])
    return pd.DataFrame(found, columns=SPLIT_COLUMNS)


def whole_and_parts(tr: Domain, both: pd.Index) -> list[Problem]:
    """Give the problem of lesions that are measured as a whole and in parts at one visit."""
    return tr.problems(
        link_column(tr),
        tr.frame.index.isin(both),
        "a lesion is measured as a whole and in parts (such as T01 and T01.1) at one visit.",
        "Keep either the whole or its parts at each visit.",
    )
