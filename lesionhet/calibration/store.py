"""Writing fitted parameters into the module from which `SimulationParameters` takes its defaults."""

from __future__ import annotations

from pathlib import Path

from lesionhet.calibration.dials import DIALS
from lesionhet.errors import UsageError
from lesionhet.simulation import fitted
from lesionhet.simulation.parameters import SimulationParameters

HEAD = '''"""The fitted defaults of `SimulationParameters`: written by a program, not by hand.

What they were fitted to, and how near they come, is in docs/calibration.md.
"""

from typing import Final

'''


def module_text(parameters: SimulationParameters, command: str, day: str) -> str:
    """Give the text of ``lesionhet/simulation/fitted.py``.

    Parameters
    ----------
    parameters
        Whose dials are stored.
    command, day
        By what command and on what day (ISO) they were fitted.

    Examples
    --------
    >>> text = module_text(SimulationParameters(os_shape=1.5), "a command", "2026-01-31")
    >>> [line for line in text.splitlines() if line.startswith(("FITTED", "OS"))]
    ['FITTED_BY: Final = "a command"', 'FITTED_ON: Final = "2026-01-31"', 'OS_SHAPE: Final = 1.5']
    """
    lines = [f'FITTED_BY: Final = "{command}"', f'FITTED_ON: Final = "{day}"', ""]
    for name in dict.fromkeys(dial.field for dial in DIALS):
        value = getattr(parameters, name)
        numbers = tuple(float(v) for v in value) if isinstance(value, tuple) else float(value)
        lines.append(f"{name.upper()}: Final = {numbers!r}")
    return HEAD + "\n".join(lines) + "\n"


def store(parameters: SimulationParameters, command: str, day: str) -> Path:
    """Replace the stored parameters; the next Python process has them as defaults.

    Raises
    ------
    UsageError
        The package cannot be written to.
    """
    path = Path(fitted.__file__)
    return replace_text(path, module_text(parameters, command, day))


def replace_text(path: Path, text: str) -> Path:
    """Write a text file of the project.

    Raises
    ------
    UsageError
        The folder is missing or cannot be written to, as in an installed package.
    """
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            f"{path.name} cannot be written ({error.strerror}): --write needs the project's folder."
        ) from error
    return path
