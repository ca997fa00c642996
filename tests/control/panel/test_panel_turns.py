"""So many a second."""

import pytest

from vj.control.panel.turns import Turns


def test_turns_are_so_many_a_second():
    now_s = 100.0
    turns = Turns(10.0, now_s=lambda: now_s)
    assert [turns.take() for _ in range(4)] == pytest.approx([0.0, 0.1, 0.2, 0.3])
    now_s = 100.35
    assert [turns.take() for _ in range(2)] == pytest.approx([0.05, 0.15])
    now_s = 900.0
    assert [turns.take() for _ in range(3)] == pytest.approx([0.0, 0.1, 0.2])


def test_after_a_rest_some_come_at_once():
    now_s = 100.0
    turns = Turns(10.0, 3, lambda: now_s)
    assert [turns.take() for _ in range(5)] == pytest.approx([0.0, 0.0, 0.0, 0.1, 0.2])
    now_s = 900.0
    assert [turns.take() for _ in range(4)] == pytest.approx([0.0, 0.0, 0.0, 0.1])
