"""Overall and progression-free survival out of DM, DS, RS and the others."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from cdisc_patients_helpers import domains_of, patients_of, problems_of, reported_of
from hypothesis import given, settings
from hypothesis import strategies as st

from lesionhet.cdisc.sdtm.start import start_dates
from lesionhet.checks.patients import check_patients
from lesionhet.readers import ReadOptions


def _one(
    dm: dict[str, Any], *responses: tuple[float, str | None], **options: Any
) -> dict[str, Any]:
    """Give the survival of one patient who started on 2014-01-01."""
    rows = {"DM": [{"USUBJID": "P1", "RFSTDTC": "2014-01-01"} | dm]} | {
        name: value for name, value in options.items() if name.isupper()
    }
    chosen = {name: value for name, value in options.items() if name.islower()}
    reported = reported_of(*(("P1", day, response) for day, response in responses))
    frame, _, _ = patients_of(domains_of(**rows), reported, **chosen)
    return frame.loc["P1"].to_dict()


def test_death_is_an_event_and_counts_from_day_1() -> None:
    dm = {"DTHDTC": "2014-03-01T04:00", "DTHFL": "Y", "RFPENDTC": "2014-03-02"}

    assert _one(dm, (42, "SD")) == {
        "os_days": 60.0,
        "os_event": 1.0,
        "pfs_days": 60.0,
        "pfs_event": 1.0,
        "progressed": 0.0,
    }


def test_the_living_are_censored_when_last_seen() -> None:
    dm = {"RFENDTC": "2014-02-01", "RFPENDTC": "2014-02-03"}
    ds = [
        {"USUBJID": "P1", "DSDECOD": "COMPLETED", "DSSTDTC": "2014-02-02"},
        {"USUBJID": "P1", "DSDECOD": "LOST TO FOLLOW-UP", "DSSTDTC": "2014-02-20"},
    ]
    tr = [
        {"USUBJID": "P1", "TRDTC": "2014-02-10"},
        {"USUBJID": "P1", "TRDTC": "2014-04-10", "TRSTAT": "NOT DONE"},
    ]
    rs = [{"USUBJID": "P1", "RSDTC": "2014-02-11"}]

    assert _one(dm)["os_days"] == 34.0
    assert _one(dm, TR=tr)["os_days"] == 41.0
    assert _one(dm, TR=tr, RS=rs)["os_days"] == 42.0
    assert _one(dm, TR=tr, RS=rs, DS=ds)["os_days"] == 51.0
    assert (
        _one(dm, TR=tr, DS=ds, EX=[{"USUBJID": "P1", "EXENDTC": "2014-03-01"}])["os_days"] == 60.0
    )
    assert _one(dm, DS=ds) == {"os_days": 51.0, "os_event": 0.0}
    assert _one({}) == {"os_days": 1.0, "os_event": 0.0}


@pytest.mark.parametrize(
    ("responses", "days", "event", "progressed"),
    [
        ([(42, "SD"), (84, "PD"), (126, "PD")], 85.0, 1.0, 1.0),
        ([(42, "SD"), (84, "PR"), (126, "NE")], 85.0, 0.0, None),
        ([(42, "NE"), (84, None)], 1.0, 0.0, None),
        ([(0, "Progressive disease")], 1.0, 1.0, 1.0),
        ([(-10, "PD"), (42, "SD")], 43.0, 0.0, None),
        ([(42, "non-CR/non-PD")], 43.0, 0.0, None),
    ],
)
def test_progression_is_the_first_pd_else_the_last_assessment(
    responses: list[tuple[float, str | None]], days: float, event: float, progressed: float | None
) -> None:
    found = _one({"RFPENDTC": "2014-12-01"}, *responses)

    assert (found["pfs_days"], found["pfs_event"]) == (days, event)
    assert found.get("progressed") == progressed


def test_death_after_progression_leaves_the_progression() -> None:
    found = _one({"DTHDTC": "2014-06-01", "DTHFL": "Y"}, (42, "PD"))

    assert (found["pfs_days"], found["progressed"], found["os_days"]) == (43.0, 1.0, 152.0)


def test_a_death_without_its_day_leaves_survival_open() -> None:
    domains = domains_of(
        DM=[
            {"USUBJID": "P1", "RFSTDTC": "2014-01-01", "DTHFL": "Y", "RFPENDTC": "2014-05-01"},
            {"USUBJID": "P2", "RFSTDTC": "2014-01-01", "DTHFL": "Y", "RFPENDTC": "2014-05-01"},
            {"USUBJID": "P3", "RFSTDTC": "2014-01-01", "DTHDTC": "2014-02-01"},
        ]
    )

    frame, table, tables = patients_of(domains, reported_of(("P2", 42.0, "PD"), ("P1", 42.0, "SD")))

    assert frame.loc["P1"].dropna().to_dict() == {}
    assert frame.loc["P2"].dropna().to_dict() == {
        "pfs_days": 43.0,
        "pfs_event": 1.0,
        "progressed": 1.0,
    }
    assert frame.loc["P3", "os_event"] == 1.0
    assert [notice.text for notice in table.notices] == [
        "dm.csv: 2 patients died on a day that is not known: 'P1', 'P2'. They have no overall survival.",
        "dm.csv: 1 patient with a date of death and no DTHFL of Y: 'P3'. They count as died.",
    ]
    assert tables["survival"].frame.to_numpy().tolist() == [
        ["overall survival", "event", "DTHDTC", 1],
        ["overall survival", "missing", "died, day not known", 2],
        ["progression-free survival", "event", "death", 1],
        ["progression-free survival", "event", "progression", 1],
        ["progression-free survival", "missing", "died, day not known", 1],
    ]


def test_the_disposition_record_gives_the_day_of_death_where_dm_does_not() -> None:
    ds = [{"USUBJID": "P1", "DSDECOD": "DEATH", "DSSTDTC": "2014-02-01"}]

    assert _one({"DTHFL": "Y"}, DS=ds) == {"os_days": 32.0, "os_event": 1.0}
    assert _one({"DTHFL": "Y", "DTHDTC": "2014-01-31"}, DS=ds)["os_days"] == 31.0


@pytest.mark.parametrize(
    ("rule", "days"), [("first", 41.0), ("middle", 46.0), ("last", 59.0), ("refuse", None)]
)
def test_a_death_known_in_part_is_not_before_the_last_scan(rule: str, days: float | None) -> None:
    tr = [{"USUBJID": "P1", "TRDTC": "2014-02-10"}]
    found = _one({"DTHFL": "Y", "DTHDTC": "2014-02"}, TR=tr, dates=rule)

    assert found.get("os_days") == days


def test_moving_a_completed_death_is_told() -> None:
    domains = domains_of(
        DM=[{"USUBJID": "P1", "RFSTDTC": "2014-02-10", "DTHFL": "Y", "DTHDTC": "2014-02"}]
    )

    frame, table, tables = patients_of(domains)

    assert frame.loc["P1"].to_dict() == {"os_days": 1.0, "os_event": 1.0}
    assert [notice.text for notice in table.notices] == [
        "No overall response is recorded (RS): progression-free survival was not derived.",
        "1 date of death known in part, completed and then moved to when the patient was last seen: 'P1'.",
    ]
    dates = tables["dates_of_patients"].frame.set_index("column")
    assert dates.loc["DTHDTC", "day_filled_in"] == 1


def test_a_progression_completed_to_after_death_is_taken_at_death() -> None:
    found = _one({"DTHFL": "Y", "DTHDTC": "2014-02-10"}, (58, "PD"))

    assert (found["pfs_days"], found["os_days"], found["progressed"]) == (41.0, 41.0, 1.0)


def test_dates_that_contradict_each_other_are_problems_with_rows() -> None:
    domains = domains_of(
        DM=[
            {"USUBJID": "P1", "RFSTDTC": "2014-01-01", "DTHDTC": "2014-02-01", "DTHFL": "Y"},
            {"USUBJID": "P2", "RFSTDTC": "2014-01-10", "DTHDTC": "2014-01-05", "DTHFL": "Y"},
            {"USUBJID": "P3", "RFSTDTC": "2014-01-10", "DTHDTC": "2014-01", "DTHFL": "Y"},
        ],
        TR=[
            {"USUBJID": "P1", "TRDTC": "2014-02-01"},
            {"USUBJID": "P1", "TRDTC": "2014-02"},
            {"USUBJID": "P1", "TRDTC": "2014-03-01"},
            {"USUBJID": "P1", "TRDTC": "2014-04-01", "TRSTAT": "NOT DONE"},
        ],
        RS=[{"USUBJID": "P1", "RSDTC": "2014-02-02"}],
    )

    mend = "Correct this date or the date of death (DTHDTC), or give --survival none."
    assert problems_of(patients_of, domains) == [
        "dm.csv, column 'DTHDTC': 1 patient died before the start of treatment: 'P2'. Row 3. Correct the "
        "date of death or of the start.",
        f"tr.csv, column 'TRDTC': assessments after the patient's death: 'P1'. Row 4. {mend}",
        f"rs.csv, column 'RSDTC': assessments after the patient's death: 'P1'. Row 2. {mend}",
    ]
    frame, _, _ = patients_of(domains, survival="none")
    assert "os_days" not in frame


def test_a_start_filled_in_to_after_death_is_a_problem() -> None:
    domains = domains_of(
        DM=[{"USUBJID": "P1", "RFSTDTC": "2014-01", "DTHDTC": "2014-01-20", "DTHFL": "Y"}]
    )

    assert patients_of(domains, dates="first")[0].loc["P1", "os_days"] == 20.0
    assert problems_of(patients_of, domains, dates="last") == [
        "dm.csv, column 'DTHDTC': 1 patient died before the start of treatment, which is known in part, as "
        "it was filled in: 'P1'. Row 2. Complete the date of the start, or choose another rule with --dates."
    ]


def test_what_the_start_tells_is_not_told_twice() -> None:
    domains = domains_of(DM=[{"USUBJID": "P1", "RFSTDTC": "x"}])

    assert len(start_dates(domains, "auto", "first").problems) == 1
    assert patients_of(domains)[0].index.tolist() == ["P1"]


def test_patients_without_a_start_have_no_times() -> None:
    domains = domains_of(
        DM=[
            {"USUBJID": "P1", "RFSTDTC": "2014-01-01", "RFPENDTC": "2014-01-31"},
            {"USUBJID": "P2", "RFPENDTC": "2014-01-31", "ARMNRS": "SCREEN FAILURE"},
        ]
    )

    frame, _, tables = patients_of(domains, reported_of(("P1", 20.0, "SD")))

    assert frame.loc["P2"].dropna().to_dict() == {}
    missing = tables["survival"].frame.query("how == 'missing'")
    assert missing["source"].tolist() == ["no start of treatment"] * 2


optional_day = st.none() | st.integers(0, 400)
patient = st.fixed_dictionaries(
    {
        "death": st.none() | st.integers(0, 400),
        "partial": st.booleans(),
        "end": optional_day,
        "scans": st.lists(
            st.tuples(st.integers(0, 400), st.sampled_from(["SD", "PD", "NE", None])), max_size=4
        ),
    }
)


@settings(max_examples=60)
@given(st.lists(patient, min_size=1, max_size=5), st.sampled_from(["first", "middle", "last"]))
def test_times_agree_with_each_other_and_with_the_checks(
    patients: list[dict[str, Any]], rule: str
) -> None:
    start = pd.Timestamp("2014-01-20")
    dm, rs, reported = [], [], []
    for number, chosen in enumerate(patients):
        name = f"P{number}"
        death = None if chosen["death"] is None else start + pd.Timedelta(days=chosen["death"])
        scans = [(d, r) for d, r in chosen["scans"] if death is None or d <= chosen["death"]]
        written = None if death is None else str(death.date())[: 7 if chosen["partial"] else 10]
        end = None if chosen["end"] is None else start + pd.Timedelta(days=chosen["end"])
        dm.append(
            {
                "USUBJID": name,
                "RFSTDTC": str(start.date()),
                "RFPENDTC": None if end is None else str(end.date()),
                "DTHDTC": written,
                "DTHFL": None if death is None else "Y",
            }
        )
        dates = [(start + pd.Timedelta(days=d), d, r) for d, r in scans]
        rs += [{"USUBJID": name, "RSDTC": str(date.date())} for date, _, _ in dates]
        reported += [(name, float(d), r) for _, d, r in dates]
    domains = domains_of(DM=dm, RS=rs or [{"USUBJID": "P0", "RSDTC": None}])

    frame, table, _ = patients_of(domains, reported_of(*reported), dates=rule)

    assert check_patients(table, ReadOptions()).problems == ()
    assert frame["os_days"].ge(1).all()
    assert frame["os_event"].tolist() == [float(p["death"] is not None) for p in patients]
    if "pfs_days" in frame:
        assert (frame["pfs_days"] <= frame["os_days"]).all()
        events = frame["pfs_event"].eq(1)
        died_only = events & frame["progressed"].eq(0) if events.any() else events
        assert frame["pfs_days"][died_only].tolist() == frame["os_days"][died_only].tolist()
