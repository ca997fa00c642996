"""Resampling inside the graph: bilinear reading at chosen places, and `dense_image_warp`."""

from typing import Any

import numpy as np

from vj.gan import ops
from vj.types import F32

Tensor = Any


def dense_image_warp(image: Tensor, flow: Tensor) -> Tensor:
    """out[b, y, x] = image[b, y − flow[b, y, x, 0], x − flow[b, y, x, 1]], bilinear, clamped at the border.

    image f32[n, h, w, c] with h, w ≥ 2, flow f32[n, h, w, 2] in pixels. Equal to `tfa.image.dense_image_warp` of
    TensorFlow Addons 0.23, where positions are clamped as the addon does it: the whole part to 0 … size − 2, the
    fraction to 0 … 1.
    """
    n, h, w, _ = image.shape
    y = ops.arange(h, dtype="float32")[None, :, None] - flow[..., 0]
    x = ops.arange(w, dtype="float32")[None, None, :] - flow[..., 1]
    return ops.stack([resample(image[i : i + 1], y[i], x[i])[0] for i in range(n)])


def resample(image: Tensor, y: Tensor, x: Tensor) -> Tensor:
    """image f32[n, h, w, c] read at the pixel positions y, x f32[p, q] → f32[n, p, q, c], bilinear, border clamped."""
    n, h, w, c = image.shape
    y0, fy = _split(y, h)
    x0, fx = _split(x, w)
    flat = ops.reshape(image, (n, h * w, c))
    # In a size of one there is no next pixel; its fraction is always 0.
    down, right = (w if h > 1 else 0), (1 if w > 1 else 0)
    corner = ops.reshape(y0 * w + x0, (-1,))
    shape = (n, *y.shape, c)
    a, b, c_, d = (ops.reshape(ops.take(flat, corner + k, axis=1), shape) for k in (0, right, down, down + right))
    fy, fx = fy[None, :, :, None], fx[None, :, :, None]
    top = a + fx * (b - a)
    bottom = c_ + fx * (d - c_)
    return top + fy * (bottom - top)


def _split(t: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Whole part within 0 … size − 2 and the fraction within 0 … 1 of what is left."""
    whole = ops.clip(ops.floor(t), 0.0, float(max(size - 2, 0)))
    return ops.cast(whole, "int32"), ops.clip(t - whole, 0.0, 1.0 if size > 1 else 0.0)


def resize_matrix(size: int, to: int) -> F32:
    """f32[to, size]: the matrix that resizes `size` values to `to`: bilinear, pixel centres aligned, border clamped."""
    at = np.clip((np.arange(to) + 0.5) * (size / to) - 0.5, 0.0, size - 1.0)
    out: F32 = np.maximum(1.0 - np.abs(at[:, None] - np.arange(size)), 0.0).astype(np.float32)
    return out
