"""The published figures, computed on a simulated trial."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from scipy import stats

from lesionhet import requests
from lesionhet.calibration.quick import log_hazard_ratios, median_survival
from lesionhet.groups import quantile_groups
from lesionhet.organs import organ_groups
from lesionhet.simulate import SimulatedTrial
from lesionhet.simulation import published
from lesionhet.simulation.parameters import ORGANS
from lesionhet.simulation.unchecked import unchecked_cohort
from lesionhet.statistics.engine import PythonEngine
from lesionhet.study import Study, build_study

ENGINE: Final = PythonEngine()
ORGAN_GROUPS: Final = ("all", "liver", "others", "none")
SITE_GROUPS: Final = (*ORGANS[:-1], "other")
TARGETED: Final = ("bevacizumab", "panitumumab", "both agents")


def unchecked_study(trial: SimulatedTrial) -> Study:
    """Build the study of a simulated trial without the checks that files need.

    Parameters
    ----------
    trial
        From `lesionhet.simulate.simulate_trial`: valid by construction.

    Returns
    -------
    Study
        With the tables that ``build_study(cohort_from_frames(...))`` gives, in a third of the time;
        its cohort has no attrition, notices or sources.

    Examples
    --------
    >>> from lesionhet.simulate import simulate_trial
    >>> unchecked_study(simulate_trial(40, seed=1)).patients["gower"].between(0, 1).all().item()
    True
    """
    return build_study(unchecked_cohort(trial))


def measure(trial: SimulatedTrial, study: Study | None = None) -> dict[str, float]:
    """Compute every figure of `lesionhet.calibration.targets` on a simulated trial.

    Parameters
    ----------
    trial
        From `lesionhet.simulate.simulate_trial`.
    study
        The study of its tables; built where it is not given.

    Returns
    -------
    dict
        Key -> value; NaN where there are no such patients, or half of them never reach the event.

    Examples
    --------
    >>> from lesionhet.simulate import simulate_trial
    >>> measure(simulate_trial(150, seed=1))["patients"]
    150.0
    """
    study = study or unchecked_study(trial)
    return {**measure_counts(trial), **measure_fitted(trial, study)}


def measure_counts(trial: SimulatedTrial) -> dict[str, float]:
    """Count patients and lesions as Table 1 and the figure legends do."""
    patients, truth = trial.patients, trial.truth
    found: dict[str, float] = {"patients": len(patients), "lesions": len(truth)}
    found |= {f"arm: {arm}": n for arm, n in patients["arm"].value_counts().items()}
    found["without PFS"] = patients["pfs_days"].isna().sum()
    for name in (*published.COVARIATES, "kras", "recist_response"):
        counts = patients[name].convert_dtypes().value_counts()
        found |= {f"{name}: {value}": n for value, n in counts.items()}
    lesions = truth.groupby("patient_id").size()
    found["1 lesion"], found["2 lesions"] = (lesions == 1).sum(), (lesions == 2).sum()
    found["3 lesions or more"] = (lesions >= 3).sum()
    found |= _site_counts(trial)
    return {key: float(value) for key, value in found.items()}


def _site_counts(trial: SimulatedTrial) -> dict[str, float]:
    truth = trial.truth
    n_sites = truth.groupby("patient_id")["site"].nunique()
    has = {
        site: truth["site"].eq(site).groupby(truth["patient_id"]).any()
        for site in ("liver", "lung", "lymph node")
    }
    found: dict[str, float] = {
        "liver only": (has["liver"] & (n_sites == 1)).sum(),
        "with liver": has["liver"].sum(),
        "liver, lung": (has["liver"] & has["lung"] & (n_sites == 2)).sum(),
        "liver, lymph node": (has["liver"] & has["lymph node"] & (n_sites == 2)).sum(),
    }
    arm = trial.patients.set_index("patient_id")["arm"]
    group = truth["patient_id"].map(arm).map(dict(published.ARM_GROUPS))
    for (name, site), n in truth.groupby([group, truth["site"]]).size().items():
        found[f"lesions: {name}, {site}"] = n
    return found


def measure_fitted(trial: SimulatedTrial, study: Study) -> dict[str, float]:
    """Compute the figures that the parameters are fitted to."""
    lesions, patients = study.lesions, study.patients
    group = patients["arm"].map(dict(published.ARM_GROUPS))
    by_site = lesions.groupby("site_group")
    found: dict[str, float] = {
        "inconsistent patients": (patients["n_inconsistent"] > 0).sum() / len(patients),
        **{f"inconsistent: {site}": v for site, v in by_site["inconsistent"].mean().items()},
        **{f"distance: {site}": v for site, v in by_site["gower"].median().items()},
        "tau": _tau(patients),
    }
    distance = patients["gower"]
    chemo = distance[group == "chemotherapy"]
    found["z: targeted"] = rank_z(chemo, distance[group.isin(TARGETED)])
    for agent in TARGETED[:2]:
        found[f"z: {agent}"] = rank_z(chemo, distance[group == agent])
    found |= _survival_by_distance(study)
    found |= _survival_by_treatment(patients, group)
    found |= _nadirs(lesions, patients, group)
    found |= _organ_groups(study)
    found |= _orders(found)
    natural = trial.truth.drop_duplicates("patient_id")["response_by_size"].to_numpy()
    recorded = trial.patients["recist_response"].to_numpy()
    evaluated = np.isin(recorded, list(published.RECIST))
    found["recorded as measured"] = (natural == recorded)[evaluated].mean()
    return {key: float(value) for key, value in found.items()}


def rank_z(first: pd.Series, second: pd.Series) -> float:
    """Give the z of the Mann-Whitney test with ties corrected, above 0 where ``first`` is larger."""
    both = pd.concat([first, second])
    p = stats.mannwhitneyu(first, second, method="asymptotic", use_continuity=False).pvalue
    ranks = both.rank().to_numpy()
    larger = ranks[: len(first)].mean() > ranks[len(first) :].mean()
    return float(stats.norm.isf(p / 2) * (1 if larger else -1))


def _tau(patients: pd.DataFrame) -> float:
    several = patients[patients["n_lesions"] > 2]
    answer = ENGINE.answer(requests.kendall(several["gower"], several["n_lesions"]))
    return answer.value("estimate")


def medians(patients: pd.DataFrame, endpoint: str, group: pd.Series) -> dict[str, float]:
    """Give the Kaplan-Meier median of each group, in days."""
    known = patients[f"{endpoint}_days"].notna() & group.notna()
    return {
        str(name): median_survival(rows[f"{endpoint}_days"], rows[f"{endpoint}_event"])
        for name, rows in patients[known].groupby(group[known])
    }


def _survival_by_distance(study: Study) -> dict[str, float]:
    patients = study.patients
    groups = quantile_groups(patients["gower"], 0.25, 0.75)
    found = {f"os: {name}": v for name, v in medians(patients, "os", groups.labels).items()}
    for endpoint in ("os", "pfs"):
        found[f"hr: {endpoint}"] = np.exp(log_hazard_ratios(cox_data(patients, endpoint)))[0]
    return found


def cox_data(patients: pd.DataFrame, endpoint: str) -> pd.DataFrame:
    """Give the rows of the model of Figure 2D.

    Returns
    -------
    pandas.DataFrame
        Patients with the endpoint: ``time``, ``event``, ``x1`` distance per SD, ``x2`` baseline sum
        per SD, ``x3`` number of lesions, ``strata`` arm.
    """
    known = patients.dropna(subset=[f"{endpoint}_days", "gower"])
    columns = {
        "time": known[f"{endpoint}_days"],
        "event": known[f"{endpoint}_event"],
        "x1": known["gower"] / known["gower"].std(),
        "x2": known["baseline_sum_mm"] / known["baseline_sum_mm"].std(),
        "x3": known["n_lesions"].astype(float),
        "strata": known["arm"],
    }
    return pd.DataFrame(columns)


def _survival_by_treatment(patients: pd.DataFrame, group: pd.Series) -> dict[str, float]:
    found = {}
    kras = patients["kras"].where(patients["kras"] != "unknown", None)
    for endpoint in ("os", "pfs"):
        by_arm = medians(patients, endpoint, group)
        for agent in ("bevacizumab", "panitumumab"):
            found[f"{endpoint}: {agent} - chemo"] = by_arm[agent] - by_arm["chemotherapy"]
        by_kras = medians(patients, endpoint, kras)
        found[f"{endpoint}: wild-type - mutant"] = by_kras["wild-type"] - by_kras["mutant"]
    return found


def _nadirs(lesions: pd.DataFrame, patients: pd.DataFrame, group: pd.Series) -> dict[str, float]:
    of_lesion = patients.assign(group=group).set_index("patient_id").loc[lesions["patient_id"]]
    with_agent = (of_lesion["group"] == "panitumumab").to_numpy()
    by_site = lesions[with_agent].groupby("site_group")["nadir_ratio"].median()
    found = {f"nadir: {site}": value for site, value in by_site.items()}
    with_agent |= (of_lesion["group"] == "both agents").to_numpy()
    wild = with_agent & (of_lesion["kras"] == "wild-type").to_numpy()
    by_site = lesions[wild].groupby("site_group")["nadir_ratio"].median()
    for site in ("lymph node", "lung"):
        found[f"nadir ratio: {site}"] = by_site[site] / by_site["liver"]
    return found


def _orders(found: dict[str, float]) -> dict[str, float]:
    """Give by how much the site that the paper names as the extreme one is so."""
    ends = {"inconsistent": "bone", "distance": "GI tract", "nadir": "other"}
    orders = {}
    for name, site in ends.items():
        rest = _others(found, name, site)
        orders[f"order: {name}, {site}"] = found.get(f"{name}: {site}", np.nan) - np.max(rest)
    rest = _others(found, "nadir", "liver")
    return {**orders, "order: nadir, liver": np.min(rest) - found["nadir: liver"]}


def _others(found: dict[str, float], name: str, site: str) -> list[float]:
    return [found.get(f"{name}: {other}", np.nan) for other in SITE_GROUPS if other != site]


def liver_groups(study: Study) -> pd.Series:
    """Give each patient with liver metastases "all", "liver", "others" or "none" of Figure 6A."""
    groups = organ_groups(study, published.LIVER)
    names = dict(zip(groups.order, ORGAN_GROUPS, strict=True))
    return groups.of(study).map(names)


def _organ_groups(study: Study) -> dict[str, float]:
    label = liver_groups(study)
    counts = label.value_counts()
    found: dict[str, float] = {f"organs: {name}": counts.get(name, 0) for name in ORGAN_GROUPS}
    for endpoint in ("os", "pfs"):
        for name, value in medians(study.patients, endpoint, label).items():
            found[f"organs, {endpoint}: {name}"] = value
    return found


def measure_two_organs(trial: SimulatedTrial, study: Study | None = None) -> dict[str, float]:
    """Compute Figure 6B: the organ response groups of patients with two organs only.

    Parameters
    ----------
    trial, study
        As in `measure`.

    Returns
    -------
    dict
        Key of ``TWO_ORGANS`` -> patients of a group, or their OS median in days.
    """
    study = study or unchecked_study(trial)
    found: dict[str, float] = {}
    for organ in (published.LUNG, published.LYMPH_NODE):
        groups = organ_groups(study, published.LIVER, organ)
        label = groups.of(study).map(dict(zip(groups.order, ORGAN_GROUPS, strict=True)))
        counts = label.value_counts()
        found |= {f"{organ}, n: {name}": counts.get(name, 0) for name in ORGAN_GROUPS}
        of_organ = medians(study.patients, "os", label)
        found |= {f"{organ}, os: {name}": of_organ.get(name, np.nan) for name in ORGAN_GROUPS}
    return {key: float(value) for key, value in found.items()}
