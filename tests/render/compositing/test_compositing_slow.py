"""A layer that makes a show late is found and left out; one that is late once is not."""

from math import ceil

from vj.render.compositing.slow import LIMIT_S, PATIENCE_S, SlowLayers

LATE_S, FINE_S = 2 * LIMIT_S, LIMIT_S / 2


def frames(slow, took_s, n):
    """The frame in which a layer called x is given up, or None."""
    for number in range(n):
        if slow.layers({"x": took_s, "y": FINE_S}) == ["x"]:
            return number
    return None


def drawn():
    """Of layers that were in time once."""
    slow = SlowLayers()
    slow.layers({"x": FINE_S, "y": FINE_S})
    return slow


def test_one_is_left_out_after_half_a_second_of_late_frames():
    assert frames(drawn(), LATE_S, 50) == ceil(PATIENCE_S / LATE_S) - 1
    assert frames(drawn(), 1.01 * PATIENCE_S, 50) == 0
    assert frames(drawn(), LIMIT_S * 0.9, 50) is None


def test_the_first_frame_of_one_does_not_count():
    assert frames(SlowLayers(), 5 * PATIENCE_S, 50) == 1


def test_a_frame_in_time_begins_the_count_anew():
    slow = drawn()
    for _ in range(20):
        assert frames(slow, LATE_S, 2) is None
        slow.layers({"x": FINE_S, "y": FINE_S})
