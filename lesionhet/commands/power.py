"""``lesionhet power``: how many patients, lesions and scans a trial needs, by simulation."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

from lesionhet.commands.cluster import add_engine, cluster_of, uses_dask
from lesionhet.commands.options import DEMO_SEED, DONE, add_definitions, command_of, definitions_of
from lesionhet.commands.progress import shown_progress
from lesionhet.errors import UsageError

DESCRIPTION: Final = (
    "Simulate trials and say how often they would see an association of the distance with survival "
    "(--hazard-ratio), or a difference of the mean distance between two arms (--difference). "
    "See docs/power.md. R is not needed."
)
WORDS: Final = {"whole": "whole follow-up"}


def add(commands: Any) -> None:
    """Add the command."""
    power = commands.add_parser(
        "power", help="how many patients, lesions and scans a trial needs", description=DESCRIPTION
    )
    _add_question(power)
    _add_design(power)
    power.add_argument("--alpha", type=float, default=0.05, metavar="P", help="two-sided; 0.05")
    power.add_argument("--simulations", type=int, default=400, metavar="N", help="a line; 400")
    power.add_argument("--seed", type=int, default=DEMO_SEED, metavar="S")
    power.add_argument(
        "--workers",
        type=int,
        default=None,
        metavar="N",
        help="processes; 1, with --engine dask one a processor",
    )
    add_engine(power)
    add_definitions(power)
    power.add_argument(
        "-o", "--output", type=Path, default=None, metavar="DIR", help="write table and figure here"
    )
    power.set_defaults(run=run)


def _add_question(power: argparse.ArgumentParser) -> None:
    what = power.add_mutually_exclusive_group(required=True)
    what.add_argument("--hazard-ratio", type=float, metavar="HR", help="of the distance")
    what.add_argument(
        "--difference", type=float, metavar="D", help="of the mean distance, new arm less control"
    )
    power.add_argument(
        "--per", default="0.1", choices=("0.1", "sd"), help="unit of the hazard ratio; 0.1"
    )
    power.add_argument(
        "--by",
        default=None,
        choices=("time-dependent", "landmark", "naive", "whole"),
        help="analysis; default time-dependent, of a difference the whole follow-up",
    )
    power.add_argument("--landmark", type=float, default=112.0, metavar="DAY", help="112")
    power.add_argument("--endpoint", default="os", choices=("os", "pfs"), help="os")


def _add_design(power: argparse.ArgumentParser) -> None:
    power.add_argument(
        "--patients", type=int, nargs="+", default=None, metavar="N", help="100 200 400"
    )
    power.add_argument(
        "--find", type=float, default=None, metavar="POWER", help="the fewest patients, such as 0.8"
    )
    power.add_argument(
        "--lesions",
        nargs="+",
        default=["published"],
        metavar="MEAN|SHARES",
        help="mean number a patient, or shares such as 1=20,2=30,3=50; default as published, 4.07",
    )
    power.add_argument(
        "--scan-interval", type=int, nargs="+", default=[56], metavar="DAYS", help="56"
    )
    power.add_argument(
        "--scans",
        type=int,
        nargs="+",
        default=[0],
        metavar="N",
        help="at most; 0 until progression",
    )
    power.add_argument(
        "--follow-up", type=float, default=500.0, metavar="DAYS", help="of the last patient; 500"
    )
    power.add_argument(
        "--accrual", type=float, default=1200.0, metavar="DAYS", help="enrolment takes; 1200"
    )
    power.add_argument(
        "--median-os", type=float, default=570.0, metavar="DAYS", help="median survival; 570"
    )
    power.add_argument(
        "--measurement-sd", type=float, default=0.08, metavar="SD", help="of ln(diameter); 0.08"
    )


def run(options: argparse.Namespace) -> int:
    """Simulate, print what was found, and write it where a folder is named."""
    from lesionhet.power import plan
    from lesionhet.power.words import NAIVE_WARNING, to_text
    from lesionhet.power.write import check_target, write_plan

    if options.output is not None:
        check_target(options.output)
    if options.by == "naive":
        print(f"warning: {NAIVE_WARNING}", file=sys.stderr)
    team = cluster_of(options) if uses_dask(options) else nullcontext()
    with shown_progress() as progress, team as cluster:
        found = plan(
            hazard_ratio=options.hazard_ratio,
            difference=options.difference,
            patients=options.patients,
            lesions=[lesions_of(text) for text in options.lesions],
            scan_interval=options.scan_interval,
            scans=options.scans,
            by=WORDS.get(options.by, options.by),
            landmark=options.landmark,
            scale=f"per_{options.per}",
            endpoint=options.endpoint,
            find=options.find,
            alpha=options.alpha,
            simulations=options.simulations,
            seed=options.seed,
            workers=1 if cluster or options.workers is None else options.workers,
            crew=cluster,
            definitions=definitions_of(options),
            progress=progress,
            follow_up=options.follow_up,
            accrual=options.accrual,
            median_os=options.median_os,
            measurement_sd=options.measurement_sd,
        )
    print(to_text(found), end="")
    if options.output is not None:
        print(write_plan(found, options.output, command_of(options)))
    return DONE


def lesions_of(text: str) -> float | tuple[float, ...] | None:
    """Read a mean number of lesions, or shares of the patients with each number.

    Parameters
    ----------
    text
        ``"published"``, a number such as ``"3.5"``, or ``"1=20,2=30,3=50"``.

    Returns
    -------
    float, tuple of float or None
        As `lesionhet.power.plan` takes it.

    Raises
    ------
    UsageError
        Something else.

    Examples
    --------
    >>> lesions_of("3.5"), lesions_of("1=20,3=80")
    (3.5, (20.0, 0.0, 80.0))
    """
    if text == "published":
        return None
    try:
        if "=" not in text:
            return float(text)
        pairs = [pair.split("=") for pair in text.split(",")]
        shares = {int(number): float(share) for number, share in pairs}
        if len(shares) < len(pairs) or min(shares) < 1:
            raise ValueError(text)
    except ValueError:
        raise UsageError(
            f"--lesions {text}: permitted are a mean such as 3.5, shares such as 1=20,2=30,3=50, or "
            "published."
        ) from None
    return tuple(shares.get(number, 0.0) for number in range(1, max(shares) + 1))
