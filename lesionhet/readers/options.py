"""How the input tables are to be read."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from lesionhet.errors import UsageError
from lesionhet.schema import LESION_COLUMNS, PATIENT_COLUMNS

KNOWN_NAMES: Final = tuple(dict.fromkeys(c.name for c in (*LESION_COLUMNS, *PATIENT_COLUMNS)))
"""Every column name of the two tables, each once."""


@dataclass(frozen=True)
class ReadOptions:
    """How the input tables are to be read.

    Parameters
    ----------
    mapping
        Column name of `lesionhet.schema` -> heading in the file. Applies to whichever table knows the
        name; wins over a heading that is spelled like the name itself.
    missing
        Cell texts that stand for a missing value. By default only empty cells do.
    decimal
        ``"."`` or ``","``: the decimal sign of numbers that are written as text.
    encoding
        Encoding of text files. A byte order mark of UTF-8 is accepted.
    separator
        One character between the cells of a text file, or ``"tab"``; default by the file's name.
    sheet
        Sheet of an Excel workbook; default the first.
    allow_jumps
        Whether a lesion that jumps by a factor of ten is a warning instead of an error.

    Raises
    ------
    UsageError
        A value is not permitted; the message lists what is.

    Examples
    --------
    >>> ReadOptions(mapping={"day": "study_day"}).mapping["day"]
    'study_day'
    >>> ReadOptions(decimal=";")
    Traceback (most recent call last):
    ...
    lesionhet.errors.UsageError: decimal is ';'; permitted: '.', ','.
    """

    mapping: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    decimal: str = "."
    encoding: str = "utf-8"
    separator: str | None = None
    sheet: str | None = None
    allow_jumps: bool = False

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.mapping) - set(KNOWN_NAMES)):
            raise UsageError(
                f"--map names {', '.join(map(repr, unknown))}; permitted: {', '.join(KNOWN_NAMES)}."
            )
        missing: object = self.missing
        if not isinstance(missing, tuple):
            raise UsageError(f"missing is {self.missing!r}; permitted: a tuple of texts.")
        if self.decimal not in (".", ","):
            raise UsageError(f"decimal is {self.decimal!r}; permitted: '.', ','.")
        if self.separator in ("tab", r"\t"):
            object.__setattr__(self, "separator", "\t")
        if self.separator is not None and (
            len(self.separator) != 1 or self.separator in f'{self.decimal}"\r\n'
        ):
            raise UsageError(
                f"separator is {self.separator!r}; permitted: one character that is neither a quote, "
                f"a line break nor the decimal sign {self.decimal!r}."
            )
        try:
            codecs.lookup(self.encoding)
        except LookupError as error:
            raise UsageError(
                f"encoding is {self.encoding!r}; permitted: an encoding that Python knows, such as "
                "'utf-8', 'latin-1', 'cp1252', 'utf-16'."
            ) from error


def parse_mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Read the values of ``--map``.

    Parameters
    ----------
    pairs
        Texts of the form NAME=COLUMN; the first ``=`` divides.

    Returns
    -------
    Name -> column, as `ReadOptions` takes it.

    Raises
    ------
    UsageError
        A text of another form, or a name with two columns.

    Examples
    --------
    >>> parse_mapping(["day=Study day", "patient_id=USUBJID"])
    {'day': 'Study day', 'patient_id': 'USUBJID'}
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        name, sign, column = (part.strip() for part in pair.partition("="))
        if not (name and sign and column):
            raise UsageError(f"--map {pair}: permitted is NAME=COLUMN, such as day=study_day.")
        if mapping.get(name, column) != column:
            raise UsageError(f"--map {name} is given twice: {mapping[name]!r} and {column!r}.")
        mapping[name] = column
    return mapping
