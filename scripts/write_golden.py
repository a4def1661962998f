"""Write R's answers to the default battery, with R's data sets and sessionInfo(), into a folder.

Usage: python scripts/write_golden.py tests/golden
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from lesionhet.validate.battery import Battery
from lesionhet.validate.case import Case
from lesionhet.validate.golden import Golden, ask_all, write_golden
from lesionhet.validate.r_data import data_sets
from r_bridge import sources
from r_bridge.data_sets import read_data_sets
from r_bridge.engine import REngine
from r_bridge.session import RSession

SESSION_INFO: Final = """
session_info <- function(data) {
  structure(list(text = data.frame(line = capture.output(print(sessionInfo(), locale = FALSE)))),
            method = "sessionInfo {utils}")
}
"""


def main(words: Sequence[str]) -> int:
    """Write everything; the one word is the folder."""
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(words[0])
    golden = from_r()
    write_golden(folder, golden)
    refused = sum(bool(answer.refused) for answer in golden.answers)
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(
        f"[golden] {folder}: {len(golden.answers):,} questions, {refused:,} of them refused, "
        f"{size / 1e6:.2f} MB"
    )
    return 0


def from_r() -> Golden:
    """Ask R everything; its packages are loaded by then, so that sessionInfo() names them all."""
    session = RSession({**sources(), "session_info.R": SESSION_INFO})
    try:
        answers = ask_all(_shown(Battery()), REngine(session))
        lines = session.call("session_info", pd.DataFrame()).tables["text"]["line"]
        versions = dict(session.versions())
    finally:
        session.close()
    rows = read_data_sets([data_set.name for data_set in data_sets()])
    return Golden(answers, rows, versions, "\n".join(lines) + "\n")


def _shown(cases: Iterable[Case]) -> Iterator[Case]:
    for case in cases:
        print(f"[golden] {case.name}", file=sys.stderr)
        yield case


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
