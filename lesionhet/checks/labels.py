"""Labels that people type: spellings of one word are merged, near-misses are only named."""

from __future__ import annotations

import difflib
import itertools
import re
from typing import Final

import pandas as pd

from lesionhet.readers import Notice
from lesionhet.readers.table import counted, listed

NEAR: Final = 0.8
"""Similarity (difflib ratio) from which two labels are taken for spellings of one."""
RARE: Final = 5
"""A label is rare beside another that stands at least this many times as often."""
_MOST_LABELS: Final = 60
_DIGITS: Final = re.compile(r"\d")


def tidy_labels(cells: pd.Series, what: str) -> tuple[pd.Series, list[Notice]]:
    """Trim white space and merge labels that differ only in case.

    Parameters
    ----------
    cells
        n texts, None where empty.
    what
        File and column, for the notices.

    Returns
    -------
    The labels, each in its most frequent spelling. On ties a mixed or lower-case spelling wins over
    ALL CAPITALS, then the first by alphabet.

    Examples
    --------
    >>> labels, notices = tidy_labels(pd.Series(["Liver", "LIVER", " Lymph  node"]), "site")
    >>> labels.tolist()
    ['Liver', 'Liver', 'Lymph node']
    >>> notices[0].text
    "site: spellings merged into 'Liver': 'LIVER' (1 row)."
    """
    trimmed = cells.map(lambda text: " ".join(text.split()), na_action="ignore")
    counts = trimmed.dropna().value_counts()
    table = pd.DataFrame({"label": counts.index.astype(object), "n": counts.to_numpy()})
    table["key"] = table["label"].map(str.casefold)
    table["capitals"] = table["label"].map(str.isupper)
    table = table.sort_values(["n", "capitals", "label"], ascending=[False, True, True])
    chosen = table.groupby("key", sort=False)["label"].first()
    table["chosen"] = table["key"].map(chosen)
    merged = trimmed.map(dict(zip(table["label"], table["chosen"], strict=True)))
    merged = merged.astype(object).where(trimmed.notna(), None)
    notices = []
    for label, group in table[table["label"] != table["chosen"]].groupby("chosen"):
        pairs = zip(group["label"], group["n"], strict=True)
        others = ", ".join(f"'{old}' ({counted(n, 'row')})" for old, n in pairs)
        notices.append(Notice("note", f"{what}: spellings merged into '{label}': {others}."))
    return merged, notices


def near_labels(labels: pd.Series, what: str, unit: str) -> list[Notice]:
    """Name rare labels that are nearly spelled like a frequent one; nothing is merged.

    Parameters
    ----------
    labels
        One label a unit; missing where empty. Columns of more than 60 labels are free text and pass.
        Labels that differ in their digits only (Arm 1, Arm 2) pass too.
    what
        File and column, for the notices.
    unit
        What is counted, such as ``"lesion"``.

    Examples
    --------
    >>> near_labels(pd.Series(["Liver"] * 5 + ["LIVR"]), "site", "lesion")[0].text
    "site: 'LIVR' (1 lesion) is spelled almost like 'Liver' (5 lesions); they are kept apart."
    """
    counts = labels.dropna().value_counts()
    if len(counts) > _MOST_LABELS:
        return []
    pairs = [
        (rare, often)
        for often, rare in itertools.permutations(sorted(counts.index), 2)
        if _is_rare(int(counts[rare]), int(counts[often])) and _is_near(rare, often)
    ]
    return [
        Notice(
            "warning",
            f"{what}: '{rare}' ({counted(int(counts[rare]), unit)}) is spelled almost like '{often}' "
            f"({counted(int(counts[often]), unit)}); they are kept apart.",
        )
        for rare, often in sorted(pairs)
    ]


def near_identifiers(names: pd.Series, what: str) -> list[Notice]:
    """Name identifiers that differ only in case, white space, punctuation or leading zeros.

    Parameters
    ----------
    names
        Identifiers, each once or more.
    what
        File and column, for the notice.
    """
    unique = pd.Series(sorted(set(names.dropna())), dtype=object)
    folded = fold_identifier(unique)
    alike = unique[folded.duplicated(keep=False)].groupby(folded).agg(list)
    groups = ["' and '".join(group) for group in alike]
    if not groups:
        return []
    text = f"{what}: names that are almost the same are read as different: {listed(groups)}."
    return [Notice("warning", text)]


def fold_identifier(names: pd.Series) -> pd.Series:
    """Fold case, white space, ``- _ . /`` and leading zeros of identifiers, to find misspellings.

    Examples
    --------
    >>> fold_identifier(pd.Series(["P-007", "p7 "])).tolist()
    ['p7', 'p7']
    """
    folded = names.map(str.casefold, na_action="ignore")
    folded = folded.str.replace(r"[\s\-_./]+", "", regex=True)
    return folded.str.replace(r"(?<![0-9])0+(?=[0-9])", "", regex=True)


def _is_rare(n: int, beside: int) -> bool:
    return RARE * n <= beside or (n == 1 and beside > 1)


def _is_near(a: str, b: str) -> bool:
    if _DIGITS.sub("", a) == _DIGITS.sub("", b):
        return False
    return difflib.SequenceMatcher(None, a.casefold(), b.casefold()).ratio() >= NEAR
