"""Questions to an engine: checked rows under fixed names, with every option explicit.

A request is made once and can be answered by Python, by R, or by a script written from it: all get the
same rows. Rows with a missing value are dropped here, and counted. Labels never travel to an engine:
groups go as whole numbers from 1, and `Result` tables get the labels back.
"""

from lesionhet.requests.base import Request, ResultT, Values
from lesionhet.requests.groups import (
    count,
    describe,
    dunn,
    kendall,
    kruskal_wallis,
    mann_whitney,
    median_groups,
    median_interval,
    quantile_groups,
)
from lesionhet.requests.measurements import cox_from_measurements, organ_response, patterns
from lesionhet.requests.patterns import gower, heterogeneity, phases
from lesionhet.requests.proportion import proportion
from lesionhet.requests.recist import recist
from lesionhet.requests.survival import cox, kaplan_meier, log_rank, resampled_cox
from lesionhet.requests.timed import (
    cox_counting,
    cox_over_time,
    landmark_cox,
    landmark_organ_response,
    landmark_patterns,
    organ_cox_over_time,
)

__all__ = [
    "Request",
    "ResultT",
    "Values",
    "count",
    "cox",
    "cox_counting",
    "cox_from_measurements",
    "cox_over_time",
    "describe",
    "dunn",
    "gower",
    "heterogeneity",
    "kaplan_meier",
    "kendall",
    "kruskal_wallis",
    "landmark_cox",
    "landmark_organ_response",
    "landmark_patterns",
    "log_rank",
    "mann_whitney",
    "median_groups",
    "median_interval",
    "organ_cox_over_time",
    "organ_response",
    "patterns",
    "phases",
    "proportion",
    "quantile_groups",
    "recist",
    "resampled_cox",
]
