"""``lesionhet simulate``: a synthetic trial as two tables."""

from __future__ import annotations

import argparse
from typing import Any

from lesionhet.commands.options import DONE, add_simulation
from lesionhet.commands.reporting import add_output


def add(commands: Any) -> None:
    """Add the command."""
    simulate = commands.add_parser("simulate", help="write a synthetic trial as two tables")
    add_output(simulate)
    add_simulation(simulate)
    simulate.add_argument("--truth", action="store_true", help="also write the truth behind it")
    simulate.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Simulate, write, and say what was written."""
    from lesionhet.simulate import simulate_trial, write_trial

    trial = simulate_trial(n_patients=options.patients, seed=options.seed)
    for path in write_trial(trial, options.output, truth=options.truth):
        print(path)
    return DONE
