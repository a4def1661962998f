"""Every faulty input of the corpus gives the message, or the warnings, that a person has read and kept.

`python -m scripts.write_faulty` writes them anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from faulty import CASES, Case
from faulty.snapshots import compare


@pytest.mark.parametrize("case", CASES.values(), ids=str)
def test_faulty_input(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    compare(case.name, case.outcome())
