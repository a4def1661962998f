"""A cohort under given definitions: one row a lesion, one row a patient, everything that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import UsageError
from lesionhet.groups import pool_sites, site_order
from lesionhet.patterns import lesion_series as lesion_series
from lesionhet.patterns import response_patterns
from lesionhet.plan import Plan, load_plan


@dataclass(frozen=True, eq=False)
class Study:
    """What a cohort shows under one set of definitions.

    Parameters
    ----------
    cohort, definitions
        What it was made from.
    lesions
        One row a followed lesion: ids, ``site``, ``site_group`` (rare sites pooled), flags and
        durations of its phases, ratios, ``inconsistent``, ``gower``.
    patients
        One row a patient: ids, ``n_lesions``, ``baseline_sum_mm``, phases and ratios of the total
        burden, ``n_inconsistent``, ``gower``, then the columns of the patients table.
    burden
        The total burden over time: ``patient_id, day, size_mm``.
    sites
        Site groups by falling number of lesions.
    plan
        Who is compared with whom.
    chosen
        Patients shown one by one; empty for those that the analysis picks.
    """

    cohort: Cohort
    definitions: Definitions
    lesions: pd.DataFrame
    patients: pd.DataFrame
    burden: pd.DataFrame
    sites: tuple[str, ...]
    plan: Plan
    chosen: tuple[str, ...] = ()

    def has(self, *columns: str) -> bool:
        """Say whether the input had all these columns."""
        return set(columns) <= self.cohort.columns

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Give the columns that the input did not have."""
        return [name for name in columns if name not in self.cohort.columns]

    @cached_property
    def arms(self) -> tuple[str, ...]:
        """Arms by falling number of patients."""
        if not self.has("arm"):
            return ()
        counts = self.patients["arm"].dropna().value_counts()
        return tuple(sorted(counts.index, key=lambda arm: (-counts[arm], arm)))


def build_study(
    cohort: Cohort,
    definitions: Definitions | None = None,
    chosen: Sequence[str] = (),
    plan: Plan | None = None,
) -> Study:
    """Compute phases, discordance and distances of a cohort.

    Parameters
    ----------
    cohort
        A validated cohort.
    definitions
        Default: the preset ``paper2021``.
    chosen
        Ids of patients to be shown one by one.
    plan
        Default: the preset ``colorectal2021``.

    Raises
    ------
    UsageError
        A chosen patient is not in the cohort.
    """
    definitions = definitions or Definitions()
    found = response_patterns(cohort, definitions)
    lesions = _with_site_groups(found.lesions, definitions)
    patients = _with_given(cohort, found.patients)
    if unknown := sorted(set(chosen) - set(patients["patient_id"])):
        raise UsageError(f"Patients not in the cohort: {', '.join(unknown)}.")
    sites = site_order(lesions["site_group"]) if "site_group" in lesions else ()
    return Study(
        cohort,
        definitions,
        lesions,
        patients,
        found.burden,
        sites,
        plan or load_plan(),
        tuple(chosen),
    )


def _with_site_groups(lesions: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Put the site groups beside the sites, where the input has sites."""
    if "site" not in lesions:
        return lesions
    place = lesions.columns.get_loc("site") + 1
    groups = pool_sites(lesions["site"], definitions.site_min_lesions)
    lesions = lesions.copy()
    lesions.insert(place, "site_group", groups)
    return lesions


def _with_given(cohort: Cohort, patients: pd.DataFrame) -> pd.DataFrame:
    """Put the columns of the patients table behind ours; one that has the name of ours is renamed."""
    ids = cohort.patients["patient_id"]
    own = patients.set_index("patient_id").reindex(ids).reset_index().set_axis(ids.index)
    taken = [c for c in cohort.patients.columns if c in own and c != "patient_id"]
    given = cohort.patients.drop(columns="patient_id").rename(
        columns={name: f"{name}_given" for name in taken}
    )
    return pd.concat([own, given], axis=1)
