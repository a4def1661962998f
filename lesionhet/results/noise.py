"""What the statistics of measurement noise give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from lesionhet.results.base import Result, Shape

COMPARED: Final = ("n", "distance", "expected_distance", "null_low", "null_high", "p_value")


class NoiseNull(Result):
    """Distances of lesions that are alike but for measurement noise, beside those observed.

    Patients with two followed lesions or more; ``single`` is the number of the others.

    ``cohort``: ``n`` patients, their mean ``distance``, the mean expected from noise
    (``expected_distance``), their difference (``excess``), the central 95% of the mean under noise
    (``null_low, null_high``), its 95th percentile (``limit``), ``p_value`` (one-sided), number of patients
    ``above`` their own limit. ``patients``: of each the expected distance, the limit, and the share of draws
    that reach its distance (``noise_p``). ``draws``: the mean of each. ``levels``: the mean expected where
    the error is ``level_of_error`` times as large. ``histogram``: patients by distance, observed and in a
    mean draw.
    """

    STATISTIC: ClassVar[str] = "noise_null"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "cohort": Shape(
            (),
            (
                "n",
                "single",
                "distance",
                "expected_distance",
                "excess",
                "null_low",
                "null_high",
                "limit",
                "p_value",
                "above",
            ),
        ),
        "patients": Shape(("patient",), ("expected_distance", "limit", "noise_p")),
        "draws": Shape(("draw",), ("mean",)),
        "levels": Shape(("level_of_error",), ("expected_distance",)),
        "histogram": Shape(("bin",), ("left", "right", "patients", "expected_patients")),
    }


class Remeasured(Result):
    """Distances had every size been measured once more.

    ``levels``: mean distance of the patients with two lesions or more where error of ``variance`` times
    that of one measurement was added, 0 for the sizes as recorded, with the percentile interval over the
    draws. ``patients``: ``mean`` and percentile interval at variance 1.
    ``extrapolated``: the mean distance without error, by polynomials of ``degree`` 1 and 2 (SIMEX).
    """

    STATISTIC: ClassVar[str] = "remeasured"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "levels": Shape(("variance",), ("draws", "mean", "conf_low", "conf_high")),
        "patients": Shape(("patient",), ("mean", "conf_low", "conf_high")),
        "extrapolated": Shape(("degree",), ("estimate",)),
    }


class Reassembled(Result):
    """Distances of patients whose lesions were dealt out anew within classes.

    ``cohort``: ``n`` patients compared, their mean ``distance``, the mean of patients put together at
    random (``expected_distance``) with its central 95% over the draws, two-sided ``p_value``, and patients
    ``not_compared`` (class too small). ``groups``: the same by number of lesions. ``patients``: of each, the
    share of patients put together at random in its class whose distance is at most, or at least, its own.
    """

    STATISTIC: ClassVar[str] = "reassembled"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "cohort": Shape((), (*COMPARED, "not_compared")),
        "groups": Shape(("group",), COMPARED),
        "patients": Shape(("patient",), ("share_at_most", "share_at_least")),
    }


class MeasurementError(Result):
    """SD of the natural log of one measured size, from lesions measured more than once.

    ``error``: ``n`` measurements of ``units``, ``df``, ``log_sd`` with its chi-square interval.
    """

    STATISTIC: ClassVar[str] = "measurement_error"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "error": Shape((), ("n", "units", "df", "log_sd", "conf_low", "conf_high"))
    }
