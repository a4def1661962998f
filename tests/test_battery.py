"""The battery of `lesionhet validate`: its cohorts, R's data sets, and what a run makes of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from lesionhet import requests
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError, RCallError, RUnavailableError
from lesionhet.statistics.engine import PythonEngine
from lesionhet.statistics.registry import REGISTRY
from lesionhet.validate.battery import Battery
from lesionhet.validate.case import Case
from lesionhet.validate.cohort_draft import draw, significant
from lesionhet.validate.cohort_kinds import KINDS, OF_SIZE, SIZES, USUAL_SIZE
from lesionhet.validate.cohorts import random_case, random_cases
from lesionhet.validate.questions import QUESTIONS, make_case
from lesionhet.validate.questions.question import Options, Rows
from lesionhet.validate.r_data import data_sets, r_data_cases
from lesionhet.validate.run import KnownRefusal, run

# --- the random cohorts -----------------------------------------------------------------------


def test_every_statistic_is_asked():
    assert {question.statistic for question in QUESTIONS} == set(REGISTRY)


def test_every_kind_occurs_in_the_default_battery():
    battery = Battery(only=["describe"], r_data=False)
    named = {kind for case in battery for kind in case.name.partition(": ")[2].split(", ")}
    assert named == set(KINDS)


@pytest.mark.parametrize("number", [3, 24, 70])
def test_a_cohort_depends_on_seed_and_number_alone(number):
    first, again = random_case(number, 5), random_case(number, 5)
    assert first.name == again.name
    assert first.refused == again.refused
    assert list(first.requests) == list(again.requests)
    for question, request in first.requests.items():
        pd.testing.assert_frame_equal(request.data, again.requests[question].data)
        assert repr(request.options) == repr(again.requests[question].options)
    other = random_case(number, 6).requests["describe of values by group"].data
    assert not first.requests["describe of values by group"].data.equals(other)


def test_the_rows_do_not_depend_on_which_statistics_are_wanted():
    whole, part = random_case(6, 5), random_case(6, 5, only=["gower"])
    assert list(part.requests) == ["gower of a mixed table"]
    question = part.requests["gower of a mixed table"]
    same = whole.requests["gower of a mixed table"]
    pd.testing.assert_frame_equal(question.data, same.data)
    assert repr(question.options) == repr(same.options)


def test_cohorts_come_one_by_one():
    cases = random_cases(10**9, seed=1, only=["describe"])
    assert next(cases).origin == "seed 1, cohort 1"
    assert next(cases).origin == "seed 1, cohort 2"


def test_numbers_have_six_digits():
    data = random_case(1, 9).requests["cox"].data
    numbers = data[["time", "x1"]].to_numpy().ravel()
    assert all(float(f"{number:.6g}") == number for number in numbers)
    assert significant([2 / 3, 1e8 / 3]).tolist() == [0.666667, 33333300.0]


def _drafts(kind: str):
    """Draw a few cohorts of one kind."""
    for seed in range(3):
        rng = np.random.default_rng([seed, 99])
        draft = draw(rng, SIZES.get(kind, USUAL_SIZE))
        KINDS[kind](rng, draft)
        yield draft


def _ranks(draft):
    return draft.covariates.iloc[:, 0].corr(draft.time, method="spearman")


def _gap_share(draft):
    return pd.concat([draft.time, draft.measure, draft.covariates], axis=1).isna().to_numpy().mean()


def _rank_of_covariates(draft):
    return np.linalg.matrix_rank(draft.covariates - draft.covariates.mean())


def _groups_by_stratum(draft):
    return [set(groups) for _, groups in draft.group.groupby(draft.strata)]


SHOWS = {
    "plain": lambda d: d.event.any() and d.measure.nunique() > 2,
    "few patients": lambda d: 2 <= len(d) <= 7,
    "thousands of patients": lambda d: 1000 <= len(d) <= 5000,
    "ties": lambda d: d.time.nunique() <= 7,
    "all times equal": lambda d: np.ptp(d.time) == 0,
    "times of zero": lambda d: (d.time == 0).any() and (d.time >= 0).all(),
    "nearly equal times": lambda d: 0 < np.diff(np.unique(d.time)).min() < 1e-12,
    "heavy censoring": lambda d: d.event.mean() < 0.15,
    "no censoring": lambda d: (d.event == 1).all(),
    "no events": lambda d: (d.event == 0).all(),
    "no events in a stratum": lambda d: (d.event.groupby(d.strata).sum() == 0).any(),
    "no events in a group": lambda d: (d.event.groupby(d.group).sum() == 0).any(),
    "single-member groups": lambda d: (d.group.value_counts().iloc[1:] == 1).all(),
    "groups never together": lambda d: (
        not set.intersection(*_groups_by_stratum(d)) or len(_groups_by_stratum(d)) == 1
    ),
    "strata of two": lambda d: d.strata.value_counts().max() == 2,
    "many groups": lambda d: d.group.nunique() > 6,
    "labels like code": lambda d: set(d.group) & {"TRUE", "NA", "..1"},
    "constant covariate": lambda d: np.ptp(d.covariates, axis=0).min() == 0,
    "covariate constant in strata": lambda d: (
        d.covariates.groupby(d.strata).nunique().iloc[:, -1] == 1
    ).all(),
    "separation": lambda d: _ranks(d) < -0.999,
    "separation by the event": lambda d: d.covariates["event again"].equals(d.event),
    "near-separation": lambda d: -1 < _ranks(d) < -0.5,
    "collinear covariates": lambda d: _rank_of_covariates(d) < d.covariates.shape[1],
    "nearly collinear covariates": lambda d: (
        d.covariates.iloc[:, [0, -1]].corr().iloc[0, 1] > 0.999
    ),
    "many covariates": lambda d: d.covariates.shape[1] >= 9,
    "huge numbers": lambda d: d.measure.abs().max() > 1e7 and d.time.max() > 1e7,
    "tiny numbers": lambda d: d.measure.abs().max() < 1e-6 and d.covariates.iloc[:, 0].max() < 1e-6,
    "mixed scales": lambda d: d.covariates.iloc[:, 0].abs().max() > 1e6,
    "far from zero": lambda d: d.measure.std() < 1e-3 * d.measure.mean(),
    "outliers": lambda d: d.other.max() > 5 * d.other.median(),
    "equal values": lambda d: np.ptp(d.measure) == 0,
    "two values": lambda d: d.measure.nunique() <= 2,
    "missing values": lambda d: 0 < _gap_share(d) < 1,
    "duplicated patients": lambda d: (
        d.time.iloc[: len(d) // 2].isin(d.time.iloc[len(d) // 2 :]).all()
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_brings_about_what_it_is_called(kind):
    assert [bool(SHOWS[kind](draft)) for draft in _drafts(kind)] == [True] * 3


def test_every_kind_can_come_on_top_of_every_other():
    for first in KINDS:
        for second in set(KINDS) - {first, *OF_SIZE}:
            rng = np.random.default_rng(8)
            draft = draw(rng, (30, 60))
            for kind in (first, second):
                KINDS[kind](rng, draft)
            columns = [draft.time, draft.event, draft.group, draft.strata, draft.measure]
            assert {len(column) for column in [*columns, draft.covariates]} == {len(draft)}


# --- one question after the other -------------------------------------------------------------


def test_questions_that_the_rows_cannot_answer_are_refused_with_the_reason():
    values = pd.Series([1.0, 1.0, 1.0])
    group = pd.Series(["a", "b", "b"])
    case = make_case("three", "by hand", Rows(values=values, group=group), Options(pooled=True))
    assert set(case.requests) == {
        "describe of values",
        "describe of values by group",
        "quantile_groups of values",
        "median_groups of values",
        "median_interval of values",
        "median_interval by group",
        "proportion of high values by group",
        "measurement_error of neighbours",
    }
    assert case.refused["dunn by group"] == "Dunn test: all 3 values are equal."
    by_group = make_case("three", "", Rows(values=values, group=group), Options())
    assert set(case.requests) - set(by_group.requests) == {
        "describe of values",
        "median_interval of values",
    }
    only = make_case("three", "", Rows(values=values, group=group), Options(), only=["dunn"])
    assert (list(only.requests), list(only.refused)) == ([], ["dunn by group"])


class Twisted(PythonEngine):
    """Python's engine with something done to the answers of one statistic."""

    name = "r"

    def __init__(self, statistic: str, twist):
        self.statistic, self.twist = statistic, twist

    def answer(self, request):
        result = super().answer(request)
        return self.twist(result) if request.statistic == self.statistic else result


def raising(error: Exception):
    def twist(result):
        raise error

    return twist


def moved(table: str, column: str, times: float):
    """Multiply the last number of a column."""

    def twist(result):
        changed = result.to_frame(table)
        changed[column] = changed[column].astype(float)
        changed.loc[changed.index[-1], column] *= times
        return dataclasses.replace(result, tables={**result.tables, table: changed})

    return twist


def plain_case(name: str = "a cohort") -> Case:
    case = random_case(1, 11, only=["describe", "mann_whitney", "cox", "kendall"])
    return Case(name, case.origin, case.requests, {"dunn by group": "too few"})


def verdicts(findings) -> dict[str, str]:
    return dict(zip(findings.refusals["question"], findings.refusals["verdict"], strict=True))


def test_a_run_counts_what_it_compared():
    rows, told = [], []
    findings = run(
        [plain_case("one"), plain_case("two")],
        PythonEngine(),
        PythonEngine(),
        sink=rows.append,
        progress=lambda *words: told.append(words),
    )
    table = pd.concat(rows)
    assert told == [(1, 2, "one"), (2, 2, "two")]
    assert findings.cases == 2
    assert findings.questions == 2 * len(plain_case().requests) + 2
    assert findings.numbers == len(table) == findings.quantities["numbers"].sum()
    assert (findings.quantities["verdict"] == "agree").all()
    assert (findings.quantities["cases"] == 2).all()
    assert set(table["name"].str.partition(", ")[0]) == {"one", "two"}
    assert verdicts(findings) == {"dunn by group": "shared"}
    assert findings.refusals["statistic"].tolist() == ["dunn", "dunn"]
    assert findings.failures.empty


def test_the_number_shown_is_the_one_that_parts_furthest():
    wrong = Twisted("cox", moved("terms", "estimate", 1 + 1e-5))
    findings = run([plain_case("one"), plain_case("two")], PythonEngine(), wrong)
    found = findings.quantities.set_index("statistic")
    parted = found[found["verdict"] == "differ"]
    assert parted.index.tolist() == ["cox.terms.estimate"]
    row = parted.loc["cox.terms.estimate"]
    questions = [name for name in plain_case().requests if name.startswith("cox")]
    assert row["differ"] == 2 * len(questions)
    assert row["relative"] == pytest.approx(1e-5, rel=1e-3)
    assert row["tolerance"] < 1e-5
    assert row["where"].startswith("one, cox")


def test_a_missing_number_is_worse_than_any():
    wrong = Twisted("describe", moved("summary", "mean", float("nan")))
    findings = run([plain_case()], PythonEngine(), wrong)
    row = findings.quantities.set_index("statistic").loc["describe.summary.mean"]
    assert row["verdict"] == "differ"
    assert np.isnan(row["r"])
    assert np.isfinite(row["python"])


def test_refusals_match_when_both_engines_refuse():
    refuses = Twisted("kendall", raising(NotEstimableError("ties only")))
    findings = run([plain_case()], refuses, refuses)
    row = findings.refusals.set_index("question").loc["kendall of values and other"]
    assert (row["python"], row["r"], row["verdict"]) == ("ties only", "ties only", "both")


@pytest.mark.parametrize("side", ["python", "r"])
def test_a_refusal_of_one_engine_alone_differs_unless_documented(side):
    refuses = Twisted("kendall", raising(NotEstimableError("ties only")))
    engines = (refuses, PythonEngine()) if side == "python" else (PythonEngine(), refuses)
    question = "kendall of values and other"
    assert verdicts(run([plain_case()], *engines))[question] == "differ"
    known = KnownRefusal("kendall", side, "ties", "by design")
    assert verdicts(run([plain_case()], *engines, known_refusals=[known]))[question] == "known"
    elsewhere = dataclasses.replace(known, contains="other words")
    found = run([plain_case()], *engines, known_refusals=[elsewhere])
    assert verdicts(found)[question] == "differ"


@pytest.mark.parametrize("side", ["python", "r"])
def test_an_engine_that_breaks_down_is_reported_and_the_run_goes_on(side):
    error = RCallError("R died") if side == "r" else ZeroDivisionError("a fault")
    broken = Twisted("mann_whitney", raising(error))
    engines = (broken, PythonEngine()) if side == "python" else (PythonEngine(), broken)
    findings = run([plain_case("one"), plain_case("two")], *engines)
    assert findings.failures["case"].tolist() == ["one", "two"]
    assert findings.failures["engine"].tolist() == [side] * 2
    assert str(error) in findings.failures["reason"].iloc[0]
    statistics = findings.quantities["statistic"].str.partition(".")[0]
    assert set(statistics) == {"describe", "cox", "kendall"}


def test_a_run_ends_where_r_cannot_be_used_at_all():
    gone = Twisted("describe", raising(RUnavailableError("no R")))
    with pytest.raises(RUnavailableError, match="no R"):
        run([plain_case()], PythonEngine(), gone)


# --- with R -----------------------------------------------------------------------------------


def disagreements(findings) -> list[str]:
    parted = findings.quantities[findings.quantities["verdict"] == "differ"]
    alone = findings.refusals[findings.refusals["verdict"] == "differ"]
    return [
        *(parted["statistic"] + " in " + parted["where"]),
        *(alone["case"] + ", " + alone["question"] + ": " + alone["python"] + alone["r"]),
        *findings.failures["reason"],
    ]


@pytest.mark.r
def test_random_cohorts_agree():
    # One of each trouble that R and Python meet in ways of their own.
    numbers = (7, 14, 18, 20, 21, 23, 33)
    cases = [random_case(number, 17) for number in numbers]
    findings = run(cases, engine("python"), engine("r"))
    assert disagreements(findings) == []
    assert set(findings.refusals["verdict"]) == {"both", "shared"}
    assert findings.cases == len(numbers)
    assert findings.numbers > 3000


FAULTS = {
    "a wrong tie rule": ("_cox.R", "ties = ties", 'ties = "breslow"', "cox.terms.estimate"),
    "a wrong tail": ("mann_whitney.R", '"two.sided"', '"less"', "mann_whitney.test.p_value"),
    "swapped groups": (
        "mann_whitney.R",
        "data$group == 1], data$values[data$group == 2]",
        "data$group == 2], data$values[data$group == 1]",
        "mann_whitney.test.statistic",
    ),
    "a risk set that is one short": (
        "log_rank.R",
        "match(data$time, sort(unique(data$time)))",
        "match(data$time, sort(unique(data$time))) + (data$event == 1)",
        "log_rank.test.statistic",
    ),
    "a range over the wrong rows": (
        "_lesion_level.R",
        "lowest <- highest <- c(NA_real_, NA_real_)",
        "{ lowest <- c(0, 0); highest <- c(1, 9) }",
        "heterogeneity.lesions.distance",
    ),
    "a coefficient off in the seventh digit": (
        "_cox.R",
        "estimate <- unname(coef(fit))",
        "estimate <- unname(coef(fit)) * (1 + 5e-7)",
        "cox.terms.estimate",
    ),
}


@pytest.mark.r
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_r_is_found(fault):
    from r_bridge import sources
    from r_bridge.engine import REngine
    from r_bridge.session import RSession

    file, right, wrong, quantity = FAULTS[fault]
    files = sources()
    assert right in files[file]
    files[file] = files[file].replace(right, wrong)
    statistic = quantity.partition(".")[0]
    session = RSession(files)
    try:
        few = 18 if statistic == "heterogeneity" else 6  # every third cohort has lesions
        cases = random_cases(few, seed=3, only=[statistic])
        findings = run(cases, engine("python"), REngine(session))
    finally:
        session.close()
    parted = findings.quantities[findings.quantities["verdict"] == "differ"]
    assert quantity in set(parted["statistic"])


@pytest.mark.r
@pytest.mark.parametrize(
    ("group", "strata", "time", "event"),
    [
        ("aabbccdd", "ssssttttt"[:8], [1, 2, 3, 4, 1, 2, 3, 4], [1] * 8),
        ("aabb", "ssss", [5, 5, 5, 5], [1] * 4),
        ("aaabbb", "ssssst", [1, 2, 3, 4, 4, 9], [1, 0, 1, 1, 1, 1]),
        ("aabbcc", "ststst", [4, 4, 3, 3, 1, 1], [1, 1, 1, 1, 0, 0]),
    ],
)
def test_both_engines_refuse_a_log_rank_test_of_groups_that_never_meet(group, strata, time, event):
    request = requests.log_rank(time, event, list(group), strata=list(strata))
    case = Case("never", "by hand", {"log_rank": request}, {})
    findings = run([case], engine("python"), engine("r"))
    assert disagreements(findings) == []


@pytest.mark.r
def test_groups_that_meet_by_way_of_another_are_compared():
    # a and c share no stratum; b is in both.
    time, event = [1, 2, 3, 4, 1, 2, 3, 4], [1, 1, 0, 1, 1, 1, 0, 1]
    request = requests.log_rank(time, event, list("ababbcbc"), strata=list("sssstttt"))
    case = Case("by way", "by hand", {"log_rank": request}, {})
    findings = run([case], engine("python"), engine("r"))
    assert disagreements(findings) == []
    assert findings.refusals.empty


@pytest.mark.r
def test_r_data_sets_are_read_with_their_types():
    from r_bridge.data_sets import read_data_sets

    found = read_data_sets(["cluster::flower", "survival::lung", "cluster::votes.repub"])
    flower, lung = found.tables["cluster::flower"], found.tables["survival::lung"]
    assert flower.shape == (18, 8)
    assert flower["V5"].cat.ordered
    assert not flower["V4"].cat.ordered
    assert flower["V6"].cat.categories.tolist()[:3] == ["1", "2", "3"]
    assert lung["wt.loss"].isna().sum() == 14
    assert found.tables["cluster::votes.repub"].index[0] == "Alabama"
    assert {"R", "survival", "cluster"} <= set(found.versions)


@pytest.mark.r
def test_a_data_set_outside_the_list_is_refused():
    from r_bridge.data_sets import read_data_sets

    with pytest.raises(RCallError, match="no data set 'base::system'"):
        read_data_sets(["base::system"])


@pytest.mark.r
def test_r_data_sets_agree():
    cases = list(r_data_cases(only=["describe", "mann_whitney", "dunn", "kendall", "gower"]))
    assert [case.name for case in cases] == [data_set.name for data_set in data_sets()]
    assert all(case.requests for case in cases)
    wanted = ("cluster::flower", "datasets::airquality", "survival::ovarian", "datasets::chickwts")
    few = [case for case in cases if case.name in wanted]
    findings = run(few, engine("python"), engine("r"))
    assert disagreements(findings) == []
    assert findings.cases == len(wanted)
