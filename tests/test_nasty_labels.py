"""Labels that look like code go to R's side and come back unchanged, and nothing of them is executed."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from nasty_labels_helpers import CODE, LONG, NASTY, PLAIN, nasty_cohort, tall

from lesionhet import requests
from lesionhet.agreement import agreed, compare
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.figures.text import width, wrap
from lesionhet.outcome import Outcome
from lesionhet.pipeline import analyze
from lesionhet.report import write_report
from lesionhet.requests import Request
from lesionhet.scripting import Statistics, python, r_session
from r_bridge import sources
from r_bridge.convert import to_vectors
from r_bridge.session import RSession, shared_session

ECHO = {
    "_call.R": sources()["_call.R"],
    "echo.R": "echo <- function(data, texts = character()) {\n"
    "  list(data = data, options = data.frame(texts = texts, length = nchar(texts)))\n}",
    "careless.R": "careless <- function(data) {\n"
    "  list(data = data.frame(value = eval(parse(text = data$text[1]))))\n}",
}
ROWS = tall(9)
SORTED = tuple(sorted(NASTY))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder that R runs in and that must be empty afterwards."""
    place = tmp_path / "here"
    place.mkdir()
    monkeypatch.chdir(place)
    yield place
    assert list(place.iterdir()) == []


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RSession]:
    session = RSession(ECHO)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("echo"))
        session.call("echo", pd.DataFrame({"x": [1.0]}))
    yield session
    session.close()


@pytest.fixture(scope="module")
def r(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Statistics]:
    place = tmp_path_factory.mktemp("session")
    with pytest.MonkeyPatch.context() as patch, r_session() as statistics:
        patch.chdir(place)
        statistics.versions()
        patch.undo()
        yield statistics
    assert list(place.iterdir()) == []


# ------------------------------------------------------------------------------------ raw tables


@pytest.mark.r
def test_a_careless_function_would_run_the_label(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    session = RSession(ECHO)
    try:
        session.call("careless", pd.DataFrame({"text": ['system("touch hacked")']}))
    finally:
        session.close()
    assert (tmp_path / "hacked").exists()


@pytest.mark.r
def test_texts_of_a_table_come_back_in_their_order_with_their_gaps(echo: RSession) -> None:
    texts = [None, *NASTY, None, *NASTY[::-1], None]
    table = pd.DataFrame({"text": pd.Series(texts, dtype=object), "row": range(len(texts))})
    reply = echo.call("echo", table)
    pd.testing.assert_frame_equal(reply.tables["data"], table)
    assert reply.tables["data"]["text"].tolist() == texts


@pytest.mark.r
def test_names_of_columns_come_back_in_their_order(echo: RSession) -> None:
    table = pd.DataFrame({name: [float(k), np.nan] for k, name in enumerate(NASTY)})
    reply = echo.call("echo", table)
    assert list(reply.tables["data"]) == list(NASTY)
    pd.testing.assert_frame_equal(reply.tables["data"], table)


@pytest.mark.r
def test_texts_of_an_option_come_back_with_their_length(echo: RSession) -> None:
    reply = echo.call("echo", pd.DataFrame({"x": [1.0]}), {"texts": list(NASTY)})
    found = reply.tables["options"]
    assert found["texts"].tolist() == list(NASTY)
    assert found["length"].tolist() == [len(text) for text in NASTY]


@pytest.mark.parametrize(
    ("text", "reason"), [("a\0b", "NUL character"), ("a\ud800", "not Unicode")]
)
def test_a_text_that_r_cannot_hold_is_refused_with_its_row(text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=f"Column 'site' .*{reason}.*first in data row 2"):
        to_vectors(pd.DataFrame({"site": ["liver", text]}))


# ------------------------------------------------------------------------------------ every request


def numbers_only(request: Request[Any]) -> bool:
    """Tell whether what goes to an engine has no text of the data in it."""
    kinds = {dtype.kind for dtype in request.data.dtypes}
    # An option may be a list of one rule for each of many readings: each rule once.
    options = {
        str(one)
        for value in request.options.values()
        for one in (value if isinstance(value, list) else [value])
    }
    names = "".join([*request.data.columns, *options])
    return kinds <= set("iufb") and names.isascii() and len(names) < 2000 and "hacked" not in names


def pair(rows: pd.DataFrame) -> Request[Any]:
    two = np.where(rows["label"] == CODE, CODE, LONG)
    return requests.mann_whitney(rows["values"], two)


def covariates(rows: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame({name: rng.normal(size=len(rows)) for name in names})


def patterns_of(rows: pd.DataFrame) -> pd.DataFrame:
    rng = np.random.default_rng(6)
    table = pd.DataFrame(
        rng.integers(0, 2, (len(rows), 3)), columns=["response", "stable", "relapse"]
    )
    return table.assign(
        nadir_ratio=rows["values"].to_numpy(),
        last_ratio=rows["time"].to_numpy() / 100,
        patient_id=rows["label"].to_numpy(),
        lesion_id=[NASTY[k % len(NASTY)] for k in range(len(rows))],
    )


def mixed(rows: pd.DataFrame) -> pd.DataFrame:
    first = rows.drop_duplicates("label")
    table = first[["label", "values"]].set_axis(first["label"].tolist())
    return table.set_axis([CODE, LONG], axis=1).assign(
        **{"TRUE": 1.0, "..1": first["label"].tolist()}
    )


SERIES = pd.DataFrame(
    {
        "unit": np.repeat(range(len(NASTY)), 3),
        "day": [0, 50, 100] * len(NASTY),
        "size_mm": np.arange(3 * len(NASTY)) % 17 + 5.0,
    }
)
Asked = Callable[[pd.DataFrame], "Request[Any]"]
BY_GROUP: dict[str, Asked] = {
    "describe": lambda rows: requests.describe(rows["values"], rows["label"]),
    "describe in order": lambda rows: requests.describe(rows["values"], rows["label"], NASTY),
    "count": lambda rows: requests.count(rows["label"], rows["label"]),
    "kruskal_wallis": lambda rows: requests.kruskal_wallis(rows["values"], rows["label"]),
    "median_interval": lambda rows: requests.median_interval(rows["values"], rows["label"]),
    "kaplan_meier": lambda rows: requests.kaplan_meier(
        rows["time"], rows["event"], rows["label"], times=[50]
    ),
    "log_rank": lambda rows: requests.log_rank(rows["time"], rows["event"], rows["label"]),
}
OTHERS: dict[str, tuple[Asked, str, str, tuple[str, ...]]] = {
    "mann_whitney": (pair, "groups", "group", (CODE, LONG)),
    "dunn": (
        lambda rows: requests.dunn(rows["values"], rows["label"]),
        "pairs",
        "group_1",
        SORTED[:-1],
    ),
    "cox": (
        lambda rows: requests.cox(
            rows["time"], rows["event"], covariates(rows, NASTY), strata=rows["label"]
        ),
        "terms",
        "term",
        NASTY,
    ),
    "gower": (
        lambda rows: requests.gower(mixed(rows)),
        "pairs",
        "row_1",
        tuple(ROWS["label"].unique()[:-1]),
    ),
    "heterogeneity": (
        lambda rows: requests.heterogeneity(patterns_of(rows), Definitions()),
        "patients",
        "patient",
        SORTED,
    ),
    "phases": (
        lambda rows: requests.phases(SERIES, NASTY, Definitions()),
        "units",
        "row",
        NASTY,
    ),
}


@pytest.mark.r
@pytest.mark.parametrize("name", BY_GROUP)
def test_groups_come_back(name: str, r: Statistics, folder: Path) -> None:
    request = BY_GROUP[name](ROWS)
    assert numbers_only(request)
    first, second = python.answer(request), r.answer(request)
    table = "groups" if "groups" in request.result.SHAPES else next(iter(request.result.SHAPES))
    expected = NASTY if name == "describe in order" else SORTED
    for result in (first, second):
        assert tuple(dict.fromkeys(result.to_frame(table)["group"])) == expected
    assert agreed(compare(name, first, second))


@pytest.mark.r
@pytest.mark.parametrize("name", OTHERS)
def test_names_of_terms_rows_and_patients_come_back(name: str, r: Statistics, folder: Path) -> None:
    ask, table, column, expected = OTHERS[name]
    request = ask(ROWS)
    assert numbers_only(request)
    first, second = python.answer(request), r.answer(request)
    for result in (first, second):
        assert tuple(dict.fromkeys(result.to_frame(table)[column])) == expected
    assert agreed(compare(name, first, second))


@pytest.mark.r
def test_the_covariate_of_interest_is_found_by_its_name(r: Statistics, folder: Path) -> None:
    draws = np.random.default_rng(1).integers(0, 3, (len(ROWS), 2))
    request = requests.resampled_cox(
        ROWS["time"], ROWS["event"], covariates(ROWS, PLAIN[:3]), draws, ROWS["label"],
        of_interest=PLAIN[1],
    )  # fmt: skip
    assert numbers_only(request)
    assert request.options["of_interest"] == 2
    assert agreed(compare("resampled", python.answer(request), r.answer(request)))


@pytest.mark.r
def test_a_refusal_of_r_names_the_terms_by_their_labels(r: Statistics, folder: Path) -> None:
    table = covariates(ROWS, (CODE, "日本")).assign(NA=lambda x: x[CODE] + x["日本"])
    request = requests.cox(ROWS["time"], ROWS["event"], table)
    with pytest.raises(NotEstimableError) as caught:
        r.answer(request)
    assert repr("NA") in str(caught.value)
    with pytest.raises(NotEstimableError) as caught:
        python.answer(request)
    assert repr(CODE) in str(caught.value)


# -------------------------------------------------------------------------------- a whole cohort


def one_figure_a_kind(outcome: Outcome) -> Outcome:
    """Leave the second and later figure of a kind away: drawing takes most of a report's time."""
    drawn: set[type] = set()
    results = []
    for result in outcome.results:
        charts = {}
        for name, chart in result.shown.charts.items():
            if type(chart) not in drawn:
                charts[name] = chart
            drawn.add(type(chart))
        shown = dataclasses.replace(result.shown, charts=charts)
        results.append(dataclasses.replace(result, shown=shown))
    return dataclasses.replace(outcome, results=tuple(results))


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Outcome, Path]]:
    place = tmp_path_factory.mktemp("cohort")
    cohort, plan = nasty_cohort()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        shared_session().close()
        outcome = analyze(cohort, Definitions(site_min_lesions=5), r="require", plan=plan)
        write_report(one_figure_a_kind(outcome), place / "report", "nasty")
        shared_session().close()
    yield outcome, place


@pytest.mark.r
def test_a_cohort_of_such_labels_agrees_whole(analysed: tuple[Outcome, Path]) -> None:
    outcome, place = analysed
    assert outcome.r_failures == {}
    assert agreed(outcome.agreement) and len(outcome.agreement) > 3000
    assert [path.name for path in place.iterdir()] == ["report"]
    assert list(place.rglob("hacked*")) == []
    done = [result for result in outcome.results if result.status == "done"]
    assert len(done) > 25


@pytest.mark.r
def test_no_label_of_it_went_to_an_engine(analysed: tuple[Outcome, Path]) -> None:
    asked = [request for result in analysed[0].results for request in result.requests.values()]
    assert all(map(numbers_only, asked))
    kinds = {request.statistic for request in asked}
    assert {"patterns", "organ_response", "cox", "log_rank", "count", "dunn"} <= kinds


@pytest.mark.r
def test_ids_sites_arms_and_headings_are_what_they_were(analysed: tuple[Outcome, Path]) -> None:
    study = analysed[0].study
    assert set(PLAIN) <= set(study.patients["patient_id"])
    assert set(PLAIN[:8]) >= set(study.patients["arm"]) and CODE in set(study.lesions["site"])
    assert set(PLAIN[:10]) <= set(study.patients.columns)
    assert len(set(study.patients["arm"])) > 3


def test_a_figure_shows_the_beginning_of_a_very_long_label() -> None:
    lines = wrap(LONG, 30.0).split("\n")
    assert "".join(lines) == "é" * 499 + "…"
    assert max(map(width, lines)) <= 30.0
    assert wrap("é" * 500, 30.0).replace("\n", "") == "é" * 500


@pytest.mark.r
def test_the_report_of_it_is_computed_again_by_r_alone(
    analysed: tuple[Outcome, Path], tmp_path: Path
) -> None:
    _, place = analysed
    script = place / "report" / "reproduce.R"
    done = subprocess.run(
        [shutil.which("Rscript") or "Rscript", str(script)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert "numbers agree." in done.stdout.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
    assert list(place.rglob("hacked*")) == []
    assert "hacked" not in script.read_text(encoding="utf-8").split("# ---- ")[0]
