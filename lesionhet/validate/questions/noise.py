"""Questions of the statistics of measurement noise."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from lesionhet import requests
from lesionhet.noise.extent import extent
from lesionhet.requests import Request
from lesionhet.study import Study
from lesionhet.validate.questions.question import Options, Question

DRAWS: Final = 12


def _null(rows: Any, options: Options) -> Request[Any]:
    study: Study = rows.study
    seed = options.seed % 1000
    return requests.noise_null(study.cohort, study.definitions, DRAWS, seed, (0.5, 2.0))


def _once_more(rows: Any, options: Options) -> Request[Any]:
    study: Study = rows.study
    return requests.remeasured(study.cohort, study.definitions, DRAWS, options.seed % 1000)


def _others(rows: Any, options: Options) -> Request[Any]:
    study: Study = rows.study
    scans = extent(study.cohort, study.definitions)["n_scans"]
    return requests.reassembled(study.lesions, scans, study.definitions, DRAWS, options.seed % 1000)


def _repeats(rows: Any, options: Options) -> Request[Any]:
    """Take the sizes of values, as if neighbours in the table were one thing measured twice."""
    size = np.exp(rows.values.to_numpy(dtype=float) / (1 + rows.values.abs().max()))
    return requests.measurement_error(
        np.arange(len(size)) // 2, size, conf_level=options.conf_level
    )


QUESTIONS: Final = (
    Question("noise_null from measurements", ("study",), _null),
    Question("remeasured from measurements", ("study",), _once_more),
    Question("reassembled of similar patients", ("study",), _others),
    Question("measurement_error of neighbours", ("values",), _repeats),
)
