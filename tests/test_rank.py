from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statistics_helpers import answer, records

from lesionhet import requests
from lesionhet.errors import NotEstimableError

# Goldens by R 4.2.2 and rstatix 0.7.2:
#   v <- c(1,2,2,3,5,5,5,8,9,12,13,13,20,21,7); g <- c(1,1,1,1,2,2,2,2,2,3,3,3,3,3,4)
#   y <- c(3,1,1,4,2,6,5,5,7,7,8,2,9,9,4)
VALUES = [1, 2, 2, 3, 5, 5, 5, 8, 9, 12, 13, 13, 20, 21, 7]
OTHER = [3, 1, 1, 4, 2, 6, 5, 5, 7, 7, 8, 2, 9, 9, 4]
GROUPS = list("aaaabbbbbcccccd")

numbers = st.lists(st.integers(0, 6), min_size=3, max_size=12)


def test_mann_whitney_equals_r() -> None:
    # wilcox.test(v[g == 1], v[g == 2], exact = FALSE, correct = TRUE)
    result = answer(requests.mann_whitney(VALUES, GROUPS, ["a", "b"]))
    assert result.value("statistic") == 0
    assert result.value("p_value") == pytest.approx(0.0174510448279307, rel=1e-12)
    assert records(result.to_frame("groups"), "group", "n", "median") == [["a", 4, 2], ["b", 5, 5]]
    assert result.left_out == {"group not compared": 6}


def test_mann_whitney_by_hand() -> None:
    # Of the 3 x 2 pairs the first group's value is larger in 1 and equal in 1: U = 1.5.
    result = answer(requests.mann_whitney([1, 2, 5, 2, 9], list("aaabb")))
    assert result.value("statistic") == 1.5


def test_mann_whitney_with_a_single_value() -> None:
    result = answer(requests.mann_whitney([7, 1, 2, 3], list("abbb")))
    assert result.value("statistic") == 3
    # z = (3 - 1.5 - 0.5) / sqrt(3 * 5 / 12)
    assert result.value("p_value") == pytest.approx(2 * stats.norm.sf(1 / np.sqrt(1.25)))


@given(numbers, numbers)
def test_mann_whitney_is_symmetric(first: list[int], second: list[int]) -> None:
    values, groups = first + second, ["a"] * len(first) + ["b"] * len(second)
    if len(set(values)) < 2:
        with pytest.raises(NotEstimableError, match=r"all .* equal"):
            requests.mann_whitney(values, groups)
        return
    one = answer(requests.mann_whitney(values, groups, ["a", "b"]))
    other = answer(requests.mann_whitney(values, groups, ["b", "a"]))
    assert one.value("p_value") == pytest.approx(other.value("p_value"), rel=1e-12)
    assert one.value("statistic") + other.value("statistic") == len(first) * len(second)
    assert 0 < one.value("p_value") <= 1


def test_kruskal_wallis_equals_r() -> None:
    # kruskal.test(v, g)
    result = answer(requests.kruskal_wallis(VALUES, GROUPS))
    assert result.value("statistic") == pytest.approx(12.52418772563176219, rel=1e-12)
    assert result.value("df") == 3
    assert result.value("p_value") == pytest.approx(0.00578716797099126, rel=1e-12)
    assert records(result.to_frame("groups"), "group", "n")[3] == ["d", 1]


@given(st.permutations(["a", "b", "c", "d"]))
def test_kruskal_wallis_does_not_depend_on_the_order(order: list[str]) -> None:
    result = answer(requests.kruskal_wallis(VALUES, GROUPS, order))
    assert result.value("statistic") == pytest.approx(12.52418772563176219, rel=1e-12)
    assert result.to_frame("groups")["group"].tolist() == order


def test_dunn_equals_r() -> None:
    # rstatix::dunn_test(data.frame(v, g = factor(g)), v ~ g, p.adjust.method = "bonferroni")
    pairs = answer(requests.dunn(VALUES, GROUPS)).to_frame()
    assert records(pairs, "group_1", "group_2") == [
        list(pair) for pair in ["ab", "ac", "ad", "bc", "bd", "cd"]
    ]
    z = [
        1.642154279566361,
        3.518902027642203,
        1.105940637258978,
        1.990591588861515,
        0.123135920322407,
        -1.026132669353393,
    ]
    p = [
        0.100558035095288156,
        0.000433336702517023,
        0.268752214215827179,
        0.046525805718853418,
        0.901999467405801392,
        0.304829053058109201,
    ]
    adjusted = [0.60334821057172894, 0.00260002021510214, 1, 0.27915483431312049, 1, 1]
    np.testing.assert_allclose(pairs["statistic"], z, rtol=1e-12)
    np.testing.assert_allclose(pairs["p_value"], p, rtol=1e-12)
    np.testing.assert_allclose(pairs["p_adjusted"], adjusted, rtol=1e-12)


@settings(deadline=None)  # the first example loads scikit-posthocs
@given(st.lists(st.integers(0, 9), min_size=9, max_size=9).filter(lambda v: len(set(v)) > 1))
def test_dunn_z_and_p_belong_together(values: list[int]) -> None:
    pairs = answer(requests.dunn(values, list("abcabcabc"))).to_frame()
    expected = 2 * stats.norm.sf(np.abs(pairs["statistic"]))
    np.testing.assert_allclose(pairs["p_value"], expected, rtol=1e-10)
    np.testing.assert_allclose(pairs["p_adjusted"], np.minimum(1, 3 * pairs["p_value"]), rtol=1e-12)


def test_dunn_sign_is_the_second_group_minus_the_first() -> None:
    forward = answer(requests.dunn(VALUES, GROUPS, ["a", "c", "b"])).to_frame()
    backward = answer(requests.dunn(VALUES, GROUPS, ["b", "c", "a"])).to_frame()
    assert forward["statistic"].iloc[0] > 0  # the values of c are larger than those of a
    np.testing.assert_allclose(forward["statistic"], -backward["statistic"][::-1], rtol=1e-12)


def test_kendall_equals_r() -> None:
    # cor.test(v, y, method = "kendall", exact = FALSE, continuity = FALSE)
    result = answer(requests.kendall(VALUES, OTHER))
    assert result.value("estimate") == pytest.approx(0.65327457991848781, rel=1e-12)
    assert result.value("statistic") == pytest.approx(3.26245215289113943, rel=1e-12)
    assert result.value("p_value") == pytest.approx(0.00110452816638674, rel=1e-12)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=25).filter(
        lambda rows: all(len(set(column)) > 1 for column in zip(*rows, strict=True))
    )
)
def test_kendall_z_gives_its_p(rows: list[tuple[int, int]]) -> None:
    x, y = zip(*rows, strict=True)
    result = answer(requests.kendall(x, y))
    swapped = answer(requests.kendall(y, [-v for v in x]))
    expected = 2 * stats.norm.sf(abs(result.value("statistic")))
    assert result.value("p_value") == pytest.approx(expected, rel=1e-10)
    assert swapped.value("statistic") == pytest.approx(-result.value("statistic"), abs=1e-12)
    assert -1 - 1e-12 <= result.value("estimate") <= 1 + 1e-12
