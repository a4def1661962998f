"""What the value of a definition may be; the messages list it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Hashable
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lesionhet.errors import UsageError
from lesionhet.schema import RESPONSE_VARIABLES


def check_types(definitions: Any) -> None:
    """Refuse a value of another type than the field's, or another word than those permitted."""
    kind: Any = type(definitions)
    hints = _hints(kind)
    for spec in dataclasses.fields(definitions):
        hint, value = hints[spec.name], getattr(definitions, spec.name)
        if get_origin(hint) is Literal:
            if value not in get_args(hint):
                raise UsageError(f"{spec.name} is {value!r}; permitted: {listed(get_args(hint))}.")
        elif hint is bool and not isinstance(value, bool):
            raise UsageError(f"{spec.name} is {value!r}; permitted: true, false.")
        elif hint in (int, float) and (
            isinstance(value, bool) or not isinstance(value, int | float)
        ):
            raise UsageError(f"{spec.name} is {value!r}; a number is needed.")


@functools.cache
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)


def check_numbers(definitions: Any) -> None:
    """Refuse a number out of its bounds."""
    d = definitions
    rules = {
        "response_threshold": (0 < d.response_threshold < 1, "above 0 and below 1"),
        "relapse_threshold": (1 < d.relapse_threshold < float("inf"), "above 1"),
        "relapse_min_increase_mm": (0 <= d.relapse_min_increase_mm < float("inf"), "0 or more"),
        "visit_window_days": (0 <= d.visit_window_days < float("inf"), "0 or more"),
        "site_min_lesions": (d.site_min_lesions >= 0, "0 or more"),
        "low_quantile": (0 < d.low_quantile < 1, "above 0 and below 1"),
        "high_quantile": (d.low_quantile < d.high_quantile < 1, "above low_quantile and below 1"),
        "conf_level": (0.5 <= d.conf_level < 1, "at least 0.5 and below 1"),
        "measurement_sd_mm": (0 <= d.measurement_sd_mm < float("inf"), "0 or more"),
        "measurement_log_sd": (
            0 <= d.measurement_log_sd <= 1 and d.measurement_log_sd + d.measurement_sd_mm > 0,
            "0 to 1, above 0 where measurement_sd_mm is 0",
        ),
    }
    for name, (holds, permitted) in rules.items():
        if not holds:
            raise UsageError(f"{name} is {getattr(d, name)!r}; permitted: {permitted}.")


def check_gower(definitions: Any) -> None:
    """Refuse weights and bounds of unknown variables, or without a meaning."""
    numeric = RESPONSE_VARIABLES[3:]
    weights, bounds = dict(definitions.gower_weights), dict(definitions.gower_bounds)
    if unknown := sorted(set(weights) - set(RESPONSE_VARIABLES)):
        raise UsageError(
            f"gower_weights names {listed(unknown)}; permitted: {listed(RESPONSE_VARIABLES)}."
        )
    merged = {v: float(weights.get(v, 1.0)) for v in RESPONSE_VARIABLES}
    if not all(0 <= w < float("inf") for w in merged.values()) or sum(merged.values()) == 0:
        raise UsageError(f"gower_weights are {merged}; permitted: 0 or more, not all 0.")
    if definitions.gower_range == "fixed" and set(bounds) != set(numeric):
        raise UsageError(
            f"gower_range is 'fixed': gower_bounds must name {listed(numeric)}, each [low, high]."
        )
    for name, pair in bounds.items():
        if name not in numeric or len(pair) != 2 or not pair[0] < pair[1]:
            raise UsageError(
                f"gower_bounds.{name} is {pair!r}; permitted for {listed(numeric)}: [low, high]."
            )


def listed(values: Any) -> str:
    """Quote values for a message."""
    return ", ".join(repr(value) for value in values)
