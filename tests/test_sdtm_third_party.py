"""SDTM of the pharmaverse, where it stands beside the project; counted by hand with pandas alone."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from lesionhet.cdisc.options import CdiscOptions
from lesionhet.cdisc.read import read_sdtm
from lesionhet.cohort import cohort_from_intake
from lesionhet.intake import Intake

DATA = Path(__file__).parents[2] / "shared" / "data"
THREE = DATA / "sdtm_three_readers"
RECIST = DATA / "sdtm_recist"

pytestmark = pytest.mark.skipif(
    not (THREE.exists() and RECIST.exists()),
    reason="the third-party SDTM data sets are not beside the project",
)


@pytest.fixture(scope="module")
def three() -> Intake:
    return read_sdtm(THREE)


@pytest.fixture(scope="module")
def recist() -> Intake:
    return read_sdtm(RECIST)


def raw(name: str) -> pd.DataFrame:
    return pd.read_csv(THREE / f"{name}.csv", dtype=str, keep_default_na=False)


def xpt(name: str) -> pd.DataFrame:
    return pyreadstat.read_xport(str(RECIST / f"{name}.xpt"))[0].fillna("")


def frame(intake: Intake, name: str) -> pd.DataFrame:
    return next(t.frame for t in intake.tables if t.name == name)


def test_three_readers_patients_and_target_lesions(three: Intake) -> None:
    tu = raw("tu")
    own = tu[tu["TUACPTFL"].eq("Y") & tu["TUSTRESC"].eq("TARGET")]
    assert (own["USUBJID"].nunique(), len(own)) == (254, 1270)

    found = three.lesions.frame
    targets = found[found["lesion_type"].eq("target")]

    assert targets["patient_id"].nunique() == 254
    assert len(targets[["patient_id", "lesion_id"]].drop_duplicates()) == 1270
    kinds = found.drop_duplicates(["patient_id", "lesion_id"])["lesion_type"].value_counts()
    assert kinds.to_dict() == {"target": 1270, "non-target": 1270, "new": 38}


def test_three_readers_every_size_and_day(three: Intake) -> None:
    tr, dm = raw("tr"), raw("dm").set_index("USUBJID")
    own = tr[tr["TRACPTFL"].eq("Y") & tr["TRTESTCD"].eq("LDIAM")]
    start = pd.to_datetime(own["USUBJID"].map(dm["RFXSTDTC"]))
    by_hand = pd.DataFrame(
        {
            "patient_id": own["USUBJID"],
            "lesion_id": own["TRLNKID"],
            "day": (pd.to_datetime(own["TRDTC"]) - start).dt.days.astype(float),
            "diameter_mm": pd.to_numeric(own["TRSTRESN"]),
            "visit": own["VISIT"],
        }
    )
    assert int(by_hand["diameter_mm"].isna().sum()) == own["TRSTAT"].eq("NOT DONE").sum() == 55

    found = three.lesions.frame
    targets = found[found["lesion_type"].eq("target")][list(by_hand)]
    targets = targets.astype({"day": float, "diameter_mm": float})

    key = ["patient_id", "lesion_id", "day", "visit"]
    pd.testing.assert_frame_equal(
        targets.sort_values(key).reset_index(drop=True),
        by_hand.sort_values(key).reset_index(drop=True),
    )


def test_three_readers_sites(three: Intake) -> None:
    tu = raw("tu")
    own = tu[tu["TUACPTFL"].eq("Y") & tu["TULOC"].ne("")]

    assert (
        frame(three, "sites").set_index("term")["n"].to_dict()
        == own["TULOC"].value_counts().to_dict()
    )


def test_three_readers_readers_and_rows(three: Intake) -> None:
    tr = raw("tr")
    readers = frame(three, "readers").set_index("evaluator_id")
    assert readers["used"].to_dict() == {"RADIOLOGIST 1": "yes", "RADIOLOGIST 2": "no", "": "no"}
    sized = tr["TRTESTCD"].isin(["LDIAM", "LPERP", "DIAMETER"]) & tr["TRSTRESN"].ne("")
    assert readers["measurements"].to_dict() == tr[sized].groupby("TREVALID").size().to_dict()
    rows = frame(three, "tr_rows").set_index("what")["rows"]
    assert rows["rows of TR"] == len(tr) == 55995
    assert rows["of no single lesion (no link id)"] == tr["TRLNKID"].eq("").sum()


def test_three_readers_agreement_by_hand(three: Intake) -> None:
    tr, tu = raw("tr"), raw("tu")
    place = tu.set_index(["USUBJID", "TULNKID"])["TULOC"]
    tr = tr[tr["TRTESTCD"].eq("LDIAM") & tr["TRSTRESN"].ne("")]
    tr = tr.assign(
        size=pd.to_numeric(tr["TRSTRESN"]),
        site=place.reindex(pd.MultiIndex.from_frame(tr[["USUBJID", "TRLNKID"]])).to_numpy(),
        number=tr["TRLNKID"].str[-3:],
    )
    key = ["USUBJID", "number", "VISITNUM", "site"]
    used, other = (
        tr[tr["TREVALID"].eq(reader)].set_index(key)["size"] for reader in ("RADIOLOGIST 1", "")
    )
    difference = (other - used).dropna()

    found = frame(three, "reader_agreement").set_index("reader").loc["INVESTIGATOR"]

    assert found["pairs"] == len(difference)
    assert found["mean_difference_mm"] == pytest.approx(difference.mean())
    assert found["sd_mm"] == pytest.approx(difference.std())


def test_three_readers_by_name_with_a_partial_date() -> None:
    intake = read_sdtm(THREE, None, CdiscOptions(reader="investigator"))

    tr = raw("tr")
    partial = tr["TREVAL"].eq("INVESTIGATOR") & tr["TRDTC"].str.len().lt(10) & tr["TRLNKID"].ne("")
    found = frame(intake, "imputed_dates")
    assert found[["visit", "missing_part", "patients"]].values.tolist() == [["BASELINE", "day", 1]]
    assert found["rows"].tolist() == [partial.sum()]
    rows = intake.lesions.frame
    # 2014-01 is read as 2014-01-01, one day before the first dose.
    rows = rows[rows["lesion_type"].eq("target")]
    one = rows[rows["patient_id"].eq("01-701-1015") & rows["visit"].eq("BASELINE")]
    assert set(one["day"]) == {-1.0}
    assert set(rows[rows["visit"].eq("BASELINE") & ~rows.index.isin(one.index)]["day"]) == {0.0}


def test_three_readers_become_a_cohort(three: Intake) -> None:
    cohort = cohort_from_intake(three)

    attrition = cohort.attrition.set_index("reason")["n"]
    assert attrition["patients in the patients table"] == len(raw("dm")) == 306
    assert attrition["never measured"] == 0
    assert attrition["lesions followed"] + attrition["no measurement after the baseline"] == 1270
    assert (len(cohort.patients), len(cohort.lesions)) == (205, 1025)


def test_recist_patients_lesions_and_rows(recist: Intake) -> None:
    tu, tr = xpt("tu"), xpt("tr")
    found = recist.lesions.frame

    assert found["patient_id"].nunique() == tr["USUBJID"].nunique() == 8
    lesions = found.drop_duplicates(["patient_id", "lesion_id"])
    targets = tu[tu["TUSTRESC"].eq("TARGET")].drop_duplicates(["USUBJID", "TULNKID"])
    assert lesions["lesion_type"].value_counts().to_dict() == {"target": 20, "non-target": 5}
    assert len(targets) == 20
    accepted = tr[tr["TRACPTFL"].eq("Y")]
    assert frame(recist, "readers")["accepted_rows"].sum() == len(accepted)
    # One row for each lesion and visit; the file has two equal rows for each state of a non-target lesion.
    lesions_and_visits = accepted[["USUBJID", "TRLNKID", "VISITNUM"]].drop_duplicates()
    assert len(found) == len(lesions_and_visits) == 91
    rows = frame(recist, "tr_rows").set_index("what")["rows"]
    assert rows["duplicates"] == accepted["TRTESTCD"].eq("TUMSTATE").sum() / 2 == 13


def test_recist_every_size_day_and_node(recist: Intake) -> None:
    tr, tu, dm = xpt("tr"), xpt("tu"), xpt("dm").set_index("USUBJID")
    own = tr[tr["TRACPTFL"].eq("Y") & tr["TRTESTCD"].isin(["LDIAM", "LPERP"])]
    # The one partial date is a month: its first day.
    dates = pd.to_datetime(own["TRDTC"].where(own["TRDTC"].str.len().eq(10), own["TRDTC"] + "-01"))
    own = own.assign(day=(dates - pd.to_datetime(own["USUBJID"].map(dm["RFXSTDTC"]))).dt.days)
    key = ["USUBJID", "TRLNKID", "day"]
    by_hand = own.pivot_table(index=key, columns="TRTESTCD", values="TRSTRESN")
    assert len(by_hand) == 78

    found = recist.lesions.frame
    ours = found[found["lesion_type"].eq("target")].set_index(["patient_id", "lesion_id", "day"])
    nodes = set(
        tu[tu["TULOC"].eq("LYMPH NODE")][["USUBJID", "TULNKID"]].itertuples(index=False, name=None)
    )

    assert ours["diameter_mm"].to_dict() == by_hand["LDIAM"].to_dict()
    sums = recist.recist.targets.set_index(["patient_id", "lesion_id", "day"])
    is_node = [lesion in nodes for lesion in sums.index.droplevel("day")]
    assert sums["node"].tolist() == is_node
    expected = by_hand["LDIAM"].where(
        [lesion not in nodes for lesion in by_hand.index.droplevel("day")], by_hand["LPERP"]
    )
    assert sums["diameter_mm"].to_dict() == expected.to_dict()


def test_recist_the_accepted_reader_changes(recist: Intake) -> None:
    tr = xpt("tr")
    accepted = tr[tr["TRACPTFL"].eq("Y")].groupby("USUBJID")["TREVALID"].nunique()

    said = [n.text for n in recist.lesions.notices if "accepted reader changes" in n.text]

    assert len(said) == 1
    assert f"in {(accepted > 1).sum()} patients the accepted reader changes" in said[0]


def test_recist_responses_are_the_accepted_ones(recist: Intake) -> None:
    rs = xpt("rs")
    accepted = rs[rs["RSACPTFL"].eq("Y")]

    found = recist.recist.reported

    assert len(found) == len(accepted) == 22
    assert sorted(found["response"]) == sorted(accepted["RSSTRESC"])
    assert set(found["what"]) == {"overall"}
