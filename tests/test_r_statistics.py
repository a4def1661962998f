"""Every statistic by R: known values, and the same request answered by Python."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from choices_helpers import OF_TWO, cox_readings_of
from recist_helpers import random_data
from twins_helpers import random_cohort

from lesionhet import requests
from lesionhet.agreement import agreed, compare
from lesionhet.answering import TermsNotEstimableError
from lesionhet.choices.grid import every_reading
from lesionhet.definitions import Definitions, load_definitions
from lesionhet.engines import engine
from lesionhet.errors import NotEstimableError
from lesionhet.noise.extent import extent
from lesionhet.schema import RESPONSE_VARIABLES
from lesionhet.study import build_study
from r_bridge import sources

pytestmark = pytest.mark.r

# Remission of acute leukaemia, weeks, 6-MP against placebo: Freireich et al. (1963), Blood 21:699.
MP_TIME = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
MP_EVENT = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO_TIME = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
TIME = MP_TIME + PLACEBO_TIME
EVENT = MP_EVENT + [1] * 21
ARM = ["6-MP"] * 21 + ["placebo"] * 21


@pytest.fixture(scope="module")
def r():
    return engine("r")


@pytest.fixture(scope="module")
def python():
    return engine("python")


def test_describe(r):
    found = r.answer(requests.describe([1.0, 2.0, 4.0, 8.0, 5.0], list("aaaab"))).to_frame()
    assert found["group"].tolist() == ["a", "b"]
    columns = ["n", "mean", "median", "q25", "q90"]
    np.testing.assert_allclose(found.loc[0, columns].astype(float), [4, 3.75, 3, 1.75, 6.8])
    assert found.loc[0, "sd"] == pytest.approx(np.std([1, 2, 4, 8], ddof=1), rel=1e-15)
    assert np.isnan(found.loc[1, "sd"])


def test_count_keeps_levels_without_rows(r):
    request = requests.count(list("xxy"), list("aab"), level_order=["x", "y", "z"])
    found = r.answer(request).to_frame()
    assert found["count"].tolist() == [2, 0, 0, 0, 1, 0]
    assert found["share"].tolist() == [1, 0, 0, 0, 1, 0]
    assert found["level"].tolist() == ["x", "y", "z"] * 2


def test_mann_whitney_of_hollander_and_wolfe(r):
    # Depression scale of nine patients (example(wilcox.test)), here as two unpaired samples:
    # wilcox.test(x, y, exact = FALSE) prints W = 58, p-value = 0.1329.
    first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    request = requests.mann_whitney(first + second, ["first"] * 9 + ["second"] * 9)
    found = r.answer(request)
    assert found.value("statistic") == 58
    assert found.value("p_value") == pytest.approx(0.1329194582, abs=5e-11)
    assert found.to_frame("groups")["median"].tolist() == [1.68, 1.06]


def test_kruskal_wallis_of_hollander_and_wolfe(r):
    # example(kruskal.test): mucociliary efficiency; chi-squared 0.77143, df 2, P 0.68.
    x, y, z = [2.9, 3.0, 2.5, 2.6, 3.2], [3.8, 2.7, 4.0, 2.4], [2.8, 3.4, 3.7, 2.2, 2.0]
    found = r.answer(requests.kruskal_wallis(x + y + z, ["x"] * 5 + ["y"] * 4 + ["z"] * 5))
    assert found.value("statistic") == pytest.approx(0.7714286, abs=5e-8)
    assert found.value("df") == 2
    assert found.value("p_value") == pytest.approx(0.6799648, abs=5e-8)


def test_dunn_by_hand(r):
    # Ranks 1..6, mean ranks 1.5, 3.5, 5.5, no ties: z = 2 / sqrt(6 * 7 / 12 * (1/2 + 1/2)).
    found = r.answer(requests.dunn([1, 2, 3, 4, 5, 9], list("aabbcc")))
    table = found.to_frame()
    z = 2 / np.sqrt(3.5)
    assert table["group_1"].tolist() == ["a", "a", "b"]
    assert table["group_2"].tolist() == ["b", "c", "c"]
    np.testing.assert_allclose(table["statistic"], [z, 2 * z, z], rtol=1e-14)
    np.testing.assert_allclose(table["p_adjusted"], np.minimum(1, 3 * table["p_value"]), rtol=1e-14)
    assert "FSA" in found.method or "rstatix" in found.method


def test_kendall_by_hand(r):
    # Five of six pairs concordant, one discordant; variance n (n - 1) (2 n + 5) / 18 of S = 4.
    found = r.answer(requests.kendall([1, 2, 3, 4], [1, 3, 2, 4]))
    assert found.value("estimate") == pytest.approx(4 / 6, rel=1e-15)
    assert found.value("statistic") == pytest.approx(4 / np.sqrt(4 * 3 * 13 / 18), rel=1e-14)


def test_median_interval_by_hand(r):
    request = requests.median_interval([6, 1, 5, 2, 4, 3, 9, 8], ["six"] * 6 + ["two"] * 2)
    found = r.answer(request).to_frame()
    columns = ["n", "estimate", "conf_low", "conf_high", "coverage"]
    assert found.loc[0, columns].tolist() == [6, 3.5, 1, 6, 1 - 2 / 2**6]
    assert found.loc[1, columns].isna().tolist() == [False, False, True, True, True]


def test_kaplan_meier_of_freireich(r):
    found = r.answer(requests.kaplan_meier(TIME, EVENT, ARM, times=[0, 10, 100]))
    medians = found.to_frame("medians").set_index("group")
    assert medians["median"].to_dict() == {"6-MP": 23, "placebo": 8}
    assert medians["events"].to_dict() == {"6-MP": 9, "placebo": 21}
    assert medians["conf_low"].to_dict() == {"6-MP": 16, "placebo": 4}
    curve = found.to_frame("curve").query("group == '6-MP'")
    assert curve["survival"].iloc[0] == pytest.approx(18 / 21, rel=1e-14)
    assert curve["std_error"].iloc[0] == pytest.approx(18 / 21 * np.sqrt(3 / (21 * 18)), rel=1e-14)
    at = found.to_frame("at")
    assert at["n_risk"].tolist() == [21, 15, 0, 21, 8, 0]
    assert at["survival"].tolist()[0] == 1.0


def test_kaplan_meier_of_one_group_of_one_patient_and_no_times(r):
    found = r.answer(requests.kaplan_meier([5.0], [1]))
    assert found.to_frame("medians").loc[0, "median"] == 5
    assert found.to_frame("curve")["survival"].tolist() == [0.0]
    assert found.to_frame("at").empty
    censored = r.answer(requests.kaplan_meier([5.0], [0]))
    assert np.isnan(censored.to_frame("medians").loc[0, "median"])


def test_log_rank_of_freireich(r):
    found = r.answer(requests.log_rank(TIME, EVENT, ARM))
    assert found.value("statistic") == pytest.approx(16.79, abs=0.005)
    assert found.value("df") == 1
    groups = found.to_frame("groups")
    assert groups["observed"].tolist() == [9, 21]
    np.testing.assert_allclose(groups["expected"], [19.25, 10.75], atol=0.005)


def test_cox_of_freireich(r):
    treated = pd.DataFrame({"6-MP": [1] * 21 + [0] * 21})
    found = r.answer(requests.cox(TIME, EVENT, treated))
    assert found.value("estimate", "terms") == pytest.approx(-1.5721, abs=5e-5)
    assert found.value("std_error", "terms") == pytest.approx(0.4124, abs=5e-5)
    assert found.to_frame("terms")["term"].tolist() == ["6-MP"]
    assert found.value("events", "model") == 30


@pytest.mark.parametrize(
    ("covariates", "terms"),
    [
        ({"age": range(20), "event again": [0, 1] * 10}, (2,)),
        ({"age": range(20), "years": range(0, 40, 2)}, (2,)),
    ],
)
def test_cox_refuses_what_has_no_finite_or_unique_answer(r, covariates, terms):
    shuffled = np.random.default_rng(1).permutation(20)
    request = requests.cox(shuffled, [0, 1] * 10, pd.DataFrame(covariates))
    with pytest.raises(TermsNotEstimableError, match="Cox model, covariate") as caught:
        r.answer(request)
    assert caught.value.terms == terms
    assert list(covariates)[terms[0] - 1] in str(caught.value)
    assert isinstance(caught.value, NotEstimableError)


def test_gower_by_hand(r):
    table = pd.DataFrame({"size": [0.0, 5.0, 10.0], "flag": ["y", "n", None]})
    found = r.answer(requests.gower(table, weights={"flag": 3.0})).to_frame()
    np.testing.assert_allclose(found["distance"], [(0.5 + 3) / 4, 1.0, 0.5], rtol=1e-15)


def test_gower_where_daisy_alone_would_err(r, python):
    """A constant table with a gap, and asymmetric ones alone: daisy shifts columns to start at 0."""
    table = pd.DataFrame({"a": [1, 1, 1], "x": [2.0, 2.0, np.nan], "none": [np.nan] * 3})
    request = requests.gower(table, kinds={"a": "asymmetric"})
    assert r.answer(request).to_frame()["distance"].tolist() == [0.0, 0.0, 0.0]
    assert agreed(compare("gower", python.answer(request), r.answer(request)))


def lesions(n_patients: int, seed: int = 1, missing: float = 0.05) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    size = rng.integers(1, 8, n_patients)
    n = int(size.sum())
    table = pd.DataFrame(rng.integers(0, 2, (n, 3)), columns=list(RESPONSE_VARIABLES[:3]))
    table["nadir_ratio"] = rng.integers(0, 12, n) / 10
    table["last_ratio"] = table["nadir_ratio"] + rng.uniform(0, 1, n)
    table = table.mask(rng.uniform(size=table.shape) < missing)
    table.insert(0, "patient_id", np.repeat([f"P{i}" for i in range(n_patients)], size))
    table.insert(1, "lesion_id", [f"L{i}" for i in range(n)])
    return table


def test_heterogeneity_by_hand(r):
    table = pd.DataFrame(
        {
            "patient_id": ["a", "a", "b"],
            "lesion_id": ["1", "2", "1"],
            "response": [1, 1, 0],
            "stable": [1, 0, 1],
            "relapse": [0, 0, 0],
            "nadir_ratio": [0.5, 0.6, 1.0],
            "last_ratio": [0.5, 0.9, 1.0],
        }
    )
    found = r.answer(requests.heterogeneity(table, Definitions()))
    assert found.to_frame()["distance"].tolist() == pytest.approx([0.3, 0.3, 0.0], rel=1e-15)
    strict = r.answer(requests.heterogeneity(table, load_definitions("unbiased")))
    expected = (1 + 0.1 / 0.5 + 0.4 / 0.5) / 5
    assert strict.to_frame()["distance"].tolist()[:2] == pytest.approx([expected] * 2, rel=1e-14)
    assert np.isnan(strict.to_frame()["distance"].tolist()[2])


HETEROGENEITY = [
    {},
    {"gower_range": "cohort", "gower_self": False, "single_lesion": "missing"},
    {"gower_range": "fixed", "gower_bounds": {"nadir_ratio": (0, 1), "last_ratio": (0.2, 1.5)}},
    {"gower_weights": {"response": 0.0, "stable": 2.5, "nadir_ratio": 0.0}},
    {"gower_weights": {"response": 0.0, "stable": 0.0, "relapse": 0.0, "nadir_ratio": 0.0}},
]


@pytest.mark.parametrize("changes", HETEROGENEITY)
def test_heterogeneity_agrees_whatever_the_definitions(r, python, changes):
    request = requests.heterogeneity(lesions(150, missing=0.25), Definitions(**changes))
    table = compare("heterogeneity", python.answer(request), r.answer(request))
    assert agreed(table), table[table["verdict"] == "differ"].to_string()


def tied(rng, n: int) -> np.ndarray:
    return rng.integers(0, 15, n) / 4


def requests_of_every_kind(seed: int) -> dict[str, requests.Request]:
    rng = np.random.default_rng(seed)
    n = 120
    group = rng.choice(["a", "b", "c"], n)
    values, other = tied(rng, n), tied(rng, n)
    time, event = rng.integers(0, 60, n) / 2, rng.uniform(size=n) < 0.6
    strata = rng.choice(["s", "t", "u"], n)
    x = pd.DataFrame(
        {"x": rng.normal(size=n), "y": tied(rng, n), "tiny": rng.normal(size=n) * 1e-4}
    )
    mixed = pd.DataFrame(
        {
            "size": np.where(rng.uniform(size=n) < 0.2, np.nan, values),
            "site": rng.choice(["liver", "lung", None], n),
            "grade": pd.Categorical(rng.choice(["I", "III"], n), ["I", "II", "III"], ordered=True),
            "spread": rng.integers(0, 2, n),
        }
    )
    two = group != "c"
    sizes = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(n // 4), 4),
            "day": np.tile([0.0, 40.0, 95.0, 150.0], n // 4),
            "size_mm": rng.integers(1, 20, n).astype(float),
        }
    )
    sizes.loc[(sizes.index % 7 == 3) & (sizes["day"] > 0), "size_mm"] = 0.0
    names = [f"L{i}" for i in range(n // 4)]
    # The second row of a patient begins after the first has ended.
    start = np.where(np.arange(n) % 2, 60.0, 0.0)
    # Patients with few rows and with many.
    patient = np.sqrt(7 * np.arange(n)).astype(int)
    cohort, larger = random_cohort(seed), random_cohort(seed, 80)
    definitions = Definitions()
    options = [
        {},
        {"crossing": "linear", "stable_rule": "outside_response"},
        {"relapse_reference": "baseline", "crossing": "linear"},
        {"relapse_min_increase_mm": 5.0},
    ]
    return {
        "describe": requests.describe(values, group),
        "count": requests.count(group, strata),
        "quantile_groups": requests.quantile_groups(values, 0.2, 0.75),
        "median_groups": requests.median_groups(values),
        "mann_whitney": requests.mann_whitney(values[two], group[two]),
        "kruskal_wallis": requests.kruskal_wallis(values, group),
        "dunn": requests.dunn(values, group),
        "kendall": requests.kendall(values, other),
        "median_interval": requests.median_interval(values, group, conf_level=0.9),
        "log": requests.kaplan_meier(time, event, group, times=[0, 7, 7.5, 40]),
        "log-log": requests.kaplan_meier(time, event, group, conf_type="log-log", conf_level=0.8),
        "one group": requests.kaplan_meier(time, event),
        "log_rank": requests.log_rank(time, event, group),
        "log_rank stratified": requests.log_rank(time, event, group, strata=strata),
        "cox": requests.cox(time, event, x),
        "cox stratified": requests.cox(time, event, x, strata=strata, conf_level=0.9),
        "resampled_cox": requests.resampled_cox(
            time, event, x, rng.integers(0, 4, (n, 5)), strata=strata, significance=0.1
        ),
        "gower": requests.gower(
            mixed,
            kinds={"spread": "asymmetric"},
            weights={"site": 2.0},
            ranges={"size": (0.5, 3.0)},
        ),
        "heterogeneity": requests.heterogeneity(lesions(40, seed), Definitions()),
        **{
            f"phases {i}": requests.phases(sizes, names, Definitions(**option))
            for i, option in enumerate(options)
        },
        "patterns": requests.patterns(cohort, definitions),
        "organ_response": requests.organ_response(cohort, definitions, "liver"),
        "recist": requests.recist(random_data(seed)),
        "proportion": requests.proportion((values > 1).astype(int), group, conf_level=0.9),
        "cox_from_measurements": requests.cox_from_measurements(cohort, definitions),
        "datta_satten": requests.datta_satten(values, group, patient),
        "rosner_glynn_lee": requests.rosner_glynn_lee(values, group, patient),
        "permuted_within": requests.permuted_within(values, group, patient, permutations=99),
        "mixed_model": requests.mixed_model(values, x, patient, 0.9),
        "clustered_cox": requests.clustered_cox(time, event, x, patient, strata, 0.8),
        "patient_measures": requests.patient_measures(cohort, definitions),
        "patient_measures at a day": requests.patient_measures(cohort, definitions, 60),
        "measure_summary": requests.measure_summary(cohort, definitions, 60),
        "rank_correlations": requests.rank_correlations(x.assign(values=values)),
        "compare_markers": requests.compare_markers(
            time, event, x[["x", "tiny"]].assign(values=values), x[["y"]], strata, conf_level=0.9
        ),
        "marker_concordance": requests.marker_concordance(
            time, event, x[["x"]], x[["y"]], rng.integers(0, 4, (n, 3)), strata
        ),
        "intraclass": requests.intraclass(values, strata, group, conf_level=0.9),
        "landmark_patterns": requests.landmark_patterns(cohort, definitions, 60),
        "landmark_organ_response": requests.landmark_organ_response(
            cohort, definitions, "liver", 60
        ),
        "landmark_cox": requests.landmark_cox(time, event, x, 3.0, strata, per_sd=["y"]),
        "cox_counting": requests.cox_counting(
            start, start + time + 0.5, event, x, np.repeat(np.arange(n // 2), 2), strata
        ),
        "cox_over_time": requests.cox_over_time(larger, definitions),
        "organ_cox_over_time": requests.organ_cox_over_time(larger, definitions, "liver"),
        **{
            f"cox_zph {transform}": requests.cox_zph(
                time + 1, event, x, strata, transform=transform
            )
            for transform in ("km", "rank", "identity", "log")
        },
        "schoenfeld_curve": requests.schoenfeld_curve(time, event, x, strata, of_interest="y"),
        "cox_spline": requests.cox_spline(time, event, x, strata, knots=5, conf_level=0.9),
        "cox_influence": requests.cox_influence(time, event, x, range(n), strata, most=3),
        "restricted_mean": requests.restricted_mean(time, event, group, tau=20.0),
        "adjust_p": requests.adjust_p(rng.uniform(size=n) ** 3, group),
        "noise_null": requests.noise_null(cohort, definitions, 20, seed),
        "remeasured": requests.remeasured(cohort, definitions, 20, seed),
        "reassembled": requests.reassembled(
            build_study(larger).lesions,
            extent(larger, definitions)["n_scans"],
            definitions,
            20,
            seed,
        ),
        "measurement_error": requests.measurement_error(np.arange(n) // 3, values + 0.1),
        "readings": requests.readings(cohort, every_reading(definitions)),
        "cox_readings": cox_readings_of(larger, every_reading(definitions, OF_TWO)),
        "progression_order": requests.progression_order(cohort, definitions),
        "sign_test": requests.sign_test(other - values, conf_level=0.9),
    }


@pytest.mark.parametrize("seed", range(4))
def test_every_statistic_agrees_with_python_on_tied_and_censored_data(r, python, seed):
    asked = requests_of_every_kind(seed)
    assert {f"{request.statistic}.R" for request in asked.values()} == {
        name for name in sources() if not name.startswith("_")
    }
    tables = [compare(name, python.answer(q), r.answer(q)) for name, q in asked.items()]
    table = pd.concat(tables)
    assert agreed(table), table[table["verdict"] == "differ"].to_string()


def test_times_that_are_nearly_equal_are_not_merged(r, python):
    near = np.nextafter(3.0, 4.0)
    time, event = [1.0, 3.0, near, 5.0, 6.0, 7.0], [1, 1, 1, 0, 1, 1]
    arm = list("ababab")
    asked = {
        "curve": requests.kaplan_meier(time, event),
        "test": requests.log_rank(time, event, arm),
        "model": requests.cox(time, event, pd.DataFrame({"x": [0.0, 2.0, 1.0, 0.0, 1.0, 0.5]})),
    }
    assert len(r.answer(asked["curve"]).to_frame("curve")) == 6
    for name, request in asked.items():
        table = compare(name, python.answer(request), r.answer(request))
        assert agreed(table), table.to_string()


def test_nothing_in_a_label_is_evaluated(r, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    label = 'x\'); system("touch hacked"); #'
    found = r.answer(requests.mann_whitney([1, 2, 3, 4, 5, 9], [label] * 3 + ["結腸"] * 3))
    assert found.to_frame("groups")["group"].tolist() == [label, "結腸"]
    covariate = pd.DataFrame({label: [1, 0, 1, 0, 1, 0]})
    model = r.answer(requests.cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], covariate))
    assert model.to_frame()["term"].tolist() == [label]
    assert list(tmp_path.iterdir()) == []


def test_warnings_of_r_travel_with_the_result(python, tmp_path):
    from r_bridge.engine import REngine
    from r_bridge.session import RSession

    text = "count <- function(data, n_levels, n_groups) { warning('look at this'); inner(data) }"
    inner = sources()["count.R"].replace("count <- function(data, n_levels, n_groups)",
                                         "inner <- function(data, n_levels = 2, n_groups = 1)")  # fmt: skip
    files = {"_call.R": sources()["_call.R"], "_inner.R": inner, "count.R": text}
    session = RSession(files)
    try:
        found = REngine(session).answer(requests.count(list("xxy")))
    finally:
        session.close()
    assert found.warnings == ("look at this",)
    assert found.to_frame()["count"].tolist() == [2, 1]


def test_versions_name_what_computes(r):
    versions = r.versions()
    assert {"R", "survival", "cluster", "rstatix", "rpy2-rinterface"} <= set(versions)
    assert all(version[0].isdigit() for version in versions.values())


@pytest.mark.r
def test_thousands_of_vectors_come_back_from_one_process():
    # Each answer brings 11 columns; reading them once lost a reference to None apiece, and a
    # process that had lost its 6,000 or so aborted.
    r = engine("r")
    request = requests.describe([1.0, 2.0, 4.0])
    first = r.answer(request).to_frame()

    for _ in range(800):
        last = r.answer(request).to_frame()

    pd.testing.assert_frame_equal(first, last)
