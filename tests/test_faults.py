"""A fault in either language: `lesionhet validate` exits 1 and names the statistic, everywhere it speaks."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from lesionhet.validate.golden import read_golden
from r_bridge.session import RSession
from tests.faults_helpers import (
    INNOCENT,
    PythonFault,
    RFault,
    Run,
    answer_what_is_refused,
    censored_before,
    on_rows,
    on_table,
    seventh_digit,
    swapped_codes,
    ties_in_order,
    validate,
    with_option,
    without_first_row,
)
from tests.golden_helpers import FOLDER, stored_data_sets

HERE = "lesionhet.statistics"

IN_PYTHON = {
    "wrong tie rule": PythonFault(
        f"{HERE}.cox.cox", on_rows(ties_in_order), "cox.terms.estimate", cohorts=4
    ),
    "wrong tail": PythonFault(
        f"{HERE}.rank.mann_whitney",
        on_table("test", lambda table: table.assign(p_value=table["p_value"] / 2)),
        "mann_whitney.test.p_value",
    ),
    "swapped group": PythonFault(
        f"{HERE}.rank.mann_whitney",
        on_rows(lambda data: data.assign(group=3 - data["group"])),
        "mann_whitney.test.statistic",
    ),
    "off by one in the risk set": PythonFault(
        f"{HERE}.logrank.log_rank", on_rows(censored_before), "log_rank.groups.expected", cohorts=4
    ),
    "range over the wrong set": PythonFault(
        "lesionhet.heterogeneity.heterogeneity_tables",
        with_option("range", {"patient": "cohort"}),
        "heterogeneity.lesions.distance",
        cohorts=9,
    ),
    "seventh digit": PythonFault(
        f"{HERE}.cox.cox", on_table("terms", seventh_digit), "cox.terms.estimate"
    ),
    "dropped row": PythonFault(
        f"{HERE}.summary.median_interval",
        on_rows(without_first_row),
        "median_interval.medians.estimate",
    ),
    "swapped label": PythonFault(
        f"{HERE}.rank.kruskal_wallis",
        on_table("groups", swapped_codes),
        "kruskal_wallis.groups.median",
    ),
    "nothing instead of a number": PythonFault(
        f"{HERE}.rank.dunn",
        on_table("pairs", lambda table: table.assign(p_adjusted=float("nan"))),
        "dunn.pairs.p_adjusted",
    ),
    "missing table row": PythonFault(
        f"{HERE}.survival.kaplan_meier",
        on_table("curve", lambda table: table.iloc[:-1]),
        "kaplan_meier.curve.survival",
    ),
    "an answer where there is none": PythonFault(
        f"{HERE}.logrank.log_rank", answer_what_is_refused, "log_rank", cohorts=14
    ),
}

IN_R = {
    "wrong tie rule": RFault(
        "_cox.R", "data = data, ties = ties", 'data = data, ties = "breslow"', "cox.terms.estimate"
    ),
    "wrong tail": RFault(
        "mann_whitney.R",
        'alternative = "two.sided"',
        'alternative = "less"',
        "mann_whitney.test.p_value",
    ),
    "one tail of a coefficient": RFault(
        "_cox.R", "p_value = 2 * pnorm(", "p_value = pnorm(", "cox.terms.p_value"
    ),
    "swapped group": RFault(
        "mann_whitney.R",
        "data$values[data$group == 1], data$values[data$group == 2]",
        "data$values[data$group == 2], data$values[data$group == 1]",
        "mann_whitney.test.statistic",
    ),
    "off by one in the risk set": RFault(
        "log_rank.R",
        "match(data$time, sort(unique(data$time)))",
        "match(data$time, sort(unique(data$time))) - (data$event == 0) / 2",
        "log_rank.groups.expected",
        cohorts=4,
    ),
    "nadir of the last sum": RFault(
        "recist.R",
        "if (whole) smallest <- min(smallest, total)",
        "if (whole) smallest <- total",
        "recist.visits.nadir_mm",
        cohorts=6,
    ),
    "confirmed too late": RFault(
        "recist.R",
        "when - when[i] >= confirmation_days",
        "when - when[i] > confirmation_days + 400",
        "recist.best.best_confirmed",
        cohorts=6,
    ),
    "one too few at risk": RFault(
        "kaplan_meier.R",
        "n_risk = fit$n.risk, n_event",
        "n_risk = fit$n.risk - 1, n_event",
        "kaplan_meier.curve.n_risk",
    ),
    "range over the wrong set": RFault(
        "_lesion_level.R",
        'if (range == "cohort")',
        'if (range != "fixed")',
        "heterogeneity.lesions.distance",
        cohorts=9,
    ),
    "a fixed range not used": RFault(
        "_daisy.R",
        "padded[ends, column] <- c(lowest[column], highest[column])",
        "padded[ends, column] <- range(data[[column]], na.rm = TRUE)",
        "gower.pairs.distance",
        cohorts=9,
    ),
    "seventh digit": RFault(
        "_cox.R",
        "estimate <- unname(coef(fit))",
        "estimate <- unname(coef(fit)); estimate <- estimate + 10^(floor(log10(abs(estimate))) - 6)",
        "cox.terms.estimate",
    ),
    "dropped row": RFault(
        "kaplan_meier.R",
        "~ 1, data = rows,",
        "~ 1, data = rows[seq_len(max(nrow(rows) - 1, 1)), ],",
        "kaplan_meier.curve.survival",
    ),
    "swapped label": RFault(
        "_by_group.R",
        "rep(as.integer(names(parts)), sizes)",
        "rep(as.integer(rev(names(parts))), sizes)",
        "kruskal_wallis.groups.median",
    ),
    "nothing instead of a number": RFault(
        "kruskal_wallis.R",
        "p_value = test$p.value",
        "p_value = NA_real_",
        "kruskal_wallis.test.p_value",
    ),
    "missing table row": RFault(
        "dunn.R",
        "structure(list(pairs = pairs)",
        "structure(list(pairs = pairs[-nrow(pairs), ])",
        "dunn.pairs.statistic",
    ),
    "an answer where there is none": RFault(
        "_cox.R",
        "warning = refuse_infinite",
        'warning = function(w) invokeRestart("muffleWarning")',
        "cox",
        cohorts=20,
    ),
    "a refusal where there is an answer": RFault(
        "median_groups.R",
        "if (!any(x > cut))",
        "if (sum(x > cut) < length(x) / 2)",
        "median_groups",
    ),
    "a breakdown": RFault("count.R", "counts$count / counts$n", "counts$count / count", "count"),
    "response beyond the threshold only": RFault(
        "_phases.R",
        "responds <- ratio <= response_threshold * (1 + slack)",
        "responds <- ratio < response_threshold * (1 - slack)",
        "patterns.lesions.response",
        cohorts=12,
    ),
    "relapse beyond the threshold only": RFault(
        "_phases.R",
        "relapses <- size >= limit * (1 - slack)",
        "relapses <- size > limit * (1 + slack)",
        "patterns.lesions.relapse",
        cohorts=9,
    ),
    "response of an organ at the threshold": RFault(
        "organ_response.R",
        "responds <- ratio < response_threshold * (1 - 1e-9)",
        "responds <- ratio <= response_threshold * (1 + 1e-9)",
        "organ_response.patients.response_group",
        cohorts=9,
    ),
    "baseline from the first scan": RFault(
        "_followed.R",
        "max(until_start) else",
        "min(until_start) else",
        "patterns.lesions.baseline_day",
        cohorts=6,
    ),
    "burden with one visit too many": RFault(
        "_burden.R",
        "lengths(of_assessment) == n_lesions",
        "lengths(of_assessment) >= n_lesions - 1",
        "patterns.burden.size_mm",
        cohorts=9,
    ),
}

DATA_SETS = ("survival::lung", "cluster::flower", "datasets::chickwts")
"""What a part of the battery finds, the whole finds too."""

pytestmark = pytest.mark.r


@pytest.fixture(scope="module", autouse=True)
def _rows() -> Iterator[None]:
    with stored_data_sets(read_golden(FOLDER), DATA_SETS):
        yield


_WITHOUT: dict[tuple[str, int], int] = {}


def _agrees_without(fault: PythonFault | RFault, folder: Path, capsys) -> None:
    """The same run without the fault; once for all faults of a statistic."""
    asked = fault.accused.split(".")[0], fault.cohorts
    if asked not in _WITHOUT:
        _WITHOUT[asked] = validate(fault, folder, capsys).code
    assert _WITHOUT[asked] == 0


def _check(found: Run, accused: str) -> None:
    assert found.code == 1
    statistic = accused.split(".")[0]
    for names in (found.in_json, found.in_junit):
        assert accused in names
        assert {name.split(".")[0] for name in names} == {statistic}
    verdict = found.screen[found.screen.index("Python and R do not agree.") :]
    assert statistic in verdict
    assert INNOCENT not in verdict


@pytest.mark.parametrize("name", IN_PYTHON)
def test_a_fault_in_python_is_found(name, tmp_path, capsys, monkeypatch):
    fault = IN_PYTHON[name]
    _agrees_without(fault, tmp_path / "right", capsys)
    module, _, function = fault.function.rpartition(".")
    right = getattr(import_module(module), function)
    monkeypatch.setattr(fault.function, fault.wrap(right))
    _check(validate(fault, tmp_path / "wrong", capsys), fault.accused)


@pytest.mark.parametrize("name", IN_R)
def test_a_fault_in_r_is_found(name, tmp_path, capsys, monkeypatch):
    fault = IN_R[name]
    _agrees_without(fault, tmp_path / "right", capsys)
    session = RSession(fault.sources())
    monkeypatch.setattr("r_bridge.engine.shared_session", lambda: session)
    try:
        _check(validate(fault, tmp_path / "wrong", capsys), fault.accused)
    finally:
        session.close()
