"""What SDTM data sets say twice, and differently: told, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from lesionhet.cdisc.dates import DAY, MONTH_AND_DAY
from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.sdtm.lesions import LESION, TARGET
from lesionhet.readers import Notice
from lesionhet.readers.shape.treatment_days import FAR
from lesionhet.readers.table import counted, listed

SAME: Final = 0.05
"""Results of one row that differ by less than this share, or by 1 mm, are the same but for rounding."""
SAME_MM: Final = 1.0


def two_results(tr: Domain, rows: pd.Series, others: Mapping[str, pd.Series]) -> list[Notice]:
    """Say which sizes another column of the same row contradicts.

    Parameters
    ----------
    tr
        For messages.
    rows
        n sizes in mm that are used; missing elsewhere.
    others
        Column -> n sizes in mm as it has them.

    Examples
    --------
    >>> import numpy as np
    >>> tr = Domain("TR", pd.DataFrame({"USUBJID": ["P", "P"]}), "tr.csv", "", np.array([2, 3]))
    >>> [said] = two_results(tr, pd.Series([16.0, 20.0]), {"TRORRES": pd.Series([30.0, 20.0])})
    >>> said.text
    "tr.csv, column 'TRORRES': another size than in TRSTRESN in 1 row (row 2); TRSTRESN counts."
    """
    found = []
    for column, other in others.items():
        apart = (rows - other).abs()
        wrong = apart.gt(SAME_MM) & apart.gt(SAME * rows)
        if n := int(wrong.sum()):
            text = f"{tr.where(column)}: another size than in TRSTRESN in {counted(n, 'row')}"
            text += f" ({tr.rows_text(wrong)}); TRSTRESN counts."
            found.append(Notice("warning", text))
    return found


def places(tu: Domain, tumours: pd.DataFrame) -> list[Notice]:
    """Say which target lesions TU locates twice, or nowhere.

    Parameters
    ----------
    tu
        For messages.
    tumours
        Rows of TU that are used: ``patient, link, kind, location``; index of the domain.
    """
    own = tumours[tumours["kind"].eq(TARGET)]
    groups = own.groupby(LESION)["location"]
    several = groups.transform("nunique").gt(1)
    nowhere = groups.transform("count").eq(0)
    found = []
    for mask, said in (
        (several, "in several places; the first counts."),
        (nowhere, "without a place; their site is unknown."),
    ):
        if mask.any():
            n = counted(len(own.loc[mask, LESION].drop_duplicates()), "target lesion")
            where = tu.rows_text(tu.frame.index.isin(own.index[mask]))
            found.append(Notice("warning", f"{tu.where('TULOC')}: {n} ({where}) {said}"))
    return found


def filled_in(tr: Domain, targets: pd.DataFrame, imputed: pd.Series, rule: str) -> list[Notice]:
    """Say how many sizes have a day that a rule made of a partial date.

    Parameters
    ----------
    tr
        For messages.
    targets
        Assessments of target lesions: ``size``; index of the domain.
    imputed
        What was filled in of the date of each row that is used, or ``""``; index of the domain.
    rule
        ``dates`` of `lesionhet.cdisc.options.CdiscOptions`.
    """
    sized = targets.index[targets["size"].notna()]
    partial = imputed.reindex(sized).fillna("").isin([DAY, MONTH_AND_DAY])
    if not (n := int(partial.sum())):
        return []
    text = f"{tr.where('TRDTC')}: {n} of {counted(len(sized), 'size')} with a date known in part, completed"
    return [Notice("warning", f"{text} by --dates {rule}; days and times depend on it.")]


def tests_changed(tr: Domain, rows: pd.DataFrame) -> list[Notice]:
    """Say which sizes are not used, since another test gives their lesion its size.

    Parameters
    ----------
    tr
        For messages.
    rows
        Assessments measured by another test only: ``patient, link``; index of the domain.
    """
    if rows.empty:
        return []
    n = counted(len(rows[LESION].drop_duplicates()), "lesion")
    where = tr.rows_text(tr.frame.index.isin(rows.index))
    text = f"{tr.where('TRTESTCD')}: {n} measured by one test at some visits and by another at others; "
    text += f"the test of most visits counts, and {counted(len(rows), 'size')} of the other"
    return [Notice("warning", f"{text} ({where}) {'is' if len(rows) == 1 else 'are'} not used.")]


def several_baselines(tr: Domain, targets: pd.DataFrame) -> list[Notice]:
    """Say which lesions have a baseline flag at several assessments.

    Parameters
    ----------
    tr
        For messages.
    targets
        ``patient, link, day, size, flagged``; index of the domain.
    """
    flagged = targets[targets["flagged"].astype(bool) & targets["size"].notna()]
    again = flagged.duplicated(LESION, keep=False)
    if not again.any():
        return []
    n = counted(len(flagged.loc[again, LESION].drop_duplicates()), "lesion")
    where = tr.rows_text(tr.frame.index.isin(flagged.index[again]))
    text = f"{tr.file}: {n} with several flagged baselines ({where}); the last counts, and sizes"
    return [Notice("warning", f"{text} before it are set aside. Keep one flag a lesion.")]


def studies(domains: Mapping[str, Domain]) -> list[Notice]:
    """Say which rows name another study than DM does for their patient."""
    dm = domains["DM"]
    known = pd.DataFrame({"p": dm.text("USUBJID"), "s": dm.text("STUDYID")}).dropna()
    of_patient = known.drop_duplicates("p").set_index("p")["s"]
    found = []
    for name in ("TU", "TR", "RS"):
        if name not in domains:
            continue
        domain = domains[name]
        study, expected = domain.text("STUDYID"), domain.text("USUBJID").map(of_patient)
        wrong = study.notna() & expected.notna() & (study != expected)
        if n := int(wrong.sum()):
            text = f"{domain.where('STUDYID')}: {listed(list(study[wrong].unique()))} in"
            text += (
                f" {counted(n, 'row')} ({domain.rows_text(wrong)}), where DM has another study for"
            )
            found.append(
                Notice("warning", f"{text} the same USUBJID; they are read as one patient.")
            )
    return found


def unlikely_days(file: str, rows: Iterable[int], frame: pd.DataFrame) -> list[Notice]:
    """Say what is not likely about the days of a lesions table.

    Parameters
    ----------
    file, rows
        File, and the number of each row.
    frame
        ``patient_id, day, diameter_mm``, a row a measurement; days from the start of treatment.

    Examples
    --------
    >>> frame = pd.DataFrame({"patient_id": ["P1", "P1"], "day": [-20, -5], "diameter_mm": [9, 8]})
    >>> unlikely_days("tr.csv", [2, 3], frame)[0].text
    "tr.csv: 1 patient with every scan before the start of treatment: 'P1'. Correct the start or the scans."
    """
    table = pd.DataFrame({"p": frame["patient_id"], "day": frame["day"].astype(float)})
    table = table.assign(row=list(rows))[frame["diameter_mm"].notna()].dropna()
    last = table.groupby("p")["day"].max()
    first = table.groupby("p")["day"].nunique()
    before = sorted(last.index[last.lt(0) & first.gt(1)])
    found = []
    if before:
        text = f"{counted(len(before), 'patient')} with every scan before the start of treatment"
        found.append(f"{text}: {listed(before)}. Correct the start or the scans.")
    far = table[table["day"].abs().gt(FAR)]
    if len(far):
        numbers = sorted(set(far["row"]))
        shown = ", ".join(map(str, numbers[:5]))
        text = f"{counted(len(far), 'size')} more than 20 years from the start of treatment"
        found.append(f"{text} ({'row' if len(numbers) == 1 else 'rows'} {shown}); check the years.")
    return [Notice("warning", f"{file}: {text}") for text in found]
