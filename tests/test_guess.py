"""Guessing columns: names, contents, units, and what a person then chose."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest

from lesionhet.cohort import build_cohort, cohort_from_frames
from lesionhet.errors import UsageError
from lesionhet.readers import ReadOptions, from_frame, read_bytes
from lesionhet.readers.choosing.guess import guess_columns, guess_tables
from lesionhet.readers.choosing.prepare import Chosen, distinct_texts, prepare
from lesionhet.readers.choosing.template import template_csv, template_workbook
from lesionhet.simulate import simulate_trial

LESIONS = simulate_trial(40, seed=3).lesions
PATIENTS = simulate_trial(40, seed=3).patients


def guessed(frame, table):
    return {g.name: g for g in guess_columns(from_frame(frame, "t"), table)}


def test_own_names_are_sure_and_nothing_else_is_proposed():
    found = guessed(PATIENTS, "patients")
    assert {name: g.heading for name, g in found.items()} == {name: name for name in found}
    assert {g.confidence for g in found.values()} == {"sure"}


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("patient_id", ["USUBJID", "Subject", "pat_id", "Patient No", "SUBJID", "patientID"]),
        ("lesion_id", ["tumour", "lesion", "TRLNKID", "LesionNumber", "Tumor ID"]),
        ("day", ["visit day", "Study Day", "ADY", "TRDY", "days since start"]),
        ("diameter_mm", ["size", "Longest diameter", "diameter (mm)", "LD_mm", "TRSTRESN"]),
        ("site", ["location", "Organ", "TULOC", "Anatomic site"]),
    ],
)
def test_usual_headings_of_the_lesions_table(name, headings):
    for heading in headings:
        found = guessed(LESIONS.rename(columns={name: heading}), "lesions")[name]
        assert found.heading == heading
        assert found.confidence in ("sure", "likely"), heading
        assert found.reason


@pytest.mark.parametrize(
    ("name", "headings"),
    [
        ("arm", ["TRT01P", "Treatment", "ACTARM", "treatment group"]),
        ("os_days", ["OS", "OS time", "OS (days)", "overall survival"]),
        ("os_event", ["died", "OS status", "death", "DTHFL"]),
        ("pfs_days", ["PFS", "PFS_time", "progression free survival"]),
        ("pfs_event", ["PFS status", "pfs_flag"]),
        ("kras", ["KRAS status", "KRAS mutation", "RAS"]),
    ],
)
def test_usual_headings_of_the_patients_table(name, headings):
    for heading in headings:
        found = guessed(PATIENTS.rename(columns={name: heading}), "patients")[name]
        assert found.heading == heading
        assert found.confidence in ("sure", "likely"), heading


def test_a_name_whose_cells_speak_against_it_is_not_proposed():
    frame = LESIONS.rename(columns={"diameter_mm": "ld"}).assign(size="large")
    assert guessed(frame, "lesions")["diameter_mm"].heading == "ld"
    assert (
        guessed(PATIENTS.assign(died="perhaps").drop(columns="os_event"), "patients")[
            "os_event"
        ].heading
        != "died"
    )


def test_needed_columns_are_sought_by_content_and_said_to_be_unsure():
    columns = ["patient_id", "lesion_id", "day", "diameter_mm"]
    found = guessed(LESIONS[columns].set_axis(["a", "b", "c", "d"], axis=1), "lesions")
    assert (found["day"].heading, found["diameter_mm"].heading) == ("c", "d")
    assert {found["day"].confidence, found["diameter_mm"].confidence} == {"unsure"}
    assert "by its content" in found["day"].reason
    assert found["patient_id"].heading is None
    assert found["patient_id"].confidence == "none"


def test_optional_columns_are_never_taken_by_content():
    frame = pd.DataFrame({"patient_id": ["A", "B", "C"], "smoker": [0, 1, 1]})
    found = guessed(frame, "patients")
    assert {g.heading for g in found.values()} == {"patient_id", None}


def test_no_heading_is_proposed_twice():
    frame = LESIONS.rename(columns={"diameter_mm": "size", "site": "group"})
    headings = [g.heading for g in guessed(frame, "lesions").values() if g.heading]
    assert len(headings) == len(set(headings))


@pytest.mark.parametrize(
    ("heading", "factor", "unit", "why"),
    [
        ("size (cm)", 0.1, "cm", "the heading says cm"),
        ("size", 0.1, "cm", "looks like cm"),
        ("size", 1.0, "mm", ""),
        ("size_mm", 1.0, "mm", ""),
    ],
)
def test_unit_of_sizes(heading, factor, unit, why):
    frame = LESIONS.rename(columns={"diameter_mm": heading})
    frame[heading] = frame[heading] * factor
    found = guessed(frame, "lesions")["diameter_mm"]
    assert found.unit == unit
    assert why in found.reason


@pytest.mark.parametrize(
    ("heading", "unit"),
    [("OS (months)", "months"), ("OS_months", "months"), ("OS", "months"), ("OS [years]", "years")],
)
def test_unit_of_times(heading, unit):
    frame = PATIENTS.rename(columns={"os_days": heading})
    frame[heading] = frame[heading] / {"months": 30.4375, "years": 365.25}[unit]
    assert guessed(frame, "patients")["os_days"].unit == unit


def test_censoring_is_pointed_out():
    found = guessed(PATIENTS.rename(columns={"os_event": "OS_CNSR"}), "patients")["os_event"]
    assert found.inverted
    assert found.confidence == "unsure"
    assert "1 means censored" in found.reason


def test_tables_are_told_apart_in_either_order():
    lesions = from_frame(LESIONS.rename(columns={"patient_id": "Subject"}), "a")
    patients = from_frame(PATIENTS.rename(columns={"patient_id": "Subject"}), "b")
    assert guess_tables([lesions, patients]) == (0, 1)
    assert guess_tables([patients, lesions]) == (1, 0)
    assert guess_tables([lesions]) == (0, None)


def test_two_files_with_foreign_columns_give_the_cohort_of_the_own_ones():
    lesions = LESIONS.rename(columns={"patient_id": "USUBJID", "day": "ADY", "diameter_mm": "size"})
    lesions["size"] = lesions["size"] / 10
    patients = PATIENTS.rename(columns={"patient_id": "subject", "os_event": "CNSR", "arm": "TRT"})
    patients["CNSR"] = 1 - patients["CNSR"]
    patients["os_days"] = patients["os_days"] / 7
    chosen = Chosen(
        {
            **{"patient_id": "USUBJID", "lesion_id": "lesion_id", "day": "ADY"},
            **{
                "diameter_mm": "size",
                "site": "site",
                "visit": "visit",
                "lesion_type": "lesion_type",
            },
        },
        {"diameter_mm": "cm", "day": "days"},
    )
    own = {
        name: name for name in ("trial", "os_days", "pfs_days", "pfs_event", "progressed", "kras")
    }
    other = Chosen(
        {**own, "patient_id": "subject", "os_event": "CNSR", "arm": "TRT"},
        {"os_days": "weeks"},
        {"os_event": "0"},
    )
    first, second, options = prepare(
        (from_frame(lesions, "lesions"), chosen),
        (from_frame(patients, "patients"), other),
        ReadOptions(),
    )
    found, expected = build_cohort(first, second, options), cohort_from_frames(LESIONS, PATIENTS)
    pd.testing.assert_frame_equal(found.measurements, expected.measurements)
    pd.testing.assert_frame_equal(
        found.patients[["os_days", "os_event", "arm"]],
        expected.patients[["os_days", "os_event", "arm"]],
    )
    said = "\n".join(notice.text for notice in found.notices)
    n = int(LESIONS["diameter_mm"].notna().sum())
    assert f"{n} values multiplied by 10 (cm to mm), as chosen." in said
    assert "multiplied by 7 (weeks to days)" in said
    assert "cells '0' read as 1" in said
    assert "heading 'subject' is read as patient_id" in said


def test_a_column_not_chosen_is_not_read_even_under_its_own_name():
    own = {name: name for name in ("patient_id", "lesion_id", "day", "diameter_mm")}
    first, _, options = prepare((from_frame(LESIONS, "lesions"), Chosen(own)), None, ReadOptions())
    cohort = build_cohort(first, None, options)
    assert "site" not in cohort.columns
    assert any("not read, as chosen" in notice.text for notice in cohort.notices)


def test_cells_that_are_no_numbers_stay_for_the_checks():
    raw = from_frame(pd.DataFrame({"id": list("abcd"), "x": ["1,5", "large", "-9", None]}), "t")
    chosen = Chosen({"diameter_mm": "x"}, {"diameter_mm": "cm"})
    options = ReadOptions(decimal=",", missing=("-9",))
    first, _, _ = prepare((raw, chosen), None, options)
    assert first.frame["x"].tolist() == [15.0, "large", "-9", None]
    assert raw.frame["x"].tolist() == ["1,5", "large", "-9", None]


def test_words_of_a_flag():
    raw = from_frame(pd.DataFrame({"id": list("abcd"), "dead": ["Y", "N", None, "ND"]}), "t")
    assert distinct_texts(raw, "dead") == ("N", "ND", "Y")
    chosen = Chosen({"os_event": "dead"}, yes={"os_event": "Y"})
    pairs = (raw, Chosen()), (raw, chosen)
    _, second, _ = prepare(*pairs, ReadOptions(missing=("ND",)))
    assert second is not None
    assert second.frame["dead"].tolist() == [1, 0, None, "ND"]


def test_one_and_zero_are_the_same_however_they_are_written():
    raw = from_frame(pd.DataFrame({"id": list("abcde"), "f": ["1.0", "0.0", 1, 0.0, True]}), "t")
    assert distinct_texts(raw, "f") == ("0", "1")


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (Chosen({"day": "nowhere"}), "no column 'nowhere'"),
        (Chosen({"day": "day", "visit": "day"}), "chosen for day and visit"),
        (Chosen({"day": "day"}, {"day": "hours"}), "permitted: days, weeks, months, years"),
        (Chosen({"arm": "day"}), "'arm': permitted"),
    ],
)
def test_what_cannot_be_read_is_refused(chosen, words):
    with pytest.raises(UsageError, match=words):
        prepare((from_frame(LESIONS, "lesions"), chosen), None, ReadOptions())


def test_the_template_is_a_cohort_and_says_what_its_columns_are():
    first, second = (
        read_bytes(f"{name}.csv", template_csv(name)) for name in ("lesions", "patients")
    )
    assert len(build_cohort(first, second).patients) == 1
    book = openpyxl.load_workbook(io.BytesIO(template_workbook()))
    assert book.sheetnames == ["lesions", "patients", "columns"]
    assert ("lesions", "diameter_mm", "mm") in {row[:3] for row in book["columns"].values}
