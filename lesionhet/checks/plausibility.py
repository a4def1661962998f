"""What may be wrong with a cohort without being an error: said, never changed."""

from __future__ import annotations

from typing import Final

import pandas as pd

from lesionhet.checks.keys import KEY, same_as_before
from lesionhet.checks.place import Checked
from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

SHORT_INTERVAL_DAYS: Final = 7.0
"""A typical interval between scans of this many days or less is taken for a study number."""
SMALL_BASELINE_MM: Final = 7.0
"""A typical baseline below this is taken for cm."""


def doubts(
    measurements: pd.DataFrame, lesions: pd.DataFrame, measured: Checked, described: Checked | None
) -> list[Notice]:
    """Find what looks wrong in the followed lesions.

    Parameters
    ----------
    measurements, lesions
        As in `lesionhet.cohort.Cohort`.
    measured, described
        The tables that they come from.
    """
    texts = [
        _late_baselines(lesions, measured),
        _short_intervals(measurements, measured),
        _small_baselines(lesions, measured),
        _measured_after_death(measurements, described),
    ]
    return [Notice("warning", text) for text in texts if text]


def _late_baselines(lesions: pd.DataFrame, measured: Checked) -> str:
    late = int(lesions["baseline_after_start"].sum())
    if not late:
        return ""
    return (
        f"{measured.file}: {late} of {counted(len(lesions), 'lesion')} without a measurement at day 0 "
        "or before; the first measurement served as baseline."
    )


def _short_intervals(measurements: pd.DataFrame, measured: Checked) -> str:
    # Rows of a lesion stand together, by day.
    same = same_as_before(*(measurements[name].to_numpy() for name in KEY))
    interval = measurements["day"].diff()[same].median()
    if interval > SHORT_INTERVAL_DAYS:
        return ""
    return (
        f"{measured.where('day')}: scans are typically {interval:g} apart. This looks like a study "
        "number, not days; all durations are in its unit."
    )


def _small_baselines(lesions: pd.DataFrame, measured: Checked) -> str:
    typical = lesions["baseline_mm"].median()
    if typical >= SMALL_BASELINE_MM:
        return ""
    return (
        f"{measured.where('diameter_mm')}: the median baseline is {typical:g}. This looks like cm; mm "
        "are expected."
    )


def _measured_after_death(measurements: pd.DataFrame, described: Checked | None) -> str:
    if described is None or not described.has("os_days"):
        return ""
    last = measurements.groupby("patient_id")["day"].max()
    os_days = described.frame.set_index("patient_id")["os_days"]
    late = last.index[last.to_numpy() > os_days.reindex(last.index).to_numpy()]
    if not len(late):
        return ""
    return (
        f"{described.file}: {counted(len(late), 'patient')} measured after os_days: {listed(late)}."
    )
