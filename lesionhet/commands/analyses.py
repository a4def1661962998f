"""``lesionhet analyses``: what can be asked of a cohort."""

from __future__ import annotations

import argparse
from typing import Any

from lesionhet.commands.options import DONE, add_plan, plan_of


def add(commands: Any) -> None:
    """Add the command."""
    listing = commands.add_parser("analyses", help="list the analyses and what each needs")
    add_plan(listing)
    listing.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List id, title and columns of every analysis."""
    from lesionhet.analyses import ledger

    analyses = ledger(plan_of(options))
    width = max(len(analysis.title) for analysis in analyses)
    for analysis in analyses:
        needs = ", ".join(analysis.needs) or "the lesions table"
        print(f"{analysis.id:8} {analysis.title:{width}} needs {needs}")
    return DONE
