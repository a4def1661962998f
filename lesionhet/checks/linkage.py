"""The two tables side by side: who is measured, who is described."""

from __future__ import annotations

import pandas as pd

from lesionhet.checks.labels import fold_identifier
from lesionhet.checks.place import Checked
from lesionhet.errors import Problem
from lesionhet.readers import Notice
from lesionhet.readers.table import counted

NAMES_SHOWN = 5


def check_linkage(lesions: Checked, patients: Checked) -> tuple[list[Problem], list[Notice]]:
    """Compare the patients of the two tables.

    Parameters
    ----------
    lesions, patients
        The tables after their own checks.

    Returns
    -------
    A problem where patients of the lesions table are not in the patients table, with identifiers there
    that look like misspellings of theirs; a warning for patients without any row in the lesions table.
    """
    if not (lesions.has("patient_id") and patients.has("patient_id")):
        return [], []
    known = patients.frame["patient_id"].dropna()
    used = lesions.frame["patient_id"]
    unknown = used.notna() & ~used.isin(known)
    problems = []
    if unknown.any():
        names = pd.Series(used[unknown].unique(), dtype=object)
        shown = ", ".join(_with_near(names.head(NAMES_SHOWN), known, patients.file))
        more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        problems = lesions.place("patient_id").problems(
            unknown,
            f"{counted(len(names), 'patient')} not in {patients.file}: {shown}{more}.",
            "Spell each patient_id alike in both tables, or add the patients.",
        )
    idle = sorted(set(known) - set(used.dropna()))
    notices = []
    if idle:
        text = f"{patients.file}: {counted(len(idle), 'patient')} without a row in {lesions.file}:"
        more = f" and {len(idle) - NAMES_SHOWN} more" if len(idle) > NAMES_SHOWN else ""
        listed = ", ".join(f"'{name}'" for name in idle[:NAMES_SHOWN])
        notices.append(Notice("warning", f"{text} {listed}{more}."))
    return problems, notices


def _with_near(names: pd.Series, known: pd.Series, file: str) -> list[str]:
    """Quote each name, with the known ones that differ only in case, zeros, space or punctuation."""
    near = known.groupby(fold_identifier(known)).agg(lambda group: "', '".join(sorted(group)))
    found = fold_identifier(names).map(near)
    return [
        f"'{name}'" + (f" (in {file}: '{other}')" if isinstance(other, str) else "")
        for name, other in zip(names, found, strict=True)
    ]
