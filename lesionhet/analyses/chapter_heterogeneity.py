"""Chapter "Heterogeneity and survival": the distance, where it is high, and who lives longer."""

from __future__ import annotations

from typing import Any, Final

from lesionhet import requests
from lesionhet.analyses.base import Analysis, Answers, Asked, Requests, Shown
from lesionhet.analyses.distances import ask_distances, ask_tau, show_distances, show_tau
from lesionhet.analyses.hazard import ask_cox, show_cox
from lesionhet.analyses.parts.comparison import enough_patients, need_patients, outliers
from lesionhet.analyses.parts.endpoints import OS, survival_chart, ticks
from lesionhet.analyses.parts.lesion_comparisons import (
    CLUSTERED,
    INDEPENDENT,
    ask_clustered,
    with_clustered,
)
from lesionhet.charts import BoxChart, MedianChart
from lesionhet.errors import NotEstimableError
from lesionhet.groups import QuantileGroups, quantile_groups
from lesionhet.labels import format_p
from lesionhet.results import DattaSatten
from lesionhet.study import Study

CHAPTER: Final = "Heterogeneity and survival"
OS_GROUPS: Final = ("bottom 25% OS", "middle", "top 25% OS")
SIGNIFICANT: Final = 0.05


def _os_extremes(study: Study) -> QuantileGroups:
    d = study.definitions
    return quantile_groups(study.patients[OS.time], d.low_quantile, d.high_quantile, OS_GROUPS)


def ask_extremes(study: Study) -> Requests:
    """Ask whether the distance differs between the longest and the shortest survivors."""
    groups = _os_extremes(study)
    order = (OS_GROUPS[2], OS_GROUPS[0])
    distance = study.patients["gower"]
    need_patients(
        groups.labels[distance.notna()], study.patients["patient_id"][distance.notna()], order
    )
    d = study.definitions
    level = d.conf_level
    return {
        "groups": requests.quantile_groups(
            study.patients[OS.time], d.low_quantile, d.high_quantile
        ),
        "mann_whitney": requests.mann_whitney(distance, groups.labels, order),
        "medians": requests.median_interval(distance, groups.labels, order, level),
        "spread": requests.describe(distance, groups.labels, order),
    }


def show_extremes(study: Study, answers: Answers) -> Shown:
    """Show the medians with their intervals."""
    groups, medians = _os_extremes(study), answers["medians"].to_frame()
    p_text = f"Mann-Whitney {format_p(answers['mann_whitney'].value('p_value'))}"
    sizes = ", ".join(f"{row.group} n = {row.n:,}" for row in medians.itertuples())
    chart = MedianChart(
        "Distance of long and short survivors",
        f"Median and {study.definitions.conf_level:.0%} interval ({sizes}). {p_text}.",
        medians,
        (OS_GROUPS[2], OS_GROUPS[0]),
        "Gower distance (patient)",
        p_text,
    )
    tables = {
        "medians": medians,
        "mann_whitney": answers["mann_whitney"].to_frame(),
        "spread": answers["spread"].to_frame(),
        "groups": answers["groups"].to_frame(),
    }
    remarks = (
        groups.remark("Groups by OS time, censored or not, as published"),
        "Censored patients with short follow-up count as short survivors here: 2C does not do that.",
    )
    return Shown(tables, {"distance_by_survival": chart}, remarks)


def _by_distance(study: Study) -> QuantileGroups:
    d = study.definitions
    return quantile_groups(study.patients["gower"], d.low_quantile, d.high_quantile)


def ask_survival(study: Study) -> Requests:
    """Ask for OS by distance, with both interval types, and the log-rank test."""
    groups = _by_distance(study)
    time, event = study.patients[OS.time], study.patients[OS.event]
    known = time.notna() & event.notna()
    need_patients(groups.labels[known], study.patients["patient_id"][known], groups.order)
    d = study.definitions
    asked: dict[str, Any] = {
        "groups": requests.quantile_groups(study.patients["gower"], d.low_quantile, d.high_quantile)
    }
    for conf_type in ("log", "log-log"):
        asked[f"kaplan_meier_{conf_type.replace('-', '_')}"] = requests.kaplan_meier(
            time,
            event,
            groups.labels,
            groups.order,
            conf_type=conf_type,
            conf_level=study.definitions.conf_level,
            times=ticks(time),
        )
    asked["log_rank"] = requests.log_rank(time, event, groups.labels, groups.order)
    if len(study.arms) > 1:
        asked["log_rank_by_arm"] = requests.log_rank(
            time, event, groups.labels, groups.order, strata=study.patients["arm"]
        )
    return asked


def show_survival(study: Study, answers: Answers) -> Shown:
    """Show the curves of low, medium and high distance."""
    groups, test = _by_distance(study), answers["log_rank"]
    conf_type = study.definitions.km_conf_type
    answer = answers[f"kaplan_meier_{conf_type.replace('-', '_')}"]
    p_text = f"Log-rank {format_p(test.value('p_value'))}"
    chart = survival_chart(
        "Overall survival by distance",
        f"Kaplan-Meier curves of {answer.n:,} patients with {study.definitions.conf_level:.0%} "
        f"intervals ({conf_type} scale). {p_text}.",
        answer,
        groups.order,
        OS,
        p_text=p_text,
    )
    tables = {name: found.to_frame() for name, found in answers.items()}
    tables["log_rank_groups"] = test.to_frame("groups")
    remarks = [
        groups.remark("Groups by patient-level distance"),
        "The distance uses scans made after day 0, so patients must live to get one: read the "
        "curves as description, not as prediction.",
    ]
    return Shown(tables, {"os_by_distance": chart}, tuple(remarks))


def _compared_sites(study: Study) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the site groups with two patients or more, and a sentence for each that is left out."""
    known = study.lesions.dropna(subset=["gower", "site_group"])
    order = tuple(site for site in study.sites if (known["site_group"] == site).any())
    if len(order) < 2:
        raise NotEstimableError(
            f"Lesions fall into {len(order)} site group(s) of at least "
            f"{study.definitions.site_min_lesions} lesions; two or more are needed."
        )
    return enough_patients(known["site_group"], known["patient_id"], order)


def ask_sites(study: Study) -> Asked:
    """Ask how the lesion-level distance differs between sites."""
    order, _ = _compared_sites(study)
    known = study.lesions["gower"].notna()
    values, groups = study.lesions["gower"], study.lesions["site_group"]
    patient = study.lesions["patient_id"]
    need_patients(groups[known], patient[known], order)
    return {
        "kruskal_wallis": requests.kruskal_wallis(values, groups, order),
        "dunn": requests.dunn(values, groups, order),
        **ask_clustered("", values, groups, patient, order),
        "spread": requests.describe(values, groups, order),
        "all_sites": requests.describe(values),
    }


def show_sites(study: Study, answers: Answers) -> Shown:
    """Show box plots by site with the significant pairs."""
    spread = answers["spread"].to_frame()
    pairs = answers["dunn"].to_frame()
    significant = pairs[pairs["p_adjusted"] < SIGNIFICANT]
    p_text = format_p(answers["kruskal_wallis"].value("p_value"))
    clustered = answers.get(CLUSTERED)
    median = answers["all_sites"].value("median", "summary")
    chart = BoxChart(
        "Distance by site",
        f"Lesion-level distance, {answers['spread'].n:,} lesions. Kruskal-Wallis {p_text}{_told(clustered)}; "
        f"{len(significant)} of {len(pairs)} pairs differ (Dunn, Bonferroni, P < {SIGNIFICANT}).",
        spread,
        outliers(study.lesions["gower"], study.lesions["site_group"], spread),
        tuple(spread["group"]),
        "Gower distance (lesion)",
        palette="site",
        pairs=significant[["group_1", "group_2", "p_adjusted"]].rename(
            columns={"p_adjusted": "p_value"}
        ),
        lines={median: "median of all lesions"},
    )
    tables = {
        "spread": spread,
        "kruskal_wallis": with_clustered(answers["kruskal_wallis"].to_frame(), clustered),
        "dunn": with_clustered(pairs, clustered),
        "distance_all_sites": answers["all_sites"].to_frame(),
    }
    return Shown(tables, {"distance_by_site": chart}, (INDEPENDENT,), _compared_sites(study)[1])


def _told(clustered: DattaSatten | None) -> str:
    return f", clustered {format_p(clustered.value('p_value'))}" if clustered else ""


ANALYSES: Final = (
    Analysis(
        "2A",
        "Five variables and the distance",
        "How differently do the lesions of one patient respond?",
        (),
        ask_distances,
        show_distances,
        CHAPTER,
    ),
    Analysis(
        "2A-tau",
        "Distance and number of lesions",
        "Does the distance depend on how many lesions a patient has?",
        (),
        ask_tau,
        show_tau,
        CHAPTER,
    ),
    Analysis(
        "2B",
        "Distance of long and short survivors",
        "Do patients who lived long have less heterogeneous lesions?",
        ("os_days", "os_event"),
        ask_extremes,
        show_extremes,
        CHAPTER,
    ),
    Analysis(
        "2C",
        "Survival by distance",
        "Do patients with heterogeneous lesions live shorter?",
        ("os_days", "os_event"),
        ask_survival,
        show_survival,
        CHAPTER,
    ),
    Analysis(
        "2D",
        "Cox model of the distance",
        "Does the distance matter beside burden and number of lesions?",
        ("os_days", "os_event"),
        ask_cox,
        show_cox,
        CHAPTER,
    ),
    Analysis(
        "2G",
        "Distance by site",
        "Where are lesions most unlike the patient's others?",
        ("site",),
        ask_sites,
        show_sites,
        CHAPTER,
    ),
)
