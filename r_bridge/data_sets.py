"""R's own data sets, read from the R that is installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

import pandas as pd

from r_bridge import sources
from r_bridge.session import Reply, RSession

CALLER: Final = "_call.R"
"""The R file through which every function is called."""


@dataclass(frozen=True, eq=False)
class DataSets:
    """Data sets by name, and the versions of what they came from."""

    tables: Mapping[str, pd.DataFrame]
    versions: Mapping[str, str]


def read_data_sets(names: Iterable[str]) -> DataSets:
    """Read data sets of R's packages in an R process of their own.

    Parameters
    ----------
    names
        ``"package::name"``, each from the list in ``data_sets.R``.

    Returns
    -------
    DataSets
        Name -> table: numbers, flags and texts as R has them, factors as categoricals with their
        levels in order, dates as days since 1970; R's row names are the index.

    Raises
    ------
    RCallError
        A name that is not in the list, or a data set that this R does not have.
    RUnavailableError
        R cannot be started; the message says what to install.
    """
    files = resources.files("r_bridge")
    texts = {
        CALLER: sources()[CALLER],
        "data_set.R": (files / "data_sets.R").read_text(encoding="utf-8"),
    }
    session = RSession(texts)
    try:
        nothing = pd.DataFrame()
        found = {name: _table(session.call("data_set", nothing, {"name": name})) for name in names}
        return DataSets(found, session.versions())
    finally:
        session.close()


def _table(reply: Reply) -> pd.DataFrame:
    table = reply.tables["rows"].copy()
    table.index = pd.Index(reply.tables["names"]["row_name"].astype(str)).rename(None)
    for column, levels in reply.tables["levels"].groupby("column", sort=False):
        table[column] = pd.Categorical(
            table[column], list(levels["level"]), ordered=bool(levels["ordered"].iloc[0])
        )
    return table
