"""Shared fixtures. Tests marked ``r`` or ``browser`` are skipped without, or fail where R is required."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# A test may take as long as a busy machine makes it.
settings.register_profile("without a clock", deadline=None)
settings.load_profile("without a clock")

# P values of fewer draws under noise could not get small.
FEWER = {"noise_null": 40, "noise_others": 40, "noise_once_more": 20, "measures_survival": 5}
R_REQUIRED = os.environ.get("LESIONHET_REQUIRE_R") == "1"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests of a file with a fixture of its own on one worker: each would make it again."""
    if config.getvalue("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    whole = {
        path.relative_to(config.rootpath).as_posix()
        for path in Path(__file__).parent.glob("test_*.py")
        if 'scope="module"' in path.read_text(encoding="utf-8")
    }

    class ByFixture(LoadScopeScheduling):  # type: ignore[misc, unused-ignore]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return file if file in whole else nodeid

    return ByFixture(config, log)


@pytest.fixture(autouse=True)
def _r_is_there(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("r") is None:
        return
    missing = _missing_r()
    if missing and R_REQUIRED:
        pytest.fail(f"R is required for this run and cannot be used: {missing}")
    if missing:
        pytest.skip(missing)


@pytest.fixture(autouse=True)
def _browser_is_there(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("browser") is None:
        return
    from browser_helpers import find_browser

    there = find_browser() and importlib.util.find_spec("playwright")
    missing = "" if there else "Chromium or Chrome with Playwright is not installed"
    if missing and R_REQUIRED:
        pytest.fail(f"A browser is required for this run: {missing}")
    if missing:
        pytest.skip(missing)


@pytest.fixture(autouse=True, scope="session")
def _few_draws() -> Iterator[None]:
    """Resample less than the 500 times of a report: the tests ask whether, not how well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lesionhet.analyses.resampling.DRAWS", 12)
        for name, number in FEWER.items():
            patch.setattr(f"lesionhet.analyses.reviewer.{name}.DRAWS", number)
        yield


_PROBE: list[str] = []


def _missing_r() -> str:
    if not _PROBE:
        from lesionhet.engines import engine
        from lesionhet.errors import RUnavailableError

        try:
            engine("r").versions()
            _PROBE.append("")
        except RUnavailableError as error:
            _PROBE.append(str(error))
    return _PROBE[0]


@pytest.fixture(scope="session", params=["python", pytest.param("r", marks=pytest.mark.r)])
def each_engine(request: pytest.FixtureRequest) -> Iterator[object]:
    """Both engines in turn: a test that asks for it runs once a language."""
    from lesionhet.engines import engine

    if request.param == "r" and _missing_r() and not R_REQUIRED:
        pytest.skip(_missing_r())
    yield engine(request.param)
