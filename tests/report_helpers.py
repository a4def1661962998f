"""Small cohorts with awkward names, and a reader of the page as a browser sees it."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pandas as pd

from lesionhet.cohort import Cohort, cohort_from_frames
from lesionhet.simulate import simulate_trial

SCRIPT_SITE = "<script>alert(1)</script>"
FORMULA_ID = "=cmd()"
FORMULA_COLUMN = "@covariate"
SEED = 7


def awkward_cohort(n_patients: int = 60) -> Cohort:
    """Simulated patients; one id is a formula, one site and one arm are HTML, one heading a formula."""
    trial = simulate_trial(n_patients=n_patients, seed=SEED)
    lesions, patients = trial.lesions.copy(), trial.patients.copy()
    first = patients["patient_id"].iloc[0]
    for table in (lesions, patients):
        table["patient_id"] = table["patient_id"].replace({first: FORMULA_ID})
    lesions["site"] = lesions["site"].replace({"liver": SCRIPT_SITE})
    arm = patients["arm"].value_counts().index[0]
    patients["arm"] = patients["arm"].replace({arm: "<img src=x onerror=alert(2)>"})
    patients[FORMULA_COLUMN] = '+1 & "more"'
    return cohort_from_frames(lesions, patients)


def plain_cohort() -> Cohort:
    """Four patients, 1 to 3 lesions, no site, no patients table."""
    sizes = {
        ("P1", "L1"): (20, 12, 14),
        ("P1", "L2"): (30, 31, 40),
        ("P2", "L1"): (15, 15, 9),
        ("P3", "L1"): (50, 30, 20),
        ("P3", "L2"): (22, 22, 22),
        ("P3", "L3"): (18, 10, 30),
        ("P4", "L1"): (11, 13, 20),
        ("P4", "L2"): (33, 21, 18),
    }
    rows = [
        (patient, lesion, day, float(size))
        for (patient, lesion), series in sizes.items()
        for day, size in zip((-3, 56, 112), series, strict=True)
    ]
    columns = ["patient_id", "lesion_id", "day", "diameter_mm"]
    return cohort_from_frames(pd.DataFrame(rows, columns=columns))


class Page(HTMLParser):
    """Tags with their attributes, and the text that is read (styles and scripts apart)."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self.code = {"script": "", "style": ""}
        self._inside = ""
        self.feed(self.source)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.pieces).split())

    def attributes(self, name: str) -> list[str]:
        return [found[name] or "" for _, found in self.tags if name in found]

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.tags)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.code:
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.code[self._inside] += data
        else:
            self.pieces.append(data)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
