"""Chapter "Response dynamics": how lesions respond, and where they part from the total burden."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Analysis, Answers, Requests, Shown
from lesionhet.analyses.parts.endpoints import PFS, survival_chart, ticks
from lesionhet.analyses.trajectories import show_trajectories, shown_patients
from lesionhet.charts import Mark, PhaseLanesChart, ShareChart, WaterfallChart
from lesionhet.errors import NotEstimableError
from lesionhet.schema import PHASES
from lesionhet.study import Study

CHAPTER: Final = "Response dynamics"
INCONSISTENT_CLASSES: Final = ("0", "1", "2", "≥3")
ALL_PATIENTS: Final = "all patients"
DURATIONS: Final = tuple(f"{phase}_days" for phase in PHASES)


def best_change(study: Study) -> pd.Series:
    """Give the largest shrinkage of each patient's total burden, in percent of the baseline."""
    return 100 * (study.patients["nadir_ratio"] - 1)


def ask_waterfall(study: Study) -> Requests:
    """Ask for the distribution of the best change and, with PFS, its Kaplan-Meier curve."""
    asked: dict[str, Any] = {"change": requests.describe(best_change(study))}
    if study.has(PFS.time, PFS.event):
        times = study.patients[PFS.time]
        for conf_type in ("log", "log-log"):
            asked[f"pfs_{conf_type.replace('-', '_')}"] = requests.kaplan_meier(
                times,
                study.patients[PFS.event],
                conf_type=conf_type,
                conf_level=study.definitions.conf_level,
                times=ticks(times),
            )
    return asked


def show_waterfall(study: Study, answers: Answers) -> Shown:
    """Show the waterfall of the total burden and the PFS curve, one patient marked in both."""
    change = best_change(study)
    bars = pd.DataFrame({"patient_id": study.patients["patient_id"], "change": change}).dropna()
    bars = bars.sort_values(["change", "patient_id"], ascending=[False, True], ignore_index=True)
    chosen = next((p for p in shown_patients(study) if p in set(bars["patient_id"])), None)
    d = study.definitions
    lines = {
        100 * (d.response_threshold - 1): f"response {_signed(100 * (d.response_threshold - 1))}%",
        100 * (d.relapse_threshold - 1): f"growth {_signed(100 * (d.relapse_threshold - 1))}%",
    }
    waterfall = WaterfallChart(
        "Best change of the total burden",
        f"Largest change of the sum of diameters from baseline, {len(bars):,} patients"
        + (f"; patient {chosen} in red." if chosen else "."),
        bars,
        "Best change from baseline (%)",
        lines,
        chosen,
    )
    charts: dict[str, Any] = {"waterfall": waterfall}
    tables = {"best_change": answers["change"].to_frame(), "waterfall": bars}
    remarks = _without_burden(study)
    if "pfs_log" not in answers:
        missing = " and ".join(study.missing([PFS.time, PFS.event]))
        return Shown(tables, charts, remarks, (f"PFS curve left out: {missing} missing.",))
    answer = answers[f"pfs_{d.km_conf_type.replace('-', '_')}"]
    charts["pfs"] = survival_chart(
        "Progression-free survival",
        f"Kaplan-Meier curve of {answer.n:,} patients with {d.conf_level:.0%} interval "
        f"({d.km_conf_type} scale).",
        answer,
        ("all",),
        PFS,
        mark=_mark(study, chosen, answer.to_frame("curve")),
    )
    tables |= {name: answers[name].to_frame() for name in ("pfs_log", "pfs_log_log")}
    return Shown(tables, charts, remarks)


def _signed(value: float) -> str:
    """Write a whole number with its sign, a true minus as on the axis."""
    return f"{value:+.0f}".replace("-", "−")


def _mark(study: Study, patient: str | None, curve: pd.DataFrame) -> Mark | None:
    rows = study.patients[study.patients["patient_id"] == patient].dropna(subset=[PFS.time])
    if rows.empty:
        return None
    time = float(rows[PFS.time].iloc[0])
    before = curve[curve["time"] <= time]
    return Mark(f"patient {patient}", time, float(before["survival"].iloc[-1]))


def _without_burden(study: Study) -> tuple[str, ...]:
    n = int(study.patients["nadir_ratio"].isna().sum())
    if not n:
        return ()
    return (
        f"{n:,} of {len(study.patients):,} patients have no total burden "
        "(no two assessments with all of their lesions) and are left out.",
    )


def _classes(study: Study) -> pd.Series:
    """Name how many lesions of each patient part from the total burden: 0, 1, 2, ≥3."""
    names = dict(enumerate(INCONSISTENT_CLASSES))
    return study.patients["n_inconsistent"].clip(upper=3).map(names)


def ask_inconsistent_patients(study: Study) -> Requests:
    """Ask how many patients have 0, 1, 2 or more inconsistent lesions, overall and by arm."""
    classes = _classes(study)
    if classes.notna().sum() == 0:
        raise NotEstimableError("No patient has a total burden to compare lesions with.")
    asked = {"overall": requests.count(classes, level_order=INCONSISTENT_CLASSES)}
    if len(study.arms) > 1:
        known = study.patients["arm"][classes.notna()]
        arms = tuple(arm for arm in study.arms if (known == arm).any())
        asked["by_arm"] = requests.count(classes, study.patients["arm"], INCONSISTENT_CLASSES, arms)
    return asked


def show_inconsistent_patients(study: Study, answers: Answers) -> Shown:
    """Show the shares as stacked bars."""
    rows = answers["overall"].to_frame().replace({"group": {"all": ALL_PATIENTS}})
    with_one = rows.loc[rows["level"] != "0", "count"].sum()
    n = int(rows["n"].iloc[0])
    left_out: tuple[str, ...] = ()
    if "by_arm" in answers:
        rows = pd.concat([rows, answers["by_arm"].to_frame()], ignore_index=True)
    elif not study.has("arm"):
        left_out = ("By arm left out: column arm is missing.",)
    chart = ShareChart(
        "Lesions that part from the total burden",
        f"{with_one:,} of {n:,} patients ({with_one / n:.0%}) have at least one lesion whose phases "
        "are not those of the total burden.",
        rows,
        tuple(dict.fromkeys(rows["group"])),
        INCONSISTENT_CLASSES,
        "Inconsistent lesions",
        "Patients (%)",
    )
    charts = {"inconsistent_by_arm": chart}
    return Shown({"patients": rows}, charts, _without_burden(study), left_out)


def ask_inconsistent_sites(study: Study) -> Requests:
    """Ask for the share of inconsistent lesions of each site."""
    flags = study.lesions["inconsistent"].map({1.0: "inconsistent", 0.0: "consistent"})
    known = set(study.lesions.loc[flags.notna(), "site_group"].dropna())
    if not known:
        raise NotEstimableError("No lesion with a site has a total burden to compare with.")
    order = tuple(site for site in study.sites if site in known)
    levels = ("inconsistent", "consistent")
    return {"by_site": requests.count(flags, study.lesions["site_group"], levels, order)}


def show_inconsistent_sites(study: Study, answers: Answers) -> Shown:
    """Show the shares, highest first."""
    rows = answers["by_site"].to_frame()
    share = rows[rows["level"] == "inconsistent"].set_index("group")["share"]
    order = tuple(share.sort_values(ascending=False, kind="stable").index)
    chart = ShareChart(
        "Inconsistent lesions by site",
        f"Share of lesions whose phases are not those of the total burden: {share.min():.0%} "
        f"({share.idxmin()}) to {share.max():.0%} ({share.idxmax()}).",
        rows,
        order,
        ("inconsistent", "consistent"),
        "Against the total burden",
        "Lesions (%)",
    )
    return Shown({"lesions": rows}, {"inconsistent_by_site": chart}, _pooled(study))


def _pooled(study: Study) -> tuple[str, ...]:
    changed = study.lesions["site"] != study.lesions["site_group"]
    sites = sorted(study.lesions.loc[changed & study.lesions["site"].notna(), "site"].unique())
    missing = int(study.lesions["site"].isna().sum())
    texts = []
    if sites:
        least = study.definitions.site_min_lesions
        texts.append(f"Sites with fewer than {least} lesions are pooled: {', '.join(sites)}.")
    if missing:
        texts.append(f"{missing:,} lesions without a site are left out.")
    return tuple(texts)


def ask_burden_phases(study: Study) -> Requests:
    """Ask for the spread of the durations and how often each phase is present.

    The phases of every total burden are among the patterns of 2A.
    """
    if study.burden.empty:
        raise NotEstimableError("No patient has two assessments with all followed lesions.")
    asked: dict[str, Any] = {}
    for name in DURATIONS:
        asked[name] = requests.describe(study.patients[name])
    for phase in PHASES:
        present = study.patients[phase].map({1.0: "present", 0.0: "absent"})
        asked[phase] = requests.count(present, level_order=("present", "absent"))
    return asked


def show_burden_phases(study: Study, answers: Answers) -> Shown:
    """Show every patient's phases as one lane."""
    columns = ["patient_id", *DURATIONS]
    lanes = study.patients[columns].dropna()
    lanes = lanes.assign(total=lanes[list(DURATIONS)].sum(axis=1))
    lanes = lanes.sort_values(["total", "patient_id"], ignore_index=True)[columns]
    flags = pd.concat([answers[p].to_frame().assign(phase=p) for p in PHASES], ignore_index=True)
    days = pd.concat(
        [answers[name].to_frame().assign(duration=name) for name in DURATIONS], ignore_index=True
    )
    chart = PhaseLanesChart(
        "Phases of the total burden",
        f"{len(lanes):,} patients, one lane each: days in response, stable and relapse.",
        lanes,
    )
    tables = {
        "phase_presence": flags[["phase", "level", "count", "n", "share"]],
        "phase_durations": days[["duration", *days.columns.drop(["duration", "group"])]],
    }
    return Shown(tables, {"burden_phases": chart}, _without_burden(study))


ANALYSES: Final = (
    Analysis(
        "1A",
        "Best response and progression-free survival",
        "How far did the tumours shrink, and how long until progression?",
        (),
        ask_waterfall,
        show_waterfall,
        CHAPTER,
    ),
    Analysis(
        "1B",
        "Trajectories of single patients",
        "What does the total burden hide in single patients?",
        (),
        lambda study: {},
        show_trajectories,
        CHAPTER,
    ),
    Analysis(
        "1C",
        "Patients with inconsistent lesions",
        "How many patients have lesions that respond otherwise than the total burden?",
        (),
        ask_inconsistent_patients,
        show_inconsistent_patients,
        CHAPTER,
    ),
    Analysis(
        "1D",
        "Inconsistent lesions by site",
        "Where do lesions part from the total burden?",
        ("site",),
        ask_inconsistent_sites,
        show_inconsistent_sites,
        CHAPTER,
    ),
    Analysis(
        "S2",
        "Phases of the total burden",
        "How long does the total burden respond, stay stable and relapse?",
        (),
        ask_burden_phases,
        show_burden_phases,
        CHAPTER,
    ),
)
