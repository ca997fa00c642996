"""Cells: a lattice of soft petals, folded by the same flow as the oil; domes with a rim, in the two palettes."""

import numpy as np

from vj.core.types import F32
from vj.train.world import kernels
from vj.train.world.oil import came_from
from vj.train.world.palette import coloured
from vj.train.world.scene import Scene
from vj.train.world.waves import Bank, Waves, table, waves

#: Petals across a picture, at banding 1.
_ACROSS = 3.1
_FAR = 0.13


def draw(scene: Scene, side: int) -> F32:
    """f32[side, side, 3], sRGB 0..1."""
    places = came_from(scene, side, _FAR)
    dye = kernels.read_at(table(scene.dye), places)
    mix = kernels.read_at(table(scene.mix), places)
    lattice = kernels.read_at(table(_lattice(scene)), places)
    # 0 in the seams, 1 in the middle of a petal.
    dome = np.clip((lattice + 0.35 * mix + 0.55) / 1.6, 0.0, 1.0)
    dome = np.sqrt(dome * (2.0 - dome))
    first, second = scene.palettes
    bands: F32 = (0.5 + 0.5 * np.sin(1.3 * dye + 2.2 * dome)).astype(np.float32)
    share: F32 = (1.0 / (1.0 + np.exp(-6.0 * (dome - 0.62 + 0.3 * mix))))[..., None].astype(np.float32)
    mixed = coloured(first, 0.08 + 0.62 * bands) * (1.0 - share) + coloured(second, 0.3 + 0.65 * bands) * share
    rgb: F32 = (mixed * (0.25 + 0.75 * dome)[..., None]).astype(np.float32)
    kernels.relief((dome * np.float32(0.11)).astype(np.float32), rgb, 0.45)
    return rgb


def _lattice(scene: Scene) -> Waves:
    """Three waves at 60 degrees; under another symmetry as many as it has parts."""
    angle = np.arange(3) * (np.pi / 3.0)
    cycles = _ACROSS * scene.banding
    vectors = 2.0 * np.pi * cycles * np.stack([np.cos(angle), np.sin(angle)], 1)
    of = Bank(vectors.astype(np.float32), np.full(3, 0.62, np.float32))
    return waves(of, np.tile(np.array([[1.0, 0.0]], np.float32), (3, 1)), scene.symmetry)
