"""Dates of CDISC data sets: what is read, what is filled in, what is refused."""

from __future__ import annotations

import calendar
import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionhet.cdisc.dates import complete_dates, date_counts, read_dates
from lesionhet.cdisc.domain import Domain
from lesionhet.errors import UsageError

RULES = ["first", "middle", "last"]
days = st.dates(datetime.date(1850, 1, 1), datetime.date(2199, 12, 31))
times = st.sampled_from(["", "T10", "T10:30", "T23:59:59", "T10:30Z", "T10:30+02:00", "T-:15"])


def _one(text: str | None, rule: str) -> tuple[str | None, str, str]:
    dates = complete_dates(pd.Series([text], dtype=object), rule)
    day = dates.value.iloc[0]
    shown = None if pd.isna(day) else day.strftime("%Y-%m-%d")
    return shown, dates.imputed.iloc[0], dates.fault.iloc[0]


@pytest.mark.parametrize(
    ("text", "first", "middle", "last", "imputed"),
    [
        ("2014-01-15", "2014-01-15", "2014-01-15", "2014-01-15", ""),
        ("2014-01-15T23:59:59-11:00", "2014-01-15", "2014-01-15", "2014-01-15", ""),
        ("2014-01-15T-:15", "2014-01-15", "2014-01-15", "2014-01-15", ""),
        ("2014-01-15 00:00:00", "2014-01-15", "2014-01-15", "2014-01-15", ""),
        ("2014-01", "2014-01-01", "2014-01-15", "2014-01-31", "day"),
        ("2014-01--", "2014-01-01", "2014-01-15", "2014-01-31", "day"),
        ("2014-01-", "2014-01-01", "2014-01-15", "2014-01-31", "day"),
        ("2014-01--T10:30", "2014-01-01", "2014-01-15", "2014-01-31", "day"),
        ("2016-02", "2016-02-01", "2016-02-15", "2016-02-29", "day"),
        ("2015-02", "2015-02-01", "2015-02-15", "2015-02-28", "day"),
        ("1900-02", "1900-02-01", "1900-02-15", "1900-02-28", "day"),
        ("2014", "2014-01-01", "2014-07-01", "2014-12-31", "month and day"),
        ("2014---15", "2014-01-01", "2014-07-01", "2014-12-31", "month and day"),
        ("2014-01-15/2014-01-15", "2014-01-15", "2014-01-15", "2014-01-15", ""),
        ("2014-01-03/2014-01-13", "2014-01-03", "2014-01-08", "2014-01-13", "day"),
        ("2014-01/2014-03", "2014-01-01", "2014-02-14", "2014-03-31", "month and day"),
    ],
)
def test_each_form_of_iso_8601_is_completed(
    text: str, first: str, middle: str, last: str, imputed: str
) -> None:
    assert [_one(text, rule)[0] for rule in RULES] == [first, middle, last]
    assert {_one(text, rule)[1:] for rule in RULES} == {(imputed, "")}
    refused = (None, "refused", "") if imputed else (first, "", "")
    assert _one(text, "refuse") == refused


@pytest.mark.parametrize("text", ["-----", "----15", "--12-15", "-----T07:15"])
@pytest.mark.parametrize("rule", [*RULES, "refuse"])
def test_no_rule_makes_up_a_year(text: str, rule: str) -> None:
    assert _one(text, rule) == (None, "refused", "")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        *((text, "not ISO 8601") for text in ("15JAN2014", "2014-UN-UN", "2014-01-UNK", "UNK")),
        *((text, "not ISO 8601") for text in ("20140115", "2014-1-5", "15/01/2014", "2014-01-15T")),
        *(
            (text, "not ISO 8601")
            for text in ("2014-01-15/", "2014-01-01/P3D", "a/b/c", "2014-01-15-")
        ),
        *((text, "no such day") for text in ("2014-02-30", "2015-02-29", "1900-02-29", "2014-13")),
        *((text, "no such day") for text in ("2014-00", "2014-01-00", "2014-01-15T25")),
        *((text, "no such day") for text in ("2014-01-15T10:60", "2014-03-01/2014-02-01")),
        *((text, "year") for text in ("0201-01-15", "9999-01-01", "0000")),
    ],
)
def test_what_is_no_date_is_invalid(text: str, fault: str) -> None:
    assert _one(text, "first") == (None, "", fault)


def test_an_empty_cell_is_neither_invalid_nor_filled_in() -> None:
    assert [_one(text, "first") for text in (None, "", "  ")] == [(None, "", "")] * 3


def test_an_unknown_rule_names_the_permitted_ones() -> None:
    with pytest.raises(UsageError, match="'first', 'middle', 'last', 'refuse'"):
        complete_dates(pd.Series(["2014"]), "today")


@given(days, times, st.sampled_from([*RULES, "refuse"]))
def test_completing_a_full_date_changes_nothing(day: datetime.date, time: str, rule: str) -> None:
    dates = complete_dates(pd.Series([day.isoformat() + time]), rule)

    assert dates.value.iloc[0] == pd.Timestamp(day)
    assert (dates.imputed.iloc[0], dates.invalid.iloc[0]) == ("", False)
    assert dates.earliest.iloc[0] == dates.latest.iloc[0] == pd.Timestamp(day)


@given(days, st.booleans(), st.sampled_from(RULES))
def test_a_completed_date_lies_inside_the_period_it_names(
    day: datetime.date, with_month: bool, rule: str
) -> None:
    text = day.isoformat()[: 7 if with_month else 4]
    dates = complete_dates(pd.Series([text]), rule)
    value = dates.value.iloc[0]

    assert value.strftime("%Y-%m-%d").startswith(text)
    assert dates.earliest.iloc[0] <= value <= dates.latest.iloc[0]
    months = (day.month, day.month) if with_month else (1, 12)
    end = calendar.monthrange(day.year, months[1])[1]
    assert dates.earliest.iloc[0] == pd.Timestamp(day.year, months[0], 1)
    assert dates.latest.iloc[0] == pd.Timestamp(day.year, months[1], end)


@given(st.text(max_size=30) | st.from_regex(r"[0-9T:/Z+-]{1,25}", fullmatch=True))
def test_any_text_is_a_day_or_empty_or_refused_or_invalid(text: str) -> None:
    dates = complete_dates(pd.Series([text], dtype=object), "middle")

    states = [
        dates.value.notna().iloc[0],
        not text.strip(),
        dates.imputed.iloc[0] == "refused",
        dates.invalid.iloc[0],
    ]
    assert sum(states) == 1


def test_the_index_of_the_cells_is_kept() -> None:
    cells = pd.Series(["2014-01-02", None], index=["P2", "P1"])

    assert complete_dates(cells, "first").value.index.tolist() == ["P2", "P1"]


def test_faults_name_file_column_rows_and_remedy() -> None:
    cells = ["2014-01-02", "15JAN2014", "2014-02-30", "2014-UN", "0214-01-02", None]
    frame = pd.DataFrame({"TRDTC": cells}, dtype=object)
    domain = Domain("TR", frame, "tr.csv", "", np.arange(2, 8))

    dates, problems = read_dates(domain, "TRDTC", "first")

    assert dates.invalid.tolist() == [False, True, True, True, True, False]
    assert [str(problem) for problem in problems] == [
        "tr.csv, column 'TRDTC': found '15JAN2014', '2014-UN'; a date as ISO 8601 is expected, such as "
        "2014-01-15, 2014-01-15T10:30, 2014-01 or 2014. 2 rows: 3, 5. Write 15JAN2014 as 2014-01-15, "
        "and leave out what is unknown (UN, UNK): 2014-01 or 2014.",
        "tr.csv, column 'TRDTC': found '2014-02-30'; the calendar has no such day or time. Row 4. "
        "Correct the date, or leave out the part that is unknown: 2014-02 or 2014.",
        "tr.csv, column 'TRDTC': found '0214-01-02'; a year from 1850 to 2199 is expected. Row 6. "
        "Correct the year.",
    ]


def test_what_was_filled_in_is_counted() -> None:
    cells = ["2014-01-02", "2014-01", "2014", "--01-02", "x", None]
    domain = Domain(
        "TR", pd.DataFrame({"TRDTC": cells}, dtype=object), "tr.csv", "", np.arange(2, 8)
    )
    dates, _ = read_dates(domain, "TRDTC", "first")

    counts = date_counts([(domain, "TRDTC", dates)])

    assert counts.to_dict("records") == [
        {
            "data_set": "TR",
            "column": "TRDTC",
            "complete": 1,
            "day_filled_in": 1,
            "month_and_day_filled_in": 1,
            "refused": 1,
            "empty": 1,
        }
    ]
