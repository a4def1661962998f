"""An R user calls the package through reticulate: the documented script, and what its set-up installs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lesionhet.platforms import (
    R_PACKAGES,
    R_PACKAGES_TESTS,
    RFound,
    find_r,
    install_commands,
    system_packages,
)

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "docs" / "examples" / "from_r.R"
sys.path.insert(0, str(ROOT / "scripts"))

import setup_environment  # noqa: E402
import system_setup  # noqa: E402
from setup_environment import Setup, Stamp  # noqa: E402
from setup_log import Log  # noqa: E402

R_42 = RFound("/usr/bin/R", "4.2.2", "/usr/lib/R", dict.fromkeys(R_PACKAGES, "1.0"))
WITH_TESTS = RFound(
    "/usr/bin/R", "4.2.2", "/usr/lib/R", dict.fromkeys((*R_PACKAGES, *R_PACKAGES_TESTS), "1.0")
)


@pytest.fixture(scope="module")
def reticulate() -> None:
    """Skip without reticulate, or fail where R with what the tests need of it is required."""
    found = find_r()
    missing = found is None or found.missing(R_PACKAGES_TESTS)
    if missing and os.environ.get("LESIONHET_REQUIRE_R") == "1":
        pytest.fail("R is required for this run, with reticulate: make test installs it.")
    if missing:
        pytest.skip("reticulate is not installed")


def run(script: Path, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [shutil.which("Rscript") or "Rscript", "--vanilla", str(script)]
    given = {**os.environ, "RETICULATE_PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**given, **environment},
        check=False,
    )


def changed(folder: Path, old: str, new: str) -> Path:
    text = SCRIPT.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = folder / "changed.R"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


@pytest.mark.r
@pytest.mark.usefixtures("reticulate")
def test_the_script_of_the_page_agrees_with_r(tmp_path: Path) -> None:
    done = run(SCRIPT, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "24 of 24 numbers agree."
    assert "Warning" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.r
@pytest.mark.usefixtures("reticulate")
@pytest.mark.parametrize(
    ("old", "new", "agreeing"),
    [
        ("levels = c(0, 1))", "levels = c(0, 1), exclude = 1)", None),
        ('ties = "efron"', 'ties = "breslow"', 20),
        ("python = c(patterns$gower,", "python = c(patterns$gower + 1e-9,", 4),
    ],
)
def test_the_script_ends_with_1_where_the_languages_part(
    tmp_path: Path, old: str, new: str, agreeing: int | None
) -> None:
    done = run(changed(tmp_path, old, new), tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    if agreeing is not None:
        assert f"{agreeing} of 24 numbers agree." in done.stdout


@pytest.mark.r
@pytest.mark.usefixtures("reticulate")
def test_python_within_r_starts_no_second_r_unless_asked(tmp_path: Path) -> None:
    loaded = "py_eval(\"[m for m in __import__('sys').modules if m[:8] in ('r_bridge', 'rpy2')]\")"
    end = "quit(status ="
    report = f"cat('loaded:', length({loaded}), '\\n')\n"
    asked = (
        'second <- lesionhet$engine("r")$answer(lesionhet$requests$kendall(1:4, c(1, 3, 2, 4)))\n'
        "cat('tau:', py_to_r(second$value('estimate')), '\\n')\n"
    )
    done = run(changed(tmp_path, end, report + asked + end), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "loaded: 0 \n" in done.stdout
    assert "tau: 0.6666667 \n" in done.stdout


@pytest.mark.r
@pytest.mark.usefixtures("reticulate")
def test_every_kind_of_na_and_text_survives_the_way_there_and_back(tmp_path: Path) -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    helpers = text[: text.index("# Diameters in mm")]
    check = """
table <- data.frame(number = c(1.5, NA, -3), whole = c(NA, 2L, 3L), flag = c(TRUE, NA, FALSE),
                    text = c("NA", NA, "x'); system(\\"touch hacked\\"); #"), one = "\\u65e5\\u672c",
                    stringsAsFactors = FALSE)
back <- to_r(to_python(table))
back$flag <- as.logical(back$flag)
stopifnot(all.equal(back, table), identical(is.na(back), is.na(table)), identical(back$text, table$text))
"""
    (tmp_path / "na.R").write_text(helpers + check, encoding="utf-8")
    done = run(tmp_path / "na.R", tmp_path)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["na.R"]


@pytest.mark.r
@pytest.mark.usefixtures("reticulate")
def test_without_a_python_it_says_what_to_set(tmp_path: Path) -> None:
    done = run(SCRIPT, tmp_path, RETICULATE_PYTHON="")
    assert done.returncode == 1
    assert "Set RETICULATE_PYTHON to the Python in which lesionhet is installed." in done.stderr


# --------------------------------------------------------------------------------------- set-up


@pytest.mark.parametrize(("for_tests", "wanted"), [(False, R_PACKAGES), (True, ("reticulate",))])
def test_only_the_tests_ask_for_reticulate(
    for_tests: bool, wanted: tuple[str, ...], tmp_path: Path
) -> None:
    setup = Setup(tmp_path, constraints=None, skip_r=False, require_r=for_tests)
    assert setup.r_packages[-len(wanted) :] == wanted
    assert setup.lacks(R_42) is for_tests
    assert setup.lacks(WITH_TESTS) is False
    assert setup.lacks(None) is True


def test_a_set_up_without_the_tests_is_completed_for_them_and_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    plain = Setup(tmp_path, constraints=None, skip_r=False, require_r=False)
    plain.python.parent.mkdir(parents=True)
    plain.python.touch()
    plain.write_stamp(Stamp(plain.key(R_42), ""))
    asked: list[tuple[str, ...]] = []

    def add_r(log: Log, *, rpy2_loads: bool, packages: tuple[str, ...]) -> tuple[RFound, str]:
        asked.append(packages)
        return WITH_TESTS, ""

    monkeypatch.setattr(setup_environment, "find_r", lambda: R_42)
    monkeypatch.setattr(setup_environment, "add_r", add_r)
    monkeypatch.setattr(Setup, "install_rpy2", lambda self, r: "")
    monkeypatch.setattr(Setup, "rpy2_loads", lambda self: True)
    assert plain.run() == ""
    assert asked == []
    tests = Setup(tmp_path, constraints=None, skip_r=False, require_r=True)
    assert tests.run() == ""
    assert asked == [(*R_PACKAGES, "reticulate")]
    monkeypatch.setattr(setup_environment, "find_r", lambda: WITH_TESTS)
    assert tests.run() == ""
    assert len(asked) == 1


def test_apt_is_asked_for_it_under_debians_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(system_setup, "find_r", lambda: R_42)
    monkeypatch.setattr(system_setup, "detect_platform", lambda path: "debian")
    monkeypatch.setattr(system_setup, "_from_apt", lambda r: True)
    monkeypatch.setattr(system_setup, "_dpkg_has", lambda name: False)
    monkeypatch.setattr(system_setup, "apt_install", lambda log, names: not asked.append(names))
    packages = (*R_PACKAGES, *R_PACKAGES_TESTS)
    r, reason = system_setup.add_r(Log(tmp_path / "log"), rpy2_loads=True, packages=packages)
    assert asked == [["r-cran-reticulate"]]
    assert r == R_42
    assert reason.startswith("R 4.2.2 lacks reticulate. To add it:\n")
    assert install_commands("conda", ["reticulate"])[0].endswith("r-reticulate")


def test_the_shell_adds_it_for_the_tests_alone() -> None:
    text = (ROOT / "scripts" / "setup.sh").read_text(encoding="utf-8")
    (named,) = re.findall(r'^APT_TESTS="(.*)"$', text, re.MULTILINE)
    assert set(system_packages("debian", R_PACKAGES_TESTS)) <= set(named.split())
    assert '*" --require-r "*) APT_ALL="$APT_ALL $APT_TESTS"' in text
