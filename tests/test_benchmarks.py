"""What the benchmarks say of given seconds; how long anything takes is no test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.growth import Grown, exponent, rows_of
from benchmarks.measure import Contest, NotHereError, run
from benchmarks.page import BEGIN, END, write_page


def _missing() -> float:
    raise NotHereError("it is not installed")


def test_ratios_are_those_of_the_same_round() -> None:
    ours, theirs = iter([9.0, 2.0, 1.0, 4.0]), iter([9.0, 10.0, 30.0, 4.0])
    peers = {"peer": lambda: next(theirs), "absent": _missing}
    contest = Contest("x", "a job", lambda: next(ours), peers, {"peer": 6}, limit=1.5)

    outcome = run(contest, 3)

    assert outcome.ratio("peer") == (5.0, 1.0, 30.0)
    assert outcome.missing == {"absent": "it is not installed"}
    text = "\n".join(outcome.lines())
    assert "5.0 times ours (1.0 to 30.0); promised 6: NOT MET" in text
    assert "2.00 s   promised under 1.50 s: NOT MET" in text


def test_the_page_gets_its_tables_between_its_marks(tmp_path: Path) -> None:
    outcome = run(Contest("x", "a job", lambda: 0.5, {"peer": lambda: 5.0}, {"peer": 10}, 1.0), 2)
    point = {"measurements": 1000, "seconds": 2.0, "processor_seconds": 3.0, "peak_bytes": 2**30}
    found = {
        "date": "2026-01-01",
        "rounds": 2,
        "machine": {"python": "3.11"},
        "contests": [outcome.to_json()],
        "growth": [{"name": "growth-dask", "points": [point], "exponent": 1.2}],
    }
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")

    write_page(found, page)
    write_page(found, page)

    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\n") and text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert "| a job | lesionhet | 500.0 ms |  | under 1.00 s: met |" in text
    assert "|  | peer | 5.00 s | 10.0 (10.0 to 10.0) | 10 times: met |" in text
    assert "| 1,000 | 2.00 s | 3.00 s | 1.00 GiB |" in text
    assert "1.20 (promised 1.1 at most: **not met**)" in text
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="are needed, in this order"):
        write_page(found, page)


def test_an_exponent_is_found_again() -> None:
    grown = [Grown("memory", n, 1.0, 3e-5 * n**1.25, 0) for n in (10**5, 10**6, 10**7)]
    assert exponent(grown) == pytest.approx(1.25)


def test_the_cohorts_that_grow_are_like_trials() -> None:
    lesions, patients = rows_of(7, 500, np.random.default_rng(1))
    assert lesions["patient_id"].nunique() == len(patients) == 500
    assert 3.5 < len(lesions.groupby(["patient_id", "lesion_id"])) / 500 < 4.5
    assert 0 < lesions["diameter_mm"].isna().mean() < 0.1
    assert lesions["diameter_mm"].eq(0).any()
    assert lesions["diameter_mm"].duplicated().mean() > 0.9
