"""The command as a user types it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from lesionhet.cli import main
from lesionhet.simulate import simulate_trial, write_trial

SOME = ("T1", "1A", "1D", "2B", "2C", "2D", "2G", "RECIST", "TIME-1", "CHOICE-1", "NOISE-1")
"""Of every kind; a whole report is that of test_report.py."""
RUN = [sys.executable, "-m", "lesionhet"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write_trial(simulate_trial(n_patients=60, seed=9), folder)
    return folder


def _files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_two_tables_become_a_report(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out"
    arguments = ["analyze", str(tables / "lesions.csv"), str(tables / "patients.csv")]

    chosen = ["--only", ",".join(SOME), "--set", "site_min_lesions=5"]

    code = main([*arguments, "-o", str(target), "--r", "off", *chosen])

    said = capsys.readouterr()
    assert code == 0
    assert said.out.strip() == str(target / "report.html")
    assert "R was not asked" in said.err
    assert {
        "report.html",
        "results.json",
        "attrition.csv",
        "agreement.csv",
        "reproduce.R",
    } <= _files(target)
    results = json.loads((target / "results.json").read_text(encoding="utf-8"))
    assert {a["id"]: a["status"] for a in results["analyses"]} == dict.fromkeys(SOME, "done")


def test_tables_alone_are_those_of_the_report(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["analyze", str(tables / "lesions.csv"), str(tables / "patients.csv"), "--r", "off"]
    few = ["--only", "T1,2B,2C,6B", "--set", "site_min_lesions=5"]
    whole, alone = tmp_path / "whole", tmp_path / "alone"

    assert main([*arguments, *few, "-o", str(whole)]) == 0
    assert main([*arguments, *few, "-o", str(alone), "--tables-only", "--workers", "2"]) == 0

    assert capsys.readouterr().out.split() == [
        str(whole / "report.html"),
        str(alone / "results.json"),
    ]
    assert _files(alone) == {"agreement.csv", "attrition.csv", "results.json", "tables"}
    assert _files(alone / "tables") == _files(whole / "tables")
    for table in (whole / "tables").iterdir():
        assert (alone / "tables" / table.name).read_bytes() == table.read_bytes()
    numbers = [
        {row["name"]: (row["method"], row["n"]) for row in json.loads(text)["numbers"]}
        for text in ((f / "results.json").read_text(encoding="utf-8") for f in (whole, alone))
    ]
    assert numbers[0] == numbers[1]


@pytest.mark.r
def test_with_r_every_number_has_its_twin(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out"

    code = main(
        ["analyze", str(tables / "lesions.csv"), str(tables / "patients.csv"), "-o", str(target),
         "--r", "require", "--only", "2C,2G", "--set", "site_min_lesions=5"]
    )  # fmt: skip

    assert code == 0
    assert "Python and R agree on all" in capsys.readouterr().err
    agreement = pd.read_csv(target / "agreement.csv")
    assert set(agreement["verdict"]) == {"agree"}
    assert {"2C.log_rank", "2G.dunn"} <= set(agreement["name"])


def test_foreign_column_names_are_mapped(tables: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.csv"
    lesions = pd.read_csv(tables / "lesions.csv")
    renamed = {"patient_id": "SUBJ", "day": "DY", "diameter_mm": "LDIAM"}
    lesions.rename(columns=renamed).to_csv(foreign, index=False)
    maps = [word for name, column in renamed.items() for word in ("--map", f"{name}={column}")]

    code = main(
        ["analyze", str(foreign), *maps, "-o", str(tmp_path / "out"), "--r", "off", "--only", "T1c"]
    )

    assert code == 0
    found = pd.read_csv(tmp_path / "out" / "tables" / "patients.csv")
    assert len(found) == 60


def test_bad_input_writes_nothing_and_exits_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("patient_id,lesion_id,day,diameter_mm\nP,L,0,-5\nP,L,x,12\n", encoding="utf-8")

    code = main(["analyze", str(bad), "-o", str(tmp_path / "out")])

    said = capsys.readouterr().err
    assert code == 2
    assert "2 problems found" in said
    assert "column 'diameter_mm'" in said
    assert "column 'day'" in said
    assert _files(tmp_path) == {"bad.csv"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--map", "day"], "permitted is NAME=COLUMN"),
        (["--map", "day=a", "--map", "day=b"], "given twice"),
        (["--set", "crossing"], "permitted is NAME=VALUE"),
        (["--set", "burden=complete", "--set", "burden=available"], "given twice"),
        (["--definitions", "paper2020"], "'paper2021', 'unbiased', 'recist11'"),
        (["--set", "crossing=spline"], "permitted: 'scan', 'linear'"),
        (["--set", "colour=red"], "Unknown definition"),
        (["--only", "9Z"], "Unknown analyses 9Z"),
        (["--show", "nobody"], "not in the cohort: nobody"),
        (["--map", "dai=DAY"], "dai"),
    ],
)
def test_unusable_options_are_refused_with_what_is_permitted(
    words: list[str],
    message: str,
    tables: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["analyze", str(tables / "lesions.csv"), "-o", str(tmp_path / "out"), *words])

    assert code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["analyze", str(tmp_path / "none.csv"), "-o", str(tmp_path / "out")])

    assert code == 2
    assert "none.csv" in capsys.readouterr().err


def test_a_foreign_folder_is_not_overwritten(tables: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious", encoding="utf-8")

    code = main(["analyze", str(tables / "lesions.csv"), "-o", str(tmp_path), "--r", "off"])

    assert code == 2
    assert _files(tmp_path) == {"thesis.tex"}


def test_required_r_that_is_not_there_exits_3(
    tables: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # An empty PATH and no R_HOME: a machine on which R was never installed.
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("R_HOME", raising=False)
    arguments = [
        "analyze",
        str(tables / "lesions.csv"),
        "-o",
        str(tmp_path / "out"),
        "--only",
        "T1c",
    ]

    required = main([*arguments, "--r", "require"])
    message = capsys.readouterr().err
    automatic = main([*arguments, "--r", "auto"])

    assert required == 3
    assert "apt-get install" in message
    assert automatic == 0
    assert "Without R's column" in capsys.readouterr().err


def test_the_same_input_gives_the_same_bytes(tables: Path, tmp_path: Path) -> None:
    contents = []
    for name in ("one", "two"):
        folder = tmp_path / name / "report"
        folder.parent.mkdir()
        main(
            [
                "analyze",
                str(tables / "lesions.csv"),
                "-o",
                str(folder),
                "--r",
                "off",
                "--only",
                "T1c,S2",
            ]
        )
        contents.append(
            {
                path.relative_to(folder): path.read_bytes()
                for path in sorted(folder.rglob("*"))
                if path.is_file() and path.name not in ("report.html", "results.json")
            }
        )

    assert contents[0] == contents[1]
    assert len(contents[0]) > 5


def test_analyses_lists_ids_and_needs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["analyses"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("2C") and "os_days, os_event" in line for line in lines)


def test_simulate_writes_tables_that_analyze_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["simulate", "--patients", "30", "--seed", "5", "-o", str(tmp_path), "--truth"]) == 0
    )

    written = [Path(line) for line in capsys.readouterr().out.split()]
    assert {path.name for path in written} >= {"lesions.csv", "patients.csv"}
    assert all(path.is_file() for path in written)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, lesionhet.cli\n"
        "try: lesionhet.cli.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'scipy', 'matplotlib', 'rpy2', 'streamlit', 'lifelines'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr.strip() == "[]"
    assert "analyze" in done.stdout


def test_the_package_imports_neither_r_nor_pages_nor_drawing() -> None:
    code = (
        "import sys, lesionhet, lesionhet.study, lesionhet.pipeline, lesionhet.analyses\n"
        "heavy = {'rpy2', 'streamlit', 'matplotlib', 'r_bridge', 'scipy.stats', 'scipy.sparse',\n"
        "  'scipy.optimize', 'lifelines', 'scikit_posthocs', 'openpyxl', 'pyreadstat', 'defusedxml',\n"
        "  'pyarrow.parquet', 'jinja2', 'PIL', 'dask', 'distributed'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_every_public_name_resolves() -> None:
    import lesionhet

    assert all(getattr(lesionhet, name) is not None for name in lesionhet.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        lesionhet.nothing  # noqa: B018
