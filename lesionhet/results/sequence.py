"""What the statistics of the order of progression give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from lesionhet.results.base import Result, Shape


class ProgressionOrder(Result):
    """When each organ of each patient progresses, from the rows of the lesions table.

    ``progressions``: one row a patient and organ that progresses, with the ``day``. ``organs``: one row an
    organ: patients with ``followed`` lesions there; how many ``progressed``, those with nothing but a new
    lesion there included, and in how many a ``new`` lesion came first; ``days`` from day 0 to the
    progression or the last assessment, added up over those with followed lesions. ``left_out``:
    patients with a lesion of unknown site, organs of patients that were never measured as a whole, new
    lesions without a site.
    """

    STATISTIC: ClassVar[str] = "progression_order"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "progressions": Shape(("patient", "organ"), ("day",)),
        "organs": Shape(("organ",), ("followed", "progressed", "new", "days")),
        "left_out": Shape((), ("unknown_site", "not_whole", "new_without_site")),
    }


class SignTest(Result):
    """Exact sign test.

    ``test``: share in which the first comes before the second among those without a tie, its exact
    interval, two-sided P value of a share of 1/2. ``counts``: ``before``, ``ties``, ``after``.
    """

    STATISTIC: ClassVar[str] = "sign_test"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "test": Shape((), ("estimate", "conf_low", "conf_high", "p_value")),
        "counts": Shape((), ("before", "ties", "after")),
    }
