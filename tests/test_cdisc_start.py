"""Day 0 of each patient out of DM, EX and DS."""

from __future__ import annotations

import pandas as pd
import pytest
from cdisc_patients_helpers import Rows, domains_of, problems_of

from lesionhet.cdisc.sdtm.start import Starts, start_dates


def _starts(rule: str = "auto", dates: str = "first", **rows: Rows) -> Starts:
    return start_dates(domains_of(**rows), rule, dates)


DM = [
    {"USUBJID": "P1", "RFXSTDTC": "2014-01-10T08:30", "RFSTDTC": "2014-01-08"},
    {"USUBJID": "P2", "RFSTDTC": "2014-02-01"},
    {"USUBJID": "P3", "RFSTDTC": "2014-03-01"},
    {"USUBJID": "P4"},
]
EX = [
    {"USUBJID": "P2", "EXSTDTC": "2014-02-09", "EXDOSE": 5.0, "EXTRT": "DRUG"},
    {"USUBJID": "P2", "EXSTDTC": "2014-02-05", "EXDOSE": None, "EXTRT": "DRUG"},
    {"USUBJID": "P2", "EXSTDTC": "2014-02-02", "EXDOSE": 0.0, "EXTRT": "DRUG"},
    {"USUBJID": "P2", "EXSTDTC": "2014-02-01", "EXDOSE": 5.0, "EXTRT": "DRUG", "EXOCCUR": "N"},
    {"USUBJID": "P4", "EXSTDTC": "2014-04-04", "EXDOSE": 0.0, "EXTRT": "Placebo"},
]
DS = [
    {"USUBJID": "P1", "DSDECOD": "RANDOMIZED", "DSSTDTC": "2014-01-05"},
    {"USUBJID": "P1", "DSDECOD": "COMPLETED", "DSSTDTC": "2014-06-05"},
    {"USUBJID": "P2", "DSTERM": "Randomised", "DSSTDTC": "2014-01-30"},
]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            "auto",
            {
                "P1": ("2014-01-10", "RFXSTDTC"),
                "P2": ("2014-02-05", "EXSTDTC"),
                "P3": ("2014-03-01", "RFSTDTC"),
                "P4": ("2014-04-04", "EXSTDTC"),
            },
        ),
        (
            "treatment",
            {
                "P1": ("2014-01-10", "RFXSTDTC"),
                "P2": ("2014-02-05", "EXSTDTC"),
                "P3": (None, None),
                "P4": ("2014-04-04", "EXSTDTC"),
            },
        ),
        (
            "reference",
            {
                "P1": ("2014-01-08", "RFSTDTC"),
                "P2": ("2014-02-01", "RFSTDTC"),
                "P3": ("2014-03-01", "RFSTDTC"),
                "P4": (None, None),
            },
        ),
        (
            "randomisation",
            {
                "P1": ("2014-01-05", "DSSTDTC"),
                "P2": ("2014-01-30", "DSSTDTC"),
                "P3": (None, None),
                "P4": (None, None),
            },
        ),
    ],
)
def test_each_rule_has_its_columns(
    rule: str, expected: dict[str, tuple[str | None, str | None]]
) -> None:
    starts = _starts(rule, DM=DM, EX=EX, DS=DS)

    shown = starts.dates.dt.strftime("%Y-%m-%d")
    found = {
        name: (None if pd.isna(shown[name]) else shown[name], starts.source[name])
        for name in shown.index
    }
    assert found == expected
    counts = starts.reading.frame
    assert counts["patients"].sum() == 4
    assert counts.loc[counts["source"].eq("none"), "patients"].tolist() == [
        sum(date is None for date, _ in expected.values())
    ]


def test_a_start_known_in_part_is_completed_and_told() -> None:
    rows = [{"USUBJID": "P1", "RFSTDTC": "2014-03"}, {"USUBJID": "P2", "RFSTDTC": "2014-03-05"}]

    middle = _starts(dates="middle", DM=rows)
    refused = _starts(dates="refuse", DM=rows)

    assert middle.dates["P1"] == pd.Timestamp("2014-03-15")
    assert middle.earliest["P1"] == pd.Timestamp("2014-03-01")
    assert [notice.text for notice in middle.notices] == [
        "1 patient with a start of treatment known in part, which was completed: 'P1'."
    ]
    assert pd.isna(refused.dates["P1"])
    assert middle.reading.frame.query("source == 'RFSTDTC'").to_dict("records") == [
        {
            "source": "RFSTDTC",
            "meaning": "reference start, DM",
            "patients": 2,
            "day_filled_in": 1,
            "month_and_day_filled_in": 0,
            "measured": 0,
        }
    ]


def test_measured_patients_without_a_start_are_a_problem_unless_they_have_study_days() -> None:
    dm = [
        {"USUBJID": "P1", "ARMNRS": "SCREEN FAILURE", "RFSTDTC": None},
        *({"USUBJID": f"P{i}", "ARM": "A"} for i in (2, 3)),
    ]
    tr = [
        {"USUBJID": "P1", "TRDTC": "2014-01-01"},
        {"USUBJID": "P2", "TRDTC": "2014-01-01", "TRDY": -3.0},
        {"USUBJID": "P3", "TRDTC": "2014-01-01"},
        {"USUBJID": "P3", "TRDTC": "2014-02-01"},
        {"USUBJID": "P4", "TRDTC": "2014-02-01"},
    ]

    starts = _starts(DM=dm, TR=tr)

    assert [str(problem) for problem in starts.problems] == [
        "tr.csv, column 'USUBJID': 2 patients measured, with no start of treatment in RFXSTDTC, EXSTDTC, "
        "RFSTDTC and no TRDY: 'P3', 'P4'. 3 rows: 4, 5, 6. Fill in the date in DM (RFXSTDTC or RFSTDTC), "
        "add EX, or choose another --start."
    ]
    assert [notice.text for notice in starts.notices] == [
        "dm.csv: 2 patients without a start of treatment, no reason in ARMNRS: 'P2', 'P3'."
    ]


def test_faults_of_start_columns_are_named() -> None:
    dm = [
        {"USUBJID": "P1", "RFXSTDTC": "10JAN2014"},
        {"USUBJID": "P2"},
        {"USUBJID": "P2", "RFXSTDTC": "2014-01-01"},
    ]
    ex = [{"USUBJID": "P2", "EXSTDTC": "2014-01-01", "EXDOSE": "five"}]

    starts = _starts(DM=dm, EX=ex)

    assert [str(problem) for problem in starts.problems] == [
        "dm.csv, column 'USUBJID': DM has one row a patient; more than one for 'P2'. 2 rows: 3, 4. Keep "
        "one row for each patient.",
        "dm.csv, column 'RFXSTDTC': found '10JAN2014'; a date as ISO 8601 is expected, such as 2014-01-15, "
        "2014-01-15T10:30, 2014-01 or 2014. Row 2. Write 15JAN2014 as 2014-01-15, and leave out what is "
        "unknown (UN, UNK): 2014-01 or 2014.",
        "ex.csv, column 'EXDOSE': found 'five'; a number is expected. Row 2. Correct the value or empty "
        "it.",
    ]


def test_without_dm_there_is_no_start() -> None:
    assert problems_of(start_dates, {}, "auto", "first") == [
        "the files given: DM is needed; it holds the patients and the start of treatment. Add the data "
        "set DM."
    ]
