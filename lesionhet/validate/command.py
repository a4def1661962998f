"""One validation from its settings to what it found."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

import pandas as pd

from lesionhet.agreement import KNOWN, compare
from lesionhet.engines import Engine, engine
from lesionhet.errors import UsageError
from lesionhet.statistics.engine import LIBRARIES
from lesionhet.statistics.registry import REGISTRY
from lesionhet.tolerances import Tolerances
from lesionhet.tolerances.changes import changed_tolerances, quantities
from lesionhet.validate.battery import DEFAULT_COHORTS, LONG_COHORTS, SEED, Battery
from lesionhet.validate.case import Case
from lesionhet.validate.libraries import Libraries
from lesionhet.validate.outcome import InputFile, Validation
from lesionhet.validate.own import OwnCohort, own_case
from lesionhet.validate.run import run
from lesionhet.validate.sources import platform_versions

Progress = Callable[[str], None]
Sink = Callable[[pd.DataFrame], None]

EVERY_STATISTIC: Final = "all"


@dataclass(frozen=True)
class Settings:
    """What of the battery is run, and how strictly it is judged.

    Parameters
    ----------
    long
        Whether the battery is the long one.
    cohorts
        Random cohorts, 0 or more; None for as many as the battery has by itself.
    seed
        Of the random cohorts, 0 or more.
    only
        Statistics that are asked; empty for all.
    tolerances
        Texts ``NAME=VALUE``, see `lesionhet.tolerances.changes.changed_tolerances`.
    libraries
        Whether lifelines, SciPy and scikit-posthocs are asked too, where they have a statistic.

    Raises
    ------
    UsageError
        A negative number, or an unknown statistic.

    Examples
    --------
    >>> Settings(long=True).battery().cohorts
    1000
    """

    long: bool = False
    cohorts: int | None = None
    seed: int = SEED
    only: tuple[str, ...] = ()
    tolerances: tuple[str, ...] = ()
    libraries: bool = False

    def __post_init__(self) -> None:
        for name, number in (("cohorts", self.cohorts), ("seed", self.seed)):
            if number is not None and number < 0:
                raise UsageError(f"--{name} is {number}; permitted: 0 or more.")
        if unknown := sorted(set(self.only) - set(REGISTRY)):
            raise UsageError(
                f"--only: no statistic is called {', '.join(map(repr, unknown))}; there are: "
                f"{', '.join(REGISTRY)}."
            )

    def battery(self) -> Battery:
        """Give the battery that is asked for."""
        usual = LONG_COHORTS if self.long else DEFAULT_COHORTS
        cohorts = usual if self.cohorts is None else self.cohorts
        return Battery(cohorts, self.seed, self.only or None)

    def in_force(self) -> Tolerances:
        """Give the tolerances, with those that are changed."""
        return changed_tolerances(self.tolerances)

    def in_words(self) -> dict[str, str]:
        """Give the settings as the record prints them."""
        return {
            "Random cohorts": f"{self.battery().cohorts:,}",
            "Seed of the random cohorts": str(self.seed),
            "Statistics": ", ".join(self.only) or EVERY_STATISTIC,
            **({"Third opinion": ", ".join(LIBRARIES)} if self.libraries else {}),
        }


def validate(
    settings: Settings | None = None,
    own: OwnCohort | None = None,
    *,
    sink: Sink = lambda _: None,
    progress: Progress = lambda _: None,
) -> Validation:
    """Ask both languages every question of a cohort and of the battery, and compare.

    Parameters
    ----------
    settings
        Default: the default battery, every statistic, the tolerances of the package.
    own
        A cohort of the user's, asked before the battery; None for the battery alone.
    sink
        Given the rows of every comparison, see `lesionhet.agreement.compare`.
    progress
        Told what is about to be done.

    Raises
    ------
    RUnavailableError
        R cannot be used; the message says what to install.
    UsageError
        Unknown tolerances; or not one number was compared and nothing failed.
    """
    settings = settings or Settings()
    tolerances = settings.in_force()
    began, clock = datetime.now().astimezone(), time.monotonic()
    python, r = engine("python"), engine("r")
    progress("starting R")
    versions = _versions(python, r)
    battery = settings.battery()
    cases: Iterable[Case] = battery
    total, skipped = len(battery), dict[str, str]()
    if own is not None:
        case, python, skipped = own_case(own, python, settings.only or None, progress)
        cases, total = itertools.chain([case], battery), total + 1
    comparison = partial(compare, known=KNOWN, tolerances=tolerances)
    third = Libraries(comparison=comparison, sink=sink) if settings.libraries else None
    found = run(
        cases,
        python,
        r,
        total=total,
        comparison=comparison,
        sink=sink,
        answered=third.ask if third is not None else lambda *_: None,
        progress=lambda number, count, name: progress(f"{number} of {count}: {name}"),
    )
    if found.numbers == 0 and found.failures.empty:
        raise UsageError(
            "not one number was compared: no cohort was asked one of these statistics that it can "
            "answer. Name other statistics, or more cohorts."
        )
    return Validation(
        scope="long" if settings.long else "default",
        **vars(replace(found, quantities=_ordered(found.quantities))),
        known=KNOWN,
        changed=settings.tolerances,
        inputs=_inputs(own),
        versions=versions,
        began=began.isoformat(timespec="seconds"),
        seconds=time.monotonic() - clock,
        skipped=skipped,
        libraries=third.opinion() if third is not None else None,
    )


def _ordered(found: pd.DataFrame) -> pd.DataFrame:
    """Put the quantities of one statistic together, whichever question came first."""
    order = [str(quantity) for quantity in quantities()]
    return found.sort_values("statistic", key=lambda names: names.map(order.index)).reset_index(
        drop=True
    )


def _versions(python: Engine, r: Engine) -> Mapping[str, Mapping[str, str]]:
    return {
        "python": dict(python.versions()),
        "r": dict(r.versions()),
        "platform": platform_versions(),
    }


def _inputs(own: OwnCohort | None) -> tuple[InputFile, ...]:
    sources = own.cohort.sources if own is not None else ()
    return tuple(InputFile(source.file, source.sha256) for source in sources)
