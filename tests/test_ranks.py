"""Ranks, quantiles, distributions and dealt groups, beside plain loops and SciPy."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import interpolate, optimize, stats

from lesionhet.statistics.arrays import by_group, code_order, group_medians, term_columns
from lesionhet.statistics.clustered_rank import datta_satten, rosner_glynn_lee
from lesionhet.statistics.distributions import (
    binomial_tail,
    chi_square_tail,
    exact_interval,
    f_quantile,
    normal_quantile,
    two_sided,
)
from lesionhet.statistics.mixed import root_between
from lesionhet.statistics.multiplicity import benjamini_hochberg
from lesionhet.statistics.ranks import inversions, kendall_tau, ranked
from lesionhet.statistics.summary import describe, median_interval
from lesionhet.statistics.within import deal
from lesionhet.statistics.zph import natural_spline


@pytest.mark.parametrize("seed", range(20))
def test_ranks_inversions_and_kendall_by_every_pair(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 40))
    x, y = (rng.integers(0, int(rng.integers(2, 50)), n).astype(float) for _ in range(2))
    x[0], y[0] = x[1] + 1, y[1] + 1  # neither is constant
    found = ranked(x)
    np.testing.assert_array_equal(found.rank, stats.rankdata(x))
    np.testing.assert_array_equal(found.counts, np.unique(x, return_counts=True)[1])
    pairs = list(combinations(range(n), 2))
    assert inversions(y.astype(np.int64)) == sum(y[i] > y[j] for i, j in pairs)
    score = sum(np.sign((x[i] - x[j]) * (y[i] - y[j])) for i, j in pairs)
    untied = [sum(v[i] != v[j] for i, j in pairs) for v in (x, y)]
    assert kendall_tau(x, y).tau == pytest.approx(score / np.sqrt(untied[0] * untied[1]), abs=1e-14)
    p_value = stats.kendalltau(x, y, method="asymptotic").pvalue
    assert two_sided(kendall_tau(x, y).z) == pytest.approx(p_value, rel=1e-10)


def test_inversions_of_nothing_one_and_all() -> None:
    assert [inversions(np.array(v, dtype=np.int64)) for v in ([], [5], [0, 0], [3, 2, 1])] == [
        0,
        0,
        0,
        3,
    ]


@pytest.mark.parametrize("largest", [3, 70_000])
def test_groups_are_split_in_the_order_of_the_rows(largest: int) -> None:
    rng = np.random.default_rng(largest)
    group = np.r_[np.arange(1, largest + 1), rng.integers(1, largest + 1, 500)]
    np.testing.assert_array_equal(code_order(group), np.argsort(group, kind="stable"))
    data = pd.DataFrame({"values": rng.random(len(group)), "group": group})
    expected = data.groupby("group")["values"]
    assert [part.tolist() for part in by_group(data)[:3]] == [
        expected.get_group(code).tolist() for code in (1, 2, 3)
    ]
    np.testing.assert_array_equal(group_medians(data)["median"], expected.median())


def test_terms_are_counted_among_other_columns() -> None:
    assert term_columns(pd.DataFrame(columns=["x2", "time", "x1", "xx", "x", "1x1"])) == [
        "x1",
        "x2",
    ]


@pytest.mark.parametrize("n", [1, 2, 3, 6, 50, 301])
def test_moments_quantiles_and_exact_medians_equal_numpy_and_scipy(n: int) -> None:
    values = np.random.default_rng(n).integers(0, 9, n) / 8
    row = describe(pd.DataFrame({"values": values, "group": 1}))["summary"].iloc[0]
    quantiles = np.quantile(values, [0.1, 0.25, 0.5, 0.75, 0.9])
    np.testing.assert_allclose(row[["q10", "q25", "median", "q75", "q90"]], quantiles, rtol=1e-14)
    sd = values.std(ddof=1) if n > 1 else np.nan
    np.testing.assert_allclose(row[["n", "mean", "sd"]], [n, values.mean(), sd], rtol=1e-13)
    for level in (0.5, 0.8, 0.95, 0.999):
        found = median_interval(pd.DataFrame({"values": values, "group": 1}), level)["medians"]
        j = int(stats.binom.ppf((1 - level) / 2, n, 0.5))
        assert np.isnan(found["conf_low"].item()) == (j < 1)
        if j >= 1:
            assert found["conf_low"].item() == np.sort(values)[j - 1]
            coverage = 1 - 2 * stats.binom.cdf(j - 1, n, 0.5)
            assert found["coverage"].item() == pytest.approx(coverage, rel=1e-13)


def test_distributions_equal_scipy() -> None:
    z = np.array([-40.0, -1.5, 0.0, 0.3, 8.0, np.inf, np.nan])
    np.testing.assert_allclose(two_sided(z), 2 * stats.norm.sf(np.abs(z)), rtol=1e-14)
    x = np.array([-1e-12, 0.0, 0.5, 40.0, 2000.0, np.nan])
    for df in (1, 7):
        np.testing.assert_allclose(chi_square_tail(x, df), stats.chi2.sf(x, df), rtol=1e-14)
    for level in (0.5, 0.9, 0.999):
        assert normal_quantile(level) == pytest.approx(stats.norm.ppf((1 + level) / 2), rel=1e-14)
        assert f_quantile(level, 3, 40) == pytest.approx(stats.f.ppf(level, 3, 40), rel=1e-12)
    for n in (1, 10, 2000):
        for count in {-1, 0, n // 2, n}:
            assert binomial_tail(count, n) == pytest.approx(
                stats.binom.cdf(count, n, 0.5), rel=1e-13
            )
        counts = np.unique([0, 1, n // 2, n]).astype(float)
        low, high = exact_interval(counts, np.full(len(counts), float(n)), 0.9)
        for k, a, b in zip(counts, low, high, strict=True):
            limits = stats.binomtest(int(k), n).proportion_ci(0.9, method="exact")
            np.testing.assert_allclose([a, b], [limits.low, limits.high], rtol=1e-9)


def test_benjamini_hochberg_equals_scipy() -> None:
    rng = np.random.default_rng(4)
    for p_value in ([0.3], [1.0, 1.0], [0.0, 0.0, 0.5], np.round(rng.random(200) ** 3, 2)):
        own = np.array(p_value)
        expected = stats.false_discovery_control(own, method="bh")
        np.testing.assert_allclose(benjamini_hochberg(own), expected, rtol=1e-14)


@pytest.mark.parametrize("df", [2, 3, 4, 10])
def test_natural_splines_equal_those_of_scipy(df: int) -> None:
    x = np.sort(np.random.default_rng(df).gamma(2, 1, 60))
    knots = np.quantile(x, np.linspace(0, 1, df))
    at = np.r_[knots, (knots[:-1] + knots[1:]) / 2]
    cubic = interpolate.CubicSpline(knots, np.eye(df), bc_type="natural")
    for found, points in zip(natural_spline(x, at, df), (x, at), strict=True):
        np.testing.assert_allclose(found, cubic(points), atol=1e-12)


def test_roots_equal_those_of_brent() -> None:
    for function, high in (
        (lambda x: x**3 - 0.2, 1.0),
        (lambda x: 1 - np.exp(3 - x), 100.0),
        (lambda x: np.arctan(50 * (x - 0.01)), 10.0),
        (lambda x: x - 1e-9, 1.0),
    ):
        expected = optimize.brentq(function, 0.0, high, xtol=1e-15, rtol=1e-14)
        assert root_between(function, 0.0, high) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_groups_dealt_in_patients_are_those_of_sorting_each_patient(seed: int) -> None:
    rng = np.random.default_rng(seed)
    patient = rng.permutation(np.repeat(np.arange(1, 8), [1, 2, 2, 3, 9, 12, 20]))
    n, k, modulus, multiplier = len(patient), 3, 2147483647, 48271
    group, rank = rng.integers(0, k, n), rng.integers(1, 30, n) / 2
    key = 1 + rng.choice(modulus - 1, n, replace=False)
    found = deal(patient, group, rank, k).sums(key, 70, multiplier, modulus)
    for row in found:
        key = key * multiplier % modulus
        expected = np.zeros(k)
        for one in np.unique(patient):
            own = np.flatnonzero(patient == one)
            for place, dealt in zip(own, own[np.argsort(key[own])], strict=True):
                expected[group[dealt]] += rank[place]
        np.testing.assert_allclose(row, expected, rtol=1e-14)


def lesions(seed: int, k: int, codes: int) -> pd.DataFrame:
    """Give tied values of patients with one lesion or many, in groups, with gaps among the codes."""
    rng = np.random.default_rng(seed)
    group = np.r_[np.arange(1, k + 1), rng.integers(1, k + 1, 40)]
    cluster = rng.choice(rng.choice(codes, 15, replace=False), len(group)) + 1
    values = rng.integers(0, 12, len(group)) / 4
    return pd.DataFrame({"values": values, "group": group, "cluster": cluster})


def datta_satten_by_loops(data: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Give rank sums and their covariance lesion by lesion, patient by patient."""
    values, cluster = data["values"].to_numpy(), data["cluster"].to_numpy()
    patients = np.unique(cluster)
    m, k = len(patients), int(data["group"].max())

    def half(one: float, others: np.ndarray) -> float:
        return float(np.mean((others < one) + (others == one) / 2))

    sums, deviations = np.zeros(k), np.zeros((m, k))
    share = np.array(
        [[np.mean(data["group"][cluster == i] == g + 1) for g in range(k)] for i in patients]
    )
    total = share.sum(axis=0)
    for row, (i, patient) in enumerate(zip(range(m), patients, strict=True)):
        own = np.flatnonzero(cluster == patient)
        part = np.zeros(k)
        for lesion in own:
            others = [half(values[lesion], values[cluster == j]) for j in patients if j != patient]
            sums[data["group"].iloc[lesion] - 1] += (1 + sum(others)) / (m + 1) / len(own)
            pooled = half(values[lesion], values)
            part[data["group"].iloc[lesion] - 1] += pooled / len(own)
        w = ((m - 1) * part - (total - share[i]) * part.sum()) / (m + 1)
        deviations[row] = w - m / (2 * (m + 1)) * (share[i] - total / m)
    return sums, deviations.T @ deviations


@pytest.mark.parametrize(("seed", "k"), [(1, 2), (2, 3), (3, 4)])
def test_clustered_rank_sums_by_loops(seed: int, k: int) -> None:
    data = lesions(seed, k, 60)
    sums, covariance = datta_satten_by_loops(data)
    tables = datta_satten(data)
    np.testing.assert_allclose(tables["groups"]["rank_sum"], sums, rtol=1e-12)
    np.testing.assert_allclose(tables["groups"]["variance"], np.diag(covariance), rtol=1e-11)
    patients = data.groupby("group")["cluster"].nunique()
    assert tables["groups"]["patients"].tolist() == patients.tolist()
    shuffled = data.sample(frac=1, random_state=seed)
    for test in (datta_satten, rosner_glynn_lee):
        for name, table in test(data).items():
            pd.testing.assert_frame_equal(table, test(shuffled)[name], rtol=1e-10)
    if k > 2:
        pairs = tables["pairs"].set_index(["group_1", "group_2"])
        two = data[data["group"].isin([1, 3])].assign(group=lambda d: (d["group"] + 1) // 2)
        alone = datta_satten(two)["groups"].iloc[1]
        z = (alone["rank_sum"] - alone["expected"]) / np.sqrt(alone["variance"])
        assert pairs.loc[(1, 3), "statistic"] == pytest.approx(z, rel=1e-10)
