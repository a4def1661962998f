"""Python's answers to the questions about measurements, each from the rows as they were read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet.checks.keys import lesion_codes
from lesionhet.covariates import covariates
from lesionhet.definitions import Definitions
from lesionhet.errors import NotEstimableError
from lesionhet.followup import REASONS, Followed, follow_coded
from lesionhet.organ_ratios import OTHERS, OWN, UNKNOWN_SITE
from lesionhet.organs import organ_responses
from lesionhet.patterns import lesion_series, patient_distances, response_patterns
from lesionhet.phases import phase_variables
from lesionhet.requests import cox
from lesionhet.requests.measurements import ANY_OTHER
from lesionhet.requests.patterns import PHASE_OPTIONS, RATIOS
from lesionhet.results import Patterns
from lesionhet.schema import RESPONSE_VARIABLES
from lesionhet.statistics.cox import cox as cox_tables

Tables = dict[str, pd.DataFrame]

NAMES: Final = {"patient_id": "patient", "lesion_id": "row", "gower": "distance"}
"""Column of the patterns -> column of the answer."""


def pattern_tables(data: pd.DataFrame, **options: Any) -> Tables:
    """Answer a ``patterns`` request.

    Parameters
    ----------
    data
        One row a row of the lesions table: ``patient, lesion`` (codes from 1), ``day``, ``diameter_mm``
        (missing where not assessed), ``visit`` and ``site`` (codes or missing), ``type`` (1 target, 2
        non-target, 3 new).
    options
        Every rule from the baseline to the distance.

    Returns
    -------
    dict
        The tables of `lesionhet.results.Patterns`.

    Raises
    ------
    NotEstimableError
        No lesion can be followed.
    """
    followed = followed_of(data)
    found = response_patterns(followed, definitions_of(options))
    tables = {"lesions": found.lesions, "patients": found.patients, "burden": found.burden}
    answers = {
        name: table.rename(columns=NAMES)[
            [*Patterns.SHAPES[name].keys, *Patterns.SHAPES[name].numbers]
        ]
        for name, table in tables.items()
    }
    return {**answers, "attrition": _attrition(followed)}


def organ_response_tables(data: pd.DataFrame, organ: int, other: int, **options: Any) -> Tables:
    """Answer an ``organ_response`` request; rows as in `pattern_tables`, sites by code.

    Raises
    ------
    NotEstimableError
        No patient has a group.
    """
    followed = followed_of(data)
    definitions = Definitions(**options)
    lesions = followed.lesions.assign(nadir_ratio=np.nan)
    if definitions.organ_rule != "sum":
        phases = phase_variables(lesion_series(followed), definitions)
        lesions["nadir_ratio"] = phases["nadir_ratio"]
    found = organ_responses(
        followed, lesions, definitions, organ, None if other == ANY_OTHER else other
    )
    if found.patients.empty:
        raise NotEstimableError(
            "Organ response: no patient has lesions there whose response is known."
        )
    lost = {
        "unknown_site": found.left_out[UNKNOWN_SITE],
        "organ_not_whole": found.left_out[OWN],
        "others_not_whole": found.left_out[OTHERS],
    }
    return {
        "patients": found.patients.rename(columns=NAMES),
        "left_out": pd.DataFrame([lost]),
    }


def cox_measurement_tables(
    data: pd.DataFrame, ties: str, conf_level: float, **options: Any
) -> Tables:
    """Answer a ``cox_from_measurements`` request.

    Parameters
    ----------
    data
        As in `pattern_tables`, with ``time``, ``event`` and, where the model is stratified, ``strata`` of
        the patient in each row.
    ties, conf_level
        As in `lesionhet.statistics.cox.cox`.
    options
        Every rule from the baseline to the distance.

    Raises
    ------
    NotEstimableError
        Too few patients or events, a term that does not vary, or coefficients that are not finite.
    """
    outcome = ["time", "event", *(["strata"] if "strata" in data else [])]
    of_patient = data.drop_duplicates("patient").set_index("patient")[outcome]
    found = patient_distances(followed_of(data), definitions_of(options))
    patients = found.join(of_patient, on="patient_id")
    complete = patients.dropna(subset=[*outcome, "gower", "baseline_sum_mm"])
    terms = covariates(complete, complete)
    strata = complete["strata"].astype(int) if "strata" in outcome else None
    model = cox(complete["time"], complete["event"], terms, strata, conf_level)
    return cox_tables(model.data, ties, conf_level)


def followed_of(data: pd.DataFrame) -> Followed:
    """Find the followed lesions of coded rows; patients and lesions keep their codes as ids.

    Parameters
    ----------
    data
        Rows of a request that starts from measurements: ``patient``, ``lesion`` and ``type`` as whole
        numbers, ``day``, ``diameter_mm`` (mm), and ``site``, ``visit`` where the cohort has them.

    Raises
    ------
    NotEstimableError
        No lesion has a baseline above 0 mm and a later measurement.
    """
    names = {
        "patient_id": "patient",
        "lesion_id": "lesion",
        "day": "day",
        "diameter_mm": "diameter_mm",
    }
    columns = {name: data[own] for name, own in names.items()}
    columns |= {name: data[name] for name in ("site", "visit") if name in data}
    kind = data["type"].to_numpy(dtype=np.int64) - 1
    followed = follow_coded(columns, kind, lesion_codes(columns))
    if followed.lesions.empty:
        raise NotEstimableError(
            "No lesion can be followed: each lacks a baseline above 0 mm or a later measurement."
        )
    return followed


def definitions_of(options: Mapping[str, Any]) -> Definitions:
    """Turn the options of a request that starts from measurements back into definitions."""
    fixed = options["range"] == "fixed"
    bounds = zip(RATIOS, zip(options["lowest"], options["highest"], strict=True), strict=True)
    return Definitions(
        **{name: options[name] for name in PHASE_OPTIONS},
        burden=options["burden"],
        visit_window_days=options["visit_window_days"],
        gower_range=options["range"],
        gower_bounds=dict(bounds) if fixed else {},
        gower_weights=dict(zip(RESPONSE_VARIABLES, options["weights"], strict=True)),
        gower_self=options["self"],
        single_lesion=options["single"],
    )


def _attrition(followed: Followed) -> pd.DataFrame:
    counts = followed.attrition["n"].to_numpy()
    row = dict(zip(REASONS, counts, strict=True))
    row["patients_measured"] = len(followed.measured_patients)
    row["patients_followed"] = followed.lesions["patient_id"].nunique()
    return pd.DataFrame([row])
