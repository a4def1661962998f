"""Who is compared with whom: treatment contrasts, main organs, a marker. Read from a small TOML file.

Nothing else in the program knows the name of a drug, an organ or a gene: the paper's are the preset
``colorectal2021``, a file like any user's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, Final

from lesionhet.errors import NotEstimableError, UsageError

PRESET: Final = "colorectal2021"
CONTROL: Final = "Control"
"""What the other side of a contrast from the command line is called."""
EVENTS_PER_TERM: Final = 5.0
"""Vittinghoff & McCulloch (2007) Am J Epidemiol 165:710: from 5 to 9 a term trouble is rare, below common."""
PERMITTED: Final = ("organs", "contrasts", "targeted", "marker", "events_per_term")
_KEY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,11}")
KEYS: Final = (("3", "S4"), ("4", "S5"))
"""Chapters of the first contrasts from the command line; later ones are C3, C4 and so on."""


@dataclass(frozen=True)
class Contrast:
    """One set of arms against another.

    Parameters
    ----------
    key
        Number of its chapter in the ids of the analyses: contrast "3" makes 3A to 3F.
    name, control_name
        What the two groups are called.
    treated, control
        Arms of each group, as the patients table spells them (case does not matter).
    supplement
        Id of the analysis that compares ratios and durations; empty: the key with "S" in front.
    """

    key: str
    name: str
    treated: tuple[str, ...]
    control_name: str
    control: tuple[str, ...]
    supplement: str = ""


@dataclass(frozen=True)
class Marker:
    """A marker with two states and the arms with and without the drug that it may change.

    Parameters
    ----------
    name, drug
        What the marker and the drug are called.
    column
        Column of the patients table.
    positive, negative
        Its two values (case does not matter); others count as unknown.
    with_drug, without_drug
        Arms.
    """

    name: str
    column: str
    positive: str
    negative: str
    drug: str
    with_drug: tuple[str, ...]
    without_drug: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that is compared.

    Parameters
    ----------
    organs
        Main organs, two or more; the first is the one whose response is asked for first.
    contrasts
        Treatment contrasts, each a chapter.
    targeted
        The contrast of all targeted arms, or None.
    marker
        A marker, or None.
    events_per_term
        Events that a Cox model needs for each of its terms before it is checked, 1 or more.

    Examples
    --------
    >>> load_plan().organs
    ('liver', 'lung', 'lymph node')
    >>> [contrast.name for contrast in load_plan().contrasts]
    ['Bevacizumab + chemotherapy', 'Panitumumab + chemotherapy']
    """

    organs: tuple[str, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    targeted: Contrast | None = None
    marker: Marker | None = None
    events_per_term: float = EVENTS_PER_TERM


def load_plan(source: str = PRESET) -> Plan:
    """Read a plan.

    Parameters
    ----------
    source
        ``"colorectal2021"`` or the path of a TOML file of the same form.

    Raises
    ------
    UsageError
        No such preset or file, no readable TOML, or an entry that is missing, unknown or of the wrong
        type; the message names it and what is permitted.
    """
    values = _read(source)
    _check_keys(source, "", values, (), PERMITTED)
    contrasts = [
        _contrast(source, f"contrasts[{number}]", entry, ("key",))
        for number, entry in enumerate(values.get("contrasts", []), start=1)
    ]
    keys = [contrast.key for contrast in contrasts]
    if len(set(keys)) < len(keys):
        raise UsageError(f"{source}: contrasts have the same key twice: {keys}.")
    targeted = values.get("targeted")
    marker = values.get("marker")
    return Plan(
        organs=_texts(source, "organs", values.get("organs", [])),
        contrasts=tuple(contrasts),
        targeted=None if targeted is None else _contrast(source, "targeted", targeted, ()),
        marker=None if marker is None else _marker(source, marker),
        events_per_term=_events_per_term(source, values.get("events_per_term", EVENTS_PER_TERM)),
    )


def with_contrasts(plan: Plan, given: Sequence[str]) -> Plan:
    """Put the contrasts of ``--contrast`` in the place of the plan's.

    Parameters
    ----------
    plan
        What the rest is taken from.
    given
        Texts ``NAME: ARM, ARM vs ARM, ARM``; the first also becomes the contrast of all targeted arms.

    Raises
    ------
    UsageError
        A text of another form.

    Examples
    --------
    >>> plan = with_contrasts(Plan(), ["New: A + B, C vs D"])
    >>> plan.contrasts[0].treated, plan.contrasts[0].control
    (('A + B', 'C'), ('D',))
    """
    if not given:
        return plan
    contrasts: list[Contrast] = []
    for number, text in enumerate(given):
        name, colon, arms = text.partition(":")
        treated, versus, control = arms.partition(" vs ")
        sides = [
            tuple(a.strip() for a in side.split(",") if a.strip()) for side in (treated, control)
        ]
        if not (colon and versus and name.strip() and all(sides)):
            raise UsageError(
                f"--contrast {text}: permitted is 'NAME: ARM, ARM vs ARM, ARM', such as "
                "'Targeted: A + B, A + C vs A'."
            )
        _check_names("--contrast", text, name.strip(), CONTROL, sides[1])
        key, supplement = (
            KEYS[number] if number < len(KEYS) else (f"C{number + 1}", f"SC{number + 1}")
        )
        contrasts.append(Contrast(key, name.strip(), sides[0], CONTROL, sides[1], supplement))
    return replace(plan, contrasts=tuple(contrasts), targeted=replace(contrasts[0], key="2"))


def match_labels(wanted: Sequence[str], present: Sequence[str], what: str) -> tuple[str, ...]:
    """Find labels of a plan among those of the cohort, whatever their case.

    Parameters
    ----------
    wanted
        Labels of the plan.
    present
        Labels of the cohort.
    what
        What they are, for the message.

    Returns
    -------
    tuple
        The cohort's spelling of those that are there, in the order of ``wanted``.

    Raises
    ------
    NotEstimableError
        None of them is there.
    """
    by_fold = {label.casefold(): label for label in present}
    found = tuple(by_fold[w.casefold()] for w in wanted if w.casefold() in by_fold)
    if not found:
        there = ", ".join(map(repr, present)) or "none"
        raise NotEstimableError(
            f"No {what} of this cohort is called {' or '.join(map(repr, wanted))}; there are: {there}. "
            "Name yours in a plan file (--plan) or on the command line."
        )
    return found


def _read(source: str) -> dict[str, Any]:
    if source == PRESET:
        text = resources.files("lesionhet").joinpath(f"plans/{PRESET}.toml").read_text("utf-8")
        return tomllib.loads(text)
    path = Path(source)
    if not path.is_file():
        raise UsageError(f"--plan {source}: neither the preset {PRESET!r} nor a file that exists.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{source}: not a readable TOML file: {error}.") from error


def _contrast(source: str, place: str, entry: Any, extra: tuple[str, ...]) -> Contrast:
    needed = ("name", "treated", "control_name", "control", *extra)
    _check_keys(source, place, entry, needed, (*needed, "supplement"))
    treated = _texts(source, f"{place}.treated", entry["treated"])
    control = _texts(source, f"{place}.control", entry["control"])
    _check_names(source, place, str(entry["name"]), str(entry["control_name"]), control)
    if not treated or not control:
        raise UsageError(f"{source}: {place} needs at least one arm in treated and in control.")
    if both := sorted({a.casefold() for a in treated} & {a.casefold() for a in control}):
        raise UsageError(f"{source}: {place} has {', '.join(both)} on both sides.")
    key = str(entry.get("key", "2"))
    supplement = str(entry.get("supplement", f"S{key}"))
    for what, text in (("key", key), ("supplement", supplement)):
        if not _KEY.fullmatch(text):
            raise UsageError(
                f"{source}: {place}.{what} is {text[:40]!r}; permitted: up to 12 letters, digits, '-' and "
                "'_', the first a letter or digit. Names of files begin with it."
            )
    name, control_name = str(entry["name"]), str(entry["control_name"])
    return Contrast(key, name, treated, control_name, control, supplement)


def _check_names(
    source: str, place: str, name: str, control_name: str, control: Sequence[str]
) -> None:
    """Refuse a name under which both sides would be one group."""
    if name.casefold() in {control_name.casefold(), *(arm.casefold() for arm in control)}:
        raise UsageError(f"{source}: {place} is named {name!r}, like its other side.")


def _marker(source: str, entry: Any) -> Marker:
    needed = ("name", "column", "positive", "negative", "drug", "with_drug", "without_drug")
    _check_keys(source, "marker", entry, needed, needed)
    name, column, positive, negative, drug = (str(entry[key]) for key in needed[:-2])
    with_drug, without_drug = (_texts(source, f"marker.{key}", entry[key]) for key in needed[-2:])
    return Marker(name, column, positive, negative, drug, with_drug, without_drug)


def _events_per_term(source: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value < 1e6:
        raise UsageError(
            f"{source}: events_per_term is {value!r}; a number of 1 or more is expected."
        )
    return float(value)


def _check_keys(
    source: str, place: str, entry: Any, needed: Sequence[str], permitted: Sequence[str]
) -> None:
    where = f"{source}: {place or 'the file'}"
    if not isinstance(entry, Mapping):
        raise UsageError(f"{where} is {entry!r}; a table with {', '.join(permitted)} is expected.")
    if missing := [name for name in needed if name not in entry]:
        raise UsageError(f"{where} lacks {', '.join(missing)}.")
    if unknown := sorted(set(entry) - set(permitted)):
        raise UsageError(f"{where} has unknown {unknown}; permitted: {', '.join(permitted)}.")


def _texts(source: str, place: str, values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise UsageError(f"{source}: {place} is {values!r}; a list of names is expected.")
    return tuple(value.strip() for value in values)
