"""``python -m lesionhet.validity``: simulate, print rejection rates, write docs/validity.md."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lesionhet.calibration.store import replace_text
from lesionhet.commands.progress import shown_progress
from lesionhet.errors import LesionhetError, UsageError
from lesionhet.validity.rates import PATIENTS, SEED, SIMULATIONS


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
    >>> main(["--simulations", "1"])
    2
    """
    options = _parser().parse_args(arguments)
    try:
        _run(options)
    except LesionhetError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m lesionhet.validity",
        description="Simulate trials whose truth is known and say how often each method errs.",
    )
    parser.add_argument(
        "--simulations", type=int, default=SIMULATIONS, metavar="N", help="trials a scenario"
    )
    parser.add_argument("--seed", type=int, default=SEED, metavar="S", help="of all random numbers")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="processes")
    parser.add_argument(
        "--write", type=Path, default=None, metavar="FILE", help="write the page and its picture"
    )
    return parser


def _run(options: argparse.Namespace) -> None:
    from lesionhet.validity.attenuation import attenuation
    from lesionhet.validity.lesions import lesion_tests
    from lesionhet.validity.page import Found, page
    from lesionhet.validity.rates import simulated_trials

    if options.simulations < 2:
        raise UsageError(f"--simulations is {options.simulations}; permitted: 2 or more.")
    if options.write is not None and not options.write.parent.is_dir():
        raise UsageError(f"--write {options.write}: there is no folder {options.write.parent}.")
    began = time.process_time() + _children()
    with shown_progress() as progress:
        rates = simulated_trials(
            options.simulations, options.seed, workers=options.workers, progress=progress
        )
        progress("what the distance tells of the truth")
        seen = attenuation(options.seed, workers=options.workers)
        progress("tests of lesions")
        lesions = lesion_tests(options.simulations, options.seed)
    minutes = (time.process_time() + _children() - began) / 60
    command = (
        f"python -m lesionhet.validity --simulations {options.simulations} --seed {options.seed}"
    )
    found = Found(rates, seen, lesions, command, minutes, options.seed, PATIENTS)
    text = page(found)
    sys.stdout.write(text)
    if options.write is not None:
        write(found, options.write)


def write(found: object, target: Path) -> None:
    """Write the page, and its picture into ``images/`` beside it."""
    from lesionhet import figures
    from lesionhet.validity.page import PICTURE, Found, page
    from lesionhet.validity.picture import chart

    assert isinstance(found, Found)  # noqa: S101
    images = target.parent / "images"
    images.mkdir(exist_ok=True)
    (images / PICTURE).write_bytes(figures.render(figures.draw(chart(found.rates)), "png"))
    replace_text(target, page(found))


def _children() -> float:
    """Give the processor time of the workers that have ended, where the system tells it."""
    try:
        import resource
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime


if __name__ == "__main__":
    sys.exit(main())
