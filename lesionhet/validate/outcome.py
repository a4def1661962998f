"""What a validation found: what the screen, the files and the exit code are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from lesionhet.agreement import KnownDifference

QUANTITIES: Final = (
    "statistic",  # "cox.terms.hazard_ratio": statistic, table, column
    "numbers",  # compared, over all cases
    "cases",  # with at least one of them
    "python",  # the number of the row where the two are furthest apart, by share of the tolerance
    "r",
    "difference",
    "relative",
    "tolerance",  # relative, for that number
    "differ",  # how many numbers part beyond the tolerance
    "known",
    "verdict",  # "agree", "differ" or "known": the worst of all numbers
    "where",  # case, question and row of the number shown
)
"""Columns of ``Validation.quantities``, one row a distinct statistic."""

REFUSALS: Final = ("case", "question", "statistic", "python", "r", "verdict")
"""Columns of ``Validation.refusals``: the reasons, empty where that engine answered. ``verdict`` is
``"both"`` (both refuse), ``"shared"`` (the checks before either engine), ``"known"`` or ``"differ"``."""

FAILURES: Final = ("case", "question", "statistic", "engine", "reason")
"""Columns of ``Validation.failures``: an engine broke down instead of answering or refusing."""


@dataclass(frozen=True)
class InputFile:
    """One file of the user's: its name and the SHA-256 of its bytes."""

    file: str
    sha256: str


@dataclass(frozen=True, eq=False)
class Opinion:
    """What the libraries said.

    Parameters
    ----------
    questions, numbers
        How many were answered, and how many numbers of the answers were compared with Python's.
    quantities
        As in `Validation`, the libraries' numbers in the column ``r``.
    refused, failed
        One line for each question that Python answered and the libraries refused, or broke down on.
    """

    questions: int
    numbers: int
    quantities: pd.DataFrame
    refused: tuple[str, ...]
    failed: tuple[str, ...]

    @property
    def parted(self) -> pd.DataFrame:
        """The quantities that differ from Python's."""
        return self.quantities[self.quantities["verdict"] == "differ"]

    @property
    def agrees(self) -> bool:
        """Whether no number parts and no library broke down; that one refuses is no contradiction."""
        return self.parted.empty and not self.failed


@dataclass(frozen=True, eq=False)
class Validation:
    """Everything that one run of ``lesionhet validate`` found.

    Parameters
    ----------
    scope
        ``"default"`` or ``"long"`` battery.
    cases, questions, numbers
        How many cohorts, answered or refused questions, and compared numbers.
    quantities, refusals, failures
        Tables with the columns above.
    known
        The documented differences that were in force.
    changed
        Tolerances that the user changed: as given, ``"cox.terms.estimate=1e-9"``.
    inputs
        The user's files; empty for the battery alone.
    versions
        ``"python"``, ``"r"`` and ``"platform"`` -> component -> version.
    began
        Date and time with zone, ISO 8601.
    seconds
        How long it took.
    skipped
        Analysis of the user's cohort -> why it was skipped.
    libraries
        What the Python libraries said; None where they were not asked.
    """

    scope: Literal["default", "long"]
    cases: int
    questions: int
    numbers: int
    quantities: pd.DataFrame
    refusals: pd.DataFrame
    failures: pd.DataFrame
    known: tuple[KnownDifference, ...]
    changed: tuple[str, ...]
    inputs: tuple[InputFile, ...]
    versions: Mapping[str, Mapping[str, str]]
    began: str
    seconds: float
    skipped: Mapping[str, str]
    libraries: Opinion | None = None

    @property
    def agrees(self) -> bool:
        """Whether no number parts, no refusal stands alone and no engine failed, libraries included."""
        if self.libraries is not None and not self.libraries.agrees:
            return False
        parted = (self.quantities["verdict"] == "differ").any()
        alone = (self.refusals["verdict"] == "differ").any()
        return not parted and not alone and self.failures.empty
