"""Lesion and patient tables of named patients, groups, and what a permutation must not change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions, load_definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.groups import pool_sites, quantile_groups, site_order
from lesionhet.study import build_study

DAYS = (0, 56, 112)
SIZES = {
    # total 100, 95, 92: stable; A responds, B grows
    ("mixed", "A", "liver"): (50, 30, 25),
    ("mixed", "B", "lung"): (50, 65, 67),
    # the total is the lesion
    ("single", "A", "liver"): (40, 20, 20),
    # total 60, 33, 36: responds and stays; both do
    ("alike", "A", "liver"): (30, 16, 18),
    ("alike", "B", None): (30, 17, 18),
    # the total of a patient whose lesions were never measured together again is missing
    ("apart", "A", "bone"): (30, 30, None),
    ("apart", "B", "bone"): (30, None, 30),
}


def _tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = [
        (patient, lesion, day, size, site)
        for (patient, lesion, site), sizes in SIZES.items()
        for day, size in zip(DAYS, sizes, strict=True)
    ]
    lesions = pd.DataFrame(rows, columns=["patient_id", "lesion_id", "day", "diameter_mm", "site"])
    patients = pd.DataFrame(
        {
            "patient_id": ["mixed", "single", "alike", "apart"],
            "arm": ["x", "y", "x", "y"],
            "gower": [9.0, 9.0, 9.0, 9.0],
        }
    )
    return lesions, patients


def _study(**changes: Any) -> Any:
    return build_study(cohort_from_frames(*_tables()), Definitions(**changes))


def test_lesions_are_compared_with_the_total_burden() -> None:
    lesions = _study().lesions.set_index(["patient_id", "lesion_id"])

    found = lesions["inconsistent"].to_dict()

    assert found[("mixed", "A")] == 1
    assert found[("mixed", "B")] == 1
    assert found[("single", "A")] == 0
    assert found[("alike", "A")] == found[("alike", "B")] == 0
    assert np.isnan(found[("apart", "A")])


def test_the_patient_table_holds_the_total_burden_by_hand() -> None:
    patients = _study().patients.set_index("patient_id")

    mixed = patients.loc["mixed"]
    assert (mixed["n_lesions"], mixed["baseline_sum_mm"], mixed["n_inconsistent"]) == (2, 100, 2)
    assert mixed[["response", "stable", "relapse"]].tolist() == [0, 1, 0]
    assert (mixed["nadir_ratio"], mixed["last_ratio"]) == (0.92, 0.92)
    # flags of A 1 1 0 and B 0 0 1, ratios apart by their whole range: distance 1, halved by self
    assert mixed["gower"] == pytest.approx(0.5)
    assert patients.loc["single", "gower"] == 0
    apart = patients.loc["apart"]
    assert apart[["response", "nadir_ratio", "n_inconsistent"]].isna().all()


def test_columns_of_the_patients_table_never_replace_ours() -> None:
    patients = _study().patients

    assert (patients["gower_given"] == 9).all()
    assert patients["gower"].max() <= 1
    assert list(patients["arm"]) == ["x", "x", "x", "y"] or set(patients["arm"]) == {"x", "y"}


@pytest.mark.parametrize("preset", ["paper2021", "unbiased", "recist11"])
def test_permuting_the_rows_of_the_input_changes_nothing(preset: str) -> None:
    definitions = load_definitions(preset)
    lesions, patients = _tables()
    shuffled = cohort_from_frames(
        lesions.sample(frac=1, random_state=1), patients.sample(frac=1, random_state=2)
    )

    first, second = (
        build_study(cohort_from_frames(lesions, patients), definitions),
        build_study(shuffled, definitions),
    )

    pd.testing.assert_frame_equal(first.lesions, second.lesions)
    pd.testing.assert_frame_equal(first.patients, second.patients)


def test_rare_sites_are_pooled_and_a_missing_site_stays_missing() -> None:
    study = _study(site_min_lesions=3)

    groups = study.lesions.set_index(["patient_id", "lesion_id"])["site_group"]
    assert groups[("mixed", "A")] == "liver"
    assert groups[("mixed", "B")] == groups[("apart", "A")] == "other"
    assert pd.isna(groups[("alike", "B")])
    assert study.sites == ("liver", "other")


def test_sites_are_ordered_by_lesions_with_other_last() -> None:
    sites = pd.Series(["b", "a", "a", "c", "c", *["d"] * 5, "e", "e", "e"])

    pooled = pool_sites(sites, 2)

    assert site_order(pooled) == ("d", "e", "a", "c", "other")


def test_a_patient_who_is_not_there_cannot_be_chosen() -> None:
    with pytest.raises(UsageError, match="nobody"):
        build_study(cohort_from_frames(*_tables()), chosen=("mixed", "nobody"))


def test_quantile_groups_count_ties_at_the_cut_offs() -> None:
    values = pd.Series([0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0, np.nan])

    groups = quantile_groups(values, 0.25, 0.75)

    # type 7: the 25% quantile of 7 values is the 2.5th, 0; the 75% the 5.5th, 2.5
    assert (groups.low_cut, groups.high_cut) == (0.0, 2.5)
    assert groups.labels.tolist() == [*["low"] * 3, "medium", "medium", "high", "high", None]
    assert groups.ties == 2
    assert "2 values are tied" in groups.remark("Groups")


@pytest.mark.parametrize("values", [[1.0, 1.0, 1.0], [1.0], []])
def test_values_that_cannot_be_cut_are_refused(values: list[float]) -> None:
    with pytest.raises(NotEstimableError):
        quantile_groups(pd.Series(values, dtype=float), 0.25, 0.75)
