"""The command: what a user types, and nothing that computes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Final

from lesionhet import __version__
from lesionhet.commands import (
    analyses,
    analyze,
    app,
    convert,
    demo,
    doctor,
    power,
    simulate,
    validate,
)
from lesionhet.errors import LesionhetError

COMMANDS: Final = (demo, analyze, convert, validate, power, app, analyses, simulate, doctor)
"""In the order of ``--help``."""

INTERRUPTED: Final = 130
"""What a shell gives for a program that was stopped from the keyboard."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        Words after the command's name; default: those of this process.

    Returns
    -------
    int
        0 done, 1 the two languages part, 2 bad input or usage, 3 R required and not usable.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(words)
    options.words = words
    try:
        return int(options.run(options))
    except LesionhetError as error:
        print(f"lesionhet: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("lesionhet: stopped by the user; nothing was written.", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lesionhet",
        description="How differently the metastases of one patient respond, "
        "and what that means for survival.",
    )
    parser.add_argument("--version", action="version", version=f"lesionhet {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
