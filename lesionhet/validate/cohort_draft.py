"""A random cohort before anything is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

DISTINCT_TIMES: Final = 60
"""In large cohorts times are whole units, about this many: every distinct time is a row of a curve."""
LARGE: Final = 120
DIGITS: Final = 6


@dataclass(eq=False)
class Draft:
    """Columns of one cohort, n rows each; a kind of trouble changes them."""

    time: pd.Series
    event: pd.Series
    group: pd.Series
    strata: pd.Series
    measure: pd.Series
    other: pd.Series
    covariates: pd.DataFrame

    def __len__(self) -> int:
        return len(self.time)


def draw(rng: np.random.Generator, sizes: tuple[int, int]) -> Draft:
    """Draw a cohort: groups and covariates that matter for survival, a third censored.

    Parameters
    ----------
    rng
        Where the numbers come from.
    sizes
        Smallest and largest number of patients; small cohorts are drawn more often.
    """
    low, high = sizes
    n = round(float(np.exp(rng.uniform(np.log(low), np.log(high)))))
    group = _labels(rng, n, int(rng.integers(2, 6)), "arm")
    strata = _labels(rng, n, int(rng.integers(1, 5)), "trial")
    covariates = _covariates(rng, n, int(rng.integers(1, 5)))
    effect = pd.Series(group).str.slice(-1).map(ord).to_numpy(dtype=float) - ord("A")
    values = rng.normal(size=n) + 0.3 * effect
    hazard = np.exp(0.2 * effect + 0.4 * covariates.iloc[:, 0].to_numpy(dtype=float))
    time, event = _survival(rng, n, hazard)
    return Draft(
        time=pd.Series(time),
        event=pd.Series(event),
        group=pd.Series(group, dtype=object),
        strata=pd.Series(strata, dtype=object),
        measure=significant(values),
        other=significant(0.5 * values + rng.normal(size=n)),
        covariates=covariates,
    )


def significant(values: Any) -> pd.Series:
    """Round to six significant digits.

    The last bits of a logarithm differ between machines; the digits kept do not.

    Examples
    --------
    >>> significant([1.23456789e-8, 0.0]).tolist()
    [1.23457e-08, 0.0]
    """
    numbers = np.asarray(values, dtype=float)
    return pd.Series([float(f"{number:.{DIGITS}g}") for number in numbers], dtype=float)


def _labels(rng: np.random.Generator, n: int, k: int, word: str) -> list[str]:
    shares = rng.random(k) + 0.2
    return [f"{word} {chr(ord('A') + code)}" for code in rng.choice(k, n, p=shares / shares.sum())]


def _covariates(rng: np.random.Generator, n: int, p: int) -> pd.DataFrame:
    """Draw numbers, flags, counts and ages, in turn."""
    columns = {
        "marker": significant(rng.normal(size=n)),
        "female": pd.Series((rng.random(n) < 0.5).astype(float)),
        "lesions": pd.Series(rng.integers(0, 8, n).astype(float)),
        "age": significant(rng.normal(62, 9, n)),
    }
    return pd.DataFrame({name: columns[name] for name in list(columns)[:p]})


def _survival(rng: np.random.Generator, n: int, hazard: Floats) -> tuple[Floats, Floats]:
    scale, shape = 10 ** rng.uniform(1, 3), rng.uniform(0.7, 1.6)
    died = scale * (rng.exponential(size=n) / hazard) ** (1 / shape)
    left = scale * rng.uniform(0.2, 3.0, n)
    time, event = np.minimum(died, left), (died <= left).astype(float)
    if n > LARGE or rng.random() < 0.3:
        unit = float(f"{np.max(time) / DISTINCT_TIMES:.2g}")
        return np.asarray(np.ceil(time / unit), dtype=float), event
    return significant(time).to_numpy(), event
