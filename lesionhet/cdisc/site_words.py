"""The words of an anatomic term: what people vary is folded, what says side or position can be left out."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

Words = frozenset[str]

_JOINING: Final = frozenset({"OF", "THE", "IN", "AT", "ON"})
_LESION: Final = frozenset(
    {
        *("LESION", "MASS", "NODULE", "TUMOR", "TUMOUR"),
        *("METASTASIS", "METASTASE", "METASTATIC", "MET"),
    }
)
_SIDE: Final = frozenset({"LEFT", "RIGHT", "BILATERAL", "BOTH", "UNILATERAL", "L", "R", "LT", "RT"})
_POSITION: Final = frozenset(
    {
        *("UPPER", "LOWER", "MIDDLE", "MID", "CENTRAL", "PERIPHERAL", "PROXIMAL", "DISTAL"),
        *("ANTERIOR", "POSTERIOR", "SUPERIOR", "INFERIOR", "LATERAL", "MEDIAL", "LINGULAR"),
        *("BASAL", "APICAL", "APEX", "BASE", "DOME", "POLE", "APICOPOSTERIOR"),
        *("LOBE", "SEGMENT", "SEG", "LEVEL", "PART", "PORTION", "REGION", "AREA", "SITE"),
        *("ANTEROLATERAL", "ANTEROMEDIAL", "ANTEROINFERIOR", "ANTEROSUPERIOR", "INFEROMEDIAL"),
        *("POSTEROLATERAL", "POSTEROMEDIAL", "POSTEROINFERIOR", "POSTEROSUPERIOR", "SUPEROMEDIAL"),
    }
)
_SEGMENT: Final = re.compile(r"S?[0-9]{1,2}[AB]?|S?(?:I{1,3}|IV|VI{0,3})[AB]?")


def words_of(term: str) -> Words:
    """Fold case, accents, punctuation, plurals and the order of the words of a term.

    Examples
    --------
    >>> words_of("Nodes, Lymph") == words_of("lymph-node")
    True
    """
    text = unicodedata.normalize("NFKD", str(term)).upper()
    text = "".join(sign for sign in text if not unicodedata.combining(sign)).replace("'", "")
    return frozenset(map(_singular, re.findall(r"[^\W_]+", text))) - _JOINING


def forms_of(term: str) -> list[Words]:
    """Give the words of a term, then without lesion and side, then without the position as well.

    Examples
    --------
    >>> [sorted(words) for words in forms_of("Left lung, upper lobe")]
    [['LEFT', 'LOBE', 'LUNG', 'UPPER'], ['LOBE', 'LUNG', 'UPPER'], ['LUNG']]
    """
    words = words_of(term)
    sideless = words - _LESION - _SIDE
    bare = frozenset(w for w in sideless - _POSITION if not _SEGMENT.fullmatch(w))
    forms = [words, sideless, bare]
    return [form for i, form in enumerate(forms) if i == 0 or (form and form not in forms[:i])]


def one_error(a: str, b: str) -> bool:
    """Say whether two words differ by one letter more, less or other, or by two that changed places.

    Examples
    --------
    >>> [one_error("PANCREAS", other) for other in ("PANCREA", "PANCRAES", "PANKREAS", "PANKRES")]
    [True, True, True, False]
    """
    if abs(len(a) - len(b)) > 1 or a == b:
        return False
    pairs = enumerate(zip(a, b, strict=False))
    start = next((i for i, (x, y) in pairs if x != y), min(len(a), len(b)))
    rest, other = a[start:], b[start:]
    if len(a) == len(b):
        return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
    return rest[1:] == other or rest == other[1:]


def _singular(word: str) -> str:
    if len(word) < 4:
        return word
    if word.endswith("IES"):
        return word[:-3] + "Y"
    if word.endswith("AE"):
        return word[:-1]
    return word[:-1] if word.endswith("S") and word[-2] not in "SUI" else word
