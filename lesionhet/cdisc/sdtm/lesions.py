"""Which lesions there are: TU read, and each row of TR joined to its lesion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.cdisc.domain import Domain, by_value
from lesionhet.cdisc.evaluator import READER, readers_of
from lesionhet.errors import Problem
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

TARGET: Final = "target"
NON_TARGET: Final = "non-target"
NEW: Final = "new"
IDENTIFIED: Final = "identified"
SPLIT: Final = "split"
MERGED: Final = "merged"
LESION: Final = ["patient", "link"]
_OTHER: Final = "other"


def kinds_of(terms: pd.Series) -> pd.Series:
    """Give target, non-target or new for each term of TUSTRESC or TRGRPID; None for any other.

    A term with the word NEW is new (``NEW TARGET`` too: it was not there at baseline); else NON before
    TARGET is non-target; else TARGET is target. Case and punctuation do not matter.

    Examples
    --------
    >>> kinds_of(pd.Series(["TARGET LESION", "Non Target", "NEW TARGET", "BENIGN", None])).tolist()
    ['target', 'non-target', 'new', None, None]
    """
    return by_value(_kinds, terms.astype(object))


def _kinds(terms: pd.Series) -> pd.Series:
    folded = terms.astype(str).str.upper().str.replace(r"[^A-Z]+", " ", regex=True)
    # Groups of sponsors are as often R1-TARGET or TARGETS as the plain word.
    new = folded.str.contains(r"\bNEW\b")
    non = folded.str.contains(r"\bNON ?TARGETS?\b")
    target = folded.str.contains(r"\bTARGETS?\b")
    found = np.select([new, non, target], [NEW, NON_TARGET, TARGET], default="")
    kinds = pd.Series(found, index=terms.index, dtype=object)
    return kinds.where(kinds != "", None)


def link_column(domain: Domain) -> str:
    """Name the column of link ids: ``--LNKID``, also spelled ``--LINKID``.

    Examples
    --------
    >>> tu = Domain("TU", pd.DataFrame({"TULINKID": ["T01"]}), "tu.csv", "", np.array([2]))
    >>> link_column(tu)
    'TULINKID'
    """
    prefix = domain.name[:2]
    usual, other = f"{prefix}LNKID", f"{prefix}LINKID"
    return other if other in domain.frame and not domain.filled(usual) else usual


def visit_labels(domain: Domain) -> pd.Series:
    """Name each row's visit: VISIT, else VISITNUM; a name with several numbers gets its number.

    Examples
    --------
    >>> visits = {"USUBJID": ["P"] * 3, "VISIT": ["WEEK 6", "UNSCHEDULED", "UNSCHEDULED"]}
    >>> frame = pd.DataFrame({**visits, "VISITNUM": [2, 2.1, 2.2]}, dtype=object)
    >>> visit_labels(Domain("TR", frame, "tr.csv", "", np.array([2, 3, 4]))).tolist()
    ['WEEK 6', 'UNSCHEDULED 2.1', 'UNSCHEDULED 2.2']
    """
    name, number = domain.text("VISIT"), by_value(_plain_numbers, domain.text("VISITNUM"))
    table = pd.DataFrame({"patient": domain.text("USUBJID"), "name": name, "number": number})
    numbers = table.dropna().drop_duplicates().groupby(["patient", "name"]).size()
    several = set(numbers[numbers > 1].index.get_level_values("name"))
    doubtful = name.isin(several) & number.notna()
    found = name.where(~doubtful, name.fillna("") + " " + number.fillna(""))
    return found.where(found.notna(), number).astype(object)


def _plain_numbers(texts: pd.Series) -> pd.Series:
    """Write 3.0 as 3, so that a CSV file names visits as other files do."""
    numbers = pd.to_numeric(texts, errors="coerce")
    return numbers.map("{:.10g}".format).where(numbers.notna(), texts)


@dataclass(frozen=True, eq=False)
class Tumours:
    """TU as it is used.

    Parameters
    ----------
    frame
        One row a row of TU that names a lesion, index of its domain: ``patient, evaluator, evaluator_id,
        accepted, link, event`` (identified, split, merged), ``kind`` (None where the term is none of the
        three), ``term`` and ``location`` (text or None).
    notices, problems
        What the user should know.
    """

    frame: pd.DataFrame
    notices: tuple[Notice, ...]
    problems: tuple[Problem, ...]


def read_tumours(tu: Domain) -> Tumours:
    """Read TU: one row a lesion and reader, or an event of it.

    Parameters
    ----------
    tu
        With ``USUBJID`` and ``TULNKID``. ``TUTESTCD`` with SPLIT or MERG in it is that event
        (``TUSPLIT``, ``TUMERGE``); every other test, such as ``TUMIDENT``, identifies a lesion, and one
        with NEW in it (``NEWTUMOR``) a new one. The kind is ``TUSTRESC``, else ``TUORRES``.

    Raises
    ------
    InputError
        A column is missing.
    """
    link = link_column(tu)
    tu.require("USUBJID", link)
    frame = readers_of(tu)
    frame["link"] = tu.text(link)
    test = tu.upper("TUTESTCD")
    frame["event"] = np.select(
        [test.str.contains("SPLIT"), test.str.contains("MERG")], [SPLIT, MERGED], IDENTIFIED
    )
    term = tu.text("TUSTRESC")
    frame["term"] = term.where(term.notna(), tu.text("TUORRES"))
    kind = kinds_of(frame["term"])
    frame["kind"] = kind.where(~test.str.contains("NEW"), NEW)
    frame["location"] = tu.text("TULOC")
    nameless = frame["link"].isna()
    notices = []
    if n := int(nameless.sum()):
        text = (
            f"{tu.where(link)}: {counted(n, 'row')} without a link id ({tu.rows_text(nameless)});"
        )
        notices.append(Notice("warning", f"{text} no measurement can be joined to them."))
    frame = frame[~nameless]
    return Tumours(frame, tuple(notices), tuple(_contradictions(tu, frame)))


def _contradictions(tu: Domain, frame: pd.DataFrame) -> list[Problem]:
    known = frame.dropna(subset=["kind"])
    kinds = known.groupby([*LESION, *READER])["kind"].transform("nunique")
    wrong = known[kinds > 1]
    if wrong.empty:
        return []
    first = wrong.iloc[0]
    own = wrong[(wrong[LESION] == first[LESION]).all(axis=1)]["kind"]
    return tu.problems(
        "TUSTRESC",
        tu.frame.index.isin(wrong.index),
        f"a lesion is target, non-target or new; lesion '{first['link']}' of patient "
        f"'{first['patient']}' is {' and '.join(sorted(set(own)))}.",
        "Give each lesion of a reader one kind, and a new lesion a link id of its own.",
    )


def join_lesions(rows: pd.DataFrame, tumours: pd.DataFrame) -> pd.DataFrame:
    """Find the lesion of each row of TR.

    Parameters
    ----------
    rows
        n rows: ``patient, link, evaluator, evaluator_id, group`` (TRGRPID or None).
    tumours
        Frame of `Tumours`.

    Returns
    -------
    n rows: ``tu`` (index of the row of TU; -1 where there is none), ``kind`` (of TU, else of the group;
    ``"other"`` where TU names another kind of finding; None where nothing says), ``location``, and
    ``group_kind`` (what the group says, or None). The evaluator and its id must be the same where both
    data sets have them; a row whose lesion stays doubtful has none.

    Examples
    --------
    >>> tu = pd.DataFrame({"patient": ["P"], "link": ["T01"], "evaluator": [""], "evaluator_id": [""],
    ...                    "event": ["identified"], "kind": ["target"], "location": ["LIVER"]})
    >>> rows = pd.DataFrame({"patient": "P", "link": ["T01", "T02"], "evaluator": "INVESTIGATOR",
    ...                      "evaluator_id": "", "group": [None, "TARGET"]})
    >>> join_lesions(rows, tu)[["tu", "kind"]].values.tolist()
    [[0, 'target'], [-1, 'target']]
    """
    found = pd.Series(-1, index=rows.index)
    no_id, nobody = tumours["evaluator_id"].eq(""), tumours["evaluator"].eq("")
    steps = [
        ([*LESION, *READER], None, None),
        ([*LESION, READER[0]], no_id, None),
        ([*LESION, READER[0]], None, rows["evaluator_id"].eq("")),
        (LESION, nobody & no_id, None),
        (LESION, None, rows["evaluator"].eq("") & rows["evaluator_id"].eq("")),
    ]
    for keys, of_tumours, of_rows in steps:
        open_ = found.eq(-1) & rows["link"].notna() & (True if of_rows is None else of_rows)
        candidates = tumours if of_tumours is None else tumours[of_tumours]
        found[open_] = _look_up(rows.loc[open_, keys], candidates, keys)
    matched = found.ne(-1)
    own = tumours.reindex(found[matched])
    table = pd.DataFrame({"tu": found, "kind": None, "location": None}, dtype=object)
    table.loc[matched, "kind"] = own["kind"].fillna(_OTHER).to_numpy()
    table.loc[matched, "location"] = own["location"].to_numpy()
    group = kinds_of(rows["group"])
    unknown = table["kind"].isna() | table["kind"].eq(_OTHER)
    table["kind"] = table["kind"].where(~(unknown & group.notna()), group)
    table["group_kind"] = group
    table["tu"] = table["tu"].astype(int)
    return table


def _look_up(rows: pd.DataFrame, tumours: pd.DataFrame, keys: list[str]) -> np.ndarray:
    """Give the index of the first row of TU with the same keys, -1 where there is none or a doubt."""
    kinds = tumours.groupby(keys)["kind"].nunique(dropna=False)
    first = tumours.drop_duplicates(keys)
    doubtful = first.set_index(keys).index.isin(kinds[kinds > 1].index)
    first = first[~doubtful]
    if first.empty or rows.empty:
        return np.full(len(rows), -1)
    places = pd.MultiIndex.from_frame(first[keys]).get_indexer(pd.MultiIndex.from_frame(rows))
    return np.where(places < 0, -1, first.index.to_numpy()[places])


def check_joined(tr: Domain, rows: pd.DataFrame, lesions: pd.DataFrame) -> Tumours:
    """Say what is doubtful about the rows that are used.

    Parameters
    ----------
    tr
        For messages.
    rows, lesions
        Rows of one or more readers and what `join_lesions` gives for them; index of the domain.

    Returns
    -------
    Tumours
        ``frame`` is ``lesions``. A row without a lesion in TU whose group does not say its kind is a
        problem, with it is a warning: its site is unknown. Where TU and TRGRPID contradict each other
        TU counts, with a warning.
    """
    notices, in_tr = [], tr.frame.index
    absent = lesions["tu"].eq(-1) & rows["link"].notna()
    by_group = absent & lesions["kind"].notna()
    if by_group.any():
        n = len(rows.loc[by_group, LESION].drop_duplicates())
        where = tr.rows_text(in_tr.isin(rows.index[by_group]))
        text = f"{tr.file}: {counted(n, 'lesion')} not in TU ({where}); the kind is taken from TRGRPID,"
        notices.append(Notice("warning", f"{text} the site is unknown."))
    differing = lesions["group_kind"].notna() & ~absent & (lesions["kind"] != lesions["group_kind"])
    if differing.any():
        n = len(rows.loc[differing, LESION].drop_duplicates())
        where = tr.rows_text(in_tr.isin(rows.index[differing]))
        text = (
            f"{tr.where('TRGRPID')}: another kind than in TU for {counted(n, 'lesion')} ({where});"
        )
        notices.append(Notice("warning", f"{text} TU counts."))
    link = link_column(tr)
    names = rows.loc[absent & ~by_group, "link"].unique()
    problems = tr.problems(
        link,
        in_tr.isin(rows.index[absent & ~by_group]),
        f"lesions that TU does not identify, for the same patient and evaluator: {listed(names)}.",
        "Add them to TU with the same link id, or say TARGET, NON-TARGET or NEW in TRGRPID.",
    )
    return Tumours(lesions, tuple(notices), tuple(problems))
