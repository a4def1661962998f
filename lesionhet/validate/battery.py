"""The battery: random cohorts and R's own data sets, in the default and in the long run."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from lesionhet.validate.case import Case
from lesionhet.validate.cohorts import random_cases
from lesionhet.validate.r_data import data_sets, r_data_cases

DEFAULT_COHORTS: Final = 50
LONG_COHORTS: Final = 1000
SEED: Final = 2021


@dataclass(frozen=True)
class Battery:
    """Cases, made one by one as they are asked for.

    Parameters
    ----------
    cohorts
        Number of random cohorts.
    seed
        Of these.
    only
        Statistics wanted; default all.
    r_data
        Whether R's own data sets are in it; they need a running R.

    Examples
    --------
    >>> battery = Battery(2, r_data=False)
    >>> len(battery), [case.name for case in battery]
    (2, ['random 1: plain', 'random 2: few patients'])
    """

    cohorts: int = DEFAULT_COHORTS
    seed: int = SEED
    only: Collection[str] | None = None
    r_data: bool = True

    def __len__(self) -> int:
        return self.cohorts + (len(data_sets()) if self.r_data else 0)

    def __iter__(self) -> Iterator[Case]:
        yield from random_cases(self.cohorts, self.seed, self.only)
        if self.r_data:
            yield from r_data_cases(self.only)
