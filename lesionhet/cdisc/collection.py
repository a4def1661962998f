"""From files to the data sets of a study: which file is which, what is missing, what is ignored."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Final

import pandas as pd

from lesionhet.cdisc.domain import Domain, by_value, domain_of, joined
from lesionhet.errors import InputError, Problem
from lesionhet.intake import Source
from lesionhet.readers import Notice, RawTable, ReadOptions, read_bytes, read_table
from lesionhet.readers.formats.sniff import FORMAT_OF_SUFFIX
from lesionhet.readers.table import counted, listed

SDTM: Final = ("TU", "TR", "DM", "RS", "DS", "EX", "LB", "MI", "GF", "SUPP")
"""SDTM data sets that the program reads; SUPP stands for every supplemental data set of these."""
ADAM: Final = ("ADSL", "ADTR", "ADTTE")
"""ADaM data sets that the program reads."""
_SUPP: Final = "SUPP"
_IGNORED: Final = "Files ignored:"
_PART: Final = re.compile(r"[-_. ]?\d+$")
_DOMAIN_LIKE: Final = re.compile(r"(?:[A-Z]{2}|SUPP[A-Z]{2}|AD[A-Z]{2,6})")

FileReader = Callable[[ReadOptions], RawTable]


@dataclass(frozen=True, eq=False)
class Collection:
    """The data sets of a study that were found.

    Parameters
    ----------
    domains
        Name in upper case -> data set, such as ``"TR"`` or ``"SUPPTR"``.
    notices
        What was ignored, and what was noticed while reading.
    """

    domains: Mapping[str, Domain]
    notices: tuple[Notice, ...] = ()

    def sources(self) -> tuple[Source, ...]:
        """Say where each data set came from."""
        return tuple(domain.source() for domain in self.domains.values())

    def require(self, *names: str) -> None:
        """Raise an error that names every one of these data sets that was not found.

        Raises
        ------
        InputError
            A data set is missing.
        """
        ignored = "".join(f" {n.text}" for n in self.notices if n.text.startswith(_IGNORED))
        problems = [
            Problem(
                ", ".join(d.file for d in self.domains.values()) or "the files given",
                "",
                f"{name} is needed; found: {listed(list(self.domains), 20) or 'no data set'}.{ignored}",
                f"Add the data set {name}, such as {name.lower()}.xpt or {name.lower()}.csv.",
            )
            for name in names
            if name not in self.domains
        ]
        if problems:
            raise InputError(problems)


@dataclass
class _Found:
    """What was found so far."""

    parts: dict[str, list[Domain]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def collect(
    paths: Sequence[str | os.PathLike[str]] | str | os.PathLike[str],
    wanted: Sequence[str] = SDTM,
    options: ReadOptions | None = None,
) -> Collection:
    r"""Read the data sets of a study from a folder or from files.

    A file is the data set that its column DOMAIN names (RDOMAIN for a supplemental one), else the one that
    its name begins with: ``tr.xpt``, ``TR.csv``, ``supptr.sas7bdat``. Parts of one data set
    (``tr_1.xpt``, ``tr_2.xpt``) are put together. Of a folder, only the files directly in it are read.

    Parameters
    ----------
    paths
        A folder, or files and folders.
    wanted
        Data sets that are read; others are ignored, with a note. `SDTM` or `ADAM`.
    options
        ``missing``, ``encoding`` and ``separator`` are used.

    Raises
    ------
    InputError
        A file that cannot be read, one file with several data sets, or two files with the same rows.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "tr.csv").write_text("DOMAIN,USUBJID,TRSEQ\nTR,P1,1\n")
    ...     _ = Path(folder, "readme.md").write_text("not a data set")
    ...     found = collect(folder)
    >>> list(found.domains), [notice.text for notice in found.notices]
    (['TR'], ["Files ignored: 'readme.md'."])
    """
    found = _Found()
    for path in [paths] if isinstance(paths, str | os.PathLike) else paths:
        if Path(path).is_dir():
            _folder(found, Path(path), wanted, options)
        else:
            found.problems += _take(
                found, os.fspath(path), _reader_of(os.fspath(path)), wanted, options
            )
    return _finish(found)


def collect_bytes(
    files: Iterable[tuple[str, bytes]],
    wanted: Sequence[str] = SDTM,
    options: ReadOptions | None = None,
) -> Collection:
    """Read the data sets of a study from the bytes of files, such as ones that were uploaded.

    Parameters
    ----------
    files
        Name and content of each.
    wanted, options
        As in `collect`.

    Raises
    ------
    InputError
        As `collect`.
    """
    found = _Found()
    for name, data in files:
        found.problems += _take(found, name, _reader_of_bytes(name, data), wanted, options)
    return _finish(found)


def _reader_of(path: str) -> FileReader:
    return lambda options: read_table(path, options)


def _reader_of_bytes(name: str, data: bytes) -> FileReader:
    return lambda options: read_bytes(name, data, options)


def _folder(
    found: _Found, folder: Path, wanted: Sequence[str], options: ReadOptions | None
) -> None:
    inside = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    files = [path for path in inside if path.is_file()]
    named = [p for p in inside if p not in files and p.suffix.lower() in FORMAT_OF_SUFFIX]
    found.ignored += [path.name for path in named]
    before = (len(found.parts), len(found.problems))
    for path in files:
        name = _name_of_file(path.name)
        other = _DOMAIN_LIKE.fullmatch(name) is not None and not _is_wanted(name, wanted)
        if path.suffix.lower() not in FORMAT_OF_SUFFIX or other:
            found.ignored.append(path.name)
            continue
        problems = _take(found, str(path), _reader_of(str(path)), wanted, options)
        if _is_wanted(name, wanted):
            found.problems += problems
        elif problems:
            # Nobody asked for this file by its name: a folder holds other things too.
            found.ignored.append(path.name)
    if (len(found.parts), len(found.problems)) == before:
        endings = ", ".join(FORMAT_OF_SUFFIX)
        found.problems.append(
            Problem(
                str(folder),
                "",
                f"the folder holds no data set among {', '.join(wanted)}.",
                f"Give the folder with these files themselves; permitted endings: {endings}.",
            )
        )


def _take(
    found: _Found,
    file: str,
    read: FileReader,
    wanted: Sequence[str],
    options: ReadOptions | None,
) -> Sequence[Problem]:
    """Read one file and file it under the data set that it is; give the problems."""
    options = options or ReadOptions()
    try:
        domain = domain_of("", read(options), options)
    except InputError as error:
        return error.problems
    names = _names(domain)
    if len(names) > 1:
        message = f"several data sets stand in one file: {listed(names)}."
        return [Problem(file, "DOMAIN", message, "Save each as a file of its own.")]
    name = names[0] if names else _name_of_file(PurePath(file).name)
    if _is_wanted(name, wanted):
        found.parts.setdefault(name, []).append(domain)
    else:
        found.ignored.append(PurePath(file).name)
    return []


def _names(domain: Domain) -> list[str]:
    """Name the data sets that the rows of a file say they are."""
    file = _name_of_file(PurePath(domain.file).name)
    if file.startswith("AD") and not domain.filled("RDOMAIN"):
        # ADaM data sets keep the DOMAIN of the rows that they were made of.
        return []
    column, prefix = (
        ("RDOMAIN", _SUPP) if domain.filled("RDOMAIN") and domain.has("QNAM") else ("DOMAIN", "")
    )
    return [prefix + str(name).upper() for name in domain.text(column).dropna().unique()]


def _name_of_file(name: str) -> str:
    """Give the data set that a file name begins with.

    Examples
    --------
    >>> _name_of_file("TR_2.xpt"), _name_of_file("supptu.csv"), _name_of_file("adtr.sas7bdat")
    ('TR', 'SUPPTU', 'ADTR')
    """
    return _PART.sub("", PurePath(name).stem.upper())


def _is_wanted(name: str, wanted: Sequence[str]) -> bool:
    if name.startswith(_SUPP) and len(name) > len(_SUPP):
        return _SUPP in wanted and name[len(_SUPP) :] in wanted
    return name in wanted and name != _SUPP


def _finish(found: _Found) -> Collection:
    domains = {}
    for name in sorted(found.parts):
        parts = found.parts[name]
        found.problems += _overlaps(name, parts)
        domains[name] = joined(name, [replace(part, name=name) for part in parts])
    if found.problems:
        raise InputError(found.problems)
    notices = list(found.notices)
    if found.ignored:
        text = f"{_IGNORED} {listed(sorted(found.ignored), 20)}."
        notices.append(Notice("note", text))
    for name, parts in found.parts.items():
        if len(parts) > 1:
            files = " and ".join(part.file for part in parts)
            notices.append(Notice("note", f"{name} is put together of {files}."))
    return Collection(domains, (*notices, *(n for d in domains.values() for n in d.notices)))


def _comparable(texts: pd.Series) -> pd.Series:
    """Give numbers as numbers: 1.0 in a text file is 1 in another format."""
    numbers = pd.to_numeric(texts, errors="coerce").astype(object)
    return numbers.where(numbers.notna(), texts)


def _overlaps(name: str, parts: Sequence[Domain]) -> list[Problem]:
    """Find rows that stand in two files of one data set."""
    if len(parts) == 1:
        return []
    keys = ["USUBJID", f"{name[:2]}SEQ"]
    if not all(part.has(*keys) for part in parts):
        keys = [c for c in parts[0].frame.columns if all(part.has(c) for part in parts)]
    rows = [
        pd.DataFrame({key: by_value(_comparable, part.text(key)) for key in keys}).drop_duplicates()
        for part in parts
    ]
    table = pd.concat(rows, ignore_index=True)
    n = int(table.duplicated(keys).sum())
    if not n:
        return []
    files = " and ".join(part.file for part in parts)
    return [
        Problem(
            files,
            "",
            f"several files hold {name}, and {counted(n, 'row')} (by {', '.join(keys[:2])}) in more "
            "than one of them.",
            f"Give one file of {name}, or parts of it without a common row.",
        )
    ]
