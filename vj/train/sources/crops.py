"""Square crops of pictures of any shape. Pure."""

import numpy as np
from PIL import Image

from vj.core.types import U8

#: Neighbouring crops are at least this far apart, in sides of the square.
_PACE = 0.3
#: Of a panorama no more than these.
MAX_CROPS = 9

Box = tuple[float, float, float, float]


def crop_boxes(width: int, height: int) -> list[Box]:
    """Boxes (left, top, right, bottom) in pixels of the squares as large as fit: the middle first, then outwards.

    One while the long side is under 1.6 short ones (photographs of 3:2), three up to 2.2 (16:9), five up to 2.8 …:
    an odd number spread evenly over the picture, so that the middle, where the subject is, is always one of them.
    """
    short, spare = min(width, height), abs(width - height)
    beside = min(int(spare / (2 * _PACE * short) + 1e-9), MAX_CROPS // 2)
    offsets = [spare / 2]
    for k in range(1, beside + 1):
        step = spare / 2 * k / beside
        offsets += [spare / 2 - step, spare / 2 + step]
    if width >= height:
        return [(x, 0.0, x + short, float(short)) for x in offsets]
    return [(0.0, y, float(short), y + short) for y in offsets]


def cropped(picture: Image.Image, box: Box, size: int) -> U8:
    """The part of an RGB picture in `box`, resized to u8[size, size, 3] with Lanczos over the pixel's footprint."""
    small = picture.resize((size, size), Image.Resampling.LANCZOS, box=box)
    return np.array(small, np.uint8)
