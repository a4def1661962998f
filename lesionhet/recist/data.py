"""What RECIST needs beyond the two tables: nodes, non-target and new lesions, what was reported."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True, eq=False)
class RecistData:
    """One reader's assessments, as RECIST 1.1 looks at them.

    Parameters
    ----------
    targets
        One row a target lesion and assessment: ``patient_id, lesion_id, day, visit`` (text or None),
        ``diameter_mm`` (the diameter that enters the sum: the short axis of a lymph node, else the
        longest; missing where it was not assessed) and ``node`` (whether a lymph node; None where
        unknown).
    nontargets
        One row a non-target lesion and assessment: ``patient_id, lesion_id, day, visit, state``
        (``"present"``, ``"absent"``, ``"progression"``, or None where not assessed).
    new
        One row a new lesion and assessment: ``patient_id, lesion_id, day, visit, certain`` (False where
        the record says equivocal).
    reported
        One row a response that the trial recorded: ``patient_id, day, visit, what`` (``"target"``,
        ``"non-target"``, ``"overall"``), ``response`` (text as recorded). No rows where nothing was.

    Notes
    -----
    ``day`` counts as in the lesions table: 0 is the start of treatment, 0 or less is baseline.
    """

    targets: pd.DataFrame
    nontargets: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            columns=["patient_id", "lesion_id", "day", "visit", "state"]
        )
    )
    new: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            columns=["patient_id", "lesion_id", "day", "visit", "certain"]
        )
    )
    reported: pd.DataFrame = field(
        default_factory=lambda: pd.DataFrame(
            columns=["patient_id", "day", "visit", "what", "response"]
        )
    )
