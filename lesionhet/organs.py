"""Whether an organ responds, and the four groups of patients that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lesionhet.burden import sum_rows
from lesionhet.coded import FollowedLesions, coded
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError
from lesionhet.groupwise import Integers
from lesionhet.once import once_per_object
from lesionhet.organ_ratios import OTHERS, OWN, UNKNOWN_SITE, OrganLesions, responses_by_number
from lesionhet.study import Study


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
        One row a followed lesion, in the order of ``followed.lesions``: ``site``, ``nadir_ratio``.
    definitions
        ``organ_rule``, ``response_threshold``, ``burden``, ``visit_window_days``.
    organ, other
        As in `organ_groups`, as they stand in ``site``.
    """
    codes = coded(followed)
    table = OrganLesions(
        codes.patient, len(codes.patients), lesions["site"], lesions["nadir_ratio"].to_numpy()
    )

    def rows(unit: Integers) -> pd.DataFrame:
        return sum_rows(followed, unit, definitions.visit_window_days)

    found, left_out = responses_by_number(table, rows, definitions, organ, other)
    found["patient_id"] = codes.patients.take(found["patient_id"]).to_numpy()
    return OrganResponses(found, left_out)


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
