"""The question about RECIST 1.1: both engines get the rows and nothing else."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from lesionhet import results
from lesionhet.errors import NotEstimableError, UsageError
from lesionhet.groupwise import ordered_codes, pair_codes
from lesionhet.recist.data import RecistData
from lesionhet.recist.rules import STATES, RecistRules
from lesionhet.requests.base import Request

TEXTS: Final = ("patient_id", "lesion_id", "visit")
NUMBERS: Final = ("diameter_mm", "node", "state", "certain")
STATE_CODES: Final = {name: code for code, name in enumerate(STATES, start=1)}


def recist(data: RecistData, rules: RecistRules | None = None) -> Request[results.Recist]:
    """Ask for the RECIST 1.1 response at every assessment and the best overall response.

    Parameters
    ----------
    data
        Target, non-target and new lesions; see `lesionhet.recist.of_cohort.recist_data`. Rows without a
        day are left out and counted.
    rules
        Thresholds and minimum times; default: those of RECIST 1.1.

    Raises
    ------
    UsageError
        A state of a non-target lesion is not one of ``STATES``, or a size is below 0 or infinite.
    NotEstimableError
        No row is left.

    Source: Eisenhauer et al., Eur J Cancer 2009;45:228-47; docs/methods.md, "RECIST 1.1".

    Examples
    --------
    >>> from lesionhet import engine
    >>> rows = pd.DataFrame({"patient_id": "P", "lesion_id": "A", "day": [0, 50, 90], "visit": None,
    ...                      "diameter_mm": [50.0, 30.0, 36.0], "node": False})
    >>> answer = engine("python").answer(recist(RecistData(rows)))
    >>> answer.to_frame()[["sum_mm", "nadir_mm", "overall"]].to_numpy().tolist()
    [[30.0, 50.0, 2.0], [36.0, 30.0, 5.0]]
    """
    rules = rules or RecistRules()
    rows, left_out = _rows(data)
    patient, patients = pd.factorize(rows["patient_id"], sort=True)
    kind = rows["type"].to_numpy(dtype=np.int64)
    key = pair_codes(pair_codes(patient, kind), ordered_codes(rows["lesion_id"]))
    _, lesion = np.unique(key, return_inverse=True)
    visit, visits = pd.factorize(rows["visit"], sort=True)
    coded = pd.DataFrame(
        {
            "patient": patient.astype(np.int64) + 1,
            "lesion": lesion.astype(np.int64) + 1,
            "type": kind,
            "day": rows["day"].to_numpy(dtype=float),
            "visit": np.where(visit < 0, np.nan, visit + 1.0),
            "diameter_mm": rows["diameter_mm"].to_numpy(dtype=float),
            "node": rows["node"].to_numpy(dtype=float),
            "state": rows["state"].to_numpy(dtype=float),
            "certain": rows["certain"].to_numpy(dtype=float),
        }
    )
    labels = {"patient": tuple(map(str, patients)), "visit": tuple(map(str, visits))}
    return Request("recist", results.Recist, coded, labels, rules.options(), left_out)


def _rows(data: RecistData) -> tuple[pd.DataFrame, dict[str, int]]:
    """Put target (1), non-target (2) and new (3) lesions into one table, with what each has."""
    size = data.targets["diameter_mm"].astype(float)
    if ((size < 0) | np.isinf(size)).any():
        raise UsageError(
            "diameter_mm has sizes below 0 or infinite; permitted: 0 or more, or missing."
        )
    state = data.nontargets["state"]
    if unknown := sorted(set(state.dropna().astype(str)) - set(STATES)):
        raise UsageError(
            f"state has {', '.join(map(repr, unknown))}; permitted: {', '.join(map(repr, STATES))}, "
            "or missing where it was not assessed."
        )
    parts = [
        _part(data.targets, 1, diameter_mm=size, node=_numbers(data.targets["node"])),
        _part(data.nontargets, 2, state=state.map(STATE_CODES).astype(float)),
        _part(data.new, 3, certain=_numbers(data.new["certain"]).fillna(1.0)),
    ]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    known = ~np.isnan(columns["day"])
    left_out = {"day missing": int((~known).sum())} if (~known).any() else {}
    if not known.any():
        raise NotEstimableError("RECIST 1.1: no row has a lesion and a day.")
    return pd.DataFrame({name: values[known] for name, values in columns.items()}), left_out


def _part(table: pd.DataFrame, kind: int, **own: pd.Series) -> dict[str, Any]:
    """Give every column of one kind of lesions; what a kind has none of is missing."""
    missing = np.full(len(table), np.nan)
    return {
        **{name: table[name].to_numpy(dtype=object) for name in TEXTS},
        "type": np.full(len(table), kind),
        "day": table["day"].to_numpy(dtype=float),
        **{name: own[name].to_numpy(dtype=float) if name in own else missing for name in NUMBERS},
    }


def _numbers(flags: pd.Series) -> pd.Series:
    """Turn flags with gaps into 1, 0 and missing."""
    if flags.isna().all():
        return pd.Series(np.nan, index=flags.index)
    return flags.map(lambda flag: np.nan if pd.isna(flag) else float(bool(flag))).astype(float)
