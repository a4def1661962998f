"""Out again: the two tables read back to the same cohort, the data sets hold what was computed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import defusedxml.ElementTree
import numpy as np
import pandas as pd
import pyreadstat
import pytest

from lesionhet.cdisc.read_adam import read_adam
from lesionhet.cli import main
from lesionhet.cohort import Cohort, cohort_from_frames, cohort_from_intake, read_cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import InputError, UsageError
from lesionhet.export.dataset import ASSIGNED, DataSet, Variable
from lesionhet.export.define_parts import DEF, ODM
from lesionhet.export.folder import data_sets, write_conversion
from lesionhet.export.xpt import VERSIONS, misfits, write_xpt
from lesionhet.simulate import simulate_trial
from lesionhet.study import Study, build_study

NS = {"odm": ODM, "def": DEF}
TEXT = "A longest text that fits: " + "x" * 174


def awkward() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give tables with all that a table may hold: duplicates, zeros, gaps, new and non-target lesions."""
    lesions = pd.DataFrame(
        [
            ("P1", "10", -3.0, 20.0, "liver", "base", "target"),
            ("P1", "10", 40.0, 12.0, "liver", "wk 6", "target"),
            ("P1", "10", 40.0, 12.0, "liver", "wk 6", "target"),
            ("P1", "9", -40.0, 33.0, "lung", "screen", "target"),
            ("P1", "9", -3.0, 30.0, "lung", "base", "target"),
            ("P1", "9", 41.5, 0.0, "lung", "wk 6", "target"),
            ("P1", "9", 80.0, None, None, None, "target"),
            ("P1", "N1", 80.0, 8.0, "brain", None, "new"),
            ("P2", "1", 3.0, 1 / 3, "bone", None, "target"),
            ("P2", "1", 50.0, 0.1 + 0.2, "bone", None, "target"),
            ("P2", "2", 0.0, 10.0, None, "base", "non-target"),
            ("P3", "1", 0.0, 25.0, "liver", "base", "target"),
            ("P4", " 1", 0.0, 0.0, "liver", "base", "target"),
            ("P4", " 1", 30.0, 4.0, "liver", "wk 6", "target"),
        ],
        columns=["patient_id", "lesion_id", "day", "diameter_mm", "site", "visit", "lesion_type"],
    )
    patients = pd.DataFrame(
        {
            # P4 has no followed lesion, P5 no lesion at all.
            "patient_id": ["P2", "P1", "P3", "P4", "P5"],
            "arm": ['A, "b"', "A, 'c'", None, "D", "D"],
            "os_days": [400.0, 120.5, None, 33.0, 7.0],
            "os_event": [0.0, 1.0, None, 1.0, 0.0],
            "pfs_days": [400.0, 80.0, None, None, None],
            "pfs_event": [0.0, 1.0, None, None, None],
            "progressed": [None, 1.0, None, None, None],
            "ECOG at start": [1.0, 0.0, None, 2.0, 1.0],
            "note": [TEXT[:200], "007", None, None, "P5"],
        }
    )
    return lesions, patients


@pytest.fixture(scope="module")
def simulated() -> Study:
    trial = simulate_trial(n_patients=40, seed=3)
    return build_study(cohort_from_frames(trial.lesions, trial.patients))


@pytest.fixture(scope="module")
def written(simulated: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("convert") / "out"
    write_conversion(simulated, place)
    return place


def awkward_study() -> Study:
    return build_study(cohort_from_frames(*awkward()))


def xpt(folder: Path, name: str) -> pd.DataFrame:
    return pyreadstat.read_xport(str(folder / f"{name}.xpt"))[0]


def assert_same_cohort(first: Cohort, second: Cohort) -> None:
    for name in ("measurements", "lesions", "patients", "rows", "described"):
        one, two = getattr(first, name), getattr(second, name)
        pd.testing.assert_frame_equal(one, two, check_exact=True, check_like=name == "rows")
    pd.testing.assert_frame_equal(first.attrition, second.attrition)
    assert first.columns == second.columns


# ------------------------------------------------------------------------------------ two tables


def test_the_two_tables_read_back_to_the_identical_cohort(simulated: Study, written: Path) -> None:
    again = read_cohort(written / "lesions.csv", written / "patients.csv")
    assert_same_cohort(simulated.cohort, again)


def test_awkward_tables_read_back_too(tmp_path: Path) -> None:
    study = awkward_study()
    done = write_conversion(study, tmp_path / "out")
    again = read_cohort(done.folder / "lesions.csv", done.folder / "patients.csv")
    assert_same_cohort(study.cohort, again)
    pd.testing.assert_frame_equal(build_study(again).lesions, study.lesions)


def test_without_a_patients_table_none_is_written(tmp_path: Path) -> None:
    cohort = cohort_from_frames(awkward()[0].drop(columns=["site", "visit"]))
    done = write_conversion(build_study(cohort), tmp_path / "out")
    assert "patients.csv" not in done.files and "adtte.xpt" not in done.files
    assert_same_cohort(cohort, read_cohort(done.folder / "lesions.csv"))


def test_texts_that_would_be_formulas_are_told(tmp_path: Path) -> None:
    lesions, _ = awkward()
    cohort = cohort_from_frames(lesions.replace({"site": {"liver": "=1+1"}}))
    done = write_conversion(build_study(cohort), tmp_path / "out")
    assert "'=1+1" in (done.folder / "lesions.csv").read_text(encoding="utf-8")
    assert any("'=1+1'" in remark and "apostrophe" in remark for remark in done.remarks)


# ------------------------------------------------------------------------------------ data sets


def test_the_data_sets_read_back_as_adam(simulated: Study, written: Path) -> None:
    again = cohort_from_intake(read_adam(written))
    before, after = simulated.cohort, again

    names = ["patient_id", "lesion_id", "day", "diameter_mm", "is_baseline"]
    pd.testing.assert_frame_equal(
        before.measurements[names], after.measurements[names], check_exact=True
    )
    names = ["os_days", "os_event", "pfs_days", "pfs_event", "progressed", "arm"]
    expected = before.patients[names].copy()
    # ADTTE says of an event whether it was a progression; of a censored time there is nothing to say.
    expected["progressed"] = expected["progressed"].where(expected["pfs_event"].eq(1))
    pd.testing.assert_frame_equal(expected, after.patients[names], check_exact=True)
    pd.testing.assert_frame_equal(
        simulated.lesions.drop(columns=["site", "site_group"]),
        build_study(again).lesions.drop(columns=["site", "site_group"]),
    )


def test_adhet_holds_the_numbers_of_the_study(simulated: Study, written: Path) -> None:
    wide = xpt(written, "adhet").pivot_table(index="USUBJID", columns="PARAMCD", values="AVAL")
    own = simulated.patients.set_index("patient_id")
    for code, name in (("GOWER", "gower"), ("NLESION", "n_lesions"), ("NADIR", "nadir_ratio")):
        expected = own[name].astype(float).dropna()
        np.testing.assert_array_equal(wide[code].dropna().to_numpy(), expected.to_numpy())
    counts = xpt(written, "adhet").groupby("USUBJID").size()
    assert set(counts) == {12} and len(counts) == len(own)


def test_adhetl_has_a_record_a_lesion_and_parameter(simulated: Study, written: Path) -> None:
    long = xpt(written, "adhetl")
    assert not long.duplicated(["USUBJID", "TRLNKID", "PARAMCD"]).any()
    assert len(long) == 11 * len(simulated.lesions)
    gower = long[long["PARAMCD"].eq("GOWER")]["AVAL"].to_numpy()
    np.testing.assert_array_equal(gower, simulated.lesions["gower"].to_numpy())


def test_adtr_flags_baselines_and_what_is_analysed(tmp_path: Path) -> None:
    study = awkward_study()
    write_conversion(study, tmp_path / "out")
    adtr = xpt(tmp_path / "out", "adtr")
    sizes = adtr[adtr["PARAMCD"].str.startswith("LDIAM")]

    assert len(sizes) == len(study.cohort.rows)
    assert sizes["ANL01FL"].eq("Y").sum() == len(study.cohort.measurements)
    assert sizes["ABLFL"].eq("Y").sum() == len(study.lesions)
    first = sizes[sizes["USUBJID"].eq("P1") & sizes["TRLNKID"].eq("9")]
    assert first["PARAMCD"].unique().tolist() == ["LDIAM2"]
    assert first[["ADY", "ABLFL", "ANL01FL"]].to_numpy().tolist() == [
        [-40.0, "", ""],
        [-3.0, "Y", "Y"],
        [42.5, "", "Y"],
        [81.0, "", ""],
    ]
    assert first["CHG"].tolist()[2] == -30.0 and first["PCHG"].tolist()[2] == -100.0
    assert first["BASE"].tolist() == [30.0] * 4
    assert set(adtr["TRGRPID"]) == {"TARGET", "NON-TARGET", "NEW"}


def test_adtte_turns_events_round(tmp_path: Path) -> None:
    write_conversion(awkward_study(), tmp_path / "out", study_id="S9")
    rows = xpt(tmp_path / "out", "adtte")
    assert rows[["USUBJID", "PARAMCD", "AVAL", "CNSR", "EVNTDESC"]].to_numpy().tolist() == [
        ["P1", "OS", 120.5, 0.0, "DEATH"],
        ["P1", "PFS", 80.0, 0.0, "DISEASE PROGRESSION"],
        ["P2", "OS", 400.0, 1.0, "CENSORED"],
        ["P2", "PFS", 400.0, 1.0, "CENSORED"],
        ["P4", "OS", 33.0, 0.0, "DEATH"],
        ["P5", "OS", 7.0, 1.0, "CENSORED"],
    ]
    assert set(rows["STUDYID"]) == {"S9"}


def test_adsl_has_every_patient_and_covariate(tmp_path: Path) -> None:
    done = write_conversion(awkward_study(), tmp_path / "out")
    frame, about = pyreadstat.read_xport(str(done.folder / "adsl.xpt"))
    assert frame["USUBJID"].tolist() == ["P2", "P1", "P3", "P4", "P5"]
    assert frame["ANL01FL"].tolist() == ["Y", "Y", "", "", ""]
    assert about.column_names_to_labels["ECOGATST"] == "ECOG at start"
    assert frame["NOTE"].tolist() == [TEXT, "007", "", "", "P5"]
    assert frame["ECOGATST"].tolist()[3:] == [2.0, 1.0]


def test_the_trial_of_a_patient_is_its_study(simulated: Study, written: Path) -> None:
    frame = xpt(written, "adhet").drop_duplicates("USUBJID").set_index("USUBJID")["STUDYID"]
    assert frame.to_dict() == simulated.patients.set_index("patient_id")["trial"].to_dict()


def test_files_have_names_labels_and_lengths_that_fit(written: Path) -> None:
    for name in ("adsl", "adtr", "adtte", "adhet", "adhetl"):
        frame, about = pyreadstat.read_xport(str(written / f"{name}.xpt"))
        assert about.table_name == name.upper() and len(about.file_label) <= 40
        assert all(len(column) <= 8 and column.isupper() for column in frame.columns)
        assert all(label and len(label) <= 40 for label in about.column_labels)
        assert about.file_format.startswith("xport")
        assert b"HEADER RECORD*******LIBRARY" in (written / f"{name}.xpt").read_bytes()[:80]


def test_the_same_data_give_the_same_bytes(simulated: Study, written: Path, tmp_path: Path) -> None:
    write_conversion(simulated, tmp_path / "again")
    for path in written.iterdir():
        data = path.read_bytes()
        assert data == (tmp_path / "again" / path.name).read_bytes()
        if path.suffix == ".xpt":
            assert data.count(b"01JAN60:00:00:00") == 4


@pytest.mark.r
def test_r_reads_the_transport_files(written: Path, simulated: Study) -> None:
    script = (
        f'd <- foreign::read.xport("{written / "adhet.xpt"}");'
        'cat(sprintf("%.17g", d$AVAL[d$PARAMCD == "GOWER"]), sep = "\\n")'
    )
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [float(line) for line in done.stdout.split()]
    assert found == simulated.patients["gower"].tolist()


# ------------------------------------------------------------------------------------ what fits


def one_text(cells: list[str], label: str = "Text") -> DataSet:
    variable = Variable("T", label, "text", ASSIGNED)
    return DataSet("ADSL", "x", "", True, ("T",), (variable,), pd.DataFrame({"T": cells}))


@pytest.mark.parametrize(
    ("cells", "message", "in_version_8"),
    [
        (["x" * 201], "1 value longer than 200 bytes", False),
        (["ok", "Zürich", "Zürich"], "2 values with characters that are no printable", False),
        (["a\x01b"], "characters that are no printable", True),
        (["a\nb"], "characters that are no printable", True),
        (["end "], "1 value that end in a blank", True),
        (["\ud800"], "characters that are no printable", True),
        (["x" * 32768], "longer than", True),
    ],
)
def test_texts_that_do_not_fit_are_told(cells: list[str], message: str, in_version_8: bool) -> None:
    problems = misfits(one_text(cells), VERSIONS[5])
    assert any(message in problem.message for problem in problems)
    assert all(problem.file == "adsl.xpt" and problem.column == "T" for problem in problems)
    assert bool(misfits(one_text(cells), VERSIONS[8])) == in_version_8


@pytest.mark.parametrize("value", [1e76, -1e71, 1e-75, np.inf])
def test_numbers_that_do_not_fit_are_told(value: float) -> None:
    variable = Variable("N", "Number", "float", ASSIGNED)
    data = DataSet("ADSL", "", "", True, (), (variable,), pd.DataFrame({"N": [0.0, value]}))
    assert "1 number beyond what the format holds" in misfits(data, VERSIONS[5])[0].message


def test_numbers_keep_every_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=5000) * 10.0 ** rng.integers(-60, 60, 5000)
    values[:3] = [0.0, 1 / 3, np.nan]
    variable = Variable("N", "Number", "float", ASSIGNED)
    data = DataSet("ADSL", "x", "", True, (), (variable,), pd.DataFrame({"N": values}))
    for version in VERSIONS.values():
        write_xpt(data, tmp_path, version)
        np.testing.assert_array_equal(xpt(tmp_path, "adsl")["N"].to_numpy(), values)


def test_everything_that_does_not_fit_is_refused_together(tmp_path: Path) -> None:
    lesions, patients = awkward()
    patients = patients.assign(
        arm="Zürich", **{"A heading of more than forty characters, sadly": 1.0}
    )
    study = build_study(cohort_from_frames(lesions, patients))
    with pytest.raises(InputError) as caught:
        write_conversion(study, tmp_path / "out")
    said = str(caught.value)
    assert "adsl.xpt, column 'TRT01P': 5 values with characters that are no printable" in said
    assert "is longer than 40 bytes" in said and "--xpt 8" in said
    assert list(tmp_path.iterdir()) == []

    write_conversion(study, tmp_path / "out", version=8)
    frame, about = pyreadstat.read_xport(str(tmp_path / "out" / "adsl.xpt"))
    assert set(frame["TRT01P"]) == {"Zürich"}
    assert "A heading of more than forty characters, sadly" in about.column_labels


def test_too_many_lesions_are_refused(tmp_path: Path) -> None:
    names = [f"L{n}" for n in range(1000)]
    rows = pd.DataFrame({"patient_id": "P", "lesion_id": names * 2, "diameter_mm": 20.0})
    rows["day"] = np.repeat([0, 50], 1000)
    study = build_study(cohort_from_frames(rows))
    with pytest.raises(InputError, match="patient 'P' has 1000 lesions; up to 999 fit ADTR"):
        write_conversion(study, tmp_path / "out")


# ------------------------------------------------------------------------------------ description


def test_define_describes_every_variable_as_it_is(written: Path) -> None:
    root = defusedxml.ElementTree.parse(written / "define.xml").getroot()
    items = {item.get("OID"): item for item in root.iterfind(".//odm:ItemDef", NS)}
    groups = root.findall(".//odm:ItemGroupDef", NS)
    assert [group.get("Name") for group in groups] == ["ADSL", "ADTR", "ADTTE", "ADHET", "ADHETL"]
    for group in groups:
        file = group.find("def:leaf", NS).get("{http://www.w3.org/1999/xlink}href")
        frame, about = pyreadstat.read_xport(str(written / file))
        refs = [items[ref.get("ItemOID")] for ref in group.findall("odm:ItemRef", NS)]
        assert [item.get("Name") for item in refs] == list(frame.columns)
        labels = [item.findtext("odm:Description/odm:TranslatedText", None, NS) for item in refs]
        assert labels == about.column_labels
        for item in refs:
            name = item.get("Name")
            if item.get("DataType") == "text":
                assert int(item.get("Length")) == max(1, frame[name].str.len().max())
                assert int(item.get("Length")) == max(1, about.variable_storage_width[name])
            elif item.get("DataType") == "integer":
                assert (frame[name].dropna() % 1).eq(0).all()


def test_define_refers_to_nothing_that_is_not_there(written: Path) -> None:
    root = defusedxml.ElementTree.parse(written / "define.xml").getroot()
    there = [e.get("OID") for e in root.iter() if e.get("OID")]
    assert len(there) == len(set(there))
    for element in root.iter():
        for name, value in element.attrib.items():
            plain = name.rpartition("}")[2]
            if plain.endswith("OID") and plain not in ("OID", "FileOID"):
                assert value in there, f"{element.tag} {plain} {value}"


def test_values_are_those_of_the_code_lists(written: Path) -> None:
    root = defusedxml.ElementTree.parse(written / "define.xml").getroot()
    lists = {
        found.get("OID"): {item.get("CodedValue") for item in found}
        for found in root.iterfind(".//odm:CodeList", NS)
    }
    checked = 0
    for item in root.iterfind(".//odm:ItemDef", NS):
        ref = item.find("odm:CodeListRef", NS)
        if ref is None:
            continue
        _, data, name = item.get("OID").split(".")
        cells = xpt(written, data.lower())[name]
        texts = {f"{c:g}" if isinstance(c, float) else c for c in cells.dropna()} - {""}
        assert texts <= lists[ref.get("CodeListOID")]
        checked += 1
    assert checked >= 12


def test_every_parameter_has_its_method(simulated: Study, written: Path) -> None:
    root = defusedxml.ElementTree.parse(written / "define.xml").getroot()
    methods = {
        found.get("OID"): found.findtext("odm:Description/odm:TranslatedText", None, NS)
        for found in root.iterfind(".//odm:MethodDef", NS)
    }
    for data in data_sets(simulated):
        for parameter in data.parameters:
            assert methods[f"MT.{data.name}.AVAL.{parameter.code}"] == parameter.method
    assert "G_ij = sum_v w_v delta_ijv d_ijv" in methods["MT.ADHET.AVAL.GOWER"]


@pytest.mark.parametrize(
    ("definitions", "words"),
    [
        (Definitions(gower_range="cohort"), "range over all lesions of the cohort"),
        (Definitions(gower_self=False), "the lesion itself left out"),
        (Definitions(single_lesion="missing"), "missing for a patient's only lesion"),
        (Definitions(response_threshold=0.5), "r_k <= 0.5 at any scan"),
        (Definitions(relapse_min_increase_mm=5.0), "s_k - reference >= 5 mm"),
        (Definitions(relapse_reference="baseline"), "Reference: s_0."),
        (Definitions(crossing="linear"), "linear interpolation"),
        (Definitions(burden="available"), "the sum of the baselines of the same lesions"),
        (Definitions(stable_rule="outside_response"), "neither a responding ratio nor relapse"),
    ],
)
def test_methods_say_the_definitions_that_were_used(definitions: Definitions, words: str) -> None:
    cohort = cohort_from_frames(*awkward())

    def methods(d: Definitions) -> str:
        sets = data_sets(build_study(cohort, d))
        return "\n".join(p.method for data in sets for p in data.parameters)

    assert words in methods(definitions)
    assert words not in methods(Definitions())


def test_the_page_says_what_define_says(written: Path) -> None:
    page = (written / "define.html").read_text(encoding="utf-8")
    for text in ("Mean Gower Distance", "gower_range", "TRT01P", "adhetl.xpt", "LDIAM1"):
        assert text in page
    assert "http" not in page.replace("http-equiv", "")


def test_headings_cannot_break_the_description(tmp_path: Path) -> None:
    lesions, patients = awkward()
    heading = "<b>&\"'{{ 7 * 7 }}]]>"
    study = build_study(cohort_from_frames(lesions, patients.assign(**{heading: 1.0})))
    done = write_conversion(study, tmp_path / "out")

    root = defusedxml.ElementTree.parse(done.folder / "define.xml").getroot()
    texts = [e.text for e in root.iterfind(".//odm:TranslatedText", NS)]
    assert heading in texts
    page = (done.folder / "define.html").read_text(encoding="utf-8")
    assert "<b>" not in page and "&lt;b&gt;" in page and "{{ 7 * 7 }}" in page


# ------------------------------------------------------------------------------------ folder


def test_an_earlier_conversion_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    study = awkward_study()
    place = tmp_path / "out"
    write_conversion(study, place)
    write_conversion(study, place, study_id="AGAIN")
    assert set(xpt(place, "adhet")["STUDYID"]) == {"AGAIN"}
    (place / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is not empty and holds no earlier conversion"):
        write_conversion(study, place)
    assert (place / "mine.txt").exists()


def test_what_was_there_stays_when_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = awkward_study()
    place = tmp_path / "out"
    write_conversion(study, place)
    before = {path.name: path.read_bytes() for path in place.iterdir()}

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lesionhet.export.folder.write_define", no_room)
    with pytest.raises(UsageError, match="what was there before is as it was"):
        write_conversion(study, place, study_id="AGAIN")
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_version_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="version is 6; permitted: 5, 8"):
        write_conversion(awkward_study(), tmp_path / "out", version=6)


def test_the_command_writes_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lesions, patients = awkward()
    lesions.to_csv(tmp_path / "l.csv", index=False)
    patients.to_csv(tmp_path / "p.csv", index=False)
    words = [
        "convert",
        str(tmp_path / "l.csv"),
        str(tmp_path / "p.csv"),
        "--set",
        "crossing=linear",
    ]

    code = main([*words, "-o", str(tmp_path / "out"), "--study", "S1", "--allow-jumps"])

    said = capsys.readouterr()
    assert code == 0
    assert [Path(line).name for line in said.out.split()] == [
        "lesions.csv", "patients.csv", "adsl.xpt", "adtr.xpt", "adtte.xpt", "adhet.xpt",
        "adhetl.xpt", "define.xml", "define.html",
    ]  # fmt: skip
    assert "warning: " in said.err and "duplicate row dropped" in said.err
    page = (tmp_path / "out" / "define.html").read_text(encoding="utf-8")
    assert "linear interpolation" in page

    assert main([*words, "-o", str(tmp_path / "l.csv")]) == 2


def test_the_command_reads_what_it_wrote(tmp_path: Path) -> None:
    awkward()[0].to_csv(tmp_path / "l.csv", index=False)
    assert main(["convert", str(tmp_path / "l.csv"), "-o", str(tmp_path / "a")]) == 0
    assert main(["convert", "--adam", str(tmp_path / "a"), "-o", str(tmp_path / "b")]) == 0
    first, second = (
        pd.read_csv(tmp_path / name / "lesions.csv", dtype=str).fillna("") for name in "ab"
    )
    # Reading CDISC strips blanks, and of two records on a day takes the flagged one.
    first = first.assign(lesion_id=first["lesion_id"].str.strip()).drop_duplicates()
    names = ["patient_id", "lesion_id", "day", "diameter_mm", "lesion_type"]
    key = {"by": names, "ignore_index": True}
    pd.testing.assert_frame_equal(first[names].sort_values(**key), second[names].sort_values(**key))
