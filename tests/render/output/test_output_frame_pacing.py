"""Rates kept and measured."""

import time

import numpy as np
import pytest

from vj.render.output.frame_pacing import FramePacer, FrameTimes, percentiles_ms


def test_the_limiter_keeps_its_rate_over_many_frames():
    limiter = FramePacer(200.0)
    limiter.wait()
    begin_s = time.monotonic()
    for _ in range(100):
        limiter.wait()
    # No faster; how much slower is the machine's business.
    assert time.monotonic() - begin_s > 0.49


def test_after_a_late_frame_it_does_not_hurry():
    limiter = FramePacer(100.0)
    limiter.wait()
    time.sleep(0.2)
    limiter.wait()
    begin_s = time.monotonic()
    limiter.wait()
    limiter.wait()
    assert time.monotonic() - begin_s > 0.019


def test_intervals_and_their_percentiles():
    times = FrameTimes()
    for i in range(101):
        times.shown(i * 0.02 + (0.1 if i == 100 else 0.0), 0.005)
    assert times.count == 101
    assert len(times.intervals_s) == 100
    assert times.worst_s == pytest.approx(0.12)
    found = percentiles_ms(times.intervals_s)
    assert found["p50"] == pytest.approx(20.0)
    assert found["max"] == pytest.approx(120.0)
    assert percentiles_ms(np.zeros(0)) == {}
    assert FrameTimes().fps() == 0.0
