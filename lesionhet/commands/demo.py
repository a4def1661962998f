"""``lesionhet demo``: a synthetic trial from its simulation to its report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from lesionhet.collector import rare_collections
from lesionhet.commands.options import add_simulation
from lesionhet.commands.progress import shown_progress
from lesionhet.commands.reporting import (
    add_output,
    add_report_options,
    crew_of,
    report,
)


def add(commands: Any) -> None:
    """Add the command."""
    demo = commands.add_parser("demo", help="simulate a trial, analyse it, write the report")
    add_output(demo, default=Path("lesionhet-demo"))
    add_simulation(demo)
    add_report_options(demo)
    demo.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Simulate and report."""
    from lesionhet.cohort import cohort_from_frames
    from lesionhet.simulate import simulate_trial

    with rare_collections(), shown_progress() as progress, crew_of(options) as crew:
        progress("simulating")
        trial = simulate_trial(n_patients=options.patients, seed=options.seed)
        cohort = cohort_from_frames(trial.lesions, trial.patients)
        return report(cohort, options, progress, crew, synthetic=True)
