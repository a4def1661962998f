"""All readers side by side: what each has recorded, what is used, how far they agree."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lesionhet.cdisc.domain import by_value
from lesionhet.cdisc.evaluator import READER, reader_name
from lesionhet.cdisc.sdtm.lesions import LESION, TARGET

LIMIT: Final = 1.959963984540054
"""97.5% point of the normal distribution: limits of agreement are the mean -+ this many SD."""
_PREFIX: Final = r"^(?P<prefix>[A-Za-z]+\d*[-_.])(?=[A-Za-z]+\d)"


def reader_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Count what each reader has recorded.

    Parameters
    ----------
    rows
        Rows of TR that concern a lesion: ``patient, evaluator, evaluator_id, accepted, link, kind, size``
        (mm; missing where none), ``used``.

    Returns
    -------
    One row a reader: ``evaluator, evaluator_id, patients, target_lesions, measurements, rows,
    accepted_rows, rows_used, used`` (yes, no, in part).
    """
    found = []
    for (evaluator, ident), group in rows.groupby(READER, sort=True):
        targets = group[group["kind"].eq(TARGET)]
        n_used = int(group["used"].sum())
        part = "in part" if n_used else "no"
        found.append(
            {
                "evaluator": evaluator,
                "evaluator_id": ident,
                "patients": group["patient"].nunique(),
                "target_lesions": len(targets[LESION].drop_duplicates()),
                "measurements": int(targets["size"].notna().sum()),
                "rows": len(group),
                "accepted_rows": int(group["accepted"].sum()),
                "rows_used": n_used,
                "used": "yes" if n_used == len(group) else part,
            }
        )
    return pd.DataFrame(found)


def reader_agreement(rows: pd.DataFrame) -> pd.DataFrame:
    """Compare the sizes that are used with each other reader's of the same lesion and visit.

    Parameters
    ----------
    rows
        As in `reader_table`, with ``slot, test, location`` and ``picked`` (whether the row gives a lesion
        its size).

    Returns
    -------
    One row a reader who is not used everywhere: ``reader, lesions_compared, pairs, mean_difference_mm``
    (other minus used), ``sd_mm, lower_limit_mm, upper_limit_mm`` (95% limits of agreement: mean -+ 1.96
    SD), ``other_site`` (pairs not compared: TULOC differs), ``lesions_only_used, lesions_only_other``.
    Two readers' lesions are the same where their link ids are, once a reader's own prefix (R1-) is taken
    off.

    Source: Bland and Altman, Lancet 1986; 327: 307-310.

    Examples
    --------
    >>> rows = pd.DataFrame({"patient": "P", "evaluator": "X", "evaluator_id": ["R1", "R2"],
    ...     "link": ["R1-T01", "R2-T01"], "slot": "1", "test": "LDIAM", "kind": "target",
    ...     "size": [20.0, 23.0], "location": "LIVER", "used": [True, False], "picked": [True, False]})
    >>> reader_agreement(rows)[["reader", "pairs", "mean_difference_mm"]].values.tolist()
    [['X, R2', 1, 3.0]]
    """
    targets = rows[rows["kind"].eq(TARGET)].assign(core=_without_prefix(rows))
    used = targets[targets["used"]]
    found = []
    for reader, own in targets[~targets["used"]].groupby(READER, sort=True):
        pairs, elsewhere = _pairs(used, own)
        same = pairs[~elsewhere]
        difference = same["size_other"] - same["size"]
        mean, sd = difference.mean(), difference.std()
        patients = used["patient"].isin(own["patient"])
        here, there = (
            set(frame[["patient", "core"]].itertuples(index=False, name=None))
            for frame in (used[patients], own)
        )
        found.append(
            {
                "reader": reader_name(*reader),
                "lesions_compared": len(same[["patient", "core"]].drop_duplicates()),
                "pairs": len(same),
                "mean_difference_mm": mean,
                "sd_mm": sd,
                "lower_limit_mm": mean - LIMIT * sd,
                "upper_limit_mm": mean + LIMIT * sd,
                "other_site": int(elsewhere.sum()),
                "lesions_only_used": len(here - there),
                "lesions_only_other": len(there - here),
            }
        )
    return pd.DataFrame(found)


def reader_pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """Give every two readers' sizes of the same lesion and visit.

    Parameters
    ----------
    rows
        As in `reader_agreement`.

    Returns
    -------
    One row a pair: ``patient``, ``lesion`` (link id without the reader's prefix), ``reader``,
    ``size_mm`` (used) and ``other_mm`` (that reader's).

    Examples
    --------
    >>> rows = pd.DataFrame({"patient": "P", "evaluator": "X", "evaluator_id": ["R1", "R2"],
    ...     "link": ["R1-T01", "R2-T01"], "slot": "1", "test": "LDIAM", "kind": "target",
    ...     "size": [20.0, 23.0], "location": "LIVER", "used": [True, False], "picked": [True, False]})
    >>> reader_pairs(rows)[["lesion", "size_mm", "other_mm"]].values.tolist()
    [['T01', 20.0, 23.0]]
    """
    targets = rows[rows["kind"].eq(TARGET)].assign(core=_without_prefix(rows))
    used = targets[targets["used"]]
    found = []
    for reader, own in targets[~targets["used"]].groupby(READER, sort=True):
        pairs, elsewhere = _pairs(used, own)
        found.append(pairs[~elsewhere].assign(reader=reader_name(*reader)))
    names = {"core": "lesion", "size": "size_mm", "size_other": "other_mm"}
    columns = ["patient", "lesion", "reader", "size_mm", "other_mm"]
    if not found:
        return pd.DataFrame(columns=columns)
    return pd.concat(found, ignore_index=True).rename(columns=names)[columns]


def _pairs(used: pd.DataFrame, own: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Put one reader's sizes beside those that are used; say which lie elsewhere."""
    picked = used[used["picked"] & used["size"].notna()]
    keys = ["patient", "core", "slot", "test"]
    pairs = picked.merge(own[own["size"].notna()], on=keys, suffixes=("", "_other"))
    elsewhere = (
        pairs["location"].notna()
        & pairs["location_other"].notna()
        & (pairs["location"] != pairs["location_other"])
    )
    return pairs, elsewhere


def _without_prefix(rows: pd.DataFrame) -> pd.Series:
    """Take a prefix off link ids where all of a reader's have the same one."""
    links = rows["link"].astype(object)
    prefix = by_value(lambda unique: unique.str.extract(_PREFIX)["prefix"].fillna(""), links)
    known = pd.DataFrame({**{k: rows[k] for k in READER}, "prefix": prefix})
    only = known.groupby(READER)["prefix"].transform("nunique").eq(1)
    without = by_value(lambda unique: unique.str.replace(_PREFIX, "", regex=True), links)
    return links.where(~(only & prefix.ne("")), without)
