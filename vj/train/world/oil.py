"""Oil: dye carried along the flow, seen as a wet surface with light from above left."""

import numpy as np

from vj.core.types import F32
from vj.train.world import kernels
from vj.train.world.palette import coloured
from vj.train.world.scene import Scene
from vj.train.world.waves import slopes, table

#: How far the flow carries, in picture sides, at folding 1.
_REACH = 0.17
_STEPS = 8


def came_from(scene: Scene, side: int, far: float = _REACH) -> F32:
    """Where in the still world what is seen at each pixel came from: f32[side, side, 2], x and y, centred."""
    slope = slopes(scene.turn)
    # The flow turns around the hills of its stream function; backwards, as it is asked where things came from.
    flow = np.stack([-slope[..., 1], slope[..., 0]], -1) * np.float32(far * scene.folding)
    places: F32 = kernels.carried(np.ascontiguousarray(flow), side, 0.5, _STEPS)
    return places


def draw(scene: Scene, side: int) -> F32:
    """f32[side, side, 3], sRGB 0..1."""
    places = came_from(scene, side)
    dye = kernels.read_at(table(scene.dye), places) * np.float32(scene.banding)
    mix = kernels.read_at(table(scene.mix), places)
    bands = 0.47 + 0.41 * np.sin(1.7 * dye)
    share = (1.0 / (1.0 + np.exp(-5.0 * mix)))[..., None]
    first, second = scene.palettes
    rgb: F32 = (coloured(first, bands) * (1.0 - share) + coloured(second, bands) * share).astype(np.float32)
    kernels.relief(dye / np.float32(14.0), rgb, 0.5)
    return rgb
