"""Chapter "RECIST 1.1": response of the sum at each assessment, best overall response, response rate."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Analysis, Answers, Asked, Shown
from lesionhet.analyses.parts.comparison import FEWEST_PATIENTS
from lesionhet.charts import ShareChart, WaterfallChart
from lesionhet.labels import format_percent
from lesionhet.recist.data import RecistData
from lesionhet.recist.differences import Differences, compare_reported
from lesionhet.recist.explanations import EXPLANATIONS
from lesionhet.recist.of_cohort import has_nodes, recist_data
from lesionhet.recist.rules import CR, EQUIVOCAL, PR, RESPONSES, RecistRules
from lesionhet.recist.tables import recist_tables
from lesionhet.results import Recist
from lesionhet.study import Study

CHAPTER: Final = "RECIST 1.1"
ID: Final = "RECIST"
BOTH: Final = {"best": "unconfirmed", "best_confirmed": "confirmed"}
"""Column of the answer -> which best overall response it is."""
ALL: Final = "all"
ALL_PATIENTS: Final = "all patients"
COLORS: Final = dict(zip(RESPONSES, (6, 0, 1, 3, 2, 7), strict=True))
"""Places in the palette of the phases: response, stable and growth have there the colours of figure 1A."""
NEW_LABELS: Final = {0: None, 1: "equivocal", 2: "certain"}
LEFT_OUT: Final = {
    "targets_without_baseline": "target lesions without a size at the baseline, left out of the sums",
    "targets_zero_baseline": "target lesions of 0 mm at the baseline, left out of the sums",
    "nontargets_after_baseline": "non-target lesions first recorded after the baseline",
    "new_at_baseline": "rows of new lesions at the baseline, left out",
    "patients_without_baseline": "patients without a baseline, their best response is NE",
}


def _rules(study: Study) -> RecistRules:
    return RecistRules(visit_window_days=float(study.definitions.visit_window_days))


def _arms(study: Study, patients: pd.Series) -> tuple[pd.Series, tuple[str, ...]]:
    """Give the arm of each patient, missing where unknown, and the arms that can be compared."""
    if len(study.arms) < 2:
        return pd.Series(None, index=patients.index, dtype=object), ()
    # Patients whose lesions are not followed count here too, as NE.
    arm = patients.map(study.cohort.described.set_index("patient_id")["arm"])
    counts = arm.value_counts()
    return arm, tuple(a for a in study.arms if counts.get(a, 0) >= FEWEST_PATIENTS)


def ask_recist(study: Study) -> Asked:
    """Ask for all responses, then for best responses and response rates, overall and by arm."""
    rules = _rules(study)
    request = requests.recist(recist_data(study.cohort), rules)
    # The engine's answer to the request is the same one: it is computed once.
    best = recist_tables(request.data, **request.options)["best"]
    names = np.asarray(request.labels["patient"], dtype=object)
    arm, arms = _arms(study, pd.Series(names[best["patient"] - 1]))
    asked: dict[str, Any] = {"responses": request}
    level = study.definitions.conf_level
    for column, what in BOTH.items():
        named = best[column].map(lambda code: RESPONSES[code - 1])
        responded = best[column].isin((CR, PR)).astype(int)
        asked[what] = requests.count(named, level_order=RESPONSES)
        asked[f"rate_{what}"] = requests.proportion(responded, conf_level=level)
        if arms:
            asked[f"{what}_by_arm"] = requests.count(named, arm, RESPONSES, arms)
            asked[f"rate_{what}_by_arm"] = requests.proportion(responded, arm, arms, level)
    return asked


def show_recist(study: Study, answers: Answers) -> Shown:
    """Show best responses, response rates, every assessment, and what differs from the record."""
    data, rules = recist_data(study.cohort), _rules(study)
    found: Recist = answers["responses"]
    best, visits = found.to_frame("best"), found.to_frame("visits")
    tables = {
        "best_overall_response": _best_table(answers),
        "response_rate": _rates(answers),
        "responses_by_assessment": _by_assessment(visits),
        "assessments": _named(visits),
        "patients": _named(best),
    }
    difference = compare_reported(data, rules)
    if difference is not None:
        tables |= {
            "differences_from_record": difference.rows,
            "reasons_of_differences": _reasons(difference),
            "recorded_against_ours": difference.cross,
            "agreement_with_record": difference.agreement,
        }
    charts: dict[str, Any] = {"best_overall_response": _shares(answers)}
    if best["best_change"].notna().any():
        charts["best_change"] = _waterfall(best, rules)
    left_out = () if study.has("arm") else ("By arm left out: column arm is missing.",)
    return Shown(tables, charts, _remarks(study, data, rules, found, difference), left_out)


def _best_table(answers: Answers) -> pd.DataFrame:
    parts = []
    for what in BOTH.values():
        for key in (what, f"{what}_by_arm"):
            if key in answers:
                parts.append(answers[key].to_frame().assign(confirmation=what))
    table = pd.concat(parts, ignore_index=True).rename(columns={"group": "arm"})
    table = table.rename(columns={"level": "best_response"})
    columns = ["arm", "confirmation", "best_response", "count", "n", "share"]
    return table.replace({"arm": {ALL: ALL_PATIENTS}})[columns]


def _rates(answers: Answers) -> pd.DataFrame:
    parts = []
    for what in BOTH.values():
        for key in (f"rate_{what}", f"rate_{what}_by_arm"):
            if key in answers:
                parts.append(answers[key].to_frame().assign(confirmation=what))
    table = pd.concat(parts, ignore_index=True).rename(
        columns={"group": "arm", "count": "responders", "estimate": "response_rate"}
    )
    columns = ["arm", "confirmation", "responders", "n", "response_rate", "conf_low", "conf_high"]
    return table.replace({"arm": {ALL: ALL_PATIENTS}})[columns]


def _by_assessment(visits: pd.DataFrame) -> pd.DataFrame:
    """Count the overall responses of the first, second .. assessment."""
    names = [RESPONSES[int(code) - 1] for code in visits["overall"]]
    table = pd.crosstab(visits["assessment"].astype(int), np.asarray(names, dtype=object))
    table = table.reindex(columns=list(RESPONSES), fill_value=0)
    table.insert(0, "patients", table.sum(axis=1))
    return table.rename_axis(columns=None).reset_index()


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """Put names in place of the codes of responses and of new lesions."""
    named = table.copy()
    for column in ("target", "nontarget", "overall", *BOTH):
        if column in named:
            named[column] = [RESPONSES[int(c) - 1] if c else None for c in named[column]]
    if "new" in named:
        named["new"] = [NEW_LABELS[int(code)] for code in named["new"]]
    return named


def _reasons(difference: Differences) -> pd.DataFrame:
    """Count the reasons of the differences, with what each means."""
    meanings = {why.name: why.text for why in EXPLANATIONS}
    counts = (
        difference.rows.groupby(["why", "what"], sort=False).size().rename("count").reset_index()
    )
    table = counts.sort_values("count", ascending=False, kind="stable", ignore_index=True)
    return table.assign(meaning=table["why"].map(meanings))


def _shares(answers: Answers) -> ShareChart:
    rows = answers["confirmed"].to_frame().replace({"group": {ALL: ALL_PATIENTS}})
    if "confirmed_by_arm" in answers:
        rows = pd.concat([rows, answers["confirmed_by_arm"].to_frame()], ignore_index=True)
    present = set(rows.loc[rows["count"] > 0, "level"])
    levels = tuple(name for name in RESPONSES if name in present)
    rows = rows[rows["level"].isin(levels)].reset_index(drop=True)
    rate = answers["rate_confirmed"].to_frame().iloc[0]
    limits = " to ".join(format_percent(rate[name], 1) for name in ("conf_low", "conf_high"))
    return ShareChart(
        "Best overall response, confirmed",
        f"Confirmed objective response (CR or PR) in {int(rate['count']):,} of {int(rate['n']):,} "
        f"patients: {format_percent(rate['estimate'], 1)}, exact interval {limits}.",
        rows,
        tuple(dict.fromkeys(rows["group"])),
        levels,
        "Best overall response",
        "Patients (%)",
        "phase",
        colors={name: COLORS[name] for name in levels},
    )


def _waterfall(best: pd.DataFrame, rules: RecistRules) -> WaterfallChart:
    names = [RESPONSES[int(code) - 1] for code in best["best"]]
    bars = pd.DataFrame(
        {"patient_id": best["patient"], "change": best["best_change"], "group": names}
    ).dropna()
    bars = bars.sort_values(["change", "patient_id"], ascending=[False, True], ignore_index=True)
    lines = {
        100 * (rules.response_threshold - 1): "PR −30%",
        100 * (rules.progression_threshold - 1): "+20%",
    }
    return WaterfallChart(
        "Best change of the sum of diameters",
        f"Largest shrinkage, or least growth, of the sum of target lesions from baseline until the first "
        f"progression, {len(bars):,} patients with all target lesions measured at least once. Coloured by "
        "the best overall response without confirmation: a bar below −30% that is no response has "
        "progressed otherwise.",
        bars,
        "Best change from baseline (%)",
        lines,
        order=RESPONSES,
        colors=COLORS,
    )


def _remarks(
    study: Study,
    data: RecistData,
    rules: RecistRules,
    found: Recist,
    difference: Differences | None,
) -> tuple[str, ...]:
    """Say by which rules, on what, and what was left out."""
    best, visits = found.to_frame("best"), found.to_frame("visits")
    texts = [
        f"Confirmed: CR or PR again at least {rules.confirmation_days:g} days later, with at most "
        f"{rules.not_evaluable_between} NE between; SD at least {rules.stable_days:g} days from the "
        "baseline. Assessments after the first progression do not count. All patients with a lesion are "
        "in the denominator, those without an assessment as NE."
    ]
    if not has_nodes(data):
        texts.append(
            "Which target lesions are lymph nodes is unknown: each must have a size of 0 for a CR."
        )
    if study.cohort.recist is None:
        texts.append(
            "From the lesions table: non-target lesions are present or absent by their size, their "
            "progression is not recorded; a new lesion counts where it has a size."
        )
    counts = found.to_frame("left_out").iloc[0]
    texts += [f"{text[0].upper()}{text[1:]}: {int(counts[name]):,}."
              for name, text in LEFT_OUT.items() if counts[name]]  # fmt: skip
    if equivocal := int(visits["new"].eq(EQUIVOCAL).sum()):
        texts.append(f"Assessments with an equivocal new lesion, not counted: {equivocal:,}.")
    if len(study.arms) > 1:
        known = study.cohort.described.dropna(subset="arm")["patient_id"]
        if unknown := int((~best["patient"].isin(known)).sum()):
            texts.append(f"Patients without an arm: {unknown:,}.")
    if difference is not None:
        texts += [_agreement_text(row) for row in difference.agreement.itertuples()]
    return tuple(texts)


def _agreement_text(row: Any) -> str:
    if not row.compared:
        return f"Recorded {row.what} responses: none at an assessment of ours."
    return (
        f"Recorded {row.what} responses: {row.same:,} of {row.compared:,} are ours "
        f"({row.percent:.1f}%)."
    )


ANALYSES: Final = (
    Analysis(
        ID,
        "RECIST 1.1 response",
        "What is the RECIST 1.1 response of each patient, at every assessment and at best?",
        (),
        ask_recist,
        show_recist,
        CHAPTER,
    ),
)
