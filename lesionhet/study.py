"""A cohort under given definitions: one row a lesion, one row a patient, everything that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lesionhet.burden import total_burden
from lesionhet.cohort import Cohort
from lesionhet.definitions import Definitions
from lesionhet.errors import UsageError
from lesionhet.groups import inconsistent, pool_sites, site_order
from lesionhet.heterogeneity import heterogeneity_tables
from lesionhet.phases import response_phases
from lesionhet.plan import Plan, load_plan
from lesionhet.requests import heterogeneity
from lesionhet.schema import PHASES

FLAGS = [
    *PHASES,
    "mixed",
    "time_to_response_observed",
    "time_to_relapse_observed",
    "duration_of_response_observed",
]
DISTANCE_DECIMALS = 12
"""Distances that are equal by the formula differ in the last bits by the order of summation. Rounded
here, they tie at cut-offs and in ranks on every machine."""


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

    @property
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
    burden = total_burden(cohort, definitions)
    totals = _total_phases(burden, definitions)
    lesions = _lesion_table(cohort, definitions, totals)
    lesions, levels = _with_distances(lesions, definitions)
    patients = _patient_table(cohort, lesions, totals, levels)
    if unknown := sorted(set(chosen) - set(patients["patient_id"])):
        raise UsageError(f"Patients not in the cohort: {', '.join(unknown)}.")
    sites = site_order(lesions["site_group"]) if "site_group" in lesions else ()
    return Study(
        cohort, definitions, lesions, patients, burden, sites, plan or load_plan(), tuple(chosen)
    )


def lesion_series(cohort: Cohort) -> pd.DataFrame:
    """Give the sizes of every followed lesion as ``unit, day, size_mm``, units as in its lesions."""
    rows = cohort.measurements
    unit = rows.groupby(["patient_id", "lesion_id"], sort=True).ngroup()
    return pd.DataFrame({"unit": unit, "day": rows["day"], "size_mm": rows["diameter_mm"]})


def burden_series(burden: pd.DataFrame) -> pd.DataFrame:
    """Give the total burden as ``unit, day, size_mm``, units in the order of the patients."""
    unit = burden.groupby("patient_id", sort=True).ngroup()
    return pd.DataFrame({"unit": unit, "day": burden["day"], "size_mm": burden["size_mm"]})


def _total_phases(burden: pd.DataFrame, definitions: Definitions) -> pd.DataFrame:
    """Give the phases of the total burden by patient."""
    if burden.empty:
        columns = [*FLAGS, *(f"{phase}_days" for phase in PHASES), "nadir_ratio", "last_ratio"]
        return pd.DataFrame(columns=columns, index=pd.Index([], name="patient_id"), dtype=float)
    phases = response_phases(burden_series(burden), definitions)
    phases.index = pd.Index(sorted(burden["patient_id"].unique()), name="patient_id")
    phases[FLAGS] = phases[FLAGS].astype(float)
    return phases


def _lesion_table(cohort: Cohort, definitions: Definitions, totals: pd.DataFrame) -> pd.DataFrame:
    phases = response_phases(lesion_series(cohort), definitions)
    phases[FLAGS] = phases[FLAGS].astype(int)
    own = [c for c in cohort.lesions.columns if c not in phases.columns]
    lesions = pd.concat([cohort.lesions[own].reset_index(drop=True), phases], axis=1)
    if "site" in lesions:
        lesions.insert(
            lesions.columns.get_loc("site") + 1,
            "site_group",
            pool_sites(lesions["site"], definitions.site_min_lesions),
        )
    lesions["inconsistent"] = inconsistent(lesions, totals)
    return lesions


def _with_distances(
    lesions: pd.DataFrame, definitions: Definitions
) -> tuple[pd.DataFrame, pd.Series]:
    request = heterogeneity(lesions, definitions)
    tables = heterogeneity_tables(request.data, **request.options)
    lesions = lesions.assign(
        gower=tables["lesions"]["distance"].round(DISTANCE_DECIMALS).to_numpy()
    )
    names = np.array(request.labels["patient"], dtype=object)
    index = pd.Index(names[tables["patients"]["patient"].to_numpy() - 1], name="patient_id")
    levels = tables["patients"]["distance"].round(DISTANCE_DECIMALS)
    return lesions, pd.Series(levels.to_numpy(), index=index)


def _patient_table(
    cohort: Cohort, lesions: pd.DataFrame, totals: pd.DataFrame, levels: pd.Series
) -> pd.DataFrame:
    by_patient = lesions.groupby("patient_id")
    ids = cohort.patients["patient_id"]
    own: dict[str, Any] = {
        "patient_id": ids,
        "n_lesions": ids.map(by_patient.size()),
        "baseline_sum_mm": ids.map(by_patient["baseline_mm"].sum()),
    }
    for column in totals.columns:
        own[column] = ids.map(totals[column])
    own["n_inconsistent"] = ids.map(by_patient["inconsistent"].sum(min_count=1))
    own["gower"] = ids.map(levels)
    taken = [c for c in cohort.patients.columns if c in own and c != "patient_id"]
    given = cohort.patients.drop(columns="patient_id").rename(
        columns={name: f"{name}_given" for name in taken}
    )
    return pd.concat([pd.DataFrame(own), given], axis=1)
