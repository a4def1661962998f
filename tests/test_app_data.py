"""Page Data: upload, guesses, conversion, problems with their rows, attrition, names that are no markup."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from lesionhet.readers.choosing.template import template_workbook
from lesionhet.simulate import simulate_trial
from tests.app_helpers import go, open_app, open_page, shown, small_data

TRIAL = simulate_trial(30, seed=4)
EVIL = "<img src=x onerror=alert(1)> **b** $x^2$ :red[r] :material/home: [l](http://a.b)"


def csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def upload(at: AppTest, *files: tuple[str, bytes]) -> AppTest:
    given = [(name, data, "text/csv") for name, data in files]
    return at.file_uploader(key="data_uploads").set_value(given).run()


def box(at: AppTest, label: str, place: int = 0):
    return [item for item in at.selectbox if label in item.label][place]


def own_tables(at: AppTest) -> AppTest:
    return upload(at, ("lesions.csv", csv(TRIAL.lesions)), ("patients.csv", csv(TRIAL.patients)))


def test_demo_gives_the_cohort_and_its_attrition_twice():
    at = open_app()
    assert not at.exception
    at.button(key="data_demo").click().run()
    for _ in range(2):
        assert not at.exception
        assert {m.label: m.value for m in at.metric}["Lesions"] == "11,404"
        assert "lesions followed" in shown(at)
        at.run()


def test_two_own_tables_are_used_only_when_asked():
    at = own_tables(open_app())
    assert not at.exception
    assert box(at, "Table of measurements").value == "lesions.csv"
    assert box(at, "Table of patients").value == "patients.csv"
    assert not at.metric
    at.button(key="data_use").click().run()
    assert {m.label: m.value for m in at.metric}["Patients"] == "30"
    assert "In use: lesions\\.csv and patients\\.csv" in shown(at)


def test_foreign_headings_are_guessed_shown_and_changeable():
    lesions = TRIAL.lesions.rename(
        columns={"patient_id": "USUBJID", "day": "visit day", "diameter_mm": "size (cm)"}
    ).assign(other=1.0)
    lesions["size (cm)"] /= 10
    at = upload(open_app(), ("l.csv", csv(lesions)))
    assert box(at, "Day").value == "visit day"
    assert "This looks like cm" in shown(at)
    assert box(at, "Its unit", 1).value == "mm"
    box(at, "Its unit", 1).set_value("cm").run()
    at.button(key="data_use").click().run()
    assert "multiplied by 10 \\(cm to mm\\)" in shown(at)
    cohort = at.session_state["data"].cohort
    assert cohort.lesions["baseline_mm"].median() > 10
    box(at, "Diameter (mm)").set_value("other").run()
    assert "your choice" in shown(at)


def test_choices_of_columns_stay_when_another_page_was_looked_at():
    at = own_tables(open_app())
    box(at, "Site").set_value("(not read)").run()
    go(at, "lesions")
    go(at, "data")
    assert box(at, "Site").value == "(not read)"


def test_problems_come_together_with_their_rows():
    lesions = TRIAL.lesions.copy()
    lesions["diameter_mm"] = lesions["diameter_mm"].astype(object)
    lesions.loc[3, "diameter_mm"] = "large"
    lesions.loc[5, "day"] = None
    at = own_tables(open_app())
    at = upload(at, ("lesions.csv", csv(lesions)))
    at.button(key="data_use").click().run()
    assert not at.exception
    assert "2 problems found:" in at.error[0].value
    assert "large" in at.error[0].value
    rows = [frame.value for frame in at.dataframe if "row of the file" in frame.value.columns]
    assert any(
        "large" in set(frame["diameter_mm"]) and 5 in set(frame["row of the file"])
        for frame in rows
    )
    assert "data" not in at.session_state


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "the file is empty"),
        ("a.csv", b"%PDF-1.7", "PDF document"),
        ("a.xlsx", b"PK\x03\x04 [Content_Types].xml", "cannot be read"),
        ("a.csv", b"id,day\n\xff\xfe", "UTF"),
    ],
)
def test_broken_files_are_named_not_traced(name, data, words):
    at = upload(open_app(), (name, data))
    assert not at.exception
    assert words in at.error[0].value.replace("\\", "")


def test_the_template_is_read_as_two_tables():
    at = upload(open_app(), ("lesionhet-template.xlsx", template_workbook()))
    assert not at.exception
    assert box(at, "Table of measurements").value == "lesionhet-template.xlsx, sheet lesions"
    assert box(at, "Table of patients").value == "lesionhet-template.xlsx, sheet patients"
    at.button(key="data_use").click().run()
    assert {m.label: m.value for m in at.metric}["Lesions"] == "1"


def test_codes_and_decimal_commas():
    text = "patient_id;lesion_id;day;diameter_mm\nA;1;0;20,5\nA;1;56;ND\nA;1;80;10,1\n"
    at = upload(open_app(), ("l.csv", text.encode()))
    at.button(key="data_use").click().run()
    assert "problem" in at.error[0].value
    at.text_input(key="keep_data_missing").set_value("ND").run()
    at.selectbox(key="keep_data_decimal").set_value(",").run()
    at.button(key="data_use").click().run()
    assert not at.error
    assert at.session_state["data"].cohort.lesions["baseline_mm"].tolist() == [20.5]


def test_names_of_the_data_are_no_markup():
    lesions = TRIAL.lesions.assign(patient_id=TRIAL.lesions["patient_id"] + EVIL, site=EVIL)
    lesions = lesions.rename(columns={"visit": EVIL})
    at = upload(open_app(), ("<b>l</b>$.csv", csv(lesions)))
    at.button(key="data_use").click().run()
    assert not at.exception
    go(at, "lesions")
    assert not at.exception
    texts = shown(at)
    assert "onerror" in texts
    for markup in ("<img", "**b**", "$x^2$", ":red[r]", ":material/home:", "[l](http"):
        places = [at for at in range(len(texts)) if texts.startswith(markup, at)]
        assert all(texts[at - 1] == "\\" for at in places), markup


def test_one_table_cannot_be_both():
    at = own_tables(open_app())
    box(at, "Table of patients").set_value("lesions.csv").run()
    assert "One table cannot be both" in at.error[0].value


def test_data_can_be_removed_and_other_pages_then_say_what_to_do():
    at = open_page("data", data=small_data())
    at.button(key="data_forget").click().run()
    for page in (
        "patients",
        "lesions",
        "heterogeneity",
        "survival",
        "organs",
        "agreement",
        "report",
    ):
        go(at, page)
        assert not at.exception
        assert "There are no data yet" in at.info[0].value
