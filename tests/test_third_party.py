"""Real lesions, where third-party data stand beside the project; they are never part of it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from lesionhet.cli import main

TRACKS = Path(__file__).parents[2] / "shared" / "data" / "deeplesion" / "tracks.csv"

pytestmark = pytest.mark.skipif(
    not TRACKS.exists(), reason="the third-party lesion tracks are not beside the project"
)


@pytest.mark.r
def test_real_lesions_become_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--map", "day=study_index", "--map", "diameter_mm=longest_diameter_mm"]

    code = main(["analyze", str(TRACKS), *words, "-o", str(tmp_path / "out"), "--r", "require"])

    said = capsys.readouterr().err
    assert code == 0
    assert "the first measurement served as baseline" in said
    assert "Python and R agree on all" in said
    lesions = pd.read_csv(tmp_path / "out" / "tables" / "lesions.csv")
    assert (len(lesions), lesions["patient_id"].nunique()) == (253, 105)
    assert lesions["gower"].between(0, 1).all()
    results = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    status = {a["id"]: a["status"] for a in results["analyses"]}
    assert {i for i, s in status.items() if s == "done"} >= {"T1c", "1A", "1B", "1C", "2A", "S2"}
    reasons = {a["id"]: a["reason"] for a in results["analyses"] if a["status"] == "skipped"}
    assert reasons["1D"] == "Its column is missing: site."
    assert reasons["2C"] == "Its columns are missing: os_days, os_event."
