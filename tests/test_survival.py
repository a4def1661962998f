from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines.statistics import multivariate_logrank_test
from statistics_helpers import MERCAPTOPURINE, answer, leukaemia, records, simulated

from lesionhet import requests
from lesionhet.errors import NotEstimableError
from lesionhet.results import KaplanMeier

rows = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=30)


def curves(conf_type: str = "log", times: tuple[float, ...] = ()) -> KaplanMeier:
    data = leukaemia()
    request = requests.kaplan_meier(
        data["time"],
        data["event"],
        data["group"],
        conf_type=conf_type,  # type: ignore[arg-type]
        times=times,
    )
    result: KaplanMeier = answer(request)
    return result


def km(time: list[float], event: list[int], **options: object) -> KaplanMeier:
    result: KaplanMeier = answer(requests.kaplan_meier(time, event, **options))  # type: ignore[arg-type]
    return result


def test_medians_of_the_leukaemia_trial() -> None:
    # summary(survfit(Surv(time, event) ~ group, conf.type = ...))$table, survival 3.5-3
    columns = ("group", "n", "events", "median", "conf_low")
    log, log_log = curves().to_frame(), curves("log-log").to_frame()
    assert records(log, *columns) == [["6-MP", 21, 9, 23, 16], ["placebo", 21, 21, 8, 4]]
    assert records(log_log, *columns) == [["6-MP", 21, 9, 23, 13], ["placebo", 21, 21, 8, 4]]
    assert log["conf_high"].isna().tolist() == [True, False]
    assert [log["conf_high"][1], log_log["conf_high"][1]] == [12, 11]


@pytest.mark.parametrize(
    ("conf_type", "low", "high"),
    [
        (
            "log",
            [0.585918982029694, 0.439393924968767, 0.248788226817660],
            [0.967574754552297, 0.895994938535082, 0.807372045529077],
        ),
        (
            "log-log",
            [0.503199510799957, 0.367510855987502, 0.188052005959232],
            [0.889361835169265, 0.804912189471841, 0.680142628495241],
        ),
    ],
)
def test_survival_at_times_equals_r(conf_type: str, low: list[float], high: list[float]) -> None:
    # summary(fit, times = c(0, 10, 20, 40), extend = TRUE)
    at = curves(conf_type, (0, 10, 20, 40)).to_frame("at")
    first, second = (part.reset_index() for _, part in at.groupby("group"))
    assert first["n_risk"].tolist() == [21, 15, 8, 0]
    survival = [1, 0.7529411764705881, 0.6274509803921567, 0.4481792717086834]
    np.testing.assert_allclose(first["survival"], survival, rtol=1e-12)
    np.testing.assert_allclose(first["conf_low"], [1, *low], rtol=1e-12)
    np.testing.assert_allclose(first["conf_high"], [1, *high], rtol=1e-12)
    # Everyone of the second group has died by 40: survival 0, no interval.
    assert second.loc[3, ["n_risk", "survival"]].tolist() == [0, 0]
    assert second.loc[3, ["conf_low", "conf_high"]].isna().all()


def test_curve_by_hand() -> None:
    # 5 at risk; 1 of 5 dies at 2; at 3 one dies of 4 and one leaves; at 6 and 8 of 2 and 1.
    curve = km([2, 3, 3, 6, 8], [1, 1, 0, 0, 1]).to_frame("curve")
    counts = ("time", "n_risk", "n_event", "n_censor")
    assert records(curve, *counts) == [[2, 5, 1, 0], [3, 4, 1, 1], [6, 2, 0, 1], [8, 1, 1, 0]]
    np.testing.assert_allclose(curve["survival"], [0.8, 0.6, 0.6, 0])
    greenwood = [0.8 * np.sqrt(1 / 20), 0.6 * np.sqrt(1 / 20 + 1 / 12)]
    np.testing.assert_allclose(curve["std_error"][:2], greenwood)
    assert np.isnan(curve["std_error"][3])
    assert curve["n_risk"].dtype == np.int64


def test_limits_before_the_first_event() -> None:
    # survfit gives 1 to 1 on the log scale; on the log-log scale nothing where survival is 1.
    time, event = [1.0, 2, 3, 4], [0, 1, 1, 0]
    log = km(time, event, conf_type="log", times=[0.5, 1.5]).tables
    log_log = km(time, event, conf_type="log-log", times=[0.5, 1.5]).tables
    assert records(log["curve"], "conf_low", "conf_high")[0] == [1, 1]
    assert log_log["curve"][["conf_low", "conf_high"]].iloc[0].isna().all()
    assert records(log_log["at"], "conf_low", "conf_high")[0] == [1, 1]
    assert log_log["at"][["conf_low", "conf_high"]].iloc[1].isna().all()


def test_events_on_day_0_open_the_curve() -> None:
    curve = km([0, 0, 2, 3, 4], [1, 0, 1, 0, 1]).to_frame("curve")
    assert records(curve, "time", "n_risk", "n_event", "n_censor")[0] == [0, 5, 1, 1]
    np.testing.assert_allclose(curve["survival"], [0.8, 1.6 / 3, 1.6 / 3, 0])
    assert curve["conf_low"].tolist()[0] == pytest.approx(0.516, abs=5e-4)  # summary(survfit(...))


@pytest.mark.parametrize(
    ("time", "event", "median"),
    [
        # The values that summary(survfit(...))$table gives.
        ([1, 2, 3, 4], [1, 1, 1, 1], 2.5),  # flat at 0.5 from 2 to 3
        ([1, 2, 3, 4], [1, 1, 0, 0], 2.0),  # flat at 0.5 to its end
        ([1, 2, 3, 4], [1, 1, 0, 1], 3.0),  # flat at 0.5 from 2 over a censoring to 4
        ([1, 2, 3], [1, 1, 1], 2.0),
        ([5], [1], 5.0),
        ([0, 0], [1, 1], 0.0),
    ],
)
def test_median_rule(time: list[float], event: list[int], median: float) -> None:
    assert km(time, event).to_frame()["median"].item() == median


def test_upper_limit_that_rises_again() -> None:
    # summary(survfit(Surv(t, e) ~ 1, timefix = FALSE))$table gives 40, 38, 55, survival 3.5-3. The upper
    # limit is 0.4686 at 55 and rises to 0.4720 at 58, where quantile() of the same fit puts it.
    time = [1, 2, 3, 3, 10, 15, 22, 22, 24, 34, 37, 38, 39, 40, 40, 40, 51, 51, 55, 55, 57, 58, 59]
    event = [1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0]
    result = km(list(map(float, time)), event)
    assert records(result.to_frame(), "median", "conf_low", "conf_high") == [[40, 38, 55]]
    upper = result.to_frame("curve").set_index("time")["conf_high"]
    assert upper[58] > upper[55]


def test_one_patient_and_no_event() -> None:
    alone = km([5], [0], times=[1, 9])
    assert alone.to_frame()[["median", "conf_low", "conf_high"]].isna().all(axis=None)
    assert records(alone.to_frame("at"), "n_risk", "survival") == [[1, 1.0], [0, 1.0]]


def test_no_censoring_is_the_empirical_distribution() -> None:
    curve = km([4, 1, 3, 2], [1, 1, 1, 1]).to_frame("curve")
    np.testing.assert_allclose(curve["survival"], [0.75, 0.5, 0.25, 0])


def test_nearly_equal_times_stay_apart() -> None:
    near = float(np.nextafter(3.0, 4.0))
    assert len(km([3.0, near, 5], [1, 1, 0]).to_frame("curve")) == 3


@given(rows)
def test_curve_never_rises_and_stays_in_its_limits(data: list[tuple[int, bool]]) -> None:
    time, event = (list(column) for column in zip(*data, strict=True))
    for conf_type in ("log", "log-log"):
        result = km(time, event, conf_type=conf_type)
        curve = result.to_frame("curve")
        assert (np.diff(curve["survival"]) <= 1e-15).all()
        assert curve["survival"].between(0, 1).all()
        found = curve.dropna()
        assert (found["conf_low"] <= found["survival"] + 1e-12).all()
        assert (found["conf_high"] >= found["survival"] - 1e-12).all()
        assert curve["n_event"].sum() + curve["n_censor"].sum() == len(time)
        assert curve["time"].tolist() == sorted(set(time))


def test_log_rank_of_the_leukaemia_trial() -> None:
    data = leukaemia()
    result = answer(requests.log_rank(data["time"], data["event"], data["group"]))
    # survdiff(Surv(time, event) ~ group), survival 3.5-3; 16.79 in the textbooks
    assert result.value("statistic") == pytest.approx(16.7929409892165, rel=1e-12)
    assert result.value("p_value") == pytest.approx(4.16880910933453e-05, rel=1e-12)
    groups = result.to_frame("groups")
    assert groups["observed"].tolist() == [9, 21]
    np.testing.assert_allclose(groups["expected"], [19.2505009480311, 10.7494990519689], rtol=1e-12)


def test_stratified_log_rank_equals_r() -> None:
    data = leukaemia()
    request = requests.log_rank(data["time"], data["event"], data["group"], strata=data["stratum"])
    result = answer(request)
    assert result.value("statistic") == pytest.approx(15.1816069948808, rel=1e-12)
    assert result.value("p_value") == pytest.approx(9.76499477626165e-05, rel=1e-12)
    expected = [18.9851898101898, 11.0148101898102]
    np.testing.assert_allclose(result.to_frame("groups")["expected"], expected, rtol=1e-12)
    assert "stratified" in result.method


def test_log_rank_of_three_groups_equals_r() -> None:
    data = leukaemia()
    result = answer(requests.log_rank(data["time"], data["event"], data["stratum"]))
    assert result.value("statistic") == pytest.approx(0.716380589169184, rel=1e-12)
    assert result.value("df") == 2
    assert result.value("p_value") == pytest.approx(0.698940057842742, rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("censored", [0.0, 0.4, 0.9])
def test_log_rank_equals_lifelines(seed: int, censored: float) -> None:
    data = simulated(seed, groups=2 + seed % 3, censored=censored)
    result = answer(requests.log_rank(data["time"], data["event"], data["group"]))
    theirs = multivariate_logrank_test(data["time"], data["group"], data["event"])
    assert result.value("statistic") == pytest.approx(theirs.test_statistic, rel=1e-9)
    assert result.value("p_value") == pytest.approx(theirs.p_value, rel=1e-9)


@settings(deadline=None)
@given(st.integers(0, 50), st.permutations(["g1", "g2", "g3"]), st.booleans())
def test_log_rank_does_not_depend_on_the_names(seed: int, order: list[str], strata: bool) -> None:
    data = simulated(seed, n=40)
    within = data["stratum"] if strata else None
    plain = answer(requests.log_rank(data["time"], data["event"], data["group"], strata=within))
    other = answer(
        requests.log_rank(data["time"], data["event"], data["group"], order, strata=within)
    )
    assert plain.value("statistic") == pytest.approx(other.value("statistic"), rel=1e-9, abs=1e-12)
    groups = other.to_frame("groups").set_index("group")
    assert groups["observed"].sum() == pytest.approx(groups["expected"].sum())
    assert plain.to_frame("groups").set_index("group").loc[order].equals(groups) or np.allclose(
        plain.to_frame("groups").set_index("group").loc[order], groups
    )


def test_a_group_that_leaves_before_the_first_event_takes_no_degree_of_freedom() -> None:
    result = answer(requests.log_rank([1, 1, 5, 6, 7, 8], [0, 0, 1, 1, 1, 0], list("aabbcc")))
    alone = answer(requests.log_rank([5, 6, 7, 8], [1, 1, 1, 0], list("bbcc")))
    assert result.value("df") == 1
    assert result.value("statistic") == pytest.approx(alone.value("statistic"))


def test_nothing_to_compare_is_said() -> None:
    # survdiff gives 0 on 0 degrees of freedom with P = 1
    result = answer(requests.log_rank([5, 1, 2, 3, 4], [1, 0, 0, 0, 0], list("aaabb")))
    assert [result.value(c) for c in ("statistic", "df", "p_value")] == [0, 0, 1]
    assert "nothing is compared" in result.warnings[0]


def test_groups_that_never_meet_in_a_stratum_are_refused() -> None:
    request = requests.log_rank([1, 2, 3, 4], [1, 1, 1, 1], list("aabb"), strata=list("xxyy"))
    with pytest.raises(NotEstimableError, match="never at risk together"):
        answer(request)


def test_strata_are_not_mixed() -> None:
    # Each stratum alone, added up by hand: the risk sets must not leak into one another.
    data = simulated(3, groups=2)
    both = answer(
        requests.log_rank(data["time"], data["event"], data["group"], strata=data["stratum"])
    )
    parts = [
        answer(requests.log_rank(part["time"], part["event"], part["group"]))
        for _, part in data.groupby("stratum")
    ]
    expected = sum(part.to_frame("groups")["expected"] for part in parts)
    np.testing.assert_allclose(both.to_frame("groups")["expected"], expected, rtol=1e-12)


def test_no_event_is_refused() -> None:
    with pytest.raises(NotEstimableError, match="0 event"):
        requests.log_rank(MERCAPTOPURINE[:4], [0, 0, 0, 0], list("aabb"))


def test_tables_are_tidy() -> None:
    result = curves(times=(0, 10))
    for name, shape in KaplanMeier.SHAPES.items():
        table = result.to_frame(name)
        assert isinstance(table, pd.DataFrame)
        assert not table.duplicated(list(shape.keys)).any()
