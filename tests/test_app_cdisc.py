"""Page Data with SDTM and ADaM: recognised, read by rules that a person sets, told how."""

from __future__ import annotations

import adam_helpers
import cdisc_helpers
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.app_helpers import go, open_app, shown

READERS = (
    cdisc_helpers.Reader("INDEPENDENT ASSESSOR", "RADIOLOGIST 1", accepted=True),
    cdisc_helpers.Reader("INVESTIGATOR"),
)
SDTM = cdisc_helpers.trial(patients=6, readers=READERS)


def upload(at: AppTest, frames: dict[str, pd.DataFrame]) -> AppTest:
    given = [
        (f"{name.lower()}.csv", frame.to_csv(index=False).encode(), "text/csv")
        for name, frame in frames.items()
    ]
    return at.file_uploader(key="data_uploads").set_value(given).run()


def patients(at: AppTest) -> str:
    return next(metric.value for metric in at.metric if metric.label == "Patients")


def test_sdtm_is_read_by_its_rules_and_says_how_twice() -> None:
    at = upload(open_app(), SDTM)
    assert "These are SDTM data sets" in shown(at)
    assert not [box for box in at.selectbox if "Table of measurements" in box.label]

    for _ in range(2):
        at = at.button(key="data_use").click().run()
        assert not at.exception
        assert not at.error, at.error[0].value
        assert patients(at) == "6"
        assert "How the data were read" in shown(at)
        assert any(expander.label == "Readers" for expander in at.expander)


def test_another_reader_gives_other_numbers() -> None:
    at = upload(open_app(), SDTM).button(key="data_use").click().run()
    before = at.session_state["data"].cohort
    options = at.selectbox(key="keep_data_reader").options
    assert options[3:] == ["only INVESTIGATOR", "only RADIOLOGIST 1"]

    at = at.selectbox(key="keep_data_reader").set_value("INVESTIGATOR").run()
    assert "are in use" not in " ".join(item.value for item in at.success)
    at = at.button(key="data_use").click().run()

    after = at.session_state["data"].cohort
    assert len(after.lesions) == len(before.lesions)
    assert not after.measurements["diameter_mm"].equals(before.measurements["diameter_mm"])


def test_a_data_set_that_is_missing_is_named() -> None:
    at = upload(open_app(), {name: SDTM[name] for name in ("TR", "DM")})
    at = at.button(key="data_use").click().run()
    assert not at.exception
    assert "TU is needed" in at.error[0].value


def test_adam_is_read_and_other_pages_use_it() -> None:
    at = upload(open_app(), adam_helpers.trial())
    assert "These are ADaM data sets" in shown(at)
    at = at.button(key="data_use").click().run()
    assert not at.exception
    assert not at.error, at.error[0].value
    assert "How the data were read" in shown(at)
    for page in ("patients", "lesions"):
        at = go(at, page)
        assert not at.exception


def test_columns_can_still_be_mapped_by_hand() -> None:
    at = upload(open_app(), {"TR": SDTM["TR"]})
    at = at.toggle(key="keep_data_cdisc").set_value(False).run()
    assert not at.exception
    assert [box for box in at.selectbox if "Table of measurements" in box.label]


@pytest.mark.parametrize("rule", ["dates", "baseline", "start", "survival"])
def test_each_rule_can_be_changed(rule: str) -> None:
    at = upload(open_app(), SDTM)
    box = at.selectbox(key=f"keep_data_{rule}")
    at = box.select_index(len(box.options) - 1).run().button(key="data_use").click().run()
    assert not at.exception
    # Without a flag or a record of randomisation the reader refuses, and says so.
    assert at.error or patients(at) == "6"
