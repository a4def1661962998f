"""ADaM data sets made from scratch, small enough to follow by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.cdisc.collection import Collection
from lesionhet.cdisc.domain import domain_of
from lesionhet.readers import RawTable

START = {"P1": "2020-03-01", "P2": "2020-02-20", "P3": "2020-01-31"}
LESIONS = {
    # patient, lesion, place, node, sizes in mm at days -7, 42, 84
    ("P1", "T01", "LIVER", False): (30.0, 18.0, 20.0),
    ("P1", "T02", "LYMPH NODE", True): (22.0, 20.0, 30.0),
    ("P2", "T01", "LUNG", False): (15.0, 0.0, 5.0),
    ("P2", "T02", "LIVER", False): (40.0, 41.0, None),
    ("P3", "T01", "LIVER", False): (25.0, 26.0, 33.0),
}
DAYS = (-7, 42, 84)
VISITS = ("BASELINE", "WEEK 6", "WEEK 12")


def adtr(**changes: Any) -> pd.DataFrame:
    """Give ADTR with a longest diameter and a perpendicular (2 mm less) a lesion, and sums by RECIST."""
    rows = []
    sums: dict[tuple[str, int], float] = {}
    for (patient, lesion, place, node), sizes in LESIONS.items():
        for visit, size in enumerate(sizes):
            number = lesion[-1]
            short = None if size is None else max(size - 2, 0)
            rows.append(_record(patient, visit, f"LDIAM{number}", size, lesion, place, node))
            rows.append(_record(patient, visit, f"NLDIAM{number}", short, lesion, place, node))
            if size is not None:
                sums[patient, visit] = sums.get((patient, visit), 0) + (short if node else size)
    for (patient, visit), total in sums.items():
        rows.append(_record(patient, visit, "SDIAM", total, None, None, False))
    return pd.DataFrame(rows, dtype=object).assign(**changes)


def _record(
    patient: str,
    visit: int,
    code: str,
    value: float | None,
    lesion: str | None,
    place: str | None,
    node: bool,
) -> dict[str, Any]:
    day = DAYS[visit]
    date = pd.Timestamp(START[patient]) + pd.Timedelta(days=day)
    return {
        "STUDYID": "S1",
        "USUBJID": patient,
        "PARAMCD": code,
        "PARAM": {"L": "Longest", "N": "Perpendicular", "S": "Sum of"}[code[0]] + " diameter (mm)",
        "PARCAT1": "Target Lesion(s)",
        "AVAL": value,
        "ADT": date.date().isoformat(),
        "ADY": day + 1 if day >= 0 else day,
        "AVISIT": VISITS[visit],
        "TRLNKID": lesion,
        "TULOC": place,
        "TULOCGR1": None if place is None else "NODAL" if node else "NON-NODAL",
        "TREVAL": "INVESTIGATOR" if lesion else None,
    }


def adtte(**changes: Any) -> pd.DataFrame:
    """Give ADTTE: P1 died on day 200, P2 was censored on day 300, P3 died on day 90 without progression."""
    rows = [
        ("P1", "OS", 200, 0, "DEATH"),
        ("P2", "OS", 300, 2, "LAST KNOWN ALIVE"),
        ("P3", "OS", 90, 0, "DEATH"),
        ("P1", "PFS", 85, 0, "DISEASE PROGRESSION"),
        ("P2", "PFS", 85, 1, "LAST ASSESSMENT"),
        ("P3", "PFS", 90, 0, "DEATH WITHOUT PROGRESSION"),
    ]
    names = ["USUBJID", "PARAMCD", "AVAL", "CNSR", "EVNTDESC"]
    table = pd.DataFrame(rows, columns=names, dtype=object).assign(STUDYID="S1", AVALU="DAYS")
    start = pd.to_datetime(table["USUBJID"].map(START))
    table["STARTDT"] = start.dt.strftime("%Y-%m-%d")
    end = start + pd.to_timedelta(table["AVAL"].astype(float) - 1, unit="D")
    table["ADT"] = end.dt.strftime("%Y-%m-%d")
    return table.assign(**changes)


def adsl(**changes: Any) -> pd.DataFrame:
    """Give ADSL with a fourth patient, who was never measured."""
    names = ["P1", "P2", "P3", "P4"]
    table = pd.DataFrame({"USUBJID": names}, dtype=object).assign(
        STUDYID="S1",
        TRT01P=["A", "B", "A", "B"],
        ARM=["a", "b", "a", "b"],
        AGE=[61.0, 70.0, 55.0, 48.0],
        SEX=["F", "M", "M", "F"],
        BMIBL=[22.5, 31.0, None, 25.0],
        ITTFL=["Y", "Y", "N", "Y"],
        DTHFL=["Y", None, "Y", None],
        TRTSDT=[START.get(name) for name in names],
    )
    return table.assign(**changes)


def trial() -> dict[str, pd.DataFrame]:
    """Give the three data sets."""
    return {"ADTR": adtr(), "ADTTE": adtte(), "ADSL": adsl()}


def collection(frames: Mapping[str, pd.DataFrame]) -> Collection:
    """Give data frames as data sets that were read from files ``adtr.xpt`` and so on."""
    domains = {}
    for name, frame in frames.items():
        cells = frame.astype(object).reset_index(drop=True)
        cells = cells.where(cells.notna(), None)
        raw = RawTable(cells, f"{name.lower()}.xpt", "0" * 64, np.arange(2, len(cells) + 2))
        domains[name] = domain_of(name, raw)
    return Collection(domains)
