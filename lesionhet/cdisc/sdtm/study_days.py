"""The day of each row, counted from the start; and whether visits and dates are in one order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lesionhet.cdisc.dates import REFUSED, read_dates
from lesionhet.cdisc.domain import Domain
from lesionhet.errors import Problem
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed


@dataclass(frozen=True, eq=False)
class StudyDays:
    """The day of each row of TU, TR or RS.

    Parameters
    ----------
    day
        n days from the start (0 is the start); missing where there is neither date nor study day.
    imputed
        n texts: what was filled in of a partial date (``"day"``, ``"month and day"``), ``"refused"``, or
        ``""``.
    source
        n texts: ``"date"``, ``"study day"`` or ``""``.
    notices, problems
        What the user should know.
    """

    day: pd.Series
    imputed: pd.Series
    source: pd.Series
    notices: tuple[Notice, ...]
    problems: tuple[Problem, ...]


def study_days(domain: Domain, starts: pd.Series, rule: str) -> StudyDays:
    """Count days from the start.

    The day is the date (``--DTC``) minus the patient's start. Without a date, or for a patient without a
    start, it is made of the study day: ``--DY`` - 1 where above 0, ``--DY`` where below, since SDTM has no
    day 0. A refused partial date has no day.

    Parameters
    ----------
    domain
        TU, TR or RS.
    starts
        ``USUBJID`` -> start (datetime64); missing where unknown.
    rule
        ``dates`` of `lesionhet.cdisc.options.CdiscOptions`.

    Examples
    --------
    >>> frame = pd.DataFrame({"USUBJID": ["P"] * 3, "TRDTC": ["2020-01-15", "2020-02", None],
    ...                       "TRDY": [1, None, 43]}, dtype=object)
    >>> tr = Domain("TR", frame, "tr.csv", "", np.array([2, 3, 4]))
    >>> study_days(tr, pd.Series({"P": pd.Timestamp("2020-01-15")}), "first").day.tolist()
    [0.0, 17.0, 42.0]
    """
    prefix = domain.name[:2]
    dates, problems = read_dates(domain, f"{prefix}DTC", rule)
    start = domain.text("USUBJID").map(starts)
    from_date = (dates.value - pd.to_datetime(start)).dt.days.astype(float)
    number, wrong = domain.numbers(f"{prefix}DY")
    zero = number.eq(0)
    problems += wrong
    problems += domain.problems(
        f"{prefix}DY",
        zero,
        "found study day 0, which SDTM does not have: day 1 is the start, -1 the day before.",
        "Correct the study day or empty it.",
    )
    from_number = number.where(number < 0, number - 1).mask(zero)
    refused = dates.imputed.eq(REFUSED)
    day = from_date.where(from_date.notna() | refused, from_number)
    source = np.select([from_date.notna(), day.notna()], ["date", "study day"], "")
    notices = _differences(domain, from_date, from_number, dates.imputed)
    return StudyDays(
        day,
        dates.imputed,
        pd.Series(source, index=day.index, dtype=object),
        tuple(notices),
        tuple(problems),
    )


def _differences(
    domain: Domain, from_date: pd.Series, from_number: pd.Series, imputed: pd.Series
) -> list[Notice]:
    differing = (from_date - from_number).abs().gt(0) & imputed.eq("")
    if not differing.any():
        return []
    most = int((from_date - from_number).abs()[differing].max())
    n = counted(int(differing.sum()), "row")
    text = f"{domain.where(domain.name[:2] + 'DY')}: not the date minus the start in {n}"
    text += f" ({domain.rows_text(differing)}; by up to {counted(most, 'day')}); the date counts."
    return [Notice("warning", text)]


def check_order(tr: Domain, rows: pd.DataFrame) -> list[Notice]:
    """Find visits whose dates are not in the order of their numbers.

    Parameters
    ----------
    tr
        For messages.
    rows
        Rows that are used: ``patient, visitnum, day, imputed``; index of the domain.

    Returns
    -------
    One warning with the rows of the visits that begin before an earlier visit ends. Nothing is moved.
    """
    known = rows.dropna(subset=["visitnum", "day"])
    spans = known.groupby(["patient", "visitnum"])["day"].agg(["min", "max"]).reset_index()
    ends = spans.groupby("patient")["max"].transform(lambda days: days.cummax().shift())
    early = spans[spans["min"] < ends]
    if early.empty:
        return []
    keys = pd.MultiIndex.from_frame(early[["patient", "visitnum"]])
    late = pd.MultiIndex.from_frame(known[["patient", "visitnum"]]).isin(keys)
    imputed = int((late & known["imputed"].ne("").to_numpy()).sum())
    where = tr.rows_text(tr.frame.index.isin(known.index[late]))
    text = (
        f"{tr.file}: the order of visits (VISITNUM) and of dates disagree at {counted(len(early), 'visit')} "
        f"of {counted(early['patient'].nunique(), 'patient')} ({where}); the dates count."
    )
    if imputed:
        text += f" {counted(imputed, 'row')} of these had a partial date that was filled in."
    return [Notice("warning", text)]


def check_visits(tr: Domain, targets: pd.DataFrame) -> list[Notice]:
    """Find lesions with sizes on several days of one visit; each stays an assessment of its own.

    Parameters
    ----------
    tr
        For messages.
    targets
        ``patient, link, visit, size``; index of the domain.
    """
    sized = targets[targets["size"].notna() & targets["visit"].notna()]
    again = sized.duplicated(["patient", "link", "visit"], keep=False)
    if not again.any():
        return []
    n = len(sized.loc[again, ["patient", "link"]].drop_duplicates())
    where = tr.rows_text(tr.frame.index.isin(sized.index[again]))
    text = f"{tr.file}: {counted(n, 'lesion')} with sizes on several days of one visit ({where}); each day"
    return [Notice("warning", f"{text} counts as an assessment of its own.")]


def imputed_table(rows: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Count the partial dates among the rows that are used.

    Parameters
    ----------
    rows
        ``patient, visit, imputed``.
    rule
        ``dates`` of `lesionhet.cdisc.options.CdiscOptions`.

    Returns
    -------
    One row a visit and missing part: ``visit, missing_part, rule, patients, rows``.
    """
    partial = rows[rows["imputed"].ne("")]
    filled = partial.assign(visit=partial["visit"].fillna("(no visit)"))
    table = filled.groupby(["visit", "imputed"], sort=False).agg(
        patients=("patient", "nunique"), rows=("patient", "size")
    )
    table = table.reset_index().rename(columns={"imputed": "missing_part"})
    table.insert(2, "rule", rule)
    return table


def no_day_at_all(tr: Domain, mask: pd.Series) -> list[Problem]:
    """Give the problem of a TR where no size has a day."""
    return tr.problems(
        "TRDTC",
        mask,
        "no size has a day: TRDTC is empty, or known in part and refused by --dates refuse, and TRDY is not "
        "used.",
        "Fill in TRDTC, or choose another --dates.",
    )


def undated(tr: Domain, mask: pd.Series) -> list[Notice]:
    """Say which sizes are left out because nothing says their day."""
    if not mask.any():
        return []
    patients = tr.text("USUBJID")[mask].unique()
    text = f"{tr.where('TRDTC')}: {counted(int(mask.sum()), 'size')} left out, since neither TRDTC with a "
    text += f"known start nor TRDY says the day ({tr.rows_text(mask)}; {counted(len(patients), 'patient')}: "
    return [Notice("warning", f"{text}{listed(sorted(patients))}).")]
