"""SDTM data sets become the two tables; every rule and every fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet.cdisc.collection import Collection, collect, collect_bytes
from lesionhet.cdisc.domain import domain_of
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.cdisc.read import read_sdtm, sdtm_from_bytes
from lesionhet.cdisc.sdtm.intake import read_collection
from lesionhet.cohort import cohort_from_intake
from lesionhet.errors import InputError, LesionhetError, UsageError
from lesionhet.intake import Intake
from lesionhet.readers import ReadOptions, from_frame
from tests.cdisc_helpers import (
    FIRST,
    INVESTIGATOR,
    SECOND,
    VISITS,
    Reader,
    Visit,
    measurement,
    numbered,
    state,
    trial,
    tumour,
    write,
)

P1, P2 = "STUDY1-001", "STUDY1-002"
Domains = dict[str, pd.DataFrame]


def read(folder: Path, domains: Domains, form: str = "parquet", **rules: Any) -> Intake:
    write(folder, domains, form)
    # Survival has tests of its own.
    return read_sdtm(folder, None, CdiscOptions(**{"survival": "none", **rules}))


def problems(folder: Path, domains: Domains, **rules: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(folder, domains, **rules)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def warnings(intake: Intake, word: str) -> list[str]:
    return [n.text for n in intake.lesions.notices if n.level == "warning" and word in n.text]


def table(intake: Intake, name: str) -> pd.DataFrame:
    return next(t.frame for t in intake.tables if t.name == name)


def lesion_rows(intake: Intake, patient: str, lesion: str) -> pd.DataFrame:
    rows = intake.lesions.frame
    return rows[rows["patient_id"].eq(patient) & rows["lesion_id"].eq(lesion)]


def sizes(intake: Intake, patient: str = P1, lesion: str = "T01") -> list[float | None]:
    """Give the diameters of a lesion by day."""
    return lesion_rows(intake, patient, lesion).sort_values("day")["diameter_mm"].tolist()


def days(intake: Intake, patient: str = P1, lesion: str = "T01") -> list[float]:
    """Give the days of a lesion in the order of the file."""
    return lesion_rows(intake, patient, lesion)["day"].tolist()


def pick(tr: pd.DataFrame, **cells: Any) -> pd.Series:
    """Say which rows have these cells."""
    found = pd.Series(True, index=tr.index)
    for name, value in cells.items():
        found &= tr[name].eq(value)
    return found


def add(domains: Domains, name: str, *rows: dict[str, Any]) -> None:
    """Append rows and number the data set anew."""
    both = [*domains[name].to_dict("records"), *rows]
    key = f"{name}SEQ"
    domains[name] = numbered([{k: v for k, v in row.items() if k != key} for row in both], name)


# What is sound ---------------------------------------------------------------------------------------


def test_a_sound_trial_becomes_the_two_tables(tmp_path: Path) -> None:
    intake = read(tmp_path, trial(patients=3, targets=2, nontargets=1, new_at=3))

    assert sizes(intake) == [20, 16, 12, 18]
    assert days(intake) == [-7, 42, 84, 126]
    rows = intake.lesions.frame
    assert rows.groupby("lesion_type").size().to_dict() == {
        "target": 24,
        "non-target": 12,
        "new": 3,
    }
    assert rows[rows["lesion_id"].eq("T02")]["site"].unique().tolist() == ["lung"]
    assert rows["visit"].unique().tolist() == [v.name for v in VISITS]
    assert warnings(intake, "") == []
    cohort = cohort_from_intake(intake)
    assert (len(cohort.patients), len(cohort.lesions), len(cohort.measurements)) == (3, 6, 24)
    assert cohort.reading == intake.tables
    assert {s.file.rsplit("/", 1)[-1] for s in cohort.sources} == {
        "tu.parquet",
        "tr.parquet",
        "dm.parquet",
        "rs.parquet",
    }


@pytest.mark.parametrize("form", ["csv", "xpt", "xpt8", "json", "ndjson"])
def test_every_format_gives_the_same_tables(tmp_path: Path, form: str) -> None:
    domains = trial(readers=(FIRST, SECOND, INVESTIGATOR), new_at=2)
    domains["TR"].loc[pick(domains["TR"], VISIT="WEEK 12", TRLNKID="T01"), "TRSTRESN"] = 0.0
    domains["TR"].loc[
        pick(domains["TR"], VISIT="WEEK 12", TRLNKID="T01"), ["TRSTRESC", "TRORRES"]
    ] = "0"

    one, other = (read(tmp_path / f, domains, f) for f in ("parquet", form))

    # Numbers of a text file are compared as numbers.
    pd.testing.assert_frame_equal(one.lesions.frame, other.lesions.frame)
    assert one.lesions.rows.tolist() == other.lesions.rows.tolist()
    assert sizes(one)[2] == 0
    for own, theirs in zip(one.tables, other.tables, strict=True):
        pd.testing.assert_frame_equal(own.frame, theirs.frame)


def test_rows_are_those_of_tr(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LPERP", "LDIAM"))

    intake = read(tmp_path, domains)

    # LPERP stands above LDIAM at each visit: rows 3, 5, 7 and 9 of the file give the sizes.
    assert intake.lesions.rows.tolist() == [3, 5, 7, 9]
    assert intake.lesions.file == str(tmp_path / "tr.parquet")


def test_bytes_read_like_files(tmp_path: Path) -> None:
    paths = write(tmp_path, trial(), "csv")
    uploaded = sdtm_from_bytes([(path.name, path.read_bytes()) for path in paths])

    pd.testing.assert_frame_equal(uploaded.lesions.frame, read_sdtm(paths).lesions.frame)


def test_no_row_is_lost(tmp_path: Path) -> None:
    domains = trial(readers=(FIRST, SECOND), new_at=1)
    add(domains, "TR", {**domains["TR"].iloc[0], "TRTESTCD": "SUMDIAM", "TRLNKID": ""})

    intake = read(tmp_path, domains)

    found = table(intake, "tr_rows").set_index("what")["rows"]
    assert found["rows of TR"] == len(domains["TR"]) == found[:-1].sum()
    assert found["rows of the lesions table"] == len(intake.lesions.frame)
    assert found["of no single lesion (no link id)"] == 1
    assert found["of readers who are not used"] == pick(domains["TR"], TREVALID=SECOND.id).sum()


def test_other_spelling_of_the_link_id(tmp_path: Path) -> None:
    domains = trial()
    domains["TR"] = domains["TR"].rename(columns={"TRLNKID": "TRLINKID"})
    domains["TU"] = domains["TU"].rename(columns={"TULNKID": "TULINKID"})

    assert sizes(read(tmp_path, domains)) == [20, 16, 12, 18]


# Files -----------------------------------------------------------------------------------------------


def test_a_folder_may_hold_other_things(tmp_path: Path) -> None:
    domains = trial()
    write(tmp_path, {**domains, "AE": domains["DM"].assign(DOMAIN="AE")})
    (tmp_path / "define.xml").write_text("<ODM/>", encoding="utf-8")
    (tmp_path / "notes.csv").write_text('a "broken\n', encoding="utf-8")

    found = collect(tmp_path)

    assert list(found.domains) == ["DM", "RS", "TR", "TU"]
    assert [n.text for n in found.notices] == [
        "Files ignored: 'ae.csv', 'define.xml', 'notes.csv'."
    ]


def test_the_column_domain_tells_more_than_the_name(tmp_path: Path) -> None:
    for path in write(tmp_path, trial(), "csv"):
        path.rename(path.with_name(f"study_{path.name}"))

    assert list(collect(tmp_path).domains) == ["DM", "RS", "TR", "TU"]


def test_parts_of_one_data_set_are_put_together(tmp_path: Path) -> None:
    domains = trial(targets=2, nontargets=0)
    whole = read(tmp_path / "whole", domains)
    tr = domains.pop("TR")
    half = tr["USUBJID"].eq(P1)
    write(tmp_path / "parts", {**domains, "TR_1": tr[half], "TR_2": tr[~half]}, "csv")

    intake = read_sdtm(tmp_path / "parts")

    pd.testing.assert_frame_equal(intake.lesions.frame, whole.lesions.frame)
    assert "tr_1.csv + " in intake.lesions.file
    assert len(set(intake.lesions.rows)) == len(intake.lesions.rows)
    assert len(cohort_from_intake(intake).lesions) == 4


def test_problems_of_parts_name_their_own_file(tmp_path: Path) -> None:
    domains = trial()
    tr = domains.pop("TR")
    half = tr["USUBJID"].eq(P1)
    second = tr[~half].assign(TRSTRESU="inches").reset_index(drop=True)
    found = problems(tmp_path, {**domains, "TR_1": tr[half], "TR_2": second})

    assert len(found) == 1
    assert found[0].startswith("tr_2.parquet, column 'TRSTRESU': found the unit 'inches'")
    assert "24 rows: 2, 3, 4, 5, 6 and 19 more." in found[0]


def test_two_versions_of_a_data_set_are_refused(tmp_path: Path) -> None:
    domains = trial()
    write(tmp_path, domains, "csv")
    found = problems(tmp_path, {"TR": domains["TR"]})

    assert found == [
        f"{'tr.csv'} and {'tr.parquet'}: several files hold TR, and {len(domains['TR'])} rows (by USUBJID, "
        "TRSEQ) in more than one of them. Give one file of TR, or parts of it without a common row."
    ]


@pytest.mark.parametrize("name", ["TR", "TU", "DM"])
def test_a_missing_data_set_is_named(tmp_path: Path, name: str) -> None:
    domains = trial()
    del domains[name]

    found = problems(tmp_path, domains)

    assert len(found) == 1
    assert f"{name} is needed; found: {', '.join(repr(n) for n in sorted(domains))}." in found[0]


def test_an_empty_folder_and_a_missing_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no data set among TU, TR, DM"):
        collect(tmp_path)
    with pytest.raises(InputError, match="there is no such file"):
        collect(tmp_path / "nowhere")


def test_one_file_with_two_data_sets_is_refused() -> None:
    data = b"DOMAIN,USUBJID\nTR,P1\nTU,P1\n"

    with pytest.raises(InputError, match="several data sets stand in one file: 'TR', 'TU'"):
        collect_bytes([("all.csv", data)])


def test_supplements_are_told_apart() -> None:
    head = b"RDOMAIN,USUBJID,IDVAR,IDVARVAL,QNAM,QVAL\n"
    files = [("supp1.csv", head + b"DM,P1,,,KRAS,WT\n"), ("suppae.csv", head + b"AE,P1,,,X,1\n")]

    found = collect_bytes(files)

    assert list(found.domains) == ["SUPPDM"]
    assert found.notices[-1].text == "Files ignored: 'suppae.csv'."


def test_missing_codes_of_the_user_count_as_empty(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    domains["TR"]["TRREASND"] = "NULL"
    domains["TR"]["TRSTAT"] = "NULL"
    paths = write(tmp_path, domains, "csv")

    assert sizes(read_sdtm(paths, ReadOptions(missing=("NULL",)))) == [20, 16, 12, 18]
    with pytest.raises(InputError, match="found 'NULL' beside a size"):
        read_sdtm(paths)


# Keys ------------------------------------------------------------------------------------------------


def test_rows_without_a_patient_are_refused(tmp_path: Path) -> None:
    domains = trial()
    domains["TR"].loc[2, "USUBJID"] = ""

    assert problems(tmp_path, domains) == [
        "tr.parquet, column 'USUBJID': the cell is empty; every row of TR needs its patient. Row 4. Fill "
        "in USUBJID."
    ]


def test_duplicate_keys_are_refused(tmp_path: Path) -> None:
    domains = trial()
    domains["TR"].loc[1, "TRSEQ"] = 1.0

    assert problems(tmp_path, domains) == [
        "tr.parquet, column 'TRSEQ': several rows have the same USUBJID and TRSEQ; each row of TR has its "
        "own. 2 rows: 2, 3. Remove the rows that stand twice, or number them anew."
    ]


def test_several_studies_become_trials(tmp_path: Path) -> None:
    domains = trial(patients=2)
    domains["DM"].loc[1, "STUDYID"] = "STUDY2"

    assert read(tmp_path, domains).patients.frame["trial"].tolist() == ["STUDY1", "STUDY2"]


# Readers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("readers", "rule", "offset"),
    [
        ((FIRST, SECOND, INVESTIGATOR), "accepted", 0),
        ((SECOND, FIRST, INVESTIGATOR), "accepted", 1),
        ((INVESTIGATOR, SECOND), "accepted", 1),
        ((INVESTIGATOR,), "accepted", 0),
        ((Reader(""),), "accepted", 0),
        ((Reader("ONCOLOGIST"),), "accepted", 0),
        ((INVESTIGATOR, SECOND), "independent", 1),
        ((FIRST, SECOND, INVESTIGATOR), "investigator", 2),
        ((FIRST, SECOND, INVESTIGATOR), "Radiologist 2", 1),
        ((FIRST, Reader("ONCOLOGIST")), "oncologist", 1),
    ],
)
def test_the_rule_chooses_the_reader(
    tmp_path: Path, readers: tuple[Reader, ...], rule: str, offset: int
) -> None:
    intake = read(tmp_path, trial(readers=readers), reader=rule)

    assert sizes(intake) == [20 + offset, 16 + offset, 12 + offset, 18 + offset]


def test_several_independent_readers_need_a_choice(tmp_path: Path) -> None:
    readers = (SECOND, Reader("INDEPENDENT ASSESSOR", "RADIOLOGIST 3"), INVESTIGATOR)
    domains = trial(patients=2, readers=readers)

    for rule in ("accepted", "independent"):
        found = problems(tmp_path / rule, domains, reader=rule)
        assert len(found) == 1
        assert (
            "column 'TREVAL': more than one reader for the same patient (2 patients): 'INDEPENDENT "
            "ASSESSOR, RADIOLOGIST 2', 'INDEPENDENT ASSESSOR, RADIOLOGIST 3'; which one counts is not said."
        ) in found[0]
        assert '--reader "RADIOLOGIST 2"' in found[0]


def test_an_unknown_reader_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"reader is 'X'; found: 'INDEPENDENT ASSESSOR, RADIOLOGIST 1'"
    ):
        read(tmp_path / "a", trial(readers=(FIRST, INVESTIGATOR)), reader="X")
    with pytest.raises(
        UsageError, match="reader is 'independent', but no row of TR is: 'INVESTIGATOR'"
    ):
        read(tmp_path / "b", trial(), reader="independent")


def test_two_accepted_readers_at_one_visit_are_refused(tmp_path: Path) -> None:
    both = Reader("INDEPENDENT ASSESSOR", "RADIOLOGIST 2", accepted=True)

    found = problems(tmp_path, trial(readers=(FIRST, both), reader_links=True))

    assert "more than one reader for the same visit (2 patients)" in found[0]


def test_the_accepted_reader_may_change_between_visits(tmp_path: Path) -> None:
    domains = trial(readers=(FIRST, SECOND))
    tr = domains["TR"]
    week_6 = tr["VISIT"].eq("WEEK 6")
    tr.loc[week_6, "TRACPTFL"] = np.where(tr.loc[week_6, "TREVALID"].eq(SECOND.id), "Y", "")

    intake = read(tmp_path, domains)

    assert sizes(intake) == [20, 17, 12, 18]
    assert (
        "in 2 patients the accepted reader changes between visits"
        in warnings(intake, "accepted")[0]
    )
    assert table(intake, "readers")["used"].tolist() == ["in part", "in part"]
    visits = intake.recist.reported.groupby("visit", sort=False).size().to_dict()
    assert visits == {"WEEK 6": 6, "WEEK 12": 6, "WEEK 18": 6}


def test_patients_and_visits_without_a_flag_are_told(tmp_path: Path) -> None:
    domains = trial(patients=2, readers=(FIRST, INVESTIGATOR))
    tr = domains["TR"]
    tr.loc[pick(tr, USUBJID=P2), "TRACPTFL"] = ""
    tr.loc[pick(tr, USUBJID=P1, VISIT="WEEK 18"), "TRACPTFL"] = ""

    intake = read(tmp_path, domains)

    assert sizes(intake, P1) == [20, 16, 12]
    assert sizes(intake, P2) == [20, 16, 12, 18]
    assert "1 patient without an accepted row" in warnings(intake, "patient without")[0]
    assert "1 visit without an accepted row" in warnings(intake, "visit without")[0]


def test_flags_of_tu_count_where_tr_has_none(tmp_path: Path) -> None:
    domains = trial(readers=(SECOND, FIRST), reader_links=True)
    domains["TR"] = domains["TR"].drop(columns="TRACPTFL")

    assert sizes(read(tmp_path, domains), P1, "R2-T01") == [21, 17, 13, 19]


def test_flags_in_supplements_count(tmp_path: Path) -> None:
    domains = trial(patients=1, readers=(SECOND, FIRST))
    tr = domains["TR"]
    flagged = tr[tr["TRACPTFL"].eq("Y")]
    domains["TR"] = tr.drop(columns="TRACPTFL")
    domains["TU"] = domains["TU"].drop(columns="TUACPTFL")
    domains["SUPPTR"] = pd.DataFrame(
        {
            **{"STUDYID": "STUDY1", "RDOMAIN": "TR", "USUBJID": flagged["USUBJID"]},
            **{"IDVAR": "TRSEQ", "IDVARVAL": flagged["TRSEQ"].map("{:g}".format)},
            **{"QNAM": "TRACPTFL", "QLABEL": "Accepted", "QVAL": "Y"},
        }
    )

    assert sizes(read(tmp_path, domains)) == [21, 17, 13, 19]


def test_every_reader_is_counted(tmp_path: Path) -> None:
    found = table(
        read(tmp_path, trial(patients=2, targets=3, readers=(FIRST, SECOND, INVESTIGATOR))),
        "readers",
    )

    assert found[["patients", "target_lesions", "measurements"]].values.tolist() == [[2, 6, 48]] * 3
    assert found["accepted_rows"].tolist() == [56, 0, 0]
    assert found["used"].tolist() == ["yes", "no", "no"]


def test_agreement_of_readers_by_hand(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=2, readers=(FIRST, SECOND), reader_links=True)
    tr, tu = domains["TR"], domains["TU"]
    # R2 measures T01 of one visit 5 mm more than R1 instead of 1; T02 of R2 lies elsewhere.
    one = pick(tr, TRLNKID="R2-T01", VISIT="WEEK 6", TRTESTCD="LDIAM")
    tr.loc[one, "TRSTRESN"] = 21.0
    tu.loc[pick(tu, TULNKID="R2-T02"), "TULOC"] = "BRAIN"

    found = table(read(tmp_path, domains), "reader_agreement").iloc[0]

    differences = np.array([1.0, 5.0, 1.0, 1.0])
    assert found["reader"] == "INDEPENDENT ASSESSOR, RADIOLOGIST 2"
    assert (found["pairs"], found["lesions_compared"], found["other_site"]) == (4, 1, 4)
    assert found["mean_difference_mm"] == pytest.approx(differences.mean())
    assert found["upper_limit_mm"] == pytest.approx(
        differences.mean() + 1.959963984540054 * differences.std(ddof=1)
    )


def test_readers_who_disagree_on_which_lesions_exist(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=3, readers=(FIRST, SECOND))
    for name, link in (("TR", "TRLNKID"), ("TU", "TULNKID")):
        frame = domains[name]
        lost = frame[link].eq("T03") & frame[f"{name}EVALID"].eq(FIRST.id)
        domains[name] = frame[~lost].reset_index(drop=True)

    intake = read(tmp_path, domains)

    assert "T03" not in set(intake.lesions.frame["lesion_id"])
    found = table(intake, "reader_agreement").iloc[0]
    assert (found["lesions_only_used"], found["lesions_only_other"]) == (0, 1)


# Lesions ---------------------------------------------------------------------------------------------


def test_lesions_not_in_tu_are_read_by_their_group(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=2, nontargets=0)
    domains["TU"] = domains["TU"][domains["TU"]["TULNKID"].ne("T02")]

    intake = read(tmp_path, domains)

    assert sizes(intake, lesion="T02") == [30, 24, 18, 27]
    assert intake.lesions.frame.set_index("lesion_id").loc["T02", "site"].tolist() == [None] * 4
    assert warnings(intake, "not in TU") == [
        f"{tmp_path}/tr.parquet: 1 lesion not in TU (rows 4, 5, 8, 9, 12 and 3 more); the kind is taken "
        "from TRGRPID, the site is unknown."
    ]


def test_lesions_without_tu_and_group_are_refused(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=2, nontargets=0)
    domains["TU"] = domains["TU"][domains["TU"]["TULNKID"].ne("T02")]
    domains["TR"]["TRGRPID"] = "A1"

    assert problems(tmp_path, domains) == [
        "tr.parquet, column 'TRLNKID': lesions that TU does not identify, for the same patient and "
        "evaluator: 'T02'. 8 rows: 4, 5, 8, 9, 12 and 3 more. Add them to TU with the same link id, or say "
        "TARGET, NON-TARGET or NEW in TRGRPID."
    ]


def test_a_lesion_never_measured_is_counted(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=3, nontargets=0)
    domains["TR"] = domains["TR"][domains["TR"]["TRLNKID"].ne("T03")]

    intake = read(tmp_path, domains)

    assert (sizes(intake, lesion="T03"), days(intake, lesion="T03")) == ([None], [-7])
    attrition = cohort_from_intake(intake).attrition.set_index("reason")["n"]
    assert attrition["never measured"] == 1
    assert attrition["lesions in the file"] == 3


def test_the_lesion_of_another_reader_is_not_taken_for_ones_own(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=2, readers=(FIRST, SECOND))
    tu = domains["TU"]
    tu.loc[pick(tu, TULNKID="T01", TUEVALID=SECOND.id), ["TUSTRESC", "TULOC"]] = [
        "NON-TARGET",
        "BONE",
    ]

    intake = read(tmp_path, domains)

    rows = intake.lesions.frame
    assert rows[rows["lesion_id"].eq("T01")][
        ["site", "lesion_type"]
    ].drop_duplicates().values.tolist() == [["liver", "target"]]


def test_tu_without_evaluators_fits_every_reader(tmp_path: Path) -> None:
    domains = trial(readers=(FIRST, INVESTIGATOR))
    tu = domains["TU"]
    domains["TU"] = tu[tu["TUEVAL"].eq("INVESTIGATOR")].drop(
        columns=["TUEVAL", "TUEVALID", "TUACPTFL"]
    )

    assert read(tmp_path, domains).lesions.frame["site"].notna().all()


def test_kinds_by_synonym_test_and_group(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=3, nontargets=0)
    tu = domains["TU"]
    tu["TUSTRESC"] = ["target lesion", "Nontarget", "NEW TARGET"]
    domains["TR"]["TRGRPID"] = ""

    kinds = read(tmp_path, domains).lesions.frame.drop_duplicates("lesion_id")

    assert kinds["lesion_type"].tolist() == ["target", "non-target", "new"]


def test_tu_counts_where_the_group_says_otherwise(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=2, nontargets=0)
    tu = domains["TU"]
    tu.loc[tu["TULNKID"].eq("T02"), "TUSTRESC"] = "NON-TARGET"

    intake = read(tmp_path, domains)

    rows = intake.lesions.frame
    assert set(rows[rows["lesion_id"].eq("T02")]["lesion_type"]) == {"non-target"}
    assert "another kind than in TU for 1 lesion" in warnings(intake, "TRGRPID")[0]


def test_a_lesion_of_two_kinds_is_refused(tmp_path: Path) -> None:
    domains = trial(patients=1)
    add(domains, "TU", tumour(P1, "T01", "NON-TARGET", "LIVER", INVESTIGATOR, VISITS[1]))

    assert (
        f"lesion 'T01' of patient '{P1}' is non-target and target. 2 rows: 2, 6."
        in problems(tmp_path, domains)[0]
    )


def test_findings_of_other_kinds_are_told(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=2)
    tu, tr = domains["TU"], domains["TR"]
    tu.loc[tu["TULNKID"].eq("T02"), "TUSTRESC"] = "BENIGN ABNORMALITY"
    tr.loc[tr["TRLNKID"].eq("T02"), "TRGRPID"] = ""

    intake = read(tmp_path, domains)

    assert "T02" not in set(intake.lesions.frame["lesion_id"])
    assert "1 finding of another kind" in warnings(intake, "BENIGN ABNORMALITY")[0]
    found = table(intake, "tr_rows").set_index("what")["rows"]
    assert found["of findings that are no target, non-target or new lesion"] == 8


# Diameters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tests", "location", "expected", "recist"),
    [
        (("LDIAM", "DIAMETER", "LPERP"), "LIVER", 20, 16),
        (("LPERP", "LDIAM"), "LIVER", 20, 20),
        (("DIAMETER", "LPERP"), "LIVER", 16, 16),
        (("LDIAM", "LPERP"), "LYMPH NODE", 20, 16),
        (("LPERP",), "LYMPH NODE", 16, 16),
        (("SAXIS",), "LYMPH NODE", 16, 16),
        (("LPERP",), "LIVER", None, None),
    ],
)
def test_which_test_gives_the_size(
    tmp_path: Path,
    tests: tuple[str, ...],
    location: str,
    expected: float | None,
    recist: float | None,
) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=tests)
    domains["TU"]["TULOC"] = location

    intake = read(tmp_path, domains)

    assert sizes(intake)[0] == expected
    baseline = intake.recist.targets.iloc[0]
    assert baseline["node"] == (location == "LYMPH NODE")
    assert baseline["diameter_mm"] == pytest.approx(recist, nan_ok=True) or recist is None
    if expected is None:
        found = table(intake, "diameters").set_index("what")["n"]
        assert found["not assessed: only the short axis measured, no lymph node"] == 4


def test_tests_are_never_mixed_within_a_lesion(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM", "LPERP"))
    domains["TU"]["TULOC"] = "LYMPH NODE"
    tr = domains["TR"]
    # The longest diameter only at baseline: the short axis was measured at more visits.
    domains["TR"] = tr[~(tr["TRTESTCD"].eq("LDIAM") & tr["VISIT"].ne("SCREENING"))]

    assert sizes(read(tmp_path, domains)) == [16, 12.8, 9.6, 14.4]


def test_a_visit_with_another_test_only_is_not_assessed(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM", "DIAMETER"))
    tr = domains["TR"]
    lost = (tr["TRTESTCD"].eq("LDIAM") & tr["VISIT"].eq("WEEK 6")) | (
        tr["TRTESTCD"].eq("DIAMETER") & tr["VISIT"].ne("WEEK 6")
    )
    domains["TR"] = tr[~lost]

    intake = read(tmp_path, domains)

    assert sizes(intake) == [20, None, 12, 18]
    found = table(intake, "diameters").set_index("what")["n"]
    assert found["not assessed: measured by another test only"] == 1


def test_centimetres_become_millimetres(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=2, nontargets=0, tests=("LDIAM",))
    tr = domains["TR"]
    cm = tr["TRLNKID"].eq("T01")
    tr.loc[cm, "TRSTRESN"] /= 10
    tr.loc[cm, "TRSTRESU"] = "cm"

    intake = read(tmp_path, domains)

    assert sizes(intake) == pytest.approx([20, 16, 12, 18])
    found = table(intake, "diameters")
    assert found[found["what"].eq("of these in cm")]["n"].tolist() == [4]


@pytest.mark.parametrize("unit", ["inches", "%", "m"])
def test_other_units_are_refused(tmp_path: Path, unit: str) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    domains["TR"].loc[1, "TRSTRESU"] = unit

    assert problems(tmp_path, domains) == [
        f"tr.parquet, column 'TRSTRESU': found the unit '{unit}'; mm or cm is expected. Row 3. Give the "
        "size in mm."
    ]


def test_a_size_without_a_unit_is_refused_but_0_needs_none(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    tr = domains["TR"]
    tr[["TRSTRESU", "TRORRESU"]] = ""
    tr.loc[3, "TRSTRESN"] = 0.0

    found = problems(tmp_path, domains)

    assert "a size without a unit; mm or cm is expected. 3 rows: 2, 3, 4." in found[0]


def test_sizes_from_the_character_and_the_original_result(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    tr = domains["TR"]
    tr["TRSTRESN"] = np.nan
    tr.loc[1, ["TRSTRESC", "TRSTRESU", "TRORRES", "TRORRESU"]] = ["", "", "1.6", "cm"]
    tr.loc[2, "TRSTRESU"] = ""

    assert sizes(read(tmp_path, domains)) == [20, 16, 12, 18]


@pytest.mark.parametrize("word", ["<5", "TOO SMALL TO MEASURE", "NE", "Not evaluable"])
def test_results_in_words_are_not_assessed_and_told(tmp_path: Path, word: str) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    tr = domains["TR"]
    tr.loc[2, ["TRSTRESN", "TRSTRESC", "TRORRES"]] = [np.nan, word, word]

    intake = read(tmp_path, domains)

    assert sizes(intake) == [20, 16, None, 18]
    assert f"'{word}' (1 row) read as not assessed." in warnings(intake, "TRSTRESC")[0]
    assert f"not assessed: recorded as {word}" in table(intake, "diameters")["what"].tolist()


@pytest.mark.parametrize("word", ["10 mm", "12x15", "ABSENT", "12,5"])
def test_other_words_are_refused(tmp_path: Path, word: str) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    domains["TR"].loc[2, ["TRSTRESN", "TRSTRESC", "TRORRES"]] = [np.nan, word, word]

    assert (
        f"found '{word}'; a size in mm or cm is expected. Row 4." in problems(tmp_path, domains)[0]
    )


def test_not_done_is_missing_and_counted_by_reason(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    tr = domains["TR"]
    tr.loc[2, ["TRSTRESN", "TRSTRESC", "TRORRES", "TRSTAT", "TRREASND"]] = [
        np.nan,
        "",
        "",
        "NOT DONE",
        "Image obscured",
    ]

    intake = read(tmp_path, domains)

    assert sizes(intake) == [20, 16, None, 18]
    found = table(intake, "diameters").set_index("what")["n"]
    assert found["not assessed: not done: Image obscured"] == 1


def test_faulty_sizes_are_refused_together(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    tr = domains["TR"]
    tr.loc[0, "TRSTAT"] = "NOT DONE"
    tr.loc[1, "TRSTRESN"] = -4.0

    found = problems(tmp_path, domains)

    assert [p.split(":")[0] for p in found] == [
        "tr.parquet, column 'TRSTRESN'",
        "tr.parquet, column 'TRSTAT'",
    ]


def test_faults_of_readers_who_are_not_used_do_not_matter(tmp_path: Path) -> None:
    domains = trial(readers=(FIRST, SECOND))
    tr = domains["TR"]
    tr["TRSTRESN"] = tr["TRSTRESN"].astype(object)
    tr.loc[pick(tr, TREVALID=SECOND.id), "TRSTRESU"] = "inches"

    assert sizes(read(tmp_path, domains)) == [20, 16, 12, 18]


def test_equal_duplicates_are_dropped_and_counted(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    row = domains["TR"].iloc[1].to_dict()
    add(
        domains,
        "TR",
        row,
        {**row, "TRSTRESN": None, "TRSTRESC": "", "TRORRES": "", "TRSTAT": "NOT DONE"},
    )

    intake = read(tmp_path, domains)

    assert sizes(intake) == [20, 16, 12, 18]
    assert table(intake, "tr_rows").set_index("what")["rows"]["duplicates"] == 2


def test_unequal_duplicates_are_refused(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    row = domains["TR"].iloc[1].to_dict()
    add(domains, "TR", {**row, "TRSTRESN": 19.0, "TRSTRESC": "19"})

    assert problems(tmp_path, domains) == [
        f"tr.parquet, column 'TRSTRESN': a lesion has one size a visit and test; LDIAM of lesion 'T01' of "
        f"patient '{P1}' is 16 and 19 mm at visit 'WEEK 6'. 2 rows: 3, 6. Keep one of the rows."
    ]


def test_a_size_without_a_link_is_refused(tmp_path: Path) -> None:
    domains = trial(patients=1)
    domains["TR"].loc[0, "TRLNKID"] = ""

    assert "sizes ('LDIAM') without a link id" in problems(tmp_path, domains)[0]


# Days ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "day"), [("first", 17), ("middle", 31), ("last", 45), ("refuse", None)]
)
def test_partial_dates_by_rule_and_counted(tmp_path: Path, rule: str, day: float | None) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    # Week 6 is 2020-02-26, day 42.
    domains["TR"].loc[1, "TRDTC"] = "2020-02"

    intake = read(tmp_path, domains, dates=rule)

    expected = [-7, day, 84, 126] if day is not None else [-7, 84, 126]
    assert days(intake) == expected
    found = table(intake, "imputed_dates").iloc[0]
    part = "refused" if rule == "refuse" else "day"
    assert found[["visit", "missing_part", "rule", "rows"]].tolist() == ["WEEK 6", part, rule, 1]
    if rule == "refuse":
        assert table(intake, "tr_rows").set_index("what")["rows"]["without a day"] == 1
        assert "1 size left out" in warnings(intake, "TRDTC")[0]


def test_without_dates_the_study_day_counts(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, visits=(*VISITS, Visit(9, "START", 0)))
    domains["TR"] = domains["TR"].drop(columns="TRDTC")

    # SDTM has no day 0: study day 1 is the start, -7 stays a week before.
    assert sorted(days(read(tmp_path, domains))) == [-7, 0, 42, 84, 126]


def test_study_day_0_is_refused(tmp_path: Path) -> None:
    domains = trial(patients=1)
    domains["TR"].loc[0, "TRDY"] = 0.0

    assert "found study day 0, which SDTM does not have" in problems(tmp_path, domains)[0]


def test_a_study_day_that_is_not_the_date_is_told(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    domains["TR"].loc[1, "TRDY"] = 40.0

    intake = read(tmp_path, domains)

    assert days(intake) == [-7, 42, 84, 126]
    assert (
        "not the date minus the start in 1 row (row 3; by up to 3 days)"
        in warnings(intake, "TRDY")[0]
    )


def test_a_faulty_date_is_refused(tmp_path: Path) -> None:
    domains = trial(patients=1)
    domains["TR"].loc[0, "TRDTC"] = "08JAN2020"

    assert "column 'TRDTC': found '08JAN2020'" in problems(tmp_path, domains)[0]


def test_not_done_without_a_date_belongs_to_its_visit(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=2, nontargets=0, tests=("LDIAM",))
    tr = domains["TR"]
    one = pick(tr, TRLNKID="T01", VISIT="WEEK 6")
    empty = {"TRSTRESN": np.nan, "TRSTRESC": "", "TRORRES": "", "TRSTAT": "NOT DONE", "TRDTC": ""}
    for name, value in {**empty, "TRDY": np.nan}.items():
        tr.loc[one, name] = value

    intake = read(tmp_path, domains)

    assert (sizes(intake), days(intake)) == ([20, None, 12, 18], [-7, 42, 84, 126])


def test_a_size_without_a_day_is_left_out_and_told(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=2, nontargets=0, tests=("LDIAM",))
    tr = domains["TR"]
    tr.loc[pick(tr, TRLNKID="T01", VISIT="WEEK 6"), ["TRDTC", "TRDY"]] = ["", np.nan]

    intake = read(tmp_path, domains)

    assert sizes(intake) == [20, 12, 18]
    assert "1 size left out, since neither TRDTC" in warnings(intake, "left out")[0]


def test_visits_out_of_order_are_told_and_not_moved(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    tr = domains["TR"]
    tr["TRDY"] = np.nan
    tr.loc[pick(tr, VISIT="WEEK 12"), "TRDTC"] = "2020-02"

    intake = read(tmp_path, domains)

    # The completed date of week 12 lies before week 6.
    assert days(intake) == [-7, 42, 17, 126]
    (text,) = warnings(intake, "order of visits")
    assert "disagree at 1 visit of 1 patient (row 4); the dates count." in text
    assert "1 row of these had a partial date that was filled in." in text


def test_two_days_of_one_visit_are_told(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",))
    again = measurement(P1, "T01", "LDIAM", 15, INVESTIGATOR, VISITS[1]._replace(day=45))
    add(domains, "TR", again)

    intake = read(tmp_path, domains)

    assert sizes(intake) == [20, 16, 15, 12, 18]
    assert (
        "1 lesion with sizes on several days of one visit (rows 3, 6)"
        in warnings(intake, "days of")[0]
    )


def test_unscheduled_visits_stay_apart(tmp_path: Path) -> None:
    visits = (
        *VISITS[:2],
        Visit(3.1, "UNSCHEDULED", 50),
        Visit(3.2, "UNSCHEDULED", 60),
        *VISITS[2:],
    )
    intake = read(tmp_path, trial(patients=1, targets=1, nontargets=0, visits=visits))

    assert intake.lesions.frame["visit"].tolist() == [
        "SCREENING",
        "WEEK 6",
        "UNSCHEDULED 3.1",
        "UNSCHEDULED 3.2",
        "WEEK 12",
        "WEEK 18",
    ]


def test_without_visit_names_the_number_is_the_visit(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0)
    domains["TR"] = domains["TR"].drop(columns="VISIT")
    assert read(tmp_path / "a", domains).lesions.frame["visit"].tolist() == ["1", "3", "4", "5"]
    domains["TR"] = domains["TR"].drop(columns="VISITNUM")
    assert "visit" not in read(tmp_path / "b", domains).lesions.frame


# Baseline --------------------------------------------------------------------------------------------

EARLY = (Visit(1, "SCREENING", -20), Visit(2, "BASELINE", -3), *VISITS[1:])


def flag(domains: Domains, column: str, **cells: Any) -> Domains:
    domains["TR"][column] = np.where(pick(domains["TR"], **cells), "Y", "")
    return domains


@pytest.mark.parametrize(
    ("rule", "flagged", "expected"),
    [
        ("start", "SCREENING", "BASELINE"),
        ("auto", None, "BASELINE"),
        ("auto", "SCREENING", "SCREENING"),
        ("flag", "SCREENING", "SCREENING"),
        ("flag", "WEEK 6", "WEEK 6"),
        ("visit", "SCREENING", "BASELINE"),
    ],
)
@pytest.mark.parametrize("column", ["TRLOBXFL", "TRBLFL"])
def test_the_rule_finds_the_baseline(
    tmp_path: Path, rule: str, flagged: str | None, expected: str, column: str
) -> None:
    domains = trial(patients=2, targets=2, nontargets=0, visits=EARLY)
    if flagged:
        flag(domains, column, VISIT=flagged)

    cohort = cohort_from_intake(read(tmp_path, domains, baseline=rule))

    baseline = cohort.measurements[cohort.measurements["is_baseline"]]
    assert len(baseline) == 4
    assert set(baseline["visit"]) == {expected}
    assert cohort.lesions["baseline_after_start"].all() == (expected == "WEEK 6")


def test_the_flag_rule_leaves_out_lesions_without_a_flag(tmp_path: Path) -> None:
    domains = flag(
        trial(patients=1, targets=2, nontargets=0), "TRLOBXFL", TRLNKID="T01", VISIT="SCREENING"
    )

    intake = read(tmp_path / "flag", domains, baseline="flag")
    assert sizes(intake, lesion="T02") == []
    found = table(intake, "baseline").set_index("baseline")
    assert found.loc["none: no such measurement"].tolist() == [1, 4]
    assert table(intake, "tr_rows").set_index("what")["rows"]["set aside by the baseline rule"] == 4
    # By default such a lesion's baseline is found by the start.
    assert len(sizes(read(tmp_path / "auto", domains), lesion="T02")) == 4


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("flag", "column 'TRLOBXFL': no size is flagged in TRLOBXFL or TRBLFL."),
        (
            "visit",
            "column 'VISIT': no visit is called baseline or screening; found: 'DAY 1', 'WEEK 6'",
        ),
    ],
)
def test_a_rule_without_any_baseline_is_refused(tmp_path: Path, rule: str, said: str) -> None:
    domains = trial(visits=(Visit(1, "DAY 1", -1), *VISITS[1:]))

    assert said in problems(tmp_path, domains, baseline=rule)[0]


# New and non-target lesions, RECIST ------------------------------------------------------------------


def test_what_recist_needs(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=1, new_at=2)
    tr = domains["TR"]
    tr.loc[pick(tr, TRGRPID="NON-TARGET", VISIT="WEEK 6"), "TRSTRESC"] = "ABSENT"
    tr.loc[pick(tr, TRGRPID="NON-TARGET", VISIT="WEEK 12"), "TRSTRESC"] = "UNEQUIVOCAL PROGRESSION"
    tr.loc[pick(tr, TRGRPID="NON-TARGET", VISIT="WEEK 18"), ["TRSTRESC", "TRORRES", "TRSTAT"]] = [
        "",
        "",
        "NOT DONE",
    ]

    recist = read(tmp_path, domains).recist

    assert recist.targets.columns.tolist() == [
        "patient_id",
        "lesion_id",
        "day",
        "visit",
        "diameter_mm",
        "node",
    ]
    assert recist.nontargets["state"].tolist() == ["present", "absent", "progression", None]
    assert recist.new.values.tolist() == [[P1, "NEW01", 84.0, "WEEK 12", True]]
    assert recist.reported[recist.reported["what"].eq("overall")].values.tolist() == [
        [P1, 42.0, "WEEK 6", "overall", "SD"],
        [P1, 84.0, "WEEK 12", "overall", "PR"],
        [P1, 126.0, "WEEK 18", "overall", "PD"],
    ]


def test_of_several_states_of_a_lesion_the_worst_counts(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=1)
    texts = ("ABSENT", "UNEQUIVOCAL PROGRESSION", "")
    add(domains, "TR", *(state(P1, "NT01", t, INVESTIGATOR, VISITS[2]) for t in texts))
    add(domains, "TR", state(P1, "NT01", "PRESENT", INVESTIGATOR, VISITS[1]))

    intake = read(tmp_path, domains)

    states = intake.recist.nontargets.sort_values("day")["state"].tolist()
    assert states == ["present", "present", "progression", "present"]
    (text,) = warnings(intake, "several states")
    assert "at 1 assessment (rows 10, 14, 15); the worst counts" in text
    assert table(intake, "tr_rows").set_index("what")["rows"]["duplicates"] == 4


def test_equivocal_absent_and_unmeasured_new_lesions(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=1, nontargets=0)
    new = [tumour(P1, f"NEW0{i}", "NEW", "BRAIN", INVESTIGATOR, VISITS[2]) for i in (1, 2)]
    add(domains, "TU", *new)
    texts = zip(VISITS[1:], ("EQUIVOCAL", "UNEQUIVOCAL", "ABSENT"), strict=True)
    add(domains, "TR", *(state(P1, "NEW01", t, INVESTIGATOR, v, "NEW") for v, t in texts))

    recist = read(tmp_path, domains).recist

    assert recist.new.values.tolist() == [
        [P1, "NEW01", 42.0, "WEEK 6", False],
        [P1, "NEW01", 84.0, "WEEK 12", True],
        [P1, "NEW02", 84.0, "WEEK 12", True],
    ]


def test_responses_are_those_of_the_same_reader(tmp_path: Path) -> None:
    domains = trial(patients=1, readers=(FIRST, SECOND))
    rs = domains["RS"]
    rs["RSACPTFL"] = ""
    rs.loc[pick(rs, RSEVALID=SECOND.id), "RSSTRESC"] = "NE"

    recist = read(tmp_path, domains).recist

    assert len(recist.reported) == 9
    assert "NE" not in set(recist.reported["response"])


def test_without_rs_nothing_is_reported(tmp_path: Path) -> None:
    domains = trial()
    del domains["RS"]

    assert len(read(tmp_path, domains).recist.reported) == 0


# Splits and merges -----------------------------------------------------------------------------------


def split(domains: Domains, links: tuple[str, str], event: bool) -> Domains:
    """Replace T01 at the last two visits by two parts of 7 and 6 mm."""
    tr = domains["TR"]
    late = tr["VISIT"].isin(["WEEK 12", "WEEK 18"]) & tr["TRLNKID"].eq("T01")
    domains["TR"] = tr[~late]
    parts = [tumour(P1, link, "TARGET", "LIVER", INVESTIGATOR, VISITS[2]) for link in links]
    if event:
        parts = [{**part, "TUTESTCD": "TUSPLIT"} for part in parts]
    add(domains, "TU", *parts)
    rows = [
        measurement(P1, link, "LDIAM", size, INVESTIGATOR, visit)
        for visit in VISITS[2:]
        for link, size in zip(links, (7.0, 6.0), strict=True)
    ]
    add(domains, "TR", *rows)
    return domains


@pytest.mark.parametrize(
    ("links", "event"), [(("T01.1", "T01.2"), False), (("T01A", "T01B"), True)]
)
def test_parts_of_a_split_lesion_are_added_up(
    tmp_path: Path, links: tuple[str, str], event: bool
) -> None:
    domains = split(trial(patients=1, targets=2, nontargets=0, tests=("LDIAM",)), links, event)

    intake = read(tmp_path, domains)

    assert (sizes(intake), days(intake)) == ([20, 16, 13, 13], [-7, 42, 84, 126])
    assert set(intake.lesions.frame["lesion_id"]) == {"T01", "T02"}
    assert intake.recist.targets["diameter_mm"].tolist() == [20, 30, 16, 24, 18, 27, 13, 13]
    found = table(intake, "splits_and_merges")
    assert found[["lesion_id", "what", "of", "visits"]].values.tolist() == [
        [link, "part of a split lesion", "T01", 2] for link in links
    ]
    rows = table(intake, "tr_rows").set_index("what")["rows"]
    assert rows["parts of split lesions, added up as the lesion"] == 2
    assert rows["rows of TR"] == rows[:-1].sum()


def test_letters_without_a_split_in_tu_are_lesions_of_their_own(tmp_path: Path) -> None:
    domains = split(trial(patients=1, targets=2, tests=("LDIAM",)), ("T01A", "T01B"), event=False)

    assert sizes(read(tmp_path, domains), lesion="T01A") == [7, 7]


def test_a_part_not_assessed_leaves_the_sum_open(tmp_path: Path) -> None:
    domains = split(
        trial(patients=1, targets=1, nontargets=0, tests=("LDIAM",)), ("T01.1", "T01.2"), False
    )
    tr = domains["TR"]
    one = pick(tr, TRLNKID="T01.2", VISIT="WEEK 18")
    tr.loc[one, ["TRSTRESN", "TRSTRESC", "TRORRES", "TRSTAT"]] = [np.nan, "", "", "NOT DONE"]

    assert sizes(read(tmp_path, domains)) == [20, 16, 13, None]


def test_a_whole_and_its_parts_at_one_visit_are_refused(tmp_path: Path) -> None:
    domains = split(trial(patients=1, targets=1, tests=("LDIAM",)), ("T01.1", "T01.2"), False)
    add(domains, "TR", measurement(P1, "T01", "LDIAM", 20, INVESTIGATOR, VISITS[2]))

    assert "measured as a whole and in parts" in problems(tmp_path, domains)[0]


@pytest.mark.parametrize("link", ["T01/T02", "T01, T02", "T01+T02", "T09"])
def test_merged_lesions_are_set_aside(tmp_path: Path, link: str) -> None:
    domains = trial(patients=1, targets=3, nontargets=0, tests=("LDIAM",))
    tr = domains["TR"]
    domains["TR"] = tr[~(tr["TRLNKID"].isin(["T01", "T02"]) & tr["VISIT"].eq("WEEK 18"))]
    merged = tumour(P1, link, "TARGET", "LIVER", INVESTIGATOR, VISITS[3])
    add(domains, "TU", {**merged, "TUTESTCD": "TUMERGE"})
    add(domains, "TR", measurement(P1, link, "LDIAM", 44, INVESTIGATOR, VISITS[3]))

    intake = read(tmp_path, domains)

    assert sizes(intake) == [20, 16, 12]
    assert set(intake.lesions.frame["lesion_id"]) == {"T01", "T02", "T03"}
    found = table(intake, "splits_and_merges").iloc[0]
    assert (found["what"], found["visits"]) == ("merged lesion", 1)
    assert found["of"] == ("(not said)" if link == "T09" else "T01, T02")
    assert table(intake, "tr_rows").set_index("what")["rows"]["of merged lesions, set aside"] == 1


def test_a_merged_lesion_under_the_link_of_its_parent(tmp_path: Path) -> None:
    domains = trial(patients=1, targets=2, nontargets=0, tests=("LDIAM",))
    merged = tumour(P1, "T01", "TARGET", "LIVER", INVESTIGATOR, VISITS[2])
    add(domains, "TU", {**merged, "TUTESTCD": "TUMERGE"})

    assert sizes(read(tmp_path, domains)) == [20, 16]


# Sites -----------------------------------------------------------------------------------------------


def test_sites_are_mapped_and_unmapped_terms_listed(tmp_path: Path) -> None:
    domains = trial(patients=2, targets=3, nontargets=0)
    tu = domains["TU"]
    tu.loc[tu["TULNKID"].eq("T01"), "TULOC"] = "PLACE UNHEARD OF"

    intake = read(tmp_path, domains)

    found = table(intake, "sites")
    assert found[found["how"].eq("unmapped")][["term", "n"]].values.tolist() == [
        ["PLACE UNHEARD OF", 2]
    ]
    assert len(warnings(intake, "PLACE UNHEARD OF")) == 1


def test_the_users_sites_win(tmp_path: Path) -> None:
    own = tmp_path / "sites.csv"
    own.write_text("term,site\nLIVER,belly\n", encoding="utf-8")

    intake = read(tmp_path / "data", trial(), sites=own)

    assert "belly" in set(intake.lesions.frame["site"])


def test_one_lesion_under_two_locations_is_told(tmp_path: Path) -> None:
    domains = trial(patients=1, readers=(FIRST, SECOND))
    tu, tr = domains["TU"], domains["TR"]
    tu.loc[pick(tu, TULNKID="T01", TUEVALID=SECOND.id), "TULOC"] = "BRAIN"
    week_6 = tr["VISIT"].eq("WEEK 6")
    tr.loc[week_6, "TRACPTFL"] = np.where(tr.loc[week_6, "TREVALID"].eq(SECOND.id), "Y", "")

    intake = read(tmp_path, domains)

    rows = intake.lesions.frame
    assert set(rows[rows["lesion_id"].eq("T01")]["site"]) == {"liver"}
    assert "1 lesion with several TULOC" in warnings(intake, "TULOC")[0]


# Everything at once ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d["TR"].drop(columns="TRLNKID"),
        lambda d: d["TR"].drop(columns="TRTESTCD"),
        lambda d: d["TR"].drop(columns="USUBJID"),
    ],
)
def test_a_missing_column_is_named(
    tmp_path: Path, damage: Callable[[Domains], pd.DataFrame]
) -> None:
    domains = trial()
    whole = set(domains["TR"].columns)
    domains["TR"] = damage(domains)
    (lost,) = whole - set(domains["TR"].columns)

    assert f"column '{lost}': this column of TR is missing" in problems(tmp_path, domains)[0]


def test_faults_of_several_kinds_come_together(tmp_path: Path) -> None:
    domains = trial(patients=2)
    domains["TR"].loc[0, "TRDTC"] = "yesterday"
    domains["TR"].loc[2, "TRSTRESU"] = "inches"
    domains["TR"].loc[4, "TRSTRESN"] = -1.0
    domains["DM"].loc[1, "AGEU"] = "FORTNIGHTS"

    found = problems(tmp_path, domains)

    assert [p.split(":")[0].split("'")[1] for p in found] == [
        "TRDTC",
        "TRSTRESU",
        "TRSTRESN",
        "AGEU",
    ]


def test_the_order_of_rows_does_not_matter(tmp_path: Path) -> None:
    domains = trial(patients=3, readers=(FIRST, SECOND), new_at=1)
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in domains.items()}
    key = ["patient_id", "lesion_id", "day"]

    one, other = (
        read(tmp_path / str(i), d).lesions.frame.sort_values(key).reset_index(drop=True)
        for i, d in enumerate((domains, shuffled))
    )

    pd.testing.assert_frame_equal(one, other)


PLAUSIBLE: dict[str, tuple[Any, ...]] = {
    "TRLNKID": ("T01", "T01.1", "T01/T02", "NT01", "T09", None),
    "TRTESTCD": ("LDIAM", "LPERP", "SAXIS", "TUMSTATE", "SUMDIAM", None),
    "TRACPTFL": ("Y", None, "N"),
    "VISIT": ("SCREENING", "UNSCHEDULED", None),
    "VISITNUM": (1.0, 2.1, None),
    "TRDTC": ("2020-01", "2020", "2019-12-31", None, "2020-02-30"),
    "TRSTRESC": ("ABSENT", "<5", None),
    "TRSTRESN": (0.0, 1.0, 5000.0, -1.0, None),
    "TRSTAT": ("NOT DONE", None),
    "TULNKID": ("T01", "T01.2", "T02", "T01/T02", None),
    "TUTESTCD": ("TUSPLIT", "TUMERGE", "NEWTUMOR", None),
    "TULOC": ("LYMPH NODE", None, "=1+1"),
    "TUSTRESC": ("TARGET", "NON-TARGET", "NEW", "BENIGN", None),
    "TUEVALID": (SECOND.id, None),
    "RSTESTCD": ("OVRLRESP", None),
    "RSCAT": ("iRECIST", None),
    "USUBJID": (P1, P2, None),
}
"""What may stand in a column, for the mutations."""


@pytest.mark.parametrize("seed", range(24))
def test_mutated_data_sets_give_tables_or_a_plain_refusal(seed: int) -> None:
    random = np.random.default_rng(seed)
    domains = trial(patients=2, targets=2, readers=(FIRST, SECOND), new_at=2)
    for _ in range(1 + seed % 4):
        name = random.choice(["TR", "TU", "RS"])
        frame = domains[name].astype(object)
        column = random.choice([c for c in PLAUSIBLE if c in frame])
        hit = random.random(len(frame)) < random.choice([0.03, 0.5])
        values = np.array(PLAUSIBLE[column], dtype=object)
        frame.loc[hit, column] = values[random.integers(0, len(values), hit.sum())]
        domains[name] = frame[random.random(len(frame)) > 0.1]
    rules = CdiscOptions(
        dates=random.choice(["first", "refuse"]), baseline=random.choice(["auto", "start", "visit"])
    )
    found = Collection(
        {name: domain_of(name, from_frame(frame, name)) for name, frame in domains.items()}
    )

    try:
        intake = read_collection(found, rules)
    except LesionhetError:
        return
    rows = table(intake, "tr_rows").set_index("what")["rows"]
    assert rows["rows of TR"] == len(domains["TR"]) == rows[:-1].sum()
    # What is in the table is a row of TR, or a lesion of TU that TR does not measure.
    unmeasured = len(intake.lesions.frame) - rows.get("rows of the lesions table", 0)
    lesions = intake.lesions.frame[["patient_id", "lesion_id"]]
    assert 0 <= unmeasured <= len(lesions.drop_duplicates())
