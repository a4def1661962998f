"""Public CDISC data sets, where they stand beside the project; they are never part of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from lesionhet.cdisc.collection import collect
from lesionhet.cdisc.sdtm.intake import read_collection
from lesionhet.intake import Intake

DATA = Path(__file__).parents[2] / "shared" / "data"

pytestmark = pytest.mark.skipif(
    not (DATA / "adam" / "adtte.xpt").exists(),
    reason="the third-party CDISC data sets are not beside the project",
)


def _intake(folder: str) -> Intake:
    return read_collection(collect(DATA / folder))


def _patients(intake: Intake) -> pd.DataFrame:
    assert intake.patients is not None
    return intake.patients.frame.set_index("patient_id")


def _adtte(param: str) -> pd.DataFrame:
    table, _ = pyreadstat.read_xport(DATA / "adam" / "adtte.xpt")
    return table[table["PARAMCD"].eq(param)].set_index("USUBJID")


def _days(table: pd.DataFrame, column: str) -> pd.Series:
    dates = [pd.to_datetime(table[name].str[:10]) for name in (column, "RFXSTDTC")]
    return (dates[0] - dates[1]).dt.days + 1.0


@pytest.mark.parametrize("folder", ["sdtm_recist", "sdtm_three_readers"])
def test_overall_survival_is_that_of_adtte_but_for_when_the_living_were_last_seen(
    folder: str,
) -> None:
    patients, adtte = _patients(_intake(folder)), _adtte("OS")
    file = next(path for path in (DATA / folder).iterdir() if path.stem == "dm")
    dm = pd.read_csv(file, dtype=str) if file.suffix == ".csv" else pyreadstat.read_xport(file)[0]
    dm = dm.set_index("USUBJID").loc[adtte.index]
    ours = patients.loc[adtte.index, ["os_days", "os_event"]].astype(float)

    assert (len(patients), len(adtte)) == (306, 254)
    assert ours["os_event"].tolist() == (1 - adtte["CNSR"]).tolist()
    died = ours["os_event"].eq(1)
    assert ours.loc[died, "os_days"].to_dict() == {
        "01-701-1211": 61.0,
        "01-704-1445": 175.0,
        "01-710-1083": 12.0,
    }
    assert (ours["os_days"] == adtte["AVAL"])[died].all()
    # ADTTE takes LSTALVDT of ADSL, which is never later than the end of participation.
    both = pd.concat([_days(dm, "RFENDTC"), _days(dm, "RFPENDTC")], axis=1).max(axis=1)
    assert (ours["os_days"] == both)[~died].all()
    assert (ours["os_days"] >= adtte["AVAL"]).all()
    assert int((ours["os_days"] == adtte["AVAL"]).sum()) == 162


def test_progression_free_survival_is_that_of_adtte_which_was_made_of_the_same_responses() -> None:
    patients, adtte = _patients(_intake("sdtm_recist")), _adtte("PFS")

    ours = patients.loc[adtte.index]

    assert ours["pfs_days"].astype(float).tolist() == adtte["AVAL"].tolist()
    assert ours["pfs_event"].astype(float).tolist() == (1 - adtte["CNSR"]).tolist()
    progressed = adtte["EVNTDESC"].eq("Disease Progression")
    assert ours["progressed"].eq(1).tolist() == progressed.tolist()


@pytest.mark.parametrize("folder", ["sdtm_recist", "sdtm_three_readers"])
def test_screen_failures_starts_and_arms_are_counted(folder: str) -> None:
    intake = _intake(folder)
    tables = {table.name: table.frame for table in intake.tables}

    starts = tables["start_of_treatment"].set_index("source")["patients"]
    assert (starts["RFXSTDTC"], starts["none"]) == (254, 52)
    arms = tables["arms"]
    assert arms.loc[arms["reason"].eq("screen failure"), "patients"].tolist() == [52]
    switched = arms["planned"].ne(arms["actual"])
    assert arms.loc[switched].to_numpy().tolist() == [
        ["Xanomeline High Dose", "Xanomeline Low Dose", "", 12]
    ]
    assert _patients(intake)["arm"].notna().sum() == 254


def test_every_location_has_a_site() -> None:
    for folder in ("sdtm_recist", "sdtm_three_readers"):
        tables = {table.name: table.frame for table in _intake(folder).tables}
        assert set(tables["sites"]["how"]) == {"table"}
