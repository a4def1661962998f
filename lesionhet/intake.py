"""What a reader of several data sets gives: the two tables, and every decision taken on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from lesionhet.readers import RawTable
from lesionhet.recist.data import RecistData


@dataclass(frozen=True)
class Source:
    """Where one table came from.

    Parameters
    ----------
    file
        Name of the file as the user gave it.
    sha256
        SHA-256 of its bytes; of its CSV text for a data frame.
    rows
        Rows in it.
    mapping
        Column name of the program -> heading in the file.
    """

    file: str
    sha256: str
    rows: int
    mapping: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class ReadingTable:
    """One decision of the reader, as a table that a person can check.

    Parameters
    ----------
    name
        Name of its file without ending, such as ``"readers"``: letters, digits and ``_``.
    title
        What it shows, as a heading.
    note
        The rule that was used, one sentence or two.
    frame
        The table; snake_case columns, which the report prints with spaces.
    """

    name: str
    title: str
    note: str
    frame: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Intake:
    """The two tables made of several data sets, and how.

    Parameters
    ----------
    lesions, patients
        Raw tables with the column names of `lesionhet.schema`; ``rows`` are the rows of the data set that
        each row came from.
    sources
        Every data set that was read.
    tables
        What was decided on the way.
    recist
        What RECIST needs beyond the two tables; None where it is not there.
    reader_pairs
        Two readers' sizes of the same lesion and visit: ``patient, lesion, reader, size_mm`` (used),
        ``other_mm``; empty where there is one reader.
    """

    lesions: RawTable
    patients: RawTable | None
    sources: tuple[Source, ...]
    tables: tuple[ReadingTable, ...] = ()
    recist: RecistData | None = None
    reader_pairs: pd.DataFrame = field(default_factory=pd.DataFrame)
