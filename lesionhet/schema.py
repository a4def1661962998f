"""The two tables: their columns, units and what each is for. The one place where names are fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ColumnKind = Literal["text", "number", "flag"]


@dataclass(frozen=True)
class Column:
    """One column of an input table.

    Parameters
    ----------
    name
        Name as the program knows it.
    kind
        ``"text"``, ``"number"`` or ``"flag"`` (0 or 1).
    required
        Whether the table is refused without it.
    meaning
        One line for messages and for the documentation.
    minimum
        Smallest permitted value of a number, inclusive; None for no limit.
    """

    name: str
    kind: ColumnKind
    required: bool
    meaning: str
    minimum: float | None = None


LESION_COLUMNS: Final = (
    Column("patient_id", "text", True, "patient"),
    Column("lesion_id", "text", True, "lesion, named within its patient"),
    Column("day", "number", True, "days from the start of treatment; 0 or less is baseline"),
    Column("diameter_mm", "number", True, "diameter in mm; empty where not assessed", 0.0),
    Column("site", "text", False, "anatomic site"),
    Column("visit", "text", False, "groups the measurements of one assessment"),
    Column("lesion_type", "text", False, "target (default), non-target or new"),
)

PATIENT_COLUMNS: Final = (
    Column("patient_id", "text", True, "patient"),
    Column("arm", "text", False, "treatment arm"),
    Column("trial", "text", False, "trial"),
    Column("os_days", "number", False, "overall survival time in days", 0.0),
    Column("os_event", "flag", False, "1 died, 0 censored"),
    Column("pfs_days", "number", False, "progression-free survival time in days", 0.0),
    Column("pfs_event", "flag", False, "1 progressed or died, 0 censored"),
    Column("progressed", "flag", False, "1 where the PFS event was a progression, 0 a death"),
    Column("kras", "text", False, "KRAS status"),
)

LESION_TYPES: Final = ("target", "non-target", "new")

PHASES: Final = ("response", "stable", "relapse")
"""The three phases in the order of time."""

RESPONSE_VARIABLES: Final = (*PHASES, "nadir_ratio", "last_ratio")
"""The five variables of the Gower distance, in the order of the paper."""
