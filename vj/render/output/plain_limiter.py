"""The flash limiter where there is no OpenGL: the same decisions, and the mixing in numpy."""

import numpy as np
from PIL import Image

from vj.core.types import F32, U8
from vj.render.output.flashes import GRID, Flashes


class PlainLimiter:
    """Call `limit` with every picture, all of one size."""

    def __init__(self) -> None:
        self._flashes = Flashes()
        self._shown: U8 | None = None

    def limit(self, rgb: U8, t_s: float) -> U8:
        """What may be shown at `t_s` of the picture u8[h, w, 3]."""
        shown = rgb if self._shown is None else self._shown
        share = self._flashes.share(_light(rgb), _light(shown), t_s)
        self._shown = rgb if share is None else _mixed(shown, rgb, share)
        return self._shown


def _light(rgb: U8) -> F32:
    """Mean linear light of each cell, f32[h, w, 3]."""
    small = np.asarray(Image.fromarray(rgb).resize(GRID, Image.Resampling.BOX), np.float32) / 255.0
    light: F32 = np.where(small <= 0.04045, small / 12.92, ((small + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return light


def _mixed(shown: U8, coming: U8, share: F32) -> U8:
    size = (coming.shape[1], coming.shape[0])
    k = np.asarray(Image.fromarray(share).resize(size, Image.Resampling.BILINEAR))[..., None]
    a, b = shown.astype(np.float32), coming.astype(np.float32)
    # Rounded towards what comes, so that a slow approach arrives.
    mixed = np.sqrt(a * a + k * (b * b - a * a))
    out: U8 = np.where(b > a, np.ceil(mixed - 1e-3), np.floor(mixed + 1e-3)).astype(np.uint8)
    return out
