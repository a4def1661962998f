"""Labels that people type: spellings of one word are merged, near-misses are only named."""

from __future__ import annotations

import difflib
import itertools
import re
from collections import Counter
from typing import Final

import numpy as np
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
    codes, texts = pd.factorize(cells.to_numpy(dtype=object))
    trimmed = [" ".join(text.split()) for text in texts]
    counts: Counter[str] = Counter()
    for label, n in zip(trimmed, np.bincount(codes + 1, minlength=1)[1:].tolist(), strict=False):
        counts[label] += n
    table = chosen_spellings(pd.Series(counts, dtype=np.int64))
    spelled = dict(zip(table["label"], table["chosen"], strict=True))
    # The last one, None, stands at place -1, that of empty cells.
    taken = np.array([*(spelled[label] for label in trimmed), None], dtype=object)
    merged = pd.Series(taken[codes], index=cells.index, name=cells.name)
    notices = []
    for label, group in table[table["label"] != table["chosen"]].groupby("chosen"):
        pairs = zip(group["label"], group["n"], strict=True)
        others = ", ".join(f"'{old}' ({counted(n, 'row')})" for old, n in pairs)
        notices.append(Notice("note", f"{what}: spellings merged into '{label}': {others}."))
    return merged, notices


def chosen_spellings(counts: pd.Series) -> pd.DataFrame:
    """Choose one spelling of labels that differ only in case, by the rule of `tidy_labels`.

    Parameters
    ----------
    counts
        How often each trimmed label (the index) stands.

    Returns
    -------
    pandas.DataFrame
        ``label``, ``n``, ``key`` (what spellings of one label share), ``chosen`` (the spelling taken);
        the most frequent first.

    Examples
    --------
    >>> chosen_spellings(pd.Series({"LIVER": 1, "Liver": 2}))[["key", "chosen"]].values.tolist()
    [['liver', 'Liver'], ['liver', 'Liver']]
    """
    of_label = {str(label): int(n) for label, n in counts.items()}
    labels = sorted(of_label, key=lambda label: (-of_label[label], label.isupper(), label))
    chosen: dict[str, str] = {}
    for label in labels:
        chosen.setdefault(label.casefold(), label)
    keys = [label.casefold() for label in labels]
    found = {
        "label": labels,
        "n": [of_label[label] for label in labels],
        "key": keys,
        "chosen": [chosen[key] for key in keys],
    }
    return pd.DataFrame(found).astype({"label": object, "key": object, "chosen": object})


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
