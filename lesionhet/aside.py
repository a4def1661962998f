"""A folder that is written aside and moved into place when whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from lesionhet.errors import UsageError


def check_place(target: Path, what: str, is_ours: Callable[[Path], bool]) -> Path:
    """Say early whether a folder may be written or replaced.

    Parameters
    ----------
    target
        The folder.
    what
        What is to be written, such as ``"report"``; for the messages.
    is_ours
        Tells whether a folder that is not empty was written by an earlier run.

    Returns
    -------
    pathlib.Path
        Its absolute path, symbolic links followed.

    Raises
    ------
    UsageError
        A file, a folder that holds something else, or the folder that the program runs in.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     check_place(Path(folder, "new"), "record", lambda _: False).name
    'new'
    """
    place = Path(target).resolve()
    if place.exists() and not place.is_dir():
        raise UsageError(f"{target}: is a file; name a folder for the {what}.")
    if place == Path.cwd():
        # Replacing it would leave the caller's shell in a folder that is gone.
        raise UsageError(f"{target}: is the current folder; name a new folder in it.")
    if place.is_dir() and not _is_empty(place) and not is_ours(place):
        raise UsageError(
            f"{target}: the folder is not empty and holds no earlier {what} of this program; it is "
            "left as it is. Name a new folder, or empty this one."
        )
    return place


def write_aside(target: Path, what: str, fill: Callable[[Path], None]) -> None:
    """Fill a fresh folder beside the target and move it there when whole.

    Parameters
    ----------
    target
        Folder to write, checked by `check_place`; what was there before is replaced as a whole, and
        stays as it is when ``fill`` fails.
    what
        What is written, for the message.
    fill
        Writes into the folder that it is given.

    Raises
    ------
    UsageError
        It cannot be written.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder, "deep", "new")
    ...     write_aside(target, "record", lambda fresh: (fresh / "a").touch())
    ...     [path.name for path in target.iterdir()], len(list(target.parent.iterdir()))
    (['a'], 1)
    """
    missing = [p for p in (target.parent, *target.parent.parents) if not p.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, fill)
    except BaseException as error:
        for parent in missing:
            with suppress(OSError):
                parent.rmdir()
        if isinstance(error, OSError):
            raise UsageError(
                f"{target}: the {what} could not be written ({error}); what was there before is "
                "as it was. Free space or permissions may be lacking, or name another folder."
            ) from error
        raise


def _is_empty(folder: Path) -> bool:
    try:
        return not any(folder.iterdir())
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read ({error}); name another folder.") from error


def _write(target: Path, fill: Callable[[Path], None]) -> None:
    workshop = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    fresh, old = workshop / "new", workshop / "old"
    try:
        fresh.mkdir()
        fill(fresh)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        shutil.rmtree(workshop, ignore_errors=True)
