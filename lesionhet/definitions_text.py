"""Choices as a small file, and what each of them changes: for the web page and for a colleague."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

from lesionhet.definitions import PRESETS, Definitions, load_definitions
from lesionhet.errors import UsageError


@dataclass(frozen=True)
class Choice:
    """One definition as a person chooses it.

    Parameters
    ----------
    name
        Field of `Definitions`.
    group
        Heading under which it is listed.
    effect
        What it changes, one sentence.
    kind
        ``"word"``, ``"flag"``, ``"whole"``, ``"number"`` or ``"mapping"``.
    permitted
        The words of a ``"word"``.
    """

    name: str
    group: str
    effect: str
    kind: str
    permitted: tuple[str, ...] = ()


def choices() -> tuple[Choice, ...]:
    """Give every definition with what it changes, in the order of `Definitions`.

    Examples
    --------
    >>> [choice.permitted for choice in choices() if choice.name == "crossing"]
    [('scan', 'linear')]
    """
    hints = get_type_hints(Definitions)
    kinds = {bool: "flag", int: "whole", float: "number"}
    found = []
    for spec in dataclasses.fields(Definitions):
        hint = hints[spec.name]
        words = tuple(map(str, get_args(hint))) if get_origin(hint) is not Mapping else ()
        kind = "word" if words else kinds.get(hint, "mapping")
        about = spec.metadata
        found.append(Choice(spec.name, about["group"], about["effect"], kind, words))
    return tuple(found)


def changes(preset: str, definitions: Definitions) -> dict[str, Any]:
    """Give the choices that differ from a preset's, by name.

    Parameters
    ----------
    preset
        Name of a preset.
    definitions
        What is compared with it.

    Examples
    --------
    >>> changes("paper2021", Definitions(crossing="linear"))
    {'crossing': 'linear'}
    """
    before, now = PRESETS[preset].to_dict(), definitions.to_dict()
    return {name: value for name, value in now.items() if value != before[name]}


def to_toml(preset: str, definitions: Definitions) -> str:
    """Write choices as a file that ``--definitions FILE`` reads.

    Parameters
    ----------
    preset
        What they start from.
    definitions
        The choices; only those that differ from the preset are written.

    Examples
    --------
    >>> print(to_toml("unbiased", load_changed("unbiased", {"gower_weights": {"relapse": 2.0}})))
    preset = "unbiased"
    gower_weights = {relapse = 2.0}
    """
    lines = [f"preset = {json.dumps(preset)}"]
    lines += [f"{name} = {_toml(value)}" for name, value in changes(preset, definitions).items()]
    return "\n".join(lines)


def load_changed(preset: str, values: Mapping[str, Any]) -> Definitions:
    """Give a preset with single changes; as `load_definitions`, but never a file.

    Raises
    ------
    UsageError
        An unknown field or a value that is not permitted.
    """
    if preset not in PRESETS:
        raise UsageError(f"preset is {preset!r}; permitted: {', '.join(PRESETS)}.")
    return load_definitions(preset, values)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    # Words, flags, numbers and lists of them are written alike in JSON and TOML.
    return json.dumps(value)
