"""Questions about the measurements as they were read: both engines get the rows and nothing else."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.cohort import Cohort
from lesionhet.covariates import TERMS
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.groupwise import Floats, Integers, ordered_codes, pair_codes
from lesionhet.once import once_per_object
from lesionhet.requests.base import Request
from lesionhet.requests.patterns import PHASE_OPTIONS, distance_options
from lesionhet.rows import check_level, check_survival
from lesionhet.schema import LESION_TYPES

KEY: Final = ["patient_id", "lesion_id"]
TARGET: Final = 1
"""Code of a target lesion's rows."""
ANY_OTHER: Final = 0
"""Code for "any other organ, or none" in an organ response."""


def patterns(cohort: Cohort, definitions: Definitions) -> Request[results.Patterns]:
    """Ask for everything that follows from the measurements: baselines, phases, burden, distances.

    Parameters
    ----------
    cohort
        Its ``rows``: every row of the lesions table as it was read.
    definitions
        Every rule from the baseline to the distance.

    Raises
    ------
    UsageError
        The cohort has no rows, or `RESPONSE_VARIABLES` lack bounds for a fixed range.

    Source: docs/methods.md, sections 1 to 4.

    Examples
    --------
    >>> from lesionhet import cohort_from_frames, engine
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": ["A", "A", "B", "B"],
    ...                      "day": [0, 50, 0, 50], "diameter_mm": [50.0, 30.0, 50.0, 65.0]})
    >>> answer = engine("python").answer(patterns(cohort_from_frames(rows), Definitions()))
    >>> answer.to_frame()[["response", "relapse", "inconsistent"]].to_numpy().tolist()
    [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
    """
    data, labels = coded_rows(cohort)
    return Request("patterns", results.Patterns, data, labels, _options(definitions), {})


def organ_response(
    cohort: Cohort, definitions: Definitions, organ: str, other: str | None = None
) -> Request[results.OrganResponse]:
    """Ask which patients respond in one organ and in all others together.

    Parameters
    ----------
    cohort
        Its ``rows``, with a column site.
    definitions
        ``organ_rule``, ``response_threshold``, ``burden`` and ``visit_window_days``.
    organ
        A site; patients without a followed lesion there are in no group.
    other
        Only patients whose lesions are in exactly these two sites; None: any others, or none.

    Raises
    ------
    UsageError
        The cohort has no rows, no sites, or not these.
    NotEstimableError
        From an engine: no patient has a group.

    Source: paper, Fig. 6; docs/methods.md, "Organ response".
    """
    data, labels = coded_rows(cohort)
    sites = labels["site"]
    for name in (organ, other):
        if name is not None and name not in sites:
            raise UsageError(f"{name!r} is no site of the cohort; there are: {', '.join(sites)}.")
    if organ == other:
        raise UsageError(f"organ and other are both {organ!r}; name two sites.")
    options = {
        "organ": sites.index(organ) + 1,
        "other": ANY_OTHER if other is None else sites.index(other) + 1,
        "organ_rule": definitions.organ_rule,
        "response_threshold": float(definitions.response_threshold),
        "burden": definitions.burden,
        "visit_window_days": float(definitions.visit_window_days),
    }
    return Request("organ_response", results.OrganResponse, data, labels, options, {})


def cox_from_measurements(
    cohort: Cohort,
    definitions: Definitions,
    time: str = "os_days",
    event: str = "os_event",
    strata: str | None = None,
) -> Request[results.CoxFromMeasurements]:
    """Ask for the Cox model of the distance, all the way from the measurements.

    The terms are the patient-level distance per SD, the baseline sum of diameters per SD and the number
    of followed lesions; SDs are those of the patients in the model. A number of lesions that is the same
    in all patients is no term.

    Parameters
    ----------
    cohort
        Its ``rows`` and ``patients``.
    definitions
        Every rule from the baseline to the distance; ``conf_level`` of the Wald intervals.
    time, event, strata
        Columns of the patients table: time (days), event (1, 0 censored) and, where given, the stratum.
        Patients without one of them shape the ranges of the distance but are not in the model.

    Raises
    ------
    UsageError
        The cohort has no rows, or not these columns.
    NotEstimableError
        Here or from an engine: too few patients or events, a term that does not vary, or coefficients
        that are not finite.

    Source: paper, Fig. 2D; R: ``survival::coxph(ties = "efron")``.
    """
    table = cohort.patients
    used = [time, event, *([] if strata is None else [strata])]
    if missing := [name for name in used if name not in table]:
        raise UsageError(f"The patients table has no column {', '.join(map(repr, missing))}.")
    data, labels = coded_rows(cohort)
    columns: dict[str, Any] = {
        "time": table[time].astype(float),
        "event": table[event].astype(float),
    }
    if strata is not None:
        names = table[strata].dropna().astype(str)
        labels["strata"] = tuple(sorted(names.unique()))
        place = {name: code for code, name in enumerate(labels["strata"], start=1)}
        columns["strata"] = names.map(place).reindex(table.index).astype(float)
    known = pd.DataFrame(columns)
    complete = known.dropna()
    check_survival(complete)
    if complete.empty:
        raise NotEstimableError(f"Cox model: no patient has {' and '.join(used)}.")
    place = pd.Index(labels["patient"]).get_indexer(pd.Index(table["patient_id"]))
    data = data.assign(**{name: _of_rows(known[name], place, data) for name in known.columns})
    left_out = {
        f"patients without {shown}": n
        for shown, name in zip(used, known.columns, strict=True)
        if (n := int(known[name].isna().sum()))
    }
    options = {
        **_options(definitions),
        "ties": "efron",
        "conf_level": check_level(definitions.conf_level),
    }
    labels["term"] = TERMS
    return Request(
        "cox_from_measurements", results.CoxFromMeasurements, data, labels, options, left_out
    )


def _of_rows(values: pd.Series, place: Integers, data: pd.DataFrame) -> Floats:
    """Give each row the value of its patient, from values of the patients at these places."""
    by_code = np.full(int(data["patient"].max()) + 1, np.nan)
    by_code[place + 1] = values.to_numpy(dtype=float)
    found: Floats = by_code[data["patient"].to_numpy()]
    return found


def _options(definitions: Definitions) -> dict[str, Any]:
    """Give every rule from the baseline to the distance."""
    return {
        **{name: getattr(definitions, name) for name in PHASE_OPTIONS},
        "burden": definitions.burden,
        "visit_window_days": float(definitions.visit_window_days),
        **distance_options(definitions),
    }


def coded_rows(cohort: Cohort) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Give the rows of the lesions table with codes from 1 in place of every text, and the texts.

    Codes follow the order of the labels, so that what is sorted by one is sorted by the other. The rows
    are the same table at every call and must not be changed.
    """
    data, labels = _coded_rows(cohort)
    return data, dict(labels)


def located_rows(cohort: Cohort) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    """Give `coded_rows` with the site of each lesion in all of its rows.

    Where a lesion lies is known from the beginning, in whichever of its rows its site stands.
    """
    return _located_rows(cohort), coded_rows(cohort)[1]


@once_per_object
def _located_rows(cohort: Cohort) -> pd.DataFrame:
    data = coded_rows(cohort)[0]
    site = data["site"].where(data["type"] == TARGET).groupby(data["lesion"]).transform("first")
    return data.assign(site=data["site"].fillna(site))


@once_per_object
def _coded_rows(cohort: Cohort) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    rows = cohort.rows
    if rows.empty:
        raise UsageError(
            "The cohort has no rows of the lesions table; make it with read_cohort or "
            "cohort_from_frames."
        )
    patient, patients = pd.factorize(rows["patient_id"], sort=True)
    pair = pair_codes(patient, ordered_codes(rows["lesion_id"]))
    _, first, lesion = np.unique(pair, return_index=True, return_inverse=True)
    ids = rows[KEY].iloc[first]
    visit, visits = _codes(rows, "visit")
    site, sites = _codes(rows, "site")
    kind = pd.Index(LESION_TYPES).get_indexer(pd.Index(rows["lesion_type"]))
    data = pd.DataFrame(
        {
            "patient": patient.astype(np.int64) + 1,
            "lesion": lesion.astype(np.int64) + 1,
            "day": rows["day"].to_numpy(dtype=float),
            "diameter_mm": rows["diameter_mm"].to_numpy(dtype=float),
            "visit": visit,
            "type": kind.astype(np.int64) + 1,
            "site": site,
        }
    )
    labels = {
        "patient": tuple(map(str, patients)),
        "row": tuple((ids["patient_id"] + " / " + ids["lesion_id"]).astype(str)),
        "visit": visits,
        "site": sites,
    }
    return data, labels


def _codes(rows: pd.DataFrame, column: str) -> tuple[Any, tuple[str, ...]]:
    """Give the codes of a column as floats, missing where it is or where the input had none."""
    if column not in rows or rows[column].isna().all():
        return np.full(len(rows), np.nan), ()
    codes, names = pd.factorize(rows[column], sort=True)
    return np.where(codes < 0, np.nan, codes + 1.0), tuple(map(str, names))
