"""Everything that one run found: what the report is written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from lesionhet.analyses.base import AnalysisResult
from lesionhet.study import Study

RState = Literal["used", "off", "unusable"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one run found.

    Parameters
    ----------
    study
        Cohort, definitions, lesion and patient tables.
    results
        Every analysis that was asked for, done or skipped, in the order of the ledger.
    agreement
        One row a number that both languages computed: ``name`` (analysis id, a dot, request name),
        ``statistic``, ``table``, ``row``, ``column``, ``python``, ``r``, ``difference``, ``relative``,
        ``tolerance``, ``verdict``. No rows where R was not used.
    r_state
        ``"used"``, ``"off"`` (not asked for) or ``"unusable"``.
    r_reason
        Why R is unusable, and what to do; else empty.
    r_failures
        Name of a request that R did not answer -> the reason.
    r_warnings
        Name of a request -> what R warned of.
    versions
        ``"python"`` and, where used, ``"r"`` -> component -> version.
    preset
        Name or file that the definitions were read from.
    synthetic
        Whether the cohort was simulated.
    p_values
        Every P value of the results, adjusted; None where there is none.
    """

    study: Study
    results: tuple[AnalysisResult, ...]
    agreement: pd.DataFrame
    r_state: RState
    r_reason: str
    r_failures: Mapping[str, str]
    r_warnings: Mapping[str, tuple[str, ...]]
    versions: Mapping[str, Mapping[str, str]]
    preset: str
    synthetic: bool = False
    p_values: AnalysisResult | None = None

    @property
    def compared(self) -> tuple[AnalysisResult, ...]:
        """Give everything that both languages compute: the analyses, and the P values adjusted."""
        return self.results if self.p_values is None else (*self.results, self.p_values)

    @property
    def agrees(self) -> bool:
        """Whether no number of the two languages parts by more than its tolerance."""
        return not (self.agreement["verdict"] == "differ").any() and not self.r_failures
