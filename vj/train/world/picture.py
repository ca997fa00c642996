"""One picture of the world: its materials, mixed."""

import numpy as np

from vj.core.types import F32, U8
from vj.train.world import cells, oil, veils
from vj.train.world.numbers import read
from vj.train.world.scene import scene, smooth

#: Along the number "material" 0..1: oil up to the first, veils between the next two, cells from the last.
_OIL, _VEILS, _CELLS = 0.36, (0.46, 0.72), 0.82
#: Pictures are drawn so many times larger, and at least so large, and averaged down.
_FINER, _FINEST = 2, 64
#: Mean luma below which a picture is brightened, wholly at 0.
_FLOOR = 0.16
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def draw(z: F32, side: int, flow: float = 1.0) -> U8:
    """The picture of f32[numbers.COUNT], normal: u8[side, side, 3], sRGB, top row first. A continuous function of z.

    flow  0 … 1: at 0 nothing is carried anywhere, so that a network can learn the waves before it learns to fold them
    """
    n = read(z)
    s, fine = scene(n, flow), max(_FINER * side, -(-_FINEST // side) * side)
    rgb = np.zeros((fine, fine, 3), np.float32)
    for share, material in zip(shares(n.material), (oil, veils, cells), strict=True):
        if share > 0.0:
            # As light through one another: what is half there is half as bright, and nothing goes grey between.
            rgb = 1.0 - (1.0 - rgb) * (1.0 - np.float32(share) * material.draw(s, fine))
    factor = fine // side
    small = rgb.reshape(side, factor, side, factor, 3).mean((1, 3))
    return (_lit(small) * 255.0 + 0.5).astype(np.uint8)


def shares(material: float) -> tuple[float, float, float]:
    """How much of oil, veils and cells there is, 0..1 each, along 0..1."""
    veiled = smooth((material - _OIL) / (_VEILS[0] - _OIL))
    celled = smooth((material - _VEILS[1]) / (_CELLS - _VEILS[1]))
    return 1.0 - veiled, veiled * (1.0 - celled), celled


def _lit(rgb: F32) -> F32:
    """With more light where a picture would be nearly black."""
    luma = float((rgb @ _LUMA).mean())
    gain = 1.0 + 2.5 * max(_FLOOR - luma, 0.0) / _FLOOR
    out: F32 = np.clip(1.0 - (1.0 - rgb) ** np.float32(gain), 0.0, 1.0)
    return out
