"""Plans: who is compared with whom, from a file or from the command line."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lesionhet.analyses import ledger
from lesionhet.analyses.parts.comparison import marker_groups, need_patients
from lesionhet.cohort import cohort_from_frames
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.plan import Plan, load_plan, match_labels, with_contrasts
from lesionhet.study import build_study

FILE = """
organs = ["Leber", "Lunge"]

[[contrasts]]
key = "3"
name = "Neu"
treated = ["A"]
control_name = "Alt"
control = ["B", "C"]

[marker]
name = "BRAF"
column = "braf"
positive = "1"
negative = "0"
drug = "X"
with_drug = ["A"]
without_drug = ["B"]
"""


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(FILE, encoding="utf-8")

    plan = load_plan(str(path))

    assert plan.organs == ("Leber", "Lunge")
    assert (plan.contrasts[0].treated, plan.contrasts[0].control) == (("A",), ("B", "C"))
    assert plan.targeted is None
    assert plan.marker is not None
    assert plan.marker.column == "braf"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("control = ", "controls = "), "lacks control"),
        (('name = "Neu"', 'name = "Neu"\ncolour = "red"'), "unknown ['colour']"),
        (('treated = ["A"]', "treated = 3"), "a list of names is expected"),
        (('treated = ["A"]', 'treated = ["b"]'), "has b on both sides"),
        (('treated = ["A"]', "treated = []"), "at least one arm"),
        (('name = "Neu"', 'name = "C"'), "like its other side"),
        (("organs", "orgns"), "unknown ['orgns']"),
        (("[marker]", "[marker"), "not a readable TOML file"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(
    change: tuple[str, str], message: str, tmp_path: Path
) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(FILE.replace(*change, 1), encoding="utf-8")

    with pytest.raises(UsageError) as caught:
        load_plan(str(path))

    assert message in str(caught.value)


def test_neither_preset_nor_file() -> None:
    with pytest.raises(UsageError, match="neither the preset 'colorectal2021' nor a file"):
        load_plan("colorectal2022")


def test_contrasts_of_the_command_line_never_share_an_id() -> None:
    given = [f"New {n}: arm {n} vs old" for n in range(6)]

    plan = with_contrasts(load_plan(), given)

    ids = [analysis.id for analysis in ledger(plan)]
    assert len(set(ids)) == len(ids)
    assert {"3A", "4A", "C3A", "C6F"} <= set(ids)


@pytest.mark.parametrize("text", ["A vs B", "X: A", "X: vs B", "X: A vs ", ": A vs B"])
def test_a_contrast_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="permitted is 'NAME: ARM"):
        with_contrasts(Plan(), [text])


def test_a_contrast_named_like_its_control_is_refused() -> None:
    with pytest.raises(UsageError, match="like its other side"):
        with_contrasts(Plan(), ["control: A vs B"])


def test_ids_that_a_plan_would_make_twice_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(FILE.replace('key = "3"', 'key = "5"'), encoding="utf-8")

    with pytest.raises(UsageError, match="5A, 5B, 5C twice"):
        ledger(load_plan(str(path)))


def test_labels_match_whatever_their_case_and_keep_the_cohorts_spelling() -> None:
    assert match_labels(["LIVER", "lung", "bone"], ["Liver", "lung"], "site") == ("Liver", "lung")
    with pytest.raises(NotEstimableError, match="there are: 'Leber'"):
        match_labels(["liver"], ["Leber"], "site")


@pytest.mark.parametrize("values", [[0, 1, None, 0], ["0", "1", None, "0"]])
def test_a_marker_may_be_coded_as_numbers(values: list[object], tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(FILE, encoding="utf-8")
    patients = pd.DataFrame({"patient_id": list("pqrs"), "braf": values})
    lesions = pd.DataFrame(
        {
            "patient_id": [p for p in "pqrs" for _ in (0, 1)],
            "lesion_id": "L",
            "day": [0, 56] * 4,
            "diameter_mm": [20.0, 10.0] * 4,
        }
    )
    plan = load_plan(str(path))
    study = build_study(cohort_from_frames(lesions, patients), plan=plan)
    assert plan.marker is not None

    states, order = marker_groups(study, plan.marker)

    assert order == ("0", "1")
    assert states.dropna().to_dict() == {"p": "0", "q": "1", "s": "0"}


def test_groups_with_fewer_than_two_patients_are_named() -> None:
    group = pd.Series(["a", "a", "a", "b", "b"])
    patient = pd.Series(["p", "q", "q", "r", "r"])

    need_patients(group, patient, ["a"])
    with pytest.raises(NotEstimableError, match=r"'b' has 1, 'c' has 0"):
        need_patients(group, patient, ["a", "b", "c"])
