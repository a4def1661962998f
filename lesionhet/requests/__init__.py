"""Questions to an engine: checked rows under fixed names, with every option explicit.

A request is made once and can be answered by Python, by R, or by a script written from it: all get the
same rows. Rows with a missing value are dropped here, and counted. Labels never travel to an engine:
groups go as whole numbers from 1, and `Result` tables get the labels back.
"""

from lesionhet.requests.base import Request, ResultT, Values
from lesionhet.requests.choices import cox_readings, readings
from lesionhet.requests.clustered import (
    clustered_cox,
    datta_satten,
    mixed_model,
    permuted_within,
    rosner_glynn_lee,
)
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
from lesionhet.requests.markers import compare_markers, marker_concordance
from lesionhet.requests.measurements import cox_from_measurements, organ_response, patterns
from lesionhet.requests.measures import (
    intraclass,
    measure_summary,
    patient_measures,
    rank_correlations,
)
from lesionhet.requests.model_checks import (
    cox_influence,
    cox_spline,
    cox_zph,
    schoenfeld_curve,
)
from lesionhet.requests.multiplicity import adjust_p
from lesionhet.requests.noise import measurement_error, noise_null, reassembled, remeasured
from lesionhet.requests.patterns import gower, heterogeneity, phases
from lesionhet.requests.proportion import proportion
from lesionhet.requests.recist import recist
from lesionhet.requests.restricted import restricted_mean
from lesionhet.requests.sequence import progression_order, sign_test
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
    "adjust_p",
    "clustered_cox",
    "compare_markers",
    "count",
    "cox",
    "cox_counting",
    "cox_from_measurements",
    "cox_influence",
    "cox_over_time",
    "cox_readings",
    "cox_spline",
    "cox_zph",
    "datta_satten",
    "describe",
    "dunn",
    "gower",
    "heterogeneity",
    "intraclass",
    "kaplan_meier",
    "kendall",
    "kruskal_wallis",
    "landmark_cox",
    "landmark_organ_response",
    "landmark_patterns",
    "log_rank",
    "mann_whitney",
    "marker_concordance",
    "measure_summary",
    "measurement_error",
    "median_groups",
    "median_interval",
    "mixed_model",
    "noise_null",
    "organ_cox_over_time",
    "organ_response",
    "patient_measures",
    "patterns",
    "permuted_within",
    "phases",
    "progression_order",
    "proportion",
    "quantile_groups",
    "rank_correlations",
    "readings",
    "reassembled",
    "recist",
    "remeasured",
    "resampled_cox",
    "restricted_mean",
    "rosner_glynn_lee",
    "schoenfeld_curve",
    "sign_test",
]
