"""Models of lesions that know the patient: mixed models of the ratios, Cox models of relapse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Answers, Asked, Shown, Tried
from lesionhet.analyses.parts.comparison import contrast_groups, enough_patients, of_lesions, tried
from lesionhet.analyses.parts.measures import RATIOS
from lesionhet.analyses.reviewer.model_verdicts import turned
from lesionhet.charts import Chart, ForestChart, MedianChart
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_interval, format_number, format_p, format_percent
from lesionhet.statistics.distributions import normal_quantile
from lesionhet.study import Study

SIGNIFICANT: Final = 0.05
INTERCEPT: Final = "(intercept)"
TIME: Final = "time_to_relapse"
EVENT: Final = "time_to_relapse_observed"
DIFFERENCES: Final = (
    "measure",
    "term",
    "estimate",
    "std_error",
    "conf_low",
    "conf_high",
    "p_value",
)
MODELS: Final = (
    *("measure", "n", "patients", "intraclass_correlation"),
    *("variance_patients", "variance_lesions", "singular", "p_value"),
)
SITE_MODEL: Final = "by site"
ARM_MODEL: Final = "by arm"


@dataclass(frozen=True, eq=False)
class Sites:
    """Sites that are compared: the reference, the others, one column of 0 and 1 for each of these."""

    reference: str
    others: tuple[str, ...]
    columns: pd.DataFrame
    texts: tuple[str, ...]


def sites(study: Study) -> Sites:
    """Give the site groups with two patients or more, that with most lesions as the reference.

    Raises
    ------
    NotEstimableError
        Fewer than two site groups.
    """
    if len(study.sites) < 2:
        raise NotEstimableError(
            f"Lesions fall into {len(study.sites)} site group(s); two are needed."
        )
    group = study.lesions["site_group"]
    order, texts = enough_patients(group, study.lesions["patient_id"], study.sites)
    known = group.isin(order)
    columns = {name: (group == name).astype(float).where(known) for name in order[1:]}
    return Sites(order[0], tuple(order[1:]), pd.DataFrame(columns), texts)


def sides(study: Study) -> tuple[str, str, pd.Series]:
    """Give the names of treated and control arms, and 1 for each lesion of the treated, 0 of control.

    Raises
    ------
    NotEstimableError
        No column arm, no targeted contrast in the plan, or a side without arms.
    """
    targeted = study.plan.targeted
    if targeted is None or not study.has("arm"):
        what = (
            "the plan has no targeted contrast" if targeted is None else "the column arm is missing"
        )
        raise NotEstimableError(f"Arms are not in the models: {what}.")
    group, (treated, control, *_) = contrast_groups(study, targeted)
    side = of_lesions(study, group)
    return treated, control, (side == treated).astype(float).where(side.notna())


def ask_mixed(study: Study) -> Asked:
    """Ask for mixed models of nadir and last ratio: sites and, where there are arms, the treated side."""
    found = sites(study)
    columns = found.columns
    try:
        treated, _, side = sides(study)
        columns = columns.assign(**{treated: side})
    except NotEstimableError:
        # Said in the remarks of `show_mixed`.
        pass
    level, patient = study.definitions.conf_level, study.lesions["patient_id"]
    return {
        measure.column: tried(
            requests.mixed_model, study.lesions[measure.column], columns, patient, level
        )
        for measure in RATIOS
    }


def show_mixed(study: Study, answers: Answers) -> Shown:
    """Show the differences from the reference site, and how much of the variance is the patient's."""
    found = sites(study)
    parts, models, charts = [], [], {}
    for measure in RATIOS:
        if (answer := answers.get(measure.column)) is None:
            continue
        parts.append(answer.to_frame("terms").assign(measure=measure.label))
        models.append(answer.to_frame("model").assign(measure=measure.label))
        charts[measure.column] = _difference_chart(study, found, measure.label, answer)
    if not parts:
        raise NotEstimableError("No mixed model has an answer.")
    terms = pd.concat(parts, ignore_index=True)
    differences = terms.loc[terms["term"] != INTERCEPT, list(DIFFERENCES)].reset_index(drop=True)
    table = pd.concat(models, ignore_index=True)[list(MODELS)]
    table = table.astype({"patients": int, "singular": int})
    tables = {"differences": differences, "models": table}
    remarks = (
        f"Difference of the ratio (size / baseline) from {found.reference}, all sites in one model; 0.1 is a "
        f"tenth of the baseline size. {_arm_text(study)}",
        "Linear mixed model of the ratios as they are, with a random intercept of the patient: REML, z and P "
        "normal. Likelihood ratio test of all terms together by ML.",
        "Intraclass correlation: share of the variance that lies between patients, 1 where the lesions of "
        "a patient are all alike.",
    )
    return Shown(tables, charts, remarks, found.texts, _mixed_verdict(found, differences, table))


def _arm_text(study: Study) -> str:
    try:
        treated, control, _ = sides(study)
    except NotEstimableError as error:
        return str(error)
    return f"The term {treated} is against {control}; lesions of other arms are left out."


def _difference_chart(study: Study, found: Sites, label: str, answer: Any) -> MedianChart:
    terms = answer.to_frame("terms").set_index("term").loc[list(found.others)]
    counts = study.lesions["site_group"].value_counts()
    rows = pd.DataFrame(
        {
            "group": terms.index,
            "n": [int(counts[name]) for name in terms.index],
            **{name: terms[name].to_numpy() for name in ("estimate", "conf_low", "conf_high")},
        }
    )
    level = study.definitions.conf_level
    correlation = answer.value("intraclass_correlation", "model")
    return MedianChart(
        f"{label} by site, against {found.reference}",
        f"Difference from {found.reference} in a mixed model with the patient, {level:.0%} intervals; "
        f"intraclass correlation {format_number(correlation)}.",
        rows,
        found.others,
        f"{label}: difference from {found.reference}",
        palette="site",
    )


def _mixed_verdict(found: Sites, differences: pd.DataFrame, models: pd.DataFrame) -> str:
    """Name the site that differs most in the first measure, and what share the patient explains."""
    measure = str(models["measure"].iloc[0])
    own = differences[(differences["measure"] == measure) & differences["term"].isin(found.others)]
    sure = own[own["p_value"] < SIGNIFICANT]
    share = format_percent(float(models["intraclass_correlation"].iloc[0]))
    alike = f"{share} of the variance of the {measure.lower()} lies between patients"
    if sure.empty:
        return f"Not clearly: no site differs from {found.reference} at P < {SIGNIFICANT}; {alike}."
    most = sure.loc[sure["estimate"].abs().idxmax()]
    way = "higher" if most["estimate"] > 0 else "lower"
    size = format_interval(
        *turned(*(float(most[c]) for c in ("estimate", "conf_low", "conf_high")))
    )
    differ = "differs" if len(sure) == 1 else "differ"
    return (
        f"{len(sure)} of {len(own)} sites {differ} from {found.reference} in the {measure.lower()}, "
        f"{most['term']} most: {way} by {size} of the baseline size; {alike}."
    )


def ask_relapse(study: Study) -> Asked:
    """Ask for Cox models of the time to relapse of a lesion: by site, and treated against control."""
    found = sites(study)
    lesions, level = study.lesions, study.definitions.conf_level
    patient = lesions["patient_id"]
    arm = (
        of_lesions(study, study.patients.set_index("patient_id")["arm"])
        if study.has("arm")
        else None
    )
    asked = {
        SITE_MODEL: tried(
            requests.clustered_cox,
            lesions[TIME],
            lesions[EVENT],
            found.columns,
            patient,
            arm,
            level,
        )
    }
    try:
        treated, _, side = sides(study)
    except NotEstimableError as error:
        return {**asked, ARM_MODEL: Tried(None, str(error))}
    columns = pd.DataFrame({treated: side})
    asked[ARM_MODEL] = tried(
        requests.clustered_cox, lesions[TIME], lesions[EVENT], columns, patient, None, level
    )
    return asked


def show_relapse(study: Study, answers: Answers) -> Shown:
    """Show each hazard ratio with the interval that takes lesions as independent and the clustered one."""
    found, level = sites(study), study.definitions.conf_level
    names = {SITE_MODEL: f"By site, against {found.reference}", ARM_MODEL: "By arm"}
    if ARM_MODEL in answers:
        names[ARM_MODEL] = f"By arm, against {sides(study)[1]}"
    parts, models, drawn = [], [], []
    for model, panel in names.items():
        if model not in answers:
            continue
        rows = _two_ways(answers[model].to_frame("terms"), level)
        rows.insert(0, "model", panel)
        parts.append(rows)
        models.append(answers[model].to_frame("model").assign(model=panel))
        drawn += _drawn(rows, panel)
    table = pd.concat(parts, ignore_index=True)
    counts = pd.concat(models, ignore_index=True)[["model", "n", "patients", "events"]]
    tables = {"hazard_ratios": table, "models": counts.astype({"patients": int})}
    charts: dict[str, Chart] = {
        "forest": ForestChart(
            "Relapse of lesions, naive and clustered",
            f"Hazard ratios of relapse of a lesion with {level:.0%} intervals: each lesion independent "
            "(naive), and lesions of a patient kept together (clustered).",
            pd.DataFrame(drawn),
            conf_level=level,
        )
    }
    stratified = ", stratified by arm" if study.has("arm") else ""
    remarks = (
        "Time from a lesion's baseline to its relapse, as the definitions have it; a lesion without relapse "
        "is censored at its last scan.",
        f"Cox model of lesions by site{stratified}. The hazard ratios are the same both ways; clustered "
        "standard errors add up the lesions of a patient (Lin & Wei 1989).",
        "Death ends the scans: these are hazards of relapse among lesions that are still scanned.",
    )
    return Shown(tables, charts, remarks, found.texts, _relapse_verdict(table, found))


def _two_ways(terms: pd.DataFrame, level: float) -> pd.DataFrame:
    """Put the interval of the plain standard error beside the clustered ones."""
    reach = normal_quantile(level) * terms["std_error"]
    return pd.DataFrame(
        {
            "term": terms["term"],
            "hazard_ratio": terms["hazard_ratio"],
            "naive_low": np.exp(terms["estimate"] - reach),
            "naive_high": np.exp(terms["estimate"] + reach),
            "clustered_low": terms["conf_low"],
            "clustered_high": terms["conf_high"],
            "p_clustered": terms["p_value"],
            "error_ratio": terms["robust_error"] / terms["std_error"],
        }
    )


def _drawn(rows: pd.DataFrame, panel: str) -> list[dict[str, Any]]:
    return [
        {
            "panel": panel,
            "label": f"{row['term']}, {way}",
            "estimate": row["hazard_ratio"],
            "conf_low": row[f"{way}_low"],
            "conf_high": row[f"{way}_high"],
            "p_value": np.nan,
        }
        for row in rows.to_dict("records")
        for way in ("naive", "clustered")
    ]


def _relapse_verdict(table: pd.DataFrame, found: Sites) -> str:
    own = table[table["term"].isin(found.others)]
    if own.empty:
        return "Cannot be said here: the model by site has no answer."
    kept = int((own["p_clustered"] < SIGNIFICANT).sum())
    wider = format_number(float(own["error_ratio"].median()))
    most = own.loc[own["p_clustered"].idxmin()]
    interval = format_interval(most["hazard_ratio"], most["clustered_low"], most["clustered_high"])
    head = "Yes" if kept else "Not clearly"
    return (
        f"{head}: {kept} of {len(own)} sites differ from {found.reference} at P < {SIGNIFICANT} with the "
        f"lesions of a patient kept together, clearest {most['term']}, hazard ratio "
        f"{interval}, {format_p(most['p_clustered'])}; standard errors are {wider} times the naive ones."
    )
