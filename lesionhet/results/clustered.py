"""What the statistics of lesions in patients give: tests and models that know whose each lesion is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from lesionhet.results.base import Result, Shape
from lesionhet.results.ledger import Cox
from lesionhet.results.timed import COUNTING_MODEL, COUNTING_TERMS

RANK_TEST: Final = Shape((), ("statistic", "df", "p_value"))
RANK_SUMS: Final = Shape(
    ("group",), ("n", "patients", "rank_sum", "expected", "variance", "mean_rank")
)


class DattaSatten(Result):
    """Rank-sum test of Datta & Satten: the mean over draws of one lesion from each patient.

    ``test``: chi-square with k - 1 degrees of freedom. ``groups``: lesions ``n``, their ``patients``,
    the rank sum, its expectation and variance under the null hypothesis, and ``mean_rank``: the mean rank
    of a lesion of the group among one lesion from each patient, 0 to 1; 0.5 where groups do not differ.
    ``pairs``, of three or more groups: the same test of each two of them, Bonferroni corrected;
    ``statistic`` is z, positive where the second group has the higher ranks, missing with its P value where
    the two groups have too few patients.
    """

    STATISTIC: ClassVar[str] = "datta_satten"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": RANK_TEST,
        "groups": RANK_SUMS,
        "pairs": Shape(("group_1", "group_2"), ("statistic", "p_value", "p_adjusted")),
    }


class RosnerGlynnLee(Result):
    """Rank-sum test of Rosner, Glynn & Lee: ranks of all lesions, permuted between and within patients.

    ``test``: chi-square with k - 1 degrees of freedom. ``groups``: lesions ``n``, their ``patients``,
    the rank sum, its expectation and variance over the permutations, and the mean rank.
    """

    STATISTIC: ClassVar[str] = "rosner_glynn_lee"
    SHAPES: ClassVar[Mapping[str, Shape]] = {"test": RANK_TEST, "groups": RANK_SUMS}


class MixedModel(Result):
    """Linear mixed model with one random intercept a patient.

    ``terms``: the intercept and one row a covariate, by REML; z and P are normal. ``model``: rows ``n``,
    ``patients``, the variances between patients and between lesions of a patient (REML), the
    ``intraclass_correlation``, ``singular`` (1 where the variance between patients is 0), and the
    likelihood ratio test against the model without covariates (ML).
    """

    STATISTIC: ClassVar[str] = "mixed_model"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "terms": Shape(
            ("term",),
            ("estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value"),
        ),
        "model": Shape(
            (),
            (
                "n",
                "patients",
                "variance_patients",
                "variance_lesions",
                "intraclass_correlation",
                "singular",
                "log_likelihood_null",
                "log_likelihood",
                "statistic",
                "df",
                "p_value",
            ),
        ),
    }


class PermutedWithin(Result):
    """Kruskal-Wallis statistic, beside those of groups that were dealt out anew within each patient.

    ``test``: the statistic, its degrees of freedom, number of ``permutations``, how many gave a statistic
    as large or larger (``as_large``), P = (1 + as_large) / (1 + permutations). ``permuted``: the
    ``patients`` with lesions in two or more groups and their ``lesions``: the others stay as they are.
    """

    STATISTIC: ClassVar[str] = "permuted_within"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), ("statistic", "df", "permutations", "as_large", "p_value")),
        "permuted": Shape((), ("patients", "lesions")),
    }


class ClusteredCox(Cox):
    """Cox model of lesions with Efron ties and a variance that adds up the lesions of a patient.

    Tables as in `lesionhet.results.CoxCounting`.
    """

    STATISTIC: ClassVar[str] = "clustered_cox"
    SHAPES: ClassVar[Mapping[str, Shape]] = {"terms": COUNTING_TERMS, "model": COUNTING_MODEL}
