"""The common course of a patient: what its lesions would do if they all did the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lesionhet.noise.recording import Recording
from lesionhet.statistics.arrays import Floats


def common_course(data: pd.DataFrame, recording: Recording) -> Floats:
    """Give the sizes that all lesions would have if they followed their patient's common course.

    Parameters
    ----------
    data
        One row a measurement: ``patient, lesion, assessment`` (whole numbers, 0 the baseline) and
        ``size_mm``; rows of a lesion are together, its baseline first.
    recording
        Sizes at or below its floor are only known to be small.

    Returns
    -------
    numpy.ndarray
        n sizes in mm, above 0, without error: baseline x ratio of the patient at that assessment. The
        ratio is the geometric mean of size / baseline over the lesions that have a baseline at assessment
        0 and are above the floor there; where there are none, over all that were measured, 0 counting as
        half the floor. A lesion whose baseline came later follows the course from there on.

    Source: docs/methods.md, "Is the distance more than noise?".

    Examples
    --------
    >>> data = pd.DataFrame({"patient": 1, "lesion": [1, 1, 2, 2], "assessment": [0, 1, 0, 1],
    ...                      "size_mm": [40.0, 20.0, 10.0, 20.0]})
    >>> common_course(data, Recording(1.0, 5.0, 2.5)).round(6).tolist()
    [40.0, 40.0, 10.0, 10.0]
    """
    lesion, size = data["lesion"].to_numpy(), data["size_mm"].to_numpy(dtype=float)
    first = np.r_[True, lesion[1:] != lesion[:-1]]
    owner = np.cumsum(first) - 1
    baseline = size[first][owner]
    begins = data["assessment"].to_numpy()[first][owner]
    log_ratio = np.log(np.where(size > 0, size, recording.floor_mm / 2) / baseline)
    usable = (begins == 0) & (size > recording.floor_mm)
    cells = [data["patient"].to_numpy(), data["assessment"].to_numpy()]
    sums = (
        pd.DataFrame(
            {
                "later": ~first,
                "good": ~first & usable,
                "all": np.where(first, 0.0, log_ratio),
                "of_good": np.where(~first & usable, log_ratio, 0.0),
            }
        )
        .groupby(cells, sort=True)
        .sum()
    )
    whole = sums["all"] / sums["later"].clip(lower=1)
    course = (sums["of_good"] / sums["good"].clip(lower=1)).where(sums["good"] > 0, whole)
    now = course.reindex(pd.MultiIndex.from_arrays(cells)).to_numpy()
    start = course.reindex(pd.MultiIndex.from_arrays([cells[0], begins])).to_numpy()
    return np.asarray(np.where(first, size, baseline * np.exp(now - start)))
