"""Lesions in patients: clustered rank tests, mixed models, permutations within patients, Cox models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from clustered_helpers import PUBLISHED, lesion_rows, permuted_rank_sums, resampled_rank_sums
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter
from scipy import stats
from statistics_helpers import answer
from timed_helpers import assert_agree, both

from lesionhet import requests
from lesionhet.analyses.parts.lesion_comparisons import INDEPENDENT
from lesionhet.analyses.reviewer.cluster_tests import verdict
from lesionhet.analyses.reviewer.clusters import ANALYSES
from lesionhet.analyses.run import run_analysis
from lesionhet.cohort import cohort_from_frames
from lesionhet.definitions import Definitions
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.requests import Request
from lesionhet.simulate import simulate_trial
from lesionhet.study import Study, build_study
from lesionhet.validity import lesions as validity

RANK_TESTS = (requests.datta_satten, requests.rosner_glynn_lee)


def grouped(ask: Any, rows: pd.DataFrame, group: str = "group", **options: Any) -> Request[Any]:
    return ask(rows["values"], rows[group], rows["patient"], **options)


def mixed(rows: pd.DataFrame, *names: str) -> Request[Any]:
    return requests.mixed_model(rows["values"], rows[list(names)], rows["patient"])


def cox(rows: pd.DataFrame, *names: str, **options: Any) -> Request[Any]:
    return requests.clustered_cox(
        rows["time"], rows["event"], rows[list(names)], rows["patient"], **options
    )


# Datta & Satten


def test_the_authors_example() -> None:
    """Printed there: S 0.921875, E(S) 0.8333333, Var(S) 0.0056293, z 1.180105, P 0.2379586."""
    found = answer(grouped(requests.datta_satten, PUBLISHED))

    row = found.to_frame("groups").iloc[1]
    assert row["rank_sum"] == pytest.approx(0.921875, abs=1e-12)
    assert row["expected"] == pytest.approx(0.8333333, abs=5e-8)
    assert row["variance"] == pytest.approx(0.0056293, abs=5e-8)
    assert np.sqrt(found.value("statistic")) == pytest.approx(1.180105, abs=5e-7)
    assert found.value("p_value") == pytest.approx(0.2379586, abs=5e-8)


@pytest.mark.parametrize(("seed", "groups"), [(1, 2), (2, 3)])
def test_rank_sums_are_the_mean_over_all_draws(seed: int, groups: int) -> None:
    rows = lesion_rows(seed, 5, groups).groupby("patient").head(3)
    table = answer(grouped(requests.datta_satten, rows)).to_frame("groups")

    patients = rows["patient"].nunique()
    np.testing.assert_allclose(
        table["rank_sum"], resampled_rank_sums(rows) / (patients + 1), rtol=1e-12
    )


def test_lesions_that_repeat_each_other_change_nothing() -> None:
    """Three times the same lesions are no more patients: the naive P falls, the clustered one stays."""
    rows = lesion_rows(3, 30, 2)
    rows["values"] += 0.3 * (rows["group"] == "g2")
    more = pd.concat([rows] * 3, ignore_index=True)

    one, three = (answer(grouped(requests.datta_satten, data)) for data in (rows, more))
    naive = [
        answer(requests.mann_whitney(data["values"], data["group"])).value("p_value")
        for data in (rows, more)
    ]

    assert three.value("p_value") == pytest.approx(one.value("p_value"), rel=1e-10)
    assert naive[1] < naive[0] / 2


def test_pairs_are_tests_of_two_groups_alone() -> None:
    rows = lesion_rows(4, 50, 4)
    pairs = answer(grouped(requests.datta_satten, rows)).to_frame("pairs")

    assert len(pairs) == 6
    for pair in pairs.itertuples():
        two = answer(grouped(requests.datta_satten, rows, order=[pair.group_1, pair.group_2]))
        assert pair.p_value == pytest.approx(two.value("p_value"), rel=1e-9)
        assert pair.p_adjusted == pytest.approx(min(1, 6 * pair.p_value), rel=1e-12)
        moves = two.to_frame("groups").eval("rank_sum - expected").iloc[1]
        assert np.sign(pair.statistic) == np.sign(moves)
    two_groups = answer(grouped(requests.datta_satten, rows, "arm"))
    assert two_groups.to_frame("pairs").empty


def test_a_pair_in_one_patient_is_missing(each_engine: Any) -> None:
    """Groups b and c are in the same patient only."""
    values = [1.0, 2, 8, 4, 5, 6, 7, 3, 9, 0]
    request = requests.datta_satten(values, list("aaaaaaaabc"), list("pqrspqrsxx"))

    pairs = each_engine.answer(request).to_frame("pairs")

    assert pairs["statistic"].notna().tolist() == [True, True, False]
    assert pairs["p_adjusted"].notna().tolist() == [True, True, False]


# Rosner, Glynn & Lee


@pytest.mark.parametrize(
    ("patients", "groups"),
    [
        ("aabbcc", "xyxxyy"),
        ("aaabbbcc", "xxyxyyxy"),
        ("aabbccd", "xxyyxyx"),
        ("aabbcd", "xyzxyz"),
        ("abcdef", "xxyyzz"),
    ],
)
def test_moments_are_those_of_all_permutations(patients: str, groups: str) -> None:
    rows = pd.DataFrame(
        {
            "values": [1.0, 5, 3, 3, 9, 2, 7, 4][: len(groups)],
            "group": list(groups),
            "patient": list(patients),
        }
    )
    every = permuted_rank_sums(rows)
    difference = rows["values"].rank().groupby(rows["group"]).sum() - every.mean(axis=0)
    covariance = np.atleast_2d(np.cov(every.T, bias=True))

    found = answer(grouped(requests.rosner_glynn_lee, rows))

    table = found.to_frame("groups")
    np.testing.assert_allclose(table["expected"], every.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(table["variance"], np.diag(covariance), rtol=1e-12)
    by_hand = difference @ np.linalg.pinv(covariance, rcond=1e-10) @ difference
    assert found.value("statistic") == pytest.approx(by_hand, rel=1e-9)


def test_groups_of_patients_have_the_variance_of_2003() -> None:
    """Rosner, Glynn & Lee (2003): m (N - m) / (N (N - 1)) sum (R_i - R)^2 for each size."""
    rows = lesion_rows(5, 40)
    ranks = rows["values"].rank()
    by_patient = rows.assign(rank=ranks).groupby("patient")
    table = by_patient.agg(total=("rank", "sum"), size=("rank", "size"), arm=("arm", "first"))
    variance = 0.0
    for _, own in table.groupby("size"):
        n, m = len(own), (own["arm"] == "new").sum()
        if n > 1:
            squares = ((own["total"] - own["total"].mean()) ** 2).sum()
            variance += m * (n - m) / (n * (n - 1)) * squares

    found = answer(grouped(requests.rosner_glynn_lee, rows, "arm")).to_frame("groups")

    np.testing.assert_allclose(found["variance"], variance, rtol=1e-12)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), groups=st.integers(2, 5))
def test_with_one_lesion_a_patient_it_is_kruskal_wallis(seed: int, groups: int) -> None:
    rows = lesion_rows(seed, 40, groups).drop_duplicates("patient")
    plain = answer(requests.kruskal_wallis(rows["values"], rows["group"]))

    found = answer(grouped(requests.rosner_glynn_lee, rows))

    assert found.value("statistic") == pytest.approx(plain.value("statistic"), rel=1e-9)


@settings(max_examples=20)
@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 100))
def test_only_ranks_and_who_belongs_to_whom_count(seed: int, scale: float) -> None:
    rows = lesion_rows(seed, 20)
    other = rows.assign(
        values=np.exp(rows["values"] * scale / 30), patient="no. " + rows["patient"]
    )
    other = other.sample(frac=1, random_state=seed)

    for ask in RANK_TESTS:
        first, second = (answer(grouped(ask, data)).value("statistic") for data in (rows, other))
        assert second == pytest.approx(first, rel=1e-8, abs=1e-10)


# Mixed model


def test_balanced_data_by_hand() -> None:
    """Three patients, two lesions each: mean squares 6.5 between and 0.5 within give variance 3."""
    rows = pd.DataFrame(
        {"values": [1.0, 2, 4, 3, 6, 5], "patient": list("aabbcc"), "z": [0, 1] * 3}
    )
    between = 2 * np.var([1.5, 3.5, 5.5], ddof=1)
    # z explains 0.5 of the sum of squares within, 1.5: what is left has 2 degrees of freedom.
    residual = (1.5 - 6 * (1 / 6) ** 2) / 2
    model = answer(mixed(rows, "z")).to_frame("model").iloc[0]

    assert model["variance_lesions"] == pytest.approx(residual, rel=1e-9)
    assert model["variance_patients"] == pytest.approx((between - residual) / 2, rel=1e-9)


@pytest.mark.parametrize(("seed", "correlation"), [(1, 0.5), (2, 0.2), (3, 0.8)])
def test_statsmodels_gives_the_same_model(seed: int, correlation: float) -> None:
    rows = lesion_rows(seed, 60, correlation=correlation)
    design = sm.add_constant(rows[["x", "z"]] - [40, 0])
    reml, ml, null = (
        sm.MixedLM(rows["values"], columns, groups=rows["patient"]).fit(reml=by_reml, gtol=1e-10)
        for columns, by_reml in ((design, True), (design, False), (design[["const"]], False))
    )

    found = answer(mixed(rows, "x", "z"))

    terms, model = found.to_frame("terms"), found.to_frame("model").iloc[0]
    np.testing.assert_allclose(terms["estimate"][1:], reml.fe_params.iloc[1:], rtol=1e-5)
    # statsmodels inverts the Hessian of all parameters together.
    np.testing.assert_allclose(terms["std_error"][1:], reml.bse_fe.iloc[1:], rtol=1e-2)
    assert model["variance_patients"] == pytest.approx(reml.cov_re.iloc[0, 0], rel=1e-4)
    assert model["variance_lesions"] == pytest.approx(reml.scale, rel=1e-4)
    assert model["log_likelihood"] == pytest.approx(ml.llf, abs=1e-5)
    assert model["log_likelihood_null"] == pytest.approx(null.llf, abs=1e-5)


def test_lesions_less_alike_than_by_chance_leave_no_variance_between(each_engine: Any) -> None:
    rows = pd.DataFrame(
        {
            "values": [0.0, 3, 1, 4, 0, 5, 1, 3],
            "patient": list("aabbccdd"),
            "x": [1, 2, 4, 3, 5, 1, 2, 2],
        }
    )
    fit = sm.OLS(rows["values"], sm.add_constant(rows[["x"]])).fit()

    found = each_engine.answer(mixed(rows, "x"))

    model = found.to_frame("model").iloc[0]
    assert (model["singular"], model["variance_patients"], model["intraclass_correlation"]) == (
        1,
        0,
        0,
    )
    np.testing.assert_allclose(found.to_frame()["estimate"], fit.params, rtol=1e-9)
    np.testing.assert_allclose(found.to_frame()["std_error"], fit.bse, rtol=1e-9)


def test_a_unit_changes_nothing_but_itself() -> None:
    rows = lesion_rows(9, 50)
    tenth = rows.assign(values=rows["values"] * 10, x=rows["x"] / 1000 + 7)

    first, second = (answer(mixed(data, "x", "z")) for data in (rows, tenth))

    for column in ("statistic", "p_value"):
        np.testing.assert_allclose(
            second.to_frame()[column][1:], first.to_frame()[column][1:], rtol=1e-8
        )
    assert second.value("intraclass_correlation", "model") == pytest.approx(
        first.value("intraclass_correlation", "model"), rel=1e-8
    )


# Permutation within patients


def test_two_patients_with_two_lesions_each() -> None:
    """The four ways to deal give H 0.6, 0, 0, 0.6: P is a half."""
    request = requests.permuted_within([1, 2, 3, 4], list("xyxy"), list("aabb"), permutations=3999)

    found = answer(request)

    assert found.value("statistic") == pytest.approx(0.6)
    assert found.value("p_value") == pytest.approx(0.5, abs=0.03)


def test_what_differs_between_patients_alone_is_not_seen() -> None:
    """Each patient's lesions are alike, so that dealing their groups out anew changes nothing."""
    rows = lesion_rows(2, 30)
    level = rows["patient"].str[1:].astype(float)

    found = answer(grouped(requests.permuted_within, rows.assign(values=level)))

    assert found.value("p_value") == 1


def test_a_difference_within_patients_is_seen() -> None:
    rows = lesion_rows(7, 60, 2, 0.9)
    moved = rows.assign(values=rows["values"] + (rows["group"] == "g2"))

    request = grouped(requests.permuted_within, moved, permutations=499)

    assert answer(request).value("p_value") == 1 / 500
    mixed_patients = rows.groupby("patient")["group"].nunique().gt(1).sum()
    assert answer(request).value("patients", "permuted") == mixed_patients


def test_first_keys_differ_and_follow_the_seed() -> None:
    rows = lesion_rows(1, 20)
    first, again, other = (
        grouped(requests.permuted_within, rows, seed=seed).data["key"] for seed in (1, 1, 2)
    )

    assert first.is_unique and first.between(1, 2**31 - 2).all()
    assert first.equals(again) and not first.equals(other)


# Cox model of lesions


def test_lifelines_gives_the_same_clustered_error() -> None:
    rows = lesion_rows(6, 60, tied=False)
    fit = CoxPHFitter().fit(
        rows[["time", "event", "x", "z", "patient"]], "time", "event", cluster_col="patient"
    )

    terms = answer(cox(rows, "x", "z")).to_frame("terms")

    np.testing.assert_allclose(terms["estimate"], fit.params_, rtol=1e-4)
    np.testing.assert_allclose(terms["robust_error"], fit.standard_errors_, rtol=1e-4)


def test_estimates_and_naive_errors_are_those_of_the_plain_model() -> None:
    rows = lesion_rows(8, 50)
    plain = answer(requests.cox(rows["time"], rows["event"], rows[["x", "z"]], rows["stratum"]))

    found = answer(cox(rows, "x", "z", strata=rows["stratum"]))

    for column in ("estimate", "std_error"):
        np.testing.assert_allclose(found.to_frame()[column], plain.to_frame()[column], rtol=1e-7)


# Beside R


@pytest.mark.r
@pytest.mark.parametrize("seed", range(4))
def test_r_gives_the_same_numbers(seed: int) -> None:
    rows = lesion_rows(
        seed, (12, 40, 150, 80)[seed], 2 + seed, (0.5, 0.0, 0.8, 0.2)[seed], tied=seed != 2
    )

    for ask in RANK_TESTS:
        for group in ("group", "arm"):
            assert_agree(both(grouped(ask, rows, group)))
    assert_agree(both(grouped(requests.permuted_within, rows, permutations=99)))
    assert_agree(both(mixed(rows, "x", "z")))
    assert_agree(both(cox(rows, "x", "z")))
    assert_agree(both(cox(rows, "x", strata=rows["stratum"])))


@pytest.mark.r
def test_r_gives_the_same_where_scales_are_far_apart() -> None:
    rows = lesion_rows(11, 30)

    assert_agree(
        both(mixed(rows.assign(x=rows["x"] * 1e7 + 1e9, values=rows["values"] * 1e-5), "x"))
    )


# Refused


@pytest.mark.parametrize("ask", [*RANK_TESTS, requests.permuted_within])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.assign(group="g1"), "2 or more groups"),
        (lambda r: r.assign(values=1.0), "values are equal"),
        (lambda r: r.assign(patient="p"), r"1 patient\(s\) for 3 groups"),
        (lambda r: r.iloc[:0], "No rows are left"),
    ],
)
def test_questions_without_an_answer_are_refused(ask: Any, change: Any, message: str) -> None:
    with pytest.raises(NotEstimableError, match=message):
        grouped(ask, change(lesion_rows(1)))


def test_groups_without_any_variance_are_refused(each_engine: Any) -> None:
    """Each patient has a lesion of each group, with the same values: no permutation, no deviation."""
    rows = pd.DataFrame(
        {"values": [1.0, 1, 2, 2, 3, 3], "group": list("xyxyxy"), "patient": list("aabbcc")}
    )
    for ask in RANK_TESTS:
        with pytest.raises(NotEstimableError, match="too few patients for the variance"):
            each_engine.answer(grouped(ask, rows))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.assign(patient=r.index), "no patient has two rows"),
        (lambda r: r.assign(patient="p" + (r.index % 3).astype(str)), "3 patients, needs 4"),
        (lambda r: r.assign(values=2.0), "values are equal"),
    ],
)
def test_mixed_models_without_an_answer_are_refused(change: Any, message: str) -> None:
    with pytest.raises(NotEstimableError, match=message):
        mixed(change(lesion_rows(1)), "x", "z")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r: r.assign(x=2 * r["z"] + 1), "Mixed model, covariate"),
        (lambda r: r.assign(x=5.0), "Mixed model, covariate 'x'"),
        (lambda r: r.assign(values=r["patient"].str[1:].astype(float)), "do not vary within"),
    ],
)
def test_engines_refuse_what_has_no_model(each_engine: Any, change: Any, message: str) -> None:
    with pytest.raises(NotEstimableError, match=message):
        each_engine.answer(mixed(change(lesion_rows(1)), "x", "z"))


def test_options_that_make_no_sense_are_refused() -> None:
    rows = lesion_rows(1)
    with pytest.raises(UsageError, match="19 or more"):
        grouped(requests.permuted_within, rows, permutations=10)
    with pytest.raises(UsageError, match="one covariate or more"):
        mixed(rows)
    with pytest.raises(UsageError, match="negative"):
        cox(rows.assign(time=-1.0), "x")
    with pytest.raises(NotEstimableError, match="nothing to permute"):
        grouped(requests.permuted_within, rows, "arm")


def test_rows_with_a_missing_value_are_counted() -> None:
    rows = lesion_rows(6)
    rows.loc[:4, "values"] = np.nan
    rows.loc[5:6, "patient"] = None

    request = grouped(requests.datta_satten, rows)

    assert request.left_out == {"values missing": 5, "cluster missing": 2}


# Analyses


@pytest.fixture(scope="module")
def study() -> Study:
    made = simulate_trial(n_patients=160, seed=3)
    definitions = Definitions(site_min_lesions=20)
    return build_study(cohort_from_frames(made.lesions, made.patients), definitions)


@pytest.fixture(scope="module")
def shown(study: Study) -> dict[str, Any]:
    return {a.id: run_analysis(a, study, engine("python")) for a in ANALYSES}


def test_each_analysis_answers_its_question(shown: dict[str, Any]) -> None:
    assert list(shown) == ["CLUSTER-1", "CLUSTER-2", "CLUSTER-3"]
    for result in shown.values():
        assert result.status == "done", result.reason
        assert result.shown.verdict.endswith(".")
        assert not result.shown.left_out


def test_the_tests_stand_side_by_side(study: Study, shown: dict[str, Any]) -> None:
    result = shown["CLUSTER-1"]
    table = result.shown.tables["tests"].set_index(["compared", "measure"])
    lesions = study.lesions
    naive = stats.kruskal(
        *(part.round(12) for _, part in lesions["gower"].groupby(lesions["site_group"]))
    )

    distance = table.loc[("sites", "Distance")]
    assert distance["p_value"] == pytest.approx(naive.pvalue, rel=1e-9)
    assert distance["p_clustered"] == result.answers["gower, sites_datta_satten"].value("p_value")
    assert distance["lesions"] == len(lesions)
    assert table["p_permuted"].notna().tolist() == [True] * 3 + [False] * 3
    assert (table["p_rosner_glynn_lee"] > 0).all()


def test_the_intervals_of_relapse_are_wider_where_lesions_are_clustered(
    shown: dict[str, Any],
) -> None:
    table = shown["CLUSTER-3"].shown.tables["hazard_ratios"]
    wider = np.log(table["clustered_high"] / table["clustered_low"])
    naive = np.log(table["naive_high"] / table["naive_low"])

    np.testing.assert_allclose(wider / naive, table["error_ratio"], rtol=1e-9)
    assert "p_value" not in table  # each P that is printed is one of a request
    assert table["error_ratio"].iloc[-1] > 1.2


def test_without_sites_and_arms_there_is_nothing_to_compare(study: Study) -> None:
    rows = study.cohort.measurements[["patient_id", "lesion_id", "day", "diameter_mm"]]
    bare = build_study(cohort_from_frames(rows))

    results = [run_analysis(a, bare, engine("python")) for a in ANALYSES]

    assert [r.status for r in results] == ["skipped"] * 3
    assert "the column site is missing" in results[0].reason
    assert "the column arm is missing" in results[0].reason


def test_the_clustered_p_stands_beside_the_published_one(study: Study) -> None:
    from lesionhet.analyses import ledger

    by_id = {a.id: a for a in ledger(study.plan)}
    for name, request, group in (
        ("S4", "nadir_ratio_datta_satten", ""),
        ("2G", "datta_satten", "x"),
    ):
        result = run_analysis(by_id[name], study, engine("python"))
        tests = result.shown.tables["kruskal_wallis" if group else "tests"]
        assert tests["p_clustered"].iloc[0] == result.answers[request].value("p_value")
        assert tests["p_clustered"].notna().all()
        assert INDEPENDENT in result.shown.remarks
    pairs = result.shown.tables["dunn"].set_index(["group_1", "group_2"])["p_clustered"]
    own = result.answers["datta_satten"].to_frame("pairs").set_index(["group_1", "group_2"])
    pd.testing.assert_series_equal(pairs, own["p_adjusted"], check_names=False)


@pytest.mark.parametrize(
    ("naive", "clustered", "text"),
    [
        (
            [0.01, 0.2],
            [0.4, 0.3],
            "The one comparison with P < 0.05 where each lesion counts as independent loses it",
        ),
        ([0.01, 0.02], [0.4, 0.03], "1 of the 2 comparisons"),
        ([0.01, 0.02], [0.04, 0.03], "All of the 2 comparisons"),
        ([0.2, 0.3], [0.4, 0.3], "There is none to lose"),
        ([0.2, 0.03], [0.04, 0.03], "1 more has it only so"),
        ([np.nan], [np.nan], "Cannot be said"),
    ],
)
def test_the_verdict_counts_what_remains(naive: Any, clustered: Any, text: str) -> None:
    rows = {"compared": "sites", "measure": "Distance", "p_value": naive, "p_clustered": clustered}

    assert text in verdict(pd.DataFrame(rows))


# Type I error


def test_naive_tests_reject_too_often_where_lesions_are_alike() -> None:
    draw = np.random.Generator(np.random.PCG64(1))
    data = list(validity._data_sets(60, 0.8, draw, informative=True))
    rejected = {
        name: sum(test(rows) < 0.05 for rows in data)
        for name, test in validity.TESTS.items()
        if name.startswith("arms: ") and "Cox" not in name
    }

    assert rejected["arms: Mann-Whitney, naive"] >= 15
    assert rejected["arms: Datta-Satten"] <= 8
    assert rejected["arms: Rosner-Glynn-Lee"] <= 8
    assert rejected["arms: mixed model"] <= 8


def test_rates_come_with_their_intervals_and_follow_the_seed() -> None:
    found, again = validity.lesion_tests(1, 5), validity.lesion_tests(1, 5)

    pd.testing.assert_frame_equal(found, again)
    assert len(found) == len(validity.TESTS) * 8
    assert set(found["rejected"]) <= {0, 1}
    np.testing.assert_allclose(found.loc[found["rejected"] == 0, "conf_high"], 0.975)
    with pytest.raises(UsageError, match="simulations is 0"):
        validity.lesion_tests(0, 1)
