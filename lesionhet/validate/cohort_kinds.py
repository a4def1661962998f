"""What can be wrong with a cohort, one function a kind; each changes a draft in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.validate.cohort_draft import Draft, significant

Rng = np.random.Generator
Kind = Callable[[Rng, Draft], None]


def _plain(_: Rng, __: Draft) -> None:
    """Nothing is wrong, or the size alone is."""


def _ties(rng: Rng, draft: Draft) -> None:
    unit = float(draft.time.max()) / 6 or 1.0
    draft.time = np.ceil(draft.time / unit)
    draft.measure, draft.other = draft.measure.round(), draft.other.round()


def _times_equal(_: Rng, draft: Draft) -> None:
    draft.time[:] = 30.0


def _times_zero(rng: Rng, draft: Draft) -> None:
    draft.time[rng.random(len(draft)) < 0.3] = 0.0


def _times_nearly_equal(_: Rng, draft: Draft) -> None:
    """Let times differ in the last bit only, where R would join them if it were not told."""
    first = float(draft.time.iloc[0])
    draft.time.iloc[::3] = first
    draft.time.iloc[1::3] = np.nextafter(first, np.inf)


def _censored(rng: Rng, draft: Draft) -> None:
    draft.event[rng.random(len(draft)) < 0.93] = 0.0


def _uncensored(_: Rng, draft: Draft) -> None:
    draft.event[:] = 1.0


def _no_events(_: Rng, draft: Draft) -> None:
    draft.event[:] = 0.0


def _no_events_in_stratum(_: Rng, draft: Draft) -> None:
    draft.event[draft.strata == draft.strata.iloc[0]] = 0.0


def _no_events_in_group(_: Rng, draft: Draft) -> None:
    first = draft.group == draft.group.iloc[0]
    draft.event[first] = 0.0
    draft.covariates["first group"] = first.astype(float)


def _single_members(_: Rng, draft: Draft) -> None:
    most = draft.group.value_counts().index[0]
    for label in sorted(set(draft.group.dropna()) - {most}):
        draft.group[draft.group[draft.group == label].index[1:]] = most


def _never_together(rng: Rng, draft: Draft) -> None:
    """Give each stratum groups of its own, so that some groups never meet."""
    south = draft.group.dropna() > "arm B"
    draft.strata = south.map({False: "north", True: "south"}).reindex(draft.group.index)


def _pairs(_: Rng, draft: Draft) -> None:
    draft.strata = pd.Series([f"pair {i // 2:04d}" for i in range(len(draft))], dtype=object)


def _many_groups(rng: Rng, draft: Draft) -> None:
    codes = rng.integers(0, 12, len(draft))
    draft.group = pd.Series([f"site {code:02d}" for code in codes], dtype=object)


def _labels_like_code(rng: Rng, draft: Draft) -> None:
    nasty = ['x\'); stop("no"); #', "..1", "TRUE", "NA", "日本"]
    codes = rng.integers(0, len(nasty), len(draft))
    draft.group = pd.Series([nasty[code] for code in codes], dtype=object)


def _constant_covariate(_: Rng, draft: Draft) -> None:
    draft.covariates["constant"] = 3.0


def _constant_in_strata(_: Rng, draft: Draft) -> None:
    codes = pd.Series(pd.factorize(draft.strata, sort=True)[0], dtype=float)
    draft.covariates["trial size"] = codes


def _separated(_: Rng, draft: Draft) -> None:
    """Let the first covariate order the times: who has more of it dies earlier, without exception."""
    draft.covariates.isetitem(0, -draft.time.rank(method="average"))


def _event_as_covariate(_: Rng, draft: Draft) -> None:
    draft.covariates["event again"] = draft.event


def _nearly_separated(rng: Rng, draft: Draft) -> None:
    order = -draft.time.rank(method="average")
    noise = rng.normal(scale=0.15 * len(draft), size=len(draft))
    draft.covariates.isetitem(0, significant(order + noise))


def _collinear(_: Rng, draft: Draft) -> None:
    first = draft.covariates.iloc[:, 0]
    draft.covariates["years"] = first
    draft.covariates["months"] = 12 * first + 5


def _nearly_collinear(rng: Rng, draft: Draft) -> None:
    first = draft.covariates.iloc[:, 0]
    draft.covariates["again"] = significant(first + rng.normal(scale=1e-3, size=len(draft)))


def _many_covariates(rng: Rng, draft: Draft) -> None:
    for number in range(1, 9):
        draft.covariates[f"gene {number}"] = significant(rng.normal(size=len(draft)))


def _scaled(factor: float) -> Kind:
    def change(_: Rng, draft: Draft) -> None:
        draft.time = significant(draft.time * factor)
        draft.measure = significant(draft.measure * factor)
        draft.other = significant(draft.other * factor)
        draft.covariates = draft.covariates.apply(lambda column: significant(column * factor))

    return change


def _mixed_scales(_: Rng, draft: Draft) -> None:
    for place in range(draft.covariates.shape[1]):
        factor = (1e8, 1e-8, 1e4, 1e-4)[place % 4]
        draft.covariates.isetitem(place, significant(draft.covariates.iloc[:, place] * factor))
    draft.other = significant(draft.other * 1e-8)


def _far_from_zero(_: Rng, draft: Draft) -> None:
    """Make values differ in their last digits only, as times since an epoch do."""
    draft.measure = 1e6 + (draft.measure * 10).round()
    draft.covariates.isetitem(0, 1e6 + (draft.covariates.iloc[:, 0] * 10).round())


def _outliers(rng: Rng, draft: Draft) -> None:
    draft.measure = significant(rng.standard_cauchy(len(draft)) * 100)
    draft.other = significant(np.exp(3 * rng.normal(size=len(draft))))


def _equal_values(_: Rng, draft: Draft) -> None:
    draft.measure[:] = 2.5


def _two_values(rng: Rng, draft: Draft) -> None:
    draft.measure = pd.Series((rng.random(len(draft)) < 0.5).astype(float))


def _missing(rng: Rng, draft: Draft) -> None:
    for name in ("time", "event", "group", "strata", "measure", "other"):
        column = getattr(draft, name)
        setattr(draft, name, column.mask(rng.random(len(draft)) < rng.uniform(0, 0.3)))
    gaps = rng.random(draft.covariates.shape) < rng.uniform(0, 0.3)
    draft.covariates = draft.covariates.mask(gaps)


def _duplicates(_: Rng, draft: Draft) -> None:
    """Let every patient of the first half stand there twice."""
    n = len(draft)
    rows = np.arange(n) % max(n // 2, 1)
    for name in ("time", "event", "group", "strata", "measure", "other", "covariates"):
        setattr(draft, name, getattr(draft, name).iloc[rows].reset_index(drop=True))


KINDS: Final[Mapping[str, Kind]] = {
    "plain": _plain,
    "few patients": _plain,
    "thousands of patients": _plain,
    "ties": _ties,
    "all times equal": _times_equal,
    "times of zero": _times_zero,
    "nearly equal times": _times_nearly_equal,
    "heavy censoring": _censored,
    "no censoring": _uncensored,
    "no events": _no_events,
    "no events in a stratum": _no_events_in_stratum,
    "no events in a group": _no_events_in_group,
    "single-member groups": _single_members,
    "groups never together": _never_together,
    "strata of two": _pairs,
    "many groups": _many_groups,
    "labels like code": _labels_like_code,
    "constant covariate": _constant_covariate,
    "covariate constant in strata": _constant_in_strata,
    "separation": _separated,
    "separation by the event": _event_as_covariate,
    "near-separation": _nearly_separated,
    "collinear covariates": _collinear,
    "nearly collinear covariates": _nearly_collinear,
    "many covariates": _many_covariates,
    "huge numbers": _scaled(1e8),
    "tiny numbers": _scaled(1e-8),
    "mixed scales": _mixed_scales,
    "far from zero": _far_from_zero,
    "outliers": _outliers,
    "equal values": _equal_values,
    "two values": _two_values,
    "missing values": _missing,
    "duplicated patients": _duplicates,
}
"""What can be wrong -> how it is brought about. The first is nothing."""

USUAL_SIZE: Final = (8, 200)
SIZES: Final[Mapping[str, tuple[int, int]]] = {
    "few patients": (2, 7),
    "thousands of patients": (1000, 5000),
    "heavy censoring": (60, 400),
    "no events in a stratum": (20, 200),
    "many groups": (30, 200),
    "many covariates": (30, 200),
}
"""Smallest and largest number of patients, where it is not the usual one."""
OF_SIZE: Final = ("few patients", "thousands of patients")
"""Kinds that are a number of patients and nothing else."""
