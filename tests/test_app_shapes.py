"""Page Data with tables that a person typed: visits as columns, blank cells, dates, sheets."""

from __future__ import annotations

import io

import pandas as pd
from streamlit.testing.v1 import AppTest

from tests.app_helpers import open_app

WIDE = """Patient,Lesion,Organ,Baseline,Week 8,Scan 3
P1,T1,liver,30,20,15
,T2,lung,40,41,60
P2,T1,liver,22,22,10
"""
DATED = """patient_id,lesion_id,scan date,diameter_mm,treatment start
P1,T1,01/03/2021,30,03/03/2021
P1,T1,28/04/2021,20,03/03/2021
P1,T2,01/03/2021,15,03/03/2021
P1,T2,28/04/2021,18,03/03/2021
"""


def upload(at: AppTest, name: str, data: bytes) -> AppTest:
    return at.file_uploader(key="data_uploads").set_value([(name, data, "text/csv")]).run()


def box(at: AppTest, label: str):
    return next(item for item in at.selectbox if label in item.label)


def cohort(at: AppTest):
    return at.session_state["data"].cohort


def test_a_visit_that_names_no_day_is_asked_for():
    at = upload(open_app(), "wide.csv", WIDE.encode())
    assert "Scan 3" in at.error[0].value

    at = next(n for n in at.number_input if n.label == "Day of Scan 3").set_value(112).run()
    at = next(m for m in at.multiselect if "Empty cells" in m.label).set_value(["Patient"]).run()
    assert not at.error, at.error[0].value
    at = at.button(key="data_use").click().run()

    assert not at.exception
    assert not at.error, at.error[0].value
    assert len(cohort(at).lesions) == 3
    assert sorted(cohort(at).measurements["day"].unique()) == [0, 56, 112]


def test_days_are_counted_from_the_date_of_the_start():
    at = upload(open_app(), "dated.csv", DATED.encode())
    at = box(at, "Treatment started on").set_value("treatment start").run()
    assert box(at, "Dates are written as").options == ["day/month/year"]
    at = at.button(key="data_use").click().run()

    assert not at.exception
    assert not at.error, at.error[0].value
    assert sorted(cohort(at).measurements["day"].unique()) == [-2, 56]


def test_a_sheet_a_patient_becomes_one_table():
    buffer = io.BytesIO()
    rows = pd.DataFrame(
        {
            "lesion_id": ["T1", "T1", "T2", "T2"],
            "day": [0, 56, 0, 56],
            "diameter_mm": [30, 20, 9, 14],
        }
    )
    with pd.ExcelWriter(buffer) as book:
        for name in ("P1", "P2", "P3"):
            rows.to_excel(book, sheet_name=name, index=False)
    at = upload(open_app(), "patients.xlsx", buffer.getvalue())
    at = box(at, "The sheets are").set_value("patient_id").run()
    at = at.button(key="data_use").click().run()

    assert not at.exception
    assert not at.error, at.error[0].value
    assert cohort(at).lesions["patient_id"].nunique() == 3


def test_a_plain_table_has_nothing_to_choose():
    plain = "patient_id,lesion_id,day,diameter_mm\nP1,T1,0,30\nP1,T1,56,20\n"
    at = upload(open_app(), "plain.csv", plain.encode())
    assert box(at, "Table of measurements")
    assert "How the tables are laid out" not in [e.label for e in at.expander]
