"""The table of actions, and which messages of a stream are presses."""

import math
import re

import pytest

from vj.core.errors import ControlError
from vj.params.actions import ACTIONS, ARGUMENTS, BY_ID, BY_KEY, Presses, checked_argument


def test_the_table_is_whole():
    assert len(BY_ID) == len(ACTIONS)
    assert len(BY_KEY) == sum(len(action.keys) for action in ACTIONS)
    for action in ACTIONS:
        assert re.fullmatch(r"[a-z_]+(/[a-z_]+)*", action.id)
        assert action.doc.endswith(".")
        assert action.argument in ARGUMENTS
        # There is a way to do it.
        assert action.keys or action.remote


def acted(id, *stream, every_s=0.02):
    """How often a stream of messages, each a list of arguments, does something."""
    presses = Presses()
    return sum(presses.acts(BY_ID[id], arguments, "1.2.3.4", i * every_s) for i, arguments in enumerate(stream))


@pytest.mark.parametrize(
    ("stream", "times"),
    [
        ([[1], [0]], 1),
        ([[1.0], [0.0]], 1),
        ([[True], [False]], 1),
        ([[]], 1),
        ([[None]], 1),
        ([[True]], 1),
        ([[0]], 0),
        ([[False]], 0),
        ([[0.2], [0.6], [0.9], [1.0], [0.4], [0.1]], 1),
        ([[1], [0], [1], [0]], 2),
        ([[], [], []], 3),
        # A program that sends all it has at each of its frames.
        ([[0]] * 30 + [[1]] * 60 + [[0]] * 30 + [[1]] * 60, 2),
    ],
)
def test_presses(stream, times):
    assert acted("preset/next", *stream) == times


def test_a_button_that_never_sends_0():
    assert acted("tap", *[[1]] * 8, every_s=0.25) == 8


def test_senders_do_not_take_each_other_s_presses():
    presses = Presses()
    assert presses.acts(BY_ID["tap"], [1], "a", 0.0)
    assert presses.acts(BY_ID["tap"], [1], "b", 0.01)
    assert not presses.acts(BY_ID["tap"], [1], "a", 0.02)


def test_a_stream_of_one_call_is_one_call():
    assert acted("preset", *[["nave"]] * 600, every_s=1 / 60) == 1
    assert acted("preset", *[[3.0]] * 60, *[[4.0]] * 60, *[[3.0]] * 60, every_s=1 / 60) == 3
    assert acted("chain", *[["a", "b"]] * 60, every_s=1 / 60) == 1
    assert acted("tempo/osc_beat", *[[n] for n in range(8)]) == 8


def test_strangers_do_not_fill_the_memory():
    presses = Presses()
    for n in range(5000):
        presses.acts(BY_ID["tap"], [1], str(n), 0.0)
    assert len(presses._last) <= 1024


@pytest.mark.parametrize(
    ("id", "arguments", "meant"),
    [
        ("panic", [], None),
        ("panic", [1.0], None),
        ("panic", [None], None),
        ("panic", [True], None),
        ("preset", ["nave"], "nave"),
        ("preset", [3.0], 3.0),
        ("preset/save", ["mine"], "mine"),
        ("preset/save", [1], None),
        ("preset/save", [], None),
        ("chain", ["a", "b"], ("a", "b")),
        ("chain", [], ()),
        ("tempo/osc_bpm", [120], 120.0),
        ("tempo/osc_beat", [], None),
        ("tempo/osc_beat", [4], 4),
        ("subscribe", [9000], 9000),
    ],
)
def test_arguments(id, arguments, meant):
    assert checked_argument(BY_ID[id], arguments) == meant


@pytest.mark.parametrize(
    ("id", "arguments"),
    [
        ("panic", ["now"]),
        ("panic", [1, 2]),
        ("panic", [b"x"]),
        ("preset", []),
        ("preset", [True]),
        ("preset", [math.nan]),
        ("preset", ["a", "b"]),
        ("chain", [1]),
        ("learn", [3]),
        ("tempo/osc_bpm", [500]),
        ("tempo/osc_bpm", ["fast"]),
        ("tempo/osc_beat", [math.inf]),
        ("subscribe", [0]),
        ("subscribe", [70_000]),
        ("subscribe", ["x" * 10_000]),
    ],
)
def test_other_arguments_are_one_line(id, arguments):
    with pytest.raises(ControlError) as caught:
        checked_argument(BY_ID[id], arguments)
    assert "expected" in str(caught.value)
    assert len(str(caught.value)) < 200
