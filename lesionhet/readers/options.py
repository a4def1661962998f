"""How the input tables are to be read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from lesionhet.errors import UsageError
from lesionhet.readers.shape.units import FACTORS, UNIT_OF
from lesionhet.schema import LESION_COLUMNS, PATIENT_COLUMNS

KNOWN_NAMES: Final = tuple(dict.fromkeys(c.name for c in (*LESION_COLUMNS, *PATIENT_COLUMNS)))
"""Every column name of the two tables, each once."""
STACKED_AS: Final = ("patient_id", "visit", "rows")
"""What the names of stacked sheets are; ``"rows"``: nothing."""


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
        Sheet of an Excel workbook; default by the rule of `lesionhet.readers.formats.excel`.
    allow_jumps
        Whether a lesion that jumps by a factor of ten is a warning instead of an error.
    patients_sheet
        Sheet of the patients table; where no patients file is given it is sought in the lesions' workbook.
    heading_row, patients_heading_row
        Row of the column names of either table, as a spreadsheet counts; default by the rule of
        `lesionhet.readers.shape.layout`.
    stack_sheets
        Reads all sheets of the lesions' workbook as one table: ``"patient_id"`` or ``"visit"`` for a
        sheet a patient or a visit, named so; ``"rows"`` where the sheets only continue each other.
    skip_sheets
        Sheets that are not stacked.
    fill_down
        Headings of the lesions table whose empty cells repeat the cell above.
    start_date
        Heading, in either table, of the date on which treatment started: ``day`` is then a date, and is
        counted in days from it.
    date_format
        How dates are written that are not ISO 8601, such as ``"%d/%m/%Y"``.
    wide
        Whether the lesions table has a column a visit (or a lesion); default by the rule of
        `lesionhet.readers.shape.wide`.
    visit_days
        Heading of a visit in a wide table -> its day from the start of treatment.
    units
        Column of `lesionhet.schema` -> unit of its values in the file: mm or cm; days, weeks, months (of
        30.4375 days) or years (of 365.25 days).

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
    patients_sheet: str | None = None
    heading_row: int | None = None
    patients_heading_row: int | None = None
    stack_sheets: str | None = None
    skip_sheets: tuple[str, ...] = ()
    fill_down: tuple[str, ...] = ()
    start_date: str | None = None
    date_format: str | None = None
    wide: bool | None = None
    visit_days: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check_text()
        self._check_layout()
        self._check_units()

    def for_patients(self) -> ReadOptions:
        """Give the options for the patients table: its own sheet and heading row, nothing stacked."""
        return replace(
            self,
            sheet=self.patients_sheet or self.sheet,
            heading_row=self.patients_heading_row,
            stack_sheets=None,
            skip_sheets=(),
        )

    def _check_text(self) -> None:
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

    def _check_layout(self) -> None:
        for option in ("heading_row", "patients_heading_row"):
            row = getattr(self, option)
            if row is not None and row < 1:
                raise UsageError(f"{option} is {row}; permitted: 1 or more.")
        if self.stack_sheets not in (None, *STACKED_AS):
            raise UsageError(
                f"stack_sheets is {self.stack_sheets!r}; permitted: {', '.join(STACKED_AS)}."
            )
        if self.stack_sheets is not None and self.sheet is not None:
            raise UsageError(
                "sheet and stack_sheets: give one of them; skip_sheets leaves sheets out."
            )
        if self.skip_sheets and self.stack_sheets is None:
            raise UsageError("skip_sheets is for stack_sheets only.")
        if self.wide is False and self.visit_days:
            raise UsageError("visit_days is for wide tables only.")
        if self.date_format is not None:
            _check_date_format(self.date_format)

    def _check_units(self) -> None:
        for name, unit in self.units.items():
            if name not in UNIT_OF:
                raise UsageError(f"units names {name!r}; permitted: {', '.join(UNIT_OF)}.")
            if unit not in FACTORS[UNIT_OF[name]]:
                permitted = ", ".join(FACTORS[UNIT_OF[name]])
                raise UsageError(f"The unit of {name} is {unit!r}; permitted: {permitted}.")


def _check_date_format(text: str) -> None:
    """Check that a format tells day, month and four-digit year, each once, and nothing else."""
    codes = re.findall(r"%(.)", text)
    month = {"m", "b", "B"} & set(codes)
    if len(codes) == 3 and {"d", "Y"} < set(codes) and month:
        return
    raise UsageError(
        f"date_format is {text!r}; permitted: %d (day), %m (month; %b and %B where it is a word) and "
        "%Y (year of four digits), each once, such as %d/%m/%Y."
    )


def parse_days(pairs: Iterable[str]) -> dict[str, float]:
    """Read the values of ``--visit-day``.

    Parameters
    ----------
    pairs
        Texts of the form HEADING=DAY; the last ``=`` divides.

    Returns
    -------
    Heading -> day from the start of treatment.

    Raises
    ------
    UsageError
        A text of another form, or a heading with two days.

    Examples
    --------
    >>> parse_days(["Scan 2=42", "Screening=-7"])
    {'Scan 2': 42.0, 'Screening': -7.0}
    """
    days: dict[str, float] = {}
    for pair in pairs:
        heading, _, text = (part.strip() for part in pair.rpartition("="))
        if not (heading and re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text)):
            raise UsageError(f"--visit-day {pair}: permitted is HEADING=DAY, such as 'Scan 2=42'.")
        if days.get(heading, float(text)) != float(text):
            raise UsageError(f"--visit-day {heading} is given twice.")
        days[heading] = float(text)
    return days


def parse_units(pairs: Iterable[str]) -> dict[str, str]:
    """Read the values of ``--unit``: texts of the form NAME=UNIT.

    Examples
    --------
    >>> parse_units(["day=weeks", "diameter_mm=cm"])
    {'day': 'weeks', 'diameter_mm': 'cm'}
    """
    units: dict[str, str] = {}
    for pair in pairs:
        name, sign, unit = (part.strip() for part in pair.partition("="))
        if not (name and sign and unit):
            raise UsageError(f"--unit {pair}: permitted is NAME=UNIT, such as day=weeks.")
        if units.get(name, unit) != unit:
            raise UsageError(f"--unit {name} is given twice: {units[name]!r} and {unit!r}.")
        units[name] = unit
    return units


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
