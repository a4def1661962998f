"""``lesionhet doctor``: what is installed, what is missing, how to add it."""

from __future__ import annotations

import argparse
from typing import Any

from lesionhet.commands.options import DONE


def add(commands: Any) -> None:
    """Add the command."""
    doctor = commands.add_parser("doctor", help="what is installed, what is missing, how to add it")
    doctor.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look, and say what was found."""
    from lesionhet.doctor import diagnose

    print(diagnose().to_text())
    return DONE
