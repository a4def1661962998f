from __future__ import annotations

import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statistics_helpers import answer, leukaemia, records, simulated

from lesionhet import requests
from lesionhet.answering import TermsNotEstimableError, make_result
from lesionhet.engines import engine
from lesionhet.errors import LesionhetError, NotEstimableError, UsageError
from lesionhet.requests import Request
from lesionhet.results import Counts, MannWhitney, Summary
from lesionhet.statistics.engine import PythonEngine
from lesionhet.statistics.registry import REGISTRY, entry

NASTY = ["=1+1", "x'); system('touch hacked'); #", "腫瘍", ""]


def test_rows_travel_as_codes_and_labels_come_back() -> None:
    request = requests.describe([1.0, 2.0, 3.0, 4.0], NASTY, NASTY)
    assert request.data["group"].tolist() == [1, 2, 3, 4]
    assert request.data.select_dtypes("object").empty
    assert answer(request).to_frame()["group"].tolist() == NASTY


def test_missing_values_are_dropped_and_counted_by_column() -> None:
    request = requests.kaplan_meier(
        [5, None, 7, 8, 9], [1, 1, np.nan, 0, 1], ["a", "a", "a", None, "b"], ["a", "b"]
    )
    assert request.left_out == {"time missing": 1, "event missing": 1, "group missing": 1}
    assert request.data.to_numpy().tolist() == [[5, 1, 1], [9, 1, 2]]
    assert answer(request).left_out == request.left_out


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: requests.mann_whitney([1, 2], ["a", "a"]), NotEstimableError, "2 groups"),
        (lambda: requests.mann_whitney([1, 2, 3], list("abc")), NotEstimableError, "found 3"),
        (lambda: requests.mann_whitney([1, 1], ["a", "b"]), NotEstimableError, "are equal"),
        (lambda: requests.kruskal_wallis([1, 2], ["a", "a"]), NotEstimableError, "2 or more"),
        (lambda: requests.dunn([3, 3, 3], list("abc")), NotEstimableError, "are equal"),
        (lambda: requests.kendall([1, 2], [1, 2]), NotEstimableError, "3 rows"),
        (
            lambda: requests.kendall([1, 2, 3], [4, 4, 4]),
            NotEstimableError,
            "all 3 values are equal",
        ),
        (lambda: requests.describe([1], ["a"], ["a", "b"]), NotEstimableError, "group 'b'"),
        (lambda: requests.describe([1, np.inf]), UsageError, "infinite"),
        (lambda: requests.describe([1, 2], ["a"]), UsageError, "same length"),
        (lambda: requests.kaplan_meier([1], [2]), UsageError, "other than 0 and 1"),
        (lambda: requests.kaplan_meier([-1], [1]), UsageError, "negative"),
        (
            lambda: requests.kaplan_meier([1], [1], conf_type="plain"),  # type: ignore[arg-type]
            UsageError,
            "'log-log'",
        ),
        (lambda: requests.log_rank([1, 2], [0, 0], ["a", "b"]), NotEstimableError, "0 event"),
    ],
)
def test_refusals(ask: Any, error: type[LesionhetError], message: str) -> None:
    with pytest.raises(error, match=message):
        ask()


def test_result_carries_what_was_asked() -> None:
    request = requests.kaplan_meier([1, 2, 3], [1, 0, 1], conf_level=0.9, times=[2, 1, 2])
    result = answer(request)
    assert result.options == {"conf_type": "log", "conf_level": 0.9, "times": [1.0, 2.0]}
    assert (result.engine, result.n, result.warnings) == ("python", 3, ())
    assert "Greenwood" in result.method
    assert "0.9" in result.method


def test_every_method_can_be_said() -> None:
    data = simulated(1)
    asked = [
        requests.describe(data["x"]),
        requests.count(data["group"]),
        requests.mann_whitney(data["x"], data["stratum"]),
        requests.kruskal_wallis(data["x"], data["group"]),
        requests.dunn(data["x"], data["group"]),
        requests.kendall(data["x"], data["z"]),
        requests.median_interval(data["x"]),
        requests.kaplan_meier(data["time"], data["event"]),
        requests.log_rank(data["time"], data["event"], data["group"], strata=data["stratum"]),
        requests.cox(data["time"], data["event"], data[["x"]]),
        requests.gower(data[["x"]].head()),
    ]
    for request in asked:
        method = answer(request).method
        assert "{" not in method
        assert ("stratified" in method) == ("strata" in request.data)


def test_registry_leads_to_functions_that_exist() -> None:
    for found in REGISTRY.values():
        assert callable(found.load())
    with pytest.raises(LesionhetError, match="No statistic 'anova'"):
        entry("anova")


def test_counts_are_integers_and_the_rest_floats() -> None:
    table = answer(requests.count(list("aab"))).to_frame()
    assert [table[c].dtype.kind for c in ("count", "n", "share")] == ["i", "i", "f"]


def counts_table(**changes: Any) -> dict[str, pd.DataFrame]:
    table = pd.DataFrame({"group": [1], "level": [1], "count": [2.0], "n": [2.0], "share": [1.0]})
    return {"counts": table.assign(**changes)}


def test_make_result_takes_r_types() -> None:
    request = requests.count(["a", "a"])
    loose = counts_table(group=[1.0], count=pd.array([2], dtype="Int64"))
    result = make_result(request, loose, "r", "table {base}", ["careful"])
    assert isinstance(result, Counts)
    assert (result.engine, result.warnings) == ("r", ("careful",))
    assert records(result.to_frame(), "group", "level", "count") == [["all", "a", 2]]


def test_make_result_keeps_a_missing_count_missing() -> None:
    request = requests.count(["a", "a"])
    missing = counts_table(count=pd.array([None], dtype="Int64"))
    assert np.isnan(make_result(request, missing, "r", "", ()).to_frame()["count"].item())


@pytest.mark.parametrize("code", [0, 2, 1.5, np.nan])
def test_make_result_refuses_a_code_without_a_label(code: float) -> None:
    with pytest.raises(LesionhetError, match="column 'level': has codes other than 1 to 1"):
        make_result(requests.count(["a", "a"]), counts_table(level=[code]), "r", "", ())


def test_make_result_refuses_a_table_of_another_shape() -> None:
    request = requests.count(["a", "a"])
    with pytest.raises(LesionhetError, match="expected"):
        make_result(request, {"counts": counts_table()["counts"].drop(columns="n")}, "r", "", ())
    with pytest.raises(LesionhetError, match="expected"):
        make_result(request, {}, "r", "", ())


def test_errors_name_covariates_as_the_user_does() -> None:
    data = leukaemia().assign(copy=lambda d: d["treated"])
    request = requests.cox(data["time"], data["event"], data[["weekday", "treated", "copy"]])
    with pytest.raises(TermsNotEstimableError, match="'treated', 'copy'") as caught:
        answer(request)
    assert caught.value.terms == (2, 3)


def test_warnings_of_the_computation_travel_with_the_result_and_no_further() -> None:
    request = requests.log_rank([5, 1, 2, 3], [1, 0, 0, 0], list("aabb"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = answer(request)
    assert len(result.warnings) == 1


def test_threads_keep_their_own_warnings() -> None:
    silent = requests.describe([1.0, 2.0])
    warns = requests.log_rank([5, 1, 2, 3], [1, 0, 0, 0], list("aabb"))
    asked: list[Request[Any]] = [silent, warns] * 20
    with ThreadPoolExecutor(8) as pool:
        counts = [len(result.warnings) for result in pool.map(answer, asked)]
    assert counts == [0, 1] * 20


def test_versions_name_what_computes() -> None:
    versions = PythonEngine().versions()
    assert next(iter(versions)) == "python"
    assert {"numpy", "pandas", "scipy", "lifelines", "scikit-posthocs", "lesionhet"} <= set(
        versions
    )
    assert versions["numpy"] == np.__version__


def test_engine_names() -> None:
    assert engine("python").name == "python"
    with pytest.raises(UsageError, match="permitted"):
        engine("julia")  # type: ignore[arg-type]


def test_import_loads_nothing_heavy() -> None:
    code = (
        "import sys, lesionhet, lesionhet.statistics, lesionhet.statistics.engine\n"
        "heavy = {'scipy', 'lifelines', 'matplotlib', 'scikit_posthocs', 'rpy2', 'r_bridge'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_result_types() -> None:
    assert isinstance(answer(requests.describe([1.0])), Summary)
    assert isinstance(answer(requests.mann_whitney([1, 2, 3, 4], list("abab"))), MannWhitney)
