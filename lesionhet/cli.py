"""The command: what a user types, and nothing that computes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lesionhet import __version__
from lesionhet.errors import LesionhetError, UsageError

if TYPE_CHECKING:
    from lesionhet.outcome import Outcome

DONE, PARTED = 0, 1
DEMO_SEED: Final = 2021
DEMO_PATIENTS: Final = 2802

Progress = Callable[[str], None]


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
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lesionhet",
        description="How differently the metastases of one patient respond, "
        "and what that means for survival.",
    )
    parser.add_argument("--version", action="version", version=f"lesionhet {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_demo(commands)
    _add_analyze(commands)
    _add_analyses(commands)
    _add_simulate(commands)
    doctor = commands.add_parser("doctor", help="what is installed, what is missing, how to add it")
    doctor.set_defaults(run=_doctor)
    return parser


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser("demo", help="simulate a trial, analyse it, write the report")
    demo.add_argument("-o", "--output", type=Path, default=Path("lesionhet-demo"), metavar="DIR")
    demo.add_argument("--patients", type=int, default=DEMO_PATIENTS, metavar="N")
    demo.add_argument("--seed", type=int, default=DEMO_SEED, metavar="S")
    _add_how(demo)
    demo.set_defaults(run=_demo)


def _add_analyze(commands: Any) -> None:
    analyze = commands.add_parser("analyze", help="from one or two tables to a report")
    analyze.add_argument("lesions", type=Path, metavar="LESIONS", help="one row a measurement")
    analyze.add_argument(
        "patients", type=Path, nargs="?", metavar="PATIENTS", help="one row a patient"
    )
    analyze.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    analyze.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="NAME=COLUMN",
        help="read COLUMN of the file as NAME; may be given several times",
    )
    analyze.add_argument(
        "--missing",
        default="",
        metavar="CODES",
        help="codes that mean missing, separated by commas, such as NA,.,ND",
    )
    analyze.add_argument("--decimal", default=".", choices=(".", ","), help="decimal mark")
    analyze.add_argument("--encoding", default="utf-8", help="encoding of text files")
    analyze.add_argument("--separator", default=None, help="column separator of text files")
    analyze.add_argument("--sheet", default=None, help="sheet of an XLSX file; default the first")
    analyze.add_argument(
        "--allow-jumps",
        action="store_true",
        help="accept sizes that jump by a factor of ten, with a warning",
    )
    _add_how(analyze)
    analyze.set_defaults(run=_analyze)


def _add_how(command: Any) -> None:
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
    command.add_argument(
        "--r",
        default="auto",
        choices=("auto", "require", "off"),
        help="compute each number again in R: when usable, always, never",
    )
    _add_plan(command)
    command.add_argument("--only", default=None, metavar="IDS", help="analyses, such as 2C,2D")
    command.add_argument(
        "--show", default="", metavar="IDS", help="patients whose trajectories are shown"
    )


def _add_plan(command: Any) -> None:
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


def _add_analyses(commands: Any) -> None:
    listing = commands.add_parser("analyses", help="list the analyses and what each needs")
    _add_plan(listing)
    listing.set_defaults(run=_analyses)


def _add_simulate(commands: Any) -> None:
    simulate = commands.add_parser("simulate", help="write a synthetic trial as two tables")
    simulate.add_argument("-o", "--output", type=Path, required=True, metavar="DIR")
    simulate.add_argument("--patients", type=int, default=DEMO_PATIENTS, metavar="N")
    simulate.add_argument("--seed", type=int, default=DEMO_SEED, metavar="S")
    simulate.add_argument("--truth", action="store_true", help="also write the truth behind it")
    simulate.set_defaults(run=_simulate)


def _analyze(options: argparse.Namespace) -> int:
    from lesionhet.cohort import read_cohort
    from lesionhet.readers import ReadOptions, parse_mapping

    read = ReadOptions(
        mapping=parse_mapping(options.map),
        missing=tuple(code for code in options.missing.split(",") if code),
        decimal=options.decimal,
        encoding=options.encoding,
        separator=options.separator,
        sheet=options.sheet,
        allow_jumps=options.allow_jumps,
    )
    with _progress() as progress:
        progress("reading")
        cohort = read_cohort(options.lesions, options.patients, read)
        return _report(cohort, options, progress)


def _demo(options: argparse.Namespace) -> int:
    from lesionhet.cohort import cohort_from_frames
    from lesionhet.simulate import simulate_trial

    with _progress() as progress:
        progress("simulating")
        trial = simulate_trial(n_patients=options.patients, seed=options.seed)
        cohort = cohort_from_frames(trial.lesions, trial.patients)
        return _report(cohort, options, progress, synthetic=True)


def _report(
    cohort: Any, options: argparse.Namespace, progress: Progress, synthetic: bool = False
) -> int:
    from lesionhet.definitions import load_definitions
    from lesionhet.pipeline import analyze
    from lesionhet.report.folder import check_target, write_report

    check_target(options.output)
    outcome = analyze(
        cohort,
        load_definitions(options.definitions, _values(options.set)),
        preset=options.definitions,
        r=options.r,
        only=options.only.split(",") if options.only else None,
        chosen=tuple(name for name in options.show.split(",") if name),
        plan=_plan(options),
        synthetic=synthetic,
        progress=progress,
    )
    command = " ".join(["lesionhet", *options.words])
    page = write_report(outcome, options.output, command, progress)
    progress("")
    _say_outcome(outcome)
    print(page)
    return DONE if outcome.agrees else PARTED


def _say_outcome(outcome: Outcome) -> None:
    """Tell on standard error what a person must know before opening the report."""
    for notice in outcome.study.cohort.notices:
        print(f"{notice.level}: {notice.text}", file=sys.stderr)
    for result in outcome.results:
        if result.reason:
            print(f"{result.id} {result.status}: {result.reason}", file=sys.stderr)
    for name, reason in outcome.r_failures.items():
        print(f"{name} has no answer from R: {reason}", file=sys.stderr)
    print(_verdict(outcome), file=sys.stderr)


def _verdict(outcome: Outcome) -> str:
    if outcome.r_state == "off":
        return "R was not asked (--r off)."
    if outcome.r_state == "unusable":
        return f"Without R's column: {outcome.r_reason}"
    parted = outcome.agreement[outcome.agreement["verdict"] == "differ"]
    n = len(outcome.agreement)
    if parted.empty:
        lost = f"; {len(outcome.r_failures)} without an answer from R" if outcome.r_failures else ""
        return f"Python and R agree on all {n:,} numbers{lost}."
    names = ", ".join(sorted(parted["name"].unique())[:5])
    return f"Python and R part on {len(parted):,} of {n:,} numbers: {names}; see agreement.csv."


def _analyses(options: argparse.Namespace) -> int:
    from lesionhet.analyses import ledger

    analyses = ledger(_plan(options))
    width = max(len(analysis.title) for analysis in analyses)
    for analysis in analyses:
        needs = ", ".join(analysis.needs) or "the lesions table"
        print(f"{analysis.id:8} {analysis.title:{width}} needs {needs}")
    return DONE


def _simulate(options: argparse.Namespace) -> int:
    from lesionhet.simulate import simulate_trial, write_trial

    trial = simulate_trial(n_patients=options.patients, seed=options.seed)
    for path in write_trial(trial, options.output, truth=options.truth):
        print(path)
    return DONE


def _doctor(options: argparse.Namespace) -> int:
    from lesionhet.doctor import diagnose

    print(diagnose().to_text())
    return DONE


def _plan(options: argparse.Namespace) -> Any:
    from lesionhet.plan import load_plan, with_contrasts

    return with_contrasts(load_plan(options.plan), options.contrast)


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


@contextmanager
def _progress() -> Iterator[Progress]:
    """Show what is being done where a person watches, and leave nothing behind."""
    if not sys.stderr.isatty():
        yield lambda text: None
        return
    from tqdm import tqdm

    with tqdm(bar_format="{elapsed} {desc}", leave=False, file=sys.stderr) as bar:
        yield lambda text: bar.set_description_str(text)


if __name__ == "__main__":
    sys.exit(main())
