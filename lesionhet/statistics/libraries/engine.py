"""The engine of the libraries: what they give as they are, beside this package's own computation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from lesionhet.errors import UsageError
from lesionhet.requests import Request
from lesionhet.statistics.engine import PythonEngine
from lesionhet.statistics.registry import Entry

_HERE: Final = "lesionhet.statistics.libraries"

ANSWERED: Final[Mapping[str, Entry]] = {
    "mann_whitney": Entry(
        f"{_HERE}.ranks.mann_whitney",
        "Mann-Whitney U test, two-sided, normal approximation with continuity and tie correction: "
        "scipy.stats.mannwhitneyu(method='asymptotic')",
    ),
    "kruskal_wallis": Entry(
        f"{_HERE}.ranks.kruskal_wallis",
        "Kruskal-Wallis test with tie correction: scipy.stats.kruskal",
    ),
    "dunn": Entry(
        f"{_HERE}.ranks.dunn",
        "Dunn's test with tie correction, Bonferroni: scikit_posthocs.posthoc_dunn; z from P",
    ),
    "kendall": Entry(
        f"{_HERE}.ranks.kendall",
        "Kendall's tau-b, asymptotic test: scipy.stats.kendalltau(variant='b', method='asymptotic'); z "
        "from P",
    ),
    "median_interval": Entry(
        f"{_HERE}.ranks.median_interval",
        "median with its interval of order statistics, level at least {conf_level}: scipy.stats.binom",
    ),
    "kaplan_meier": Entry(
        f"{_HERE}.survival.kaplan_meier",
        "Kaplan-Meier estimate: lifelines.KaplanMeierFitter, '{conf_type}' intervals of level "
        "{conf_level}; those on the log scale and the medians by this package",
    ),
    "log_rank": Entry(
        f"{_HERE}.survival.log_rank",
        "log-rank test: lifelines.statistics.multivariate_logrank_test",
    ),
    "cox": Entry(
        f"{_HERE}.survival.cox",
        "Cox proportional hazards model{stratified}, Efron ties, Wald intervals of level {conf_level}: "
        "lifelines.CoxPHFitter, to the last digit",
    ),
    "rank_correlations": Entry(
        f"{_HERE}.ranks.rank_correlations", "Spearman's rank correlation: scipy.stats.spearmanr"
    ),
    "proportion": Entry(
        f"{_HERE}.ranks.proportion",
        "share with its exact interval of level {conf_level}: scipy.stats.binomtest",
    ),
    "sign_test": Entry(
        f"{_HERE}.ranks.sign_test",
        "exact sign test, two-sided, with the exact interval of level {conf_level}: "
        "scipy.stats.binomtest",
    ),
}
"""What the libraries answer, in the order of lists that a person reads."""


class LibrariesEngine(PythonEngine):
    """Answers requests by lifelines, SciPy and scikit-posthocs, where they have the statistic.

    Examples
    --------
    >>> from lesionhet.requests import kendall
    >>> LibrariesEngine().answer(kendall([1, 2, 3, 4], [1, 3, 2, 4])).value("estimate")
    0.666...
    """

    name: str = "libraries"

    def has(self, request: Request[Any]) -> bool:
        """Say whether the libraries have this statistic; lifelines' log-rank test has no strata."""
        stratified = request.statistic == "log_rank" and "strata" in request.data
        return request.statistic in ANSWERED and not stratified

    def entry(self, request: Request[Any]) -> Entry:
        """Find the function of a library that answers a request.

        Raises
        ------
        UsageError
            The libraries have no such statistic; the message lists those that they have.
        """
        if not self.has(request):
            what = "stratified log_rank" if request.statistic in ANSWERED else request.statistic
            raise UsageError(
                f"The libraries have no {what}; they have {', '.join(ANSWERED)}. Use the engine "
                "'python' or 'r'."
            )
        return ANSWERED[request.statistic]
