"""Empty tables to fill in: the headings, what each means, and an example."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

import openpyxl
import pandas as pd

from lesionhet.readers.choosing.headings import UNIT_OF
from lesionhet.schema import LESION_COLUMNS, PATIENT_COLUMNS, Column

_EXAMPLE: Final[Mapping[str, tuple[Any, ...]]] = {
    "patient_id": ("P001", "P001"),
    "lesion_id": ("L1", "L1"),
    "day": (-7, 56),
    "diameter_mm": (32, 21),
    "site": ("liver", "liver"),
    "visit": ("baseline", "week 8"),
    "lesion_type": ("target", "target"),
    "arm": ("A",),
    "trial": ("T1",),
    "os_days": (412,),
    "os_event": (1,),
    "pfs_days": (168,),
    "pfs_event": (1,),
    "progressed": (1,),
    "kras": ("wild-type",),
}


def template_tables() -> dict[str, pd.DataFrame]:
    """Give the two tables with an example: a lesion at baseline and at its first scan, and its patient.

    Examples
    --------
    >>> {name: len(table) for name, table in template_tables().items()}
    {'lesions': 2, 'patients': 1}
    """
    lesions = pd.DataFrame({c.name: list(_EXAMPLE[c.name]) for c in LESION_COLUMNS})
    patients = pd.DataFrame({c.name: [_EXAMPLE[c.name][0]] for c in PATIENT_COLUMNS})
    return {"lesions": lesions, "patients": patients}


def template_csv(table: str) -> bytes:
    """Give one of the two tables as CSV.

    Examples
    --------
    >>> template_csv("lesions").decode().splitlines()[0]
    'patient_id,lesion_id,day,diameter_mm,site,visit,lesion_type'
    """
    return str(template_tables()[table].to_csv(index=False, lineterminator="\n")).encode()


def template_workbook() -> bytes:
    """Give a workbook of both tables, and a sheet that says what each column is, with its unit."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in template_tables().items():
        sheet = book.create_sheet(name)
        sheet.append(list(table.columns))
        for row in table.itertuples(index=False):
            sheet.append(list(row))
    about = book.create_sheet("columns")
    about.append(["table", "column", "unit", "needed", "meaning"])
    for name, specs in (("lesions", LESION_COLUMNS), ("patients", PATIENT_COLUMNS)):
        for spec in specs:
            needed = "yes" if spec.required else "no"
            about.append([name, spec.name, _unit(spec), needed, spec.meaning])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _unit(spec: Column) -> str:
    return {"flag": "0 or 1", "text": "text"}.get(spec.kind, UNIT_OF.get(spec.name, "number"))
