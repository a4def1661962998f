"""Anatomic terms -> analysis sites: by a table that a user can extend, tolerant of how terms are written."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.cdisc.site_words import Words, forms_of, one_error, words_of
from lesionhet.errors import InputError, Problem
from lesionhet.readers import Notice, RawTable, read_table
from lesionhet.readers.table import counted, fail, listed

TABLE: Final = "table"
SPELLING: Final = "spelling"
UNMAPPED: Final = "unmapped"
OPEN: Final = "*"
"""At the end of a term: the term's words together with any others."""
MISSPELLED_LETTERS: Final = 6
"""A word of this many letters or more may hold one spelling error."""

_SHOWN: Final = 30
_COLUMNS: Final = ("term", "site")


@dataclass(frozen=True, eq=False)
class _Layer:
    """The terms of one table."""

    exact: Mapping[Words, str]
    open: tuple[tuple[Words, str], ...]
    near: Mapping[Words, tuple[tuple[str, str], ...]]
    """All words of a term but one -> that word and the term's site."""
    longest: int
    """Most words of a term."""


@dataclass(frozen=True, eq=False)
class SiteTable:
    """Which term means which analysis site.

    Parameters
    ----------
    layers
        The tables, the user's before the project's: an earlier one wins.
    sites
        Every site that the tables name, sorted.
    """

    layers: tuple[_Layer, ...]
    sites: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SiteMapping:
    """The analysis site of each term.

    Parameters
    ----------
    sites
        n sites: the table's, or the term itself, tidied, where no table has it; None where empty.
    table
        One row a term: ``term, site, n`` (cells with it), ``how`` (``"table"``, ``"spelling"``,
        ``"unmapped"``), the unmapped first.
    notices
        A warning that lists the terms that no table has, one that lists corrected spellings.
    """

    sites: pd.Series
    table: pd.DataFrame
    notices: tuple[Notice, ...] = field(default=())


def load_sites(path: str | os.PathLike[str] | None = None) -> SiteTable:
    r"""Read the project's table of terms, and a table of the user's that is asked before it.

    Parameters
    ----------
    path
        A table with columns ``term`` and ``site`` and, if wanted, ``comment``, in any format that
        `lesionhet.readers.read_table` takes. A term that ends with ``*`` stands for its words together
        with any others: ``LYMPH NODE *``.

    Raises
    ------
    InputError
        The user's table cannot be read, a column is missing, a cell is empty, or a term has two sites.

    Source: terms of the CDISC codelist LOC, Anatomical Location (C74456), and what radiologists write.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "sites.csv")
    ...     _ = path.write_text("term,site\nCOLON,colon\n")
    ...     own = load_sites(path)
    >>> map_sites(pd.Series(["Colon, sigmoid", "COLON", "LUNGS"]), own).sites.tolist()
    ['GI tract', 'colon', 'lung']
    """
    own = () if path is None else (_user_rows(path),)
    tables = [*own, _project_rows()]
    sites = tuple(sorted({site for rows in tables for _, site in rows}))
    return SiteTable(tuple(_layer(rows) for rows in tables), sites)


def map_sites(terms: pd.Series, table: SiteTable) -> SiteMapping:
    """Give each term its analysis site.

    Case, spaces, punctuation, plurals and the order of words do not matter; words for the side and the
    position (left, upper, lobe, segment 7) are left out where the term as it stands is not in the table.
    One spelling error in a word of 6 letters or more is forgiven where one site only is that near.

    Parameters
    ----------
    terms
        n terms as text, such as ``TULOC``; None where empty.
    table
        As `load_sites` gives it.

    Examples
    --------
    >>> cells = pd.Series(["Liver, right lobe", "NODES, LYMPH", "PANCRAES", "Elsewhere", None])
    >>> mapping = map_sites(cells, load_sites())
    >>> mapping.sites.tolist()
    ['liver', 'lymph node', 'pancreas', 'Elsewhere', None]
    >>> mapping.table["how"].tolist()
    ['unmapped', 'table', 'table', 'spelling']
    """
    terms = terms.astype(object).where(terms.notna() & terms.astype(str).str.strip().ne(""), None)
    found = {term: _find(table, term) for term in dict.fromkeys(terms.dropna())}
    sites = terms.map({term: site for term, (site, _) in found.items()}).astype(object)
    counts = terms.value_counts()
    rows = [(term, site, int(counts[term]), how) for term, (site, how) in found.items()]
    rows.sort(key=lambda row: (row[3] != UNMAPPED, str(row[0])))
    mapping = pd.DataFrame(rows, columns=["term", "site", "n", "how"])
    return SiteMapping(sites.where(terms.notna(), None), mapping, tuple(_notices(mapping)))


def _notices(mapping: pd.DataFrame) -> Iterator[Notice]:
    unmapped, spelled = (mapping[mapping["how"].eq(how)] for how in (UNMAPPED, SPELLING))
    if len(unmapped):
        yield Notice(
            "warning",
            f"{counted(len(unmapped), 'anatomic term')} in no table of sites, each kept as a site of its "
            f"own: {listed(list(unmapped['term']), _SHOWN)}. To change this, write a table with columns "
            "term and site and give it with --sites.",
        )
    if len(spelled):
        pairs = [f"'{t}' as {s}" for t, s in zip(spelled["term"], spelled["site"], strict=True)]
        more = f" and {len(pairs) - _SHOWN} more" if len(pairs) > _SHOWN else ""
        text = f"Anatomic terms read with one spelling error: {', '.join(pairs[:_SHOWN])}{more}."
        yield Notice("warning", text)


def _find(table: SiteTable, term: str) -> tuple[str, str]:
    """Give the site of one term and how it was found."""
    forms = forms_of(term)
    for layer in table.layers:
        for words in forms:
            if site := layer.exact.get(words):
                return site, TABLE
        if site := _open(layer, forms[0]):
            return site, TABLE
    for layer in table.layers:
        for words in forms:
            if site := _nearly(layer, words):
                return site, SPELLING
    tidy = " ".join(str(term).split())
    return tidy.lower() if tidy.isupper() else tidy, UNMAPPED


def _open(layer: _Layer, words: Words) -> str | None:
    """Give the site of the open term with the most words; None where two sites have as many."""
    fitting = [(len(own), site) for own, site in layer.open if own <= words]
    most = max((n for n, _ in fitting), default=0)
    sites = {site for n, site in fitting if n == most}
    return sites.pop() if len(sites) == 1 else None


def _nearly(layer: _Layer, words: Words) -> str | None:
    """Give the site of the terms that are one spelling error away; None where they are of two sites."""
    if len(words) > layer.longest:
        return None
    sites = {
        site
        for word in words
        for other, site in layer.near.get(words - {word}, ())
        if len(other) >= MISSPELLED_LETTERS and one_error(word, other)
    }
    return sites.pop() if len(sites) == 1 else None


def _layer(rows: Iterable[tuple[str, str]]) -> _Layer:
    exact, opened = {}, []
    near: dict[Words, list[tuple[str, str]]] = {}
    for term, site in rows:
        words = words_of(term)
        if term.endswith(OPEN):
            opened.append((words, site))
            continue
        exact[words] = site
        for word in words:
            near.setdefault(words - {word}, []).append((word, site))
    return _Layer(
        exact,
        tuple(opened),
        {rest: tuple(found) for rest, found in near.items()},
        max(map(len, exact), default=0),
    )


@cache
def _project_rows() -> tuple[tuple[str, str], ...]:
    text = (resources.files("lesionhet.cdisc") / "sites.csv").read_text(encoding="utf-8")
    return tuple((row["term"], row["site"]) for row in csv.DictReader(text.splitlines()))


def _user_rows(path: str | os.PathLike[str]) -> list[tuple[str, str]]:
    raw = read_table(path)
    headings = {str(name).strip().casefold(): name for name in raw.frame.columns}
    if lacking := [name for name in _COLUMNS if name not in headings]:
        raise fail(
            raw.file,
            f"columns missing: {listed(lacking)}; found: {listed(list(raw.frame.columns))}.",
            "Give a table with columns term and site.",
        )
    cells = pd.DataFrame({name: raw.frame[headings[name]] for name in _COLUMNS})
    text = cells.map(lambda cell: "" if cell is None else " ".join(str(cell).split()))
    if problems := _faults(raw, text):
        raise InputError(problems)
    return list(zip(text["term"], text["site"], strict=True))


def _faults(raw: RawTable, text: pd.DataFrame) -> list[Problem]:
    problems = []
    keys = text["term"].map(lambda term: (words_of(term), term.endswith(OPEN)))
    wordless = ~keys.map(lambda key: bool(key[0]))
    for name, empty in (("term", wordless), ("site", text["site"].eq(""))):
        if empty.any():
            rows = tuple(raw.rows[np.asarray(empty)].tolist())
            message = f"empty where a {name} is expected."
            problems.append(
                Problem(raw.file, name, message, "Fill in the cell or remove the row.", rows)
            )
    sites = text["site"].where(~wordless).groupby(keys).transform("nunique")
    if (several := sites.gt(1)).any():
        found = listed(list(dict.fromkeys(text.loc[several, "term"])))
        rows = tuple(raw.rows[several.to_numpy()].tolist())
        message = f"several sites for one term: {found} (case, plurals and order do not count)."
        problems.append(Problem(raw.file, "term", message, "Keep one row a term.", rows))
    return problems
