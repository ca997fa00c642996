"""The flash limiter where there is no OpenGL: the same decisions, and the mixing in numpy."""

import numpy as np
from PIL import Image

from vj.core.types import F32, U8
from vj.render.output.flashes import GRID, Flashes


class PlainLimiter:
    """Call `limit` with every picture, all of one size. `limited` is the share of the picture that is held back now."""

    def __init__(self) -> None:
        self._flashes = Flashes()
        # Finer than what is shown: rounded, a slow approach would stop early or go too far.
        self._shown: F32 | None = None

    @property
    def limited(self) -> float:
        """Share of the picture that is held back, 0..1."""
        return self._flashes.limited

    def limit(self, rgb: U8, t_s: float) -> U8:
        """What may be shown at `t_s` of the picture u8[h, w, 3]."""
        coming = rgb.astype(np.float32)
        shown = coming if self._shown is None else self._shown
        share = self._flashes.share(_light(coming), _light(shown), t_s)
        self._shown = coming if share is None else _mixed(shown, coming, share)
        return np.rint(self._shown).astype(np.uint8)


def _resized(plane: F32, size: tuple[int, int], how: Image.Resampling) -> F32:
    return np.asarray(Image.fromarray(plane).resize(size, how), np.float32)


def _light(picture: F32) -> F32:
    """Mean linear light of each cell, f32[h, w, 3], of a picture f32[h, w, 3] in 0..255."""
    small = np.dstack([_resized(plane, GRID, Image.Resampling.BOX) for plane in np.moveaxis(picture / 255.0, -1, 0)])
    light: F32 = np.where(small <= 0.04045, small / 12.92, ((small + 0.055) / 1.055) ** 2.4).astype(np.float32)
    return light


def _mixed(shown: F32, coming: F32, share: F32) -> F32:
    """As the shader does it: squares stand for light."""
    k = _resized(share, (coming.shape[1], coming.shape[0]), Image.Resampling.BILINEAR)[..., None]
    a2 = shown * shown
    return np.where(k >= 1.0, coming, np.sqrt(a2 + k * (coming * coming - a2)))
