"""Keys, monitors, and asking twice."""

from typing import get_args

import pytest

from vj.control.keyboard import KEYS, TWICE_S, Action, Twice, help_text
from vj.render.output.monitors import pick


def test_everything_can_be_reached_by_a_key_and_is_explained():
    assert {action for action, _ in KEYS.values()} == set(get_args(Action))
    text = help_text()
    for key, (_, words) in KEYS.items():
        assert words in text
        assert key in text
    assert len(text.splitlines()) == len({words for _, words in KEYS.values()})


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
