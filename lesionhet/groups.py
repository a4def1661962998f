"""Who is compared with whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lesionhet.errors import NotEstimableError
from lesionhet.groupwise import Floats

OTHER_SITES = "other"
LOW_MEDIUM_HIGH = ("low", "medium", "high")
LOW_HIGH = ("low", "high")


@dataclass(frozen=True, eq=False)
class QuantileGroups:
    """Values cut at two quantiles.

    Parameters
    ----------
    labels
        n labels, missing where the value is.
    order
        Labels from low to high; those without members are left away.
    low_cut, high_cut
        The two cut-offs; low is at or below the first, high at or above the second.
    ties
        Values equal to a cut-off beyond the first: where there are many, the groups are larger than
        the quantiles promise.
    """

    labels: pd.Series
    order: tuple[str, ...]
    low_cut: float
    high_cut: float
    ties: int

    def remark(self, what: str) -> str:
        """Say how the groups came about."""
        sizes = self.labels.value_counts()
        text = ", ".join(f"{label} n = {sizes[label]:,}" for label in self.order)
        tied = f" {self.ties:,} values are tied at a cut-off." if self.ties else ""
        return (
            f"{what}: low at or below {self.low_cut:.4g}, high at or above {self.high_cut:.4g} "
            f"({text}).{tied}"
        )


def quantile_groups(
    values: pd.Series, low: float, high: float, names: tuple[str, str, str] = LOW_MEDIUM_HIGH
) -> QuantileGroups:
    """Cut values at two quantiles.

    Parameters
    ----------
    values
        n numbers; missing ones stay without a group.
    low, high
        Quantiles of type 7 (R's default), 0 < low < high < 1.
    names
        Labels of the low, the medium and the high group.

    Raises
    ------
    NotEstimableError
        Both cut-offs are the same value, or nothing is left to cut.

    Examples
    --------
    >>> quantile_groups(pd.Series([1.0, 2.0, 3.0, 4.0, 5.0]), 0.25, 0.75).labels.tolist()
    ['low', 'low', 'medium', 'high', 'high']
    """
    known = values.dropna().to_numpy(dtype=float)
    if len(known) < 2:
        raise NotEstimableError(f"Quantile groups need 2 values or more, found {len(known)}.")
    low_cut, high_cut = (float(q) for q in np.quantile(known, [low, high]))
    if low_cut == high_cut:
        raise NotEstimableError(
            f"The {low:.0%} and {high:.0%} quantiles are both {low_cut:.4g}: no groups to compare."
        )
    found = np.select([values <= low_cut, values >= high_cut], [names[0], names[2]], names[1])
    labels = pd.Series(found, index=values.index, dtype=object).where(values.notna(), None)
    ties = sum(max(int((known == cut).sum()) - 1, 0) for cut in (low_cut, high_cut))
    present = set(labels.dropna())
    return QuantileGroups(labels, tuple(n for n in names if n in present), low_cut, high_cut, ties)


@dataclass(frozen=True, eq=False)
class MedianGroups:
    """Values split at their median.

    Parameters
    ----------
    labels
        n labels, missing where the value is.
    cut
        The median; low is at or below it, high above.
    ties
        Values equal to the median beyond the first: where there are many, low is larger than high.
    """

    labels: pd.Series
    cut: float
    ties: int

    def remark(self, what: str) -> str:
        """Say how the two groups came about."""
        sizes = self.labels.value_counts()
        text = ", ".join(f"{name} n = {sizes[name]:,}" for name in LOW_HIGH)
        noun = "value is" if self.ties == 1 else "values are"
        tied = f" {self.ties:,} further {noun} tied at the median." if self.ties else ""
        return f"{what}: low at or below the median {self.cut:.4g}, high above it ({text}).{tied}"


def median_groups(values: pd.Series) -> MedianGroups:
    """Split values at their median: low at or below it, high above.

    Parameters
    ----------
    values
        n numbers; missing ones stay without a group.

    Raises
    ------
    NotEstimableError
        No value, or none above the median.

    Examples
    --------
    >>> groups = median_groups(pd.Series([0.0, 0.2, 0.2, 0.5, None]))
    >>> groups.labels.tolist(), groups.ties
    (['low', 'low', 'low', 'high', None], 1)
    """
    known = values.dropna()
    if known.empty:
        raise NotEstimableError("There are no values to split at their median.")
    cut = float(known.median())
    if not (known > cut).any():
        raise NotEstimableError(
            f"All {len(known):,} values are at or below their median {cut:.4g}: no groups to compare."
        )
    labels = pd.Series("low", index=values.index, dtype=object)
    labels = labels.mask(values > cut, "high").where(values.notna(), None)
    return MedianGroups(labels, cut, max(int((known == cut).sum()) - 1, 0))


def pool_sites(sites: pd.Series, least: int) -> pd.Series:
    """Pool the sites that have fewer than ``least`` lesions in the cohort into "other".

    Parameters
    ----------
    sites
        Site of each followed lesion; missing stays missing.
    least
        Lesions a site needs to stand alone; 0 pools nothing.
    """
    rare = sites.map(sites.value_counts()) < least
    return sites.where(~rare, OTHER_SITES)


def site_order(sites: pd.Series) -> tuple[str, ...]:
    """Give the sites by falling number of lesions, "other" last."""
    counts = sites.dropna().value_counts()
    names = sorted(counts.index, key=lambda name: (name == OTHER_SITES, -counts[name], name))
    return tuple(names)


def inconsistent(lesions: Floats, totals: Floats) -> Floats:
    """Mark the lesions whose three phase flags are not those of the patient's total burden.

    Parameters
    ----------
    lesions
        n x 3 flags.
    totals
        n x 3 flags of each lesion's patient, NaN where the patient has no total burden.

    Returns
    -------
    numpy.ndarray
        n: 1 inconsistent, 0 consistent, NaN where the patient has no total burden.

    Examples
    --------
    >>> flags = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
    >>> inconsistent(flags, np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [np.nan] * 3])).tolist()
    [1.0, 0.0, nan]
    """
    differ = (lesions != totals).any(axis=1)
    return np.where(np.isnan(totals).any(axis=1), np.nan, differ)
