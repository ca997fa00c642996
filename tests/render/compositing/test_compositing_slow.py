"""A layer that makes a show late is found and left out; one that is late once is not."""

from vj.render.compositing.slow import LIMIT_S, PATIENCE_S, SlowLayers

LATE_S, FINE_S = 2 * LIMIT_S, LIMIT_S / 2


def test_layers_are_timed_only_while_frames_come_late():
    slow = SlowLayers()
    seen = []
    for took_s in (FINE_S, LATE_S, LATE_S, FINE_S):
        slow.frame(took_s)
        seen.append(slow.watching)
    assert seen == [False, True, True, False]


def frames(slow, took_s, n):
    """The frame in which a layer called x is given up, or None."""
    for number in range(n):
        slow.frame(took_s + FINE_S)
        if slow.layers({"x": took_s, "y": FINE_S}) == ["x"]:
            return number
    return None


def test_one_is_left_out_after_a_second_of_late_frames():
    assert frames(SlowLayers(), LATE_S, 50) == round(PATIENCE_S / LATE_S) - 1
    assert frames(SlowLayers(), 5 * PATIENCE_S, 50) == 0
    assert frames(SlowLayers(), LIMIT_S * 0.9, 50) is None


def test_a_frame_in_time_begins_the_count_anew():
    slow = SlowLayers()
    for _ in range(20):
        assert frames(slow, LATE_S, 4) is None
        slow.frame(FINE_S)
