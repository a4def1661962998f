"""Labels that attack whoever opens a file: spreadsheets, browsers, file systems, XML readers."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Final

import pandas as pd

from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.intake import ReadingTable
from lesionhet.plan import Contrast, Plan
from lesionhet.simulate import simulate_trial

MARK: Final = "h0stile"
HOSTILE: Final = (
    f'=HYPERLINK("//{MARK}")',
    f"+1+cmd|' /C {MARK}'!A0",
    f"-{MARK}",
    f"@SUM({MARK})",
    f"\uff1d1+{MARK}",
    f'"=1+{MARK}"',
    f"x;={MARK}",
    f"<script>{MARK}()</script>",
    f"<img src=x onerror={MARK}()>",
    f'"><svg/onload={MARK}()>',
    f"' style='x:{MARK}",
    f"javascript:{MARK}()",
    f"</style><b>{MARK}",
    f"]]><{MARK}/>",
    f"&{MARK};<!ENTITY {MARK} SYSTEM 'file:///etc/passwd'>",
    f"{{{{ {MARK} }}}}{{% include '{MARK}' %}}",
    f"../../../{MARK}",
    f"/etc/{MARK}",
    f"..\\..\\{MARK}",
    f"C:\\{MARK}",
    "CON",
    "nul.csv",
    f"{MARK}:stream",
    "~root",
    f"{MARK}\u202egpj.exe",
    f"%0d%0a={MARK}",
    f"$(touch {MARK})",
    f"`touch {MARK}`",
    f"!include {MARK}",
    "x" * 300 + MARK,
)
"""One attack each. They hold no control characters: those stand in `CONTROL`."""
CONTROL: Final = (f"a\r={MARK}", f"b\n={MARK}", f"\t={MARK}", f"\x01{MARK}", f"{MARK}\x1b[2J")
"""In identifiers only: other texts lose their white space when a cohort is read."""
FORMULA: Final = tuple("=+-@\t\r\n＝＋－＠")
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


def hostile_cohort(*, controls: bool) -> tuple[Cohort, Plan]:
    """Simulate 40 patients whose every label is hostile, with a decision of a reader about them.

    Parameters
    ----------
    controls
        Whether identifiers have control characters as well.
    """
    trial = simulate_trial(n_patients=40, seed=5)
    lesions, patients = trial.lesions.copy(), trial.patients.copy()
    pool = HOSTILE + (CONTROL if controls else ())
    ids = {name: f"{pool[k % len(pool)]}{k}" for k, name in enumerate(patients["patient_id"])}
    for table in (lesions, patients):
        table["patient_id"] = table["patient_id"].map(ids)
    numbers = {name: k for k, name in enumerate(dict.fromkeys(lesions["lesion_id"]))}
    lesions["lesion_id"] = [f"{pool[numbers[n] % len(pool)]}{n}" for n in lesions["lesion_id"]]
    lesions["site"] = _mapped(lesions["site"], 0)
    lesions["visit"] = _mapped(lesions["visit"], 8)
    patients["arm"] = _mapped(patients["arm"], 7)
    patients["trial"] = _mapped(patients["trial"], 2)
    patients["kras"] = _mapped(patients["kras"], 12)
    for number, heading in enumerate(HOSTILE[:12]):
        patients[heading] = HOSTILE[-1 - number]
    arms = tuple(dict.fromkeys(patients["arm"]))
    plan = Plan(
        organs=tuple(lesions["site"].value_counts().index[:2]),
        contrasts=(Contrast("3", HOSTILE[7], arms[:1], HOSTILE[8], arms[1:]),),
    )
    cohort = cohort_from_frames(lesions, patients)
    frame = pd.DataFrame({HOSTILE[0]: list(HOSTILE), "n": range(len(HOSTILE))})
    decision = ReadingTable("sites", HOSTILE[7], HOSTILE[8], frame)
    sources = tuple(replace(source, file=HOSTILE[8]) for source in cohort.sources)
    return replace(cohort, reading=(decision,), sources=sources), plan


def _mapped(texts: pd.Series, start: int) -> pd.Series:
    """Put a hostile label in the place of each different text."""
    labels = HOSTILE[start:] + HOSTILE[:start]
    known = list(dict.fromkeys(texts.dropna()))
    return texts.map({name: labels[k % len(labels)] for k, name in enumerate(known)})


def csv_rows(data: bytes) -> list[list[str]]:
    """Read a CSV as a spreadsheet does: a bare carriage return ends a row, a quoted one does not."""
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline="")))


class Elements(HTMLParser):
    """What a browser would make of a page: its elements and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def dangers(text: str, *, scripts: int) -> list[str]:
    """Name what in a page would act: foreign scripts, handlers, addresses, elements from labels."""
    found = []
    elements = Elements(text)
    if (n := sum(tag == "script" for tag, _ in elements.tags)) != scripts:
        found.append(f"{n} scripts")
    for tag, attributes in elements.tags:
        if MARK in tag or tag in ("iframe", "object", "embed", "base", "form", "link"):
            found.append(f"element {tag}")
        for name, value in attributes.items():
            plain = (value or "").strip().lower()
            if name.startswith("on") or MARK in name:
                found.append(f"attribute {name} of {tag}")
            if name in ("href", "src", "action") and not _is_local(plain):
                found.append(f"address {plain[:60]} of {tag}")
            if name == "style" and MARK in plain:
                found.append(f"style of {tag}")
    return found


def _is_local(address: str) -> bool:
    if address.startswith(("#", "data:image/")):
        return True
    return ":" not in address and not address.startswith("/") and ".." not in address


def bad_names(names: list[str]) -> list[str]:
    """Name the relative paths that some file system would refuse, misplace or mix up."""
    found = []
    for name in names:
        path = PurePosixPath(name)
        parts = path.parts
        if path.is_absolute() or ".." in parts or len(name) > 200:
            found.append(name)
        found += [
            part
            for part in parts
            if not _PLAIN_NAME.fullmatch(part) or _RESERVED.fullmatch(part) or part.endswith(".")
        ]
    folded = [name.casefold() for name in names]
    return found + [name for name in names if folded.count(name.casefold()) > 1]


def files_of(folder: Path) -> list[str]:
    """Give the relative paths of all files of a folder."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
