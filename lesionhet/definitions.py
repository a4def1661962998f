"""Every choice that the published text leaves open, under a name, with the three presets."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from lesionhet.definition_rules import check_gower, check_numbers, check_types, listed
from lesionhet.errors import UsageError

Bounds = tuple[float, float]


def _choice(default: Any, group: str, effect: str) -> Any:
    """Give the field of one choice with what it changes, in one sentence, and where it is listed."""
    about = {"group": group, "effect": effect}
    if callable(default):
        return field(default_factory=default, metadata=about)
    return field(default=default, metadata=about)


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
    measurement_log_sd
        Error of one measured diameter in proportion to its size: SD of its natural log, in [0, 1]. The
        default is that between observers of single lesions, (ln 1.254 - ln 0.779) / (2 x 1.96 x sqrt(2)),
        from the 95% limits of agreement -22.1% and 25.4% of Yoon et al., Eur J Cancer 2016;53:5-15.
    measurement_sd_mm
        Error of one measured diameter that is the same for all sizes: SD in mm, >= 0; added to the other.
        The default is that of repeat scans, 1 / (0.568 x sqrt(2)): 57% of the differences within 15 minutes
        exceeded 1 mm (Oxnard et al., J Clin Oncol 2011;29:3114-9), as beyond 0.568 SD of a normal one.
    measurement_error
        ``"given"``: the two above. ``"repeated_baselines"``: the log-SD that lesions show which were
        measured more than once before treatment. ``"two_readers"``: the one that two readers' sizes of
        the same lesion and visit show, where the data have them.

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

    response_threshold: float = _choice(
        0.70, "Phases", "A lower ratio asks for more shrinkage before a lesion counts as response."
    )
    relapse_threshold: float = _choice(
        1.20,
        "Phases",
        "A higher multiple asks for more regrowth before a lesion counts as relapse.",
    )
    relapse_reference: Literal["nadir", "baseline"] = _choice(
        "nadir",
        "Phases",
        "Regrowth is measured from the smallest size so far, or only from the baseline, which calls "
        "fewer lesions relapsed.",
    )
    relapse_min_increase_mm: float = _choice(
        0.0, "Phases", "Small lesions need this growth in mm as well before they count as relapse."
    )
    stable_rule: Literal["after_response", "outside_response"] = _choice(
        "after_response",
        "Phases",
        "Whether scans after the response, before relapse, count as stable, or only scans outside "
        "both.",
    )
    crossing: Literal["scan", "linear"] = _choice(
        "scan",
        "Phases",
        "Phases change on the day of a scan, or on the interpolated day between two scans: durations "
        "change, flags do not.",
    )
    burden: Literal["complete", "available"] = _choice(
        "complete",
        "Total burden",
        "The sum uses only assessments with every lesion measured, or those with any of them.",
    )
    visit_window_days: float = _choice(
        7.0,
        "Total burden",
        "Without a visit column, measurements this close together count as one assessment.",
    )
    gower_range: Literal["patient", "cohort", "fixed"] = _choice(
        "patient",
        "Distance",
        "Ratios are compared within each patient (small differences can count fully), over the whole "
        "cohort, or over fixed bounds.",
    )
    gower_bounds: Mapping[str, Bounds] = _choice(
        dict, "Distance", "The two values between which a ratio counts when the range is fixed."
    )
    gower_weights: Mapping[str, float] = _choice(
        dict,
        "Distance",
        "A variable of weight 2 counts twice in the distance, of weight 0 not at all.",
    )
    gower_self: bool = _choice(
        True,
        "Distance",
        "Counting a lesion with itself, at distance 0, lowers the distance of patients with few "
        "lesions most.",
    )
    single_lesion: Literal["zero", "missing"] = _choice(
        "zero",
        "Distance",
        "Patients with one lesion have distance 0 and fill the low group, or are left out.",
    )
    site_min_lesions: int = _choice(
        50, "Groups and intervals", "Sites with fewer lesions are pooled as 'other'."
    )
    organ_rule: Literal["sum", "mean", "any", "all"] = _choice(
        "sum",
        "Groups and intervals",
        "An organ responds by the sum of its lesions, their mean, any of them or all of them.",
    )
    low_quantile: float = _choice(
        0.25, "Groups and intervals", "Patients at or below this quantile are the low group."
    )
    high_quantile: float = _choice(
        0.75, "Groups and intervals", "Patients at or above this quantile are the high group."
    )
    conf_level: float = _choice(
        0.95, "Groups and intervals", "A higher level makes every confidence interval wider."
    )
    km_conf_type: Literal["log", "log-log"] = _choice(
        "log",
        "Groups and intervals",
        "The scale on which Kaplan-Meier intervals are computed; curves and tests stay as they are.",
    )
    measurement_log_sd: float = _choice(
        0.086,
        "Measurement error",
        "A larger error in proportion to the size lets noise alone explain more of the distance; 0.062 "
        "is published for one observer, 0.086 for several.",
    )
    measurement_sd_mm: float = _choice(
        1.2,
        "Measurement error",
        "An error in mm that is the same for all sizes; it touches small lesions most.",
    )
    measurement_error: Literal["given", "repeated_baselines", "two_readers"] = _choice(
        "given",
        "Measurement error",
        "The error is the one given here, or is estimated from lesions that were measured more than once "
        "before treatment, or by two readers.",
    )

    def __post_init__(self) -> None:
        check_types(self)
        check_numbers(self)
        check_gower(self)

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
        preset, values = parse_definitions(_read_file(source), source)
    values.update(changes or {})
    known = {f.name for f in dataclasses.fields(Definitions)}
    if unknown := sorted(set(values) - known):
        raise UsageError(
            f"Unknown definition {listed(unknown)}; permitted: {listed(sorted(known))}."
        )
    return dataclasses.replace(PRESETS[preset], **values)


def parse_definitions(text: str, source: str) -> tuple[str, dict[str, Any]]:
    r"""Read the text of a definitions file.

    Parameters
    ----------
    text
        TOML; keys as in `load_definitions`.
    source
        Name of the file, for messages.

    Returns
    -------
    tuple
        The preset and the choices that differ from it, not yet checked.

    Raises
    ------
    UsageError
        No TOML, or an unknown preset.

    Examples
    --------
    >>> parse_definitions('preset = "unbiased"\ncrossing = "linear"', "mine.toml")
    ('unbiased', {'crossing': 'linear'})
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{source}: not a readable TOML file: {error}.") from error
    preset = values.pop("preset", "paper2021")
    if preset not in PRESETS:
        raise UsageError(f"{source}: preset is {preset!r}; permitted: {listed(PRESETS)}.")
    return preset, values


def _read_file(source: str) -> str:
    path = Path(source)
    if not path.is_file():
        raise UsageError(
            f"--definitions {source}: neither a preset ({listed(PRESETS)}) nor a file that exists."
        )
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{source}: not a readable TOML file: {error}.") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value


PRESETS: Final[Mapping[str, Definitions]] = {
    "paper2021": Definitions(),
    "unbiased": Definitions(gower_range="cohort", gower_self=False, single_lesion="missing"),
    "recist11": Definitions(relapse_min_increase_mm=5.0),
}
"""``paper2021``: the reading that best fits what was published. ``unbiased``: distances that do not
depend on the number of lesions. ``recist11``: ``paper2021`` with the 5 mm rule of RECIST 1.1."""
