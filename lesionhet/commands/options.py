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
    command.add_argument("--sheet", default=None, help="sheet of an XLSX file; default the first")
    command.add_argument(
        "--allow-jumps",
        action="store_true",
        help="accept sizes that jump by a factor of ten, with a warning",
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

    return ReadOptions(
        mapping=parse_mapping(options.map),
        missing=tuple(code for code in options.missing.split(",") if code),
        decimal=options.decimal,
        encoding=options.encoding,
        separator=options.separator,
        sheet=options.sheet,
        allow_jumps=options.allow_jumps,
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
