"""What an analysis data set is: variables, parameters, records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import pandas as pd

DERIVED: Final = "Derived"
ASSIGNED: Final = "Assigned"
PREDECESSOR: Final = "Predecessor"


@dataclass(frozen=True)
class Variable:
    """One variable of a data set.

    Parameters
    ----------
    name
        Up to 8 capitals, digits and ``_``.
    label
        What it is, as SAS shows it.
    kind
        ``"text"``, ``"integer"`` or ``"float"``.
    origin
        ``"Derived"``, ``"Assigned"`` or ``"Predecessor"`` (taken over).
    source
        Where it is taken from, or how it is derived; empty where the parameter says so.
    codes
        Permitted value -> its meaning; none where any value may stand.
    """

    name: str
    label: str
    kind: Literal["text", "integer", "float"]
    origin: str
    source: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a data set with the structure of ADaM's BDS.

    Parameters
    ----------
    code, label
        ``PARAMCD`` and ``PARAM``.
    unit
        ``AVALU``; empty where AVAL has none.
    method
        How AVAL is derived, with the formula.
    """

    code: str
    label: str
    unit: str
    method: str


@dataclass(frozen=True, eq=False)
class DataSet:
    """One analysis data set.

    Parameters
    ----------
    name, label
        Such as ``"ADHET"``.
    structure
        What a record is, in words.
    of_subjects
        Whether it is the subject-level data set; else its structure is BDS.
    keys
        Variables that name a record.
    variables
        In their order.
    frame
        Records: a column a variable; text with None, numbers with NaN where missing.
    parameters
        What PARAMCD can be; none for the subject-level data set.
    """

    name: str
    label: str
    structure: str
    of_subjects: bool
    keys: tuple[str, ...]
    variables: tuple[Variable, ...]
    frame: pd.DataFrame
    parameters: tuple[Parameter, ...] = ()

    @property
    def file(self) -> str:
        """Name of its transport file."""
        return f"{self.name.lower()}.xpt"


def arranged(frame: pd.DataFrame, variables: Sequence[Variable]) -> pd.DataFrame:
    """Give the columns of the variables in their order, texts as object with None, numbers as float.

    Examples
    --------
    >>> arranged(pd.DataFrame({"B": [1], "A": ["x"]}), [Variable("A", "", "text", ASSIGNED)]).to_dict()
    {'A': {0: 'x'}}
    """
    columns = {}
    for variable in variables:
        cells = frame[variable.name].reset_index(drop=True)
        if variable.kind == "text":
            cells = cells.astype(object)
            columns[variable.name] = cells.where(cells.notna(), None)
        else:
            numbers = cells.to_numpy(dtype=float, na_value=np.nan)
            columns[variable.name] = pd.Series(numbers, dtype=float)
    return pd.DataFrame(columns)


def study_day(day: pd.Series) -> pd.Series:
    """Turn days from the start (0 is the start) into study days (1 is the start, there is no 0).

    Examples
    --------
    >>> study_day(pd.Series([-3.0, 0.0, 40.0])).tolist()
    [-3.0, 1.0, 41.0]
    """
    return day + day.ge(0).astype(float)
