"""What models, states and answers of the same rows share is what each would find alone."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet import Definitions, cohort_from_frames, engine, requests
from lesionhet.covariates import covariates, terms_of
from lesionhet.errors import NotEstimableError
from lesionhet.statistics.counting import SameRows, climb
from lesionhet.statistics.newton import EfronModel
from lesionhet.timed import answers as timed_answers
from lesionhet.timed.once import once_for_same_rows

SETS = [["m1", "x1"], ["x1"], ["m2", "m1", "x1"], ["m3", "x1", "m1"]]


def survival_rows(n: int, seed: int) -> pd.DataFrame:
    """Give rows with ties of time, late entry, two strata and markers of very different sizes."""
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 5, n).astype(float)
    columns = {
        "start": start,
        "time": start + rng.integers(1, 12, n),
        "event": rng.integers(0, 2, n).astype(float),
        "strata": rng.integers(1, 3, n),
        "m1": rng.normal(size=n) * 1e-4 + 5,
        "m2": rng.integers(0, 3, n).astype(float),
        "m3": rng.exponential(1e6, n),
        "x1": rng.normal(size=n),
    }
    return pd.DataFrame(columns)


@pytest.mark.parametrize("seed", range(4))
def test_models_of_rows_sorted_once_are_those_of_each_alone(seed: int) -> None:
    data = survival_rows(120, seed)
    rows = SameRows(data)
    for names in SETS:
        model, peak = rows.climb(names)
        alone, expected = climb(data, names)
        np.testing.assert_allclose(
            model.back @ peak.coefficients, alone.back @ expected.coefficients, rtol=1e-9
        )
        assert peak.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-12)


def test_a_set_without_a_model_does_not_spoil_the_next() -> None:
    data = survival_rows(120, 9).assign(flat=3.0, twice=lambda t: 2 * t["x1"] + 1)
    rows = SameRows(data)
    for names in (["flat", "x1"], ["x1", "twice"]):
        with pytest.raises(NotEstimableError) as shared:
            rows.climb(names)
        with pytest.raises(NotEstimableError) as alone:
            climb(data, names)
        assert str(shared.value) == str(alone.value)
    assert rows.climb(["x1"])[1].log_likelihood == climb(data, ["x1"])[1].log_likelihood
    with pytest.raises(NotEstimableError, match="same value"):
        rows.climb(["x1", "flat"])


@pytest.mark.parametrize("n", [2, 3, 50])
def test_covariates_made_uncorrelated_have_the_singular_values_of_the_matrix(n: int) -> None:
    data = survival_rows(n, n).assign(
        m1=np.linspace(0, 1, n), x1=np.arange(n) % 2, m2=np.arange(n) ** 2.0
    )
    names = ["m1", "x1", "m2"]
    model = EfronModel(data, names)
    given = data[names].to_numpy(dtype=float)
    centred = given - given.mean(axis=0)
    expected = np.linalg.svd(centred / centred.std(axis=0), compute_uv=False) / np.sqrt(n)
    np.testing.assert_allclose(model.spread, expected, atol=1e-12)
    if n == 50:
        found = centred @ model.back
        np.testing.assert_allclose(found.T @ found / n, np.eye(3), atol=1e-10)


@pytest.mark.parametrize("scale", ["per_sd", "per_0.1", "raw"])
def test_covariates_of_arrays_are_those_of_tables(scale: str) -> None:
    table = pd.DataFrame(
        {
            "gower": [0.1, np.nan, 0.3, 0.8],
            "baseline_sum_mm": [5.0, 9.0, 2.0, 7.0],
            "n_lesions": [1, 2, 2, 5],
        },
        index=[4, 1, 7, 2],
    )
    complete = table.dropna()
    found = covariates(table, complete, scale)
    unit = {"per_sd": complete["gower"].std(), "per_0.1": 0.1, "raw": 1.0}[scale]
    expected = np.column_stack(
        [
            table["gower"] / unit,
            table["baseline_sum_mm"] / complete["baseline_sum_mm"].std(),
            table["n_lesions"],
        ]
    )
    np.testing.assert_allclose(found.to_numpy(), expected)
    assert found.index.tolist() == [4, 1, 7, 2]
    columns = {name: values.to_numpy(dtype=float) for name, values in complete.items()}
    alone = terms_of(columns, columns, scale)
    for name, values in alone.items():
        assert values.tolist() == found.loc[complete.index, name].tolist()


def test_states_are_found_again_by_content_and_go_with_their_frame() -> None:
    seen: list[list[str]] = []

    def compute(rows: pd.DataFrame, factor: float) -> pd.DataFrame:
        seen.append(list(rows))
        return rows * factor

    states = once_for_same_rows(compute)
    first = pd.DataFrame({"day": [1.0, 2.0], "time": 5.0, "event": 1.0, "strata": 1})
    other = first[["day", "time", "event"]].assign(time=9.0, event=0.0)
    one = states(first, factor=2.0)
    assert states(other, factor=2.0) is one
    assert states(first, factor=3.0)["day"].tolist() == [3.0, 6.0]
    first.loc[0, "day"] = 7.0
    assert states(first, factor=2.0)["day"].tolist() == [14.0, 4.0]
    assert seen == [["day"]] * 3
    del first, one
    gc.collect()
    assert states(other, factor=2.0)["day"].tolist() == [2.0, 4.0]
    assert len(seen) == 4


def drawn_cohort(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    rows = [
        {
            "patient_id": f"P{p:02d}",
            "lesion_id": f"L{k}",
            "day": day,
            "diameter_mm": float(rng.integers(8, 60)),
            "site": ["liver", "lung"][k % 2],
        }
        for p in range(60)
        for k in range(rng.integers(2, 5))
        for day in (0, 50, 100)
    ]
    patients = pd.DataFrame({"patient_id": [f"P{p:02d}" for p in range(60)]})
    patients["pfs_days"] = rng.integers(60, 900, 60)
    patients["os_days"] = patients["pfs_days"] + rng.integers(0, 300, 60)
    patients["pfs_event"] = rng.integers(0, 2, 60)
    died = patients["os_days"].eq(patients["pfs_days"]) & patients["pfs_event"].eq(1)
    patients["os_event"] = np.where(died, 1, rng.integers(0, 2, 60))
    return pd.DataFrame(rows), patients


def test_two_endpoints_that_share_states_have_the_answers_of_each_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cohort = cohort_from_frames(*drawn_cohort(3))
    asked: list[Any] = []
    for name in ("os", "pfs"):
        outcome = (f"{name}_days", f"{name}_event")
        asked.append(requests.cox_over_time(cohort, Definitions(), *outcome))
        asked.append(requests.organ_cox_over_time(cohort, Definitions(), "liver", *outcome))
    shared = [engine("python").answer(request) for request in asked]
    monkeypatch.setattr(timed_answers, "_distances", timed_answers._distances.__wrapped__)  # type: ignore[attr-defined]
    alone_of = timed_answers._organ_responses.__wrapped__  # type: ignore[attr-defined]
    monkeypatch.setattr(timed_answers, "_organ_responses", alone_of)
    for request, found in zip(asked, shared, strict=True):
        alone = engine("python").answer(request)
        for name in found.tables:
            pd.testing.assert_frame_equal(found.tables[name], alone.tables[name])
    assert not shared[0].tables["terms"].equals(shared[2].tables["terms"])


def test_measures_do_not_hang_on_what_patients_are_called_or_where_their_rows_stand() -> None:
    rows, _ = drawn_cohort(5)
    found = engine("python").answer(
        requests.patient_measures(cohort_from_frames(rows), Definitions())
    )
    names = {f"P{p:02d}": f"{(p * 37) % 60}" for p in range(60)}
    renamed = rows.assign(patient_id=rows["patient_id"].map(names)).sample(frac=1, random_state=1)
    again = engine("python").answer(
        requests.patient_measures(cohort_from_frames(renamed), Definitions())
    )
    first = found.to_frame().assign(patient=lambda t: t["patient"].map(names))
    pd.testing.assert_frame_equal(
        first.sort_values("patient", ignore_index=True),
        again.to_frame().sort_values("patient", ignore_index=True),
    )
