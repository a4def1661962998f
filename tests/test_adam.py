"""ADaM data sets become the two tables, with every decision counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from adam_helpers import adsl, adtr, adtte, collection, trial

from lesionhet.cdisc.adam.intake import adam_intake
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.cohort import cohort_from_intake
from lesionhet.errors import InputError, UsageError
from lesionhet.intake import Intake
from lesionhet.pipeline import analyze

THIRD_PARTY = Path(__file__).parents[2] / "shared" / "data" / "adam"


def read(frames: dict[str, pd.DataFrame] | None = None, **options: Any) -> Intake:
    return adam_intake(collection(frames or trial()), CdiscOptions(**options))


def with_adtr(frame: pd.DataFrame, **options: Any) -> Intake:
    return read({**trial(), "ADTR": frame}, **options)


def with_adtte(frame: pd.DataFrame, **options: Any) -> pd.DataFrame:
    patients = read({**trial(), "ADTTE": frame}, **options).patients
    assert patients is not None
    return patients.frame.set_index("patient_id")


def table(intake: Intake, name: str) -> pd.DataFrame:
    return {t.name: t.frame for t in intake.tables}[name]


def counts(intake: Intake, name: str, key: str, value: str) -> dict[Any, Any]:
    return table(intake, name).set_index(key)[value].to_dict()


def refusal(frames: dict[str, pd.DataFrame], **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(frames, **options)
    return str(caught.value)


# ------------------------------------------------------------------------------------ lesions


def test_each_measurement_becomes_a_row() -> None:
    lesions = read().lesions.frame

    assert len(lesions) == 15
    first = lesions[lesions["patient_id"].eq("P1") & lesions["lesion_id"].eq("T02")]
    assert first[["day", "diameter_mm", "site", "visit"]].to_numpy().tolist() == [
        [-7.0, 22.0, "lymph node", "BASELINE"],
        [42.0, 20.0, "lymph node", "WEEK 6"],
        [84.0, 30.0, "lymph node", "WEEK 12"],
    ]
    not_assessed = lesions["patient_id"].eq("P2") & lesions["lesion_id"].eq("T02")
    assert lesions[not_assessed]["diameter_mm"].tolist() == [40.0, 41.0, None]


def test_rows_are_those_of_the_file() -> None:
    raw = read().lesions

    frame = adtr()
    assert raw.file == "adtr.xpt"
    used = frame.iloc[raw.rows - 2]
    assert used["PARAMCD"].str.startswith("LDIAM").all()
    assert used["AVAL"].astype(float).tolist() == pytest.approx(
        raw.frame["diameter_mm"].astype(float).tolist(), nan_ok=True
    )


def test_every_parameter_is_listed_with_what_it_was_taken_for() -> None:
    frame = pd.concat([adtr(), adtr().head(2).assign(PARAMCD="BOR", PARAM="Best response")])
    found = counts(with_adtr(frame), "parameters", "parameter", "taken_for")

    assert found == {
        "LDIAM1": "diameter", "LDIAM2": "diameter", "NLDIAM1": "short axis",
        "NLDIAM2": "short axis", "SDIAM": "sum", "BOR": "not read",
    }  # fmt: skip


def test_every_record_is_counted_once() -> None:
    frame = adtr()
    frame.loc[3, "DTYPE"] = "LOCF"
    frame["DTYPE"] = frame["DTYPE"].astype(object).where(frame["DTYPE"].notna(), None)
    intake = with_adtr(frame)

    fates = counts(intake, "records", "fate", "records")
    assert sum(fates.values()) == len(frame)
    assert fates["derived (DTYPE)"] == 1
    assert fates["used"] == 15
    assert fates["sums, compared with ours"] == 9


@pytest.mark.parametrize(
    ("code", "tests"), [("LDIAM", None), ("XYZ", "LDIAM"), ("DIAM", None), ("DIAMETER", None)]
)
def test_lesions_are_told_apart_by_their_link(code: str, tests: str | None) -> None:
    frame = adtr()
    frame = frame[frame["PARAMCD"].str.startswith("LDIAM")].assign(PARAMCD=code, TRTESTCD=tests)
    assert len(with_adtr(frame).lesions.frame.groupby(["patient_id", "lesion_id"])) == 5


def test_without_a_link_the_number_of_the_parameter_names_the_lesion() -> None:
    lesions = with_adtr(adtr(TRLNKID=None)).lesions.frame
    assert sorted(set(lesions["lesion_id"])) == ["1", "2"]


def test_records_of_no_lesion_are_refused_with_their_rows() -> None:
    frame = adtr(TRLNKID=None)
    frame.loc[0, "PARAMCD"] = "LDIAM"
    said = refusal({**trial(), "ADTR": frame})
    assert "adtr.xpt, column 'TRLNKID': no record says which lesion it is of" in said
    assert "Row 2." in said


def test_a_lesion_with_a_short_axis_only_is_followed_by_it() -> None:
    frame = adtr()
    node = frame["TRLNKID"].eq("T02") & frame["USUBJID"].eq("P1")
    only_short = frame[~(node & frame["PARAMCD"].eq("LDIAM2"))]
    lesions = with_adtr(only_short).lesions.frame

    assert len(lesions) == 15
    rows = lesions[lesions["patient_id"].eq("P1") & lesions["lesion_id"].eq("T02")]
    assert rows["diameter_mm"].tolist() == [20.0, 18.0, 28.0]


def test_sums_are_compared_with_ours() -> None:
    intake = read()
    sums = table(intake, "sums_compared")

    assert sums["difference_mm"].tolist() == [0.0] * 9
    first = sums.iloc[0]
    # The node enters by its short axis, 20 mm; its longest diameter is 22 mm.
    assert (first["ours_mm"], first["longest_mm"], first["lesions"]) == (50.0, 52.0, 2)
    wrong = adtr()
    last = wrong.index[wrong["PARAMCD"].eq("SDIAM")][0]
    wrong.loc[last, "AVAL"] = 55.0
    note = next(t.note for t in with_adtr(wrong).tables if t.name == "sums_compared")
    assert note.startswith("8 of 9 sums agree")
    assert sorted(table(with_adtr(wrong), "sums_compared")["difference_mm"])[0] == -5.0


def test_recist_gets_the_short_axis_of_nodes() -> None:
    recist = read().recist
    assert recist is not None
    targets = recist.targets.set_index(["patient_id", "lesion_id", "day"])
    assert targets.loc[("P1", "T02", -7.0), ["diameter_mm", "node"]].tolist() == [20.0, True]
    assert targets.loc[("P1", "T01", -7.0), ["diameter_mm", "node"]].tolist() == [30.0, False]
    assert len(targets) == 15


@pytest.mark.parametrize(
    ("changes", "found_in"),
    [
        ({"AVALU": "cm", "PARAM": "Diameter"}, "AVALU"),
        ({"PARAM": "Diameter (cm)"}, "PARAM"),
        ({"PARAM": "Diameter", "TRSTRESU": "cm"}, "TRSTRESU"),
    ],
)
def test_centimetres_become_millimetres(changes: dict[str, Any], found_in: str) -> None:
    frame = adtr(**changes)
    frame["AVAL"] = frame["AVAL"].astype(float) / 10
    frame["TRSTRESN"] = frame["AVAL"]
    intake = with_adtr(frame)

    sizes = intake.lesions.frame["diameter_mm"].dropna().astype(float).tolist()
    assert sizes == read().lesions.frame["diameter_mm"].dropna().tolist()
    assert table(intake, "units")[["unit", "found_in"]].to_numpy().tolist() == [["cm", found_in]]


def test_a_unit_that_is_no_length_is_refused() -> None:
    said = refusal({**trial(), "ADTR": adtr(AVALU="mL")})
    assert "column 'AVALU': the unit of AVAL is 'ml'; mm or cm is expected." in said


def test_without_any_unit_mm_is_assumed_and_said() -> None:
    intake = with_adtr(adtr(PARAM="Diameter"))
    assert any("without a unit read as mm" in n.text for n in intake.lesions.notices)


def test_days_come_from_the_dates_where_ady_is_not_there() -> None:
    without = with_adtr(adtr().drop(columns="ADY"))
    assert without.lesions.frame["day"].tolist() == read().lesions.frame["day"].tolist()
    ways = counts(without, "study_days", "day_from", "records")
    assert ways["ADT - TRTSDT"] == 30


@pytest.mark.parametrize("form", ["%d%b%Y", "%Y-%m-%dT%H:%M", "sas"])
def test_dates_are_read_in_each_form(form: str) -> None:
    frame = adtr().drop(columns="ADY")
    date = pd.to_datetime(frame["ADT"])
    days = (date - pd.Timestamp("1960-01-01")).dt.days
    frame["ADT"] = days.astype(float) if form == "sas" else date.dt.strftime(form)
    assert with_adtr(frame).lesions.frame["day"].tolist() == read().lesions.frame["day"].tolist()


def test_a_date_that_is_none_is_refused() -> None:
    said = refusal({**trial(), "ADTR": adtr(ADT="2020-02")})
    assert "column 'ADT': found '2020-02'; a whole date is expected." in said


def test_days_from_another_start_are_asked_for_by_name() -> None:
    frames = {**trial(), "ADSL": adsl(RANDDT="2020-01-31")}
    intake = read(frames, start="randomisation")
    rows = intake.lesions.frame
    assert rows[rows["patient_id"].eq("P3")]["day"].tolist() == [-7.0, 42.0, 84.0]
    assert rows[rows["patient_id"].eq("P1")]["day"].min() == 23.0


def test_study_day_0_is_refused() -> None:
    said = refusal({**trial(), "ADTR": adtr(ADY=0)})
    assert "study days have no day 0" in said


def test_a_study_day_that_its_date_contradicts_is_told() -> None:
    frame = adtr()
    frame.loc[0, "ADY"] = -5
    intake = with_adtr(frame)
    assert any("in 1 record ADY is not ADT minus" in n.text for n in intake.lesions.notices)


def test_records_without_a_day_are_counted() -> None:
    frame = adtr()
    frame.loc[0, ["ADY", "ADT"]] = None
    intake = with_adtr(frame)
    assert counts(intake, "records", "fate", "records")["without a day"] == 1
    assert len(intake.lesions.frame) == 14


def test_completed_dates_are_counted() -> None:
    frame = adtr(ADTF=None)
    frame.loc[[0, 1], "ADTF"] = "D"
    assert counts(with_adtr(frame), "imputed_dates", "adtf", "records") == {"D": 2, "none": 37}


def test_the_flagged_of_several_records_on_a_day_counts() -> None:
    again = adtr().head(1).assign(AVAL=33.0)
    frame = pd.concat([adtr(ANL01FL="Y"), again], ignore_index=True)
    frame = frame.where(frame.notna(), None)
    intake = with_adtr(frame)

    assert intake.lesions.frame.iloc[0]["diameter_mm"] == 30.0
    assert len(intake.lesions.frame) == 15
    fates = counts(intake, "records", "fate", "records")
    assert fates["not flagged ANL01FL, beside one that is"] == 1


def test_two_sizes_on_a_day_without_a_flag_are_refused() -> None:
    frame = pd.concat([adtr(), adtr().head(1).assign(AVAL=33.0)], ignore_index=True)
    with pytest.raises(InputError, match="a lesion has one size a day"):
        cohort_from_intake(with_adtr(frame))


def test_two_readers_need_a_choice() -> None:
    both = pd.concat(
        [adtr(), adtr(TREVAL="INDEPENDENT ASSESSOR", TREVALID="RADIOLOGIST 1")], ignore_index=True
    )
    second = adtr(TREVAL="INDEPENDENT ASSESSOR", TREVALID="RADIOLOGIST 2")
    three = pd.concat([both, second], ignore_index=True)

    independent = with_adtr(both)
    assert counts(independent, "readers", "reader", "used") == {
        "INVESTIGATOR": 0,
        "INDEPENDENT ASSESSOR, RADIOLOGIST 1": 30,
    }
    assert len(independent.lesions.frame) == 15
    said = refusal({**trial(), "ADTR": three})
    assert "more than one reader for the same patient" in said
    assert len(with_adtr(three, reader="Radiologist 2").lesions.frame) == 15
    with pytest.raises(UsageError, match="reader is 'nobody'"):
        with_adtr(three, reader="nobody")


def test_the_reader_may_stand_in_parcat2() -> None:
    both = [adtr(TREVAL=None, PARCAT2=who) for who in ("Investigator", "Independent Assessor")]
    frame = pd.concat(both, ignore_index=True)
    frame["AVAL"] = frame["AVAL"].where(frame["PARCAT2"].ne("Investigator"), 99.0)
    sizes = with_adtr(frame).lesions.frame["diameter_mm"]
    assert sizes.ne(99.0).all()


def test_a_flagged_baseline_is_the_baseline() -> None:
    earlier = adtr()
    earlier = earlier[earlier["AVISIT"].eq("BASELINE")].assign(ADY=-30, AVAL=50.0, AVISIT="SCR 1")
    frame = pd.concat([adtr(ABLFL=None), earlier.assign(ABLFL="Y")], ignore_index=True)
    frame = frame[frame["PARAMCD"].ne("SDIAM")].drop(columns="ADT")

    by_flag = cohort_from_intake(with_adtr(frame)).lesions
    by_start = cohort_from_intake(with_adtr(frame, baseline="start")).lesions
    assert set(by_flag["baseline_mm"]) == {50.0}
    assert by_start["baseline_mm"].tolist() == [30.0, 22.0, 15.0, 40.0, 25.0]
    aside = table(with_adtr(frame), "baseline")
    assert aside.to_numpy().tolist() == [["flag", 5, 5, 0]]


def test_the_baseline_may_be_named_by_its_visit() -> None:
    frame = adtr()
    later = frame["AVISIT"].eq("WEEK 6") & frame["USUBJID"].eq("P1")
    frame.loc[later, "AVISIT"] = "Screening"
    lesions = cohort_from_intake(with_adtr(frame, baseline="visit")).lesions
    assert lesions[lesions["patient_id"].eq("P1")]["baseline_mm"].tolist() == [18.0, 20.0]
    assert lesions["baseline_after_start"].tolist() == [True, True, False, False, False]


def test_kinds_of_lesions_are_kept_apart() -> None:
    frame = adtr()
    frame["TRGRPID"] = None
    frame.loc[frame["USUBJID"].eq("P2") & frame["TRLNKID"].eq("T02"), "TRGRPID"] = "NON-TARGET"
    frame.loc[frame["USUBJID"].eq("P3"), "TRGRPID"] = "NEW"
    intake = with_adtr(frame)
    kinds = intake.lesions.frame["lesion_type"].value_counts().to_dict()
    assert kinds == {"target": 9, "non-target": 3, "new": 3}
    assert intake.recist is not None
    assert intake.recist.new[["patient_id", "lesion_id", "day"]].to_numpy().tolist() == [
        ["P3", "T01", -7.0],
        ["P3", "T01", 42.0],
        ["P3", "T01", 84.0],
    ]


def test_sums_alone_are_refused() -> None:
    frame = adtr()
    said = refusal({**trial(), "ADTR": frame[frame["PARAMCD"].eq("SDIAM")]})
    assert "no parameter is the diameter of a lesion; found: 'SDIAM'." in said


@pytest.mark.parametrize("name", ["USUBJID", "PARAMCD", "AVAL"])
def test_a_missing_column_is_named(name: str) -> None:
    said = refusal({**trial(), "ADTR": adtr().drop(columns=name)})
    assert f"adtr.xpt, column '{name}': this column of ADTR is missing" in said


def test_adtr_is_needed() -> None:
    assert "ADTR is needed; found: 'ADSL'" in refusal({"ADSL": adsl()})


def test_faults_of_all_data_sets_come_together() -> None:
    frames = {
        "ADTR": adtr(AVALU="inch"),
        "ADTTE": adtte(CNSR=-1),
        "ADSL": adsl(USUBJID=None),
    }
    said = refusal(frames)
    assert said.startswith("4 problems found:")
    assert "adtr.xpt" in said and "adtte.xpt" in said and "adsl.xpt" in said


# ------------------------------------------------------------------------------------ survival


def test_censoring_is_turned_round() -> None:
    patients = with_adtte(adtte())
    assert patients["os_days"].tolist()[:3] == [200.0, 300.0, 90.0]
    assert patients["os_event"].tolist() == [1.0, 0.0, 1.0, None]
    assert patients["pfs_event"].tolist()[:3] == [1.0, 0.0, 1.0]
    assert patients["progressed"].tolist()[:3] == [1.0, None, 0.0]


def test_times_to_events_are_counted() -> None:
    rows = table(read(), "time_to_event").set_index("what")
    assert rows.loc["OS", ["records", "events", "censored", "unit"]].tolist() == [3, 2, 1, "days"]
    assert rows.loc["OS", "censor_codes"] == "2: 1"
    assert rows.loc["PFS", ["progressions", "deaths", "not_known_which"]].tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("unit", "days"), [("WEEKS", 7.0), ("MONTHS", 30.4375), ("Years", 365.25), ("DAY", 1.0)]
)
def test_times_become_days(unit: str, days: float) -> None:
    frame = adtte(AVALU=unit).drop(columns=["ADT", "STARTDT"])
    frame["AVAL"] = frame["AVAL"].astype(float) / days
    assert with_adtte(frame)["os_days"].tolist()[:3] == pytest.approx([200, 300, 90])


@pytest.mark.parametrize("changes", [{"PARAM": "Overall survival (days)", "ADT": None}, {}])
def test_the_unit_may_stand_elsewhere(changes: dict[str, Any]) -> None:
    frame = adtte(**changes).drop(columns="AVALU")
    assert with_adtte(frame)["os_days"].tolist()[:3] == [200.0, 300.0, 90.0]


def test_a_time_without_any_unit_is_refused() -> None:
    said = refusal({**trial(), "ADTTE": adtte(ADT=None).drop(columns="AVALU")})
    assert "neither AVALU nor PARAM names the unit of AVAL" in said


@pytest.mark.parametrize("unit", ["MONTHS", "WEEKS", "YEARS"])
def test_times_that_contradict_their_dates_are_refused(unit: str) -> None:
    said = refusal({**trial(), "ADTTE": adtte(AVALU=unit)})
    assert f"AVAL in {unit.lower()} (AVALU) contradicts ADT - STARTDT" in said


def test_without_a_unit_days_that_the_dates_contradict_are_refused() -> None:
    frame = adtte().drop(columns="AVALU")
    frame["AVAL"] = frame["AVAL"].astype(float) / 30.4375
    assert "contradicts ADT - STARTDT" in refusal({**trial(), "ADTTE": frame})


@pytest.mark.parametrize("value", [-1, 0.5, None])
def test_cnsr_that_is_no_code_is_refused(value: float | None) -> None:
    frame = adtte()
    frame.loc[1, "CNSR"] = value
    said = refusal({**trial(), "ADTTE": frame})
    assert "adtte.xpt, column 'CNSR'" in said
    assert "Row 3." in said


def test_a_parameter_without_an_event_is_told() -> None:
    frame = adtte()
    frame.loc[frame["PARAMCD"].eq("OS"), "CNSR"] = 1
    intake = read({**trial(), "ADTTE": frame})
    said = " ".join(n.text for n in intake.lesions.notices)
    assert "no record of OS is an event (CNSR 0)" in said


def test_two_records_of_one_patient_are_refused() -> None:
    frame = pd.concat([adtte(), adtte().head(1)], ignore_index=True)
    said = refusal({**trial(), "ADTTE": frame})
    assert "several records of OS for one patient: 'P1'." in said
    assert "2 rows: 2, 8." in said


def test_other_parameters_are_chosen_by_name() -> None:
    frame = adtte()
    frame["PARAMCD"] = frame["PARAMCD"].replace({"OS": "OVSURV"})
    assert with_adtte(frame, os_param="ovsurv")["os_days"].tolist()[0] == 200.0
    without = with_adtte(frame)
    assert "os_days" not in without and "pfs_days" in without
    assert "there is no parameter 'OSX'; found: 'OVSURV', 'PFS'." in refusal(
        {**trial(), "ADTTE": frame}, os_param="OSX"
    )


@pytest.mark.parametrize(
    ("words", "variable", "data", "progressed"),
    [
        ("Objective PD", None, None, 1.0),
        ("Death due to any cause", None, None, 0.0),
        ("Death or progression", None, None, None),
        (None, "DTHDT", "ADSL", 0.0),
        (None, "RSDTC", "RS", 1.0),
        (None, None, None, None),
        ("First event", "ADT", "ADRS", None),
    ],
)
def test_progression_or_death(
    words: str | None, variable: str | None, data: str | None, progressed: float | None
) -> None:
    frame = adtte(EVNTDESC=words, SRCVAR=variable, SRCDOM=data)
    assert with_adtte(frame)["progressed"].tolist()[0] == progressed


@pytest.mark.parametrize(("died", "kept"), [(1, [None, None]), (0, [80.0, 0.0])])
def test_a_pfs_beyond_the_os_is_left_out(died: int, kept: list[float | None]) -> None:
    frame = adtte()
    frame.loc[0, ["AVAL", "CNSR", "ADT"]] = [80, 1 - died, None]
    intake = read({**trial(), "ADTTE": frame})
    patients = intake.patients
    assert patients is not None
    first = patients.frame.iloc[0]
    assert first[["os_days", "os_event"]].tolist() == kept
    assert first[["pfs_days", "pfs_event", "progressed"]].tolist() == [None] * 3
    assert len(table(intake, "pfs_after_os")) == 1
    cohort_from_intake(intake)


# ------------------------------------------------------------------------------------ patients


def test_arm_and_covariates_come_from_adsl() -> None:
    intake = read()
    assert intake.patients is not None
    frame = intake.patients.frame
    assert list(frame.columns[:5]) == ["patient_id", "arm", "age", "sex", "bmibl"]
    assert frame["arm"].tolist() == ["A", "B", "A", "B"]
    why = counts(intake, "patient_columns", "variable", "why")
    assert why["DTHFL"] == "known only after treatment"
    assert set(why) == set(adsl().columns)


def test_nobody_is_left_out_by_a_population_flag() -> None:
    intake = read()
    assert table(intake, "populations").to_numpy().tolist() == [["ITTFL", 3, 4]]
    assert len(cohort_from_intake(intake).patients) == 3


def test_without_adsl_patients_come_from_the_others() -> None:
    frames = {"ADTR": adtr(TRTP="A", TRTSDT=None), "ADTTE": adtte(TRTP="B").iloc[[0, 1]]}
    intake = read(frames)
    assert intake.patients is not None
    frame = intake.patients.frame.set_index("patient_id")
    assert frame["arm"].to_dict() == {"P1": "B", "P2": "B", "P3": "A"}
    assert intake.patients.file == "adtte.xpt + adtr.xpt"
    assert len(cohort_from_intake(intake).patients) == 3


def test_without_adtte_there_is_no_survival() -> None:
    cohort = cohort_from_intake(read({"ADTR": adtr(), "ADSL": adsl()}))
    assert "os_days" not in cohort.columns
    assert any("ADTTE is not there" in n.text for n in cohort.notices)


def test_several_studies_become_trials() -> None:
    frames = {**trial(), "ADSL": adsl(STUDYID=["S1", "S1", "S2", "S2"])}
    patients = read(frames).patients
    assert patients is not None
    assert patients.frame["trial"].tolist() == ["S1", "S1", "S2", "S2"]


def test_patients_that_adsl_does_not_know_are_told() -> None:
    frame = pd.concat([adtte(), adtte().head(1).assign(USUBJID="P9")], ignore_index=True)
    said = [n.text for n in read({**trial(), "ADTTE": frame}).lesions.notices]
    assert "adtte.xpt: 1 patient not in adsl.xpt, left out: 'P9'." in said


def test_the_tables_make_a_cohort_that_keeps_the_decisions() -> None:
    cohort = cohort_from_intake(read())
    assert (len(cohort.patients), len(cohort.lesions), len(cohort.measurements)) == (3, 5, 14)
    assert {t.name for t in cohort.reading} >= {"parameters", "records", "sites", "time_to_event"}
    assert [source.file for source in cohort.sources] == ["adtr.xpt", "adtte.xpt", "adsl.xpt"]
    assert cohort.recist is not None


def test_too_few_events_are_refused_with_the_reason() -> None:
    outcome = analyze(cohort_from_intake(read()), r="off", only=["2D", "2E"])
    reasons = {result.id: result.reason for result in outcome.results}
    assert reasons["2D"] == "Cox model: 2 event(s) in 3 rows, needs 4."
    assert all(result.status == "skipped" for result in outcome.results)


# ------------------------------------------------------------------------------------ third party


@pytest.mark.skipif(not THIRD_PARTY.exists(), reason="the third-party data are not beside it")
def test_data_sets_of_the_pharmaverse_become_a_cohort() -> None:
    from lesionhet.cdisc.read_adam import read_adam

    intake = read_adam([THIRD_PARTY])
    cohort = cohort_from_intake(intake)

    # By hand: 6 patients have 78 LDIAM records of 20 lesions, no two on one day.
    assert (len(cohort.patients), len(cohort.lesions), len(cohort.measurements)) == (6, 20, 78)
    sums = table(intake, "sums_compared")
    assert len(sums) == 25 and sums["difference_mm"].abs().max() < 0.05
    events = table(intake, "time_to_event").set_index("what")["events"]
    assert events.to_dict() == {"OS": 3, "PFS": 6}
    outcome = analyze(cohort, r="off", only=["2D"])
    assert outcome.results[0].reason == "Cox model: 0 event(s) in 6 rows, needs 4."
