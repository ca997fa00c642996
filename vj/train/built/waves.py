"""The waves of flow and dye: rings of wave vectors, so that a picture can have three or five parts that are alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vj.core.types import F32, F64
from vj.train.built.piecewise import knots, named, sums

#: Which ring each wave belongs to.
RING = np.array([0] * 3 + [1] * 5 + [2] * 3)
COUNT = len(RING)
#: How far a wave's phase goes either way, in radians, for each ring, and the distance of its knots.
_FLOW_REACH, _FLOW_APART = (5.4, 7.0, 9.0), 0.95
_DYE_REACH, _DYE_APART = (7.0, 9.2, 13.0), 1.13


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """The names of the hinges that its phase is taken apart into, and their knots f32[n], in radians."""

    names: list[str]
    at: F32
    reach: float

    def sine(self) -> Mapping[str, float]:
        """Weights of the hinges whose sum is the phase's sine."""
        return self._sum(np.sin)

    def cosine(self) -> Mapping[str, float]:
        """Weights of the hinges whose sum is the phase's cosine."""
        return self._sum(np.cos)

    def _sum(self, of: Callable[[F64], F64]) -> Mapping[str, float]:
        return dict(zip(self.names, map(float, sums(of, self.at, self.reach)), strict=True))


def flow_bank(prefix: str) -> list[Wave]:
    """The flow's waves, their hinges named PREFIX WAVE . KNOT."""
    return _bank(prefix, _FLOW_REACH, _FLOW_APART)


def dye_bank(prefix: str) -> list[Wave]:
    """The dye's waves, likewise."""
    return _bank(prefix, _DYE_REACH, _DYE_APART)


def _bank(prefix: str, reaches: Sequence[float], apart: float) -> list[Wave]:
    out = []
    for i, ring in enumerate(RING):
        n = round(2.0 * reaches[ring] / apart)
        out.append(Wave(named(f"{prefix}{i}.", n), knots(-reaches[ring], reaches[ring], n), reaches[ring]))
    return out


def _ring(n: int, cycles: float, turn: float) -> F64:
    angle = turn + 2.0 * np.pi * np.arange(n) / n
    return 2.0 * np.pi * cycles * np.stack([np.cos(angle), np.sin(angle)], 1)


#: Wave vectors f64[COUNT, 2] in radians a picture side.
FLOW = np.concatenate([_ring(3, 0.55, 0.3), _ring(5, 0.85, 0.9), _ring(3, 1.3, 1.0)])
DYE = np.concatenate([_ring(3, 0.7, 0.1), _ring(5, 1.1, 0.5), _ring(3, 2.1, 0.3)])
#: f64[COUNT]: what a flow's wave of strength 1 adds to the squared norm of the rows that it is summed up in.
FLOW_ENERGY = np.array([sum(c * c for c in wave.sine().values()) for wave in flow_bank("")])
