import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionhet import schema
from lesionhet.errors import UsageError
from lesionhet.labels import (
    LABELS,
    format_interval,
    format_number,
    format_p,
    format_percent,
    label,
)
from lesionhet.results import Result


@given(st.floats(0, 1))
def test_p_is_never_printed_as_zero_or_wrongly_as_one(p):
    words = format_p(p)
    assert not re.fullmatch(r"P = 0\.0*", words)
    assert not re.fullmatch(r"P = 1\.0*", words)
    sign, number = re.fullmatch(r"P ([=<>]) ([\d.]+)", words).groups()
    assert {
        "=": math.isclose(p, float(number), abs_tol=5.0001e-4),
        "<": p < float(number),
        ">": p > 0.999,
    }[sign]


@given(st.floats(0, 1).filter(lambda p: p != 0.05))
def test_printed_p_stands_on_the_right_side_of_five_percent(p):
    sign, number = re.fullmatch(r"P ([=<>]) ([\d.]+)", format_p(p)).groups()
    if sign == "=":
        assert (float(number) < 0.05) == (p < 0.05)


@pytest.mark.parametrize("p", [-0.01, 1.01, math.inf])
def test_p_outside_its_range_is_refused(p):
    with pytest.raises(UsageError, match="permitted: 0 to 1"):
        format_p(p)


def test_missing_numbers_are_named():
    assert format_p(math.nan) == format_p(None) == "P not available"
    assert format_number(math.nan) == "not available"
    assert format_percent(None) == "not available"
    assert format_interval(1.0, math.nan, math.nan) == "1.00 (not available to not available)"


def test_negative_numbers_have_a_minus_sign_and_no_dash_between_limits():
    assert format_interval(-0.2, -0.5, 0.1, 1) == "−0.2 (−0.5 to 0.1)"
    assert format_number(-math.inf) == "−∞"


def test_every_column_of_inputs_and_results_has_a_label():
    named = {column.name for column in (*schema.LESION_COLUMNS, *schema.PATIENT_COLUMNS)}
    for kind in Result.__subclasses__():
        for shape in kind.SHAPES.values():
            named |= set(shape.keys) | set(shape.numbers)
    assert sorted(named - set(LABELS)) == []


def test_unknown_column_is_printed_as_words():
    assert label("liver_surgery") == "Liver surgery"
