import dataclasses
import gc
import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations

import figures_helpers as make
import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex, to_rgb
from PIL import Image

from lesionhet import charts
from lesionhet.cohort import cohort_from_frames
from lesionhet.errors import LesionhetError, UsageError
from lesionhet.figures import draw, save, style, text, with_study_colors
from lesionhet.figures.places import sites, treatments
from lesionhet.simulate import simulate_trial
from lesionhet.study import Study, build_study

LONG = "FOLFIRI_{} + panitumumab, KRAS wild-type"
NAN = float("nan")
WITH_GROUPS = (make.survival, make.box, make.median, make.share)


def groups_of(n, name="{}"):
    return tuple(name.format(k) for k in range(1, n + 1))


def changed(chart, field, column, value, row=0):
    frame = getattr(chart, field).reset_index(drop=True).copy()
    frame[column] = frame[column].astype(float)
    frame.loc[row, column] = value
    return dataclasses.replace(chart, **{field: frame})


@pytest.mark.parametrize("kind", make.KINDS)
def test_every_kind_draws_title_and_nothing_is_cut_or_overlaps(kind):
    figure = draw(make.KINDS[kind]())
    assert make.KINDS[kind]().title in make.words(figure)
    assert make.cut(figure) == []
    assert make.overlapping(figure) == []
    assert 84.9 < figure.get_figwidth() * 25.4 < 175.1


@pytest.mark.parametrize("name", ["{}", LONG, "x{}" + "W" * 45, "группа {} с длинным названием"])
@pytest.mark.parametrize("n", [1, 4, 15])
@pytest.mark.parametrize("kind", WITH_GROUPS)
def test_any_number_and_length_of_groups_fits(kind, n, name):
    figure = draw(kind(groups_of(n, name)))
    assert make.cut(figure) == []
    assert make.overlapping(figure) == []
    read = make.words(figure).replace(" ", "")
    assert all(group.replace(" ", "") in read for group in groups_of(n, name))


@pytest.mark.parametrize(
    "chart",
    [
        make.forest(groups_of(8, LONG), ("Overall survival", "P" * 90)),
        make.trajectory((5, 1), label="segment {} " + "of the liver, left lobe " * 3),
        make.histogram(groups_of(5, LONG), label="a label that is much too long for one line"),
        make.share(groups_of(3), groups_of(9, LONG)),
        dataclasses.replace(make.waterfall(12), lines={5.0: LONG, 6.0: LONG, -30.0: "x"}),
        dataclasses.replace(make.lanes(), title=LONG * 4),
        dataclasses.replace(
            make.pair(groups_of(9, LONG), groups_of(3, LONG)), x_label=LONG * 2, y_label=LONG * 2
        ),
    ],
    ids=["forest", "trajectory", "histogram", "share", "waterfall", "lanes", "pair"],
)
def test_long_labels_fit(chart):
    figure = draw(chart)
    assert make.cut(figure) == []
    assert make.overlapping(figure) == []


def test_characters_that_no_font_has_are_reported_and_still_drawn():
    with pytest.warns(UserWarning, match="No installed font can draw 1 character"):
        figure = draw(make.box(("low \U000e0fff", "high")))
    assert make.cut(figure) == []


@pytest.mark.parametrize("kind", make.KINDS)
def test_same_chart_gives_same_bytes_whatever_the_settings(kind, tmp_path):
    first = save(draw(make.KINDS[kind]()), tmp_path / "a", "x")
    with mpl.rc_context({"font.size": 30, "svg.hashsalt": None, "axes.facecolor": "red"}):
        second = save(draw(make.KINDS[kind]()), tmp_path / "b", "x")
    for one, two in zip(first, second, strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert [path.suffix for path in first] == [".svg", ".png", ".pdf"]
    assert b"<dc:date>" not in first[0].read_bytes()
    assert b"Date" not in first[2].read_bytes()
    assert first[2].read_bytes().startswith(b"%PDF-")
    assert first[0].stat().st_size < 1_000_000
    with Image.open(first[1]) as image:
        assert "Software" not in image.text
        assert image.text["Title"] == make.KINDS[kind]().title
        assert round(image.info["dpi"][0]) == 300


def test_threads_give_the_same_bytes_as_one(tmp_path):
    def run(name):
        return [path.read_bytes() for path in save(draw(make.box()), tmp_path, name)]

    alone = run("alone")
    with ThreadPoolExecutor(4) as pool:
        assert all(files == alone for files in pool.map(run, "abcdefgh"))


@pytest.mark.parametrize("hostile", [r"$\frac{$", "a_b^c$x$", r"\textbf{x}", "<b>&amp;</b>"])
def test_text_is_never_a_formula(hostile):
    groups = (hostile, "b")
    for chart in (
        make.survival(groups, p_text=hostile, y_label=hostile),
        make.forest((hostile,)),
        make.box(groups, lines={0.2: hostile}, y_label=hostile),
        make.median(groups),
        make.share(groups),
        make.trajectory((1,), label=hostile),
        make.histogram((hostile,), label=hostile),
    ):
        figure = draw(dataclasses.replace(chart, title=hostile))
        seen = [item for item in make.texts(figure) if hostile in item.get_text()]
        assert len(seen) >= 2
        assert not any(item.get_parse_math() or item.get_usetex() for item in seen)


def test_neither_pyplot_nor_settings_nor_figures_stay_behind(tmp_path):
    before = dict(mpl.rcParams)
    figure = draw(make.survival())
    save(figure, tmp_path, "x")
    assert dict(mpl.rcParams) == before
    gone = weakref.ref(figure)
    del figure
    gc.collect()
    assert gone() is None


def test_pyplot_is_never_imported():
    code = (
        "import sys, pandas as pd; from lesionhet import charts, figures\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
        "frame = pd.DataFrame({'patient_id': ['a'], 'response_days': [1.0],"
        " 'stable_days': [2.0], 'relapse_days': [0.0]})\n"
        "figures.draw(charts.PhaseLanesChart('t', 'c', frame))\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


EMPTY = [
    (make.survival, "curve"),
    (make.survival, "at_risk"),
    (make.forest, "rows"),
    (make.box, "boxes"),
    (make.median, "rows"),
    (make.share, "rows"),
    (make.waterfall, "bars"),
    (make.trajectory, "points"),
    (make.trajectory, "series"),
    (make.histogram, "bins"),
    (make.lanes, "lanes"),
    (make.pair, "points"),
    (make.matrix, "cells"),
]


@pytest.mark.parametrize(("kind", "field"), EMPTY)
def test_empty_table_is_refused_by_name(kind, field):
    chart = dataclasses.replace(kind(), **{field: getattr(kind(), field).iloc[:0]})
    with pytest.raises(LesionhetError, match=f"'{chart.title}'.*'{field}' has no rows"):
        draw(chart)


@pytest.mark.parametrize(("kind", "field"), EMPTY)
def test_missing_column_is_refused_by_name(kind, field):
    column = getattr(kind(), field).columns[0]
    chart = dataclasses.replace(kind(), **{field: getattr(kind(), field).drop(columns=column)})
    with pytest.raises(LesionhetError, match=f"'{field}' lacks column.*{column}"):
        draw(chart)


@pytest.mark.parametrize(
    ("chart", "message"),
    [
        (dataclasses.replace(make.box(), order=("low", "high")), "'medium'.*does not name"),
        (dataclasses.replace(make.median(), order=()), "'order' is empty"),
        (dataclasses.replace(make.share(), levels=("none", "none")), "twice"),
        (changed(make.forest(), "rows", "estimate", 0.0), "1 value.* at or below 0"),
        (changed(make.waterfall(), "bars", "change", np.inf), "1 infinite"),
        (make.waterfall(marked="nobody"), "'nobody' has no bar"),
        (changed(make.lanes(), "lanes", "stable_days", -1.0), "negative"),
        (dataclasses.replace(make.histogram(), panels=("distance", "lesions", "x")), "panel 'x'"),
        (dataclasses.replace(make.pair(), order=("liver",)), "'lung'.*does not name"),
        (changed(make.pair(("liver",), ("a",)), "points", "x_mean", NAN), "no rows for panel 'a'"),
        (make.pair(("liver", "liver")), "two rows for|twice"),
        (changed(make.matrix(), "cells", "value", 1.5), "1.5; -1 to 1"),
        (dataclasses.replace(make.matrix(), order=("distance",)), "does not name"),
    ],
)
def test_what_does_not_fit_together_is_refused(chart, message):
    with pytest.raises(LesionhetError, match=message):
        draw(chart)


def test_only_charts_are_drawn():
    with pytest.raises(UsageError, match="permitted: SurvivalChart"):
        draw("2C")


def test_survival_draws_steps_risk_table_medians_and_mark():
    from lesionhet.charts import Mark

    chart = changed(make.survival(mark=Mark("Patient 7", 400, 0.5)), "medians", "median", NAN, 1)
    figure = draw(chart)
    read = make.words(figure)
    assert "low (n = 701), median 630" in read
    assert "medium (n = 701), median not reached" in read
    assert "Log-rank P < 0.001" in read
    assert "Number at risk" in read
    (axes,) = make.panels(figure)
    steps = [line for line in axes.lines if line.get_drawstyle() == "steps-post"]
    low = chart.curve[chart.curve["group"] == "low"]
    np.testing.assert_allclose(steps[0].get_xdata(), [0, *low["time"]])
    np.testing.assert_allclose(steps[0].get_ydata(), [1, *low["survival"]])
    assert (
        len({str(line.get_linestyle()) + str(line._unscaled_dash_pattern) for line in steps}) == 3
    )
    numbers = [item.get_text() for item in make.texts(figure)]
    assert numbers.count("2,802") == 3
    red = [line for line in axes.lines if line.get_color() == style.MARK]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in red] == [(400, 0.5)]
    assert [tick.get_text() for tick in axes.get_yticklabels()][0::5] == ["0%", "100%"]


def test_numbers_at_risk_stand_under_their_ticks():
    figure = draw(make.survival(("all",)))
    shown = make.texts(figure)
    (axes,) = make.panels(figure)
    for tick, n in zip(axes.get_xticklabels(), (2802, 2302, 1802, 1302, 802), strict=True):
        (cell,) = [item for item in shown if item.get_text() == f"{n:,}"]
        middles = [
            (box.x0 + box.x1) / 2 for box in (tick.get_window_extent(), cell.get_window_extent())
        ]
        assert abs(middles[0] - middles[1]) < 3


def test_p_text_keeps_clear_of_curves_that_stay_high():
    chart = make.survival(("all",))
    frame = chart.curve.assign(survival=0.99, conf_low=0.97, conf_high=1.0)
    figure = draw(dataclasses.replace(chart, curve=frame))
    (note,) = [item for item in make.texts(figure) if item.get_text().startswith("Log-rank")]
    (axes,) = make.panels(figure)
    assert note.get_window_extent().y1 < axes.transData.transform((0, 0.97))[1]


def test_survival_without_any_event_or_limits():
    chart = make.survival(("all",))
    frame = chart.curve.assign(survival=1.0, conf_low=NAN, conf_high=NAN)
    assert "0%" in make.words(draw(dataclasses.replace(chart, curve=frame)))


def test_forest_places_ratios_and_prints_what_is_missing_or_beyond():
    chart = make.forest()
    chart = changed(chart, "rows", "estimate", NAN, 1)
    chart = changed(chart, "rows", "conf_high", np.inf, 2)
    chart = changed(chart, "rows", "conf_low", NAN, 3)
    chart = changed(chart, "rows", "conf_low", 0.9991, 0)
    figure = draw(chart)
    read = make.words(figure)
    for part in (
        "HR (95% CI)",
        "1.20 (0.999–1.31)",
        "not estimable",
        "(1.10–>99,999)",
        "no interval",
        "P = 0.010",
    ):
        assert part in read
    (axes,) = make.panels(figure)
    squares = [line for line in axes.lines if line.get_marker() == "s"]
    np.testing.assert_allclose(squares[0].get_xdata(), [1.2] * 3)
    arrows = [line for line in axes.lines if line.get_marker() == ">"]
    assert [len(line.get_xdata()) for line in arrows] == [1]
    ticks = [tick.get_text() for tick in axes.get_xticklabels()]
    assert "1" in ticks
    assert all(float(tick) > 0 for tick in ticks)


def test_box_draws_boxes_median_values_and_at_most_six_brackets():
    figure = draw(make.box(groups_of(5)))
    read = make.words(figure)
    assert read.count("P = 0.012") == 6
    assert "the 6 smallest of 10 significant P values" in read
    assert "cohort median" in read
    for value in ("0.30", "0.32", "0.34", "0.36", "0.38"):
        assert value in read
    (axes,) = make.panels(figure)
    means = [line.get_ydata()[0] for line in axes.lines if line.get_marker() == "+"]
    np.testing.assert_allclose(means, make.box(groups_of(5)).boxes["mean"])
    assert len(axes.patches) == 5


def test_box_counts_what_a_log_axis_cannot_show():
    chart = changed(make.box(log_scale=True), "outliers", "value", 0.0)
    figure = draw(chart)
    assert "no place on the log axis: 1" in make.words(figure)
    (axes,) = make.panels(figure)
    assert axes.get_yscale() == "log"
    drawn = [line for line in axes.lines if line.get_color() == style.POINT]
    assert len(drawn[0].get_ydata()) == len(chart.outliers) - 1


def test_box_with_missing_group_and_no_outliers():
    chart = make.box()
    chart = dataclasses.replace(chart, boxes=chart.boxes.iloc[:2], outliers=chart.outliers.iloc[:0])
    (axes,) = make.panels(draw(chart))
    assert len(axes.patches) == 2


def test_median_prints_not_reached_and_points_where_a_limit_is_open():
    chart = changed(make.median(), "rows", "conf_high", NAN, 0)
    for column in ("estimate", "conf_low", "conf_high"):
        chart = changed(chart, "rows", column, NAN, 2)
    figure = draw(chart)
    assert "not reached" in make.words(figure)
    assert "Arrow: the limit" in make.words(figure)
    (axes,) = make.panels(figure)
    assert [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "^"] == [0]


def test_all_medians_missing_draws():
    chart = make.median(("all",))
    for column in ("estimate", "conf_low", "conf_high"):
        chart = changed(chart, "rows", column, NAN)
    assert "not reached" in make.words(draw(chart))


def test_share_segments_follow_each_other_and_say_their_percentage():
    figure = draw(make.share())
    (axes,) = make.panels(figure)
    first = [bars.patches[0] for bars in axes.containers]
    np.testing.assert_allclose([bar.get_x() for bar in first], [0, 2 / 9, 5 / 9])
    assert first[-1].get_x() + first[-1].get_width() == pytest.approx(1)
    assert all(part in make.words(figure) for part in ("22%", "33%", "44%", "n = 1,234", "Lesions"))


def test_share_without_numbers_says_no_data():
    chart = make.share()
    rows = chart.rows.assign(share=chart.rows["share"].where(chart.rows["group"] != "lung"))
    assert "no data" in make.words(draw(dataclasses.replace(chart, rows=rows)))


def test_waterfall_is_few_artists_coloured_by_the_lines():
    chart = make.waterfall()
    figure = draw(chart)
    (axes,) = make.panels(figure)
    bars = [item for item in axes.collections if isinstance(item, PolyCollection)]
    found = {to_hex(item.get_facecolor()[0]).upper(): len(item.get_paths()) for item in bars}
    change = chart.bars["change"]
    assert found == {
        style.PHASE_COLORS["relapse"]: (change >= 20).sum(),
        style.PHASE_COLORS["response"]: (change <= -30).sum(),
        style.PHASE_COLORS["stable"]: ((change > -30) & (change < 20)).sum(),
    }
    assert len(axes.get_children()) < 40
    red = next(line for line in axes.lines if line.get_color() == style.MARK)
    rank = (change > change[7]).sum()
    assert list(red.get_xdata()) == [rank, rank]
    assert list(red.get_ydata()) == [0, change[7]]


def test_waterfall_has_the_colours_of_its_groups():
    chart = make.waterfall(6, marked=None)
    bars = chart.bars.assign(group=["PR", "SD", "PD"] * 2)
    order = ("CR", "PR", "SD", "PD")
    grouped = dataclasses.replace(chart, bars=bars, order=order, colors={"PD": 5})
    figure = draw(grouped)
    assert {"PR", "SD", "PD"} <= set(make.words(figure).split())
    assert "CR" not in make.words(figure).split()
    (axes,) = make.panels(figure)
    drawn = [item for item in axes.collections if isinstance(item, PolyCollection)]
    hues = style.colors("phase", order, {"PD": 5})
    found = {to_hex(item.get_facecolor()[0]).upper(): len(item.get_paths()) for item in drawn}
    assert found == {hues[name]: 2 for name in ("PR", "SD", "PD")}
    with pytest.raises(LesionhetError, match="which 'order' does not name"):
        draw(dataclasses.replace(grouped, order=("PR", "SD")))


def test_waterfall_counts_cut_and_missing_bars():
    chart = changed(changed(make.waterfall(), "bars", "change", 900.0, 0), "bars", "change", NAN, 1)
    read = make.words(draw(chart))
    assert "Bars cut at 100%: 1." in read
    assert "not drawn: 1." in read
    assert "2,801 patients" in read


def test_trajectory_has_a_panel_a_series_and_one_scale_a_patient():
    chart = make.trajectory((2, 6))
    figure = draw(chart)
    shown = make.panels(figure)
    assert len(shown) == len(chart.series) == 10
    assert len({axes.get_ylim() for axes in shown[:3]}) == 1
    assert len({axes.get_ylim() for axes in shown[3:]}) == 1
    assert make.words(figure).count("Consistent: N") == 4
    assert make.words(figure).count("Total burden") == 2
    lefts = [round(axes.get_position().x0, 4) for axes in shown[3:]]
    assert lefts[0] == lefts[5]
    colors = [to_hex(patch.get_facecolor()).upper() for patch in shown[0].patches[1::2]]
    assert colors == list(style.PHASE_COLORS.values())


def test_trajectory_without_phases_and_with_gaps():
    chart = changed(make.trajectory(), "points", "ratio", NAN, 1)
    draw(dataclasses.replace(chart, phases=chart.phases.iloc[:0]))


def test_histogram_bars_and_marks_are_those_given():
    chart = changed(make.histogram(), "marks", "value", NAN, 1)
    figure = draw(chart)
    shown = make.panels(figure)
    assert [bar.get_height() for bar in shown[0].patches] == [300 * k for k in range(10)]
    assert [line.get_xdata()[0] for axes in shown for line in axes.lines] == [4.5]
    assert "observed (not available)" in make.words(figure)


def test_lanes_are_sorted_and_missing_ones_counted():
    chart = changed(make.lanes(), "lanes", "stable_days", NAN)
    figure = draw(chart)
    assert "not drawn: 1." in make.words(figure)
    (axes,) = make.panels(figure)
    assert len(axes.collections) == 3
    last = axes.collections[2].get_paths()
    ends = np.array([path.vertices[:, 0].max() for path in last])
    tops = np.array([path.vertices[:, 1].min() for path in last])
    assert (np.diff(tops) > 0).all()
    assert (np.diff(ends) >= 0).all()
    assert axes.get_ylim() == (2801, 0)


# Machado, Oliveira and Fernandes (2009), severity 1: what is left of linear RGB.
VISION = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
TO_XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.072175],
    [0.0193339, 0.119192, 0.9503041],
]


def lab(color, vision):
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.array(VISION[vision]) @ linear, 0, 1) / [0.95047, 1, 1.08883]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize(
    ("palette", "n"), [("group", 8), ("site", 8), ("arm", 8), ("phase", 3), ("count", 6)]
)
def test_colours_differ_in_every_kind_of_vision(palette, n, vision):
    hues = style.colors(palette, groups_of(n)).values()
    seen = [lab(color, vision) for color in hues]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 10
    assert (
        min(np.linalg.norm(lab(color, "normal") - lab(style.MARK, "normal")) for color in hues) > 20
    )


@pytest.mark.parametrize("palette", ["group", "site", "arm", "phase", "count"])
def test_fifteen_colours_are_all_different(palette):
    assert len(set(style.colors(palette, groups_of(15)).values())) == 15


def test_wrapping_keeps_every_character_and_the_room():
    for room in (3.0, 10.0, 40.0):
        for words in (LONG, "日本語の長い名前" * 5, "x" * 80, "n = 701, P < 0.001"):
            lines = text.wrap(words, room)
            assert lines.replace("\n", "").replace(" ", "") == words.replace(" ", "")
            assert text.width(lines) <= room or max(map(len, lines.split("\n"))) == 1


def test_sides_of_an_equation_stay_together():
    assert text.wrap("a long name (n = 701)", 20).split("\n")[-1] == "(n = 701)"


def test_no_marks_and_no_pairs_draw():
    chart = make.histogram()
    draw(dataclasses.replace(chart, marks=chart.marks.iloc[:0]))
    draw(make.box(pairs=pd.DataFrame(columns=["group_1", "group_2", "p_value"]), lines={}))


def bars_of(axes):
    """Ends of the error bars of a panel, each as (x, x, y, y)."""
    lines = [
        line for line in axes.lines if line.get_linestyle() == "-" and len(line.get_xdata()) == 2
    ]
    return [(*line.get_xdata(), *line.get_ydata()) for line in lines]


def test_pair_draws_half_an_sd_each_way_around_the_means_on_equal_scales():
    figure = draw(make.pair())
    for axes in make.panels(figure):
        assert axes.get_xlim() == axes.get_ylim()
        width, height = axes.get_window_extent().size
        assert width == pytest.approx(height, rel=0.01)
        np.testing.assert_allclose(
            bars_of(axes)[:2], [(0.6, 0.8, 0.6, 0.6), (0.7, 0.7, 0.45, 0.75)]
        )
        (same,) = [line for line in axes.lines if line.get_color() == style.POINT]
        np.testing.assert_allclose(same.get_xdata(), same.get_ydata())
        low, high = axes.get_xlim()
        ends = np.array(bars_of(axes))
        assert low < ends.min()
        assert ends.max() < high
    read = make.words(figure)
    assert read.count("Chemotherapy alone") == read.count("Bevacizumab + chemotherapy") == 2
    assert all(part in read for part in ("liver", "lymph node", "y = x", "Nadir ratio"))


def test_pair_without_sd_is_a_point_alone_and_what_has_no_mean_is_counted():
    chart = changed(changed(make.pair(), "points", "y_sd", NAN), "points", "x_mean", NAN, 1)
    figure = draw(chart)
    first = make.panels(figure)[0]
    assert len(bars_of(first)) == 2 * 2
    assert sum(not np.isnan(ends).any() for ends in bars_of(first)) == 3
    assert len([line for line in first.lines if len(line.get_xdata()) == 1]) == 2
    assert "drawn without its bar: 1." in make.words(figure)
    assert "not drawn: 1." in make.words(figure)


# One colour for one thing in every figure


@pytest.fixture(scope="module")
def study() -> Study:
    trial = simulate_trial(n_patients=150, seed=3)
    return build_study(cohort_from_frames(trial.lesions, trial.patients))


def hues(chart):
    return style.colors(chart.palette, chart.order, chart.colors)


def test_a_site_has_one_colour_however_many_are_shown(study):
    every = sites(study)
    whole = hues(with_study_colors(make.box(every, palette="site"), study))
    for shown in (every[2:4], every[:3][::-1], every[1:2]):
        assert (
            hues(with_study_colors(make.box(shown, palette="site"), study)).items() <= whole.items()
        )
        pair = with_study_colors(make.pair(shown), study)
        assert hues(pair).items() <= whole.items()
    labels = tuple(f"{site}\n{arm}" for site in every[:3] for arm in ("treated", "control"))
    boxes = with_study_colors(make.box(labels), study)
    assert boxes.palette == "site"
    assert hues(boxes) == {label: whole[label.split("\n")[0]] for label in labels}
    assert make.overlapping(draw(boxes)) == []


def test_treatments_have_one_colour_as_arms_and_as_groups(study):
    every = treatments(study)
    assert set(study.arms) < set(every)
    whole = hues(with_study_colors(make.box(every, palette="arm"), study))
    for shown in (every[3:5], every[-2:]):
        found = with_study_colors(make.survival(shown), study)
        assert found.palette == "arm"
        assert hues(found) == {name: whole[name] for name in shown}


def test_low_and_high_are_the_same_with_and_without_medium(study):
    three = hues(with_study_colors(make.survival(("low", "medium", "high")), study))
    two = hues(with_study_colors(make.survival(("low", "high")), study))
    assert two == {name: three[name] for name in two}
    marker = study.plan.marker
    assert marker is not None
    states = hues(with_study_colors(make.median((marker.positive, marker.negative)), study))
    assert not set(states.values()) & set(three.values())


def test_groups_that_only_begin_with_a_site_keep_colours_of_their_own(study):
    site = sites(study)[0]
    labels = tuple(f"{site} {sign}30%, others {other}30%" for sign in ">≤" for other in ">≤")
    found = with_study_colors(make.survival(labels), study)
    assert len(set(hues(found).values())) == 4
    assert found.palette == "group"


def test_charts_without_categories_and_given_places_are_left(study):
    given = make.box(palette="site", colors={"low": 4})
    assert with_study_colors(given, study) is given
    for kind in (make.forest, make.waterfall, make.lanes, make.histogram):
        chart = kind()
        assert with_study_colors(chart, study) is chart
    assert isinstance(chart, charts.Chart)
