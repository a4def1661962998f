"""Figures inside the page: SVG, or PNG where drawings of many points would make the page heavy."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from lesionhet.report.section import Picture

if TYPE_CHECKING:
    from lesionhet.workers import Crew

MOST_OF_ONE: Final = 400_000
"""Bytes of an SVG above which its PNG is embedded where that is smaller."""
MOST_OF_ALL: Final = 5_500_000
"""Bytes of all figures of a page; embedded they take a third more."""
PIXELS_PER_POINT: Final = 1.7
"""A figure is made for print; on screen its letters need a quarter more than their size there."""
COLORS: Final = 256
COMPRESSION: Final = 7
"""Of 9, which takes six times as long for a fifteenth less."""

_PATH: Final = re.compile(rb' d="[^"]*"')
_LONG_NUMBER: Final = re.compile(rb"\d+\.\d{3,}")


@dataclass(frozen=True)
class Embedded:
    """One figure in the page: itself, its data address, its width on screen in pixels."""

    picture: Picture
    address: str
    width: int | None


def embed(
    pictures: Sequence[Picture],
    folder: Path,
    crew: Crew | None = None,
    most_of_one: int = MOST_OF_ONE,
    most_of_all: int = MOST_OF_ALL,
) -> dict[str, Embedded]:
    """Turn figures into data addresses.

    Parameters
    ----------
    pictures
        Figures of a page.
    folder
        Where their paths begin.
    crew
        Processes that share the work; default: this one alone.
    most_of_one, most_of_all
        Bytes above which a PNG of 256 colours takes the place of the SVG: of one figure, and of all
        together (the heaviest first). A PNG that is no smaller takes no place.

    Returns
    -------
    dict
        Path of the SVG -> the figure as embedded. The files in the folder stay as they are.
    """
    content = {p.svg: (lean((folder / p.svg).read_bytes()), "svg+xml") for p in pictures}
    sizes = {svg: len(drawing) for svg, (drawing, _) in content.items()}
    total = sum(sizes.values())
    heaviest_first = sorted(pictures, key=lambda p: -sizes[p.svg])
    while batch := _too_heavy(heaviest_first, sizes, total, most_of_one, most_of_all):
        paths = [folder / picture.png for picture in batch]
        found = crew.run(_few_colors, paths) if crew else map(_few_colors, paths)
        for picture, png in zip(batch, found, strict=True):
            if len(png) < sizes[picture.svg]:
                content[picture.svg] = (png, "png")
                total += len(png) - sizes[picture.svg]
        heaviest_first = heaviest_first[len(batch) :]
    return {p.svg: _embedded(p, folder, *content[p.svg]) for p in pictures}


def _too_heavy(
    heaviest_first: Sequence[Picture],
    sizes: Mapping[str, int],
    total: int,
    most_of_one: int,
    most_of_all: int,
) -> list[Picture]:
    """Give the first pictures that have to be replaced however small their PNGs are."""
    found = []
    for picture in heaviest_first:
        size = sizes[picture.svg]
        if size <= most_of_one and total <= most_of_all:
            break
        found.append(picture)
        total -= size
    return found


def lean(svg: bytes) -> bytes:
    """Take from an SVG what nobody sees: decimals beyond a hundredth of a point, comments, line ends.

    Examples
    --------
    >>> lean(b'<svg> <!-- x --> <path d="M 1.23456 2   L 3.000000 4"/> </svg>')
    b'<svg><path d="M 1.23 2 L 3 4"/></svg>'
    """
    shorter = _PATH.sub(
        lambda path: b" " + _LONG_NUMBER.sub(_rounded, b" ".join(path[0].split())), svg
    )
    return re.sub(rb">\s+<", b"><", re.sub(rb"<!--.*?-->", b"", shorter, flags=re.DOTALL))


def _rounded(number: re.Match[bytes]) -> bytes:
    return (b"%.2f" % float(number[0])).rstrip(b"0").rstrip(b".")


def _few_colors(path: Path) -> bytes:
    """Give a PNG in a palette; it comes with matplotlib's own library, loaded only when needed."""
    from PIL import Image

    with Image.open(path) as image:
        pixels = np.asarray(image.convert("RGBX"))
    colors = pixels.view(np.uint32).ravel()
    # One pixel of each run of equal ones: of a drawing a twentieth, with the same colours.
    starts = np.flatnonzero(np.diff(colors, prepend=~colors[:1]))
    runs = Image.frombuffer("RGBX", (len(starts), 1), colors[starts].tobytes()).convert("RGB")
    # Maximum coverage keeps the colours of few pixels, such as a single marked patient's.
    few = runs.quantize(COLORS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    places = np.repeat(np.asarray(few).ravel(), np.diff(starts, append=len(colors)))
    picture = Image.fromarray(places.reshape(pixels.shape[:2]), "L")
    picture.putpalette(few.getpalette() or [])
    target = io.BytesIO()
    picture.save(target, "PNG", compress_level=COMPRESSION)
    return target.getvalue()


def _embedded(picture: Picture, folder: Path, content: bytes, kind: str) -> Embedded:
    address = f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
    width = re.search(rb'<svg[^>]*? width="([0-9.]+)pt"', (folder / picture.svg).read_bytes())
    return Embedded(picture, address, round(float(width[1]) * PIXELS_PER_POINT) if width else None)
