"""Whether an organ responds, and the four groups of patients that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.burden import FollowedLesions, assessments, sums_over_time
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError
from lesionhet.once import once_per_object
from lesionhet.phases import TOLERANCE
from lesionhet.study import Study

OWN: Final = "own"
OTHERS: Final = "others"
UNKNOWN_SITE: Final = "unknown"


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


@once_per_object
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
    found = organ_responses(study.cohort, study.lesions, study.definitions, organ, other)
    names = {UNKNOWN_SITE: "a lesion without a site"}
    for key, what in ((OWN, organ), (OTHERS, other or "the other organs")):
        names[key] = f"{what} never measured as a whole at baseline and after it"
    left_out = {names[key]: n for key, n in found.left_out.items() if n}
    if found.patients.empty:
        beside = f" and {other} only" if other else ""
        raise NotEstimableError(
            f"No patient has lesions in {organ}{beside} whose response is known."
            + "".join(f" Left out: {n:,} with {why}." for why, n in left_out.items())
        )
    order = group_names(study.definitions, organ, other or OTHERS)
    group = found.patients["response_group"].map(dict(enumerate(order, start=1)))
    patients = found.patients.drop(columns="response_group").assign(group=group)
    return OrganGroups(organ, patients, order, left_out)


@dataclass(frozen=True, eq=False)
class OrganResponses:
    """Responses of one organ and of the others, with the groups by number.

    Parameters
    ----------
    patients
        ``patient_id``, ``ratio``, ``others_ratio`` as in `OrganGroups`; ``response_group``: 1 all
        respond, 2 the organ only, 3 the others only, 4 none.
    left_out
        ``"unknown"``: patients with a lesion whose site is unknown; ``"own"`` and ``"others"``: patients
        whose organ, or whose others, were never measured as a whole.
    """

    patients: pd.DataFrame
    left_out: Mapping[str, int]


def organ_responses(
    followed: FollowedLesions,
    lesions: pd.DataFrame,
    definitions: Definitions,
    organ: object,
    other: object | None = None,
) -> OrganResponses:
    """Find the best ratios of one organ and of the others, and the groups that follow.

    Parameters
    ----------
    followed
        Measurements of the lesions.
    lesions
        One row a followed lesion: ``patient_id, lesion_id, site, baseline_mm, nadir_ratio``.
    definitions
        ``organ_rule``, ``response_threshold``, ``burden``, ``visit_window_days``.
    organ, other
        As in `organ_groups`, as they stand in ``site``.
    """
    with_organ = lesions.loc[lesions["site"] == organ, "patient_id"].unique()
    lesions = lesions[lesions["patient_id"].isin(with_organ)]
    unknown = lesions.loc[lesions["site"].isna(), "patient_id"].unique()
    lesions = lesions[~lesions["patient_id"].isin(unknown)]
    if other is not None:
        lesions = _exactly(lesions, organ, other)
    pool = pd.Series(np.where(lesions["site"] == organ, OWN, OTHERS), index=lesions.index)
    ratios = best_ratios(followed, lesions, pool, definitions)
    has_others = pool.eq(OTHERS).groupby(lesions["patient_id"]).any().reindex(ratios.index)
    no_own = ratios[OWN].isna()
    no_others = ratios[OTHERS].isna() & has_others & ~no_own
    left_out = {
        UNKNOWN_SITE: len(unknown),
        OWN: int(no_own.sum()),
        OTHERS: int(no_others.sum()),
    }
    ratios = ratios[~(no_own | no_others)]
    own, others = (responds(ratios[name], definitions) for name in (OWN, OTHERS))
    others = others.where(has_others.reindex(ratios.index), own)
    patients = pd.DataFrame(
        {
            "patient_id": ratios.index,
            "ratio": ratios[OWN].to_numpy(),
            "others_ratio": ratios[OTHERS].to_numpy(),
            "response_group": np.select([own & others, own & ~others, ~own & others], [1, 2, 3], 4),
        }
    )
    return OrganResponses(patients, left_out)


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
    """Give `best_ratios` of lesions of a study, by the rules in force there."""
    return best_ratios(study.cohort, lesions, pool, study.definitions)


def best_ratios(
    followed: FollowedLesions, lesions: pd.DataFrame, pool: pd.Series, definitions: Definitions
) -> pd.DataFrame:
    """Give the best ratio to baseline of each patient's pools of lesions.

    Parameters
    ----------
    followed
        Measurements of the lesions.
    lesions
        As in `organ_responses`.
    pool
        ``"own"`` or ``"others"`` for each of them.
    definitions
        ``organ_rule``; for the sum ``burden`` and ``visit_window_days``.

    Returns
    -------
    pandas.DataFrame
        One row a patient (index ``patient_id``), columns ``own`` and ``others``: smallest ratio after
        baseline; missing where there is no such pool or it was never measured as a whole.
    """
    if definitions.organ_rule == "sum":
        ratios = _sum_ratios(followed, lesions.assign(pool=pool), definitions)
    else:
        # Any lesion beyond the threshold: the best one is. All of them: the worst one is.
        best = {"mean": "mean", "any": "min", "all": "max"}[definitions.organ_rule]
        ratios = lesions.groupby(["patient_id", pool])["nadir_ratio"].agg(best)
    patients = pd.Index(sorted(lesions["patient_id"].unique()), name="patient_id")
    in_pool = ratios.index.get_level_values(1)
    by_pool = {name: ratios[in_pool == name].droplevel(1) for name in (OWN, OTHERS)}
    return pd.DataFrame({name: found.reindex(patients) for name, found in by_pool.items()})


def _exactly(lesions: pd.DataFrame, organ: object, other: object) -> pd.DataFrame:
    sites = lesions.groupby("patient_id")["site"]
    inside = lesions["site"].isin((organ, other)).groupby(lesions["patient_id"]).transform("all")
    return lesions[inside & (sites.transform("nunique") == 2)]


def _sum_ratios(
    followed: FollowedLesions, lesions: pd.DataFrame, definitions: Definitions
) -> pd.Series:
    """Add up the diameters of each pool, by the same rules as those of the total burden."""
    rows = followed.measurements.assign(
        assessment=assessments(followed, definitions.visit_window_days)
    )
    keys, pools = ["patient_id", "lesion_id"], ["patient_id", "pool"]
    rows = rows.merge(lesions[[*keys, "pool", "baseline_mm"]], on=keys, validate="many_to_one")
    sums = sums_over_time(rows, pools, definitions)
    unit = sums.groupby(pools)
    ratio = sums["size_mm"] / unit["size_mm"].transform("first")
    after = unit.cumcount() > 0
    return ratio[after].groupby([sums["patient_id"], sums["pool"]]).min()
