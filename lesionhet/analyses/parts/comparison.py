"""What every comparison of groups shares: who is in which group, what is asked, how it is tabled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import requests
from lesionhet.analyses.base import Tried
from lesionhet.errors import NotEstimableError
from lesionhet.labels import format_number
from lesionhet.once import once_per_object
from lesionhet.plan import Contrast, Marker, match_labels
from lesionhet.requests import Request
from lesionhet.requests.groups import grouped_rows
from lesionhet.results import Summary
from lesionhet.study import Study

FEWEST_PATIENTS: Final = 2
"""A group with fewer patients is not compared: its spread says nothing about patients."""


def tried(function: Callable[..., Request[Any]], *arguments: Any, **options: Any) -> Tried:
    """Make a request that may fail alone: its reason is told and the analysis goes on."""
    try:
        return Tried(function(*arguments, **options))
    except NotEstimableError as error:
        return Tried(None, str(error))


def need_patients(group: pd.Series, patient: pd.Series, order: Sequence[str]) -> None:
    """Refuse a comparison in which a group has no patient or a single one.

    Parameters
    ----------
    group
        n labels, missing where a row is in none.
    patient
        n patient ids.
    order
        Groups that are compared.

    Raises
    ------
    NotEstimableError
        Naming each such group with its number of patients and rows.
    """
    sizes = _patients(group, patient, order)
    few = {name: n for name, n in sizes.items() if n < FEWEST_PATIENTS}
    if few:
        text = ", ".join(f"'{name}' has {n}" for name, n in few.items())
        raise NotEstimableError(
            f"Each group needs {FEWEST_PATIENTS} patients or more to be compared: {text}."
        )


def enough_patients(
    group: pd.Series, patient: pd.Series, order: Sequence[str], must: Sequence[str] = ()
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Leave out groups with no patient or a single one, as long as a comparison remains.

    Parameters
    ----------
    group, patient
        n labels (missing where a row is in no group) and n patient ids, on one index.
    order
        Groups that were to be compared.
    must
        Groups without which there is nothing to compare.

    Returns
    -------
    tuple
        Groups to compare, and one sentence for each that is left out. Where fewer than two would be
        left, or one of ``must`` is too small, all of ``order`` stay and the comparison is refused as a
        whole (`need_patients`).

    Examples
    --------
    >>> labels = pd.Series(["liver", "liver", "lung", "bone", "bone"])
    >>> enough_patients(labels, pd.Series(list("ABACD")), ("liver", "lung", "bone"))
    (('liver', 'bone'), ("'lung' is not compared: 1 patient, 2 or more are needed.",))
    """
    sizes = _patients(group, patient, order)
    kept = tuple(name for name in order if sizes[name] >= FEWEST_PATIENTS)
    if len(kept) < 2 or not set(must) <= set(kept):
        return tuple(order), ()
    texts = []
    for name in order:
        if name not in kept:
            noun = "1 patient" if sizes[name] == 1 else f"{sizes[name]} patients"
            texts.append(f"'{name}' is not compared: {noun}, {FEWEST_PATIENTS} or more are needed.")
    return kept, tuple(texts)


def _patients(group: pd.Series, patient: pd.Series, order: Sequence[str]) -> dict[str, int]:
    """Count the different patients of each group."""
    codes, names = pd.factorize(np.asarray(group, dtype=object))
    people, ids = pd.factorize(np.asarray(patient))
    known = (codes >= 0) & (people >= 0)
    there = np.zeros((len(names), len(ids)), dtype=bool)
    there[codes[known], people[known]] = True
    found = dict(zip(names, there.sum(axis=1).tolist(), strict=True))
    return {name: found.get(name, 0) for name in order}


def compare_groups(
    name: str,
    values: pd.Series,
    group: pd.Series,
    patient: pd.Series,
    order: Sequence[str],
) -> dict[str, Tried]:
    """Ask for the spread of each group and for the test between them.

    Two groups: Mann-Whitney. More: Kruskal-Wallis and Dunn with Bonferroni. The requests are called
    ``<name>_spread``, ``<name>_mann_whitney``, ``<name>_kruskal_wallis``, ``<name>_dunn``.

    Parameters
    ----------
    name
        Short name of what is compared.
    values, group, patient
        n numbers, n labels and n patient ids; rows missing one are left out and counted.
    order
        Groups in the order shown.
    """
    usable = values.notna()
    try:
        need_patients(group[usable], patient[usable], order)
    except NotEstimableError as error:
        return {name: Tried(None, str(error))}
    questions: dict[str, Any] = {"spread": requests.describe, "mann_whitney": requests.mann_whitney}
    if len(order) > 2:
        tests = {"kruskal_wallis": requests.kruskal_wallis, "dunn": requests.dunn}
        questions = {"spread": requests.describe, **tests}
    try:
        rows = grouped_rows(values, group, order)
    except NotEstimableError as error:
        return {f"{name}_{what}": Tried(None, str(error)) for what in questions}
    return {f"{name}_{what}": tried(question, rows) for what, question in questions.items()}


def group_table(answer: Summary, **labels: str) -> pd.DataFrame:
    """Lay a summary out as a supplementary table: n, mean (SD), median (IQR) of each group.

    Parameters
    ----------
    answer
        Answer of ``describe``.
    labels
        Column -> one value put in front of every row, such as ``measure="Nadir ratio"``.

    Examples
    --------
    >>> from lesionhet import engine, requests
    >>> answer = engine("python").answer(requests.describe([1.0, 2.0, 3.0]))
    >>> group_table(answer, measure="size").values.tolist()
    [['size', 'all', 3, '2.000 (1.000)', '2.000 (1.500–2.500)']]
    """
    rows = answer.tables["summary"]
    mean, sd, median, low, high = (
        rows[name].tolist() for name in ("mean", "sd", "median", "q25", "q75")
    )
    return pd.DataFrame(
        {
            **labels,
            "group": rows["group"],
            "n": rows["n"],
            "mean_sd": [
                f"{format_number(m, 3)} ({format_number(s, 3, '–')})"
                for m, s in zip(mean, sd, strict=True)
            ],
            "median_iqr": [
                f"{format_number(m, 3)} ({format_number(q25, 3)}–{format_number(q75, 3)})"
                for m, q25, q75 in zip(median, low, high, strict=True)
            ],
        }
    )


def outliers(values: pd.Series, groups: pd.Series, spread: pd.DataFrame) -> pd.DataFrame:
    """Give the values beyond the 10th and 90th percentile of their group."""
    label, value = np.asarray(groups, dtype=object), values.to_numpy(dtype=float)
    codes, names = pd.factorize(label)
    place = {name: number for number, name in enumerate(spread["group"])}
    # The last row is that of labels that are missing or have no summary: nothing is beyond it.
    limits = np.vstack([spread[["q10", "q90"]].to_numpy(dtype=float), [[np.nan, np.nan]]])
    at = np.array([*(place.get(name, -1) for name in names), -1])
    low, high = limits[at[codes]].T
    beyond = (value < low) | (value > high)
    return pd.DataFrame({"group": label[beyond], "value": value[beyond]})


def contrast_groups(
    study: Study, contrast: Contrast, *, split_control: bool = False
) -> tuple[pd.Series, tuple[str, ...]]:
    """Give each patient's side of a contrast.

    Parameters
    ----------
    study
        With a column arm.
    contrast
        Treated and control arms.
    split_control
        Whether each control arm is a group of its own.

    Returns
    -------
    tuple
        Group by patient id (missing where the arm is on neither side), groups in the order shown:
        treated first.

    Raises
    ------
    NotEstimableError
        None of the arms of a side is in the cohort; the message lists those that are.
    """
    treated = match_labels(contrast.treated, study.arms, "arm")
    control = match_labels(contrast.control, study.arms, "arm")
    names = dict.fromkeys(treated, contrast.name)
    names |= {arm: arm if split_control else contrast.control_name for arm in control}
    by_patient = study.patients["arm"].set_axis(study.patients["patient_id"]).map(names)
    return by_patient, tuple(dict.fromkeys([contrast.name, *(names[arm] for arm in control)]))


def marker_groups(study: Study, marker: Marker) -> tuple[pd.Series, tuple[str, ...]]:
    """Give each patient's state of a marker, negative first; missing where it is unknown.

    Raises
    ------
    NotEstimableError
        The column is missing, or one of the two values is not in it.
    """
    if not study.has(marker.column):
        raise NotEstimableError(f"Its column is missing: {marker.column}.")
    states = study.patients[marker.column].set_axis(study.patients["patient_id"])
    if pd.api.types.is_numeric_dtype(states):
        # A marker coded 0/1 is read as numbers; the plan names its values as text.
        states = states.map("{:g}".format, na_action="ignore")
    present = sorted(states.dropna().unique())
    names = {}
    for value in (marker.negative, marker.positive):
        names[match_labels([value], present, f"value of {marker.column}")[0]] = value
    return states.map(names), (marker.negative, marker.positive)


@once_per_object
def patient_codes(study: Study) -> pd.Series:
    """Give each lesion the number of its patient, on the index of the lesions.

    Patients are counted many times; numbers are told apart much faster than texts.
    """
    return pd.Series(pd.factorize(study.lesions["patient_id"])[0], index=study.lesions.index)


def of_lesions(study: Study, by_patient: pd.Series) -> pd.Series:
    """Give each lesion the group of its patient, on the index of the lesions."""
    return study.lesions["patient_id"].map(by_patient)


@once_per_object
def main_organs(study: Study) -> tuple[str, ...]:
    """Give the plan's main organs in this cohort's spelling.

    Raises
    ------
    NotEstimableError
        Fewer than two of them have lesions.
    """
    if not study.has("site"):
        raise NotEstimableError("Its column is missing: site.")
    present = sorted(study.lesions["site"].dropna().unique())
    organs = match_labels(study.plan.organs, present, "site")
    if len(organs) < 2:
        there = ", ".join(map(repr, present))
        raise NotEstimableError(f"Two main organs or more are needed; there are: {there}.")
    return organs
