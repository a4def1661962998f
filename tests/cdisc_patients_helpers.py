"""SDTM data sets of a few rows, and the patients table made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet.cdisc.domain import Domain
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.cdisc.sdtm.patients import patients_table
from lesionhet.cdisc.sdtm.start import start_dates
from lesionhet.errors import InputError
from lesionhet.intake import ReadingTable
from lesionhet.readers import RawTable

Rows = list[dict[str, Any]]
REPORTED = ["patient_id", "day", "visit", "what", "response"]


def domain(name: str, rows: Rows) -> Domain:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[row.get(column) for column in columns] for row in rows]
    frame = pd.DataFrame(cells, columns=columns, dtype=object)
    frame = frame.where(frame.notna(), None)
    return Domain(name, frame, f"{name.lower()}.csv", "", np.arange(2, len(rows) + 2))


def domains_of(**rows: Rows) -> dict[str, Domain]:
    return {name: domain(name, given_rows) for name, given_rows in rows.items()}


def reported_of(*rows: tuple[str, float, str | None]) -> pd.DataFrame:
    cells = [[patient, day, None, "overall", response] for patient, day, response in rows]
    return pd.DataFrame(cells, columns=REPORTED).astype({"day": float})


def patients_of(
    domains: dict[str, Domain], reported: pd.DataFrame | None = None, **options: str
) -> tuple[pd.DataFrame, RawTable, dict[str, ReadingTable]]:
    cdisc = CdiscOptions(**options)
    starts = start_dates(domains, cdisc.start, cdisc.dates)
    table, tables = patients_table(
        domains, starts, reported_of() if reported is None else reported, cdisc
    )
    return table.frame.set_index("patient_id"), table, {t.name: t for t in tables}


def problems_of(call: Any, *args: Any, **options: Any) -> list[str]:
    with pytest.raises(InputError) as error:
        call(*args, **options)
    return [str(problem) for problem in error.value.problems]
