"""Order of progression: by hand, by other routes, and in both languages."""

from __future__ import annotations

import itertools
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statistics_helpers import answer
from timed_helpers import assert_agree, both
from twins_helpers import OPTIONS, random_cohort, random_tables

from lesionhet import requests
from lesionhet.analyses.reviewer.order import ANALYSES
from lesionhet.analyses.reviewer.order_first import ALL, TWO
from lesionhet.analyses.reviewer.order_survival import NOT_YET, from_landmark, from_progression
from lesionhet.analyses.run import run_analysis
from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.definitions import Definitions
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.readers import ReadOptions
from lesionhet.sequence.order import (
    first_organs,
    pair_order,
    progressions_until,
    second_organs,
)
from lesionhet.simulate import simulate_trial
from lesionhet.study import build_study

COLUMNS = ["patient_id", "lesion_id", "site", "day", "diameter_mm", "lesion_type"]


@pytest.fixture(scope="module")
def trial() -> Cohort:
    made = simulate_trial(n_patients=300, seed=8)
    return cohort_from_frames(made.lesions, made.patients)


def _cohort(rows: list[tuple[object, ...]]) -> Cohort:
    """Give a cohort of rows of target lesions (patient, lesion, site, sizes by day) and of new ones."""
    table = [
        (patient, lesion, site, day, size, kind)
        for patient, lesion, site, sizes, kind in rows
        for day, size in sizes.items()
    ]
    return cohort_from_frames(pd.DataFrame(table, columns=COLUMNS))


def _by_hand() -> Cohort:
    """Four patients whose order is plain.

    P: the liver (two lesions) falls from 60 to 40 mm and is 48 mm, 20% above, at day 150; the lung is 50%
    above at day 100. Q: both at day 50, scanned on two days of one assessment. R: the liver never, a new
    lesion in bone at day 60, two days after the scan, and known from then on. S: nothing.
    """
    target, new = "target", "new"
    return _cohort(
        [
            ("P", "A", "liver", {0: 40, 50: 20, 100: 20, 150: 28}, target),
            ("P", "B", "liver", {0: 20, 50: 20, 100: 20, 150: 20}, target),
            ("P", "C", "lung", {0: 10, 50: 10, 100: 15, 150: 20}, target),
            ("Q", "A", "liver", {0: 10, 50: 13}, target),
            ("Q", "B", "lung", {0: 10, 52: 13}, target),
            ("R", "A", "liver", {0: 30, 58: 30, 120: 28}, target),
            ("R", "N", "bone", {60: 8, 120: 9}, new),
            ("S", "A", "liver", {0: 30, 58: 30}, target),
            ("S", "B", "lung", {0: 30, 58: 20}, target),
        ]
    )


def test_progressions_by_hand() -> None:
    organs = progressions_until(_by_hand(), Definitions()).organs

    found = organs.set_index(["patient_id", "site"])[
        ["followed", "last_day", "new", "day", "place"]
    ]
    nan = np.nan
    expected = {
        ("P", "liver"): [1, 150, 0, 150, 2],
        ("P", "lung"): [1, 150, 0, 100, 1],
        ("Q", "liver"): [1, 52, 0, 52, 1],
        ("Q", "lung"): [1, 52, 0, 52, 1],
        ("R", "bone"): [0, 60, 1, 60, 1],
        ("R", "liver"): [1, 120, 0, nan, nan],
        ("S", "liver"): [1, 58, 0, nan, nan],
        ("S", "lung"): [1, 58, 0, nan, nan],
    }
    assert list(found.index) == list(expected)
    np.testing.assert_array_equal(found.to_numpy(dtype=float), list(expected.values()))


def test_the_baseline_as_reference_and_a_least_increase() -> None:
    for changes, days in (
        ({"relapse_reference": "baseline"}, {"lung": 100.0}),
        ({"relapse_min_increase_mm": 6.0}, {"liver": 150.0, "lung": 150.0}),
        ({"relapse_threshold": 1.6}, {"lung": 150.0}),
    ):
        organs = progressions_until(_by_hand(), Definitions(**changes)).organs
        own = organs[(organs["patient_id"] == "P") & organs["day"].notna()]
        assert dict(zip(own["site"], own["day"], strict=True)) == days


def test_first_and_second_organ_and_pairs_by_hand() -> None:
    organs = progressions_until(_by_hand(), Definitions()).organs

    first = first_organs(organs, ("liver", "lung"))
    assert first["first"].to_dict() == {"P": "lung", "Q": "several at once", "R": "another organ"}
    assert first["which"].to_dict() == {"P": "lung", "Q": "liver + lung", "R": "bone"}
    second = second_organs(organs, ("liver", "lung"))
    assert second[["first", "second"]].to_numpy().tolist() == [
        ["lung", "liver"],
        ["several at once", "none seen"],
    ]
    pair = pair_order(organs, "liver", "lung")
    assert pair["order"].to_dict() == {"P": "lung first", "Q": "on one day", "S": "neither"}
    other_way = pair_order(organs, "lung", "liver")
    np.testing.assert_array_equal(other_way["sign"], -pair["sign"])


def test_an_organ_no_longer_followed_leaves_the_order_unknown() -> None:
    cohort = _cohort(
        [
            ("P", "A", "liver", {0: 10, 50: 10}, "target"),
            ("P", "B", "lung", {0: 10, 50: 10, 100: 15}, "target"),
            ("Q", "A", "liver", {0: 10, 50: 10, 100: 10}, "target"),
            ("Q", "B", "lung", {0: 10, 50: 10, 100: 15}, "target"),
        ]
    )
    pair = pair_order(progressions_until(cohort, Definitions()).organs, "liver", "lung")

    assert pair["order"].to_dict() == {"P": "not known", "Q": "lung first"}


def test_a_new_lesion_after_the_last_scan_stands_for_itself() -> None:
    cohort = _cohort(
        [
            ("P", "A", "liver", {0: 10, 50: 10}, "target"),
            ("P", "N", "bone", {90: 5}, "new"),
            ("P", "M", "lung", {57: 5}, "new"),
            ("P", "Z", "skin", {0: 5}, "new"),
            ("P", "Y", "skin", {40: 0}, "new"),
        ]
    )
    organs = progressions_until(cohort, Definitions()).organs

    days = organs.set_index("site")["day"].dropna().to_dict()
    assert days == {"bone": 90.0, "lung": 57.0}


def _assessed_twice() -> Cohort:
    """One patient, scanned on days 50 and 52 of one assessment and on day 100; five new lesions."""
    seen = {"early": 20, "before": 45, "between": 51, "after": 60, "far": 75}
    return _cohort(
        [
            ("P", "A", "liver", {0: 10, 50: 10, 100: 10}, "target"),
            ("P", "B", "lung", {0: 10, 52: 10, 100: 10}, "target"),
            *(("P", site, site, {day: 5}, "new") for site, day in seen.items()),
        ]
    )


def test_a_new_lesion_joins_a_near_assessment_and_is_never_known_before_it_is_seen() -> None:
    organs = progressions_until(_assessed_twice(), Definitions(visit_window_days=14)).organs

    days = organs.set_index("site")["day"].dropna().to_dict()
    assert days == {"early": 20, "before": 52, "between": 52, "after": 60, "far": 75}


@pytest.mark.r
def test_r_dates_new_lesions_alike() -> None:
    for window in (0, 3, 14, 30):
        definitions = Definitions(visit_window_days=window)
        assert_agree(both(requests.progression_order(_assessed_twice(), definitions)))


@settings(max_examples=20)
@given(seed=st.integers(0, 500))
def test_no_organ_progresses_before_what_shows_it_is_seen(seed: int) -> None:
    lesions, patients = random_tables(seed, 6)
    cohort = cohort_from_frames(lesions, patients, ReadOptions(allow_jumps=True))
    organs = progressions_until(cohort, Definitions(**OPTIONS[seed % len(OPTIONS)])).organs

    rows = cohort.rows
    new = rows[(rows["lesion_type"] == "new") & (rows["diameter_mm"] > 0) & (rows["day"] > 0)]
    seen = new.groupby(["patient_id", "site"])["day"].min()
    by_new = organs[organs["new"] == 1].set_index(["patient_id", "site"])["day"]
    assert (by_new >= seen.reindex(by_new.index)).all()


def test_who_cannot_be_placed_is_counted() -> None:
    cohort = _cohort(
        [
            ("P", "A", None, {0: 10, 50: 10}, "target"),
            ("Q", "A", "liver", {0: 10, 50: 10}, "target"),
            ("Q", "B", "lung", {0: 10, 50: 10}, "target"),
            ("Q", "C", "lung", {0: 10, 100: 10}, "target"),
            ("Q", "N", None, {50: 4}, "new"),
        ]
    )
    found = progressions_until(cohort, Definitions())

    assert set(found.organs["site"]) == {"liver"}
    assert found.left_out == {"unknown_site": 1, "not_whole": 1, "new_without_site": 1}


@settings(max_examples=6)
@given(seed=st.integers(0, 40), extra=st.integers(0, 10_000))
def test_later_scans_do_not_change_what_is_known_at_a_day(seed: int, extra: int) -> None:
    day = 90.0
    lesions, patients = random_tables(seed, 6)
    # Where a lesion lies is known from the beginning, whichever of its rows names it.
    site = lesions.groupby(["patient_id", "lesion_id"])["site"].transform("first")
    lesions = lesions.assign(site=site)
    rng = np.random.default_rng(extra)
    later = lesions.sample(frac=0.6, random_state=extra)
    later = later.drop_duplicates(["patient_id", "lesion_id"]).assign(
        day=lambda rows: day + rng.uniform(0.5, 300, len(rows)),
        diameter_mm=lambda rows: rng.choice([0.0, 3.0, 90.0], len(rows)),
    )
    until = lesions[lesions["day"] <= day]
    options = ReadOptions(allow_jumps=True)
    one, other = (
        cohort_from_frames(rows, patients, options)
        for rows in (lesions, pd.concat([until, later], ignore_index=True))
    )
    definitions = Definitions(**OPTIONS[seed % len(OPTIONS)])
    try:
        first, second = (progressions_until(cohort, definitions, day) for cohort in (one, other))
    except NotEstimableError:
        return
    known = ["patient_id", "site", "day", "place"]
    pd.testing.assert_frame_equal(first.organs[known], second.organs[known])


def test_the_sign_test_by_the_binomial_distribution() -> None:
    """Nine against two: P is twice the upper tail of binomial(11, 1/2), 67 / 2048 each way."""
    signs = [1] * 9 + [-1] * 2 + [0] * 5 + [None]

    found = answer(requests.sign_test(signs))

    tail = sum(comb(11, k) for k in range(9, 12)) / 2**11
    assert tail == 67 / 2048
    assert found.value("p_value") == pytest.approx(2 * tail, rel=1e-12)
    assert found.value("estimate") == 9 / 11
    assert found.to_frame("counts").to_numpy().tolist() == [[9, 5, 2]]
    assert found.left_out == {"sign missing": 1}
    mirrored = answer(requests.sign_test([-1 if s == 1 else 1 for s in signs if s in (1, -1)]))
    assert mirrored.value("conf_low") == pytest.approx(1 - found.value("conf_high"), rel=1e-10)
    with pytest.raises(NotEstimableError, match="3 row"):
        requests.sign_test([0, 0, 0])


def test_what_cannot_be_asked_is_refused(trial: Cohort) -> None:
    with pytest.raises(UsageError, match="0 or more"):
        requests.progression_order(trial, Definitions(), -1)
    with pytest.raises(UsageError, match="column site"):
        requests.progression_order(
            cohort_from_frames(trial.rows.drop(columns="site")), Definitions()
        )


@pytest.mark.parametrize("day", [np.inf, 150.0])
def test_the_engine_answers_what_the_cohort_shows(trial: Cohort, day: float) -> None:
    found = answer(requests.progression_order(trial, Definitions(), day))
    organs = progressions_until(trial, Definitions(), day).organs

    progressed = organs[organs["day"].notna()]
    names = {"patient_id": "patient", "site": "organ"}
    columns = ["patient", "organ", "day"]
    expected = progressed.rename(columns=names)[columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.to_frame(), expected, check_dtype=False)
    liver = organs[organs["site"] == "liver"]
    own = liver[liver["followed"] == 1]
    row = found.to_frame("organs").set_index("organ").loc["liver"]
    counts = [len(own), liver["day"].notna().sum(), liver["new"].sum()]
    assert row.tolist() == [*counts, own["day"].fillna(own["last_day"]).sum()]


@pytest.mark.r
@pytest.mark.parametrize("number", range(len(OPTIONS)))
def test_r_agrees_on_every_order(number: int) -> None:
    cohort, definitions = random_cohort(number + 70, 40), Definitions(**OPTIONS[number])
    for day in (np.inf, 80.0):
        assert_agree(both(requests.progression_order(cohort, definitions, day)))


@pytest.mark.r
def test_r_agrees_on_the_sign_test() -> None:
    rng = np.random.default_rng(5)
    for n in (1, 2, 7, 40, 300):
        assert_agree(both(requests.sign_test([*rng.choice([-1, 1, 1, 0], n).tolist(), 1])))


# In the report


def test_the_tables_count_what_the_organs_show(trial: Cohort) -> None:
    study = build_study(trial, Definitions(site_min_lesions=20))
    result = run_analysis(ANALYSES[0], study, engine("python"))

    organs = progressions_until(trial, Definitions()).organs
    first = organs[organs["place"] == 1].groupby("patient_id")["site"].agg(list)
    table = result.shown.tables["first"].set_index(["group", "level"])["count"]
    assert table[ALL, "liver"] == (first.map(lambda sites: sites == ["liver"])).sum()
    assert table[ALL, "several at once"] == (first.map(len) > 1).sum()
    assert table[ALL].sum() == len(first)
    assert table[TWO].sum() < table[ALL].sum()
    for row in result.shown.tables["pairs"].itertuples():
        one, other = row.organ_1, row.organ_2
        day = {
            site: organs[(organs["site"] == site) & (organs["followed"] == 1)].set_index(
                "patient_id"
            )["day"]
            for site in (one, other)
        }
        both_organs = organs[organs["site"].isin((one, other)) & (organs["followed"] == 1)]
        assert row.both_organs == (both_organs.groupby("patient_id").size() == 2).sum()
        parts = (row.first_named, row.on_one_day, row.second_named, row.neither, row.not_known)
        assert sum(parts) == row.both_organs
        assert row.on_one_day == (day[one] == day[other].reindex(day[one].index)).sum()
    assert "progresses first in" in result.shown.verdict


def test_survival_counts_from_the_day_of_progression_and_from_the_landmark(trial: Cohort) -> None:
    study = build_study(trial)
    patients = study.patients.set_index("patient_id")

    part = from_progression(study)
    rows = part.table.dropna(subset=["group", "time"]).set_index("patient_id")
    days = first_organs(progressions_until(trial, Definitions()).organs)["day"]
    expected = patients["os_days"].reindex(rows.index) - days.reindex(rows.index)
    np.testing.assert_array_equal(rows["time"], expected)
    assert (rows["time"] > 0).all()

    later = from_landmark(study, 168.0)
    rows = later.table.dropna(subset=["group", "time"]).set_index("patient_id")
    assert (patients["os_days"].reindex(rows.index) > 168).all()
    early = days.reindex(rows.index) <= 168
    assert ((rows["group"] != NOT_YET) == early).mean() > 0.97
    assert later.reference == NOT_YET


def test_every_analysis_answers_its_question(trial: Cohort) -> None:
    study = build_study(trial, Definitions(site_min_lesions=20))
    found = {a.id: run_analysis(a, study, engine("python")) for a in ANALYSES}

    assert {r.status for r in found.values()} == {"done"}
    assert "Median time to progression is" in found["ORDER-2"].shown.verdict
    told = found["ORDER-3"].shown.verdict
    terms = found["ORDER-3"].shown.tables["hazard_ratios"]
    terms = terms[terms["followed_from"] == "first progression"].set_index("term")
    clear = (terms["conf_low"] > 1) | (terms["conf_high"] < 1)
    single = clear.drop("several at once")
    assert single.any() == ("no single organ differs clearly from" not in told)
    for name in single.index:
        assert single[name] == (f"{terms.loc[name, 'hazard_ratio']:.2f} (" in told)
    verb = "differs" if clear["several at once"] else "does not differ clearly"
    assert f" {verb}: hazard ratio {terms.loc['several at once', 'hazard_ratio']:.2f} (" in told
    assert NOT_YET not in told
    ratios = found["ORDER-2"].shown.tables["hazard_ratios"]
    assert not np.allclose(ratios["std_error"], ratios["robust_error"], rtol=1e-3)
    assert set(found["ORDER-3"].shown.charts) == {"progression", "hazard_ratios"}
    texts = itertools.chain(*([*r.shown.remarks, r.shown.verdict] for r in found.values()))
    assert not [text for text in texts if "nan" in text.split()]


def test_one_organ_alone_is_told_so(trial: Cohort) -> None:
    rows = trial.rows.assign(site="liver")
    study = build_study(cohort_from_frames(rows, trial.patients))
    found = {a.id: run_analysis(a, study, engine("python")) for a in ANALYSES}

    assert {r.status for r in found.values()} == {"skipped"}
    assert "wo organs with a progression or more are needed" in found["ORDER-2"].reason
