"""Raw tables become a cohort: baseline, followed lesions, labels, attrition, notices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from input_helpers import GOOD, GOOD_PATIENTS, HEADING, lesions, workbook

from lesionhet.cohort import Cohort, build_cohort, cohort_from_frames, read_cohort
from lesionhet.errors import InputError
from lesionhet.readers import ReadOptions, read_bytes


def cohort(data: str, patients: str | None = None, **options: object) -> Cohort:
    read = ReadOptions(**options)  # type: ignore[arg-type]
    described = None if patients is None else read_bytes("patients.csv", patients.encode(), read)
    return build_cohort(read_bytes("lesions.csv", data.encode(), read), described, read)


def notes(found: Cohort, level: str = "warning") -> list[str]:
    return [notice.text for notice in found.notices if notice.level == level]


def counts(found: Cohort, unit: str) -> dict[str, int]:
    table = found.attrition[found.attrition["unit"] == unit]
    return dict(zip(table["reason"], table["n"], strict=True))


def assert_adds_up(found: Cohort) -> None:
    table = found.attrition.groupby(["unit", "stage"])["n"].sum()
    sums = {stage: table.xs(stage, level="stage") for stage in ("found", "left out", "kept")}
    assert (found.attrition["n"] >= 0).all()
    assert (sums["found"] == sums["left out"] + sums["kept"]).all()
    kept = sums["kept"]
    assert kept["row"] == len(found.measurements)
    assert kept["lesion"] == len(found.lesions)
    assert kept["patient"] == len(found.patients)


def test_small_cohort_in_full() -> None:
    found = cohort(GOOD, GOOD_PATIENTS)
    assert found.measurements.to_dict("list") == {
        "patient_id": ["P1", "P1", "P2", "P2"],
        "lesion_id": ["L1"] * 4,
        "day": [-5.0, 50.0, 0.0, 60.0],
        "diameter_mm": [30.0, 20.0, 40.0, 44.0],
        "visit": [None] * 4,
        "is_baseline": [True, False, True, False],
    }
    assert found.lesions.to_dict("list") == {
        "patient_id": ["P1", "P2"],
        "lesion_id": ["L1", "L1"],
        "baseline_day": [-5.0, 0.0],
        "baseline_mm": [30.0, 40.0],
        "baseline_after_start": [False, False],
        "n_scans": [1, 1],
    }
    assert found.patients.to_dict("list") == {
        "patient_id": ["P1", "P2"],
        "arm": ["A", "B"],
        "os_days": [400.0, 500.0],
        "os_event": [1.0, 0.0],
        "pfs_days": [90.0, 300.0],
        "pfs_event": [1.0, 0.0],
    }
    assert found.columns == {*HEADING.split(","), *GOOD_PATIENTS.split("\n")[0].split(",")}
    assert found.notices == ()
    assert repr(found) == "Cohort(2 patients, 2 lesions, 4 measurements)"
    assert [(s.file, s.rows) for s in found.sources] == [("lesions.csv", 4), ("patients.csv", 2)]
    assert_adds_up(found)


def test_baseline_is_the_last_measured_row_up_to_day_0() -> None:
    rows = ["P3,L1,-40,50", "P3,L1,-2,40", "P3,L1,0,", "P3,L1,30,30", "P3,L1,60,"]
    found = cohort(lesions(*rows))
    lesion = found.lesions.set_index("patient_id").loc["P3"]
    assert (lesion["baseline_day"], lesion["baseline_mm"], lesion["n_scans"]) == (-2, 40, 1)
    assert not lesion["baseline_after_start"]
    assert found.measurements.query("patient_id == 'P3'")["day"].tolist() == [-2, 30]
    assert counts(found, "row")["before treatment and before the baseline"] == 1
    assert counts(found, "row")["not assessed (empty diameter)"] == 2
    assert_adds_up(found)


def test_without_a_row_up_to_day_0_the_first_measured_row_is_the_baseline() -> None:
    found = cohort(lesions("P3,L1,0,", "P3,L1,21,50", "P3,L1,80,40"))
    lesion = found.lesions.set_index("patient_id").loc["P3"]
    assert (lesion["baseline_day"], bool(lesion["baseline_after_start"])) == (21, True)
    assert notes(found) == [
        "lesions.csv: 1 of 3 lesions without a measurement at day 0 or before; the first measurement "
        "served as baseline."
    ]


def test_attrition_counts_each_reason() -> None:
    rows = [
        "P3,never,0,,target",
        "P3,never,50,,target",
        "P3,zero,0,0,target",
        "P3,zero,50,5,target",
        "P3,once,0,12,target",
        "P3,once,50,,target",
        "P4,twin,0,12,Target",
        "P4,twin,0,12.0,target",
        "P4,twin,50,10,TARGET",
        "P4,twin,-30,15,target",
        "P4,other,0,12,Non_target",
        "P4,fresh,50,12,NEW",
        "P5,other,0,12,non-target",
        "P6,only,-40,9,target",
        "P6,only,-4,9,target",
    ]
    described = "patient_id,arm\n" + "".join(f"P{i},A\n" for i in range(1, 9))
    found = cohort(lesions(*rows, heading=f"{HEADING},lesion_type"), described)
    assert counts(found, "row") == {
        "rows in the file": 19,
        "not assessed (empty diameter)": 3,
        "of non-target lesions": 2,
        "of new lesions": 1,
        "exact duplicates": 1,
        "before treatment and before the baseline": 2,
        "of lesions that are not followed": 4,
        "rows analysed": 6,
    }
    assert counts(found, "lesion") == {
        "lesions in the file": 10,
        "non-target lesions": 2,
        "new lesions": 1,
        "never measured": 1,
        "baseline of 0": 1,
        "no measurement after the baseline": 2,
        "lesions followed": 3,
    }
    assert counts(found, "patient") == {
        "patients in the patients table": 8,
        "without any measurement of a target lesion": 3,
        "without a followed lesion": 2,
        "patients analysed": 3,
    }
    assert_adds_up(found)
    assert "lesions.csv: 1 exact duplicate row dropped (same lesion, day, size)." in notes(found)
    idle = "patients.csv: 2 patients without a row in lesions.csv: 'P7', 'P8'."
    assert idle in notes(found)


def test_empty_lesion_type_is_target_and_said() -> None:
    found = cohort(lesions("P1,L1,90,18,new", heading=f"{HEADING},lesion_type"))
    assert notes(found) == [
        "lesions.csv, column 'lesion_type': 4 empty cells read as target.",
        "lesions.csv: 1 lesion with more than one lesion type; only rows of type target are analysed.",
    ]
    assert_adds_up(found)


def test_lesion_ids_recur_in_other_patients() -> None:
    assert len(cohort(GOOD).lesions) == 2


def test_site_labels() -> None:
    rows = [f"P{i},L1,{day},10,{site}" for i, (d, site) in enumerate(
        [(0, "Liver"), (0, "LIVER"), (0, " liver "), (0, "Liver"), (0, "Lymph  node"), (0, "LIVR"), (0, "")]
    ) for day in (d, 40)]  # fmt: skip
    found = cohort(f"{HEADING},site\n" + "\n".join(rows) + "\n")
    sites = found.lesions.sort_values("patient_id")["site"].tolist()
    assert sites == ["Liver", "Liver", "Liver", "Liver", "Lymph node", "LIVR", None]
    assert notes(found, "note") == [
        "lesions.csv, column 'site': spellings merged into 'Liver': 'liver' (2 rows), 'LIVER' (2 rows)."
    ]
    assert notes(found) == [
        "lesions.csv, column 'site': 'LIVR' (1 lesion) is spelled almost like 'Liver' (4 lesions); "
        "they are kept apart."
    ]
    assert "site" in found.columns


def test_capitals_lose_on_ties_and_arms_that_differ_in_a_digit_are_no_misspellings() -> None:
    arms = "patient_id,arm\nP1,FOLFOX\nP2,Folfox\n"
    found = cohort(GOOD, arms)
    assert found.patients["arm"].tolist() == ["Folfox", "Folfox"]
    numbered = "patient_id,arm\nP1,Arm 1\nP2,Arm 2\nP3,Arm 1\nP4,Arm 1\n"
    warnings = notes(cohort(GOOD, numbered))
    assert not [text for text in warnings if "spelled" in text]


def test_site_of_a_lesion_is_taken_from_the_rows_that_have_it() -> None:
    found = cohort(f"{HEADING},site\nP1,L1,0,9,\nP1,L1,40,8,Lung\n")
    assert found.lesions["site"].tolist() == ["Lung"]


def test_headings_are_folded_with_a_notice_and_mappings_win() -> None:
    data = (
        "Patient ID,LESION-ID,day,Day of scan,Diameter mm,remark\nP1,L1,9,-5,30,x\nP1,L1,9,50,20,\n"
    )
    found = cohort(data, mapping={"day": "Day of scan"})
    assert found.measurements["day"].tolist() == [-5, 50]
    assert found.sources[0].mapping["day"] == "Day of scan"
    assert notes(found, "note") == [
        "lesions.csv: heading 'Patient ID' is read as patient_id.",
        "lesions.csv: heading 'LESION-ID' is read as lesion_id.",
        "lesions.csv: heading 'Diameter mm' is read as diameter_mm.",
        "lesions.csv: columns ignored: 'remark'.",
    ]
    assert notes(found) == [
        "lesions.csv: column 'day' is ignored: --map takes day from 'Day of scan'."
    ]


def test_one_mapping_may_hold_for_either_table() -> None:
    renamed = GOOD_PATIENTS.replace("patient_id", "SUBJ").replace("arm", "TRT")
    found = cohort(GOOD, renamed, mapping={"patient_id": "SUBJ", "arm": "TRT"})
    assert found.patients["arm"].tolist() == ["A", "B"]
    both = cohort(GOOD.replace("patient_id", "SUBJ"), renamed, mapping={"patient_id": "SUBJ"})
    assert both.patients.columns.tolist()[-1] == "TRT"


def test_columns_in_the_wrong_table_are_ignored_with_a_warning() -> None:
    data = "".join(
        f"{row},{cell}\n" for row, cell in zip(GOOD.split(), ["arm", *"ABAB"], strict=True)
    )
    found = cohort(data, "patient_id,site\nP1,x\nP2,y\n")
    assert found.columns == set(HEADING.split(","))
    assert notes(found) == [
        "lesions.csv: columns ignored: 'arm'. 'arm' belong in the patients table.",
        "patients.csv: columns ignored: 'site'. They belong in the lesions table.",
    ]


def test_covariates_are_numbers_or_text() -> None:
    heading = "patient_id,age,ldh,grade,note\n"
    rows = "P1,61,NA,G1,\nP2,,7,G2,\n" + "".join(f"P{i},50,{i},G1,\n" for i in range(3, 7))
    found = cohort(GOOD, heading + rows)
    assert found.patients["age"].tolist()[0] == 61.0
    assert np.isnan(found.patients["age"].tolist()[1])
    assert found.patients["ldh"].tolist() == ["NA", "7"]
    assert found.patients["grade"].tolist() == ["G1", "G2"]
    assert notes(found)[0] == (
        "patients.csv, column 'ldh': read as text because of 'NA'; the other cells are numbers."
    )
    assert "note" not in found.columns
    assert "patients.csv, column 'note': empty in every row." in notes(found)
    assert cohort(GOOD, heading + rows, missing=("NA",)).patients["ldh"].tolist()[1] == 7.0


def test_declared_codes_decimal_commas_and_semicolons() -> None:
    data = lesions("P3,L1,0,12.5", "P3,L1,30,ND", "P3,L1,60,-9").replace(",", ";").replace(".", ",")
    found = cohort(data, missing=("ND", "-9", "x"), decimal=",")
    assert counts(found, "row")["not assessed (empty diameter)"] == 2
    assert found.columns == set(HEADING.split(","))


def test_ids_stay_text(tmp_path: Path) -> None:
    rows = [["patient_id", "lesion_id", "day", "diameter_mm"]]
    rows += [[508.0, 1, day, size] for day, size in ((0, 10), (40, 9))]
    workbook(tmp_path / "lesions.xlsx", rows)
    (tmp_path / "patients.csv").write_text("patient_id,arm\n508,A\n")
    found = read_cohort(tmp_path / "lesions.xlsx", tmp_path / "patients.csv")
    assert found.lesions[["patient_id", "lesion_id"]].values.tolist() == [["508", "1"]]
    assert cohort(GOOD.replace("P1", "000004")).patients["patient_id"].tolist() == ["000004", "P2"]


def test_ids_that_are_almost_the_same_are_named() -> None:
    found = cohort(lesions("P01,L1,0,10", "P01,L1,40,9", "P1,l1,0,10", "P1,l1,40,10"))
    assert notes(found) == [
        "lesions.csv, column 'patient_id': names that are almost the same are read as different: "
        "'P01' and 'P1'.",
        "lesions.csv, column 'lesion_id': names that are almost the same are read as different: "
        "'P01, L1' and 'P1, L1' and 'P1, l1'.",
    ]


def test_true_and_false_cells_are_flags() -> None:
    frame = pd.DataFrame(
        {"patient_id": ["P1", "P2"], "os_days": [5, None], "os_event": [True, None]}
    )
    measured = pd.DataFrame(
        [["P1", "L1", 0, 9.0], ["P1", "L1", 4, 8.0], ["P2", "L1", 0, 9.0], ["P2", "L1", 40, 8.0]],
        columns=HEADING.split(","),
    )
    found = cohort_from_frames(measured, frame)
    assert found.patients["os_event"].tolist()[0] == 1.0
    assert np.isnan(found.patients["os_event"].tolist()[1])
    assert found.patients["os_event"].dtype == float


def test_day_that_looks_like_a_study_number_and_sizes_that_look_like_cm() -> None:
    rows = "P1,L1,0,3.0\nP1,L1,1,2.5\nP1,L1,2,2.0\nP2,L1,0,4.0\nP2,L1,1,4.4\n"
    assert notes(cohort(f"{HEADING}\n{rows}")) == [
        "lesions.csv, column 'day': scans are typically 1 apart. This looks like a study number, not "
        "days; all durations are in its unit.",
        "lesions.csv, column 'diameter_mm': the median baseline is 3.5. This looks like cm; mm are "
        "expected.",
    ]


@pytest.mark.parametrize(
    ("sizes", "fault"),
    [
        ((25, 250), True),
        ((25, 24, 2.4), True),
        ((25, 16, 2), False),
        ((25, 2.5), False),
        ((25, 2.5, 5), False),
        ((25, 2.5, 13), True),
        ((3, 30), False),
        ((3.1, 31), True),
        ((25, 0, 25), False),
        ((25, 3.5), False),
        ((25, 1.9), False),
        ((30, 26, 20.1, 2.2), True),
        ((30, 26, 19.9, 2.2), False),
        ((250, 25, 24), False),
        ((10, 79), False),
        ((10, 80), True),
        ((10, 125), True),
        ((10, 126), False),
    ],
)
def test_unit_slips(sizes: tuple[float, ...], fault: bool) -> None:
    data = lesions(*(f"P3,L1,{40 * i},{size}" for i, size in enumerate(sizes)))
    if fault:
        with pytest.raises(InputError, match="as if mm and cm were mixed"):
            cohort(data)
        accepted = notes(cohort(data, allow_jumps=True))
        assert any("accepted as asked" in text for text in accepted)
    else:
        assert not any("accepted" in text for text in notes(cohort(data, allow_jumps=True)))
        assert len(cohort(data).lesions) == 3


def test_a_plausible_deep_response_is_a_warning() -> None:
    assert notes(cohort(lesions("P3,L1,0,25", "P3,L1,40,2.5"))) == [
        "lesions.csv, column 'diameter_mm': 1 size about a tenth of the size before (row 7), taken as "
        "deep response; check the unit."
    ]


def test_jumps_do_not_cross_lesions() -> None:
    assert len(cohort(lesions("P3,L1,0,4", "P3,L1,40,4", "P3,L2,0,40", "P3,L2,40,40")).lesions) == 4


def test_measurements_after_the_end_of_survival_are_said() -> None:
    found = cohort(GOOD, "patient_id,os_days,os_event\nP1,49,1\nP2,60,0\n")
    assert notes(found) == ["patients.csv: 1 patient measured after os_days: 'P1'."]


def test_pfs_may_end_with_os() -> None:
    ends = "patient_id,os_days,os_event,pfs_days,pfs_event\nP1,99,1,99,1\nP2,99,0,99,0\n"
    assert cohort(GOOD, ends).patients["pfs_days"].tolist() == [99.0, 99.0]


def test_visits_are_kept() -> None:
    rows = "P1,L1,0,9,Week  0\nP1,L1,40,8,\nP1,L2,0,9,WEEK 0\nP1,L2,40,8,Week 6\n"
    found = cohort(f"{HEADING},visit\n{rows}")
    assert found.measurements["visit"].tolist() == ["Week 0", None, "Week 0", "Week 6"]
    assert "visit" in found.columns


LESION_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2", "p3"]),
        st.sampled_from(["L1", "L2"]),
        st.integers(-60, 400),
        st.sampled_from(["", "0", "8", "9.5", "12", "14"]),
        st.sampled_from(["target", "new", "Non target", ""]),
    ),
    max_size=25,
    unique_by=lambda row: row[:3],
)


@settings(max_examples=40, deadline=None)
@given(rows=LESION_ROWS, repeat=st.booleans(), data=st.data())
def test_the_order_of_rows_does_not_matter(
    rows: list[tuple[str, str, int, str, str]], repeat: bool, data: st.DataObject
) -> None:
    rows = [*rows, ("Q", "L1", 0, "9", "target"), ("Q", "L1", 40, "8", "target")]
    rows += rows[-1:] if repeat else []
    shuffled = data.draw(st.permutations(rows))
    first, second = (_from_rows(order) for order in (rows, shuffled))
    for name in ("measurements", "lesions", "patients", "attrition"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))
    assert first.columns == second.columns
    assert first.notices == second.notices
    assert_adds_up(first)
    _assert_sound(first, rows)


def _from_rows(rows: list[tuple[str, str, int, str, str]]) -> Cohort:
    lines = "\n".join(",".join(map(str, row)) for row in rows)
    return cohort(f"{HEADING},lesion_type\n{lines}\n")


def _assert_sound(found: Cohort, rows: list[tuple[str, str, int, str, str]]) -> None:
    """Compare the followed lesions with the definition, lesion by lesion."""
    expected = {}
    for key in {row[:2] for row in rows}:
        scans = sorted(
            {(r[2], float(r[3])) for r in rows if r[:2] == key and r[3] and r[4] in ("target", "")}
        )
        early = [scan for scan in scans if scan[0] <= 0]
        baseline = early[-1] if early else (scans[0] if scans else None)
        later = [scan for scan in scans if baseline and scan[0] > baseline[0]]
        if baseline and baseline[1] > 0 and later:
            expected[key] = (*baseline, not early, len(later))
    table = found.lesions.set_index(["patient_id", "lesion_id"])
    assert {
        key: tuple(row) for key, row in zip(table.index, table.values.tolist(), strict=True)
    } == (expected)
