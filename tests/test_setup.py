"""The set-up, the doctor and what both know of the system: everything that needs no network."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from lesionhet import doctor, platforms
from lesionhet.doctor import Part, diagnose
from lesionhet.platforms import (
    INSTALL,
    R_PACKAGES,
    RFound,
    detect_platform,
    find_r,
    install_commands,
    os_family,
    rpy2_requirements,
    system_packages,
)

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"
sys.path.insert(0, str(SCRIPTS))

import setup_environment  # noqa: E402
import system_setup  # noqa: E402
from setup_environment import Setup, Stamp  # noqa: E402
from setup_log import Log, SetupError  # noqa: E402
from write_constraints import constraints  # noqa: E402

EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
R_42 = RFound("/usr/bin/R", "4.2.2", "/usr/lib/R", dict.fromkeys(R_PACKAGES, "1.0"))


def write_program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


# ------------------------------------------------------------------------------------ rpy2 and R


@pytest.mark.parametrize("version", ["4.1.2", "4.2.2", "4.3.3", "4.4.3"])
def test_an_r_before_4_5_gets_the_last_rpy2_that_it_can_carry(version: str) -> None:
    assert rpy2_requirements(version) == ("rpy2-rinterface==3.6.5", "rpy2-robjects==3.6.4")
    assert rpy2_requirements(version, exact=True) == rpy2_requirements(version)


@pytest.mark.parametrize("version", ["4.5.0", "4.5.3", "4.10.0", "5.0.0"])
def test_a_later_r_gets_the_range_of_the_project(version: str) -> None:
    assert list(rpy2_requirements(version)) == EXTRAS["optional-dependencies"]["r"]


@pytest.mark.parametrize("version", ["4.2.2", "4.5.0"])
def test_exact_versions_of_rpy2_are_exact_and_within_the_range_of_the_project(version: str) -> None:
    ranges = {r.name: r.specifier for r in map(Requirement, EXTRAS["optional-dependencies"]["r"])}
    for exact in map(Requirement, rpy2_requirements(version, exact=True)):
        (pin,) = exact.specifier
        assert pin.operator == "=="
        assert pin.version in ranges[exact.name]


@pytest.mark.r
def test_the_r_that_is_found_says_its_own_version_and_packages() -> None:
    r = find_r()
    assert r is not None
    said = subprocess.run([r.path, "--version"], capture_output=True, text=True, check=True).stdout
    assert f"R version {r.version}" in said
    assert r.missing_packages == ()
    assert Path(r.home, "library").is_dir()


def test_no_r_on_the_path_is_found_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("R_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_r() is None


def test_an_r_that_does_not_run_is_reported_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("R_HOME", raising=False)
    write_program(tmp_path, "R", "echo 'libR.so: cannot open shared object file' >&2; exit 127")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    r = find_r()
    assert r is not None
    assert (r.version, r.error) == ("", "libR.so: cannot open shared object file")


# ------------------------------------------------------------------------------------- platforms


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ('PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', "debian"),
        ("ID=ubuntu\nID_LIKE=debian\n", "debian"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "debian"),
        ('ID="almalinux"\nID_LIKE="rhel centos fedora"\n', "fedora"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "suse"),
        ("ID=arch\n", "arch"),
        ("ID=alpine\nVERSION_ID=3.20\n", "other"),
        ("", "other"),
    ],
)
def test_the_family_of_a_distribution(text: str, family: str) -> None:
    assert os_family(text) == family


def test_an_r_of_conda_is_mended_by_conda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONDA_PREFIX", "/opt/conda/envs/a")
    assert detect_platform("/opt/conda/envs/a/bin/R") == "conda"
    assert detect_platform("/usr/bin/R") != "conda"


@pytest.mark.parametrize("platform", [*INSTALL, "other"])
def test_every_platform_says_how_to_add_every_need(platform: str) -> None:
    commands = " | ".join(install_commands(platform, ["r", "build", *R_PACKAGES]))
    assert "rstatix" in commands
    assert re.search(r"\br\b|r-base|R-core|R-base|RProject|\bR \(", commands)
    assert "None" not in commands
    assert "http" not in commands


def test_an_r_that_is_there_is_not_installed_again() -> None:
    (command,) = install_commands("macos", ["rstatix"])
    assert command.startswith("Rscript ")
    assert "brew" not in command


def test_the_shell_and_python_install_the_same_debian_packages() -> None:
    text = (SCRIPTS / "setup.sh").read_text(encoding="utf-8")
    lists = dict(re.findall(r'^(APT_\w+)="(.*)"$', text, re.MULTILINE))
    named = set(lists["APT_ALL"].replace("$APT_PYTHON", lists["APT_PYTHON"]).split())
    wanted = system_packages("debian", ["r", "build", "headers", *R_PACKAGES])
    assert named == {*wanted, "python3", "python3-venv"}


# ------------------------------------------------------------------------------------------- apt


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    """Give a folder of programs in which apt-get writes down how it is called."""
    programs = tmp_path / "bin"
    programs.mkdir()
    write_program(programs, "id", "echo 0")
    write_program(programs, "sleep", "exit 0")
    write_program(
        programs,
        "apt-get",
        f'echo "$DEBIAN_FRONTEND $*" >> {tmp_path}/calls\n'
        f"[ ! -e {programs}/trouble ] || . {programs}/trouble",
    )
    for name in ("sh", "env", "tail", "grep", "rm", "true"):
        (programs / name).symlink_to(shutil.which(name) or name)
    return programs


def run_apt(programs: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", str(SCRIPTS / "apt_install.sh"), str(programs.parent / "log"), "r-base-core"]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={"PATH": str(programs)},
        check=False,
    )


def calls(programs: Path) -> list[str]:
    path = programs.parent / "calls"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_apt_updates_then_installs_without_questions_or_recommendations(apt: Path) -> None:
    assert run_apt(apt).returncode == 0
    update, install = calls(apt)
    assert update.startswith("noninteractive ") and update.endswith(" update")
    assert "DPkg::Lock::Timeout=600" in install
    assert install.endswith(" install -y --no-install-recommends r-base-core")


def test_without_root_and_sudo_the_command_is_said_and_apt_left_alone(apt: Path) -> None:
    write_program(apt, "id", "echo 1000")
    done = run_apt(apt)
    assert done.returncode == 3
    assert (
        "    sudo apt-get update && sudo apt-get install -y --no-install-recommends r-base-core\n"
        in (done.stderr)
    )
    assert calls(apt) == []


def test_sudo_that_would_ask_is_not_asked_where_nobody_answers(apt: Path) -> None:
    write_program(apt, "id", "echo 1000")
    write_program(apt, "sudo", 'echo "sudo: a password is required" >&2; exit 1')
    assert run_apt(apt).returncode == 3
    assert calls(apt) == []


def test_sudo_without_a_password_is_used(apt: Path) -> None:
    write_program(apt, "id", "echo 1000")
    write_program(apt, "sudo", f'echo "sudo" >> {apt.parent}/calls; shift; exec "$@"')
    assert run_apt(apt).returncode == 0
    assert calls(apt)[-1].endswith("install -y --no-install-recommends r-base-core")
    assert calls(apt).count("sudo") == 3


def test_a_lock_is_waited_for(apt: Path) -> None:
    (apt / "trouble").write_text(
        f'rm {apt}/trouble; echo "E: Could not get lock /var/lib/apt/lists/lock" >&2; exit 100',
        encoding="utf-8",
    )
    done = run_apt(apt)
    assert done.returncode == 0
    assert "waiting" in done.stdout
    assert [call.split()[-1] for call in calls(apt)] == ["update", "update", "r-base-core"]


def test_a_source_that_does_not_answer_does_not_stop_the_others(apt: Path) -> None:
    (apt / "trouble").write_text(f'rm {apt}/trouble; echo "E: no" >&2; exit 100', encoding="utf-8")
    assert run_apt(apt).returncode == 0
    assert [call.split()[-1] for call in calls(apt)] == ["update", "r-base-core"]


def test_a_failure_of_apt_shows_the_end_of_the_log_and_the_command(apt: Path) -> None:
    (apt / "trouble").write_text(
        'case "$*" in *install*) echo "E: Unable to locate package"; exit 100;; esac',
        encoding="utf-8",
    )
    done = run_apt(apt)
    assert done.returncode == 1
    assert "E: Unable to locate package" in done.stderr
    assert "sudo apt-get update && sudo apt-get install" in done.stderr


# ----------------------------------------------------------------------------------- environment


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "limits.txt").write_text("numpy==2.0.0\n", encoding="utf-8")
    return tmp_path


def plain(root: Path) -> Setup:
    return Setup(root, constraints=None, skip_r=False, require_r=False)


def test_the_key_stands_for_everything_that_the_set_up_depends_on(project: Path) -> None:
    key = plain(project).key(R_42)
    assert plain(project).key(R_42) == key
    others = [
        plain(project).key(None),
        plain(project).key(RFound("/usr/bin/R", "4.5.0", "/usr/lib/R", R_42.packages)),
        plain(project).key(RFound("/usr/bin/R", "4.2.2", "/usr/lib/R", {})),
        Setup(project, project / "limits.txt", False, False).key(R_42),
        Setup(project, None, True, False).key(R_42),
    ]
    with (project / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    others.append(plain(project).key(R_42))
    assert len({key, *others}) == 1 + len(others)


def test_a_stamp_counts_only_with_its_environment(project: Path) -> None:
    setup = plain(project)
    setup.python.parent.mkdir(parents=True)
    setup.write_stamp(Stamp("k", "no R"))
    assert setup.read_stamp() is None
    setup.python.touch()
    assert setup.read_stamp() == Stamp("k", "no R")
    (setup.venv / "setup.stamp").write_text(json.dumps({"other": 1}), encoding="utf-8")
    assert setup.read_stamp() is None


def test_a_broken_environment_is_made_again_and_a_whole_one_is_kept(project: Path) -> None:
    setup = plain(project)
    setup.python.parent.mkdir(parents=True)
    write_program(setup.python.parent, setup.python.name, "exit 1")
    (setup.venv / "old").touch()
    setup.log.path.write_text("what was before\n", encoding="utf-8")
    setup.make_venv()
    assert not (setup.venv / "old").exists()
    assert setup.venv_says("import pip; print('whole')") == "whole"
    (setup.venv / "new").touch()
    setup.make_venv()
    assert (setup.venv / "new").exists()
    log = setup.log.path.read_text(encoding="utf-8")
    assert log.startswith("what was before")
    assert log.count("-m venv") == 1


def test_a_failed_step_shows_the_end_of_its_log(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = Log(project / "new" / "log")
    script = "for i in range(40): print('line', i)\nraise SystemExit(1)"
    assert not log.run("A step", [sys.executable, "-c", script])
    assert log.tail().splitlines()[1:] == [f"  line {i}" for i in range(25, 40)]
    assert "done" not in capsys.readouterr().out


def test_pip_that_fails_shows_what_it_said_and_what_to_look_at(project: Path) -> None:
    setup = plain(project)
    setup.python.parent.mkdir(parents=True)
    write_program(setup.python.parent, setup.python.name, "echo 'ERROR: no route to host'; exit 1")
    with pytest.raises(SetupError) as caught:
        setup.install_python_packages()
    assert "ERROR: no route to host" in str(caught.value)
    assert "pip config list" in str(caught.value)


def test_what_is_there_is_not_needed() -> None:
    assert system_setup.missing_needs(R_42, rpy2_loads=True) == []
    lacking = RFound("/usr/bin/R", "4.2.2", "/usr/lib/R", {"survival": "3.5", "cluster": "2"})
    assert system_setup.missing_needs(lacking, rpy2_loads=True) == ["nlme", "rstatix"]
    assert system_setup.missing_needs(R_42, rpy2_loads=False)[0] == "build"
    needs = system_setup.missing_needs(None, rpy2_loads=False)
    assert needs[:2] == ["r", "build"]
    assert needs[-len(R_PACKAGES) :] == list(R_PACKAGES)


def test_apt_is_left_alone_where_the_r_is_not_its_own(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = RFound("/usr/local/bin/R", "4.4.1", "/usr/local/lib/R", {})
    monkeypatch.setattr(system_setup, "find_r", lambda: lacking)
    monkeypatch.setattr(system_setup, "detect_platform", lambda path: "debian")
    monkeypatch.setattr(
        system_setup, "apt_install", lambda log, packages: pytest.fail("apt was called")
    )
    r, reason = system_setup.add_r(Log(project / "log"), rpy2_loads=True)
    assert r == lacking
    assert "lacks survival, cluster, nlme, rstatix" in reason


@pytest.mark.parametrize(("required", "code"), [(True, 1), (False, 0)])
def test_without_r_the_tests_stop_and_the_demo_goes_on(
    required: bool,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Setup, "run", lambda self: "There is no R on the path.")
    monkeypatch.setattr(sys, "argv", ["setup", *(["--require-r"] if required else [])])
    monkeypatch.chdir(ROOT)
    assert setup_environment.main() == code
    assert "There is no R on the path." in capsys.readouterr().err


def test_a_python_that_is_not_usable_is_refused_by_name() -> None:
    done = subprocess.run(
        ["sh", str(SCRIPTS / "setup.sh")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHON": "no-such-python"},
        check=False,
    )
    assert done.returncode == 1
    assert "PYTHON=no-such-python is not a Python 3.11 or later" in done.stderr


# ----------------------------------------------------------------------- constraints, make and CI


def test_constraints_name_versions_and_nothing_else() -> None:
    text = constraints(
        {
            "Jinja2": "3.1.6",
            "et_xmlfile": "2.0",
            "lesionhet": "1",
            "pip": "25",
            "rpy2-robjects": "3",
        }
    )
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert lines == ["et-xmlfile==2.0", "jinja2==3.1.6"]


def test_the_constraints_of_the_project_fit_its_ranges() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][\w.+]*", line) for line in lines)
    pins = dict(line.split("==") for line in lines)
    assert not [name for name in pins if name.startswith("rpy2")]
    extras = EXTRAS["optional-dependencies"]
    asked = [
        *EXTRAS["dependencies"],
        *(one for key in ("app", "scale", "dev") for one in extras[key]),
    ]
    for wanted in map(Requirement, asked):
        assert pins[wanted.name.lower()] in wanted.specifier, wanted


def make_plan(*arguments: str) -> list[str]:
    done = subprocess.run(
        ["make", "-n", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_test_requires_r_and_ends_with_pytest() -> None:
    first, *checks, last = make_plan("test")
    assert "scripts/setup.sh" in first and "--require-r" in first
    assert last.startswith("LESIONHET_REQUIRE_R=1 ") and "pytest" in last
    assert [any(word in line for line in checks) for word in ("check", "format", "mypy")] == [
        True
    ] * 3


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_demo_hands_the_constraints_on() -> None:
    plan = make_plan("demo", "CONSTRAINTS=constraints.txt")
    assert '--constraints "constraints.txt"' in plan[0]
    assert "lesionhet demo -o demo-report" in plan[1]
    assert "--constraints" not in make_plan("demo")[0]


def test_the_set_up_names_no_download_address() -> None:
    files = [
        ROOT / "Makefile",
        ROOT / "constraints.txt",
        ROOT / ".ci/run",
        *SCRIPTS.glob("*.[ps]*"),
    ]
    files += [Path(doctor.__file__), Path(platforms.__file__)]
    assert [path.name for path in files if "://" in path.read_text(encoding="utf-8")] == []


@pytest.mark.skipif(os.name == "nt", reason="no file modes")
def test_ci_can_be_run() -> None:
    assert os.access(ROOT / ".ci/run", os.X_OK)


# ---------------------------------------------------------------------------------------- doctor


def test_a_python_package_that_does_not_fit_comes_with_its_command() -> None:
    part = Part("pandas", ">=2.2,<3", "core", "3.0.0", doctor._fits("3.0.0", ">=2.2,<3"))
    (item,) = doctor._missing_python((part,), None)
    assert item.what == "pandas"
    assert item.commands == (f'"{sys.executable}" -m pip install "pandas>=2.2,<3"',)


def test_rpy2_is_asked_for_in_the_version_that_the_r_can_carry() -> None:
    part = Part("rpy2-rinterface", ">=3.6.5,<3.7", "r", "", False)
    (item,) = doctor._missing_python((part,), R_42)
    assert '"rpy2-rinterface==3.6.5" "rpy2-robjects==3.6.4"' in item.commands[0]
    assert list(doctor._missing_python((part,), None)) == []


def test_without_r_the_doctor_names_what_adds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("R_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(doctor, "detect_platform", lambda path: "debian")
    found = diagnose()
    assert not found.r_ready
    text = found.to_text()
    assert "R: not found on the path" in text
    assert "The same numbers in R: not ready." in text
    assert "--no-install-recommends r-base-core r-base-dev python3-dev r-cran-survival" in text


@pytest.mark.r
def test_the_doctor_finds_r_ready_and_never_loads_it_here() -> None:
    script = (
        "import sys; from lesionhet.doctor import diagnose; d = diagnose();"
        "print(d.r_ready, [m for m in sys.modules if m.startswith('rpy2')], d.r.version)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    r = find_r()
    assert r is not None
    assert done.stdout.strip() == f"True [] {r.version}"


@pytest.mark.r
def test_an_rpy2_that_cannot_load_r_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "RPY2_PROBE", "raise OSError('libR.so is gone')")
    found = diagnose()
    assert found.rpy2_error == "OSError: libR.so is gone"
    assert not found.r_ready
    assert any("--force-reinstall" in c for item in found.missing for c in item.commands)
