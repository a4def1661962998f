"""A cohort in parts: the same numbers as in memory, and what is said where the parts do not fit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scale_helpers import Tables, odd_tables, write_folder, written

from benchmarks.growth import Grown, exponent, rows_of
from lesionhet import build_study, cohort_from_frames, load_definitions
from lesionhet.analyses import ledger
from lesionhet.analyses.run import run_analyses, select_analyses
from lesionhet.cli import main
from lesionhet.definitions import Definitions
from lesionhet.engines import engine
from lesionhet.errors import InputError, UsageError
from lesionhet.readers import Notice, ReadOptions
from lesionhet.report.tables import lesion_table, patient_table
from lesionhet.scale.analysis import PartsOutcome, analyze_parts
from lesionhet.scale.checks import told_once
from lesionhet.scale.gathered import columns_of, together
from lesionhet.scale.group_tables import group_tables
from lesionhet.scale.partition import part_of_patients, write_partitions
from lesionhet.scale.parts import find_parts
from lesionhet.study import Study
from lesionhet.workers import Crew

FIXED = {"gower_range": "fixed", "gower_bounds": {"nadir_ratio": (0.2, 1.0), "last_ratio": (0, 2)}}
DEFINITIONS = {
    "paper2021": load_definitions("paper2021", {"site_min_lesions": 8}),
    "unbiased": load_definitions("unbiased", {"site_min_lesions": 8}),
    "fixed": load_definitions("paper2021", FIXED),
    "available": load_definitions("unbiased", {"burden": "available", "site_min_lesions": 0}),
}
ALONE = ("available", "fixed")
"""Without a patients table."""


@pytest.fixture(scope="module")
def tables() -> Tables:
    return odd_tables()


@pytest.fixture(scope="module")
def studies(tables: Tables) -> dict[str, Study]:
    both, alone = cohort_from_frames(*tables), cohort_from_frames(tables[0])
    return {
        name: build_study(alone if name in ALONE else both, one)
        for name, one in DEFINITIONS.items()
    }


def analyzed(folder: Path, out: Path, definitions: Definitions) -> PartsOutcome:
    out.mkdir()
    return analyze_parts(find_parts(folder), out, definitions, Crew())


def in_memory(study: Study) -> dict[str, pd.DataFrame]:
    labels = [name for name in ("arm", "trial", "kras") if name in study.patients]
    rows = study.lesions.join(study.patients.set_index("patient_id")[labels], on="patient_id")
    return group_tables(rows, study.patients, study.definitions, engine("python"))


@pytest.mark.parametrize(
    ("name", "parts"),
    [("paper2021", 4), ("unbiased", 3), ("available", 2), ("fixed", 1)],
)
def test_parts_give_the_numbers_of_the_whole(
    name: str, parts: int, tables: Tables, studies: dict[str, Study], tmp_path: Path
) -> None:
    folder = write_folder(tmp_path / "in", tables, parts)
    study = studies[name]
    if name in ALONE:
        shutil.rmtree(folder / "patients")
    found = analyzed(folder, tmp_path / "out", DEFINITIONS[name])
    for table, whole in (("lesions", lesion_table(study)), ("patients", patient_table(study))):
        pd.testing.assert_frame_equal(written(tmp_path / "out", table), whole, rtol=1e-12)
    pd.testing.assert_frame_equal(found.attrition, study.cohort.attrition)
    expected = in_memory(study)
    assert list(found.tables) == list(expected)
    for key, table in found.tables.items():
        pd.testing.assert_frame_equal(table, expected[key], rtol=1e-12)
    assert (found.n_lesions, found.n_patients) == (len(study.lesions), len(study.patients))


def test_a_part_without_followed_lesions_counts(tables: Tables, tmp_path: Path) -> None:
    lesions, patients = (table[table["patient_id"].isin(["Z1", "Z3"])] for table in tables)
    found = analyzed(
        write_folder(tmp_path / "in", (lesions, patients), 2), tmp_path / "out", Definitions()
    )
    assert len(list((tmp_path / "out" / "lesions").iterdir())) == 1
    whole = cohort_from_frames(lesions, patients)
    pd.testing.assert_frame_equal(found.attrition, whole.attrition)


def test_one_cohort_range_over_all_parts(tmp_path: Path) -> None:
    # Hand values: nadir ratios 0.5, 0.75 | 1.0, 1.0; the range of the cohort is 0.5, that of P1 is 0.25.
    rows = pd.DataFrame(
        [(p, n, d, s) for p, n, s0, s1 in
         [("P1", "A", 20, 10), ("P1", "B", 20, 15), ("P2", "A", 20, 20), ("P2", "B", 20, 20)]
         for d, s in ((0, s0), (50, s1))],
        columns=["patient_id", "lesion_id", "day", "diameter_mm"],
    ).astype({"diameter_mm": float})  # fmt: skip
    write_folder(tmp_path / "in", (rows, rows[["patient_id"]].drop_duplicates()), 2)
    analyzed(tmp_path / "in", tmp_path / "out", load_definitions("unbiased"))
    # P1: response differs (1), stable differs (1), relapse alike; both ratios 0.25 / 0.5 apart.
    found = written(tmp_path / "out", "lesions")["gower"]
    assert found.tolist() == pytest.approx([0.6, 0.6, 0.0, 0.0])


def test_group_tables_are_those_of_the_ledger(studies: dict[str, Study]) -> None:
    study = studies["paper2021"]
    found = in_memory(study)
    results = run_analyses(
        select_analyses(ledger(study.plan), ["2A", "2G", "T1c"]), study, engine("python")
    )
    shown = {result.id: result.shown.tables for result in results}
    spread = found["spread"][found["spread"]["table"] == "lesions"]
    of_ledger = shown["2A"]["measures"]
    mine = spread[spread["by"] == "all"].reset_index(drop=True)[of_ledger.columns]
    order = pd.Index(of_ledger["measure"]).get_indexer(mine["measure"])
    pd.testing.assert_frame_equal(mine, of_ledger.iloc[order].reset_index(drop=True))
    by_site = shown["2G"]["spread"]
    site = spread[(spread["by"] == "site_group") & (spread["measure"] == "gower")]
    own = site[site["group"].isin(by_site["group"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(own[by_site.columns.tolist()], by_site)
    pd.testing.assert_frame_equal(found["sites"], shown["T1c"]["sites"])


def test_group_tables_by_a_loop(studies: dict[str, Study]) -> None:
    study = studies["unbiased"]
    found = in_memory(study)
    spread, flags = found["spread"], found["flags"]
    arms = study.patients.set_index("patient_id")["arm"]
    for row in spread[(spread["table"] == "lesions") & (spread["by"] == "arm")].itertuples():
        values = study.lesions[study.lesions["patient_id"].map(arms) == row.group][row.measure]
        values = values.dropna().to_numpy()
        expected = [
            len(values),
            values.mean(),
            values.std(ddof=1),
            *np.quantile(values, [0.25, 0.5]),
        ]
        assert [row.n, row.mean, row.sd, row.q25, row.median] == pytest.approx(
            expected, nan_ok=True
        )
    one = flags[(flags["table"] == "lesions") & (flags["by"] == "all")]
    inconsistent = one[(one["measure"] == "inconsistent") & (one["level"] == "present")]
    known = study.lesions["inconsistent"].dropna()
    assert inconsistent[["count", "n"]].values.tolist() == [[known.sum(), len(known)]]


def test_partitions_hold_every_row_once(tables: Tables, tmp_path: Path) -> None:
    cohort = cohort_from_frames(*tables)
    path = write_partitions(cohort, tmp_path / "parts", 4)
    content = json.loads(path.read_text())
    assert content["schema"] == 1
    assert len(content["parts"]) == 4
    assert sum(one["n_rows"] for one in content["parts"]) == len(tables[0])
    assert sum(one["n_patients"] for one in content["parts"]) == len(tables[1])
    seen: list[str] = []
    for one in content["parts"]:
        ids = set(pd.read_parquet(tmp_path / "parts" / one["lesions"])["patient_id"])
        assert ids <= set(pd.read_parquet(tmp_path / "parts" / one["patients"])["patient_id"])
        seen += sorted(ids)
    assert seen == sorted(set(tables[0]["patient_id"]))
    found = analyzed(tmp_path / "parts", tmp_path / "out", Definitions())
    pd.testing.assert_frame_equal(found.attrition, cohort.attrition)
    whole = lesion_table(build_study(cohort))
    pd.testing.assert_frame_equal(written(tmp_path / "out", "lesions"), whole, rtol=1e-12)


def test_more_parts_than_patients_and_no_patients_table(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {"patient_id": ["P1", "P1"], "lesion_id": "L", "day": [0, 50], "diameter_mm": [9.0, 5.0]}
    )
    write_partitions(cohort_from_frames(rows), tmp_path / "parts", 9)
    assert [part.patients for part in find_parts(tmp_path / "parts")] == [None]
    found = analyzed(tmp_path / "parts", tmp_path / "out", Definitions())
    assert (found.n_lesions, list(found.tables)) == (1, ["spread", "medians", "flags"])
    with pytest.raises(UsageError, match="partitions is 0"):
        write_partitions(cohort_from_frames(rows), tmp_path / "other", 0)


def test_parts_are_of_about_the_same_size() -> None:
    rng = np.random.default_rng(5)
    ids = pd.Series(np.repeat([f"P{k:03}" for k in range(200)], rng.integers(1, 30, 200)))
    part = part_of_patients(ids, ids, 8)
    sizes = ids.map(part).value_counts()
    assert len(sizes) == 8
    assert sizes.max() - sizes.min() <= 2 * 30
    assert part.is_monotonic_increasing


def test_problems_of_all_files_come_together(tables: Tables, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", tables, 3)
    for number, column, value in ((0, "diameter_mm", -4.0), (2, "day", None)):
        path = folder / "lesions" / f"{number}.parquet"
        rows = pd.read_parquet(path)
        rows.loc[0, column] = value
        rows.to_parquet(path, index=False)
    with pytest.raises(InputError) as error:
        analyzed(folder, tmp_path / "out", Definitions())
    text = str(error.value)
    assert "lesions/0.parquet, column 'diameter_mm'" in text
    assert "lesions/2.parquet, column 'day'" in text


def test_a_patient_in_two_files_is_named_with_both(tables: Tables, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", tables, 3)
    for name in ("lesions", "patients"):
        path = folder / name / "1.parquet"
        frame = pd.read_parquet(path)
        moved = pd.read_parquet(folder / name / "0.parquet")
        again = moved[moved["patient_id"] == moved["patient_id"].iloc[0]].head(1)
        again = again.assign(patient_id=pd.read_parquet(folder / "lesions" / "0.parquet")
                             .sort_values("patient_id")["patient_id"].iloc[0])  # fmt: skip
        pd.concat([frame, again]).to_parquet(path, index=False)
    with pytest.raises(InputError, match=r"0\.parquet, column 'patient_id': patient '.*' is also in "
                       r"'.*1\.parquet'\. Put all rows of a patient into one file"):  # fmt: skip
        analyzed(folder, tmp_path / "out", Definitions())


def test_a_column_of_two_types_is_refused(tables: Tables, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", tables, 2)
    path = folder / "patients" / "1.parquet"
    rows = pd.read_parquet(path)
    rows.assign(age="old").to_parquet(path, index=False)
    with pytest.raises(InputError, match=r"column 'age': the column holds numbers in .*0\.parquet but "
                       r"text in .*1\.parquet"):  # fmt: skip
        analyzed(folder, tmp_path / "out", Definitions())


def spoil_manifest(folder: Path, **changes: Any) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_folders_that_do_not_fit(tables: Tables, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", tables, 2)
    (folder / "patients" / "1.parquet").rename(folder / "patients" / "one.parquet")
    with pytest.raises(
        InputError, match=r"(?s)no file of the same name.*'1\.parquet'.*'one\.parquet'"
    ):
        find_parts(folder)
    (folder / "patients" / "one.parquet").unlink()
    path = folder / "lesions" / "0.parquet"
    pd.read_parquet(path).drop(columns="site").to_parquet(path)
    (folder / "lesions" / "1.parquet").rename(folder / "lesions" / "a.parquet")
    with pytest.raises(InputError, match="its columns are"):
        find_parts(folder / "lesions")
    path.write_bytes(b"nonsense")
    with pytest.raises(InputError, match=r"0\.parquet: the Parquet file cannot be read"):
        find_parts(folder / "lesions")
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match=r"no files \*\.parquet"):
        find_parts(tmp_path / "none")
    parts = tmp_path / "parts"
    manifest = write_partitions(cohort_from_frames(*tables), parts, 2)
    whole = json.loads(manifest.read_text())["parts"]
    spoil_manifest(parts, parts=[whole[0] | {"n_rows": 3}, whole[1]])
    with pytest.raises(InputError, match="another number of rows"):
        find_parts(parts)
    spoil_manifest(parts, parts=[whole[0] | {"lesions": "../in/lesions/a.parquet"}])
    with pytest.raises(InputError, match="files outside its folder"):
        find_parts(parts)
    spoil_manifest(parts, parts=[whole[0] | {"lesions": "lesions/gone.parquet"}])
    with pytest.raises(InputError, match="not there"):
        find_parts(parts)
    spoil_manifest(parts, schema=2)
    with pytest.raises(InputError, match="its schema is 2"):
        find_parts(parts)


def test_nobody_to_follow_in_any_part(tables: Tables, tmp_path: Path) -> None:
    own = tuple(table[table["patient_id"] == "Z3"] for table in tables)
    folder = write_folder(tmp_path / "in", (own[0], own[1]), 1)
    with pytest.raises(InputError, match="no lesion can be followed"):
        analyzed(folder, tmp_path / "out", Definitions())


def test_numbers_survive_being_gathered() -> None:
    table = pd.DataFrame({"a": [1.5, np.nan], "b": [2, 0], "c": [3e9, 1.0], "arm": ["x", None]})
    both = together([columns_of(table, ["a", "b", "c"], ["arm", "site"])] * 2)
    pd.testing.assert_frame_equal(
        both, pd.concat([table, table], ignore_index=True).astype({"b": float})
    )


def test_data_of_the_growth_benchmark() -> None:
    lesions, patients = rows_of(7, 300, np.random.default_rng(1))
    cohort = cohort_from_frames(lesions, patients)
    assert not any("jump" in notice.text for notice in cohort.notices)
    assert cohort.patients["patient_id"].iloc[0] == "P00000007"
    known = lesions["diameter_mm"].dropna()
    assert 0 < lesions["diameter_mm"].isna().mean() < 0.05
    assert (known == known.round()).all()
    assert (known == 0).any()
    assert 3.5 < len(cohort.lesions) / len(cohort.patients) < 4.5
    again, _ = rows_of(7, 300, np.random.default_rng(1))
    pd.testing.assert_frame_equal(lesions, again)


def test_exponent_of_growth() -> None:
    found = [Grown("dask", n, 0.0, 3e-5 * n**1.07, 0) for n in (10**5, 10**6, 2 * 10**7)]
    assert exponent(found) == pytest.approx(1.07)


def test_notices_of_many_files_are_told_once() -> None:
    notices = [Notice("note", f"f{k}: {n} rows") for k, n in ((1, 3), (2, 4), (3, 3))]
    notices.append(Notice("warning", "f1: 3 rows"))
    found = told_once(notices, ["f1", "f2", "f3"])
    assert [one.text for one in found] == ["f1: 3 rows (Alike: 2 more files.)", "f1: 3 rows"]


def test_no_file_is_passed_over(tables: Tables, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", tables, 4)
    for name in ("lesions", "patients"):
        (folder / name / "0.parquet").rename(folder / name / "b.pq")
        (folder / name / "1.parquet").rename(folder / name / "D.PARQUET")
        (folder / name / "_SUCCESS").touch()
        (folder / name / ".hidden").mkdir()
        (folder / name / ".hidden" / "x.parquet").touch()
    found = [Path(part.lesions).name for part in find_parts(folder)]
    assert found == ["2.parquet", "3.parquet", "D.PARQUET", "b.pq"]
    whole = build_study(cohort_from_frames(*tables))
    analyzed(folder, tmp_path / "out", Definitions())
    pd.testing.assert_frame_equal(
        written(tmp_path / "out", "lesions"), lesion_table(whole), rtol=1e-12
    )
    for stray in ("lesions/sub/c.parquet", "patients/more.csv", "c.parquet", "old/lesions/c.pq"):
        path = folder / stray
        path.parent.mkdir(exist_ok=True, parents=True)
        path.touch()
        with pytest.raises(InputError, match=rf"no part of a table: '.*{path.name}'"):
            find_parts(folder)
        path.unlink()
    # The patients in a folder within that of the lesions.
    one = tmp_path / "one"
    one.mkdir()
    for path in (folder / "lesions").glob("*.*"):
        if path.is_file():
            path.rename(one / path.name)
    (folder / "patients").rename(one / "patients")
    assert len(find_parts(one)) == 4


def test_files_that_the_manifest_does_not_name(tables: Tables, tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    manifest = write_partitions(cohort_from_frames(*tables), parts, 2)
    for name in ("lesions", "patients"):
        extra = parts / name / "late.parquet"
        shutil.copy(parts / name / "part-00000.parquet", extra)
        with pytest.raises(
            InputError, match=rf"does not name files that are there: '.*{name}/late"
        ):
            find_parts(parts)
        extra.unlink()
    path = parts / "patients" / "part-00001.parquet"
    rows = pd.read_parquet(path)
    assert json.loads(manifest.read_text())["parts"][1]["n_patient_rows"] == len(rows)
    rows.iloc[1:].to_parquet(path, index=False)
    with pytest.raises(InputError, match=r"another number of rows: '.*patients/part-00001"):
        find_parts(parts)


def test_a_part_of_patients_without_lesions(tables: Tables, tmp_path: Path) -> None:
    lesions, patients = tables
    folder = write_folder(tmp_path / "in", tables, 2)
    idle = patients["patient_id"] == "Z5"
    lesions.iloc[:0].to_parquet(folder / "lesions" / "idle.parquet", index=False)
    patients[idle].to_parquet(folder / "patients" / "idle.parquet", index=False)
    for number in (0, 1):
        path = folder / "patients" / f"{number}.parquet"
        rows = pd.read_parquet(path)
        rows[rows["patient_id"] != "Z5"].to_parquet(path, index=False)
    found = analyzed(folder, tmp_path / "out", Definitions())
    whole = cohort_from_frames(lesions, patients)
    pd.testing.assert_frame_equal(found.attrition, whole.attrition)
    assert [source.rows for source in found.sources if "idle" in source.file] == [0, 1]
    said = [one.text for one in found.all_notices if "lesions/idle" in one.text]
    assert len(said) == 1
    assert "1 patient without a row in" in said[0]
    assert said[0].endswith("'Z5'.")
    pd.testing.assert_frame_equal(
        written(tmp_path / "out", "patients"), patient_table(build_study(whole)), rtol=1e-12
    )


@pytest.mark.parametrize(
    ("names", "first", "options"),
    [
        (["BL", "W8"], [20.0, 9.0], ReadOptions()),
        (["visit", "diameter_mm"], ["later", 9.0], ReadOptions(visit_days={"later": 60.0})),
    ],
    ids=["wide", "visits that name days"],
)
def test_patients_without_lesions_in_other_layouts(
    names: list[str], first: list[object], options: ReadOptions, tmp_path: Path
) -> None:
    cells = [first, ["BL", 20.0]] if "visit" in names else [first]
    lesions = pd.DataFrame(cells, columns=names).assign(patient_id="P1", lesion_id="A")
    patients = pd.DataFrame({"patient_id": ["P1", "P2"]})
    folder = write_folder(tmp_path / "in", (lesions, patients), 2)
    (tmp_path / "out").mkdir()
    found = analyze_parts(find_parts(folder), tmp_path / "out", Definitions(), Crew(), options)
    whole = cohort_from_frames(lesions, patients, options)
    pd.testing.assert_frame_equal(found.attrition, whole.attrition)
    pd.testing.assert_frame_equal(
        written(tmp_path / "out", "lesions"), lesion_table(build_study(whole)), rtol=1e-12
    )


def test_notices_that_name_somebody_are_not_merged() -> None:
    files = [f"f{k}" for k in range(30)]
    named = [Notice("warning", f"{file}: 1 patient idle: 'P{file[1:]}'.") for file in files]
    columns = [Notice("note", f"{file}, column 'x{k}': 3 cells.") for file in files for k in (1, 2)]
    ignored = [Notice("note", f"{file}: columns ignored: 'a', 'b'.") for file in files]
    found = told_once([*named, *columns, *ignored], files)
    assert found[:20] == named[:20]
    assert [one.text for one in found[20:]] == [
        "f0, column 'x1': 3 cells. (Alike: 29 more files.)",
        "f0, column 'x2': 3 cells. (Alike: 29 more files.)",
        "f0: columns ignored: 'a', 'b'. (Alike: 29 more files.)",
        "10 more notices that name patients, lesions or labels: results.json.",
    ]


def spelled(patient: str, site: str) -> pd.DataFrame:
    rows = {"patient_id": patient, "lesion_id": "A", "day": [0, 50], "diameter_mm": [20.0, 9.0]}
    return pd.DataFrame(rows | {"site": site})


def test_spellings_are_told_of_all_files_together(tmp_path: Path) -> None:
    # The first file alone would take Lung, all files together take lung.
    first = [spelled("P1", "Lung"), spelled("P2", "Lung"), spelled("P3", "lung")]
    for number, rows in enumerate((first, [spelled(f"Q{k}", "lung") for k in range(3)])):
        pd.concat(rows).to_parquet(tmp_path / f"{number}.parquet", index=False)
    found = analyzed(tmp_path, tmp_path / "out", Definitions())
    said = [one.text for one in found.all_notices if "spellings" in one.text]
    assert said == ["column 'site' of all files: spellings merged into 'lung': 'Lung' (4 rows)."]


class Dying(Crew):
    """Leaves what a killed worker leaves: files that were begun."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def run(self, *words: Any, **named: Any) -> list[Any]:
        found = super().run(*words, **named)
        for name in ("lesions", "patients"):
            (self.folder / name / ".part-00001.parquet-0f3a").touch()
        return found


def test_files_that_were_begun_are_removed(tables: Tables, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "in", tables, 2)
    out = tmp_path / "out"
    out.mkdir()
    analyze_parts(find_parts(folder), out, Definitions(), Dying(out))
    for name in ("lesions", "patients"):
        assert sorted(path.name for path in (out / name).iterdir()) == [
            "part-00000.parquet",
            "part-00001.parquet",
        ]


DASK = ["analyze", "{folder}", "--engine", "dask"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["analyze", "{folder}"], "A folder of Parquet parts needs --engine dask"),
        (["analyze", "x.csv", "--scheduler", "tcp://x:1"], "--scheduler is for --engine dask"),
        ([*DASK, "--only", "2A"], "--only is about the ordinary report"),
        ([*DASK, "--r", "require"], "--r is about the ordinary report"),
        ([*DASK, "--plan", "mine.toml"], "--plan is about the ordinary report"),
        ([*DASK, "--reader", "independent"], "--reader is about CDISC data sets"),
        ([*DASK, "--sdtm", "x"], "one input is needed"),
        (
            ["convert", "x.csv", "--partitions", "2", "--xpt", "8"],
            "--xpt is about the ADaM data sets",
        ),
    ],
)
def test_options_that_do_not_go_together(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert main([*(word.format(folder=tmp_path) for word in words), "-o", out]) == 2
    assert said in capsys.readouterr().err


def test_convert_writes_parts(tables: Tables, tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("lesions.csv", "patients.csv")]
    for table, path in zip(tables, paths, strict=True):
        table.to_csv(path, index=False)
    words = ["convert", *paths, "--partitions", "3", "-o", str(tmp_path / "parts")]
    assert main(words) == 0
    assert main(words) == 0
    assert len(find_parts(tmp_path / "parts")) == 3
