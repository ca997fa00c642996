"""Veils: light that a flow gathers into bright folds, as water does on the floor of a pool. Two layers, on black."""

import numpy as np

from vj.core.types import F32
from vj.train.world import kernels
from vj.train.world.palette import coloured
from vj.train.world.scene import Scene
from vj.train.world.waves import Waves, slopes, table

#: How far the turning and the gathering flow carry, in picture sides, at folding 1.
_TURNS, _GATHERS = 0.09, 0.062
_STEPS = 5
#: Light comes from beyond the edges as well.
_HALF = 0.85
#: A second layer is finer, turned, folded less and fainter.
_LAYERS = ((1.0, 0.0, 1.0, 0.55), (1.9, 1.37, 0.67, 0.4))
#: Mean exposure below which a picture is exposed longer.
_DIM = 0.30


def draw(scene: Scene, side: int) -> F32:
    """f32[side, side, 3], sRGB 0..1."""
    light = np.full((side, side, 3), 0.0, np.float32)
    for index, (finer, turned, folded, strength) in enumerate(_LAYERS):
        turn, gather, dye = (w.turned(turned, finer) for w in (scene.turn, scene.gather, scene.dye))
        density, dyed = _layer(turn, gather, dye, scene.folding * folded / finer, side)
        at = 0.34 + 0.2 * np.sin(1.6 * scene.banding * dyed)
        light += coloured(scene.palettes[index], at) * (density**1.15)[..., None] * np.float32(strength)
    dim = float(light.mean())
    exposed: F32 = 1.0 - np.exp(-light * np.float32(max(_DIM / max(dim, 0.02), 1.0) ** 0.8))
    return exposed


def _layer(turn: Waves, gather: Waves, dye: Waves, folding: float, side: int) -> tuple[F32, F32]:
    around, down = slopes(turn), slopes(gather)
    flow = np.stack([around[..., 1], -around[..., 0]], -1) * np.float32(_TURNS) + down * np.float32(_GATHERS)
    grid = int(1.3 * _HALF * side)
    places = kernels.carried(np.ascontiguousarray(flow * np.float32(folding)), grid, _HALF, _STEPS)
    return kernels.gathered(places, table(dye), _HALF, side)
