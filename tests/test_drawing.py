"""A report written by one process and by two: the same files, the same words about what was left out."""

from __future__ import annotations

import dataclasses
import io
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import figures_helpers as make
import numpy as np
import numpy.typing as npt
import pytest
from matplotlib import font_manager
from matplotlib.figure import Figure
from PIL import Image
from report_helpers import contents, plain_cohort

from lesionhet.analyses.base import AnalysisResult, Shown
from lesionhet.charts import Chart, ForestChart
from lesionhet.figures import draw, pdf_fonts, render
from lesionhet.outcome import Outcome
from lesionhet.pipeline import analyze
from lesionhet.report import embed, write_report
from lesionhet.report.drawing import drawing
from lesionhet.report.section import Picture
from lesionhet.workers import Crew


@pytest.fixture(scope="module")
def small() -> Outcome:
    return analyze(plain_cohort(), r="off", only=["T1", "2A-tau", "2C"])


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with Crew(2, helping=True) as two:
        yield two


def with_charts(outcome: Outcome, **charts: Chart) -> Outcome:
    result = AnalysisResult("X1", "An analysis", "Why?", "", "done", shown=Shown({}, charts))
    return dataclasses.replace(outcome, results=(result,))


def empty_chart() -> ForestChart:
    chart = make.forest()
    return dataclasses.replace(chart, rows=chart.rows.iloc[:0])


def undated(folder: Path) -> dict[str, list[bytes]]:
    """Give the lines of every file but those that say when it was written."""
    found = {}
    for name, content in contents(folder).items():
        lines = content.split(b"\n")
        dated = name in ("report.html", "results.json")
        found[name] = [line for line in lines if not (dated and b"T" in line and b"+00:00" in line)]
    return found


def test_two_processes_write_what_one_does(small: Outcome, crew: Crew, tmp_path: Path) -> None:
    charts = {kind: make.KINDS[kind]() for kind in list(make.KINDS)[:6]}
    drawn = with_charts(small, **charts, empty=empty_chart())
    outcome = dataclasses.replace(drawn, results=(*small.results, *drawn.results))

    alone = write_report(outcome, tmp_path / "one", "lesionhet analyze").parent
    together = write_report(outcome, tmp_path / "two", "lesionhet analyze", crew=crew).parent

    assert len([name for name in contents(alone) if name.endswith(".pdf")]) == 6
    assert undated(together) == undated(alone)


def test_what_cannot_be_drawn_is_left_out_by_any_process(
    small: Outcome, crew: Crew, tmp_path: Path
) -> None:
    outcome = with_charts(small, a=empty_chart(), b=make.box(), c=empty_chart())
    found = []
    for name, drawers in (("one", None), ("two", crew)):
        with drawing(outcome, tmp_path / name, lambda _: None, drawers) as drawn:
            found.append(drawn())

    assert found[0] == found[1]
    assert [bool(found[0][f"X1_{name}"]) for name in "abc"] == [True, False, True]


def test_warnings_of_other_processes_are_seen(small: Outcome, crew: Crew, tmp_path: Path) -> None:
    charts = {f"c{k}": make.box((f"low {chr(0xE0FF0 + k)}", "high")) for k in range(4)}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with drawing(with_charts(small, **charts), tmp_path, lambda _: None, crew) as drawn:
            drawn()

    texts = {str(item.message) for item in told}
    assert len([text for text in texts if "No installed font can draw" in text]) == 4


def test_drawing_stops_where_the_rest_fails(small: Outcome, tmp_path: Path) -> None:
    charts = {f"c{k}": make.forest() for k in range(30)}
    with (
        Crew(1) as alone,
        pytest.raises(ZeroDivisionError),
        drawing(with_charts(small, **charts), tmp_path, lambda _: None, alone),
    ):
        raise ZeroDivisionError

    assert len(list(tmp_path.rglob("*.pdf"))) < 30


# Heavy drawings


def one_by_one(
    pictures: list[Picture], sizes: dict[str, tuple[int, int]], one: int, every: int
) -> set[str]:
    """Replace the heaviest while something is too heavy, one after the other."""
    total, found = sum(svg for svg, _ in sizes.values()), set()
    for picture in sorted(pictures, key=lambda p: -sizes[p.svg][0]):
        svg, png = sizes[picture.svg]
        if svg <= one and total <= every:
            break
        if png < svg:
            found.add(picture.svg)
            total += png - svg
    return found


def test_drawings_are_replaced_together_as_they_would_be_one_by_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sizes = {
        f"{k}.svg": (300 + 97 * (7 * k % 12), (80, 2000, 150, 40)[k % 4] + 10 * k)
        for k in range(12)
    }
    pictures = [Picture(make.forest(), f"{k}.svg", f"{k}.png", f"{k}.pdf") for k in range(12)]
    for name, (svg, png) in sizes.items():
        (tmp_path / name).write_bytes(b"<svg>" + b"x" * (svg - 11) + b"</svg>")
        (tmp_path / name).with_suffix(".png").write_bytes(b"p" * png)
    monkeypatch.setattr(embed, "_few_colors", Path.read_bytes)
    seen = set()
    for one in (0, 500, 900, 5000):
        for every in (0, 1000, 3000, 6000, 20_000):
            found = embed.embed(pictures, tmp_path, None, one, every)
            as_png = {svg for svg, e in found.items() if e.address.startswith("data:image/png")}
            assert as_png == one_by_one(pictures, sizes, one, every)
            seen.add(len(as_png))
    assert len(seen) > 4


def test_a_smaller_png_has_the_same_pixels(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(render(draw(make.forest()), "png"))
    with Image.open(tmp_path / "x.png") as before:
        colors = before.convert("RGB").getcolors(2**16)
        few = Image.open(io.BytesIO(embed._few_colors(tmp_path / "x.png")))
        assert colors is not None
        if len(colors) <= embed.COLORS:
            assert few.convert("RGB").tobytes() == before.convert("RGB").tobytes()
        assert few.size == before.size


def few_colors(pixels: npt.NDArray[np.uint8], folder: Path) -> npt.NDArray[np.uint8]:
    Image.fromarray(pixels).save(folder / "x.png")
    few = Image.open(io.BytesIO(embed._few_colors(folder / "x.png")))
    assert few.mode == "P"
    return np.asarray(few.convert("RGB"))


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (40, 30)])
def test_a_picture_of_few_colors_keeps_every_pixel(shape: tuple[int, int], tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    palette = rng.integers(0, 256, (embed.COLORS, 3), dtype=np.uint8)
    # Runs that go on from one row to the next, single pixels, and one pixel of a colour of its own.
    places = np.repeat(rng.integers(1, 9, shape[0] * shape[1]), 3)[: shape[0] * shape[1]]
    every = np.arange(len(places)) % embed.COLORS
    for chosen in (places, every, np.where(np.arange(len(places)) == len(places) // 2, 0, places)):
        pixels = palette[chosen].reshape(*shape, 3)
        assert (few_colors(pixels, tmp_path) == pixels).all()


def test_a_picture_of_many_colors_gets_near_ones(tmp_path: Path) -> None:
    across, down = np.meshgrid(np.arange(256), np.arange(64))
    pixels = np.stack([across, 4 * down, 0 * across], axis=2).astype(np.uint8)
    found = few_colors(pixels, tmp_path)

    assert 128 < len(np.unique(found.reshape(-1, 3), axis=0)) <= embed.COLORS
    assert np.abs(found.astype(int) - pixels).max() < 20


# Fonts of PDFs


def test_letters_drawn_as_one_need_no_cut_of_their_own() -> None:
    if pdf_fonts._backend_pdf_ps.get_glyphs_subset is not pdf_fonts._get_glyphs_subset:
        pytest.skip("matplotlib cuts fonts in a way that is not known here")
    pdf_fonts._once.cache_clear()
    for words in ("plain", "off the office floor, a baffling file"):
        figure = Figure()
        figure.text(0.1, 0.5, words)
        render(figure, "pdf")
    assert pdf_fonts._once.cache_info().misses == 1


def test_a_pdf_does_not_depend_on_those_before_it() -> None:
    if pdf_fonts._backend_pdf_ps.get_glyphs_subset is not pdf_fonts._get_glyphs_subset:
        pytest.skip("matplotlib cuts fonts in a way that is not known here")
    figures = [draw(make.box(("low Ω", "high é"))), draw(make.forest())]
    pdf_fonts._once.cache_clear()
    first = [render(figure, "pdf") for figure in figures]
    again = [render(figure, "pdf") for figure in reversed(figures)]
    pdf_fonts._once.cache_clear()
    apart = [render(figure, "pdf") for figure in reversed(figures)]

    assert first == again[::-1] == apart[::-1]


def test_letters_that_are_not_common_are_embedded_too() -> None:
    if pdf_fonts._backend_pdf_ps.get_glyphs_subset is not pdf_fonts._get_glyphs_subset:
        pytest.skip("matplotlib cuts fonts in a way that is not known here")
    path = font_manager.findfont("DejaVu Sans")
    font = pdf_fonts.get_font(path)
    omega, letter = font.get_char_index(ord("Ω")), font.get_char_index(ord("x"))
    with pdf_fonts.common_letters(), pdf_fonts._get_glyphs_subset(path, {omega}) as found:
        assert {omega, letter} <= set(found.glyph_index_map)
        assert found.glyph_index_map[omega] < len(found.font.getGlyphOrder())


def test_pdfs_of_others_stay_as_they_are() -> None:
    def saved() -> bytes:
        figure, target = Figure(), io.BytesIO()
        figure.text(0.5, 0.5, "abc")
        figure.savefig(target, format="pdf", metadata={"CreationDate": None})
        return target.getvalue()

    ours: Callable[..., object] = pdf_fonts._backend_pdf_ps.get_glyphs_subset
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf_fonts._backend_pdf_ps, "get_glyphs_subset", pdf_fonts._cut)
        before = saved()
    assert pdf_fonts._backend_pdf_ps.get_glyphs_subset is ours
    assert saved() == before
