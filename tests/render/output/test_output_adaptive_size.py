"""The size gives way to the time, and comes back without hunting."""

from vj.render.output.adaptive_size import STEPS, AdaptiveSize

BUDGET_S = 1 / 60


def played(quality, cost_s, seconds, begin_s=0.0):
    """So long with a cost of the full picture that goes with its area; returns (scales, when each began)."""
    scales, now_s = [(begin_s, quality.scale)], begin_s
    while now_s < begin_s + seconds:
        draw_s = cost_s * quality.scale**2
        now_s += max(BUDGET_S, draw_s)
        if quality.frame(now_s, draw_s):
            scales.append((now_s, quality.scale))
    return scales


def test_a_fast_machine_draws_all_of_it():
    assert played(AdaptiveSize(BUDGET_S), 0.3 * BUDGET_S, 30) == [(0.0, 1.0)]


def test_a_slow_one_draws_less_within_seconds_and_keeps_to_its_time():
    quality = AdaptiveSize(BUDGET_S)
    scales = played(quality, 2.0 * BUDGET_S, 10)
    assert len(scales) <= 6
    assert 2.0 * quality.scale**2 < 0.76
    assert scales[-1][0] < 4.0


def test_it_comes_back_when_there_is_room():
    quality = AdaptiveSize(BUDGET_S)
    played(quality, 3.0 * BUDGET_S, 10)
    low = quality.scale
    played(quality, 0.2 * BUDGET_S, 60, 10.0)
    assert low < 0.6
    assert quality.scale == 1.0


def test_where_nothing_helps_it_stays_at_the_smallest():
    quality = AdaptiveSize(BUDGET_S)
    played(quality, 50 * BUDGET_S, 20)
    assert quality.scale == STEPS[-1]


def test_between_two_steps_it_changes_ever_more_rarely():
    quality = AdaptiveSize(BUDGET_S)
    scales, now_s, cost_s = [], 0.0, 0.0
    # A cost that the model of areas gets wrong: the larger picture is always just too slow.
    while now_s < 300:
        cost_s = 0.9 * BUDGET_S if quality.scale == 1.0 else 0.4 * BUDGET_S
        now_s += BUDGET_S
        if quality.frame(now_s, cost_s):
            scales.append(now_s)
    assert len([t for t in scales if t > 150]) <= 6
    assert len([t for t in scales if t < 150]) > len([t for t in scales if t > 150])


def test_where_drawing_is_known_to_be_slow_it_begins_in_the_middle_and_rises():
    quality = AdaptiveSize(BUDGET_S, cautious=True)
    assert quality.scale == STEPS[3]
    played(quality, 0.3 * BUDGET_S, 30)
    assert quality.scale == 1.0


def test_one_slow_frame_is_no_reason():
    quality = AdaptiveSize(BUDGET_S)
    for i in range(600):
        assert not quality.frame(i * BUDGET_S, 0.2 if i % 60 == 30 else 0.3 * BUDGET_S)
