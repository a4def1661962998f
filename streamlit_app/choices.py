"""The choices of a session: a preset, what was changed from it, and their form in an address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lesionhet.definitions import PRESETS, Definitions, parse_definitions
from lesionhet.definitions_text import choices, load_changed, to_toml
from lesionhet.errors import UsageError


@dataclass(frozen=True)
class Choices:
    """A preset and the definitions changed from it.

    Parameters
    ----------
    preset
        Name of a preset.
    changed
        Definition -> value; only values other than the preset's are kept.

    Examples
    --------
    >>> Choices("unbiased").change("crossing", "linear").changed
    {'crossing': 'linear'}
    >>> Choices().change("crossing", "scan").changed
    {}
    """

    preset: str = "paper2021"
    changed: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """Give the value in force of one definition."""
        return self.changed.get(name, self.of_preset(name))

    def of_preset(self, name: str) -> Any:
        """Give the preset's value of one definition."""
        return PRESETS[self.preset].to_dict()[name]

    def change(self, name: str, value: Any) -> Choices:
        """Give the choices with one definition set."""
        rest = {key: kept for key, kept in self.changed.items() if key != name}
        if value != self.of_preset(name):
            rest[name] = value
        return Choices(self.preset, rest)

    def definitions(self) -> Definitions:
        """Give the definitions.

        Raises
        ------
        UsageError
            Values that do not go together; the message lists what is permitted.
        """
        return load_changed(self.preset, self.changed)


def from_toml(text: str, source: str) -> Choices:
    """Read choices from the text of a file that ``--definitions FILE`` also reads.

    Raises
    ------
    UsageError
        No TOML, an unknown preset, definition or value.
    """
    preset, values = parse_definitions(text, source)
    return _checked(preset, values)


def as_toml(chosen: Choices) -> str:
    """Write choices as a file for ``--definitions FILE``; definitions that do not hold are refused."""
    return to_toml(chosen.preset, chosen.definitions()) + "\n"


def from_address(parameters: Mapping[str, str]) -> Choices | None:
    """Read choices from the parameters of an address.

    Parameters
    ----------
    parameters
        ``preset`` and names of definitions; others are passed over.

    Returns
    -------
    Choices or None
        None where the address names no choice.

    Raises
    ------
    UsageError
        A value that is not permitted.

    Examples
    --------
    >>> from_address({"preset": "recist11", "gower_self": "false"}).changed
    {'gower_self': False}
    """
    kinds = {choice.name: choice.kind for choice in choices()}
    named = {name: text for name, text in parameters.items() if name in kinds}
    if not named and "preset" not in parameters:
        return None
    values = {name: _read(name, text, kinds[name]) for name, text in named.items()}
    return _checked(parameters.get("preset", "paper2021"), values)


def as_address(chosen: Choices) -> dict[str, str]:
    """Give the parameters of the address that holds the choices; none for the plain first preset."""
    found = {name: _write(value) for name, value in chosen.changed.items()}
    return {"preset": chosen.preset, **found} if chosen != Choices() else {}


def _checked(preset: str, values: Mapping[str, Any]) -> Choices:
    now = load_changed(preset, values).to_dict()
    chosen = Choices(preset)
    for name in values:
        chosen = chosen.change(name, now[name])
    return chosen


def _write(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _read(name: str, text: str, kind: str) -> Any:
    if kind == "word":
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise UsageError(f"The address has {name}={text}; it cannot be read.") from error
