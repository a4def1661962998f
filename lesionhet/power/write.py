"""The folder of a power calculation."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import __version__
from lesionhet.aside import check_place, write_aside
from lesionhet.power.plan import PowerPlan
from lesionhet.power.words import to_chart, to_text

KIND: Final = "lesionhet power"
WHAT: Final = "power calculation"
RECORD: Final = "power.json"
TEXT: Final = "power.txt"


def check_target(target: Path) -> Path:
    """Say early whether a power calculation may be written to a folder.

    Parameters
    ----------
    target
        The folder.

    Returns
    -------
    pathlib.Path
        Its absolute path.

    Raises
    ------
    UsageError
        A file, a folder that holds something else than an earlier calculation, or the folder that the
        program runs in.
    """
    return check_place(target, WHAT, _is_ours)


def write_plan(plan: PowerPlan, target: Path, command: str) -> Path:
    """Write table, record, figure and text.

    Parameters
    ----------
    plan
        From `lesionhet.power.plan`.
    target
        Folder to write; it may be new, empty, or an earlier calculation, which is then replaced as a whole.
    command
        How the program was called, for the record.

    Returns
    -------
    pathlib.Path
        ``power.txt`` in the folder; beside it ``power.csv``, ``power.json`` and ``power.svg``, ``.png``,
        ``.pdf``.

    Raises
    ------
    UsageError
        The target is something else than the above, or it cannot be written.
    """
    place = check_target(target)
    write_aside(place, WHAT, lambda folder: _fill(plan, folder, command))
    return place / TEXT


def _fill(plan: PowerPlan, folder: Path, command: str) -> None:
    from lesionhet import figures

    text = f"{to_text(plan)}\n{command}\nlesionhet {__version__}\n"
    (folder / TEXT).write_text(text, encoding="utf-8", newline="\n")
    plan.table.to_csv(folder / "power.csv", index=False, lineterminator="\n", encoding="utf-8")
    content = json.dumps(record(plan, command), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / RECORD).write_text(content + "\n", encoding="utf-8", newline="\n")
    figures.save(figures.draw(to_chart(plan)), folder, "power")


def record(plan: PowerPlan, command: str) -> dict[str, Any]:
    """Give everything about a calculation as JSON has it.

    Parameters
    ----------
    plan, command
        As in `write_plan`.

    Returns
    -------
    dict
        ``kind``, ``version``, ``created``, ``command``, ``question``, ``designs``, ``alpha``, ``seed``,
        ``definitions``, and the tables ``calibration``, ``table``, ``found`` as rows; missing numbers
        are null.
    """
    kind = type(plan.question).__name__
    return {
        "kind": KIND,
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "question": {"is": kind, **dataclasses.asdict(plan.question)},
        "designs": [dataclasses.asdict(design) for design in plan.designs],
        "alpha": plan.alpha,
        "seed": plan.seed,
        "definitions": plan.definitions.to_dict(),
        "calibration": _rows(plan.calibration),
        "table": _rows(plan.table),
        "found": _rows(plan.found),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    whole = table.astype(object).where(table.notna(), None)
    return [
        {k: v.item() if isinstance(v, np.generic) else v for k, v in row.items()}
        for row in whole.to_dict("records")
    ]


def _is_ours(folder: Path) -> bool:
    try:
        content = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("kind") == KIND
