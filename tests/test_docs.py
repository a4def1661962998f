"""The gallery and the ledger of the docs, written from the report of a small demo."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lesionhet.analyses import ledger
from lesionhet.analyses.base import AnalysisResult, Shown
from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions
from lesionhet.outcome import Outcome
from lesionhet.pipeline import analyze
from lesionhet.plan import load_plan
from lesionhet.report import write_report
from lesionhet.simulate import simulate_trial

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

import write_docs  # noqa: E402
from ledger_values import VALUES, Demo, survival  # noqa: E402

IDS = ["T1", "T1c", "1A", "1B", "1C", "1D", "2A-tau", "2B", "2C", "2D", "2G"]


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    trial = simulate_trial(n_patients=200, seed=9)
    lesions = trial.lesions.assign(site=trial.lesions["site"].replace({"lung": "lung | [left]_*"}))
    cohort = cohort_from_frames(lesions, trial.patients)
    return analyze(cohort, Definitions(site_min_lesions=5), r="off", only=IDS, synthetic=True)


@pytest.fixture(scope="module")
def docs(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    shutil.copy(ROOT / "docs" / "ledger.toml", folder)
    report = write_report(outcome, folder / "report", "lesionhet demo").parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "")
        assert write_docs.main([str(report), str(folder)]) == 0
    return folder


def content(docs: Path) -> dict:
    return json.loads((docs / "report" / "results.json").read_text(encoding="utf-8"))


def test_every_analysis_has_a_row_in_the_ledger_and_what_makes_its_value() -> None:
    published = write_docs.read_published(ROOT / "docs" / "ledger.toml")
    assert {analysis.id for analysis in ledger(load_plan())} <= set(published)
    assert set(published) == set(VALUES)


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.toml"
    path.write_text('[[row]]\nid = "1A"\npublished = ""\n' * 2)
    with pytest.raises(ValueError, match="twice"):
        write_docs.read_published(path)


def test_gallery_shows_every_figure_with_its_caption(outcome: Outcome, docs: Path) -> None:
    text = (docs / "gallery.md").read_text(encoding="utf-8")
    addresses = re.findall(r"!\[[^\n]*\]\(([^)]+)\)", text)
    shown = [chart for result in outcome.results for chart in result.shown.charts.values()]
    assert len(addresses) == len(shown) > 8
    for address in addresses:
        with Image.open(docs / unquote(address)) as image:
            assert image.width <= write_docs.WIDEST
    for chart in shown:
        assert write_docs.escaped(chart.caption) in text
    chapters = re.findall(r"^## (.+)$", text, flags=re.MULTILINE)
    assert chapters == list(dict.fromkeys(r.chapter for r in outcome.results if r.shown.charts))
    files = list((docs / "images" / "gallery").iterdir())
    assert len(files) == len(addresses)
    assert sum(path.stat().st_size for path in files) < 100_000 * len(files)


def test_small_pictures_keep_the_colours_of_few_pixels(tmp_path: Path) -> None:
    shades = np.linspace(0, 255, 400 * 300).reshape(300, 400, 1).repeat(3, 2).astype(np.uint8)
    shades[100:103, 200:203] = (215, 25, 28)
    Image.fromarray(shades).save(tmp_path / "x y.png")
    path = write_docs.small_picture(tmp_path / "x y.png", tmp_path)
    assert path.name == "x-y.png"
    with Image.open(path) as image:
        red = np.asarray(image.convert("RGB"))[101, 201].astype(int)
    assert np.abs(red - (215, 25, 28)).max() < 12


def test_a_second_run_leaves_no_picture_of_before(docs: Path) -> None:
    stale = docs / "images" / "gallery" / "stale.png"
    stale.write_bytes(b"old")
    before = (docs / "gallery.md").read_bytes()
    pictures = {p.name: p.read_bytes() for p in stale.parent.iterdir() if p != stale}
    write_docs.write_gallery(content(docs), docs / "report", docs)
    assert {p.name: p.read_bytes() for p in stale.parent.iterdir()} == pictures
    assert (docs / "gallery.md").read_bytes() == before


def rows(docs: Path) -> dict[str, list[str]]:
    """Cells of ledger.md by id."""
    lines = (docs / "ledger.md").read_text(encoding="utf-8").splitlines()
    cells = [re.split(r"(?<!\\) ?\| ?", line)[1:-1] for line in lines if line.startswith("| ")]
    return {row[0]: row for row in cells if row[0] not in ("id", "---")}


def test_ledger_has_a_row_an_analysis_with_published_and_simulated_value(
    outcome: Outcome, docs: Path
) -> None:
    found = rows(docs)
    assert list(found) == IDS
    assert {len(row) for row in found.values()} == {5}
    assert all(all(row) for row in found.values())
    assert found["2A-tau"][3] == "patients with more than two lesions: tau 0.005, P 0.71"
    assert found["1A"][3] == "–"
    assert "(gallery.md#analysis-2c)" in found["2C"][2]
    gallery = (docs / "gallery.md").read_text(encoding="utf-8")
    for target in re.findall(r"gallery\.md#([\w-]+)", (docs / "ledger.md").read_text("utf-8")):
        assert f'<a id="{target}"></a>' in gallery


def test_simulated_values_are_those_of_the_study(outcome: Outcome, docs: Path) -> None:
    study, found = outcome.study, {name: row[4] for name, row in rows(docs).items()}
    counts = study.patients["n_inconsistent"].dropna()
    some = f"{(counts > 0).sum()} of {len(counts)} patients ({(counts > 0).mean():.0%})"
    assert found["1C"] == f"at least one inconsistent lesion: {some}"
    n = study.patients["n_lesions"]
    assert found["T1c"] == f"median {n.median():g}, range {n.min()}–{n.max()}"
    share = study.lesions.groupby("site_group")["inconsistent"].mean()
    lowest = write_docs.escaped(share.idxmin())
    assert found["1D"].startswith(f"lowest {lowest} {share.min():.0%}")
    answers = {r.id: r.answers for r in outcome.results}
    for row in answers["2C"]["kaplan_meier_log"].to_frame("medians").itertuples():
        assert f"{row.group} {row.median:.0f} (n {row.n})" in found["2C"]
    ratio = answers["2D"]["os_per_sd"].to_frame()["hazard_ratio"].iloc[0]
    assert f"HR per SD {ratio:.2f} (" in found["2D"]
    tau = answers["2A-tau"]["kendall"].value("estimate")
    assert f"tau {tau:.3f}".replace("-", "−") in found["2A-tau"]


def test_what_was_not_done_is_told_with_its_reason(outcome: Outcome, docs: Path) -> None:
    skipped = AnalysisResult(
        "2F", "PPS", "Why?", "Chapter", "skipped", "Its column is missing: x|y."
    )
    report = write_report(
        dataclasses.replace(outcome, results=(skipped,)), docs / "skipped", "lesionhet demo"
    ).parent
    found = json.loads((report / "results.json").read_text(encoding="utf-8"))
    text = write_docs.ledger_text(found, {"2F": "significant"})
    assert r"| significant | not done: Its column is missing: x\|y. |" in text


def test_medians_that_are_not_reached_are_said(docs: Path) -> None:
    changed = content(docs)
    for entry in changed["numbers"]:
        for table in entry["tables"]:
            if table["table"] == "medians":
                for cell in table["numbers"]:
                    if cell["column"] == "median":
                        cell["python"] = None
    assert "low not reached (n " in survival(Demo(changed), "2C")


def test_without_a_browser_the_picture_stays_and_it_is_said(
    docs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    target = tmp_path / "report.png"
    target.write_bytes(b"old")
    said = write_docs.take_screenshot(docs / "report" / "report.html", target)
    assert "no browser" in said
    assert target.read_bytes() == b"old"


@pytest.mark.skipif(
    not any(shutil.which(name) for name in write_docs.BROWSERS), reason="no browser is installed"
)
def test_with_a_browser_the_first_screen_is_taken(docs: Path, tmp_path: Path) -> None:
    target = tmp_path / "images" / "report.png"
    said = write_docs.take_screenshot(docs / "report" / "report.html", target)
    assert said == str(target)
    with Image.open(target) as image:
        assert image.width == write_docs.WIDEST
        assert len(image.convert("RGB").getcolors(100_000) or ()) > 10


def test_two_words_are_needed(capsys: pytest.CaptureFixture[str]) -> None:
    assert write_docs.main(["one"]) == 2
    assert "Usage" in capsys.readouterr().err


def test_charts_that_could_not_be_drawn_have_no_picture(outcome: Outcome, tmp_path: Path) -> None:
    shown = Shown({"one": pd.DataFrame({"n": [1]})})
    result = AnalysisResult("S-T", "Tables", "Which?", "", "done", shown=shown)
    report = write_report(
        dataclasses.replace(outcome, results=(result,)), tmp_path / "report", "lesionhet demo"
    ).parent
    found = json.loads((report / "results.json").read_text(encoding="utf-8"))
    write_docs.write_gallery(found, report, tmp_path)
    assert list((tmp_path / "images" / "gallery").iterdir()) == []
    assert "## " not in (tmp_path / "gallery.md").read_text(encoding="utf-8")
    assert "| S-T | Tables | 1 table | tables |" in write_docs.ledger_text(found, {"S-T": "tables"})
