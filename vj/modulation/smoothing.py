"""How values get from where they are to where they should be: slew after a hand, and morphs between presets. Pure.

Ways are gone along the parameter's curve, so half way between 0.1 and 10 Hz is 1 Hz; angles go the short way round.
"""

from collections.abc import Mapping

import numpy as np

from vj.core.types import F32, Bools
from vj.modulation.matrix import reached
from vj.params.registry import Registry

#: Nearer than this share of the range is there.
_THERE = 1e-4


class Ranges:
    """The ranges and curves of a registry's parameters as arrays."""

    def __init__(self, registry: Registry) -> None:
        self._lo = np.array([p.lo for p in registry], np.float32)
        self._hi = np.array([p.hi for p in registry], np.float32)
        self._curve = np.array([("lin", "exp", "s").index(p.curve) for p in registry])
        self._wraps = np.array([p.bound == "wrap" for p in registry])
        self._ratio = np.where(self._curve == 1, self._hi / np.where(self._curve == 1, self._lo, 1), 2)
        #: Which of them have values in between, and which do something when they go from 0 to 1.
        self.continuous: Bools = np.array([p.kind == "continuous" for p in registry])
        self.triggers: Bools = np.array([p.kind == "trigger" for p in registry])

    def between(self, a: F32, b: F32, k: float | F32) -> F32:
        """f32[n] a share `k` of the way from values `a` to `b`; what is not continuous is `b` at once."""
        x, y = self._norm(a), self._norm(b)
        way = y - x
        way = np.where(self._wraps, way - np.round(way), way)
        at = x + k * way
        found = self._value(np.where(self._wraps, np.mod(at, 1), at))
        out = np.where(self.continuous & (np.asarray(k) < 1), found, b)
        # A way of no length must not move by rounding.
        exact: F32 = np.where(a == b, b, np.clip(out, self._lo, self._hi)).astype(np.float32)
        return exact

    def slewed(self, now: F32, aim: F32, slew_s: F32, dt_s: float) -> F32:
        """f32[n], `dt_s` further on the way from `now` to `aim`, of which 95 % take `slew_s` f32[n]."""
        out = self.between(now, aim, reached(dt_s, slew_s))
        near = np.abs(out - aim) <= _THERE * (self._hi - self._lo)
        there: F32 = np.where(near, aim, out).astype(np.float32)
        return there

    def _norm(self, values: F32) -> F32:
        lo = self._lo
        x = np.clip((values - lo) / (self._hi - lo), 0, 1)
        safe = np.where(self._curve == 1, values / np.where(self._curve == 1, lo, 1), 1)
        out: F32 = np.where(self._curve == 1, np.log(np.maximum(safe, 1e-30)) / np.log(self._ratio), x)
        return out

    def _value(self, x: F32) -> F32:
        linear = self._lo + x * (self._hi - self._lo)
        out: F32 = np.where(self._curve == 1, self._lo * self._ratio**x, linear)
        return out


def slews(registry: Registry, own: Mapping[str, float]) -> F32:
    """Seconds of each parameter's slew, f32[n]: the preset's where it says so, or the parameter's own."""
    return np.array([own.get(p.id, p.slew_s) for p in registry], np.float32)
