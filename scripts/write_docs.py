"""Write docs/gallery.md, docs/ledger.md and their pictures from the folder of a demo's report.

Usage: python scripts/write_docs.py demo-report docs
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from ledger_values import VALUES, Demo
from PIL import Image

LEDGER: Final = "ledger.toml"
GALLERY: Final = "images/gallery"
SCREENSHOT: Final = "images/report.png"
WIDEST: Final = 1000
"""Pixels of a picture in the gallery; the report's own have 300 to the inch."""
COLORS: Final = 256
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
SCREEN: Final = "1280,1500"
SYNTHETIC: Final = (
    "Every number here comes from the synthetic cohort of `lesionhet demo`: it shows what the program "
    "does and says nothing about patients or drugs. Written by `make docs`."
)


def main(words: Sequence[str]) -> int:
    """Write everything; the two words are the report's folder and the folder of the docs."""
    if len(words) != 2:
        print(f"{__doc__}", file=sys.stderr)
        return 2
    report, docs = Path(words[0]), Path(words[1])
    content = json.loads((report / "results.json").read_text(encoding="utf-8"))
    published = read_published(docs / LEDGER)
    write_gallery(content, report, docs)
    text = ledger_text(content, published)
    (docs / "ledger.md").write_text(text, encoding="utf-8", newline="\n")
    print(f"[docs] {docs / 'gallery.md'}, {docs / 'ledger.md'}")
    print(f"[docs] {take_screenshot(report / 'report.html', docs / SCREENSHOT)}")
    return 0


def read_published(path: Path) -> dict[str, str]:
    """Read what the paper published, by id.

    Raises
    ------
    ValueError
        An id stands there twice.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["row"]
    found = {row["id"]: row["published"] for row in rows}
    if len(found) < len(rows):
        raise ValueError(f"{path}: an id stands there twice")
    return found


def by_chapter(analyses: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Put the analyses of one chapter together, in the order of the report."""
    chapters: dict[str, list[Mapping[str, Any]]] = {}
    for analysis in analyses:
        chapters.setdefault(analysis["chapter"] or "Analyses", []).append(analysis)
    return chapters


def write_gallery(content: Mapping[str, Any], report: Path, docs: Path) -> None:
    """Write gallery.md and a small picture of every figure; pictures of before are removed."""
    folder = docs / GALLERY
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lines = ["# Gallery", "", SYNTHETIC, ""]
    for chapter, analyses in by_chapter(content["analyses"]).items():
        with_figures = [analysis for analysis in analyses if analysis["charts"]]
        lines += [f"## {escaped(chapter)}", ""] if with_figures else []
        for analysis in with_figures:
            name = anchor(analysis["id"])
            head = f'<a id="{name}"></a>{analysis["id"]} {escaped(analysis["title"])}'
            lines += [f"### {head}", "", escaped(analysis["question"]), ""]
            for chart in analysis["charts"]:
                path = small_picture(report / chart["png"], folder)
                title, caption = escaped(chart["title"]), escaped(chart["caption"])
                address = quote(f"{GALLERY}/{path.name}")
                lines += [f"![{title}]({address})", "", f"**{title}.** {caption}", ""]
    (docs / "gallery.md").write_text("\n".join(lines), encoding="utf-8", newline="\n")


def small_picture(source: Path, folder: Path) -> Path:
    """Write a figure in moderate size and few colours; give its path."""
    target = folder / re.sub(r"[^\w.-]+", "-", source.name)
    with Image.open(source) as image:
        picture = image.convert("RGB")
    if picture.width > WIDEST:
        high = round(picture.height * WIDEST / picture.width)
        picture = picture.resize((WIDEST, high), Image.Resampling.LANCZOS)
    # Maximum coverage keeps the colours of few pixels, such as a single marked patient's.
    few = picture.quantize(COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(target, optimize=True)
    return target


def ledger_text(content: Mapping[str, Any], published: Mapping[str, str]) -> str:
    """Give ledger.md: one row an analysis, the published value beside the simulated one."""
    demo = Demo(content)
    lines = [
        "# Ledger",
        "",
        "Every analysis of the paper by name, with what it published beside what the demo's cohort gives. "
        "The two come from different data and need not be equal. " + SYNTHETIC,
        "",
    ]
    for chapter, analyses in by_chapter(content["analyses"]).items():
        lines += [f"## {escaped(chapter)}", ""]
        lines += ["| id | analysis | figures and tables | published | simulated |"]
        lines += ["| --- | --- | --- | --- | --- |"]
        lines += [_row(demo, analysis, published) for analysis in analyses] + [""]
    return "\n".join(lines)


def _row(demo: Demo, analysis: Mapping[str, Any], published: Mapping[str, str]) -> str:
    name = analysis["id"]
    done = analysis["status"] == "done"
    value = VALUES[name](demo, name) if done else f"not done: {analysis['reason']}"
    figures = len(analysis["charts"])
    parts = [f"[{counted(figures, 'figure')}](gallery.md#{anchor(name)})"] if figures else []
    parts += [counted(len(analysis["tables"]), "table")] if analysis["tables"] else []
    cells = [name, analysis["title"], None, published[name] or "–", value]
    shown = [", ".join(parts) if cell is None else escaped(cell) for cell in cells]
    return f"| {' | '.join(shown)} |"


def counted(n: int, noun: str) -> str:
    """Print a number with its noun."""
    return f"{n} {noun}{'' if n == 1 else 's'}"


def anchor(name: str) -> str:
    """Give the address of an analysis within the gallery."""
    return f"analysis-{name.lower()}"


def escaped(text: str) -> str:
    """Keep Markdown from reading a text as anything but text."""
    return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", text).replace("\n", " ")


def take_screenshot(page: Path, target: Path) -> str:
    """Take a picture of the report's first screen where a browser is installed; say what was done."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        return f"no browser ({', '.join(BROWSERS)}) is installed: {target} is as it was"
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder, "report.png")
        # Browsers refuse their sandbox to root; the page is our own and may reach nothing outside.
        words = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        words += [f"--user-data-dir={folder}/profile", f"--window-size={SCREEN}"]
        words += [f"--screenshot={picture}", page.resolve().as_uri()]
        done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603
        if not picture.is_file():
            return f"{browser} took no picture (exit {done.returncode}): {target} is as it was"
        target.parent.mkdir(parents=True, exist_ok=True)
        small = Path(folder, "small")
        small.mkdir()
        # Copied, not renamed: the two folders may be on different disks.
        shutil.copyfile(small_picture(picture, small), target)
    return f"{target}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
