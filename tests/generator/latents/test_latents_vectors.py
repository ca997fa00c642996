"""Slerp, smoothing and the displacement field, against what can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vj.generator.latents.vectors import flow_field, follow, slerp, smoothstep

X, Y = np.eye(2, 3, dtype=np.float32)


def test_slerp_walks_the_arc():
    assert slerp(X, Y, 1 / 3) == pytest.approx([np.cos(np.pi / 6), np.sin(np.pi / 6), 0], abs=1e-6)


def test_slerp_starts_and_ends_where_it_should_and_lengths_go_in_a_line():
    assert slerp(X, 3 * Y, 0.0) == pytest.approx(X)
    assert slerp(X, 3 * Y, 1.0) == pytest.approx(3 * Y, abs=1e-6)
    assert np.linalg.norm(slerp(X, 3 * Y, 0.5)) == pytest.approx(2.0)


@pytest.mark.parametrize(("a", "b"), [(X, X), (X, -X), (0 * X, Y), (X, 0 * X), (X, 2 * X)])
def test_where_there_is_no_angle_it_goes_straight(a, b):
    for t in (0.0, 0.25, 1.0):
        assert slerp(a, b, t) == pytest.approx(a + t * (b - a), abs=1e-6)


@given(st.integers(1, 40))
def test_smoothing_does_not_depend_on_the_frame_rate(steps):
    now = np.zeros(1, np.float32)
    for _ in range(steps):
        now = follow(now, np.ones(1, np.float32), 0.6 / steps, 0.3)
    assert now[0] == pytest.approx(1 - np.exp(-2), abs=1e-5)


def test_no_smoothing_time_means_at_once():
    assert follow(X, Y, 0.01, 0.0) is Y


def test_smoothstep_is_flat_at_its_ends():
    assert [smoothstep(x) for x in (-1, 0, 0.5, 1, 2)] == [0, 0, 0.5, 1, 1]
    assert smoothstep(0.01) < 0.001


def test_the_flow_field_comes_round_moves_smoothly_and_stays_in_range():
    a, b, c = (flow_field(16, turns, 1.5, seed=3) for turns in (0.2, 0.201, 1.2))
    assert a.shape == (16, 16, 2)
    assert a.dtype == np.float32
    assert np.abs(a).max() <= 1
    assert np.abs(a).max() > 0.3
    assert np.abs(a - b).max() < 0.05
    assert a == pytest.approx(c, abs=1e-5)
    assert np.abs(a - flow_field(16, 0.2, 1.5, seed=4)).max() > 0.1


def test_the_flow_field_neither_gathers_nor_scatters():
    """A stream function's curl has no divergence; tanh adds a little only where the field is strong."""
    field = flow_field(256, 0.4, 1.0, seed=1).astype(np.float64)
    raw = np.arctanh(np.clip(field, -0.999999, 0.999999))
    divergence = np.gradient(raw[..., 0], axis=0) + np.gradient(raw[..., 1], axis=1)
    shear = np.gradient(raw[..., 0], axis=1)
    assert np.abs(divergence[2:-2, 2:-2]).max() < 0.02 * np.abs(shear).max()
