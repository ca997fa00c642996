"""Values on their way."""

import numpy as np
import pytest

from vj.modulation.smoothing import Ranges, slews
from vj.params.registry import Registry
from vj.params.spec import Param, choice, toggle

REGISTRY = Registry([
    Param("a/plain", 0.0), Param("a/exp", 1.0, 0.1, 10.0, curve="exp"), Param("a/turn", 0.9, bound="wrap"),
    toggle("a/on", False, ""), choice("a/one", "x", ("x", "y"), ""), Param("a/s", 0.0, -1.0, 1.0, curve="s"),
])  # fmt: skip
RANGES = Ranges(REGISTRY)
A = np.array([0.0, 0.1, 0.9, 0, 0, -1], np.float32)
B = np.array([1.0, 10.0, 0.1, 1, 1, 1], np.float32)


def test_half_way():
    assert RANGES.between(A, B, 0.5) == pytest.approx([0.5, 1.0, 0.0, 1, 1, 0], abs=1e-5)


def test_both_ends_are_exact():
    assert np.array_equal(RANGES.between(A, B, 1.0), B)
    assert np.array_equal(RANGES.between(A, A, 0.3), A)
    assert RANGES.between(A, B, 0.0)[[0, 1, 2, 5]] == pytest.approx(A[[0, 1, 2, 5]])


def test_nothing_leaves_its_range():
    rng = np.random.default_rng(0)
    lo, hi = (np.array([getattr(p, name) for p in REGISTRY], np.float32) for name in ("lo", "hi"))
    for _ in range(500):
        a, b = (rng.uniform(lo, hi).astype(np.float32) for _ in range(2))
        c = RANGES.between(a, b, rng.uniform())
        assert ((c >= lo) & (c <= hi)).all()


def test_slew_goes_and_arrives():
    slew_s = slews(REGISTRY, {"a/plain": 1.0, "a/exp": 1.0})
    now = A
    for i in range(200):
        now = RANGES.slewed(now, B, slew_s, 0.1)
        if i == 9:
            assert now[0] == pytest.approx(0.95, abs=0.01)
    assert np.array_equal(now, B)
