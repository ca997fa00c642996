"""Keys, monitors, and asking twice."""

import pytest

from vj.control.keyboard import TWICE_S, Twice, help_text
from vj.params.actions import ACTIONS
from vj.render.output.monitors import pick


def test_every_key_is_explained():
    text = help_text()
    for action in ACTIONS:
        for key in action.keys:
            assert any(key in line and action.doc in line for line in text.splitlines()), action.id
    assert len(text.splitlines()) == sum(bool(action.keys) for action in ACTIONS)


def test_twice_is_twice_in_a_short_time():
    twice = Twice()
    assert not twice.asked(0.0)
    assert not twice.asked(TWICE_S + 0.1)
    assert twice.asked(TWICE_S + 0.5)
    assert not twice.asked(TWICE_S + 0.6)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (None, 2),
        ("1", 0),
        ("3", 2),
        ("4", None),
        ("0", None),
        ("epson", 1),
        ("EPSON EB-2250U", 1),
        ("dp-2", 2),
        ("x", None),
    ],
)
def test_a_monitor_by_number_name_or_part_of_it(wanted, found):
    assert pick(["eDP-1 Laptop", "Epson EB-2250U", "DP-2"], wanted) == found


def test_without_monitors_there_is_none():
    assert pick([], None) is None
    assert pick([], "1") is None
