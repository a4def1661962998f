"""The command: what a user types, and nothing that computes."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
SIGNALLED: Final = 128
"""What a shell adds to the number of the signal that ended a program."""
ENDING: Final = ("SIGTERM", "SIGHUP")


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
        with _ended_in_order():
            return int(options.run(options))
    except LesionhetError as error:
        print(f"lesionhet: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("lesionhet: stopped by the user; nothing was written.", file=sys.stderr)
        return INTERRUPTED


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let a signal to end, as batch systems send it, take away what is half written."""

    def leave(number: int, _: object) -> None:
        raise SystemExit(SIGNALLED + number)

    known = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
    here = threading.current_thread() is threading.main_thread()
    usual = [one for one in known if here and signal.getsignal(one) is signal.SIG_DFL]
    for one in usual:
        signal.signal(one, leave)
    try:
        yield
    finally:
        for one in usual:
            signal.signal(one, signal.SIG_DFL)


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
