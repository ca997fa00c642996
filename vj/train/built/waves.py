"""The waves of flow and dye: rings of wave vectors, so that a picture can have three or five parts that are alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vj.core.types import F32, F64
from vj.train.built.piecewise import fitted, knots, leaky, named, sums

#: Which ring each wave belongs to.
RING = np.array([0] * 3 + [1] * 5 + [2] * 3)
COUNT = len(RING)
#: How far a wave's phase goes either way, in radians, for each ring; the first flow's is not as far as the second's.
_FIRST_REACH, _SECOND_REACH, _DYE_REACH = (5.4, 7.0, 9.0), (5.4, 7.0, 9.0), (7.0, 9.2, 13.0)
#: The distance of the knots that phases are taken apart at, where sines are made of them at once.
_APART = 0.72
_FOLD = np.pi / 2.0
#: The knots of a folded phase, f32[7]; the first lies below all of it, so that sums need no constant.
BENDS = np.concatenate([[-2.6], np.linspace(-_FOLD, _FOLD, 6, endpoint=False)]).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """The names of the hinges that its phase is taken apart into, and their knots f32[n], in radians."""

    names: list[str]
    at: F32
    reach: float

    def sine(self) -> Mapping[str, float]:
        """Weights of the hinges whose sum is the phase's sine."""
        return dict(zip(self.names, map(float, sums(np.sin, self.at, self.reach)), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """A wave whose phase is folded to −π/2 … π/2 first, as its sine repeats itself: few hinges, and a smooth sine.

    names, at  hinges of the phase and their knots f32[n];  bends  hinges of the folded phase, at `BENDS`
    """

    names: list[str]
    at: F32
    bends: list[str]
    weights: Mapping[str, float]
    constant: float

    def sine(self) -> Mapping[str, float]:
        """Weights of the bends whose sum is the sine, or the cosine where the phase was folded for that."""
        return self._of(np.sin)

    def doubled(self) -> Mapping[str, float]:
        """Likewise the cosine of twice the phase, of either sign."""
        return self._of(lambda v: np.cos(2.0 * v))

    def _of(self, of: Callable[[F64], F64]) -> Mapping[str, float]:
        v = np.linspace(-1.03 * _FOLD, 1.03 * _FOLD, 400)
        weights = np.linalg.lstsq(leaky(v[:, None] - BENDS), of(v), rcond=1e-9)[0]
        return dict(zip(self.bends, map(float, weights), strict=True))


def first_bank(prefix: str) -> list[Wave]:
    """The first flow's waves, their hinges named PREFIX WAVE . KNOT."""
    out = []
    for i, ring in enumerate(RING):
        reach = _FIRST_REACH[ring]
        n = round(2.0 * reach / _APART)
        out.append(Wave(named(f"{prefix}{i}.", n), knots(-reach, reach, n), reach))
    return out


def second_bank(prefix: str) -> list[Folded]:
    """The second flow's waves, likewise, folded for sines."""
    return _folded(prefix, _SECOND_REACH, _FOLD)


def dye_bank(prefix: str) -> list[Folded]:
    """The dye's waves, likewise, folded for cosines."""
    return _folded(prefix, _DYE_REACH, 0.0)


def _folded(prefix: str, reaches: Sequence[float], turn: float) -> list[Folded]:
    """Waves whose phases turn back at `turn` and every π from there; there the folded phase is ±π/2."""
    out = []
    for i, ring in enumerate(RING):
        reach = reaches[ring]
        turns = turn + np.pi * np.arange(-9, 10)
        at = np.concatenate([[-reach], turns[np.abs(turns) < reach]]).astype(np.float32)
        v = np.linspace(-reach, reach, 2000)
        *weights, constant = fitted(at, v, np.arcsin(np.sin(v + _FOLD - turn)))
        names = named(f"{prefix}{i}.", len(at))
        by_name = dict(zip(names, map(float, weights), strict=True))
        out.append(Folded(names, at, named(f"{prefix}{i}/", len(BENDS)), by_name, float(constant)))
    return out


def _ring(n: int, cycles: float, turn: float) -> F64:
    angle = turn + 2.0 * np.pi * np.arange(n) / n
    return 2.0 * np.pi * cycles * np.stack([np.cos(angle), np.sin(angle)], 1)


#: Wave vectors f64[COUNT, 2] in radians a picture side.
FLOW = np.concatenate([_ring(3, 0.55, 0.3), _ring(5, 0.85, 0.9), _ring(3, 1.3, 1.0)])
DYE = np.concatenate([_ring(3, 0.7, 0.1), _ring(5, 1.1, 0.5), _ring(3, 2.1, 0.3)])


def _energy(bank: Sequence[Wave | Folded]) -> F64:
    return np.array([sum(c * c for c in wave.sine().values()) for wave in bank])


#: f64[COUNT]: what a flow's wave of strength 1 adds to the squared norm of the rows that it is summed up in.
FIRST_ENERGY, SECOND_ENERGY = _energy(first_bank("")), _energy(second_bank(""))
