"""What a command is given to read: two tables, SDTM or ADaM."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lesionhet.cdisc.options import RULES, CdiscOptions
from lesionhet.commands.options import add_tables, read_options, read_tables
from lesionhet.errors import UsageError

if TYPE_CHECKING:
    from lesionhet.cohort import Cohort

KINDS: Final = ("lesions", "sdtm", "adam")
"""Attributes of which a command needs one."""
CDISC_RULES: Final = ("reader", *RULES, "sites", "os_param", "pfs_param")
"""Options that mean nothing for two plain tables."""
_HELP: Final = {
    "dates": "what stands for the missing part of a date",
    "baseline": "which measurement is the baseline",
    "start": "what day 0 is",
    "survival": "whether survival is derived from SDTM",
}


def add_inputs(command: argparse.ArgumentParser) -> None:
    """Add the tables, the CDISC data sets, and how they are read."""
    add_tables(command)
    cdisc = command.add_argument_group("CDISC data sets, in place of LESIONS and PATIENTS")
    for name, what in (("sdtm", "TU, TR, DM"), ("adam", "ADTR, ADTTE, ADSL")):
        cdisc.add_argument(
            f"--{name}",
            type=Path,
            nargs="+",
            default=None,
            metavar="PATH",
            help=f"a folder of {name.upper().replace('ADAM', 'ADaM')} data sets, or the files: {what}",
        )
    cdisc.add_argument(
        "--reader",
        default="accepted",
        metavar="NAME",
        help="whose measurements: accepted (default), independent, investigator, or a reader's name",
    )
    for name, permitted in RULES.items():
        words = f"{_HELP[name]}; default {permitted[0]}"
        cdisc.add_argument(f"--{name}", default=permitted[0], choices=permitted, help=words)
    cdisc.add_argument(
        "--sites",
        type=Path,
        default=None,
        metavar="FILE",
        help="your table of terms and analysis sites (columns term, site)",
    )
    for name, usual in (("os", "OS"), ("pfs", "PFS")):
        cdisc.add_argument(
            f"--{name}-param",
            default=usual,
            metavar="PARAMCD",
            help=f"parameter of ADTTE that holds {usual}; default {usual}",
        )


def has_input(options: argparse.Namespace) -> bool:
    """Say whether anything to read was named."""
    return any(getattr(options, kind) is not None for kind in KINDS)


def read_inputs(options: argparse.Namespace) -> Cohort:
    """Read what was named, as the options say.

    Raises
    ------
    UsageError
        Nothing to read, two kinds of input, or a CDISC option beside two plain tables.
    InputError
        Everything that is wrong with the input, together.
    """
    given = [kind for kind in KINDS if getattr(options, kind) is not None]
    if len(given) != 1:
        found = " and ".join(k.upper() if k == "lesions" else f"--{k}" for k in given) or "none"
        raise UsageError(
            f"one input is needed, {found} given: LESIONS [PATIENTS], --sdtm PATH or --adam PATH."
        )
    if options.lesions is not None:
        check_plain(options)
        return read_tables(options)
    from lesionhet.cdisc import read
    from lesionhet.cohort import cohort_from_intake

    how = read_options(options)
    rules = CdiscOptions(**{name: getattr(options, name) for name in CDISC_RULES})
    readers = {"sdtm": read.read_sdtm, "adam": read.read_adam}
    return cohort_from_intake(readers[given[0]](getattr(options, given[0]), how, rules), how)


def check_plain(options: argparse.Namespace) -> None:
    """Refuse options of CDISC data sets beside two plain tables."""
    usual = CdiscOptions()
    for name in CDISC_RULES:
        if getattr(options, name) != getattr(usual, name):
            word = f"--{name.replace('_', '-')}"
            raise UsageError(f"{word} is about CDISC data sets: name them with --sdtm or --adam.")
