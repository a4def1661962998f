"""Best ratios to baseline of an organ and of all others, and the responses that follow, by number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import sums_over_time
from lesionhet.definitions import Definitions
from lesionhet.groupwise import Flags, Floats, Integers, highest, lowest, places, starts
from lesionhet.groupwise import sums as sums_of
from lesionhet.phases import TOLERANCE

OWN: Final = "own"
OTHERS: Final = "others"
POOLS: Final = (OWN, OTHERS)
UNKNOWN_SITE: Final = "unknown"


@dataclass(frozen=True, eq=False)
class OrganLesions:
    """Lesions of n patients, as `responses_by_number` takes them.

    Parameters
    ----------
    patient
        Code of the patient of each lesion, from 0 to n - 1.
    n
        Number of patients.
    site, nadir_ratio
        Of each lesion.
    """

    patient: Integers
    n: int
    site: pd.Series
    nadir_ratio: Floats

    def any(self, lesions: Flags) -> Flags:
        """Say which patients have one of these lesions."""
        return np.asarray(np.bincount(self.patient[lesions], minlength=self.n) > 0)


def responses_by_number(
    lesions: OrganLesions,
    rows: Callable[[Integers], pd.DataFrame],
    definitions: Definitions,
    organ: object,
    other: object | None = None,
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Do as `organ_responses`, with patients by number.

    Parameters
    ----------
    lesions
        Every followed lesion.
    rows
        Gives the rows of `lesionhet.burden.sums_over_time`, from the unit of each lesion; those of unit -1
        are not added up. Asked under the rule "sum".
    definitions, organ, other
        As in `organ_responses`.

    Returns
    -------
    tuple
        ``patients`` (``patient_id``: codes, rising) and ``left_out`` of `OrganResponses`.
    """
    here, unknown = (lesions.site == organ).to_numpy(), lesions.site.isna().to_numpy()
    with_organ, has_unknown = lesions.any(here), lesions.any(unknown)
    asked = with_organ & ~has_unknown
    if other is not None:
        there = (lesions.site == other).to_numpy()
        asked &= lesions.any(there) & ~lesions.any(~(here | there))
    pool = np.where(here, 0, 1)
    unit = np.where(asked[lesions.patient], lesions.patient * len(POOLS) + pool, -1)
    best = _best_of_units(unit, lesions.n * len(POOLS), lesions.nadir_ratio, rows, definitions)
    ratios = best.reshape(-1, len(POOLS))
    no_own = asked & np.isnan(ratios[:, 0])
    has_others = lesions.any(~here)
    no_others = asked & np.isnan(ratios[:, 1]) & has_others & ~no_own
    left_out = {
        UNKNOWN_SITE: int((with_organ & has_unknown).sum()),
        OWN: int(no_own.sum()),
        OTHERS: int(no_others.sum()),
    }
    kept = np.flatnonzero(asked & ~no_own & ~no_others)
    own, others = (responds(ratios[kept, place], definitions) for place in range(len(POOLS)))
    others = np.where(has_others[kept], others, own)
    columns = {
        "patient_id": kept,
        "ratio": ratios[kept, 0],
        "others_ratio": ratios[kept, 1],
        "response_group": np.select([own & others, own & ~others, ~own & others], [1, 2, 3], 4),
    }
    return pd.DataFrame(columns), left_out


def responds(ratio: Floats, definitions: Definitions) -> Flags:
    """Say whether a ratio is a shrinkage by strictly more than 1 - ``response_threshold``.

    A shrinkage by exactly that is none; the comparison allows a relative slack of 1e-9, since
    0.7 x 3 is not 2.1 in binary. A missing ratio does not respond.
    """
    return np.asarray(ratio < definitions.response_threshold * (1 - TOLERANCE))


def _best_of_units(
    unit: Integers,
    n: int,
    nadir_ratio: Floats,
    rows: Callable[[Integers], pd.DataFrame],
    definitions: Definitions,
) -> Floats:
    """Give the best ratio after baseline of each of n units of lesions; missing where it has none."""
    if definitions.organ_rule == "sum":
        # The diameters of a pool are added up by the same rules as those of the total burden.
        measured = rows(unit)
        sums = sums_over_time(measured[measured["unit"].to_numpy() >= 0], definitions)
        return _best_ratios(sums, n)
    of, ratio = unit[unit >= 0], nadir_ratio[unit >= 0]
    # Any lesion beyond the threshold: the best one is. All of them: the worst one is.
    if definitions.organ_rule == "mean":
        count = np.bincount(of, minlength=n)
        total = sums_of(ratio, of, n)
        means: Floats = np.divide(total, count, out=np.full(n, np.nan), where=count > 0)
        return means
    extreme = {"any": lowest, "all": highest}[definitions.organ_rule](ratio, of, n)
    return np.where(np.isfinite(extreme), extreme, np.nan)


def _best_ratios(sums: pd.DataFrame, n: int) -> Floats:
    """Give the smallest sum after baseline / baseline of each of n units."""
    unit, size = sums["unit"].to_numpy(), sums["size_mm"].to_numpy()
    first = starts(unit)
    begin = np.full(n, np.nan)
    begin[unit[first]] = size[first]
    later = places(first, len(unit)) > 0
    best = lowest(size[later] / begin[unit[later]], unit[later], n)
    return np.where(np.isfinite(best), best, np.nan)
