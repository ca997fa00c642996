"""Which pictures are nearly the same. Pure.

The fingerprint of a picture is its thumbnail of 16×16 colours; two pictures are nearly the same when the root mean
square of the difference of their thumbnails, on the scale 0..255, is below a threshold. Unlike hashes of the luma it
tells two palettes of one pattern apart, and unlike hashes of any kind its threshold can be read: 4 is a difference
of 1.6 % of the range.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

from vj.core.types import F32, U8

SIDE = 16


def thumbnail(rgb: U8) -> U8:
    """u8[16, 16, 3] of a picture u8[n, n, 3]: the mean of the pixels under each. Smaller pictures are repeated."""
    return np.asarray(Image.fromarray(rgb).resize((SIDE, SIDE), Image.Resampling.BOX), np.uint8)


def rms(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> F32:
    """Root mean square difference, 0..255, of thumbnails u8[…, 16, 16, 3], which broadcast: f32[…]."""
    difference = a.astype(np.float32) - b.astype(np.float32)
    found: F32 = np.sqrt(np.mean(difference * difference, axis=(-3, -2, -1), dtype=np.float32))
    return found


class Near:
    """Thumbnails of all pictures so far. `distinct` is the RMS at which two pictures are different; 0 lets all pass."""

    def __init__(self, distinct: float) -> None:
        self._distinct = distinct
        self._count = 0
        self._thumbs = np.empty((256, SIDE, SIDE, 3), np.uint8)
        self._means = np.empty((256, 3), np.float32)

    def is_new(self, rgb: U8) -> bool:
        """Whether no picture so far is nearly the same as `rgb` u8[n, n, 3]."""
        thumb = thumbnail(rgb)
        # The RMS of a difference is never less than that of the mean colours: few are left to be looked at closely.
        apart = self._means[: self._count] - thumb.mean((0, 1), dtype=np.float32)
        close = np.flatnonzero(np.mean(apart * apart, axis=1) < self._distinct**2)
        return not bool((rms(self._thumbs[close], thumb) < self._distinct).any())

    def add(self, rgb: U8) -> None:
        """Remember a picture u8[n, n, 3]."""
        if self._count == len(self._thumbs):
            self._thumbs = np.concatenate([self._thumbs, np.empty_like(self._thumbs)])
            self._means = np.concatenate([self._means, np.empty_like(self._means)])
        self._thumbs[self._count] = thumb = thumbnail(rgb)
        self._means[self._count] = thumb.mean((0, 1), dtype=np.float32)
        self._count += 1
