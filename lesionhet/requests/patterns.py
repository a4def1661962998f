"""Questions about response patterns: phases and Gower distances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.definitions import Definitions
from lesionhet.gower import prepare
from lesionhet.requests.base import Request
from lesionhet.schema import PHASES, RESPONSE_VARIABLES

PHASE_OPTIONS: Final = (
    "response_threshold",
    "relapse_threshold",
    "relapse_reference",
    "relapse_min_increase_mm",
    "stable_rule",
    "crossing",
)
"""Fields of `Definitions` on which the phases of a series depend."""
RATIOS: Final = RESPONSE_VARIABLES[len(PHASES) :]


def gower(
    table: pd.DataFrame,
    kinds: Mapping[str, str] | None = None,
    weights: Mapping[str, float] | None = None,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> Request[results.Gower]:
    """Ask for the Gower distance of every pair of rows of a mixed table.

    Parameters
    ----------
    table
        n rows; missing values are permitted and take their variable out of that pair.
    kinds
        Column -> ``"numeric"``, ``"nominal"`` (equal or not), ``"ordinal"`` (ordered categories, by
        their position) or ``"asymmetric"`` (0/1 where two zeros do not count). Default: ordered
        categoricals are ordinal, other numbers numeric, text, flags and categoricals nominal.
    weights
        Column -> weight >= 0, default 1.
    ranges
        Numeric column -> (lowest, highest) that its range is taken from; default: the table's own.

    Raises
    ------
    UsageError
        An unknown kind or column, an infinite value, or an asymmetric column with other values than 0/1.
    """
    data, options, labels = prepare(table, kinds or {}, weights or {}, ranges or {})
    return Request("gower", results.Gower, data, labels, options, {})


def heterogeneity(
    lesions: pd.DataFrame, definitions: Definitions
) -> Request[results.Heterogeneity]:
    """Ask for the lesion-level and patient-level Gower distance of response patterns.

    Parameters
    ----------
    lesions
        One row a lesion: ``patient_id``, ``lesion_id``, the flags ``response``, ``stable``,
        ``relapse`` (0/1) and the ratios ``nadir_ratio``, ``last_ratio``; missing values permitted.
        Lesions with all five missing are left out and counted.
    definitions
        ``gower_range``, ``gower_bounds``, ``gower_weights``, ``gower_self``, ``single_lesion``.

    Source: paper, "Gower distance"; R: ``cluster::daisy(metric = "gower")`` within each patient.
    """
    numbers = lesions[list(RESPONSE_VARIABLES)].astype(float).reset_index(drop=True)
    keep = numbers.notna().any(axis=1)
    ids = lesions[["patient_id", "lesion_id"]].astype(str).reset_index(drop=True)[keep]
    codes, patients = pd.factorize(ids["patient_id"], sort=True)
    data = numbers[keep].reset_index(drop=True)
    options = distance_options(definitions)
    if definitions.gower_range == "fixed":
        for name, low, high in zip(RATIOS, options["lowest"], options["highest"], strict=True):
            data[name] = data[name].clip(low, high)
    data.insert(0, "row", np.arange(1, len(data) + 1))
    data.insert(1, "patient", codes.astype("int64") + 1)
    labels = {
        "row": tuple(ids["patient_id"] + " / " + ids["lesion_id"]),
        "patient": tuple(map(str, patients)),
    }
    dropped = int((~keep).sum())
    left_out = {"all five variables missing": dropped} if dropped else {}
    return Request("heterogeneity", results.Heterogeneity, data, labels, options, left_out)


def distance_options(definitions: Definitions) -> dict[str, Any]:
    """Give the rules of the distance under the names that both engines know.

    Returns
    -------
    dict
        ``weights`` (5), ``range``, ``lowest`` and ``highest`` of the two ratios (NaN unless the range is
        fixed), ``self`` and ``single``.

    Examples
    --------
    >>> distance_options(Definitions())["weights"]
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    fixed = definitions.gower_range == "fixed"
    nothing = (float("nan"), float("nan"))
    bounds = [definitions.gower_bounds[name] if fixed else nothing for name in RATIOS]
    return {
        "weights": [float(definitions.gower_weights.get(v, 1.0)) for v in RESPONSE_VARIABLES],
        "range": definitions.gower_range,
        "lowest": [float(low) for low, _ in bounds],
        "highest": [float(high) for _, high in bounds],
        "self": definitions.gower_self,
        "single": definitions.single_lesion,
    }


def phases(
    series: pd.DataFrame, names: Sequence[str], definitions: Definitions
) -> Request[results.PhaseTable]:
    """Ask for the response phases of each series of sizes.

    Parameters
    ----------
    series
        ``unit`` (0 to u - 1), ``day``, ``size_mm``; see `lesionhet.phases.response_phases`.
    names
        u labels of the units.
    definitions
        Thresholds and rules.
    """
    data = pd.DataFrame(
        {
            "row": series["unit"].to_numpy() + 1,
            "day": series["day"].to_numpy(dtype=float),
            "size_mm": series["size_mm"].to_numpy(dtype=float),
        }
    )
    options = {name: getattr(definitions, name) for name in PHASE_OPTIONS}
    return Request("phases", results.PhaseTable, data, {"row": tuple(names)}, options, {})
