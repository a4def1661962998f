"""The simulated trial: published counts, validity, the truth behind it, and what parameters do."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter

from lesionhet.cohort import read_cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import UsageError
from lesionhet.phases import response_phases
from lesionhet.schema import LESION_COLUMNS, PATIENT_COLUMNS
from lesionhet.simulate import SimulationParameters, simulate_trial, write_trial
from lesionhet.simulation.growth import lesion_size
from lesionhet.simulation.outcomes import HETEROGENEITY_CENTRE
from lesionhet.simulation.parameters import ORGANS
from lesionhet.simulation.published import (
    ARM_GROUPS,
    KRAS,
    LESIONS_BY_SITE,
    PATIENTS_BY_PATTERN,
    RECIST,
    TRIALS_WITHOUT_PFS,
    spread,
)

KEY = ["patient_id", "lesion_id"]
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def trial():
    return simulate_trial()


def targets(trial):
    return trial.lesions[trial.lesions["lesion_type"] == "target"]


def measured(trial):
    rows = targets(trial)
    return rows[rows["diameter_mm"].notna()].reset_index(drop=True)


def one_a_patient(trial):
    return trial.truth.drop_duplicates("patient_id").reset_index(drop=True)


def median_survival(time, event):
    return KaplanMeierFitter().fit(time, event).median_survival_time_


def phases_of(rows, unit_columns):
    """Phases of each series of ``rows`` (unit columns, day, size_mm), with the unit's names."""
    rows = rows.sort_values([*unit_columns, "day"], ignore_index=True)
    rows["unit"] = rows.groupby(unit_columns).ngroup()
    names = rows.drop_duplicates("unit")[unit_columns].reset_index(drop=True)
    return pd.concat(
        [names, response_phases(rows[["unit", "day", "size_mm"]], Definitions())], axis=1
    )


def cox(table, **options):
    return CoxPHFitter().fit(table, "time", "event", **options).summary


# --- the published make-up ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", [2021, *SEEDS])
def test_published_counts_are_exact(seed):
    trial = simulate_trial(seed=seed)
    assert len(trial.patients) == trial.lesions["patient_id"].nunique() == 2802
    assert targets(trial).groupby(KEY).ngroups == len(trial.truth) == 11404
    assert trial.patients["arm"].value_counts().to_dict() == {
        "Bevacizumab + chemotherapy": 377,
        "Bevacizumab + panitumumab + chemotherapy": 371,
        "FOLFIRI": 419,
        "Panitumumab + FOLFIRI": 425,
        "FOLFOX": 769,
        "Panitumumab + FOLFOX": 441,
    }
    counts = trial.truth.groupby("patient_id").size()
    assert (counts.min(), counts.median(), counts.max()) == (1, 4, 20)
    assert ((counts == 1).sum(), (counts == 2).sum(), (counts >= 3).sum()) == (382, 449, 1971)


def test_table_1_covariates_are_exact(trial):
    patients = trial.patients
    assert patients["kras"].value_counts().to_dict() == {
        "unknown": 1414,
        "wild-type": 795,
        "mutant": 593,
    }
    assert (patients["sex"] == "male").sum() == 1688
    assert (patients["race"] == "White").sum() == 2611
    assert patients["ldh_high"].sum() == 836
    assert patients["ecog"].value_counts(dropna=False).tolist() == [1536, 1178, 87, 1]
    assert (patients["primary_site"] == "colon").sum() == 1910
    assert patients["prior_surgery"].sum() == 2535
    assert patients["prior_radiotherapy"].sum() == 367
    assert patients["prior_adjuvant"].sum() == 505
    assert patients["age"].mean() == pytest.approx(60.74, abs=0.8)
    assert patients["bsa"].mean() == pytest.approx(1.87, abs=0.02)
    assert patients["bsa"].std() == pytest.approx(0.24, abs=0.02)


def test_pfs_is_missing_for_28_folfox_patients(trial):
    without = trial.patients[trial.patients["pfs_days"].isna()]
    assert len(without) == 28
    assert set(without["arm"]) == {"FOLFOX"}
    where = trial.patients[trial.patients["trial"].isin(TRIALS_WITHOUT_PFS)]
    assert set(without["patient_id"]) <= set(where["patient_id"])
    columns = ["pfs_days", "pfs_event", "progressed"]
    missing = trial.patients[columns].isna()
    assert (missing.all(axis=1) == missing.any(axis=1)).all()


def test_kras_is_unknown_in_the_folfox_trials(trial):
    folfox = trial.patients["arm"].str.contains("FOLFOX")
    assert set(trial.patients.loc[folfox, "kras"]) == {"unknown"}


@pytest.mark.parametrize("seed", [2021, *SEEDS])
def test_published_lesions_by_site_and_arm_group_are_exact(seed):
    trial = simulate_trial(seed=seed)
    arm = trial.patients.set_index("patient_id")["arm"]
    group = trial.truth["patient_id"].map(arm).map(ARM_GROUPS)
    counts = trial.truth.groupby([group, trial.truth["site"]]).size()
    for name, wanted in LESIONS_BY_SITE.items():
        assert tuple(counts[name][["liver", "lung", "lymph node"]]) == wanted
    sites = trial.truth["site"].value_counts()
    assert (sites < 50).sum() == 8
    assert set(sites.index[:7]) == set(ORGANS[:-1])


@pytest.mark.parametrize("seed", [2021, *SEEDS])
def test_published_patients_by_organs_are_exact(seed):
    sites = simulate_trial(seed=seed).truth.groupby("patient_id")["site"].agg(frozenset)
    assert (sites == {"liver"}).sum() == 1347
    assert (sites == {"liver", "lung"}).sum() == 164
    assert (sites == {"liver", "lymph node"}).sum() == 329
    assert sites.map(lambda s: "liver" in s).sum() == 2229


def test_recorded_responses_are_exact_and_ordered_as_the_measured_ones(trial):
    recorded = trial.patients["recist_response"]
    assert recorded.value_counts()[list(RECIST)].to_dict() == RECIST
    measured_response = one_a_patient(trial)["response_by_size"]
    evaluated = recorded.isin(list(RECIST))
    order = {name: k for k, name in enumerate(RECIST)}
    table = pd.DataFrame(
        {"recorded": recorded[evaluated].map(order), "measured": measured_response[evaluated]}
    )
    # Nobody is recorded better than a patient with a better measured response.
    spans = table.assign(measured=table["measured"].map(order)).groupby("measured")["recorded"]
    lowest, highest = spans.min(), spans.max()
    assert (highest.to_numpy()[:-1] <= lowest.to_numpy()[1:]).all()
    assert (table["recorded"] == table["measured"].map(order)).mean() >= 0.85


@pytest.mark.parametrize("n", [1, 2, 10, 40, 333])
def test_small_trials_keep_the_proportions(n):
    trial = simulate_trial(n_patients=n, seed=5)
    assert len(trial.patients) == n == trial.lesions["patient_id"].nunique()
    assert (measured(trial).groupby(KEY).size() >= 2).all()
    share = trial.patients["arm"].value_counts(normalize=True)
    # Trial by trial the count is within 1 of its share; FOLFOX joins three trials.
    assert share.get("FOLFOX", 0.0) == pytest.approx(769 / 2802, abs=3 / n)
    assert share.get("FOLFIRI", 0.0) == pytest.approx(419 / 2802, abs=1 / n)


def test_spread_is_exact_at_the_published_size_and_proportional_elsewhere():
    assert np.bincount(spread(KRAS, 2802)).tolist() == list(KRAS.values())
    assert np.bincount(spread({"a": 3, "b": 1}, 40)).tolist() == [30, 10]


def test_patterns_add_up_to_the_published_numbers():
    totals = np.sum(list(PATIENTS_BY_PATTERN.values()), axis=0).tolist()
    assert totals == [1347, 164, 329, 389, 573]
    assert sum(totals[:4]) == 2229


# --- the same seed, the same bytes -------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    first = write_trial(simulate_trial(200, seed=9), tmp_path / "a", truth=True)
    second = write_trial(simulate_trial(200, seed=9), tmp_path / "b", truth=True)
    assert [p.name for p in first] == ["lesions.csv", "patients.csv", "truth.csv"]
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()


def test_other_seeds_give_other_trials():
    one, two = simulate_trial(100, seed=1), simulate_trial(100, seed=2)
    assert not one.patients["os_days"].equals(two.patients["os_days"])
    assert not np.isin(one.truth["d0_mm"], two.truth["d0_mm"]).any()


def test_the_global_random_generator_is_left_alone():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    simulate_trial(5, seed=1)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


# --- valid tables ------------------------------------------------------------------------------


def test_columns_are_those_of_the_schema(trial):
    assert list(trial.lesions) == [c.name for c in LESION_COLUMNS]
    assert list(trial.patients)[:9] == [c.name for c in PATIENT_COLUMNS]
    covariates = ["sex", "age", "race", "bsa", "ldh_high", "ecog", "primary_site", "prior_surgery"]
    covariates += ["prior_radiotherapy", "prior_adjuvant", "recist_response"]
    assert list(trial.patients)[9:] == covariates


@pytest.mark.parametrize("seed", SEEDS)
def test_measurements_are_valid(seed):
    trial = simulate_trial(seed=seed)
    rows = trial.lesions
    assert not rows.duplicated([*KEY, "day"]).any()
    assert pd.api.types.is_integer_dtype(rows["day"])
    assert rows["day"].min() >= -28
    sizes = rows["diameter_mm"].dropna()
    assert (sizes >= 0).all()
    assert (sizes == sizes.round()).all()
    assert (sizes == 0).any()
    assert sizes[sizes > 0].min() == 5
    assert rows.groupby(KEY)["site"].nunique().eq(1).all()
    assert rows.groupby(["patient_id", "visit"])["day"].nunique().eq(1).all()
    assert set(rows["lesion_type"]) == {"target", "new"}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_lesion_can_be_followed(seed):
    trial = simulate_trial(seed=seed)
    lesions = measured(trial).groupby(KEY)
    assert lesions.ngroups == 11404
    assert (lesions.size() >= 2).all()
    assert (lesions["diameter_mm"].first() > 0).all()
    lost = lesions["day"].first() > 0
    assert 10 <= lost.sum() <= 120
    assert targets(trial)["diameter_mm"].isna().mean() == pytest.approx(0.004, abs=0.002)


@pytest.mark.parametrize("seed", [2021, *SEEDS])
def test_no_size_jumps_by_a_factor_of_ten(seed):
    rows = simulate_trial(seed=seed).lesions.dropna(subset="diameter_mm")
    rows = rows[rows["diameter_mm"] > 0]
    factor = rows["diameter_mm"] / rows.groupby(KEY)["diameter_mm"].shift()
    assert factor.max() < 8
    assert factor.min() > 1 / 8


@pytest.mark.parametrize("seed", SEEDS)
def test_survival_is_valid(seed):
    trial = simulate_trial(seed=seed)
    patients = trial.patients
    for flag in ("os_event", "pfs_event", "progressed"):
        assert set(patients[flag].dropna()) == {0, 1}
    assert patients["os_days"].min() >= 1
    assert patients["pfs_days"].min() >= 1
    assert (patients["pfs_days"].dropna() % 1 == 0).all()
    known = patients.dropna(subset="pfs_days")
    assert (known["pfs_days"] <= known["os_days"]).all()
    assert (known["pfs_event"] >= known["progressed"]).all()
    death = known[(known["pfs_event"] == 1) & (known["progressed"] == 0)]
    assert (death["pfs_days"] == death["os_days"]).all()
    assert (death["os_event"] == 1).all()


def test_scans_end_with_death_or_progression(trial):
    rows = trial.lesions.merge(trial.patients, on="patient_id")
    dead = rows["os_event"] == 1
    assert (rows["day"] <= rows["os_days"]).all()
    assert (rows["day"] < rows["os_days"])[dead].all()
    after = rows[(rows["progressed"] == 1) & (rows["day"] > rows["pfs_days"])]
    scans_after = after.groupby("patient_id")["day"].nunique()
    assert (scans_after == 1).all()
    assert 0.1 < len(scans_after) / trial.patients["progressed"].sum() < 0.3


def test_the_schedule_is_every_eight_weeks(trial):
    rows = targets(trial)
    planned = rows["visit"].str.extract(r"week (\d+)")[0].astype(float) * 7
    off = (rows["day"] - planned).dropna()
    assert off.abs().max() <= 7
    assert 1 < off.std() < 4
    assert (planned.dropna() % 56 == 0).all()


def test_the_schedule_can_be_exact_and_complete():
    p = SimulationParameters(
        scan_jitter_days=0, missed_scan_rate=0, not_assessed_rate=0, lost_baseline_rate=0
    )
    rows = targets(simulate_trial(300, seed=4, parameters=p))
    later = rows[~rows["visit"].isin(["baseline", "unscheduled"])]
    assert (later["day"] % 56 == 0).all()
    assert rows["diameter_mm"].notna().all()
    gaps = later.groupby(KEY)["day"].diff().dropna()
    assert set(gaps) == {56}


def test_progression_is_the_first_scan_that_recist_1_1_calls_so():
    # Nothing missing, so that the sum can be followed by hand.
    p = SimulationParameters(not_assessed_rate=0, lost_baseline_rate=0)
    trial = simulate_trial(400, seed=6, parameters=p)
    patients = trial.patients.set_index("patient_id")
    new_day = one_a_patient(trial).set_index("patient_id")["new_lesion_day"]
    sums = targets(trial).groupby(["patient_id", "day"])["diameter_mm"].sum()
    checked = 0
    for patient, scans in sums.groupby(level=0):
        days, sizes = scans.index.get_level_values("day"), scans.to_numpy()
        found = None
        for k in range(1, len(sizes)):
            nadir = min(sizes[:k])
            grown = sizes[k] >= 1.2 * nadir - 1e-9 and sizes[k] - nadir >= 5
            if grown or days[k] >= new_day[patient]:
                found = days[k]
                break
        row = patients.loc[patient]
        if np.isnan(row["pfs_days"]):
            continue
        assert (found is not None) == (row["progressed"] == 1), patient
        assert found is None or found == row["pfs_days"], patient
        checked += 1
    assert checked >= 390


def test_new_lesions_are_seen_at_progression_and_not_before(trial):
    new = trial.lesions[trial.lesions["lesion_type"] == "new"].merge(
        trial.patients, on="patient_id"
    )
    known = new.dropna(subset="pfs_days")
    assert (known["progressed"] == 1).all()
    assert (
        known.groupby("patient_id")["day"].min() >= known.groupby("patient_id")["pfs_days"].min()
    ).all()
    assert (new["diameter_mm"] > 0).all()


# --- the truth ---------------------------------------------------------------------------------


def test_without_error_the_truth_gives_the_sizes():
    p = SimulationParameters(measurement_sd=0, rounding_mm=0)
    trial = simulate_trial(300, seed=3, parameters=p)
    rows = measured(trial).merge(trial.truth, on=KEY, validate="many_to_one")
    t, d0 = rows["day"].clip(lower=0), rows["d0_mm"]
    after = rows["fx"] * np.exp(rows["kge"] * t) + (1 - rows["fx"]) * np.exp(-rows["kkill"] * t)
    before = np.exp(rows["kge"] * rows["day"].clip(upper=0))
    expected = d0 * after * before
    large = expected >= 5
    np.testing.assert_allclose(rows["diameter_mm"][large], expected[large], rtol=1e-12)
    # Below 5 mm: too small to measure; below 3 mm: vanished.
    assert set(rows["diameter_mm"][(expected < 5) & (expected >= 3)]) == {5.0}
    assert set(rows["diameter_mm"][expected < 3]) == {0.0}


def test_lesion_size_starts_at_d0_and_keeps_the_resistant_part():
    assert lesion_size(0, 40.0, 0.002, 0.02, 0.5) == 40.0
    assert lesion_size(1000, 40.0, 0.0, 0.05, 0.3) == pytest.approx(12.0)
    assert lesion_size(100, 40.0, 0.01, 0.05, 1.0) == pytest.approx(40 * np.e)


def test_measurement_error_has_the_sd_asked_for():
    p = SimulationParameters(measurement_sd=0.2, rounding_mm=0, smallest_measurable_mm=0,
                             vanished_below_mm=0)  # fmt: skip
    trial = simulate_trial(500, seed=3, parameters=p)
    rows = measured(trial).merge(trial.truth, on=KEY)
    true = lesion_size(rows["day"], rows["d0_mm"], rows["kge"], rows["kkill"], rows["fx"])
    error = np.log(rows["diameter_mm"] / true)
    assert error.std() == pytest.approx(0.2, rel=0.05)
    assert error.mean() == pytest.approx(0, abs=0.01)


def test_true_heterogeneity_is_the_sd_over_the_lesions(trial):
    ratio = lesion_size(168, 1.0, *(trial.truth[c] for c in ("kge", "kkill", "fx")))
    log_ratio = pd.Series(np.log(np.maximum(ratio, 0.1)))
    expected = log_ratio.groupby(trial.truth["patient_id"]).std().fillna(0.0)
    found = one_a_patient(trial).set_index("patient_id")["heterogeneity"]
    np.testing.assert_allclose(found, expected[found.index], atol=1e-12)
    assert (found[trial.truth.groupby("patient_id").size() == 1] == 0).all()


def test_contributions_add_up_to_the_log_hazard(trial):
    parts = [c for c in trial.truth if c.startswith("log_hr_")]
    assert len(parts) == 10
    np.testing.assert_allclose(trial.truth[parts].sum(axis=1), trial.truth["log_hr"], atol=1e-12)
    assert (trial.truth[parts].std() > 0.02).all()


def test_cox_recovers_the_log_hazard(trial):
    truth = one_a_patient(trial)
    table = pd.DataFrame({"time": truth["death_day"], "event": 1})
    for part in ("heterogeneity", "burden", "growth", "response", "covariates"):
        table[part] = truth[f"log_hr_{part}"]
    table["rest"] = truth["log_hr"] - table.iloc[:, 2:].sum(axis=1)
    found = cox(table)
    # Each coefficient is 1 by construction; no early end (day 14) or rounding moves it.
    assert ((found["coef"] - 1).abs() < 3 * found["se(coef)"]).all()


def test_without_any_effect_survival_is_the_weibull_asked_for():
    effects = [f.name for f in dataclasses.fields(SimulationParameters)]
    none = {name: 0 for name in effects if name.endswith(("_log_hr", "_effect"))}
    p = SimulationParameters(**none, median_os_days=600, os_shape=1.5, median_new_lesion_days=300)
    truth = one_a_patient(simulate_trial(seed=8, parameters=p))
    quantiles = np.array([0.25, 0.5, 0.9])
    expected = 600 * (np.log(1 - quantiles) / np.log(0.5)) ** (1 / 1.5)
    np.testing.assert_allclose(truth["death_day"].quantile(quantiles), expected, rtol=0.06)


def test_truth_stands_beside_the_tables(trial):
    seen = targets(trial)[[*KEY, "site"]].drop_duplicates().reset_index(drop=True)
    pd.testing.assert_frame_equal(seen, trial.truth[[*KEY, "site"]])
    truth = one_a_patient(trial)
    died = trial.patients["os_event"] == 1
    assert (truth["death_day"] == trial.patients["os_days"])[died].all()
    assert (truth["censor_day"] == trial.patients["os_days"])[~died].all()
    known = trial.patients["kras"] != "unknown"
    assert (truth["kras_true"] == trial.patients["kras"])[known].all()


# --- what parameters do ------------------------------------------------------------------------


def test_heterogeneity_effect_moves_death_of_heterogeneous_patients_earlier():
    none = one_a_patient(
        simulate_trial(seed=7, parameters=SimulationParameters(heterogeneity_log_hr=0))
    )
    strong = one_a_patient(
        simulate_trial(seed=7, parameters=SimulationParameters(heterogeneity_log_hr=2))
    )
    pd.testing.assert_series_equal(none["heterogeneity"], strong["heterogeneity"])
    assert (none["log_hr_heterogeneity"] == 0).all()
    high = none["heterogeneity"] > HETEROGENEITY_CENTRE
    assert (strong["death_day"] <= none["death_day"])[high].all()
    assert (strong["death_day"] >= none["death_day"])[~high].all()
    assert strong["death_day"][high].median() < 0.9 * none["death_day"][high].median()


def test_without_effect_survival_does_not_depend_on_true_heterogeneity():
    p = SimulationParameters(
        heterogeneity_log_hr=0,
        burden_log_hr=0,
        number_log_hr=0,
        growth_log_hr=0,
        response_log_hr=0,
        liver_response_log_hr=0,
    )
    truth = one_a_patient(simulate_trial(seed=8, parameters=p))
    table = pd.DataFrame(
        {"time": truth["death_day"], "event": 1, "heterogeneity": truth["heterogeneity"]}
    )
    found = cox(table).loc["heterogeneity"]
    assert abs(found["coef"]) < 3 * found["se(coef)"]
    assert found["se(coef)"] < 0.15


def test_treatment_helps_in_the_liver_and_can_be_switched_off():
    on = simulate_trial(seed=8).truth
    off = simulate_trial(seed=8, parameters=SimulationParameters(treatment_effect=0)).truth
    treated = on["agent_strength"] > 0
    assert (off["agent_strength"] == 0).all()
    # At 0 a lesion's draw is what is left: without an agent nothing changes.
    np.testing.assert_array_equal(on["ratio_168"][~treated], off["ratio_168"][~treated])
    gain = (on["ratio_168"] - off["ratio_168"])[treated].groupby(on["site"]).mean()
    elsewhere = gain[["lung", "lymph node", "bone"]]
    assert gain["liver"] < elsewhere.min()
    assert elsewhere.max() < 0
    assert (off["log_hr_agent"] == 0).all()


def test_panitumumab_does_nothing_in_mutant_kras(trial):
    patients = one_a_patient(trial).assign(arm=trial.patients["arm"])
    panitumumab = patients[patients["arm"].str.startswith("Panitumumab")]
    strength = panitumumab.groupby("kras_true")["agent_strength"].agg(["min", "max"])
    assert strength.loc["mutant"].tolist() == [0, 0]
    assert strength.loc["wild-type"].tolist() == [1, 1]


def test_without_spread_lesions_of_a_patient_respond_alike():
    p = SimulationParameters(
        between_lesion_sd=(0, 0, 0), between_organ_sd=(0, 0, 0), site_effect=0, treatment_effect=0
    )
    truth = simulate_trial(500, seed=8, parameters=p).truth
    # The resistant fraction of a large lesion is 0.22 or more: that alone can part them.
    free = (truth["fx"] > 0.22).groupby(truth["patient_id"]).transform("all")
    assert free.mean() > 0.5
    assert truth["heterogeneity"][free].max() < 1e-9
    wide = SimulationParameters(between_lesion_sd=(0.7, 0.7, 1.3))
    default = simulate_trial(500, seed=8).truth
    wider = simulate_trial(500, seed=8, parameters=wide).truth
    assert wider["heterogeneity"].median() > 1.5 * default["heterogeneity"].median()


def test_censoring_follows_its_parameters():
    early = simulate_trial(
        500, seed=8, parameters=SimulationParameters(censor_days=(200, 400))
    ).patients
    assert early["os_days"].max() <= 400
    assert early["os_event"].mean() < simulate_trial(500, seed=8).patients["os_event"].mean() - 0.2
    late = SimulationParameters(censor_days=(7300, 7300), dropout_per_year=0)
    patients = simulate_trial(500, seed=8, parameters=late).patients
    assert patients["os_event"].mean() > 0.99
    assert (patients["pfs_event"].dropna() == 1).mean() > 0.99


def test_more_missed_scans_leave_wider_gaps():
    p = SimulationParameters(missed_scan_rate=0.3)
    some, many = simulate_trial(300, seed=8), simulate_trial(300, seed=8, parameters=p)
    later = [rows[rows["day"] > 0] for rows in (measured(some), measured(many))]
    gaps = [rows.groupby(KEY)["day"].diff().dropna() for rows in later]
    assert (gaps[0] > 80).mean() < 0.07 < 0.15 < (gaps[1] > 80).mean()
    assert gaps[1].max() <= 2 * 56 + 14


# --- plausible ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [2021, *SEEDS])
def test_survival_is_plausible(seed):
    patients = simulate_trial(seed=seed).patients
    assert 480 < median_survival(patients["os_days"], patients["os_event"]) < 600
    known = patients.dropna(subset="pfs_days")
    assert 190 < median_survival(known["pfs_days"], known["pfs_event"]) < 270
    by_arm = {
        arm: median_survival(rows["os_days"], rows["os_event"])
        for arm, rows in patients.groupby("arm")
    }
    assert min(by_arm.values()) > 330
    assert max(by_arm.values()) < 800
    group = patients["arm"].map(ARM_GROUPS)
    by_group = {
        name: median_survival(rows["os_days"], rows["os_event"])
        for name, rows in patients.groupby(group)
    }
    assert by_group["bevacizumab"] > by_group["panitumumab"] > by_group["chemotherapy"]


@pytest.mark.parametrize("seed", [2021, *SEEDS])
def test_lesion_response_is_plausible(seed):
    trial = simulate_trial(seed=seed)
    rows = measured(trial).rename(columns={"diameter_mm": "size_mm"})
    lesions = phases_of(rows, KEY).merge(trial.truth[[*KEY, "site"]], on=KEY)
    nadir = lesions.groupby("site")["nadir_ratio"].median()
    assert (
        nadir[["liver", "lung", "lymph node", "GI tract", "abdomen", "bone"]].between(0.6, 1).all()
    )
    assert max(nadir["liver"], nadir["lung"], nadir["lymph node"]) < nadir["bone"]
    sums = rows.groupby(["patient_id", "visit"], as_index=False).agg(
        day=("day", "max"), size_mm=("size_mm", "sum"), n=("lesion_id", "nunique")
    )
    complete = sums["n"] == sums["patient_id"].map(lesions.groupby("patient_id").size())
    sums = sums[complete]
    sums = sums[sums.groupby("patient_id")["day"].transform("size") > 1]
    both = lesions.merge(phases_of(sums, ["patient_id"]), on="patient_id", suffixes=("", "_total"))
    differs = np.any(
        [both[p] != both[f"{p}_total"] for p in ("response", "stable", "relapse")], axis=0
    )
    share = pd.Series(differs).groupby(both["patient_id"]).any().sum() / len(trial.patients)
    assert 0.57 < share < 0.68
    response = trial.patients["recist_response"].value_counts()
    assert 900 < response["PR"] < 1350
    assert 150 < response["PD"] < 450
    assert 10 < response["CR"] < 120
    assert response[["not detected", "unable to evaluate", "unknown"]].tolist() == [31, 39, 12]


# --- reading, writing, refusing ----------------------------------------------------------------


def test_written_tables_read_back_the_same(tmp_path):
    trial = simulate_trial(150, seed=11)
    paths = write_trial(trial, tmp_path / "new" / "folder")
    assert sorted(p.name for p in paths[0].parent.iterdir()) == ["lesions.csv", "patients.csv"]
    for path, table in zip(paths, (trial.lesions, trial.patients), strict=True):
        pd.testing.assert_frame_equal(pd.read_csv(path), table, check_dtype=False)
        assert b"\r" not in path.read_bytes()
    assert ".0," not in paths[0].read_text(encoding="utf-8")


@pytest.mark.parametrize("n", [2, 10, 2802])
def test_the_program_reads_its_own_simulated_trial(tmp_path, n):
    trial = simulate_trial(n, seed=12)
    lesions, patients = write_trial(trial, tmp_path)
    cohort = read_cohort(lesions, patients)
    assert len(cohort.patients) == n
    assert len(cohort.lesions) == len(trial.truth)
    texts = [notice.text for notice in cohort.notices]
    assert all("the first measurement served as baseline" in text for text in texts), texts


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    file = tmp_path / "taken"
    file.write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="the simulated trial cannot be written there"):
        write_trial(simulate_trial(2), file)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_patients": 0}, "n_patients is 0; permitted: whole numbers from 1 to 100000."),
        ({"n_patients": 2.5}, "n_patients is 2.5; permitted: whole numbers from 1 to 100000."),
        ({"n_patients": True}, "n_patients is True; permitted: whole numbers from 1 to 100000."),
        ({"seed": -1}, f"seed is -1; permitted: whole numbers from 0 to {2**63 - 1}."),
    ],
)
def test_sizes_and_seeds_that_are_not_permitted(arguments, message):
    with pytest.raises(UsageError) as error:
        simulate_trial(**arguments)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"measurement_sd": -0.1}, "measurement_sd is -0.1; permitted: finite, 0 or more."),
        ({"measurement_sd": float("nan")}, "measurement_sd is nan; permitted: finite numbers."),
        ({"measurement_sd": "8%"}, "measurement_sd is '8%'; a number is needed."),
        ({"median_os_days": 0}, "median_os_days is 0; permitted: finite, above 0."),
        ({"missed_scan_rate": 0.9}, "missed_scan_rate is 0.9; permitted: 0 to 0.5."),
        ({"scan_interval_days": 7}, "scan_interval_days is 7; permitted: whole, >= 14."),
        (
            {"censor_days": (400, 200)},
            "censor_days is (400, 200); permitted: the earlier day first.",
        ),
        ({"censor_days": 400}, "censor_days is 400; permitted: 2 numbers in a tuple."),
        (
            {"growth_median": (0.002, 0.02, 1.5)},
            "growth_median is (0.002, 0.02, 1.5); permitted: Fx below 1.",
        ),
        (
            {"organ_resistance": (0, 1)},
            "organ_resistance is (0, 1); permitted: 8 numbers in a tuple.",
        ),
        (
            {"vanished_below_mm": 6},
            "vanished_below_mm is 6; permitted: up to smallest_measurable_mm, 5.0.",
        ),
    ],
)
def test_parameters_that_are_not_permitted(changes, message):
    with pytest.raises(UsageError) as error:
        SimulationParameters(**changes)
    assert str(error.value) == message


def test_parameters_are_frozen_and_all_documented():
    with pytest.raises(dataclasses.FrozenInstanceError):
        SimulationParameters().measurement_sd = 0.1
    text = SimulationParameters.__doc__
    assert all(f"    {f.name}\n" in text for f in dataclasses.fields(SimulationParameters))
