"""The tables that show how SDTM was read: one a decision."""

from __future__ import annotations

import pandas as pd

from lesionhet.cdisc.evaluator import RULE_TEXTS
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.cdisc.sdtm.lesions import LESION
from lesionhet.cdisc.sdtm.study_days import imputed_table
from lesionhet.intake import ReadingTable

DATE_TEXTS = {
    "first": "the first day of the month, or of the year",
    "middle": "the 15th day of the month, or 1 July",
    "last": "the last day of the month, or of the year",
    "refuse": "nothing: rows with a partial date have no day and are left out",
}
BASELINE_TEXTS = {
    "auto": "The flagged measurement (TRLOBXFL, TRBLFL); of a lesion without any, the last at or before "
    "the start, else the first.",
    "flag": "The flagged measurement (TRLOBXFL, TRBLFL); a lesion without any is left out.",
    "visit": "The last measurement at a visit called baseline or screening; a lesion without any is left "
    "out.",
    "start": "The last measurement at or before the start, else the first.",
}


def readers(table: pd.DataFrame, rule: str) -> ReadingTable:
    """Give the table of readers."""
    text = RULE_TEXTS.get(rule, f"Rows of reader '{rule}' are used.")
    return ReadingTable("readers", "Readers", f"Rule {rule}. {text}", table)


def agreement(table: pd.DataFrame) -> ReadingTable:
    """Give the comparison of readers."""
    note = (
        "Sizes of the same lesion, visit and test: other reader minus the one used; limits of agreement are "
        "the mean and 1.96 standard deviations either side. Lesions are the same where link ids are, a "
        "reader's own prefix aside, and TULOC does not differ."
    )
    return ReadingTable("reader_agreement", "Agreement of readers", note, table)


def diameters(rows: pd.DataFrame, targets: pd.DataFrame) -> ReadingTable:
    """Count which test gave the sizes of target lesions, and what was not assessed.

    Parameters
    ----------
    rows
        Rows of TR with a size test of target lesions that are used: ``test, centimetres``.
    targets
        Of `lesionhet.cdisc.sdtm.assessments.Assessments`.
    """
    found: list[tuple[str, str, int]] = []
    own = targets[targets["size"].notna()]
    for test, group in rows.groupby("test"):
        mine = own[own["test"].eq(test)]
        found += [
            (str(test), "rows of target lesions", len(group)),
            (str(test), "of these in cm", int(group["centimetres"].sum())),
            (str(test), "lesions that it gives their size", len(mine[LESION].drop_duplicates())),
            (str(test), "sizes taken", len(mine)),
            (str(test), "of these 0 mm", int(mine["size"].eq(0).sum())),
        ]
    missing = targets[targets["size"].isna()]
    reasons = missing["reason"].where(
        missing["reason"].ne(""), "only the short axis, no lymph node"
    )
    for reason, n in reasons.value_counts(sort=False).items():
        found.append(("", f"not assessed: {reason}", int(n)))
    note = (
        "One test gives a lesion its size at every visit: of those that measured it at the most visits the "
        "first of LDIAM, DIAMETER and, for lymph nodes, SAXIS, LPERP."
    )
    table = pd.DataFrame([row for row in found if row[2]], columns=["test", "what", "n"])
    return ReadingTable("diameters", "Diameters", note, table)


def dates(rows: pd.DataFrame, rule: str) -> ReadingTable:
    """Count the partial dates of the measurements that are used."""
    note = f"Rule {rule}: a missing part of a date becomes {DATE_TEXTS[rule]}."
    table = imputed_table(rows, rule)
    if table.empty:
        table = pd.DataFrame([["all visits", "none", rule, 0, 0]], columns=table.columns)
    return ReadingTable("imputed_dates", "Partial dates of measurements", note, table)


def baseline(table: pd.DataFrame, cdisc: CdiscOptions) -> ReadingTable:
    """Give the table of baselines."""
    note = f"Rule {cdisc.baseline}. {BASELINE_TEXTS[cdisc.baseline]}"
    return ReadingTable("baseline", "Baseline", note, table)


def splits(table: pd.DataFrame) -> list[ReadingTable]:
    """Give the table of split and merged lesions, where there are any."""
    if table.empty:
        return []
    note = (
        "RECIST 1.1: the parts of a split lesion are added up; the diameter of merged lesions belongs to "
        "none of them, so its rows are set aside."
    )
    return [ReadingTable("splits_and_merges", "Split and merged lesions", note, table)]


def sites(table: pd.DataFrame) -> ReadingTable:
    """Give the table of sites; n counts lesions."""
    note = (
        "TULOC -> analysis site, by the project's table or the user's (--sites); n counts lesions. A term "
        "in no table is a site of its own."
    )
    return ReadingTable("sites", "Sites", note, table)


def fates(table: pd.DataFrame) -> ReadingTable:
    """Give the table of what became of the rows of TR."""
    note = "Each row of TR once. A row of the lesions table is one lesion at one assessment."
    return ReadingTable("tr_rows", "Rows of TR", note, table)
