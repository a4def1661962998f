"""Compiled parts of the package, where they were compiled: loaded, or None and NumPy answers."""

from __future__ import annotations

import ctypes
import os
import sysconfig
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

SWITCH: Final = "LESIONHET_COMPILED"
"""Environment variable; "0" computes by NumPy also where a library is there."""
NUMBERS: Final = ctypes.c_void_p
WHOLE: Final = ctypes.c_int64


def beside(module: str, name: str) -> Path:
    """Give where the library of a C source beside a module is.

    Parameters
    ----------
    module
        ``__file__`` of the module.
    name
        Of the source, without ``.c``.

    Examples
    --------
    >>> beside("/package/gower.py", "gower").parent.name
    'package'
    """
    suffix = sysconfig.get_config_var("EXT_SUFFIX") or ".so"
    return Path(module).with_name(f"{name}{suffix}")


def load(path: Path, version: int) -> ctypes.CDLL | None:
    """Load a library; None where it was not compiled, is of another version, or is switched off.

    Parameters
    ----------
    path
        From `beside`.
    version
        What its function ``<name>_version`` has to give: one of another source is not used.

    Examples
    --------
    >>> load(Path("nowhere.so"), 1) is None
    True
    """
    if os.environ.get(SWITCH) == "0" or not path.is_file():
        return None
    try:
        found = ctypes.CDLL(str(path))
        asked = getattr(found, f"{path.name.split('.')[0]}_version")
        asked.restype = WHOLE
        return found if asked() == version else None
    except (OSError, AttributeError):
        return None


def address(values: npt.NDArray[np.float64] | npt.NDArray[np.int64] | None) -> int | None:
    """Give where the numbers of an array stand, which the caller keeps and has made contiguous."""
    return None if values is None else values.ctypes.data
