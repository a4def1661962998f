from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statistics_helpers import answer, leukaemia, simulated

from lesionhet import requests
from lesionhet.agreement import (
    COMPARED,
    KNOWN,
    KnownDifference,
    agreed,
    compare,
    numbers,
    summarise,
)
from lesionhet.engines import engine
from lesionhet.errors import UsageError
from lesionhet.requests import Request
from lesionhet.results import STATISTIC_OF, Result
from lesionhet.statistics.registry import REGISTRY
from lesionhet.tolerances import TOLERANCES, allowed_differences, tolerance

DATA = simulated(4)
LEUKAEMIA = leukaemia()


def changed(result: Result, table: str, column: str, change: Callable[[Any], Any]) -> Result:
    """Give a copy of a result with one column changed."""
    tables = {name: frame.copy() for name, frame in result.tables.items()}
    tables[table][column] = change(tables[table][column])
    return dataclasses.replace(result, engine="r", tables=tables)


def every_request() -> dict[str, Request[Any]]:
    """Give one request or more of every statistic that has no test of its own elsewhere."""
    d = DATA
    survival = (d["time"], d["event"], d["group"])
    return {
        "describe": requests.describe(d["value"], d["group"]),
        "count": requests.count(d["stratum"], d["group"]),
        "mann_whitney": requests.mann_whitney(d["value"], d["group"], ["g2", "g1"]),
        "kruskal_wallis": requests.kruskal_wallis(d["value"], d["group"]),
        "dunn": requests.dunn(d["value"], d["group"]),
        "kendall": requests.kendall(d["value"], d["z"]),
        "median_interval": requests.median_interval(d["value"], d["group"]),
        "kaplan_meier": requests.kaplan_meier(*survival, times=[0, 10, 500]),
        "kaplan_meier log-log": requests.kaplan_meier(*survival, conf_type="log-log"),
        "log_rank": requests.log_rank(*survival),
        "log_rank strata": requests.log_rank(*survival, strata=d["stratum"]),
        "cox": requests.cox(d["time"], d["event"], d[["x", "z"]]),
        "cox strata": requests.cox(d["time"], d["event"], d[["x", "z"]], d["stratum"]),
        "gower": requests.gower(d[["x", "z", "stratum"]].head(20)),
    }


def leukaemia_curves() -> Result:
    data = LEUKAEMIA
    result: Result = answer(requests.kaplan_meier(data["time"], data["event"], data["group"]))
    return result


def test_a_result_agrees_with_itself_also_where_values_are_missing() -> None:
    result = leukaemia_curves()
    table = compare("curves", result, result)
    assert tuple(table.columns) == COMPARED
    assert table["python"].isna().any()
    assert set(table["verdict"]) == {"agree"}
    assert agreed(table)


def test_a_difference_beyond_the_tolerance_differs() -> None:
    result = leukaemia_curves()
    table = compare("x", result, changed(result, "curve", "survival", lambda s: s * (1 + 1e-8)))
    wrong = table[table["verdict"] == "differ"]
    assert set(wrong["column"]) == {"survival"}
    assert not agreed(table)
    first = wrong.iloc[0]
    assert first[["name", "statistic", "table", "row"]].tolist() == [
        "x",
        "kaplan_meier",
        "curve",
        "6-MP, 6",
    ]
    assert first["relative"] == pytest.approx(1e-8, rel=1e-6)
    assert first["tolerance"] == pytest.approx(1e-10)
    assert first["difference"] == pytest.approx(abs(first["python"] - first["r"]))


def test_a_difference_within_the_tolerance_agrees() -> None:
    result = leukaemia_curves()
    table = compare("x", result, changed(result, "curve", "survival", lambda s: s * (1 + 1e-11)))
    assert agreed(table)
    assert table["relative"].max() == pytest.approx(1e-11, rel=1e-3)


def test_counts_are_exact() -> None:
    result = leukaemia_curves()
    table = compare("x", result, changed(result, "curve", "n_risk", lambda n: n + 1e-9))
    assert set(table.loc[table["verdict"] == "differ", "column"]) == {"n_risk"}


def test_missing_on_one_side_differs() -> None:
    result = leukaemia_curves()
    for change in (lambda s: s * np.nan, lambda s: s.fillna(1.0)):
        table = compare("x", result, changed(result, "medians", "conf_high", change))
        assert (table["verdict"] == "differ").any()
        assert set(table.loc[table["verdict"] == "differ", "column"]) == {"conf_high"}


def test_a_row_that_one_side_lacks_differs() -> None:
    result = leukaemia_curves()
    tables = {**result.tables, "curve": result.tables["curve"].drop(index=3)}
    shorter = dataclasses.replace(result, tables=tables)
    for first, second in ((result, shorter), (shorter, result)):
        table = compare("x", first, second)
        assert (table["verdict"] == "differ").sum() == 7
    assert len(compare("x", result, shorter)) == len(numbers(result))


def test_rows_are_matched_by_key_not_by_place() -> None:
    result = leukaemia_curves()
    mixed = {name: frame.iloc[::-1].reset_index(drop=True) for name, frame in result.tables.items()}
    assert agreed(compare("x", result, dataclasses.replace(result, tables=mixed)))


def test_equal_infinities_agree_and_opposite_ones_differ() -> None:
    result = answer(requests.describe([1.0, 2.0]))
    infinite = changed(result, "summary", "maximum", lambda s: s * np.inf)
    assert agreed(compare("x", infinite, infinite))
    negative = changed(result, "summary", "maximum", lambda s: s * -np.inf)
    assert not agreed(compare("x", infinite, negative))
    assert not agreed(compare("x", infinite, result))


def test_the_order_is_that_of_the_tables() -> None:
    result = leukaemia_curves()
    table = compare("x", result, result)
    pd.testing.assert_frame_equal(table[["table", "row", "column"]], numbers(result).iloc[:, :3])


def test_rounding_of_zero_agrees() -> None:
    result = answer(requests.describe([-1000.0, 1000.0]))
    table = compare("x", result, changed(result, "summary", "mean", lambda m: m + 1e-13))
    assert agreed(table)
    assert table["relative"].max() == 0
    assert not agreed(compare("x", result, changed(result, "summary", "mean", lambda m: m + 1e-8)))


def test_known_differences_are_named_and_nothing_else_is() -> None:
    result = leukaemia_curves()
    other = changed(result, "medians", "median", lambda m: m + 1)
    known = [KnownDifference("kaplan_meier", "medians", "median", "an example")]
    table = compare("x", result, other, known)
    assert (table["verdict"] == "known").sum() == 2
    assert agreed(table)
    assert summarise(table)["verdict"].item() == "known"
    elsewhere = [KnownDifference("kaplan_meier", "medians", "conf_low", "an example")]
    assert not agreed(compare("x", result, other, elsewhere))
    assert not agreed(compare("x", result, other, KNOWN))


def test_different_statistics_are_refused() -> None:
    with pytest.raises(UsageError, match="different statistics"):
        compare("x", leukaemia_curves(), answer(requests.describe([1.0, 2.0])))


def test_summary_has_a_row_for_each_statistic() -> None:
    curves, sizes = leukaemia_curves(), answer(requests.describe([1.0, 2.0, 4.0]))
    off = changed(curves, "medians", "median", lambda m: m + 1)
    table = pd.concat([compare("a", sizes, sizes), compare("b", curves, off)], ignore_index=True)
    summary = summarise(table).set_index("statistic")
    assert summary["verdict"].to_dict() == {"describe": "agree", "kaplan_meier": "differ"}
    assert summary.loc["describe", ["numbers", "largest_relative"]].tolist() == [10, 0]
    assert summary.loc["kaplan_meier", "differ"] == 2
    assert summary.loc["kaplan_meier", "largest_relative"] == pytest.approx(1 / 9)


def test_every_statistic_has_tolerances() -> None:
    assert set(TOLERANCES) == set(STATISTIC_OF.values()) == set(REGISTRY)
    for kind, statistic in STATISTIC_OF.items():
        for name, shape in kind.SHAPES.items():
            for column in shape.numbers:
                # R's lme stops early, and offers no other way.
                most = 2e-5 if statistic == "mixed_model" else 1e-6
                assert 0 <= tolerance(statistic, name, column).relative <= most
        named = {key.split(".")[-1] for key in TOLERANCES[statistic]} - {"*"}
        assert named <= {column for shape in kind.SHAPES.values() for column in shape.numbers}


@pytest.mark.parametrize("z", [1e-9, 0.01, 1.0, 3.0, 10.0, 37.0])
@pytest.mark.parametrize("relative", [1e-12, 1e-10])
def test_the_tail_rule_covers_a_moved_statistic(z: float, relative: float) -> None:
    # 1 + 2 |ln p| bounds the share by which the P value moves when z moves by a share.
    p = 2 * stats.norm.sf(z)
    slope = z * 2 * stats.norm.pdf(z)
    assert slope * relative <= relative * (1 + 2 * abs(np.log(p))) * p


@pytest.mark.parametrize("seed", range(6))
def test_cox_tolerances_cover_what_follows_from_the_coefficient(seed: int) -> None:
    data = simulated(seed)
    result = answer(requests.cox(data["time"], data["event"], data[["x", "z"]]))
    terms = result.tables["terms"]
    moved, z = terms.copy(), stats.norm.ppf(0.975)
    moved["estimate"] = terms["estimate"] * (1 + 0.99e-7)
    moved["std_error"] = terms["std_error"] * (1 - 0.99e-7)
    moved["hazard_ratio"] = np.exp(moved["estimate"])
    moved["conf_low"] = np.exp(moved["estimate"] - z * moved["std_error"])
    moved["conf_high"] = np.exp(moved["estimate"] + z * moved["std_error"])
    moved["statistic"] = moved["estimate"] / moved["std_error"]
    moved["p_value"] = 2 * stats.norm.sf(np.abs(moved["statistic"]))
    other = dataclasses.replace(result, tables={**result.tables, "terms": moved})
    assert agreed(compare("x", result, other))
    worse = terms.assign(hazard_ratio=np.exp(terms["estimate"] + 1e-5))
    assert not agreed(
        compare("x", result, dataclasses.replace(result, tables={**result.tables, "terms": worse}))
    )


def test_p_values_may_move_with_their_chi_square_and_no_further() -> None:
    result = answer(requests.log_rank(DATA["time"], DATA["event"], DATA["group"]))
    allowed = allowed_differences(result, "test")[0]
    statistic, df, p = (result.value(c) for c in ("statistic", "df", "p_value"))
    assert allowed[0] == pytest.approx(1e-10 * statistic)
    assert allowed[1] == 0
    slope = stats.chi2.pdf(statistic, df) * 1e-10 * statistic
    assert allowed[2] == pytest.approx(max(2 * slope, 1e-10 * p), rel=1e-3)


def test_every_statistic_agrees_with_itself() -> None:
    for name, request in every_request().items():
        result = answer(request)
        assert agreed(compare(name, result, result))


@pytest.mark.r
@pytest.mark.parametrize("name", every_request())
def test_python_agrees_with_r(name: str) -> None:
    request = every_request()[name]
    table = compare(name, answer(request), engine("r").answer(request))
    assert agreed(table), table[table["verdict"] == "differ"].to_string()


@pytest.mark.r
@pytest.mark.parametrize("seed", range(10, 16))
def test_python_agrees_with_r_on_small_and_censored_groups(seed: int) -> None:
    data = simulated(seed, n=24, censored=0.2 + 0.1 * (seed % 6))
    data.loc[0, "group"] = "alone"
    asked: list[Request[Any]] = [
        requests.kaplan_meier(
            data["time"], data["event"], data["group"], conf_type=kind, times=[0, 20, 99]
        )
        for kind in ("log", "log-log")
    ]
    asked.append(requests.log_rank(data["time"], data["event"], data["group"]))
    asked.append(requests.dunn(data["value"], data["group"]))
    asked.append(requests.median_interval(data["value"], data["group"], conf_level=0.9))
    for request in asked:
        table = compare("x", answer(request), engine("r").answer(request))
        assert agreed(table), table[table["verdict"] == "differ"].to_string()


@pytest.mark.r
@pytest.mark.parametrize(
    ("time", "event"),
    [
        ([1, 2, 3, 4], [1, 1, 0, 0]),  # flat at 0.5 to the end
        ([1, 2, 3, 4], [1, 1, 0, 1]),  # flat at 0.5 over a censoring
        ([0, 0, 2, 3, 4], [1, 0, 1, 0, 1]),
        ([5], [0]),
        ([0, 0], [1, 1]),
    ],
)
@pytest.mark.parametrize("conf_type", ["log", "log-log"])
def test_python_agrees_with_r_at_the_edges(
    time: list[float], event: list[int], conf_type: Any
) -> None:
    request = requests.kaplan_meier(time, event, conf_type=conf_type, times=[0, 1.5, 9])
    table = compare("x", answer(request), engine("r").answer(request))
    assert agreed(table), table[table["verdict"] == "differ"].to_string()
