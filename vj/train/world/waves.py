"""Fields as sums of a few fixed waves, linear in z, tabulated on a grid around the picture.

A field is Σ aᵢ (cᵢ cos kᵢ·x + sᵢ sin kᵢ·x) with (cᵢ, sᵢ) from z, and wave vectors kᵢ and weights aᵢ fixed. n-fold
symmetry adds the same waves turned by 1/n of a circle each: with weight 0 there is none, with weight 1 the field is
symmetric.
x is centred on the picture, whose side is 1; tables reach over −REACH … REACH in both directions.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from vj.core.types import F32

REACH = 1.0
#: Rows and columns of a table: above 20 to the shortest wave, so that cubic interpolation is exact to the eye.
TABLE = 112
_GOLDEN = 2.39996323
Table: TypeAlias = F32


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """Wave vectors f32[n, 2] in radians per picture side, and weights f32[n] whose squares add up to 1."""

    vectors: F32
    weights: F32


def bank(n: int, slowest: float, fastest: float, slope: float, turn: float = 0.0) -> Bank:
    """n waves of `slowest` … `fastest` cycles a picture in directions spread by the golden angle, weights k^−slope."""
    i = np.arange(n)
    angle, cycles = i * _GOLDEN + turn, slowest * (fastest / slowest) ** ((i + 0.5) / n)
    vectors = 2.0 * np.pi * cycles[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
    weights = cycles**-slope
    return Bank(vectors.astype(np.float32), (weights / np.sqrt((weights**2).sum())).astype(np.float32))


@dataclass(frozen=True, slots=True)
class Symmetry:
    """`fold` parts that are alike, as far as `weight` 0..1 says."""

    fold: int
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Waves:
    """Waves with amplitudes: vectors f32[n, 2]; cosine and sine amplitudes f32[n, 2]."""

    vectors: F32
    amplitudes: F32

    def turned(self, radians: float, scale: float = 1.0) -> "Waves":
        """The same field, turned about the middle of the picture and made `scale` times finer."""
        c, s = np.cos(radians), np.sin(radians)
        turn = np.array([[c, s], [-s, c]], np.float32) * np.float32(scale)
        return Waves(self.vectors @ turn, self.amplitudes)


def waves(of: Bank, amplitudes: F32, symmetry: Symmetry) -> Waves:
    """The waves of a bank with amplitudes f32[n, 2] from z, made symmetric."""
    plain = Waves(of.vectors, amplitudes * of.weights[:, None])
    if not symmetry.weight:
        return plain
    turns = [plain.turned(2.0 * np.pi * i / symmetry.fold) for i in range(symmetry.fold)]
    # The root keeps the field as strong as it was: turned waves are as good as independent.
    gains = [1.0 - symmetry.weight, *[symmetry.weight / np.sqrt(symmetry.fold)] * symmetry.fold]
    parts = [plain, *turns]
    scaled = [np.float32(gain) * part.amplitudes for gain, part in zip(gains, parts, strict=True)]
    return Waves(np.concatenate([part.vectors for part in parts]), np.concatenate(scaled))


def table(of: Waves) -> Table:
    """The field on a grid, f32[TABLE, TABLE], rows from top to bottom."""
    return _table(of, of.amplitudes)


def slopes(of: Waves) -> Table:
    """Its gradient, f32[TABLE, TABLE, 2]: along x and along y."""
    cosine, sine = of.amplitudes[:, 0], of.amplitudes[:, 1]
    return np.stack([_table(of, of.vectors[:, i, None] * np.stack([sine, -cosine], 1)) for i in (0, 1)], -1)


def _table(of: Waves, amplitudes: F32) -> Table:
    # cos(a + b) and sin(a + b) are products of what depends on x alone and on y alone: two small matrix products.
    at = np.linspace(-REACH, REACH, TABLE, dtype=np.float32)
    x, y = (of.vectors[:, i, None] * at for i in (0, 1))
    cosine, sine = amplitudes[:, 0, None], amplitudes[:, 1, None]
    even, odd = cosine * np.cos(x) + sine * np.sin(x), sine * np.cos(x) - cosine * np.sin(x)
    out: Table = np.cos(y).T @ even + np.sin(y).T @ odd
    return out
