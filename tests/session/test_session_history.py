"""Steps that can be taken back."""

from vj.modulation.matrix import Row
from vj.session.history import MOST, History, Step


def test_steps_go_back_and_forward():
    one = History()
    one.changed(Step({"a/x": 1.0}), 0.0)
    one.changed(Step({"a/y": 2.0}), 5.0)
    assert one.steps == (2, 0)
    assert one.back() == Step({"a/y": 2.0})
    one.taken_back(Step({"a/y": 9.0}))
    assert one.steps == (1, 1)
    assert one.forward() == Step({"a/y": 9.0})
    one.made_again(Step({"a/y": 2.0}))
    assert one.steps == (2, 0)


def test_a_knob_that_is_turned_is_one_step():
    one = History()
    for i in range(100):
        one.changed(Step({"a/x": float(i)}), i * 0.05)
    assert one.steps == (1, 0)
    assert one.back() == Step({"a/x": 0.0})


def test_knobs_that_are_turned_at_once_are_a_step_each():
    one = History()
    for i in range(100):
        one.changed(Step({"a/x": float(i)}), i * 0.05)
        one.changed(Step({"a/y": float(-i)}), i * 0.05)
    assert one.steps == (2, 0)
    assert {next(iter(one.back().values.items())) for _ in range(2)} == {("a/x", 0.0), ("a/y", 0.0)}


def test_after_a_rest_it_is_another_step():
    one = History()
    one.changed(Step({"a/x": 1.0}), 0.0)
    one.changed(Step({"a/x": 2.0}), 1.5)
    assert one.steps == (2, 0)


def test_each_change_of_chain_or_rows_is_a_step():
    one = History()
    for i in range(3):
        one.changed(Step(chain=("a",) * i), i * 0.1)
        one.changed(Step(rows=(Row("level", "a/x", float(i)),)), i * 0.1)
    assert one.steps[0] == 6


def test_a_new_change_forgets_what_was_taken_back():
    one = History()
    one.changed(Step({"a/x": 1.0}), 0.0)
    one.back()
    one.taken_back(Step({"a/x": 5.0}))
    one.changed(Step({"a/y": 1.0}), 9.0)
    assert one.steps == (1, 0)


def test_nothing_is_no_step_and_there_are_not_too_many():
    one = History()
    one.changed(Step(), 0.0)
    assert one.steps == (0, 0)
    assert one.back() is None
    assert one.forward() is None
    for i in range(MOST + 50):
        one.changed(Step({"a/x": float(i)}), 10.0 * i)
    assert one.steps == (MOST, 0)
    one.clear()
    assert one.steps == (0, 0)
