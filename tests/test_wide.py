"""Wide tables: which headings are visits, on which day, and that the long table is the one it was made of."""

from __future__ import annotations

import datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spreadsheet_helpers import (
    HEADING,
    LONG,
    WIDE,
    Rows,
    arranged,
    both,
    cohort,
    framed,
    read,
    said,
    told,
)

from lesionhet.cohort import build_cohort, cohort_from_frames
from lesionhet.errors import InputError
from lesionhet.readers import RawTable, ReadOptions, from_frame
from lesionhet.readers.choosing.guess import guess_columns, guess_start, guess_tables
from lesionhet.readers.choosing.prepare import Chosen, prepare
from lesionhet.readers.shape.visits import visit_heading, visit_of
from lesionhet.simulate import simulate_trial

IDS = ["patient_id", "lesion_id"]
CHANGE = "--visit-day changes a day, --not-wide reads the table as it stands."


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *((text, 0) for text in ("Baseline", "BL", "screening", "Pre-treatment", "Baseline scan")),
        *(
            (text, 56)
            for text in ("Week 8", "W8", "wk8", "WEEK_8", "8 weeks", "8w", "Day 56", "D56")
        ),
        *((text, 91.3125) for text in ("Month 3", "M3", "3 mo", "3 months")),
        ("Year 1", 365.25),
        ("Day -7", -7),
        ("Week 1.5", 10.5),
        *(
            (text, None)
            for text in ("Scan 2", "Visit 3", "C3D1", "EOT", "FU 2", "57", "D-7", "W-8")
        ),
    ],
)
def test_names_of_visits(text: str, day: float | None) -> None:
    visit = visit_of(text)
    assert visit is not None
    assert visit.day == day
    assert visit.date is None


@pytest.mark.parametrize(
    "text",
    ["Week", "lesion", "Patient 1", "Comment", "Visit", "G12D", "2021-02-30", "T1", "Age", ""],
)
def test_what_is_no_visit(text: str) -> None:
    assert visit_of(text) is None


@pytest.mark.parametrize(
    ("heading", "label", "measure", "unit"),
    [
        ("Week 8", "Week 8", "size", ""),
        ("Week 8 Size", "Week 8", "size", ""),
        ("Size week 8 (mm)", "week 8", "size", "mm"),
        ("LD_W8", "W8", "size", ""),
        ("W8_LD [cm]", "W8", "size", "cm"),
        ("BL mm", "BL", "size", "mm"),
        ("Week 8 - longest diameter", "Week 8", "size", ""),
        ("Week 8: Date", "Week 8", "date", ""),
        ("Scan date week 8", "week 8", "date", ""),
        ("Week 8 study day", "Week 8", "day", ""),
        ("Week 8 comment", "Week 8", "other", ""),
        ("date 2", "2", "date", ""),
        ("size_2", "2", "size", ""),
    ],
)
def test_headings_of_visits(heading: str, label: str, measure: str, unit: str) -> None:
    found = visit_heading(heading, {})
    assert found is not None
    assert (found.visit.label, found.measure, found.unit) == (label, measure, unit)


def test_a_column_a_visit() -> None:
    table = arranged(WIDE)
    assert table.frame.to_dict("list") == {
        "patient_id": ["P1"] * 6,
        "lesion_id": ["L1"] * 3 + ["L2"] * 3,
        "visit": ["Baseline", "Week 8", "W16"] * 2,
        "day": [0.0, 56.0, 112.0] * 2,
        "diameter_mm": [30, 20, 10, 40, None, 44],
    }
    assert table.rows.tolist() == [2, 2, 2, 3, 3, 3]
    assert said(table) == [
        "lesions: read as a wide table, one row a lesion: 'Baseline' is day 0, 'Week 8' is day 56, 'W16' is "
        f"day 112. {CHANGE}"
    ]
    assert len(cohort(WIDE).measurements) == 5


def test_other_columns_stay_beside_the_sizes() -> None:
    rows = [[*IDS, "site", "BL", "W8", "W8 comment"], ["P1", "L1", "liver", 30, 20, "breath"]]
    table = arranged(rows)
    assert table.frame["site"].tolist() == ["liver", "liver"]
    assert said(table)[1] == "lesions: not read of the visits: 'W8 comment'."


def test_a_long_table_is_no_wide_one() -> None:
    for rows in (
        LONG,
        [[*HEADING, "BL", "W8"], [*LONG[1], 3, 4]],
        [["patient_id", "arm", "Baseline", "Week 8"], ["P1", "A", 3, 4]],
        [[*IDS, "Baseline", "size"], ["P1", "L1", 3, 4]],
    ):
        raw = framed(rows, "t")
        assert arranged(raw) is not None
        assert arranged(raw).frame.equals(raw.frame)


def test_wide_can_be_forced_and_denied() -> None:
    raw = framed(WIDE, "t")
    assert arranged(raw, wide=False).frame.equals(raw.frame)
    rows = [["patient_id", "Baseline"], ["P1", 3]]
    assert arranged(rows).frame.columns.tolist() == rows[0]
    assert arranged(rows, wide=True).frame["day"].tolist() == [0.0]
    with pytest.raises(InputError) as caught:
        arranged([IDS, ["P1", "L1"]], wide=True)
    assert told(caught.value) == [
        "lesions: no heading names a visit, such as 'Baseline', 'Week 8', 'Day 57' or 'Size 2'; found: "
        "'patient_id', 'lesion_id'. Name the visits with --visit-day HEADING=DAY, or leave --wide out."
    ]
    with pytest.raises(InputError) as caught:
        arranged([[*HEADING, "BL", "W8"], [*LONG[1], 3, 4]], wide=True)
    assert told(caught.value) == [
        f"lesions, column '{name}': the table has a column '{name}' and a column a visit. Rename or remove "
        "one of them, or give --not-wide."
        for name in ("day", "diameter_mm")
    ]


def test_visits_without_a_day_are_listed_and_can_be_given() -> None:
    rows = [[*IDS, "Baseline", "Scan 2", "C3D1", "120"], ["P1", "L1", 30, 20, 10, 5]]
    with pytest.raises(InputError) as caught:
        arranged(rows)
    assert told(caught.value) == [
        "lesions: the days of 3 visits cannot be told by their headings: 'Scan 2', 'C3D1', '120'. Give the "
        'day of each, such as --visit-day "Scan 2=42".'
    ]
    table = arranged(rows, visit_days={"scan 2": 42, "C3D1": 63.0, "120": 120.0})
    assert table.frame["day"].tolist() == [0.0, 42, 63.0, 120.0]
    with pytest.raises(InputError) as caught:
        arranged(rows, visit_days={"Scan 2": 42, "C3D1": 63, "120": 120, "Scan 9": 9})
    assert told(caught.value) == [
        "lesions: --visit-day names 'Scan 9', which no heading of a visit is; found: 'Baseline', 'Scan 2', "
        "'C3D1', '120'. Spell the visit as the heading does."
    ]


def test_any_heading_can_be_named_a_visit() -> None:
    rows = [[*IDS, "before", "after"], ["P1", "L1", 30, 20]]
    table = arranged(rows, visit_days={"before": -3, "after": 50})
    assert table.frame[["visit", "day"]].values.tolist() == [["before", -3], ["after", 50]]


def test_days_of_visits_that_are_not_there_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        arranged(LONG, visit_days={"Scan 2": 9.0})
    assert told(caught.value) == [
        "lesions: --visit-day names 'Scan 2', which no heading and no cell of a column of visits is, and the "
        "days stand elsewhere. Spell the visit as the table does, or leave --visit-day out."
    ]
    rows = [[*IDS, "visit", "Baseline size", "diameter_mm"], ["P1", "L1", "Scan 2", 3, 4]]
    assert arranged(rows, visit_days={"Scan 2": 9.0}).frame["day"].tolist() == [9.0]
    with pytest.raises(InputError, match=r"'Scan 3', which no heading .* is; found: 'Scan 2'"):
        arranged(rows, visit_days={"Scan 2": 9.0, "Scan 3": 12.0})


def test_two_visits_on_one_day() -> None:
    rows = [[*IDS, "Screening", "Baseline", "W8"], ["P1", "L1", 31, 30, 20]]
    with pytest.raises(InputError) as caught:
        arranged(rows)
    assert told(caught.value) == [
        "lesions: 'Screening', 'Baseline' are all day 0; a lesion has one size a day. Give one of them its "
        'own day, such as --visit-day "Screening=-14".'
    ]
    assert arranged(rows, visit_days={"Screening": -14.0}).frame["day"].tolist() == [
        -14.0,
        0.0,
        56.0,
    ]


def test_headings_that_say_cm_are_converted_and_said() -> None:
    rows = [[*IDS, "Baseline (cm)", "W8 (mm)"], ["P1", "L1", 3, 20], ["P1", "L2", "NE", 10]]
    table = arranged(rows)
    assert table.frame["diameter_mm"].tolist() == [30.0, 20, "NE", 10]
    assert said(table)[-1] == "lesions: 1 size multiplied by 10: the headings say cm."


PAIRS: Rows = [
    [*IDS, "date 1", "size 1", "date 2", "size 2", "start"],
    ["P1", "L1", "2021-03-01", 30, "2021-05-03", 20, "2021-03-08"],
    ["P1", "L2", "2021-03-01", 12, None, None, "2021-03-08"],
]


def test_pairs_of_dates_and_sizes() -> None:
    table = arranged(PAIRS, start_date="start")
    assert table.frame[["visit", "day", "diameter_mm"]].values.tolist() == [
        ["1", -7, 30],
        ["2", 56, 20],
        ["1", -7, 12],
    ]
    assert table.rows.tolist() == [2, 2, 3]
    assert said(table) == [
        "lesions: read as a wide table, one row a lesion: 'size 1' on the date of 'date 1', 'size 2' on the "
        f"date of 'date 2'. {CHANGE}",
        "lesions: 1 visit of a lesion without day and size passed over.",
        "lesions: day is the date of a visit less 'start', in days: -7 to 56.",
    ]
    with pytest.raises(InputError) as caught:
        arranged(PAIRS)
    assert told(caught.value) == [
        "lesions: the days of 2 visits cannot be told by their headings: 'size 1', 'size 2'. Give the day of "
        'each, such as --visit-day "size 1=42", or name the column of the start of treatment with '
        "--start-date."
    ]


def test_days_and_dates_are_not_mixed() -> None:
    with pytest.raises(InputError) as caught:
        arranged(PAIRS, start_date="start", visit_days={"1": 3.0})
    assert told(caught.value) == [
        "lesions: --visit-day gives days to '1', but --start-date counts them from dates. Leave one of the "
        "two options out."
    ]


def test_pairs_of_days_and_sizes() -> None:
    rows = [[*IDS, "day 1", "size 1", "day 2", "size 2"], ["P1", "L1", -3, 30, 50, 20]]
    table = arranged(rows)
    assert table.frame[["day", "diameter_mm"]].values.tolist() == [[-3, 30], [50, 20]]


def test_dates_under_named_visits_need_the_start() -> None:
    rows = [
        [*IDS, "Baseline Date", "Baseline Size", "Week 8 Date", "Week 8 Size"],
        ["P1", "L1", datetime.date(2021, 3, 1), 30, datetime.date(2021, 5, 3), 20],
    ]
    plain = arranged(rows)
    assert plain.frame["day"].tolist() == [0.0, 56.0]
    assert said(plain)[1] == (
        "lesions: the dates 'Baseline Date', 'Week 8 Date' are not read: the days are those of the headings. "
        "--start-date COLUMN counts days from the dates."
    )
    dated = both(rows, [["patient_id", "start"], ["P1", "2021-03-02"]], start_date="start")[0]
    assert dated.frame["day"].tolist() == [-1, 62]


def test_visits_named_by_dates() -> None:
    rows = [
        [*IDS, "start", datetime.datetime(2021, 3, 1), "2021-05-03"],
        ["P1", "L1", "2021-03-08", 30, 20],
    ]
    table = arranged(read(rows), start_date="start")
    assert table.frame["day"].tolist() == [-7, 56]
    assert "'2021-03-01' is a date, '2021-05-03' is a date." in said(table)[0]
    frame = pd.DataFrame([rows[1]], columns=[*rows[0][:3], *pd.to_datetime(rows[0][3:])])
    assert arranged(from_frame(frame, "t"), start_date="start").frame["day"].tolist() == [-7, 56]
    mixed = [[*rows[0], "Week 16"], [*rows[1], 9]]
    with pytest.raises(InputError) as caught:
        arranged(read(mixed), start_date="start")
    assert told(caught.value) == [
        "t.xlsx: 'Week 16' have no date, which the other visits have. Give every visit a column of dates, or "
        "leave --start-date out and give --visit-day."
    ]


def test_a_column_a_lesion() -> None:
    rows = [
        ["patient_id", "visit", "Lesion 1", "Lesion 2 (cm)"],
        ["P1", "Baseline", 30, 1.2],
        ["P1", "Week 8", 20, None],
    ]
    table = arranged(rows)
    assert table.frame[["lesion_id", "day", "diameter_mm"]].values.tolist() == [
        ["Lesion 1", 0.0, 30],
        ["Lesion 2", 0.0, 12.0],
        ["Lesion 1", 56.0, 20],
        ["Lesion 2", 56.0, None],
    ]
    assert table.rows.tolist() == [2, 2, 3, 3]
    assert said(table) == [
        "lesions: read as a wide table, one row a visit: 2 columns of sizes, one a lesion: 'Lesion 1', "
        "'Lesion 2 (cm)'. --not-wide reads the table as it stands.",
        "lesions: 1 size multiplied by 10: the headings say cm.",
        "lesions, column 'visit': the days are those that the visits name: 'Baseline' is day 0, 'Week 8' is "
        "day 56. --visit-day changes one.",
    ]
    assert arranged(rows, wide=False).frame["Lesion 1"].tolist() == [30, 20]


def test_a_column_a_lesion_with_dates() -> None:
    rows = [
        ["patient_id", "scan date", "TL1", "TL2", "start"],
        ["P1", "2021-03-01", 30, 12, "2021-03-08"],
    ]
    assert arranged(rows, start_date="start").frame["day"].tolist() == [-7, -7]


def test_sums_of_a_wide_table_are_no_lesions() -> None:
    table = arranged([*WIDE, ["P1", "SLD", 70, None, 54]])
    assert set(table.frame["lesion_id"]) == {"L1", "L2"}
    assert "1 row of sums, not of lesions, passed over: 'SLD' (row 4)." in said(table)[0]


SIZES = st.one_of(st.none(), st.integers(1, 200), st.decimals(1, 200, places=1).map(float))


@st.composite
def wide_tables(draw: st.DrawFn) -> tuple[list[list[Any]], list[list[Any]]]:
    """Give a wide table and the long one that it stands for."""
    weeks = sorted(draw(st.sets(st.integers(1, 200), min_size=1, max_size=5)))
    form = draw(st.sampled_from(["Week {}", "W{}", "{} weeks", "wk {} size (mm)"]))
    visits = [("Baseline", 0.0), *((form.format(week), 7.0 * week) for week in weeks)]
    names = draw(
        st.lists(
            st.tuples(st.sampled_from("ABC"), st.integers(1, 9)),
            unique=True,
            min_size=1,
            max_size=8,
        )
    )
    wide: list[list[Any]] = [[*IDS, *(visit for visit, _ in visits)]]
    long: list[list[Any]] = []
    for patient, lesion in names:
        sizes = [draw(SIZES) for _ in visits]
        wide.append([patient, f"L{lesion}", *sizes])
        long += [
            [patient, f"L{lesion}", day, size] for (_, day), size in zip(visits, sizes, strict=True)
        ]
    return wide, long


@settings(deadline=None)
@given(wide_tables(), st.sampled_from(["t.csv", "memory"]))
def test_the_long_table_is_the_one_it_was_made_of(
    tables: tuple[list[list[Any]], list[list[Any]]], source: str
) -> None:
    wide, long = tables
    if all(row[3] is None for row in long):
        return
    found = arranged(read(wide, source) if source == "t.csv" else wide)
    expected = pd.DataFrame(long, columns=HEADING)
    frame = found.frame[HEADING].assign(
        day=found.frame["day"].astype(float), diameter_mm=pd.to_numeric(found.frame["diameter_mm"])
    )
    pd.testing.assert_frame_equal(frame, expected, check_dtype=False)
    assert [wide[row - 1][:2] for row in found.rows] == [row[:2] for row in long]


def _unfolded(long: pd.DataFrame) -> pd.DataFrame:
    """Make a simulated long table wide, a column a day."""
    wide = long.pivot_table(
        "diameter_mm", ["patient_id", "lesion_id", "site"], "day", aggfunc="first"
    )
    wide.columns = [f"Day {day:g}" for day in wide.columns]
    return wide.reset_index()


def test_a_wide_trial_gives_the_cohort_of_the_long_one() -> None:
    trial = simulate_trial(12, seed=8)
    long = trial.lesions[trial.lesions["lesion_type"] == "target"].drop(
        columns=["visit", "lesion_type"]
    )
    expected = cohort_from_frames(long, trial.patients)
    lesions, patients = both(from_frame(_unfolded(long), "lesions"), None)
    assert patients is None
    lesions = RawTable(lesions.frame.drop(columns="visit"), "lesions", "", lesions.rows)
    found = build_cohort(lesions, from_frame(trial.patients, "patients"))
    columns = ["patient_id", "lesion_id", "day", "diameter_mm", "is_baseline"]
    pd.testing.assert_frame_equal(
        found.measurements[columns], expected.measurements[columns], check_dtype=False
    )
    pd.testing.assert_frame_equal(found.patients, expected.patients)


def test_columns_of_a_melted_table_are_guessed() -> None:
    rows = [
        ["Subject", "Tumour", "Organ", "BL", "W8"],
        ["P1", "1", "liver", 30, 20],
        ["P2", "2", "lung", 9, 8],
    ]
    table = arranged(rows)
    found = {guess.name: guess for guess in guess_columns(table, "lesions")}
    assert {name: guess.heading for name, guess in found.items()} == {
        **{
            "patient_id": "Subject",
            "lesion_id": "Tumour",
            "day": "day",
            "diameter_mm": "diameter_mm",
        },
        **{"site": "Organ", "visit": "visit", "lesion_type": None},
    }
    assert found["day"].confidence == "sure"
    patients = framed([["Subject", "Treatment"], ["P1", "A"], ["P2", "B"]], "p")
    assert guess_tables([patients, table]) == (1, 0)


def test_dates_are_guessed_with_what_they_need() -> None:
    rows = [
        ["Subject", "Tumour", "Scan date", "Size"],
        *(["P1", "1", f"2021-0{month}-01", 30 - month] for month in range(1, 6)),
    ]
    lesions = framed(rows, "lesions")
    patients = framed([["Subject", "Treatment start"], ["P1", "2021-01-05"]], "patients")
    found = {guess.name: guess for guess in guess_columns(lesions, "lesions")}
    assert found["day"].heading == "Scan date"
    assert "the date of the start of treatment is needed" in found["day"].reason
    assert guess_start([lesions, patients]) == "Treatment start"
    assert guess_start([lesions]) is None
    own = {
        "patient_id": "Subject",
        "lesion_id": "Tumour",
        "day": "Scan date",
        "diameter_mm": "Size",
    }
    first, _, _ = prepare(
        (lesions, Chosen(own)),
        (patients, Chosen({"patient_id": "Subject"})),
        ReadOptions(start_date="Treatment start"),
    )
    assert first.frame["Scan date"].tolist() == [-4, 27, 55, 86, 116]
