"""Every choice that the published text leaves open, under a name, with the three presets."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from lesionhet.errors import UsageError
from lesionhet.schema import RESPONSE_VARIABLES

Bounds = tuple[float, float]


@dataclass(frozen=True)
class Definitions:
    """The rules by which measurements become phases, distances and groups.

    Parameters
    ----------
    response_threshold
        Response is reached at a size / baseline at or below this. Unit: ratio, in (0, 1).
    relapse_threshold
        Relapse is reached at a size at or above this multiple of the reference. Ratio, > 1.
    relapse_reference
        ``"nadir"``: the smallest size so far, baseline included. ``"baseline"``: the baseline.
    relapse_min_increase_mm
        Relapse also needs at least this absolute increase over the reference, in mm; 0 is off.
    stable_rule
        ``"after_response"``: a scan that is neither the one that reaches response nor at or after
        relapse is stable. ``"outside_response"``: a scan with neither a responding ratio nor relapse.
    crossing
        ``"scan"``: a threshold is crossed on the day of the scan that shows it. ``"linear"``: on the
        day given by linear interpolation from the scan before.
    burden
        ``"complete"``: the total burden is the sum at assessments with every followed lesion measured.
        ``"available"``: the sum over the lesions present, against the baseline sum of the same lesions.
    visit_window_days
        Without a visit column, measurements after baseline within this many days of the first belong
        to one assessment. Days, >= 0.
    gower_range
        Range of the two ratios: within each ``"patient"``, over the ``"cohort"``, or ``"fixed"``.
    gower_bounds
        For ``"fixed"``: variable -> (lowest, highest). Distances are capped at 1.
    gower_weights
        Variable -> weight >= 0; variables not named weigh 1.
    gower_self
        Whether the mean over a patient's lesions includes the lesion itself (at distance 0).
    single_lesion
        Distance of a patient's only lesion: ``"zero"`` or ``"missing"``.
    site_min_lesions
        Sites with fewer followed lesions in the cohort are pooled into "other".
    organ_rule
        When an organ shrinks by more than 1 - ``response_threshold``: its summed diameters do
        (``"sum"``), its lesions do on average (``"mean"``), any of them or all of them do.
    low_quantile, high_quantile
        Cut-offs of the low (at or below) and high (at or above) groups. R's type 7 quantiles.
    conf_level
        Level of every confidence interval.
    km_conf_type
        Kaplan-Meier intervals that are drawn and tabulated first: ``"log"`` or ``"log-log"``.

    Raises
    ------
    UsageError
        A value is not permitted; the message lists what is.

    Examples
    --------
    >>> Definitions().gower_range
    'patient'
    >>> Definitions(crossing="spline")
    Traceback (most recent call last):
    ...
    lesionhet.errors.UsageError: crossing is 'spline'; permitted: 'scan', 'linear'.
    """

    response_threshold: float = 0.70
    relapse_threshold: float = 1.20
    relapse_reference: Literal["nadir", "baseline"] = "nadir"
    relapse_min_increase_mm: float = 0.0
    stable_rule: Literal["after_response", "outside_response"] = "after_response"
    crossing: Literal["scan", "linear"] = "scan"
    burden: Literal["complete", "available"] = "complete"
    visit_window_days: float = 7.0
    gower_range: Literal["patient", "cohort", "fixed"] = "patient"
    gower_bounds: Mapping[str, Bounds] = field(default_factory=dict)
    gower_weights: Mapping[str, float] = field(default_factory=dict)
    gower_self: bool = True
    single_lesion: Literal["zero", "missing"] = "zero"
    site_min_lesions: int = 50
    organ_rule: Literal["sum", "mean", "any", "all"] = "sum"
    low_quantile: float = 0.25
    high_quantile: float = 0.75
    conf_level: float = 0.95
    km_conf_type: Literal["log", "log-log"] = "log"

    def __post_init__(self) -> None:
        _check_types(self)
        _check_numbers(self)
        _check_gower(self)

    def to_dict(self) -> dict[str, Any]:
        """Give every choice by name, ready for JSON."""
        return {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self)}


def load_definitions(
    source: str = "paper2021", changes: Mapping[str, Any] | None = None
) -> Definitions:
    """Read definitions from a preset's name or a TOML file, then apply single changes.

    Parameters
    ----------
    source
        ``"paper2021"``, ``"unbiased"``, ``"recist11"``, or the path of a TOML file whose keys are the
        fields of `Definitions`; its key ``preset`` names what it starts from (default paper2021).
    changes
        Field -> value, applied last.

    Raises
    ------
    UsageError
        Unknown preset, field or value, or a file that cannot be read.

    Examples
    --------
    >>> load_definitions("unbiased", {"crossing": "linear"}).crossing
    'linear'
    """
    values: dict[str, Any] = {}
    preset = source
    if source not in PRESETS:
        values = _read_toml(source)
        preset = str(values.pop("preset", "paper2021"))
        if preset not in PRESETS:
            raise UsageError(f"{source}: preset is {preset!r}; permitted: {_listed(PRESETS)}.")
    values.update(changes or {})
    known = {f.name for f in dataclasses.fields(Definitions)}
    if unknown := sorted(set(values) - known):
        raise UsageError(
            f"Unknown definition {_listed(unknown)}; permitted: {_listed(sorted(known))}."
        )
    return dataclasses.replace(PRESETS[preset], **values)


def _read_toml(source: str) -> dict[str, Any]:
    path = Path(source)
    if not path.is_file():
        raise UsageError(
            f"--definitions {source}: neither a preset ({_listed(PRESETS)}) nor a file that exists."
        )
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{source}: not a readable TOML file: {error}.") from error


def _check_types(definitions: Definitions) -> None:
    hints = get_type_hints(Definitions)
    for spec in dataclasses.fields(definitions):
        hint, value = hints[spec.name], getattr(definitions, spec.name)
        if get_origin(hint) is Literal:
            if value not in get_args(hint):
                raise UsageError(f"{spec.name} is {value!r}; permitted: {_listed(get_args(hint))}.")
        elif hint is bool and not isinstance(value, bool):
            raise UsageError(f"{spec.name} is {value!r}; permitted: true, false.")
        elif hint in (int, float) and (
            isinstance(value, bool) or not isinstance(value, int | float)
        ):
            raise UsageError(f"{spec.name} is {value!r}; a number is needed.")


def _check_numbers(definitions: Definitions) -> None:
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
    }
    for name, (holds, permitted) in rules.items():
        if not holds:
            raise UsageError(f"{name} is {getattr(d, name)!r}; permitted: {permitted}.")


def _check_gower(definitions: Definitions) -> None:
    numeric = RESPONSE_VARIABLES[3:]
    weights, bounds = dict(definitions.gower_weights), dict(definitions.gower_bounds)
    if unknown := sorted(set(weights) - set(RESPONSE_VARIABLES)):
        raise UsageError(
            f"gower_weights names {_listed(unknown)}; permitted: {_listed(RESPONSE_VARIABLES)}."
        )
    merged = {v: float(weights.get(v, 1.0)) for v in RESPONSE_VARIABLES}
    if not all(0 <= w < float("inf") for w in merged.values()) or sum(merged.values()) == 0:
        raise UsageError(f"gower_weights are {merged}; permitted: 0 or more, not all 0.")
    if definitions.gower_range == "fixed" and set(bounds) != set(numeric):
        raise UsageError(
            f"gower_range is 'fixed': gower_bounds must name {_listed(numeric)}, each [low, high]."
        )
    for name, pair in bounds.items():
        if name not in numeric or len(pair) != 2 or not pair[0] < pair[1]:
            raise UsageError(
                f"gower_bounds.{name} is {pair!r}; permitted for {_listed(numeric)}: [low, high]."
            )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _listed(values: Any) -> str:
    return ", ".join(repr(value) for value in values)


PRESETS: Final[Mapping[str, Definitions]] = {
    "paper2021": Definitions(),
    "unbiased": Definitions(gower_range="cohort", gower_self=False, single_lesion="missing"),
    "recist11": Definitions(relapse_min_increase_mm=5.0),
}
"""``paper2021``: the reading that best fits what was published. ``unbiased``: distances that do not
depend on the number of lesions. ``recist11``: ``paper2021`` with the 5 mm rule of RECIST 1.1."""
