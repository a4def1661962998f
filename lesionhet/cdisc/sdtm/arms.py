"""The arm of each patient of DM, and who was never assigned to or treated in one."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lesionhet.cdisc.domain import Domain

SCREEN_FAILURE: Final = "screen failure"
NOT_ASSIGNED: Final = "not assigned"
NOT_TREATED: Final = "assigned, not treated"
UNPLANNED: Final = "unplanned treatment"
ARMLESS: Final = (SCREEN_FAILURE, NOT_ASSIGNED)
"""Reasons for which a patient has no planned arm."""

_CODES: Final = {
    "SCRNFAIL": SCREEN_FAILURE,
    "SCREEN FAILURE": SCREEN_FAILURE,
    "NOTASSGN": NOT_ASSIGNED,
    "NOT ASSIGNED": NOT_ASSIGNED,
    "NOTTRT": NOT_TREATED,
    "NOT TREATED": NOT_TREATED,
    "ASSIGNED, NOT TREATED": NOT_TREATED,
    "UNPLAN": UNPLANNED,
    "UNPLANNED TREATMENT": UNPLANNED,
}
"""What ARMNRS says (from SDTMIG 3.3 on), or ARMCD, ARM, ACTARMCD, ACTARM in its place before."""


def arms(dm: Domain) -> pd.DataFrame:
    """Give the planned and the actual arm of each row of DM.

    Parameters
    ----------
    dm
        The data set DM; ``ARM``, ``ARMCD``, ``ACTARM``, ``ACTARMCD`` and ``ARMNRS`` are used.

    Returns
    -------
    pandas.DataFrame
        ``planned, actual`` (text; None where there is no arm) and ``reason``: why there is none or it was
        not given (``"screen failure"``, ``"not assigned"``, ``"assigned, not treated"``, ``"unplanned
        treatment"``); ``""`` for the others.

    Source: SDTM Implementation Guide 3.4, 5.2, ARMNRS; 3.2, ARMCD.

    Examples
    --------
    >>> import numpy as np
    >>> frame = pd.DataFrame({"ARM": ["A", "Screen Failure"], "ARMCD": ["A", "SCRNFAIL"]}, dtype=object)
    >>> arms(Domain("DM", frame, "dm.csv", "", np.array([2, 3]))).to_numpy().tolist()
    [['A', None, ''], [None, None, 'screen failure']]
    """
    table = pd.DataFrame(
        {"planned": _arm(dm, "ARM", "ARMCD"), "actual": _arm(dm, "ACTARM", "ACTARMCD")}
    )
    reason = pd.Series("", index=dm.frame.index, dtype=object)
    # The first of these that says something counts.
    for column in ("ARMNRS", "ARMCD", "ARM", "ACTARMCD", "ACTARM"):
        said = dm.text(column).map(_code).fillna("")
        reason = reason.mask(reason.eq("") & said.ne(""), said)
    return table.assign(reason=reason)


def _arm(dm: Domain, name: str, code: str) -> pd.Series:
    """Give the arm's name, else its code; None where it says that there is none."""
    arm = dm.text(name).where(dm.text(name).notna(), dm.text(code))
    none = arm.map(_code).notna() | dm.text(code).map(_code).notna()
    return arm.where(~none & arm.notna(), None).astype(object)


def _code(cell: str | None) -> str | None:
    return None if cell is None else _CODES.get(cell.upper())
