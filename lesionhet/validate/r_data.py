"""R's own data sets as cases of the battery; ``r_data.toml`` says what each is asked."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Final

import pandas as pd

from lesionhet.validate.case import Case
from lesionhet.validate.questions import make_case
from lesionhet.validate.questions.question import Options, Rows

GOWER_ROWS: Final = 60
"""Rows of a mixed table that are compared; their pairs grow with the square."""
ALL_COLUMNS: Final = "*"
CONF_LEVELS: Final = (0.95, 0.9, 0.99, 0.8)
"""Taken in turn, data set by data set."""


@dataclass(frozen=True)
class DataSet:
    """What is asked of one data set; the values are names of its columns.

    Parameters
    ----------
    name
        ``"package::name"``, one of those in ``r_bridge/data_sets.R``.
    time, event, died
        Follow-up, how it ended, and the ends that are events.
    group, strata
        Taken as labels, numbers too.
    values, other, covariates
        Taken as numbers: of a factor, the position of the level from 1.
    mixed
        For the Gower distance; ``("*",)`` for all columns.
    kinds
        Column -> kind, where it is not the one that its type gives.
    """

    name: str
    time: str | None = None
    event: str | None = None
    died: tuple[Any, ...] = (1,)
    group: str | None = None
    strata: str | None = None
    values: str | None = None
    other: str | None = None
    covariates: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)


def data_sets() -> tuple[DataSet, ...]:
    """Read ``r_data.toml``.

    Examples
    --------
    >>> [d.values for d in data_sets() if d.name == "datasets::chickwts"]
    ['weight']
    """
    text = (resources.files(__package__) / "r_data.toml").read_text(encoding="utf-8")
    return tuple(
        DataSet(name, **{key: _fixed(value) for key, value in entry.items()})
        for name, entry in tomllib.loads(text).items()
    )


def r_data_cases(only: Collection[str] | None = None) -> Iterator[Case]:
    """Read R's data sets and ask of each what suits it.

    Parameters
    ----------
    only
        Statistics wanted; default all.

    Yields
    ------
    Case
        Named like ``"survival::lung"``; the origin names the package with its version.

    Raises
    ------
    RCallError
        This R does not have one of the data sets.
    RUnavailableError
        R cannot be started; the message says what to install.
    """
    from r_bridge.data_sets import read_data_sets

    asked = data_sets()
    found = read_data_sets([data_set.name for data_set in asked])
    for number, data_set in enumerate(asked):
        package = data_set.name.partition("::")[0]
        # The package datasets comes with R and has its version.
        origin = f"R package {package} {found.versions.get(package, found.versions['R'])}"
        rows = rows_of(found.tables[data_set.name], data_set)
        yield make_case(data_set.name, origin, rows, _options(data_set, number), only)


def rows_of(table: pd.DataFrame, data_set: DataSet) -> Rows:
    """Pick the columns of one data set for the questions.

    Parameters
    ----------
    table
        The data set, from `r_bridge.data_sets.read_data_sets`.
    data_set
        Which of its columns are what.
    """
    mixed = list(table.columns) if ALL_COLUMNS in data_set.mixed else list(data_set.mixed)
    rows = table.reset_index(drop=True)
    covariates = {name: _numbers(rows, name) for name in data_set.covariates}
    return Rows(
        time=_numbers(rows, data_set.time),
        event=_events(rows, data_set),
        group=_labels(rows, data_set.group),
        strata=_labels(rows, data_set.strata),
        values=_numbers(rows, data_set.values),
        other=_numbers(rows, data_set.other),
        covariates=pd.DataFrame(covariates) if covariates else None,
        mixed=table[mixed].head(GOWER_ROWS) if mixed else None,
    )


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _events(rows: pd.DataFrame, data_set: DataSet) -> pd.Series | None:
    if data_set.event is None:
        return None
    ends = rows[data_set.event]
    return ends.isin(data_set.died).astype(float).where(ends.notna())


def _numbers(rows: pd.DataFrame, name: str | None) -> pd.Series | None:
    if name is None:
        return None
    column = rows[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        return (column.cat.codes.astype(float) + 1).where(column.notna())
    return column.astype(float)


def _labels(rows: pd.DataFrame, name: str | None) -> pd.Series | None:
    if name is None:
        return None
    column = rows[name]
    if pd.api.types.is_numeric_dtype(column):
        column = column.astype(float).map("{:g}".format).astype(object).where(column.notna())
    return column.astype(object)


def _options(data_set: DataSet, number: int) -> Options:
    weighted = number % 3 == 0 and ALL_COLUMNS not in data_set.mixed
    weights = [(name, 1.0 + place % 3) for place, name in enumerate(data_set.mixed)]
    return Options(
        conf_type="log" if number % 2 == 0 else "log-log",
        conf_level=CONF_LEVELS[number % len(CONF_LEVELS)],
        kinds=tuple(data_set.kinds.items()),
        weights=tuple(weights) if weighted else (),
        stratified=number % 2 == 0,
        seed=number,
    )
