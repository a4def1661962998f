"""Results of RECIST 1.1; part of `lesionhet.results`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from lesionhet.results.base import Result, Shape


class Recist(Result):
    """RECIST 1.1 at every assessment, and the best overall response.

    ``visits``: one row an assessment after the baseline, 1, 2 .. within its patient: the sum of the target
    lesions measured (mm, missing where none was), the smallest whole sum before, changes in percent, and
    codes: 0 none, 1 CR, 2 PR, 3 SD, 4 non-CR/non-PD, 5 PD, 6 NE; ``new``: 0 none, 1 equivocal, 2 certain.
    ``best``: one row a patient; ``best_confirmed`` asks for confirmation. ``left_out``: lesions, rows and
    patients that do not count.
    """

    STATISTIC: ClassVar[str] = "recist"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "visits": Shape(
            ("patient", "assessment"),
            (
                "day",
                "sum_mm",
                "nadir_mm",
                "change_baseline",
                "change_nadir",
                "target",
                "nontarget",
                "new",
                "overall",
            ),
        ),
        "best": Shape(
            ("patient",),
            (
                "targets",
                "baseline_day",
                "baseline_sum_mm",
                "assessments",
                "best_change",
                "progression_day",
                "best",
                "best_confirmed",
            ),
        ),
        "left_out": Shape(
            (),
            (
                "targets_without_baseline",
                "targets_zero_baseline",
                "nontargets_after_baseline",
                "new_at_baseline",
                "patients_without_baseline",
            ),
        ),
    }


class Proportion(Result):
    """Share of the rows of each group that are a success, with its exact (Clopper-Pearson) interval."""

    STATISTIC: ClassVar[str] = "proportion"
    SHAPES: ClassVar[Mapping[str, Shape]] = {
        "proportions": Shape(("group",), ("count", "n", "estimate", "conf_low", "conf_high"))
    }
