"""Options that several commands share, and what they mean."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lesionhet.errors import UsageError

if TYPE_CHECKING:
    from lesionhet.cohort import Cohort
    from lesionhet.definitions import Definitions
    from lesionhet.plan import Plan
    from lesionhet.readers import ReadOptions

DONE: Final = 0
PARTED: Final = 1
DEMO_SEED: Final = 2021
DEMO_PATIENTS: Final = 2802


def add_tables(command: argparse.ArgumentParser) -> None:
    """Add the two tables and how they are read."""
    command.add_argument(
        "lesions", type=Path, nargs="?", metavar="LESIONS", help="one row a measurement"
    )
    command.add_argument(
        "patients", type=Path, nargs="?", metavar="PATIENTS", help="one row a patient"
    )
    command.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="NAME=COLUMN",
        help="read COLUMN of the file as NAME; may be given several times",
    )
    command.add_argument(
        "--missing",
        default="",
        metavar="CODES",
        help="codes that mean missing, separated by commas, such as NA,.,ND",
    )
    command.add_argument("--decimal", default=".", choices=(".", ","), help="decimal mark")
    command.add_argument("--encoding", default="utf-8", help="encoding of text files")
    command.add_argument("--separator", default=None, help="column separator of text files")
    _add_spreadsheets(command)
    command.add_argument(
        "--allow-jumps",
        action="store_true",
        help="accept sizes that jump by a factor of ten, with a warning",
    )


def _add_spreadsheets(command: argparse.ArgumentParser) -> None:
    """Add how spreadsheets that a person typed are read."""
    group = command.add_argument_group("spreadsheets")
    group.add_argument("--sheet", metavar="NAME", help="sheet of an XLSX file; default the first")
    group.add_argument("--patients-sheet", metavar="NAME", help="sheet of the patients table")
    group.add_argument(
        "--stack-sheets",
        choices=("patient_id", "visit", "rows"),
        help="read all sheets as one table: a sheet a patient, a visit, or simply more rows",
    )
    group.add_argument(
        "--skip-sheet", action="append", default=[], metavar="NAME", help="do not stack this sheet"
    )
    group.add_argument(
        "--heading-row", type=int, metavar="N", help="row of the column names; default found"
    )
    group.add_argument(
        "--patients-heading-row", type=int, metavar="N", help="the same of the patients table"
    )
    group.add_argument(
        "--fill-down",
        action="append",
        default=[],
        metavar="COLUMN",
        help="an empty cell of COLUMN repeats the cell above; may be given several times",
    )
    group.add_argument(
        "--unit",
        action="append",
        default=[],
        metavar="NAME=UNIT",
        help="the values are in UNIT, such as day=weeks or diameter_mm=cm",
    )
    group.add_argument(
        "--start-date",
        metavar="COLUMN",
        help="date on which treatment started: days are counted from it",
    )
    group.add_argument(
        "--date-format", metavar="FORMAT", help="how dates are written, such as %%d/%%m/%%Y"
    )
    shape = group.add_mutually_exclusive_group()
    shape.add_argument(
        "--wide", action="store_true", default=None, help="the lesions table has a column a visit"
    )
    shape.add_argument(
        "--not-wide", dest="wide", action="store_false", help="it has a row a measurement"
    )
    group.add_argument(
        "--visit-day",
        action="append",
        default=[],
        metavar="HEADING=DAY",
        help="day of a visit of a wide table, such as 'Scan 2=42'",
    )


def add_definitions(command: argparse.ArgumentParser) -> None:
    """Add the choices that the published text leaves open."""
    command.add_argument(
        "--definitions",
        default="paper2021",
        metavar="NAME|FILE",
        help="paper2021, unbiased, recist11, or a TOML file",
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="change one definition, such as crossing=linear",
    )


def add_plan(command: argparse.ArgumentParser) -> None:
    """Add who is compared with whom."""
    command.add_argument(
        "--plan",
        default="colorectal2021",
        metavar="NAME|FILE",
        help="who is compared with whom: colorectal2021, or a TOML file",
    )
    command.add_argument(
        "--contrast",
        action="append",
        default=[],
        metavar="'NAME: ARMS vs ARMS'",
        help="compare arms of your own, separated by commas; may be given several times",
    )


def add_simulation(command: argparse.ArgumentParser) -> None:
    """Add the size and the seed of a synthetic trial."""
    command.add_argument("--patients", type=int, default=DEMO_PATIENTS, metavar="N")
    command.add_argument("--seed", type=int, default=DEMO_SEED, metavar="S")


def read_tables(options: argparse.Namespace) -> Cohort:
    """Read the two tables as the options say."""
    from lesionhet.cohort import read_cohort

    return read_cohort(options.lesions, options.patients, read_options(options))


def read_options(options: argparse.Namespace) -> ReadOptions:
    """Give how files are read."""
    from lesionhet.readers import ReadOptions, parse_mapping
    from lesionhet.readers.options import parse_days, parse_units

    return ReadOptions(
        mapping=parse_mapping(options.map),
        missing=tuple(code for code in options.missing.split(",") if code),
        decimal=options.decimal,
        encoding=options.encoding,
        separator=options.separator,
        sheet=options.sheet,
        allow_jumps=options.allow_jumps,
        patients_sheet=options.patients_sheet,
        heading_row=options.heading_row,
        patients_heading_row=options.patients_heading_row,
        stack_sheets=options.stack_sheets,
        skip_sheets=tuple(options.skip_sheet),
        fill_down=tuple(options.fill_down),
        start_date=options.start_date,
        date_format=options.date_format,
        wide=options.wide,
        visit_days=parse_days(options.visit_day),
        units=parse_units(options.unit),
    )


def definitions_of(options: argparse.Namespace) -> Definitions:
    """Load the definitions with those that are changed."""
    from lesionhet.definitions import load_definitions

    return load_definitions(options.definitions, _values(options.set))


def plan_of(options: argparse.Namespace) -> Plan:
    """Load the plan with the contrasts that are added."""
    from lesionhet.plan import load_plan, with_contrasts

    return with_contrasts(load_plan(options.plan), options.contrast)


def command_of(options: argparse.Namespace) -> str:
    """Give the command as it was typed, for the record."""
    return " ".join(["lesionhet", *options.words])


def _values(given: Sequence[str]) -> dict[str, Any]:
    """Read NAME=VALUE as TOML would read the value, plain words as text."""
    import tomllib

    found: dict[str, Any] = {}
    for pair in given:
        name, equals, text = (part.strip() for part in pair.partition("="))
        if not (name and equals and text):
            raise UsageError(f"--set {pair}: permitted is NAME=VALUE, such as crossing=linear.")
        if name in found:
            raise UsageError(f"--set {name} is given twice.")
        try:
            found[name] = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            found[name] = text
    return found
