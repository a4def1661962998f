"""``python -m lesionhet.calibration``: print the comparison, or fit again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import lesionhet
from lesionhet.calibration.fit import fit
from lesionhet.calibration.page import page
from lesionhet.calibration.store import replace_text, store
from lesionhet.errors import UsageError
from lesionhet.simulation import fitted
from lesionhet.simulation.parameters import SimulationParameters

DEFAULT_FIT_SEED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments
        Command line; None for that of the process.

    Returns
    -------
    int
        0 done, 2 wrong usage.

    Examples
    --------
    >>> main(["--evaluations", "-1"])
    2
    """
    options = _parser().parse_args(arguments)
    try:
        sys.stdout.write(_run(options.evaluations, options.seed, write=options.write))
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lesionhet.calibration",
        description="Print published beside simulated figures; fit the simulator's parameters again.",
    )
    parser.add_argument(
        "--evaluations",
        type=int,
        default=0,
        metavar="N",
        help="fit, with at most N simulated trials (about a second each); 0: no fit",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=DEFAULT_FIT_SEED,
        metavar="S",
        help="seed of the fit's second stage",
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help="store the fitted parameters and write docs/calibration.md",
    )
    return parser


def _run(evaluations: int, seed: int, *, write: bool) -> str:
    if evaluations < 0:
        raise UsageError(f"--evaluations is {evaluations}; permitted: 0 or more.")
    parameters, command, day = SimulationParameters(), fitted.FITTED_BY, fitted.FITTED_ON
    if evaluations:
        parameters = fit(evaluations, seed, progress=_say)
        command = (
            f"python -m lesionhet.calibration --evaluations {evaluations} --seed {seed} --write"
        )
        day = datetime.now(UTC).date().isoformat()
    text = page(parameters, command, day)
    if write:
        store(parameters, command, day)
        replace_text(Path(lesionhet.__file__).parents[1] / "docs" / "calibration.md", text)
    return text


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")


if __name__ == "__main__":
    sys.exit(main())
