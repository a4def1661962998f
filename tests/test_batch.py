"""Many draws fitted at once: compiled and by NumPy, against single fits of the same rows."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from lesionhet import compiled_parts, small_groups
from lesionhet.compiled_parts import SWITCH
from lesionhet.statistics import compiled
from lesionhet.statistics.batch import fit_all
from lesionhet.statistics.newton import EfronModel, Peak
from lesionhet.statistics.resampling import bootstraps, subsamples

NAMES = ["x", "z", "u"]


@pytest.fixture(params=["compiled", "numpy"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv(SWITCH, "0" if request.param == "numpy" else "1")
    compiled.library.cache_clear()
    there = compiled.library() is not None
    if request.param == "compiled" and not there:
        if os.environ.get("LESIONHET_REQUIRE_R") == "1":
            pytest.fail("efron.c was not compiled; a whole test run needs it.")
        pytest.skip("efron.c was not compiled")
    assert there == (request.param == "compiled")
    yield request.param
    compiled.library.cache_clear()


def rows_of(n: int, seed: int, *, strata: bool, entries: bool, steps: float = 20.0) -> pd.DataFrame:
    """Give rows with ties; ``entries``: two of three enter late."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(rng.normal(size=(n, 3)) * [1, 40, 0.02], columns=NAMES)
    time = np.ceil(steps * rng.exponential(np.exp(-0.6 * rows["x"])))
    rows = rows.assign(time=time, event=(rng.random(n) < 0.7).astype(int))
    if strata:
        rows["strata"] = rng.integers(1, 4, n)
    if entries:
        rows["start"] = np.floor(time * rng.random(n) * (np.arange(n) % 3 > 0)) - 0.5
    return rows


def draws_of(n: int, seed: int) -> np.ndarray:
    return np.column_stack([subsamples(n, 12, 0.8, seed), bootstraps(n, 12, seed)])


def whole(rows: pd.DataFrame) -> tuple[EfronModel, Peak]:
    model = EfronModel(rows, NAMES)
    peak = model.fit(np.ones(len(rows)), float(rows["event"].sum()), np.zeros(3))
    assert peak is not None
    return model, peak


@pytest.mark.parametrize("strata", [False, True])
@pytest.mark.parametrize("entries", [False, True])
def test_each_draw_is_its_own_model_of_replicated_rows(
    way: str, strata: bool, entries: bool
) -> None:
    rows = rows_of(150, 3, strata=strata, entries=entries)
    model, peak = whole(rows)
    draws = draws_of(150, 5)

    fits = fit_all(model, draws, peak)

    assert fits.fitted.all()
    for draw, times in enumerate(draws.T):
        single, alone = whole(rows.loc[np.repeat(rows.index, times)].reset_index(drop=True))
        expected = single.back @ alone.coefficients
        covariance = single.back @ alone.covariance @ single.back.T
        np.testing.assert_allclose(model.back @ fits.coefficients[draw], expected, rtol=1e-9)
        found = model.back @ fits.covariance[draw] @ model.back.T
        size = np.sqrt(np.diag(covariance))
        size = np.outer(size, size)
        np.testing.assert_allclose(found / size, covariance / size, rtol=0, atol=1e-8)


@pytest.mark.parametrize("covariates", [1, 2, 3, 4, 5])
def test_the_compiled_derivatives_are_those_of_numpy(covariates: int) -> None:
    found = compiled.library()
    if found is None:
        pytest.skip("efron.c was not compiled")
    rows = rows_of(80, 8, strata=True, entries=True, steps=6.0)
    rng = np.random.default_rng(covariates)
    names = [f"v{k}" for k in range(covariates)]
    rows[names] = rng.normal(size=(80, covariates))
    model, times = EfronModel(rows, names), rng.integers(0, 4, 80).astype(float)
    beta = rng.normal(size=covariates)

    answer = compiled.derivatives(found, model.sorted_rows, times, beta)

    assert answer is not None
    for one, other in zip(answer, model.derivatives(times, beta), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-10)


def test_draws_without_a_maximum_are_marked_and_the_others_stand(way: str) -> None:
    rows = rows_of(60, 4, strata=False, entries=False)
    model, peak = whole(rows)
    draws = bootstraps(60, 3, seed=2)
    draws[:, 1] = 0
    draws[rows["event"].to_numpy().nonzero()[0][:2], 1] = 1

    fits = fit_all(model, draws, peak)

    assert fits.fitted.tolist() == [True, False, True]


def test_a_draw_that_full_steps_overshoot_is_reached_with_care(way: str) -> None:
    rows = rows_of(150, 3, strata=False, entries=False)
    model, peak = whole(rows)
    # Full Newton steps from here run away; halved ones come back.
    far = Peak(
        peak.coefficients + np.array([4.0, 0.0, 0.0]), peak.covariance * 0, peak.log_likelihood
    )
    found = compiled.library()
    if found is not None:
        fast = compiled.fit_draws(
            found,
            model.sorted_rows,
            np.ones((1, 150)),
            far.coefficients,
            np.zeros((150, 3)),
            (40, 1e-15, 1e-12),
        )
        assert not fast.fitted[0]

    fits = fit_all(model, np.ones((150, 1)), far)

    assert fits.fitted[0]
    np.testing.assert_allclose(fits.coefficients[0], peak.coefficients, rtol=1e-9)


def test_threads_change_nothing(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, peak = whole(rows_of(120, 6, strata=True, entries=False))
    draws = bootstraps(120, 40, seed=3)
    monkeypatch.setattr(compiled, "_cores", lambda: 1)
    alone = fit_all(model, draws, peak)
    monkeypatch.setattr(compiled, "_cores", lambda: 5)
    monkeypatch.setattr(compiled, "DRAWS_AT_ONCE", 7)

    together = fit_all(model, draws, peak)

    np.testing.assert_array_equal(alone.coefficients, together.coefficients)
    np.testing.assert_array_equal(alone.covariance, together.covariance)


class _WithLanes:
    """The library as on a processor that takes so many draws together."""

    def __init__(self, library: ctypes.CDLL, lanes: int) -> None:
        self.efron_lanes = lambda: lanes
        self.efron_work, self.efron_draws = library.efron_work, library.efron_draws


@pytest.mark.parametrize("strata", [False, True])
@pytest.mark.parametrize("entries", [False, True])
def test_how_many_draws_go_together_changes_no_bit(strata: bool, entries: bool) -> None:
    found = compiled.library()
    if found is None:
        pytest.skip("efron.c was not compiled")
    model, peak = whole(rows_of(150, 9, strata=strata, entries=entries))
    times = draws_of(150, 7).T.astype(float)
    once = np.ones(150)
    influence = model.score_residuals(once, peak.coefficients) @ peak.covariance

    def fit(library: Any, draws: np.ndarray) -> compiled.DrawnFits:
        limits = (40, 1e-15, 1e-12)
        rows = model.sorted_rows
        return compiled.fit_draws(library, rows, draws, peak.coefficients, influence, limits)

    two = fit(_WithLanes(found, 2), times)
    assert two.fitted.all()
    for lanes in {2, 4, found.efron_lanes()} - ({4} if found.efron_lanes() < 4 else set()):
        more = fit(_WithLanes(found, lanes), times)
        np.testing.assert_array_equal(more.coefficients, two.coefficients)
        np.testing.assert_array_equal(more.covariance, two.covariance)
        alone = fit(_WithLanes(found, lanes), times[13:14])
        np.testing.assert_array_equal(alone.coefficients[0], two.coefficients[13])


@pytest.mark.parametrize("spread", [1e-3, 1.0, 30.0, 200.0])
def test_risks_of_any_size_are_those_of_numpy(spread: float) -> None:
    found = compiled.library()
    if found is None:
        pytest.skip("efron.c was not compiled")
    rows = rows_of(60, 2, strata=True, entries=False)
    model, times = EfronModel(rows, NAMES), np.ones(60)
    beta = np.array([spread, -spread / 3, spread / 7])

    answer = compiled.derivatives(found, model.sorted_rows, times, beta)

    expected = model.derivatives(times, beta)
    assert (answer is None) == np.isnan(expected[0])
    for one, other in zip(answer or (), expected, strict=False):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-10)


def test_a_library_of_another_version_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(compiled, "VERSION", compiled.VERSION + 1)
    compiled.library.cache_clear()
    assert compiled.library() is None
    monkeypatch.setattr(compiled, "LIBRARY", tmp_path / "efron.so")
    compiled.library.cache_clear()
    assert compiled.library() is None
    (tmp_path / "efron.so").write_bytes(b"no library")
    compiled.library.cache_clear()
    assert compiled.library() is None
    compiled.library.cache_clear()


def test_the_source_compiles_where_there_is_a_compiler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not any(shutil.which(name) for name in ("cc", "gcc", "clang")):
        pytest.skip("there is no C compiler")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "scripts"))
    import build_hook

    package = Path(__file__).parents[1] / "lesionhet"
    for source in package.rglob("*.[ch]"):
        there = tmp_path / "lesionhet" / source.relative_to(package)
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, there)
    efron, pairs, *_ = build_hook.compile_libraries(tmp_path)
    assert compiled_parts.load(pairs, small_groups.VERSION) is not None
    monkeypatch.setattr(compiled, "LIBRARY", efron)
    compiled.library.cache_clear()

    assert compiled.library() is not None
    compiled.library.cache_clear()


def test_without_a_compiler_the_hook_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "scripts"))
    import build_hook

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CC", str(tmp_path / "no-compiler"))
    assert build_hook.compile_libraries(tmp_path) == []
