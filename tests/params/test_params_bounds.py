"""Ranges, curves and what may be written where a value is expected."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vj.core.errors import PresetError
from vj.params.bounds import bound_columns, bounded, checked, from_norm, to_norm, written
from vj.params.spec import Param, choice, toggle

LEVEL = Param("a/level", 0.5, -1.0, 2.0, "s")
TURN = Param("a/turn", 0.0, 0.0, 1.0, "turn", bound="wrap")
FOLD = Param("a/fold", 0.0, 0.0, 1.0, bound="fold")
EXP = Param("a/exp", 1.0, 0.1, 10.0, curve="exp")
S = Param("a/s", 1.0, 0.0, 4.0, curve="s")
MODE = choice("a/mode", "two", ("one", "two", "three"), "")
SWITCH = toggle("a/switch", False, "")


@pytest.mark.parametrize(
    ("param", "value", "expected"),
    [
        (LEVEL, 5, 2),
        (LEVEL, -5, -1),
        (TURN, 1.25, 0.25),
        (TURN, -0.25, 0.75),
        (FOLD, 1.25, 0.75),
        (FOLD, -0.25, 0.25),
        (FOLD, 2.1, 0.1),
        (MODE, 1.4, 1),
        (MODE, 9, 2),
        (SWITCH, 0.7, 1),
    ],
)
def test_a_value_past_its_range_comes_back_in_the_parameters_own_way(param, value, expected):
    assert bounded(param, value) == pytest.approx(expected)


@given(st.floats(-50, 50))
def test_the_vectorised_bounds_equal_the_single_ones(value):
    params = (LEVEL, TURN, FOLD)
    column = bound_columns(
        np.full(3, value, np.float32),
        np.array([p.lo for p in params], np.float32),
        np.array([p.hi for p in params], np.float32),
        np.array([0, 1, 2], np.float32),
    )
    one_by_one = [bounded(p, float(np.float32(value))) for p in params]
    # A wrapped value within rounding of the end may come out at either end.
    gap = np.abs(column - one_by_one)
    assert np.all(np.minimum(gap, np.abs(gap - 1)) < 1e-4)


@pytest.mark.parametrize("param", [LEVEL, EXP, S])
@given(x=st.floats(0, 1))
def test_a_controller_position_survives_the_way_there_and_back(param, x):
    assert to_norm(param, from_norm(param, x)) == pytest.approx(x, abs=1e-6)


def test_an_exponential_curve_has_its_geometric_mean_in_the_middle():
    assert from_norm(EXP, 0.5) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("param", "found", "value"),
    [
        (LEVEL, 1, 1.0),
        (LEVEL, "1.5", 1.5),
        (MODE, "three", 2.0),
        (MODE, 0, 0.0),
        (SWITCH, "on", 1.0),
        (SWITCH, True, 1.0),
    ],
)
def test_what_a_preset_may_say(param, found, value):
    assert checked(param, found) == value


@pytest.mark.parametrize(
    ("param", "found", "says"),
    [
        (LEVEL, 3, "found 3, expected a number -1..2 s"),
        (LEVEL, float("nan"), "found nan"),
        (LEVEL, "loud", "'loud'"),
        (LEVEL, [1], r"found \[1\]"),
        (MODE, "four", "one of one, two, three"),
        (SWITCH, 0.5, "on or off"),
        (LEVEL, None, "None"),
    ],
)
def test_what_it_may_not_and_that_the_message_says_so(param, found, says):
    with pytest.raises(PresetError, match=says):
        checked(param, found)


def test_values_are_written_as_they_are_read():
    for param, value in ((LEVEL, 0.25), (MODE, 2.0), (SWITCH, 1.0)):
        assert checked(param, written(param, value)) == value


@pytest.mark.parametrize(
    "arguments", [("Bad Id", 0.0), ("a/b", 2.0), ("a/b", 0.0, 1.0, 1.0), ("a/b", 0.0, 0.0, 1.0, "", "exp")]
)
def test_a_row_that_makes_no_sense_is_refused(arguments):
    with pytest.raises(PresetError):
        Param(*arguments)
