"""The R script that a report carries: it agrees, it notices, and no data becomes code."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from choices_helpers import OF_TWO, cox_readings_of
from twins_helpers import random_cohort

from lesionhet import requests
from lesionhet.choices.grid import every_reading
from lesionhet.definitions import Definitions
from lesionhet.engines import engine
from lesionhet.errors import LesionhetError
from lesionhet.noise.extent import extent
from lesionhet.recist.of_cohort import recist_data
from lesionhet.report.reproduce import Section, r_literal, write_reproduce
from lesionhet.study import build_study

LABEL = 'x\'); system("touch hacked"); #\n=1+1'


def answered(asked):
    python = engine("python")
    return {name: (request, python.answer(request)) for name, request in asked.items()}


def asked() -> dict[str, requests.Request]:
    rng = np.random.default_rng(7)
    n = 60
    group = rng.choice([LABEL, "結腸癌", "NA"], n)
    values, time = rng.integers(0, 15, n) / 7, rng.integers(1, 60, n) / 3
    event = rng.uniform(size=n) < 0.6
    x = pd.DataFrame({LABEL: rng.normal(size=n), "y": rng.normal(size=n)})
    lesions = pd.DataFrame(rng.integers(0, 2, (n, 3)), columns=["response", "stable", "relapse"])
    lesions = lesions.assign(nadir_ratio=values, last_ratio=np.where(values > 2, np.nan, values))
    lesions = lesions.assign(patient_id=rng.integers(0, 20, n), lesion_id=range(n))
    sizes = pd.DataFrame({"unit": [0, 0, 0, 1, 1], "day": [0, 50, 99, 0, 44]})
    sizes["size_mm"] = [10.0, 6.5, 9.0, 20.0, 26.0]
    cohort = random_cohort(1)
    return {
        "describe": requests.describe(values, group),
        "count": requests.count(group),
        "mann_whitney": requests.mann_whitney(values, np.where(group == LABEL, LABEL, "other")),
        "kruskal_wallis": requests.kruskal_wallis(values, group),
        "dunn": requests.dunn(values, group),
        "kendall": requests.kendall(values, time),
        "median_interval": requests.median_interval(values, group),
        "kaplan_meier": requests.kaplan_meier(time, event, group, times=[0, 10.1]),
        "no times": requests.kaplan_meier(time, event, group, conf_type="log-log"),
        "log_rank": requests.log_rank(time, event, group, strata=values > 1),
        f"2C {LABEL}": requests.cox(time, event, x, strata=group),
        "gower": requests.gower(lesions[["nadir_ratio", "last_ratio", "response"]]),
        "heterogeneity": requests.heterogeneity(
            lesions,
            Definitions(
                gower_range="fixed", gower_bounds={"nadir_ratio": (0, 1), "last_ratio": (0, 2)}
            ),
        ),
        "phases": requests.phases(sizes, ["one", "two"], Definitions(crossing="linear")),
        "resampled_cox": requests.resampled_cox(
            time, event, x, rng.integers(0, 4, (n, 3)), strata=group
        ),
        "patterns": requests.patterns(cohort, Definitions()),
        "organ_response": requests.organ_response(cohort, Definitions(), "liver"),
        "recist": requests.recist(recist_data(cohort)),
        "proportion": requests.proportion((values > 1).astype(int), group),
        "cox_from_measurements": requests.cox_from_measurements(cohort, Definitions()),
        "patient_measures": requests.patient_measures(cohort, Definitions()),
        "measure_summary": requests.measure_summary(cohort, Definitions(), 60),
        "rank_correlations": requests.rank_correlations(x),
        "compare_markers": requests.compare_markers(time, event, x[["y"]], x[[LABEL]], group),
        "marker_concordance": requests.marker_concordance(
            time, event, x[["y"]], x[[LABEL]], rng.integers(0, 3, (n, 2)), group
        ),
        "intraclass": requests.intraclass(values, group),
        "landmark_patterns": requests.landmark_patterns(cohort, Definitions(), 60),
        "landmark_organ_response": requests.landmark_organ_response(
            cohort, Definitions(), "liver", 60
        ),
        "landmark_cox": requests.landmark_cox(time, event, x, 2.0, group),
        "cox_counting": requests.cox_counting(time - 1, time, event, x, range(n), group),
        "cox_over_time": requests.cox_over_time(cohort, Definitions()),
        "organ_cox_over_time": requests.organ_cox_over_time(cohort, Definitions(), "liver"),
        "readings": requests.readings(cohort, every_reading(Definitions(), OF_TWO)),
        "cox_readings": cox_readings_of(cohort, every_reading(Definitions(), OF_TWO)),
        "progression_order": requests.progression_order(cohort, Definitions()),
        "sign_test": requests.sign_test(values - 1),
        "quantile_groups": requests.quantile_groups(values, 0.25, 0.75),
        "median_groups": requests.median_groups(values),
        **_of_a_reviewer(values, time, event, group, x),
    }


def _of_a_reviewer(values, time, event, group, x) -> dict[str, requests.Request]:
    """Ask what the chapter of that name asks, of rows of 20 patients."""
    patient, cohort = np.arange(len(values)) // 3, random_cohort(1)
    larger = random_cohort(1, 80)
    return {
        "datta_satten": requests.datta_satten(values, group, patient),
        "rosner_glynn_lee": requests.rosner_glynn_lee(values, group, patient),
        "permuted_within": requests.permuted_within(values, group, patient, permutations=19),
        "mixed_model": requests.mixed_model(values, x, patient),
        "clustered_cox": requests.clustered_cox(time, event, x, patient),
        "cox_zph": requests.cox_zph(time, event, x),
        "schoenfeld_curve": requests.schoenfeld_curve(time, event, x, of_interest="y"),
        "cox_spline": requests.cox_spline(time, event, x),
        "cox_influence": requests.cox_influence(time, event, x, range(len(values))),
        "restricted_mean": requests.restricted_mean(time, event, group, tau=9.0),
        "adjust_p": requests.adjust_p(time / 60, group),
        "noise_null": requests.noise_null(cohort, Definitions(), 3, 1),
        "remeasured": requests.remeasured(cohort, Definitions(), 3, 1),
        "reassembled": requests.reassembled(
            build_study(larger).lesions,
            extent(larger, Definitions())["n_scans"],
            Definitions(),
            3,
            1,
        ),
        "measurement_error": requests.measurement_error(patient, values + 0.1),
    }


def run(folder: Path, **options) -> subprocess.CompletedProcess:
    rscript = shutil.which("Rscript")
    return subprocess.run(
        [rscript, str(folder / "reproduce.R")], capture_output=True, text=True, **options
    )


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report with spaces")
    write_reproduce(folder, answered(asked()))
    return folder


@pytest.mark.r
def test_the_script_computes_every_number_again_from_any_folder(written, tmp_path):
    done = run(written, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    expected = pd.read_csv(written / "reproduce_data" / "expected.csv")
    assert done.stdout.splitlines()[-1] == f"All {len(expected)} numbers agree."
    assert list(tmp_path.iterdir()) == []
    assert not (written / "hacked").exists()


@pytest.mark.r
@pytest.mark.parametrize(
    ("call", "table", "column", "change"),
    [
        ("mann_whitney", "test", "p_value", lambda value: value * (1 + 1e-6)),
        ("kaplan_meier", "curve", "time", lambda value: value + 1e-9),
        ("kaplan_meier", "medians", "median", lambda value: np.nan),
        ("heterogeneity", "lesions", "distance", lambda value: value + 1e-9),
    ],
)
def test_one_changed_number_is_named_and_ends_with_1(
    written, tmp_path, call, table, column, change
):
    folder = tmp_path / "copy"
    shutil.copytree(written, folder)
    path = folder / "reproduce_data" / "expected.csv"
    expected = pd.read_csv(path, keep_default_na=False, dtype=str)
    keys = zip(expected["call"], expected["table"], expected["column"], strict=True)
    row = next(row for row, key in enumerate(keys) if key == (call, table, column))
    value = change(float(expected.loc[row, "expected"]))
    expected.loc[row, "expected"] = "" if np.isnan(value) else repr(value)
    expected.to_csv(path, index=False)
    done = run(folder)
    assert done.returncode == 1
    assert "\n1 DIFFER:\n" in done.stdout
    assert f"  {call}: {table}, " in done.stdout


@pytest.mark.r
def test_a_changed_row_of_the_data_is_noticed(written, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(written, folder)
    path = folder / "reproduce_data" / "kaplan_meier.csv"
    pd.read_csv(path).iloc[1:].to_csv(path, index=False)
    done = run(folder)
    assert done.returncode == 1
    assert "kaplan_meier: table curve has" in done.stdout or "DIFFER" in done.stdout


def test_no_text_from_data_is_in_the_script(written):
    script = (written / "reproduce.R").read_text(encoding="utf-8")
    assert "hacked" not in script
    assert "結腸癌" not in script
    texts = ("expected.csv", "names.csv")
    rows = [p for p in (written / "reproduce_data").iterdir() if p.name not in texts]
    # describe and median_interval, the curves, kruskal_wallis and dunn, the two kinds of groups; patterns,
    # organ_response, readings and landmark_patterns; the models over time with what they are made of;
    # with sites in all rows the other measures, landmark_organ_response and progression_order; the
    # clustered tests; the checks of one model; the two kinds of noise
    shared = 18
    assert len(rows) == len(asked()) - shared
    assert all("hacked" not in path.read_text(encoding="utf-8") for path in rows)


def test_a_report_reads_as_sections_with_their_questions(tmp_path):
    title = "Survival\nq('no')\u2028by arm"
    question = "Do patients on one arm live longer than those on the other? " * 3
    items = {f"2C.{name}": item for name, item in answered(asked()).items()}
    script, *_ = write_reproduce(tmp_path, items, [Section("2C", title, question)])
    lines = script.read_text(encoding="utf-8").split("\n")
    heading = next(n for n, line in enumerate(lines) if line.startswith("# ---- 2C"))
    assert lines[heading].startswith("# ---- 2C  Survival q('no') by arm ---")
    assert lines[heading + 1].startswith("# Do patients on one arm")
    assert lines[heading + 2].startswith("# ")
    assert lines[heading + 4 : heading + 6] == [
        'rows <- read_rows("2C.describe.csv")',
        'check("2C.describe", describe(rows))',
    ]
    assert max(map(len, lines[heading:])) <= 100


def test_the_script_holds_the_files_of_the_second_engine_as_they_are(written):
    from r_bridge import sources

    script = (written / "reproduce.R").read_text(encoding="utf-8")
    for name, text in sources().items():
        assert (text.strip() in script) == (name != "_call.R"), name


def test_rows_are_written_without_loss(written):
    request = asked()["median_interval"]
    rows = pd.read_csv(written / "reproduce_data" / "describe.csv", float_precision="round_trip")
    assert (rows["values"].to_numpy() == request.data["values"].to_numpy()).all()


def test_the_same_requests_give_the_same_bytes(written, tmp_path):
    files = write_reproduce(tmp_path, answered(asked()))
    assert all(path.read_bytes() == (written / path.relative_to(tmp_path)).read_bytes()
               for path in files)  # fmt: skip


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0.1, "0.1"),
        (1e-20, "1e-20"),
        (3, "3"),
        (False, "FALSE"),
        ([1.0, 2.5], "c(1, 2.5)"),
        (["a", "b"], 'c("a", "b")'),
        ([float("nan")] * 2, "rep(NA_real_, 2)"),
        (float("inf"), "Inf"),
    ],
)
def test_an_option_as_r_code(value, code):
    assert r_literal(value) == code


@pytest.mark.parametrize("value", ['"); system("x', "a b", "", None, {"a": 1}])
def test_an_option_that_is_no_plain_word_is_refused(value):
    with pytest.raises(LesionhetError, match="cannot be written as R code"):
        r_literal(value)
