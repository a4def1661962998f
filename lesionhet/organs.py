"""Whether an organ responds, and the four groups of patients that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import assessments
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError
from lesionhet.phases import TOLERANCE
from lesionhet.study import Study

OWN: Final = "own"
OTHERS: Final = "others"


@dataclass(frozen=True, eq=False)
class OrganGroups:
    """Patients with lesions in one organ, grouped by where they respond.

    Parameters
    ----------
    organ
        The organ asked for first.
    patients
        One row a patient with a group: ``patient_id``; ``ratio`` and ``others_ratio``, the smallest
        sum of diameters after baseline / baseline of the organ and of all other organs together
        (under the rule "mean" the mean nadir ratio of the lesions, under "any" the smallest, under
        "all" the largest), ``others_ratio`` missing where there are no others; ``group``.
    order
        The four groups, best response first, whether or not a patient is in them.
    left_out
        Reason -> patients with lesions in the organ that have no group.
    """

    organ: str
    patients: pd.DataFrame
    order: tuple[str, str, str, str]
    left_out: Mapping[str, int]

    @property
    def mixed(self) -> tuple[str, str]:
        """The two groups in which the organ and the others part."""
        return self.order[1], self.order[2]

    def of(self, study: Study) -> pd.Series:
        """Give each row of the study's patients its group; missing where it has none."""
        groups = self.patients.set_index("patient_id")["group"]
        return study.patients["patient_id"].map(groups)

    def sizes(self) -> dict[str, int]:
        """Give the number of patients of each of the four groups."""
        counts = self.patients["group"].value_counts()
        return {name: int(counts.get(name, 0)) for name in self.order}


def organ_groups(study: Study, organ: str, other: str | None = None) -> OrganGroups:
    """Group patients by the response of one organ and of all others together.

    Parameters
    ----------
    study
        With a column site; its ``definitions.organ_rule`` says when organs respond.
    organ
        A site of the cohort; patients without lesions there are in no group.
    other
        Only patients whose lesions are in exactly these two organs; None: any others, or none.

    Returns
    -------
    OrganGroups
        A patient with lesions in the organ only is in the first group or in the last.

    Raises
    ------
    NotEstimableError
        No patient has a group.

    Source: paper, Fig. 6: response is a shrinkage by strictly more than 30%.
    """
    lesions = study.lesions
    with_organ = lesions.loc[lesions["site"] == organ, "patient_id"].unique()
    lesions = lesions[lesions["patient_id"].isin(with_organ)]
    left_out: dict[str, int] = {}
    unknown = lesions.loc[lesions["site"].isna(), "patient_id"].unique()
    if len(unknown):
        left_out["a lesion without a site"] = len(unknown)
    lesions = lesions[~lesions["patient_id"].isin(unknown)]
    if other is not None:
        lesions = _exactly(lesions, organ, other)
    pool = pd.Series(np.where(lesions["site"] == organ, OWN, OTHERS), index=lesions.index)
    ratios = pool_ratios(study, lesions, pool)
    has_others = pool.eq(OTHERS).groupby(lesions["patient_id"]).any().reindex(ratios.index)
    for name, what in ((OWN, organ), (OTHERS, other or "the other organs")):
        lost = ratios[name].isna() & (has_others[ratios.index] if name == OTHERS else True)
        if lost.any():
            left_out[f"{what} never measured as a whole at baseline and after it"] = int(lost.sum())
        ratios = ratios[~lost]
    if ratios.empty:
        beside = f" and {other} only" if other else ""
        raise NotEstimableError(
            f"No patient has lesions in {organ}{beside} whose response is known."
            + "".join(f" Left out: {n:,} with {why}." for why, n in left_out.items())
        )
    order = group_names(study.definitions, organ, other or OTHERS)
    own, others = (responds(ratios[name], study.definitions) for name in (OWN, OTHERS))
    others = others.where(has_others[ratios.index], own)
    found = np.select([own & others, own & ~others, ~own & others], order[:3], order[3])
    patients = pd.DataFrame(
        {
            "patient_id": ratios.index,
            "ratio": ratios[OWN].to_numpy(),
            "others_ratio": ratios[OTHERS].to_numpy(),
            "group": found,
        }
    )
    return OrganGroups(organ, patients, order, left_out)


def group_names(definitions: Definitions, organ: str, others: str) -> tuple[str, str, str, str]:
    """Give the names of the four groups.

    Examples
    --------
    >>> group_names(Definitions(), "liver", "others")[1]
    'liver >30%, others ≤30%'
    """
    limit = f"{100 * (1 - definitions.response_threshold):g}%"
    return (
        f"all >{limit}",
        f"{organ} >{limit}, {others} ≤{limit}",
        f"{organ} ≤{limit}, {others} >{limit}",
        f"all ≤{limit}",
    )


def responds(ratio: pd.Series, definitions: Definitions) -> pd.Series:
    """Say whether a ratio is a shrinkage by strictly more than 1 - ``response_threshold``.

    A shrinkage by exactly that is none; the comparison allows a relative slack of 1e-9, since
    0.7 x 3 is not 2.1 in binary. A missing ratio does not respond.
    """
    return ratio < definitions.response_threshold * (1 - TOLERANCE)


def pool_ratios(study: Study, lesions: pd.DataFrame, pool: pd.Series) -> pd.DataFrame:
    """Give the best ratio to baseline of each patient's pools of lesions, by the rule in force.

    Parameters
    ----------
    study
        Its measurements and definitions (``organ_rule``, ``burden``).
    lesions
        Rows of ``study.lesions``.
    pool
        ``"own"`` or ``"others"`` for each of them.

    Returns
    -------
    pandas.DataFrame
        One row a patient (index ``patient_id``), columns ``own`` and ``others``: smallest ratio after
        baseline; missing where there is no such pool or it was never measured as a whole.
    """
    rule = study.definitions.organ_rule
    if rule == "sum":
        ratios = _sum_ratios(study, lesions.assign(pool=pool))
    else:
        # Any lesion beyond the threshold: the best one is. All of them: the worst one is.
        best = {"mean": "mean", "any": "min", "all": "max"}[rule]
        ratios = lesions.groupby(["patient_id", pool])["nadir_ratio"].agg(best)
    patients = pd.Index(sorted(lesions["patient_id"].unique()), name="patient_id")
    in_pool = ratios.index.get_level_values(1)
    by_pool = {name: ratios[in_pool == name].droplevel(1) for name in (OWN, OTHERS)}
    return pd.DataFrame({name: found.reindex(patients) for name, found in by_pool.items()})


def _exactly(lesions: pd.DataFrame, organ: str, other: str) -> pd.DataFrame:
    sites = lesions.groupby("patient_id")["site"]
    inside = lesions["site"].isin((organ, other)).groupby(lesions["patient_id"]).transform("all")
    return lesions[inside & (sites.transform("nunique") == 2)]


def _sum_ratios(study: Study, lesions: pd.DataFrame) -> pd.Series:
    """Add up the diameters of each pool, by the same rules as those of the total burden."""
    definitions = study.definitions
    rows = study.cohort.measurements
    rows = rows.assign(assessment=assessments(study.cohort, definitions.visit_window_days))
    keys = ["patient_id", "lesion_id"]
    rows = rows.merge(lesions[[*keys, "pool", "baseline_mm"]], on=keys, validate="many_to_one")
    pools = ["patient_id", "pool"]
    if definitions.burden == "available":
        later = rows[~rows["is_baseline"]].groupby([*pools, "assessment"])
        ratio = later["diameter_mm"].sum() / later["baseline_mm"].sum()
        return ratio.groupby(level=pools).min()
    sums = rows.groupby([*pools, "assessment"], as_index=False).agg(
        day=("day", "max"), size_mm=("diameter_mm", "sum"), measured=("lesion_id", "nunique")
    )
    followed = lesions.groupby(pools).size().rename("followed").reset_index()
    sums = sums.merge(followed, on=pools)
    sums = sums[sums["measured"] == sums["followed"]].sort_values([*pools, "day"], kind="stable")
    # Visits that overlap in time can end on one day: the first stands.
    sums = sums.drop_duplicates([*pools, "day"])
    baseline = sums.groupby(pools)["size_mm"].transform("first")
    ratio = sums["size_mm"] / baseline.where(baseline > 0)
    after = sums.groupby(pools).cumcount() > 0
    return ratio[after].groupby([sums["patient_id"], sums["pool"]]).min()
