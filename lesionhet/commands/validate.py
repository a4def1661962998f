"""``lesionhet validate``: every statistic in both languages, on a battery and on a cohort."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lesionhet.commands.inputs import KINDS, add_inputs, has_input, read_inputs
from lesionhet.commands.options import (
    DONE,
    PARTED,
    add_definitions,
    add_plan,
    command_of,
    definitions_of,
    plan_of,
)
from lesionhet.commands.progress import Progress, shown_progress
from lesionhet.errors import UsageError

if TYPE_CHECKING:
    from lesionhet.validate.command import Settings
    from lesionhet.validate.outcome import Validation
    from lesionhet.validate.own import OwnCohort

DESCRIPTION: Final = (
    "Compute every statistic in Python and in R and compare: on random cohorts, on R's own data "
    "sets and, where tables are named, on them. Exit 0 only if all agree."
)


def add(commands: Any) -> None:
    """Add the command."""
    validate = commands.add_parser(
        "validate", help="compare Python and R on every statistic", description=DESCRIPTION
    )
    add_inputs(validate)
    validate.add_argument(
        "-o", "--output", type=Path, default=None, metavar="DIR", help="write the record here"
    )
    validate.add_argument("--long", action="store_true", help="1,000 random cohorts, not 50")
    validate.add_argument(
        "--cohorts", type=int, default=None, metavar="N", help="number of random cohorts"
    )
    validate.add_argument(
        "--seed", type=int, default=None, metavar="S", help="of the random cohorts"
    )
    validate.add_argument(
        "--only", default="", metavar="STATISTICS", help="statistics, such as cox,log_rank"
    )
    validate.add_argument(
        "--tolerance",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="relative tolerance of a statistic (cox), a table (cox.terms), a number "
        "(cox.terms.estimate) or all; may be given several times",
    )
    validate.add_argument(
        "--libraries",
        action="store_true",
        help="ask lifelines, SciPy and scikit-posthocs too, where they have a statistic",
    )
    add_definitions(validate)
    add_plan(validate)
    validate.set_defaults(run=run, unchanged=_defaults_of_a_cohort())


def _defaults_of_a_cohort() -> dict[str, Any]:
    """Give the defaults of the options that mean nothing without a cohort."""
    parser = argparse.ArgumentParser()
    add_inputs(parser)
    add_definitions(parser)
    add_plan(parser)
    given = vars(parser.parse_args([]))
    return {name: value for name, value in given.items() if name not in KINDS}


def run(options: argparse.Namespace) -> int:
    """Compare, print what was found, and write the record where one is asked for."""
    _check_cohort_options(options)
    settings = _settings(options)
    settings.in_force()
    with shown_progress() as progress:
        own = _own(options, progress)
        validation, written = _validated(options, settings, own, progress)
    say(validation, written)
    return DONE if validation.agrees else PARTED


def _check_cohort_options(options: argparse.Namespace) -> None:
    if has_input(options):
        return
    for name, value in options.unchanged.items():
        if getattr(options, name) != value:
            word = f"--{name.replace('_', '-')}"
            raise UsageError(
                f"{word} is about a cohort of yours: name LESIONS, --sdtm or --adam, or leave it out."
            )


def _settings(options: argparse.Namespace) -> Settings:
    from lesionhet.validate.battery import SEED
    from lesionhet.validate.command import Settings

    return Settings(
        long=options.long,
        cohorts=options.cohorts,
        seed=SEED if options.seed is None else options.seed,
        only=tuple(name.strip() for name in options.only.split(",") if name.strip()),
        tolerances=tuple(options.tolerance),
        libraries=options.libraries,
    )


def _own(options: argparse.Namespace, progress: Progress) -> OwnCohort | None:
    if not has_input(options):
        return None
    from lesionhet.validate.own import OwnCohort

    definitions, plan = definitions_of(options), plan_of(options)
    progress("reading")
    return OwnCohort(read_inputs(options), definitions, plan)


def _validated(
    options: argparse.Namespace, settings: Settings, own: OwnCohort | None, progress: Progress
) -> tuple[Validation, Path | None]:
    from lesionhet.validate.command import validate

    if options.output is None:
        return validate(settings, own, progress=progress), None
    from lesionhet.validate.folder import write_validation

    words = settings.in_words()
    if own is not None:
        words |= {"Definitions": options.definitions, "Plan": options.plan}
        words |= {"Definitions changed": ", ".join(options.set)} if options.set else {}
        words |= {"Contrasts added": "; ".join(options.contrast)} if options.contrast else {}
    return write_validation(
        lambda sink: validate(settings, own, sink=sink, progress=progress),
        options.output,
        command=command_of(options),
        settings=words,
        tolerances=settings.in_force(),
    )


def say(validation: Validation, written: Path | None) -> None:
    """Print what was found and where it is filed; what this terminal cannot show is escaped."""
    from lesionhet.validate.screen import to_text

    text = to_text(validation)
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding))
    if written is not None:
        print(written)
