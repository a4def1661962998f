"""Everything that can go wrong, as a person should read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ROWS_SHOWN = 5


class LesionhetError(Exception):
    """Base of every error that the program raises on purpose; ``exit_code`` is the command's."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one file.

    Parameters
    ----------
    file
        Name of the file as the user gave it.
    column
        Column name in that file, or an empty text where the problem is the file's.
    message
        What was found and what was expected, one sentence.
    mend
        How to mend it, one sentence.
    rows
        Row numbers as a spreadsheet counts them (the heading is row 1), ascending; may be empty.
    count
        How many rows are affected; 0 where rows mean nothing. Defaults to ``len(rows)``.
    """

    file: str
    column: str
    message: str
    mend: str
    rows: tuple[int, ...] = ()
    count: int = -1

    def __post_init__(self) -> None:
        if self.count < 0:
            object.__setattr__(self, "count", len(self.rows))

    def __str__(self) -> str:
        # A name with a line break would break the list of problems.
        file = "".join(c if c.isprintable() else repr(c)[1:-1] for c in self.file)
        place = file + (f", column '{self.column}'" if self.column else "")
        return f"{place}: {self.message}{self._rows_text()} {self.mend}"

    def _rows_text(self) -> str:
        if not self.rows:
            return ""
        shown = ", ".join(str(row) for row in self.rows[:ROWS_SHOWN])
        more = self.count - min(len(self.rows), ROWS_SHOWN)
        word = "Row" if self.count == 1 else f"{self.count} rows:"
        return f" {word} {shown}{f' and {more} more' if more > 0 else ''}."


class InputError(LesionhetError):
    """The input cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        head = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        super().__init__("\n".join([f"{head} found:", *(f"  - {p}" for p in self.problems)]))


class UsageError(LesionhetError):
    """An option or argument has a value that is not permitted; the message lists what is."""


class NotEstimableError(LesionhetError):
    """These data cannot answer this question (no events, an empty group, separation ...)."""


class RUnavailableError(LesionhetError):
    """R or a package of it is missing; the message says what to install."""

    exit_code = 3


class RCallError(LesionhetError):
    """One call to R failed, timed out or lost its process; the next call can work."""

    exit_code = 3
