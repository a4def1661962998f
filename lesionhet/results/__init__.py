"""What a statistic gives: frozen results whose tables look the same whichever engine computed them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from lesionhet.results.base import (
    LABEL_OF_COLUMN,
    Result,
    Shape,
)
from lesionhet.results.ledger import (
    PATTERN_COLUMNS,
    Counts,
    Cox,
    CoxFromMeasurements,
    Dunn,
    Gower,
    Heterogeneity,
    KaplanMeier,
    Kendall,
    KruskalWallis,
    LogRank,
    MannWhitney,
    MedianGroups,
    MedianInterval,
    OrganResponse,
    Patterns,
    PhaseTable,
    QuantileGroups,
    ResampledCox,
    Summary,
)
from lesionhet.results.recist import (
    Proportion,
    Recist,
)
from lesionhet.results.timed import (
    COUNTED,
    COUNTING_MODEL,
    COUNTING_TERMS,
    CoxCounting,
    CoxOverTime,
    LandmarkCox,
    LandmarkOrganResponse,
    LandmarkPatterns,
    OrganCoxOverTime,
)

STATISTIC_OF: Final[Mapping[type[Result], str]] = {
    kind: kind.STATISTIC
    for kind in (
        Summary,
        Counts,
        QuantileGroups,
        MedianGroups,
        MannWhitney,
        KruskalWallis,
        Dunn,
        Kendall,
        MedianInterval,
        KaplanMeier,
        LogRank,
        Cox,
        CoxFromMeasurements,
        ResampledCox,
        Gower,
        Heterogeneity,
        PhaseTable,
        Patterns,
        OrganResponse,
        LandmarkPatterns,
        LandmarkOrganResponse,
        LandmarkCox,
        CoxCounting,
        CoxOverTime,
        OrganCoxOverTime,
        Recist,
        Proportion,
    )
}
"""Type of a result -> name of its statistic, in the order of lists that a person reads."""

__all__ = [
    "COUNTED",
    "COUNTING_MODEL",
    "COUNTING_TERMS",
    "LABEL_OF_COLUMN",
    "PATTERN_COLUMNS",
    "STATISTIC_OF",
    "Counts",
    "Cox",
    "CoxCounting",
    "CoxFromMeasurements",
    "CoxOverTime",
    "Dunn",
    "Gower",
    "Heterogeneity",
    "KaplanMeier",
    "Kendall",
    "KruskalWallis",
    "LandmarkCox",
    "LandmarkOrganResponse",
    "LandmarkPatterns",
    "LogRank",
    "MannWhitney",
    "MedianGroups",
    "MedianInterval",
    "OrganCoxOverTime",
    "OrganResponse",
    "Patterns",
    "PhaseTable",
    "Proportion",
    "QuantileGroups",
    "Recist",
    "ResampledCox",
    "Result",
    "Shape",
    "Summary",
]
