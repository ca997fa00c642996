"""How a picture of one shape fills a screen of another without distortion; and the way to do it without OpenGL."""

from typing import Literal, TypeAlias

import numpy as np
from PIL import Image

from vj.core.types import U8

#: cover: fill the size and crop what is over; contain: show all of the picture, with black bars.
Fit: TypeAlias = Literal["cover", "contain"]
#: Where a picture is cropped anyway it is cropped to this share of either side: what a network draws along the edges,
#: where its convolutions saw padding, does not belong on a screen.
_INNER = 0.94


def fit_span(picture: tuple[int, int], size: tuple[int, int], fit: Fit) -> tuple[float, float]:
    """Width and height of the output in units of the picture's own; (width, height) in pixels go in.

    Below 1 the picture is cropped on that axis, above 1 there are bars beside it. A picture of the size's own shape is
    shown whole.
    """
    kx, ky = size[0] / picture[0], size[1] / picture[1]
    if fit == "contain" or kx == ky:
        return kx / min(kx, ky), ky / min(kx, ky)
    k = max(kx, ky) / _INNER
    return kx / k, ky / k


def fit_rgba(picture: U8, size: tuple[int, int], fit: Fit) -> U8:
    """The picture u8[h, w, 4] (or 3 channels) fitted into `size` (width, height): u8[height, width, 3].

    Bicubic, with the footprint of a pixel averaged where the picture shrinks; alpha is left out.
    """
    rgb = picture[..., :3]
    h, w = rgb.shape[:2]
    if (w, h) == size:
        return np.ascontiguousarray(rgb)
    span_x, span_y = fit_span((w, h), size, fit)
    crop_w, crop_h = w * min(span_x, 1.0), h * min(span_y, 1.0)
    box = ((w - crop_w) / 2, (h - crop_h) / 2, (w + crop_w) / 2, (h + crop_h) / 2)
    inner = round(size[0] / max(span_x, 1.0)), round(size[1] / max(span_y, 1.0))
    fitted = np.asarray(
        Image.fromarray(np.ascontiguousarray(rgb)).resize(
            (max(inner[0], 1), max(inner[1], 1)), Image.Resampling.BICUBIC, box=box
        )
    )
    if inner == size:
        return fitted
    out = np.zeros((size[1], size[0], 3), np.uint8)
    top, left = (size[1] - fitted.shape[0]) // 2, (size[0] - fitted.shape[1]) // 2
    out[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    return out
