"""What the statistics of every reading give: phases, distances and models, one row a reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from lesionhet.results.base import Result, Shape

CHOICE: tuple[str, ...] = ("choice", "value_1", "value_2")


class Readings(Result):
    """Phases and distances under every reading, from the rows of the lesions table.

    ``readings``: one row a reading, numbered from 1: followed ``lesions``; those of patients ``with_burden``,
    a total burden, and how many of these are ``inconsistent``; how many ``changed``, have other phases than
    under the reading in force; median distance of lesions; ``patients`` with a distance, and its median;
    ``kendall``, Kendall's tau-b of the patients' distances with those of the reading in force. ``choices``:
    mean over ``pairs`` of readings that differ in one choice only: lesions whose phases ``changed``, and the
    differences, ``value_2`` minus ``value_1``, of the numbers above.
    """

    STATISTIC: ClassVar[str] = "readings"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "readings": Shape(
            ("reading",),
            (
                "lesions",
                "with_burden",
                "inconsistent",
                "changed",
                "lesion_median",
                "patients",
                "patient_median",
                "kendall",
            ),
        ),
        "choices": Shape(
            CHOICE, ("pairs", "changed", "inconsistent", "lesion_median", "patient_median")
        ),
    }


class CoxReadings(Result):
    """The Cox model of the distance under every reading.

    ``models``: one row a reading, numbered from 1: patients, events, SD of the distance among them, and the
    distance's term per SD as in `lesionhet.results.Cox`; missing where it has no model. ``per_tenth``: the
    same term per 0.1. ``choices``: ``log_ratio``, the mean difference of the log hazard ratios per SD over
    ``pairs`` of readings that differ in one choice only, ``value_2`` minus ``value_1``.
    """

    STATISTIC: ClassVar[str] = "cox_readings"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "models": Shape(
            ("reading",),
            (
                "n",
                "events",
                "sd",
                "estimate",
                "std_error",
                "hazard_ratio",
                "conf_low",
                "conf_high",
                "statistic",
                "p_value",
            ),
        ),
        "per_tenth": Shape(
            ("reading",), ("estimate", "std_error", "hazard_ratio", "conf_low", "conf_high")
        ),
        "choices": Shape(CHOICE, ("pairs", "log_ratio")),
    }
